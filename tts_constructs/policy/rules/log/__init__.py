"""TTS-LOG: logs of requests, and how long logs are kept."""
