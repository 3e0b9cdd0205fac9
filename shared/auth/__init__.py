"""Authentication of callers, and their quotas."""
