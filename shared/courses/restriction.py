"""Restricted lectures: they are kept, and neither processed nor shown (GDPR, article 18).

A restricted lecture has no live job: it is restricted under its lock, which ends the live ones,
and none is created under the same lock (shared/work/jobs.py). So workers need no condition of
their own. What reads rows of several lectures leaves out those that are restricted.
"""

from shared.models import Lecture

unrestricted = Lecture.restricted_at.is_(None)
