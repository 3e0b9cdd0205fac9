"""Silencing the spans that were cut out of a recording."""
