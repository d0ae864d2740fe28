"""Records of a run that are kept in the cloud assembly."""
