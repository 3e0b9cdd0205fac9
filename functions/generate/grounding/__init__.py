"""Whether what was written was said: quotes, limits, polarity."""
