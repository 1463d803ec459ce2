"""Tests, what can fail in them, and what is owed; the FT-D rules read it."""
