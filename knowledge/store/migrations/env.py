"""Alembic's entry point: runs the migrations on the connection that `open_database` hands over."""

from alembic import context

from knowledge.store.chat_schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()  # inside the transaction of whoever opened the database
