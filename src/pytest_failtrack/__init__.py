"""pytest-failtrack."""
