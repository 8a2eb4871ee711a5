"""Alembic's entry: runs on the connection that `store.schema` hands over."""

from alembic import context

from ocr_pipeline.store import review_models  # noqa: F401 (its tables belong to the metadata)
from ocr_pipeline.store.models import TableBase

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=TableBase.metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
)
with context.begin_transaction():
    context.run_migrations()
