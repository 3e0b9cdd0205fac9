"""Recordings on their way in: announced, sent, checked, registered."""
