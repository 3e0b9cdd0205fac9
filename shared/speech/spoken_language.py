"""The language of a lecture, detected once from one of its segments.

Detected for each segment, it would change where another language is quoted, or where there
is too little speech to decide. Which segment is used is decided while the lecture is cut,
and by the sound alone; the first worker that needs the language detects it, and the others
use its result.
"""

import uuid

from sqlalchemy import func, update

from shared.database.transactions import Transactions
from shared.models import Job


def settle(transactions: Transactions, job_id: uuid.UUID, told: str) -> str:
    """The job's language from now on: `told`, unless another worker was quicker."""
    with transactions.begin() as tx:
        language = tx.session.scalar(
            update(Job)
            .where(Job.id == job_id)
            .values(spoken_language=func.coalesce(Job.spoken_language, told))
            .returning(Job.spoken_language)
        )
        tx.commit()
    return language or told


def adopt(job: Job, replayed: Job) -> None:
    """What the replayed job knew holds for its segments, which are this job's now."""
    if job.language_segment is None:
        job.language_segment = replayed.language_segment
    job.spoken_language = job.spoken_language or replayed.spoken_language


def forget_from(job: Job, index: int) -> None:
    """The segments from `index` on will be others."""
    if job.language_segment is not None and job.language_segment >= index:
        job.language_segment = None
