"""What is due for deletion, one kind in each module."""
