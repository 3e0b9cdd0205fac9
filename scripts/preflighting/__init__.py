"""`scripts/preflight`: what of a project would refuse the first deployment."""
