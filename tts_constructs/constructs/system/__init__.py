"""`TtsSystem`: what all parts of one system share, from its VPC to its tags."""
