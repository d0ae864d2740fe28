"""TTS-MON: alarms."""
