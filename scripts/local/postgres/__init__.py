"""The Postgres cluster of the local stack: programs, start, logins."""
