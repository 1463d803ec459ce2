"""What pytest-failtrack has to know of our shop; see `hooks`."""
