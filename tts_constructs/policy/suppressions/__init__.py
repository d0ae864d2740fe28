"""Exceptions that keep a finding from blocking: waivers, the baseline, acknowledgments of the CDK."""
