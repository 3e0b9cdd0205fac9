"""Copies of everything of an owner, part by part, and their end."""
