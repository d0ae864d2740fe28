"""Runs rules over an assembly, and turns their results into findings."""
