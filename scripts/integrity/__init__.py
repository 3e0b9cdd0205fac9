"""Is the bucket what the database says? `python -m scripts.integrity` answers, and mends."""
