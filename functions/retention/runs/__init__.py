"""A run of retention: its lease, its deletions, its signed report."""
