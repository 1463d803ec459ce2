"""Static guards for the patterns a project relies on; see `failtrack-guard --help`.

Public names are resolved when they are asked for, so that a hook which finds nothing pays for none.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.runtime import (
        PatternViolation,
        PatternViolationService,
        detect_violations,
        validate_content_ref,
        validate_event_type,
        validate_halt_guard_injection,
    )

    __version__: str

__all__ = [
    "PatternViolation",
    "PatternViolationService",
    "detect_violations",
    "validate_content_ref",
    "validate_event_type",
    "validate_halt_guard_injection",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("pytest-failtrack")
    if name in __all__:
        from failtrack_guard import runtime

        return getattr(runtime, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
