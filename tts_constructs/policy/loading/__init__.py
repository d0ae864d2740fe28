"""Turns files into an `Assembly`: the only entrance for templates that are judged."""
