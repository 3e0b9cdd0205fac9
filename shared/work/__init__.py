"""Units of work in Postgres: jobs, segments and registrations, claimed under a lease."""
