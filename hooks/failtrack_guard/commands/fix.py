"""`failtrack-guard fix`: puts right what can be put right."""

from __future__ import annotations

import sys

from failtrack_guard.commands.check import status_of, tell
from failtrack_guard.errors import GuardError, OutputError, say
from failtrack_guard.judging import Judged, judge, report_on, unsuppressed
from failtrack_guard.reading import Unreadable, read_bytes
from failtrack_guard.report.report import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from failtrack_guard.arguments import Arguments
    from failtrack_guard.surgery.surgeon import Fixed


def run(arguments: Arguments) -> int:
    """Make the fixes, or print them with `--diff`, and say what is left."""
    from failtrack_guard.surgery.surgeon import identity

    judged = judge(arguments)
    with_fix = {one.path for one in judged.result.findings if one.fix is not None}
    count = files = 0
    unwritten: list[GuardError] = []
    refused: set[tuple[str, ...]] = set()
    for file, shown in judged.result.files.items():
        if shown not in with_fix:
            continue
        try:
            before = read_bytes(file, shown)
            fixed = _fixed(judged, file, shown, before, unsafe=arguments.has("--unsafe-fixes"))
        except Unreadable as error:  # changed since it was judged
            judged.result.unreadable.append(error)
            continue
        for reason in fixed.reasons:
            print(reason, file=sys.stderr)
        refused |= {(shown, *identity(one)) for one, _ in fixed.refused}
        if fixed.content == before:
            continue
        try:
            _hand_over(file, shown, before, fixed.content, only_shown=arguments.has("--diff"))
        except OutputError:
            raise
        except GuardError as error:  # the other files can be written all the same
            unwritten.append(error)
            continue
        count += len(fixed.applied)
        files += 1
    for one in unwritten:
        print(f"failtrack-guard: {one}", file=sys.stderr)
    if arguments.has("--diff"):
        status = 2 if judged.result.unreadable else int(bool(files))
    else:
        status = _conclude(arguments, judged, refused, count, files)
    return 2 if unwritten else status


def _fixed(judged: Judged, file: str, shown: str, before: bytes, *, unsafe: bool) -> Fixed:
    from failtrack_guard.surgery.surgeon import repaired

    engine = judged.engine
    return repaired(
        before,
        shown,
        engine.roots.module_name(file),
        lambda content: unsuppressed(judged, file, content),
        unsafe=unsafe,
        project=engine.project,
    )


def _hand_over(file: str, shown: str, before: bytes, after: bytes, *, only_shown: bool) -> None:
    if only_shown:
        from failtrack_guard.surgery.surgeon import unified_diff

        say(unified_diff(before, after, shown), end="")
        return
    from failtrack_guard.surgery.writing import write_over

    write_over(file, before, after, shown)


def _conclude(
    arguments: Arguments,
    judged: Judged,
    refused: Collection[tuple[str, ...]],
    count: int,
    files: int,
) -> int:
    """Print what was done and what is left; return the exit status."""
    if files:
        unreadable = judged.result.unreadable
        judged = judge(arguments)
        judged.result.unreadable[:] = unreadable
    report = report_on(judged, refused=refused)
    tell(report)
    if files:
        say(f"{plural(count, 'finding')} put right in {plural(files, 'file')}")
    if refused:
        reasons = "the reason is" if len(refused) == 1 else "the reasons are"
        say(f"{plural(len(refused), 'finding')} could not be put right: {reasons} above")
    return status_of(report) or int(bool(files))
