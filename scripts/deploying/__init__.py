"""`scripts/deploy`: package → apply → migrate → smoke → report, and the way back."""
