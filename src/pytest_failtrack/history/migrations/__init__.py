"""Alembic's revisions of the shared history; `failtrack history migrate` runs them (migrate.py)."""
