"""HTTP below the APIs: connections, messages, bodies, signed URLs."""
