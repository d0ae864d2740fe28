"""The benefits system, as a team at TTS would write it with this library."""
