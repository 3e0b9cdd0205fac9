"""The providers that write study material: rules alone, or a language model."""
