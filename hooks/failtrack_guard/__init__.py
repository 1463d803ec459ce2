"""Static guards for the patterns a project relies on; see `failtrack-guard --help`.

Public names are resolved when they are asked for, so that a hook which finds nothing pays for none.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("pytest-failtrack")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
