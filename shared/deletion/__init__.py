"""What a deletion removes, and what is regenerated after it."""
