"""TTS-SBX: what holds in a sandbox."""
