"""What Alembic runs: on the connection it was given, in that connection's transaction."""

from alembic import context

from community_hub.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
