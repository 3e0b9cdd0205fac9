"""A service that speaks OpenAI's transcription API."""
