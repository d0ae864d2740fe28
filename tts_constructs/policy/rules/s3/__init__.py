"""TTS-S3: buckets."""
