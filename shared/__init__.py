"""What at least two stages use. Imports no stage."""
