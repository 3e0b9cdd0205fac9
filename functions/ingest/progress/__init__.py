"""How far a lecture is, and how long it still takes."""
