"""The documentation of rules: their pages, index, controls and component definition."""
