"""The bucket: objects, their names, and signed URLs."""
