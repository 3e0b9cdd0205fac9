"""What holds of the rows whenever no transaction is open, whatever was done before.

SQL of its own: it must not share a fault with the code it checks.
"""

from collections.abc import Iterator

from sqlalchemy import text

from shared.runtime import Runtime

_NEVER = {
    "a lecture is under way and has no live job": """
        SELECT id FROM lectures l WHERE status IN ('uploaded', 'processing')
        AND restricted_at IS NULL AND NOT EXISTS (
            SELECT FROM jobs WHERE lecture_id = l.id AND status IN ('queued', 'running'))""",
    "a restricted lecture has a live job": """
        SELECT l.id FROM lectures l JOIN jobs j ON j.lecture_id = l.id
        WHERE restricted_at IS NOT NULL AND j.status IN ('queued', 'running')""",
    "two live jobs of one type": """
        SELECT lecture_id FROM jobs WHERE status IN ('queued', 'running')
        GROUP BY lecture_id, type HAVING count(*) > 1""",
    "a queued job without a message": """
        SELECT id FROM jobs j WHERE status = 'queued' AND NOT EXISTS (
            SELECT FROM outbox WHERE payload ->> 'jobId' = j.id::text)""",
    "a job whose history does not end as it did": """
        SELECT id FROM jobs WHERE history -> -1 ->> 'status' <> status""",
    "a job that ended twice": """
        SELECT id FROM jobs j WHERE 1 < (
            SELECT count(*) FROM jsonb_array_elements(j.history) AS entry
            WHERE entry ->> 'status' IN ('succeeded', 'failed'))""",
    "a deleted lecture whose objects are not purged": """
        SELECT lecture_id FROM deletion_audit_events e
        WHERE outcome IN ('deleted', 'deleted, objects kept')
        AND subject = 'lecture:' || lecture_id AND NOT EXISTS (
            SELECT FROM purges WHERE lecture_id = e.lecture_id)""",
    "a lecture that is there and was deleted": """
        SELECT l.id FROM lectures l
        JOIN deletion_audit_events e ON e.subject = 'lecture:' || l.id
        WHERE e.outcome IN ('deleted', 'deleted, objects kept')""",
    "terms of a deleted course": """
        SELECT course_id FROM course_terms t WHERE NOT EXISTS (
            SELECT FROM courses WHERE id = t.course_id)""",
    "a current revision that is not the newest": """
        SELECT l.id FROM lectures l JOIN transcript_revisions r ON r.object = l.transcript_object
        WHERE r.number < (SELECT max(number) FROM transcript_revisions WHERE lecture_id = l.id)""",
    "a gap in the revisions": """
        SELECT lecture_id FROM transcript_revisions
        GROUP BY lecture_id HAVING max(number) - min(number) + 1 <> count(*)""",
    "a lecture speaks of a thread of another course": """
        SELECT s.lecture_id FROM (
            SELECT thread_id, lecture_id FROM thread_accounts
            UNION SELECT thread_id, lecture_id FROM thread_occurrences
            UNION SELECT thread_id, lecture_id FROM thread_updates) s
        JOIN threads t ON t.id = s.thread_id JOIN lectures l ON l.id = s.lecture_id
        WHERE t.course_id <> l.course_id""",
    "a lecture in a course of another owner": """
        SELECT l.id FROM lectures l JOIN courses c ON c.id = l.course_id
        WHERE l.owner <> c.owner""",
    "a thread of which no lecture speaks": """
        SELECT id FROM threads t WHERE NOT EXISTS (
            SELECT FROM thread_occurrences WHERE thread_id = t.id)""",
}


def violations(rt: Runtime) -> Iterator[str]:
    """Each rule that does not hold, with the ids it fails for."""
    with rt.database.engine.connect() as connection:
        for rule, query in _NEVER.items():
            if found := connection.scalars(text(query)).all():
                yield f"{rule}: {', '.join(map(str, found))}"
        transcripts = connection.scalars(
            text("SELECT transcript_object FROM lectures WHERE transcript_object IS NOT NULL")
        ).all()
    for name in transcripts:
        if rt.store.stat(name) is None:
            yield f"a transcript that is not in the bucket: {name}"
