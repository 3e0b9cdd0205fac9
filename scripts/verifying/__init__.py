"""`scripts/verify-gcp`: checks a running installation without changing it."""
