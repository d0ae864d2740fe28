"""TTS-ACC: nobody logs in to an instance."""
