"""TTS-CFN: templates that hide nothing."""
