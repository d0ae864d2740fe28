"""TTS-TLS: HTTPS everywhere."""
