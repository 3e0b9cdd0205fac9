"""Postgres: connections, transactions, locks and the schema's migrations."""
