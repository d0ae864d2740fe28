"""TTS-KMS: keys."""
