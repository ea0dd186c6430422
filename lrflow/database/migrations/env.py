"""What alembic runs: the steps, on the connection and inside the transaction that were handed to it."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("tables"),  # only for drafting
    render_item=context.config.attributes.get("render"),
    render_as_batch=True,
)
context.run_migrations()
