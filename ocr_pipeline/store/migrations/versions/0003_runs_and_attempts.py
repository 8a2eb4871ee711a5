"""The overnight run: runs, tasks under way or ended badly, checksums of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and room for checksums: results kept before have none."""
    with op.batch_alter_table("ledger") as ledger:
        ledger.add_column(sa.Column("checksum", sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("ledger") as ledger:
        ledger.alter_column("checksum", server_default=None)
    op.create_table(
        "attempts",
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("input", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("interruptions", sa.Integer(), nullable=False),
        sa.Column("cause_vi", sa.Text(), nullable=False),
        sa.Column("cause_en", sa.Text(), nullable=False),
        sa.Column("updated", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("stage", "input", "fingerprint", name=op.f("pk_attempts")),
    )
    _make_runs()
    op.create_index("ix_pages_kind", "pages", ["kind", "book"])
    op.create_index("ix_ledger_seconds", "ledger", ["stage", "seconds"])


def downgrade() -> None:
    """Drop them; results of the ledger stay."""
    op.drop_index("ix_ledger_seconds", "ledger")
    op.drop_index("ix_pages_kind", "pages")
    op.drop_table("runs")
    op.drop_table("attempts")
    with op.batch_alter_table("ledger") as ledger:
        ledger.drop_column("checksum")


def _make_runs() -> None:
    counts = (
        "books", "books_done", "pages", "pages_expected", "known", "done", "failed", "poisoned",
        "again", "pauses",
    )  # fmt: skip
    texts = ("cause_vi", "cause_en", "remedy_vi", "remedy_en")
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scans", sa.Text(), nullable=False),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("executor", sa.String(10), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("updated", _TIME, nullable=False),
        sa.Column("ended", _TIME, nullable=True),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("ending", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("busy", sa.Double(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("peak_mb", sa.Double(), nullable=False),
        sa.Column("pace", sa.Double(), nullable=False),
        sa.Column("paused", sa.Double(), nullable=False),
        sa.Column("made_by", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sqlite_autoincrement=True,
    )
