"""How good the study material is, measured on the lectures of tests/data."""
