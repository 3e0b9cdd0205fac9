"""Account exports: copies of all data of an owner, made in parts, and their expiry."""
