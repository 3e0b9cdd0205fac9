"""What the sweep repairs, one kind of damage in each file.

Each repair is bounded, commits by itself and may run beside any other work and
beside another sweep: rows are locked, looked at again, and skipped if somebody
else has them.
"""

BATCH = 200
"""Rows one repair looks at in one run; the next minute brings the next run."""
