"""The provider that calls a language model."""
