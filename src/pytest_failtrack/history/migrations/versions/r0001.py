"""The first shared history: records, runs, failure_matches and what belongs to them.

Revision ID: 0001
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, indexes and functions."""
    # As the driver takes it: no parameter, so a colon or a percent sign is only that.
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Refuse: nothing of a history is deleted (S0-138)."""
    raise NotImplementedError("a history is never taken away; drop its database by hand")
