"""A stand-in for Identity Platform: users, their ID tokens, and the keys that sign them."""
