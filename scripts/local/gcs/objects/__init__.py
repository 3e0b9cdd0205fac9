"""Buckets, objects and unfinished uploads: what is stored, and the rules of changing it."""
