"""A judgement as people and machines read it."""
