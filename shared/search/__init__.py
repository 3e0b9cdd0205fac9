"""The full-text index of what was said."""
