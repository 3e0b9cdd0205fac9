"""What the lectures of a course have in common: threads and vocabulary."""
