"""What the tests of readers share: a project folder, a reader without secrets, short answers."""

from __future__ import annotations

from pathlib import Path

from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import Wanted, read
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.signature.token import token_of

ROOT = "/nowhere/shop"
SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> str:
    """Return a file as another tool wrote it, shortened."""
    return (SAMPLES / name).read_text(encoding="utf-8")


def observed(text: str | bytes, root: Path | str = ROOT, **wanted: object) -> list[Observation]:
    """Return what `reading.read` makes of some content."""
    data = text.encode() if isinstance(text, str) else text
    return read(data, Wanted(str(root), Redactor({}), **wanted), source="given")  # type: ignore[arg-type]


def only(text: str | bytes, root: Path | str = ROOT, **wanted: object) -> Observation:
    """Return the only observation of some content."""
    (one,) = observed(text, root, **wanted)
    return one


def tokens(text: str | bytes, root: Path | str = ROOT) -> list[str]:
    """Return the tokens of what some content holds."""
    return [token_of(one) for one in observed(text, root)]
