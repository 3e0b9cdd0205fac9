"""Redaction: what a log line may contain, and what is withheld."""
