"""`scripts/verify-gcp`: what must hold of a running installation, examined and not touched."""
