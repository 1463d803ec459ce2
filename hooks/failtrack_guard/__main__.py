"""Runs `python -m failtrack_guard`."""

import sys

from failtrack_guard.main import main

if __name__ == "__main__":
    sys.exit(main())
