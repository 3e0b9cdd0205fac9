"""The lecture's terms: found, ranked, and joined with the words that explain them."""
