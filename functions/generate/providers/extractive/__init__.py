"""Study material without a language model: chosen and recast from the lecturer's own sentences."""
