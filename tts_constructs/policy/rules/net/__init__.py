"""TTS-NET: what security groups open."""
