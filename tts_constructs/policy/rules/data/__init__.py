"""TTS-DATA: data at rest, in reach, and after a mistake."""
