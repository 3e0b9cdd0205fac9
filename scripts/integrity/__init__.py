"""Compares the bucket with the database, and repairs: `python -m scripts.integrity`."""
