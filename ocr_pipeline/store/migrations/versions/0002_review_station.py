"""The review station: people, leases, decisions, policies, approvals, audit trail; lasting ids."""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ONLY_ADDED = ("entries", "approvals", "page_decisions", "audit")
_WAITING = "lane <> ''"
_GROUPED = "lane = 'doubt' AND length(value) <= 200"
_OPEN = "entry IS NULL AND NOT withdrawn"
_PAGE_COLUMNS = (
    "book, name, ordinal, path, page_index, stamp, digest, kind, fingerprint, duplicate_of, "
    "layout, turn, cause_vi, cause_en, remedy_vi, remedy_en"
)


def upgrade() -> None:
    """Give pages an id, never give an id twice, and make the tables of the review station."""
    _give_pages_an_id()
    with _rebuilt("records", autoincrement=True):
        pass
    with _rebuilt("fields", autoincrement=True) as fields:
        fields.drop_index("ix_fields_state_kind_book")
        fields.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
        fields.add_column(sa.Column("lane", sa.String(12), nullable=False, server_default=""))
        fields.add_column(sa.Column("rules", sa.Text(), nullable=False, server_default=""))
        fields.add_column(sa.Column("draw", sa.Double(), nullable=False, server_default="1"))
        fields.add_column(sa.Column("entry", sa.Integer(), nullable=True))
    _fill_new_columns()
    op.create_index("ix_fields_book_code", "fields", ["book", "code"])
    _partial_index("ix_fields_queue", "fields", "lane kind book rules id", _WAITING)
    _partial_index("ix_fields_queue_record", "fields", "lane book record place", _WAITING)
    _partial_index("ix_fields_group", "fields", "lane kind value confidence book", _GROUPED)
    _make_people()
    _make_work()
    _make_records_of_decisions()
    for table in _ONLY_ADDED:
        _guard(table)


def downgrade() -> None:
    """Drop the tables of the review station; entries stay, what was taken back stays taken back."""
    for table in _ONLY_ADDED:
        _unguard(table)
    for table in (
        "audit", "deletions", "page_decisions", "approvals", "policies", "decisions", "leases",
        "login_failures", "user_sessions", "users",
    ):  # fmt: skip
        op.drop_table(table)
    for index in ("group", "queue_record", "queue", "book_code"):
        op.drop_index(f"ix_fields_{index}", "fields")
    with _rebuilt("fields", autoincrement=False) as fields:
        for column in ("place", "lane", "rules", "draw", "entry"):
            fields.drop_column(column)
        fields.create_index("ix_fields_state_kind_book", ["state", "kind", "book"])
    with _rebuilt("records", autoincrement=False):
        pass
    _take_page_ids_away()


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rebuilt(table: str, *, autoincrement: bool) -> AbstractContextManager[BatchOperations]:
    """On SQLite a copy of the table, with or without ids that are never given again."""
    return op.batch_alter_table(
        table,
        recreate="always" if _sqlite() else "never",
        table_kwargs={"sqlite_autoincrement": autoincrement},
    )


