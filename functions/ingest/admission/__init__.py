"""Admission of requests: authentication, rate limits, concurrency."""
