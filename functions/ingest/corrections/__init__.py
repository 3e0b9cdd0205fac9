"""Correcting a transcript: what a person wrote takes the place of what was recognized."""