def _partial_index(name: str, table: str, columns: str, where: str) -> None:
    op.create_index(
        name, table, columns.split(), sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _pages(name: str, *constraints: sa.schema.SchemaItem) -> None:
    id_columns = [c for c in constraints if isinstance(c, sa.Column)]
    rest = [c for c in constraints if not isinstance(c, sa.Column)]
    op.create_table(
        name,
        *id_columns,
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("page_index", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("duplicate_of", sa.String(500), nullable=False),
        sa.Column("layout", sa.String(64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("cause_vi", sa.Text(), nullable=False),
        sa.Column("cause_en", sa.Text(), nullable=False),
        sa.Column("remedy_vi", sa.Text(), nullable=False),
        sa.Column("remedy_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book"], ["books.id"], name=op.f("fk_pages_book"), ondelete="CASCADE"
        ),
        *rest,
        sqlite_autoincrement=bool(id_columns),
    )


def _copy_pages() -> None:
    op.execute(
        f"INSERT INTO pages_new ({_PAGE_COLUMNS}) "
        f"SELECT {_PAGE_COLUMNS} FROM pages ORDER BY book, ordinal"
    )
    op.drop_table("pages")
    op.rename_table("pages_new", "pages")
    op.create_index("ix_pages_book_ordinal", "pages", ["book", "ordinal"])
    op.create_index("ix_pages_digest", "pages", ["digest"])


def _give_pages_an_id() -> None:
    if _sqlite():
        _pages(
            "pages_new",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
            sa.UniqueConstraint("book", "name", name=op.f("uq_pages_book_name")),
        )
        _copy_pages()
        return
    op.drop_constraint("pk_pages", "pages")
    op.execute("ALTER TABLE pages ADD COLUMN id SERIAL")
    op.create_primary_key("pk_pages", "pages", ["id"])
    op.create_unique_constraint("uq_pages_book_name", "pages", ["book", "name"])


def _take_page_ids_away() -> None:
    if _sqlite():
        _pages("pages_new", sa.PrimaryKeyConstraint("book", "name", name=op.f("pk_pages")))
        _copy_pages()
        return
    op.drop_constraint("uq_pages_book_name", "pages")
    op.drop_column("pages", "id")
    op.create_primary_key("pk_pages", "pages", ["book", "name"])


def _fill_new_columns() -> None:
    """Queues work at once; rules and samples come with the next judgement, which is made due."""
    op.execute("UPDATE fields SET place = id, lane = 'doubt' WHERE state IN ('read', 'in_review')")
    op.execute(
        "UPDATE fields SET entry = (SELECT max(entries.id) FROM entries JOIN records ON "
        "records.book = entries.book AND records.page = entries.page AND "
        "records.position = entries.position WHERE records.id = fields.record "
        "AND entries.code = fields.code)"
    )
    op.execute("UPDATE books SET judged = ''")


def _make_people() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("display", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("opened", _TIME, nullable=False),
        sa.Column("seen", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_user_sessions_user_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_user_sessions")),
    )  # fmt: skip
    op.create_index("ix_user_sessions_user_name", "user_sessions", ["user_name"])
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("address", sa.String(100), nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    op.create_index("ix_login_failures_name_time", "login_failures", ["name", "time"])
    op.create_index("ix_login_failures_address_time", "login_failures", ["address", "time"])


def _make_work() -> None:
    op.create_table(
        "leases",
        sa.Column("field", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["field"], ["fields.id"], name=op.f("fk_leases_field"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("field", name=op.f("pk_leases")),
    )
    op.create_index("ix_leases_user_name", "leases", ["user_name"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Integer(), nullable=False),
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("page", sa.String(500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.Column("lane", sa.String(12), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("as_written", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("was_state", sa.String(12), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"], name=op.f("fk_decisions_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_place", "decisions", ["book", "page", "position", "code"])
    op.create_index("ix_decisions_field", "decisions", ["field", "id"])
    op.create_index("ix_decisions_user_name", "decisions", ["user_name", "id"])
    op.create_index("ix_decisions_time", "decisions", ["time"])
    op.create_index("ix_decisions_entry", "decisions", ["entry"])
    _partial_index("ix_decisions_open", "decisions", "field user_name", _OPEN)
    op.create_table(
        "policies",
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("sample", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("book", "kind", name=op.f("pk_policies")),
    )


def _make_records_of_decisions() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_book", "approvals", ["book", "id"])
    op.create_table(
        "page_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("page", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_decisions")),
    )
    op.create_index("ix_page_decisions_book_page", "page_decisions", ["book", "page", "id"])
    op.create_table(
        "deletions",
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("book", name=op.f("pk_deletions")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_book", "audit", ["book", "id"])
    op.create_index("ix_audit_user_name", "audit", ["user_name", "id"])


def _guard(table: str) -> None:
    """Rows of the table cannot be changed; they can go only with a book that was deleted."""
    deleted = "EXISTS (SELECT 1 FROM deletions WHERE deletions.book = OLD.book)"
    if table == "audit":
        deleted = "FALSE"  # the trail outlives the book
    if _sqlite():
        op.execute(
            f"CREATE TRIGGER {table}_not_changed BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} WHEN NOT {deleted} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' AND {deleted} THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION 'rows of {table} are only ever added'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_only_added()"
    )


def _unguard(table: str) -> None:
    if _sqlite():
        op.execute(f"DROP TRIGGER {table}_not_changed")
        op.execute(f"DROP TRIGGER {table}_not_deleted")
        return
    op.execute(f"DROP TRIGGER {table}_only_added ON {table}")
    op.execute(f"DROP FUNCTION {table}_only_added()")
