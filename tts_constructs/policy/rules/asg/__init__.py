"""TTS-ASG: groups that survive a failure and stay current."""
