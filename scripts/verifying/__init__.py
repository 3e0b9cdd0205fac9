"""`scripts/verify-gcp`: what must hold of a running installation, looked at and not touched."""
