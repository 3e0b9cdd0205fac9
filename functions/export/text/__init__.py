"""How times, names, cards and questions are written in any file."""
