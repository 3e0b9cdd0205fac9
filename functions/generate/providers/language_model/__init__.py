"""The provider that asks a language model."""
