"""Who writes study material: rules alone, or a language model."""
