"""TTS-SEC: secrets in templates."""
