"""TTS-CD: deployment from version control."""
