"""TTS-VPC: one VPC for each system."""
