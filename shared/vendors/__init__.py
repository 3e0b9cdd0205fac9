"""Third-party services that more than one stage calls."""
