"""The audit trail holds both ways: each deed has its line, each line its deed; seals of results."""

import sqlalchemy as sa
from alembic import context, op

from ocr_pipeline.store.audit_adoption import adopt

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SEALED = ("audit", "books", "records", "ledger")
_FIXED = (
    "id, book, page, position, code, kind, user_name, time, lane, action, state, value, "
    "as_written, was, was_state, confidence, note, digest"
)


def upgrade() -> None:
    """Make room for seals, take over what is there, and guard what people keyed."""
    for table in _SEALED:
        op.add_column(table, sa.Column("seal", sa.String(32), nullable=False, server_default=""))
    adopt(op.get_bind(), context.config.attributes["folder"])
    _guard_decisions()
    _guard_deletions()


def downgrade() -> None:
    """Without seals; the line that took over what was there stays in the trail."""
    if _sqlite():
        for name in ("decisions_not_changed", "decisions_not_deleted", "deletions_not_changed",
                     "deletions_not_deleted"):  # fmt: skip
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER decisions_not_deleted ON decisions")
        for table in ("decisions", "deletions"):
            op.execute(f"DROP TRIGGER {table}_only_added ON {table}")
            op.execute(f"DROP FUNCTION {table}_only_added()")
    for table in _SEALED:
        op.drop_column(table, "seal")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _guard_decisions() -> None:
    """What was keyed stays; what came of it (entry, withdrawn, field) may change."""
    deleted = "EXISTS (SELECT 1 FROM deletions WHERE deletions.book = OLD.book)"
    refuse = "'rows of decisions are only ever added'"
    if _sqlite():
        op.execute(
            f"CREATE TRIGGER decisions_not_changed BEFORE UPDATE OF {_FIXED} ON decisions "
            f"BEGIN SELECT RAISE(ABORT, {refuse}); END"
        )
        op.execute(
            f"CREATE TRIGGER decisions_not_deleted BEFORE DELETE ON decisions WHEN NOT {deleted} "
            f"BEGIN SELECT RAISE(ABORT, {refuse}); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION decisions_only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' AND {deleted} THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION {refuse}; END $$"
    )
    op.execute(
        f"CREATE TRIGGER decisions_only_added BEFORE UPDATE OF {_FIXED} ON decisions "
        "FOR EACH ROW EXECUTE FUNCTION decisions_only_added()"
    )
    op.execute(
        "CREATE TRIGGER decisions_not_deleted BEFORE DELETE ON decisions "
        "FOR EACH ROW EXECUTE FUNCTION decisions_only_added()"
    )


def _guard_deletions() -> None:
    refuse = "'rows of deletions are only ever added'"
    if _sqlite():
        for name, event in (("changed", "UPDATE"), ("deleted", "DELETE")):
            op.execute(
                f"CREATE TRIGGER deletions_not_{name} BEFORE {event} ON deletions "
                f"BEGIN SELECT RAISE(ABORT, {refuse}); END"
            )
        return
    op.execute(
        "CREATE FUNCTION deletions_only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION {refuse}; END $$"
    )
    op.execute(
        "CREATE TRIGGER deletions_only_added BEFORE UPDATE OR DELETE ON deletions "
        "FOR EACH ROW EXECUTE FUNCTION deletions_only_added()"
    )
