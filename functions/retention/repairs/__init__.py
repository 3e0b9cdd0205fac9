"""The sweep's repairs, one kind of damage in each file.

Each repair is bounded, has its own transactions and may run concurrently with other work
and with another sweep: rows are locked, checked again, and skipped if another
transaction holds them.
"""

BATCH = 200
"""Rows one repair looks at in one run; the next minute brings the next run."""
