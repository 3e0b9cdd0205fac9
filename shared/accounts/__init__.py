"""Rights of a person over their data: export and deletion."""
