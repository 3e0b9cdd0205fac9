"""`scripts/deploy`: package → apply → migrate → smoke → report, and rollback."""
