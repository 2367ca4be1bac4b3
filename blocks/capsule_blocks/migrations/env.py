"""Run the migrations on the connection that the ledger hands over, inside its transaction."""

from alembic import context

from capsule_blocks.tables import Row

context.configure(connection=context.config.attributes["connection"], target_metadata=Row.metadata)
context.run_migrations()
