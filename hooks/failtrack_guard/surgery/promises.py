"""Which fixes are promised: those that would be refused are not, as far as that is cheaply told."""

from __future__ import annotations

import os

from failtrack_guard.reading import Unreadable
from failtrack_guard.surgery.surgeon import identity, unkept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from failtrack_guard.code.project import Project
    from failtrack_guard.finding import Finding
    from failtrack_guard.recall import Recall
    from failtrack_guard.texts import Texts

# Each file with a fix is parsed once more, 0.02 ms a line: half a second is given to that.
LINES_MAX = 25_000


def withdraw(
    findings: Iterable[Finding],
    texts: Texts,
    project: Project,
    refused: Collection[tuple[str, ...]] = (),
    recall: Recall | None = None,
) -> None:
    """Take from findings the fixes that `fix` would not make.

    Args:
        findings: What is reported.
        texts: Where the files are read.
        project: Knows the other files.
        refused: `identity` of the findings whose fix has just been refused, with their path.
        recall: Keeps which fixes of an unchanged tree are refused.
    """
    known: dict[tuple[str, ...], bool] = (recall.find() if recall else None) or {}
    count = len(known)
    by_path: dict[str, list[Finding]] = {}
    for one in findings:
        if one.fix is None:
            continue
        if (one.path, *identity(one)) in refused:
            one.fix = None
        else:
            by_path.setdefault(one.path, []).append(one)
    left = LINES_MAX
    for path, ours in by_path.items():
        keys = {id(one): (path, *identity(one)) for one in ours}
        if not all(key in known for key in keys.values()):
            left -= len(texts.lines(path))
            if left < 0:
                continue
            name = project.roots.module_name(os.path.join(project.root, path))
            try:
                broken = unkept(texts.content(path), path, name, ours, project=project)
            except Unreadable:  # changed since it was judged
                continue
            gone = {id(one) for one, _ in broken}
            known.update((key, one in gone) for one, key in keys.items())
        for one in ours:
            if known[keys[id(one)]]:
                one.fix = None
    if recall and len(known) > count:
        recall.keep(known)
