"""Uploads of recordings: announced, sent, checked, registered."""
