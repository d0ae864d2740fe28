"""TTS-IAM: people and permissions."""
