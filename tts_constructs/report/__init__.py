"""A judgment as people and machines read it."""
