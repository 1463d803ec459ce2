"""FT-M1: a step forward, and none back."""


def upgrade() -> None:
    print("create table orders")


def downgrade() -> None:
    pass
