"""Language models behind chat endpoints, as the rest of generation sees them."""
