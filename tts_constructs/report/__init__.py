"""Reports: a judgment for people and for machines."""
