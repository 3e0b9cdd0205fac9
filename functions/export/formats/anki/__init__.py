"""Flashcards for Anki: a deck, and a table to import."""
