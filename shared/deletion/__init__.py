"""What a deletion removes and what it has made again."""
