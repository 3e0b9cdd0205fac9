"""The schema is built by migrations alone, and is the one the models describe."""

import uuid
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

import shared.database.migrate
from shared.courses.threads import restate
from shared.database.connections import Database
from shared.database.migrate import head_revision, migrate
from shared.errors import SchemaBehindError
from shared.models import Base, Job, Lecture, LectureStatus, Thread, ThreadAccount
from shared.runtime import Runtime, require_schema
from tests.support.lectures.builders import columns, get_lecture, make_settings, running, uploaded
from tests.support.processes.threads import at_once


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def downgrade(database: Database, revision: str = "base") -> None:
    config = Config()
    scripts = Path(shared.database.migrate.__file__).with_name("migrations")
    config.set_main_option("script_location", str(scripts))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_an_empty_database_gets_every_table(empty_database: Database) -> None:
    assert empty_database.revision() is None

    migrate(empty_database)

    assert empty_database.revision() == head_revision()
    assert tables(empty_database) == set(Base.metadata.tables)


def test_three_instances_that_migrate_at_once_do_not_disturb_each_other(
    empty_database: Database,
) -> None:
    at_once(lambda _: migrate(empty_database), range(3))

    assert empty_database.revision() == head_revision()
    assert tables(empty_database) == set(Base.metadata.tables)


def test_migrating_again_changes_nothing_and_keeps_the_rows(runtime: Runtime) -> None:
    lecture = uploaded(runtime)

    migrate(runtime.database)

    assert get_lecture(runtime, lecture).slug == lecture.slug


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_way_down_and_up_again(empty_database: Database) -> None:
    migrate(empty_database)

    downgrade(empty_database)
    assert tables(empty_database) == set()
    assert empty_database.revision() is None

    migrate(empty_database)
    assert tables(empty_database) == set(Base.metadata.tables)


def test_threads_of_before_are_told_in_the_words_they_had(empty_database: Database) -> None:
    migrate(empty_database)
    downgrade(empty_database, "0004")
    with empty_database.engine.begin() as connection:
        for statement in THREAD_OF_TWO_LECTURES:
            connection.exec_driver_sql(statement)

    migrate(empty_database)

    with empty_database.unit_of_work() as session:
        accounts = session.scalars(select(ThreadAccount).order_by(ThreadAccount.lecture_id)).all()
        assert [(a.lecture_id.int, a.title, a.description) for a in accounts] == [
            (2, "hash table", "Keys map to slots."),
            (3, "hash table", "Keys map to slots."),
        ]
        assert [a.summary for a in accounts] == [None, "Slots hold lists."]
        before = columns(session.scalars(select(Thread)).one())
        restate(session, uuid.UUID(int=1))
        assert columns(session.scalars(select(Thread)).one()) == before


THREAD_OF_TWO_LECTURES = (
    """
    INSERT INTO courses (id, owner, slug, created_at, updated_at)
    VALUES ('00000000-0000-0000-0000-000000000001', 'me', 'course', now(), now())
    """,
    """
    INSERT INTO lectures (id, course_id, owner, slug, preset_id, status, source_object,
        content_type, created_at, updated_at)
    SELECT id::uuid, '00000000-0000-0000-0000-000000000001', 'me', id, 'exam', 'processing', id,
        'audio/wav', now(), now()
    FROM unnest(ARRAY['00000000-0000-0000-0000-000000000002',
        '00000000-0000-0000-0000-000000000003']) AS id
    """,
    """
    INSERT INTO threads (id, course_id, key, title, description, complexity, created_at,
        updated_at)
    SELECT gen_random_uuid(), id, 'hash tabl', 'hash table', 'Keys map to slots.', 2, now(), now()
    FROM courses
    """,
    """
    INSERT INTO thread_occurrences (id, thread_id, lecture_id, quote, start_sec, end_sec)
    SELECT gen_random_uuid(), threads.id, lectures.id, 'said', sec, sec + 1
    FROM threads, lectures, unnest(ARRAY[1, 5]) AS sec
    """,
    """
    INSERT INTO thread_updates (id, thread_id, lecture_id, change, summary, created_at)
    SELECT gen_random_uuid(), id, '00000000-0000-0000-0000-000000000003', 'refinement',
        'Slots hold lists.', now()
    FROM threads
    """,
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lectures SET status = 'failed'",
        "UPDATE lectures SET status = 'lost'",
        """UPDATE lectures SET error = '{"code": "x"}'""",
        "UPDATE jobs SET status = 'queued'",
        "UPDATE jobs SET lease_token = NULL",
        "UPDATE jobs SET status = 'failed', lease_token = NULL, lease_expires_at = NULL",
        "UPDATE jobs SET type = 'laundry'",
    ],
)
def test_the_database_itself_refuses_a_state_that_must_not_be(
    runtime: Runtime, statement: str
) -> None:
    running(runtime, uploaded(runtime))

    with (
        pytest.raises(DBAPIError, match="check constraint"),
        runtime.database.engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement)


def test_a_lecture_takes_its_jobs_with_it(runtime: Runtime) -> None:
    lecture = uploaded(runtime)
    running(runtime, lecture)

    with runtime.database.unit_of_work() as session:
        session.delete(session.get_one(Lecture, lecture.id))
        session.commit()
        assert session.scalars(select(Job)).all() == []


def test_the_database_is_found_by_its_url(database: Database) -> None:
    url = database.engine.url.set(drivername="postgresql")
    named = Database.from_settings(
        make_settings(database_url=f"{url.render_as_string(hide_password=False)}\n")
    )

    assert named.revision() == head_revision()
    named.close()


def test_nothing_is_kept_of_work_that_was_not_committed(runtime: Runtime) -> None:
    lecture = uploaded(runtime)

    with runtime.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).status = LectureStatus.COMPLETED
        session.flush()

    assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED


def test_a_function_ahead_of_its_schema_takes_no_work(empty_database: Database) -> None:
    with pytest.raises(SchemaBehindError, match=head_revision()):
        require_schema(empty_database)

    migrate(empty_database)

    require_schema(empty_database)
