"""Services of others that more than one stage calls."""
