"""Which function has which privileges on which table: the one declaration of it.

Privileges are written as in GRANT. A function that updates some columns may update no others. A
row can be locked (`FOR UPDATE`, `FOR SHARE`) by a role that may update one of its columns.
Deletions and checks that foreign keys bring about need no privilege, and the numbers of an identity
column need none on its sequence.

The sweep continues unfinished runs of retention, so it has all of retention's privileges but
the one to begin a run.

`tests/data/privileges.json` has for each privilege a statement that needs it, and the test that
issues the statement.
"""

from collections.abc import Mapping

from shared.database.roles import FUNCTION_ROLES, role_of

API, ON_UPLOAD = "ingest-api", "ingest-on-upload"
CUT, RECOGNIZE, GENERATE, EXPORT = "transcribe", "transcribe-on-segment", "generate", "export"
RETAIN, SWEEP, BURY = "retention", "retention-on-sweep", "retention-on-dead-letter"

GRANTS: Mapping[str, Mapping[str, str]] = {
    "account_deletions": {
        API: "SELECT, INSERT, UPDATE (owner, completed_at)",
        SWEEP: "SELECT, UPDATE (owner, completed_at)",
    },
    "account_exports": {
        API: "SELECT, INSERT, UPDATE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "alembic_version": dict.fromkeys(FUNCTION_ROLES, "SELECT"),
    "artifacts": {
        API: "SELECT, DELETE",
        GENERATE: "SELECT, INSERT, UPDATE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "card_identities": {
        GENERATE: "SELECT, INSERT, UPDATE (guid)",
        SWEEP: "SELECT",
    },
    "card_namespaces": {
        API: "SELECT, INSERT, DELETE",
        GENERATE: "SELECT, INSERT",
        EXPORT: "SELECT",
        SWEEP: "SELECT, DELETE",
    },
    "course_terms": {
        API: "SELECT, INSERT, UPDATE (corrected_at, lectures), DELETE",
        RECOGNIZE: "SELECT",
        SWEEP: "SELECT, DELETE",
    },
    "courses": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        RECOGNIZE: "SELECT",
        GENERATE: "SELECT, UPDATE (updated_at)",
        EXPORT: "SELECT",
        RETAIN: "SELECT, UPDATE (updated_at)",
        SWEEP: "SELECT, UPDATE (updated_at), DELETE",
    },
    "cuts": {
        API: "SELECT, INSERT, UPDATE (purge_due_at, purges)",
        CUT: "SELECT, UPDATE (silenced_at, purge_due_at, purges)",
        RECOGNIZE: "SELECT",
        SWEEP: "SELECT, UPDATE (purge_due_at, purges)",
    },
    "daily_usage": {
        API: "SELECT, INSERT, UPDATE (lectures, audio_sec), DELETE",
        ON_UPLOAD: "SELECT, INSERT, UPDATE (lectures, audio_sec)",
        CUT: "SELECT, INSERT, UPDATE (lectures, audio_sec)",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "dead_letters": {
        API: "SELECT, UPDATE (replayed_at), DELETE",
        ON_UPLOAD: "SELECT, INSERT",
        RECOGNIZE: "SELECT, INSERT",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, INSERT, UPDATE, DELETE",
        BURY: "SELECT, INSERT",
    },
    "deletion_audit_events": {
        API: "SELECT, INSERT, UPDATE (outcome)",
        ON_UPLOAD: "SELECT, INSERT, UPDATE (outcome)",
        RETAIN: "SELECT, INSERT, UPDATE (outcome)",
        SWEEP: "SELECT, INSERT, UPDATE (outcome)",
    },
    "exports": {
        API: "SELECT, DELETE",
        CUT: "SELECT",
        RECOGNIZE: "SELECT",
        GENERATE: "SELECT",
        EXPORT: "SELECT, INSERT, UPDATE",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, UPDATE (object), DELETE",
        BURY: "SELECT",
    },
    "idempotency_keys": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "item_edits": {
        API: "SELECT, INSERT, UPDATE (hidden, fields, revision, updated_at), DELETE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "jobs": {
        API: "SELECT, INSERT, UPDATE",
        ON_UPLOAD: "SELECT, INSERT",
        CUT: "SELECT, INSERT, UPDATE",
        RECOGNIZE: "SELECT, INSERT, UPDATE",
        GENERATE: "SELECT, INSERT, UPDATE",
        EXPORT: "SELECT, INSERT, UPDATE",
        RETAIN: "SELECT, INSERT, UPDATE",
        SWEEP: "SELECT, INSERT, UPDATE",
        BURY: "SELECT, INSERT, UPDATE",
    },
    "lecture_marks": {
        API: "SELECT, INSERT, UPDATE (label, updated_at), DELETE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "lectures": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        ON_UPLOAD: "SELECT, UPDATE (status, error, source_generation, source_size, source_crc32c,"
        " updated_at, content_type, duration_sec, counted_audio_sec, raw_deleted_at)",
        CUT: "SELECT, UPDATE (status, error, updated_at, counted_audio_sec, duration_sec,"
        " source_object, source_generation, source_size, source_crc32c, content_type, language,"
        " transcript_object, transcript_deleted_at, warnings)",
        RECOGNIZE: "SELECT, UPDATE (status, error, updated_at, language, transcript_object,"
        " transcript_deleted_at, warnings)",
        GENERATE: "SELECT, UPDATE (status, error, updated_at, card_namespace, material_deleted_at)",
        EXPORT: "SELECT, UPDATE (status, error, updated_at)",
        RETAIN: "SELECT, UPDATE (status, error, updated_at, raw_deleted_at, transcript_object,"
        " transcript_deleted_at, material_deleted_at)",
        SWEEP: "SELECT, UPDATE (status, error, updated_at, upload_checked_at,"
        " source_generation, source_size, source_crc32c, raw_deleted_at,"
        " transcript_object, transcript_deleted_at, material_deleted_at), DELETE",
        BURY: "SELECT, UPDATE (status, error, updated_at)",
    },
    "operator_accesses": {
        API: "INSERT",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "outbox": {
        API: "SELECT, INSERT, UPDATE (published_at)",
        ON_UPLOAD: "SELECT, INSERT, UPDATE (published_at)",
        CUT: "SELECT, INSERT, UPDATE (published_at)",
        RECOGNIZE: "SELECT, INSERT, UPDATE (published_at)",
        GENERATE: "SELECT, INSERT, UPDATE (published_at)",
        EXPORT: "SELECT, INSERT, UPDATE (published_at)",
        RETAIN: "SELECT, INSERT, UPDATE, DELETE",
        SWEEP: "SELECT, INSERT, UPDATE (published_at), DELETE",
        BURY: "SELECT, INSERT, UPDATE (published_at)",
    },
    "passages": {
        API: "SELECT, INSERT, DELETE",
        CUT: "SELECT, INSERT, DELETE",
        RECOGNIZE: "SELECT, INSERT, DELETE",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "purges": {
        API: "SELECT, INSERT, UPDATE",
        RETAIN: "SELECT",
        SWEEP: "SELECT, INSERT, UPDATE, DELETE",
    },
    "rate_limits": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "rejected_uploads": {
        API: "SELECT, INSERT, DELETE",
        ON_UPLOAD: "INSERT",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, INSERT, UPDATE, DELETE",
    },
    "retention_runs": {
        RETAIN: "SELECT, INSERT, UPDATE",
        SWEEP: "SELECT, UPDATE",
    },
    "segments": {
        API: "SELECT, DELETE",
        CUT: "SELECT, INSERT, DELETE",
        RECOGNIZE: "SELECT, UPDATE",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
    "sweep_failures": {
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, INSERT, UPDATE, DELETE",
    },
    "sweep_positions": {SWEEP: "SELECT, INSERT, UPDATE"},
    "thread_accounts": {
        API: "SELECT, DELETE",
        RECOGNIZE: "SELECT",
        GENERATE: "SELECT, INSERT, DELETE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "thread_occurrences": {
        API: "SELECT, DELETE",
        GENERATE: "SELECT, INSERT, DELETE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "thread_updates": {
        API: "SELECT, DELETE",
        GENERATE: "SELECT, INSERT, DELETE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "threads": {
        API: "SELECT, UPDATE (title, description, complexity, aliases), DELETE",
        RECOGNIZE: "SELECT",
        GENERATE: "SELECT, INSERT, UPDATE, DELETE",
        EXPORT: "SELECT",
        RETAIN: "SELECT, UPDATE (title, description, complexity, aliases), DELETE",
        SWEEP: "SELECT, UPDATE (title, description, complexity, aliases), DELETE",
    },
    "transcript_revisions": {
        API: "SELECT, INSERT, DELETE",
        RETAIN: "SELECT, DELETE",
        SWEEP: "SELECT, DELETE",
    },
    "upload_registrations": {
        API: "SELECT, DELETE",
        ON_UPLOAD: "SELECT, INSERT, UPDATE, DELETE",
        RETAIN: "SELECT, UPDATE, DELETE",
        SWEEP: "SELECT, UPDATE, DELETE",
    },
}


def grant_statement() -> str:
    """Takes every privilege on these tables from the functions' roles and grants what is declared.

    A migration that adds a table, or a column that is updated, executes it. Tables and columns of
    later migrations are left out: they are granted by those.
    """
    everybody = ", ".join(FUNCTION_ROLES.values())
    blocks = []
    for table, granted in GRANTS.items():
        statements = [f"REVOKE ALL ON {table} FROM {everybody};"]
        statements += [
            f"GRANT {privileges} ON {table} TO {role_of(function)};"
            for function, privileges in granted.items()
        ]
        blocks.append(
            "BEGIN\n" + "\n".join(statements) + "\n"
            "EXCEPTION WHEN undefined_table OR undefined_column THEN NULL;\nEND;"
        )
    return "DO $$ BEGIN\n" + "\n".join(blocks) + "\nEND $$"
