"""Terraform without a network: Google's provider as its schema and a few rules describe it."""
