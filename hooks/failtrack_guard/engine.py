"""The engine: files in, findings out. A cheap sieve first, the parser only where it catches.

bytes -> needles of the rules -> syntax tree -> what one file shows -> what other files answer
"""

from __future__ import annotations

import os

from failtrack_guard.finding import Finding
from failtrack_guard.project import Project, exports_of
from failtrack_guard.reading import Unreadable, parse, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from failtrack_guard.rule import Rule
    from failtrack_guard.settings import Settings


class Result:
    """What a run found.

    Args:
        findings: In the order of a report.
        unreadable: Files that could not be judged, and why.
        files: Number of files that were looked at.
    """

    __slots__ = ("files", "findings", "unreadable")

    def __init__(self, findings: list[Finding], unreadable: list[Unreadable], files: int) -> None:
        self.findings = findings
        self.unreadable = unreadable
        self.files = files


def run(settings: Settings, files: Iterable[str]) -> Result:
    """Judge files.

    Args:
        settings: What is checked.
        files: Absolute paths of Python files.
    """
    project = Project(settings.root, settings.sources)
    findings: list[Finding] = []
    unreadable: list[Unreadable] = []
    count = 0
    rules = {rule.id: rule for rule in settings.rules}
    for file in files:
        count += 1
        shown = os.path.relpath(file, settings.root).replace(os.sep, "/")
        try:
            findings += look_at(settings.rules, file, shown, project)
        except Unreadable as error:
            unreadable.append(error)
    found = [one for one in findings if not one.asks or rules[one.rule].holds(one.asks, project)]
    for rule in settings.rules:
        found += rule.over(project)
    found.sort(key=Finding.sort_key)
    return Result(found, unreadable, count)


def look_at(rules: Iterable[Rule], file: str, shown: str, project: Project) -> list[Finding]:
    """Return what the rules see in one file, questions about other files still open.

    Raises:
        Unreadable: The file cannot be read or parsed.
    """
    content = read_bytes(file, shown)
    name = project.module_name(file)
    lowered = content.lower()
    waiting = [rule for rule in rules if rule.concerns(shown, name) and is_suspect(rule, lowered)]
    if not waiting:
        return []
    module = parse(content, shown, name)
    found = [one for rule in waiting for one in rule.look(module)]
    if found and name:
        project.know(name, exports_of(module))
    return found


def is_suspect(rule: Rule, lowered: bytes) -> bool:
    """Return whether the bytes of a file let a rule expect anything; never wrongly no."""
    needles = rule.needles()
    return needles is None or any(needle in lowered for needle in needles)
