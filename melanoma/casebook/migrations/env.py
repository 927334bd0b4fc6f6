"""What Alembic runs: the steps that are missing, on the connection that `melanoma.casebook.migrating` gives."""

from alembic import context

from melanoma.casebook.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
