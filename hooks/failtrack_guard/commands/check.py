"""`failtrack-guard check`: says what breaks the rules."""

from __future__ import annotations

from failtrack_guard.judging import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments


def run(arguments: Arguments) -> int:
    """Judge what the arguments name and print it."""
    result = judge(arguments)
    for one in result.findings:
        print(f"{one.path}:{one.line}:{one.column}: {one.rule} {one.message}")
    for error in result.unreadable:
        print(error)
    return 2 if result.unreadable else int(bool(result.findings))
