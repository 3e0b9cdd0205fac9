"""Captions as SubRip and WebVTT."""
