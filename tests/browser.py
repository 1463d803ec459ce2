"""A real browser without a screen: opens a page and says what came of it, for tests."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from inner import HANGS_AFTER_SECONDS

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing of a user's own browser, no question, no network.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)


@dataclass(frozen=True)
class Opened:
    """A page that was opened.

    Args:
        document: Its document as the browser understood it.
        console: What was written to the console.
    """

    document: str
    console: tuple[str, ...]


@dataclass(frozen=True)
class Browser:
    """A browser.

    Args:
        program: Its path.
    """

    program: str

    @classmethod
    def find(cls) -> Browser:
        """Return the browser of this machine; without one the test is skipped."""
        found = next(filter(None, map(shutil.which, NAMES)), None)
        if found is None:
            pytest.skip(f"no browser is installed here: {', '.join(NAMES)}")
        return cls(found)

    def opened(self, page: Path) -> Opened:
        """Return what became of a page."""
        document, errors = self._run(page, "--dump-dom")
        # What the policy of a page refuses stands there, too.
        console = tuple(line for line in errors.splitlines() if "CONSOLE" in line)
        return Opened(document, console)

    def picture(self, page: Path, *options: str, size: str = "1100,1400") -> bytes:
        """Return a screenshot of the top of a page, a PNG; an empty page gives a small one."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "page.png")
            self._run(page, f"--screenshot={path}", f"--window-size={size}", *options)
            return path.read_bytes()

    def _run(self, page: Path, *options: str) -> tuple[str, str]:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            done = subprocess.run(
                [self.program, *OPTIONS, f"--user-data-dir={profile}", *options, page.as_uri()],
                capture_output=True,
                timeout=HANGS_AFTER_SECONDS,
                check=False,
            )
        stderr = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0, stderr
        return done.stdout.decode("utf-8", "replace"), stderr
