"""Records of a run that stay in the cloud assembly."""
