"""Concepts that run through a course."""
