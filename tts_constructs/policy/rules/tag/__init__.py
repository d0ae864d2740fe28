"""TTS-TAG: tags."""
