"""Checks of the material against the transcript: quotes, limits, polarity."""
