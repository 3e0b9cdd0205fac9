"""Alembic's entry point; `shared.database.migrate` hands it the locked connection, or none to have
the statements printed."""

from alembic import context

from shared.models import Base

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        transactional_ddl=True,
    )
context.run_migrations()
