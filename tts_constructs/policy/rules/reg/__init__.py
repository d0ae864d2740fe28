"""TTS-REG: regions."""
