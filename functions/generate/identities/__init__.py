"""Items keep their identity when they are made again."""
