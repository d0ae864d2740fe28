"""The data that a rule reads and returns."""
