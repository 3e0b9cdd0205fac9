"""A course's terms as hints, and whether a hint may be believed."""
