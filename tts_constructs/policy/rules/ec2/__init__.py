"""TTS-EC2: instances, their image, disks and addresses."""
