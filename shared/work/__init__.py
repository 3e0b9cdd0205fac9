"""State in Postgres of jobs, segments and lectures: claims under a lease, and each transition."""
