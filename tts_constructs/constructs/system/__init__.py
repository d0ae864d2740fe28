"""`TtsSystem`, and the parts that a whole system shares, from its VPC to its tags."""
