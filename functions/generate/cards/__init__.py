"""Flashcards keep their identity when they are made again."""
