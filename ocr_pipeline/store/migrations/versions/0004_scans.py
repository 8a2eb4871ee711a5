"""What people decided is tied to the scan they looked at, no longer to the name of its file."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Details of page decisions that name another page, and where the digest of its scan is put.
_NAMED = {"continuation": ("page", "scan"), "place": ("after", "after_scan")}


def upgrade() -> None:
    """Note the scan of each page; decisions made so far were made on the scan of their page."""
    op.create_table(
        "scans",
        sa.Column("book", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("page", sa.String(500), nullable=False),
        sa.Column("picture", sa.String(64), nullable=False),
        sa.Column("follower", sa.String(64), nullable=False),
        sa.Column("same_picture", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("book", "digest", name=op.f("pk_scans")),
    )
    op.create_index("ix_scans_book_follower", "scans", ["book", "follower"])
    for table, column, size in _NEW:
        op.add_column(table, sa.Column(column, sa.String(size), nullable=False, server_default=""))
    op.execute(
        "INSERT INTO scans SELECT book, digest, name, '', '', false FROM pages "
        "WHERE digest <> '' AND duplicate_of = ''"
    )
    _change_guarded("entries", _tie_entries)
    _tie("decisions")
    _change_guarded("page_decisions", _tie_page_decisions)
    _note_scans_that_are_gone()
    op.drop_index("ix_entries_book_page_position_code", "entries")
    op.create_index("ix_entries_place", "entries", ["book", "digest", "position", "code"])
    op.execute("UPDATE books SET judged = ''")


def downgrade() -> None:
    """Decisions are tied to names again."""
    op.drop_index("ix_entries_place", "entries")
    op.create_index(
        "ix_entries_book_page_position_code", "entries", ["book", "page", "position", "code"]
    )
    for table, column, _ in _NEW:
        op.drop_column(table, column)
    op.drop_index("ix_scans_book_follower", "scans")
    op.drop_table("scans")


_NEW = (("entries", "digest", 64), ("entries", "layout", 64), ("decisions", "digest", 64))


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _tie(table: str) -> None:
    """The scan that a decision was made on is the one of its page."""
    op.execute(
        f"UPDATE {table} SET digest = COALESCE((SELECT pages.digest FROM pages "
        f"WHERE pages.book = {table}.book AND pages.name = {table}.page), '')"
    )


def _tie_entries() -> None:
    _tie("entries")
    op.execute(
        "UPDATE entries SET layout = COALESCE((SELECT pages.layout FROM pages "
        "WHERE pages.book = entries.book AND pages.name = entries.page), '')"
    )


def _tie_page_decisions() -> None:
    """The other page that a decision names is the scan that has the name now."""
    bind = op.get_bind()
    query = "SELECT id, book, action, details FROM page_decisions"
    for id_, book, action, kept in bind.execute(sa.text(query)).fetchall():
        if action not in _NAMED:
            continue
        details: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else dict(kept)
        name, place = _NAMED[action]
        found = "SELECT digest FROM scans WHERE book = :book AND page = :page"
        where = {"book": book, "page": details.get(name, "")}
        details[place] = bind.execute(sa.text(found), where).scalar() or ""
        bind.execute(
            sa.text("UPDATE page_decisions SET details = :details WHERE id = :id"),
            {"details": json.dumps(details, ensure_ascii=False), "id": id_},
        )


def _note_scans_that_are_gone() -> None:
    """Decisions on pages that are no longer there: their scan is one that nobody knows."""
    bind = op.get_bind()
    lost = "SELECT book, page FROM entries WHERE digest = '' UNION "
    lost += "SELECT book, page FROM decisions WHERE digest = ''"
    unknown = [
        {
            "book": book,
            "page": page,
            "digest": hashlib.sha256(f"{book}/{page}".encode()).hexdigest(),
        }
        for book, page in bind.execute(sa.text(lost)).fetchall()
    ]
    if not unknown:
        return
    new = "INSERT INTO scans VALUES (:book, :digest, :page, '', '', false)"
    bind.execute(sa.text(new), unknown)

    def tie(table: str) -> None:
        where = "WHERE book = :book AND page = :page AND digest = ''"
        bind.execute(sa.text(f"UPDATE {table} SET digest = :digest {where}"), unknown)

    _change_guarded("entries", lambda: tie("entries"))
    tie("decisions")


def _change_guarded(table: str, change: Callable[[], None]) -> None:
    """Change rows of a table that is only ever added to: its guard rests meanwhile."""
    bind = op.get_bind()
    if not _sqlite():
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_only_added")
        change()
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_only_added")
        return
    query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
    name = f"{table}_not_changed"
    guard = bind.execute(sa.text(query), {"name": name}).scalar_one()
    op.execute(f"DROP TRIGGER {name}")
    change()
    op.execute(guard)
