"""The JSON and the XML API, with their uploads."""
