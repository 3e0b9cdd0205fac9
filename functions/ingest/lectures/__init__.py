"""Lectures: found, searched, checked and deleted."""
