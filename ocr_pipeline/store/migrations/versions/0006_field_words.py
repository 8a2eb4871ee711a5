"""Words to search for, deeds of several decisions, queues by column; failed logins go."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from ocr_pipeline.store.field_words import is_searched, words_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_AT_ONCE = 5000  # rows
_COLUMN = ["lane", "kind", "book", "code", "record", "rules"]
_WORD = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    """Drop what nothing reads, make the table of words, and fill it with what is there."""
    op.drop_table("login_failures")
    op.add_column("books", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "field_words",
        sa.Column("word", _WORD, nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("field", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record"], ["records.id"], name=op.f("fk_field_words_record"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "record", "field", name=op.f("pk_field_words")),
        sqlite_with_rowid=False,
    )
    _fill()
    op.create_index("ix_field_words_record", "field_words", ["record", "word", "field"])
    _add_deeds()
    op.create_index("ix_fields_column", "fields", _COLUMN, **_only("lane <> ''"))
    own = ["user_name", "id"]
    op.create_index("ix_decisions_asked", "decisions", own, **_only("action = 'ask'"))
    op.create_index("ix_audit_answers_seen", "audit", own, **_only("action = 'answers_seen'"))


def downgrade() -> None:
    """Without words; the table of failed logins is there again, empty as it was."""
    op.drop_index("ix_audit_answers_seen", "audit")
    op.drop_index("ix_decisions_asked", "decisions")
    op.drop_index("ix_fields_column", "fields")
    op.drop_index("ix_decisions_deed", "decisions")
    op.drop_column("decisions", "deed")
    op.drop_table("field_words")
    op.drop_column("books", "priority")
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("address", sa.String(100), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    op.create_index("ix_login_failures_name_time", "login_failures", ["name", "time"])
    op.create_index("ix_login_failures_address_time", "login_failures", ["address", "time"])


def _only(condition: str) -> dict[str, Any]:
    return {f"{database}_where": sa.text(condition) for database in ("sqlite", "postgresql")}


def _add_deeds() -> None:
    """Decisions get the name of their deed; those made so far stand alone."""
    deed = sa.Column("deed", sa.String(40), nullable=False, server_default="")
    op.add_column("decisions", deed)
    op.create_index("ix_decisions_deed", "decisions", ["deed"], **_only("deed <> ''"))


def _fill() -> None:
    words = sa.table("field_words", *(sa.column(name) for name in ("word", "record", "field")))
    found = _words()
    while rows := list(islice(found, _AT_ONCE)):
        op.get_bind().execute(sa.insert(words), rows)


def _words() -> Iterator[dict[str, Any]]:
    """The words of all fields, one part of the table after the other."""
    columns = ("id", "record", "code", "kind", "value")
    fields = sa.table("fields", *(sa.column(name) for name in columns))
    last = 0
    while True:
        query = sa.select(*(fields.c[name] for name in columns)).where(fields.c.id > last)
        part: Sequence[Any] = (
            op.get_bind().execute(query.order_by(fields.c.id).limit(_AT_ONCE)).all()
        )
        for row in part:
            if is_searched(row.kind, row.code):
                for word in words_of(row.kind, row.value):
                    yield {"word": word, "record": row.record, "field": row.id}
        if len(part) < _AT_ONCE:
            return
        last = part[-1].id
