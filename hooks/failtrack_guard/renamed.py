"""Commits of a range that brought findings by a new name of a file: no line of those is theirs.

`shop/tool.py` may import what `shop/domain/tool.py` may not. The file is judged as it was on both
sides of the commit, with the settings of today.
"""

from __future__ import annotations

from failtrack_guard.git import contents_of, renames_in
from failtrack_guard.mended import entries_then

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.mended import Judge


class Renames:
    """The renames of a range.

    Args:
        commits: The range.
        root: Folder of the project.
        judge: Returns what is found in a file, by its path as it is shown, if it held these bytes.
    """

    def __init__(self, commits: str, root: str, judge: Judge) -> None:
        self._root = root
        self._judge = judge
        self._renames = renames_in(commits, root)
        # (commit, path) -> what was found in that file then.
        self._judged: dict[tuple[str, str], list[tuple[str, str, str]]] = {}

    def bringing(self, path: str, told: tuple[str, str, str]) -> Iterator[str]:
        """Yield the commits that brought a finding by naming its file anew, the latest first.

        Args:
            path: Where it is found now.
            told: Its rule, symbol and code; see `Entry.moved_key`.
        """
        last = ""
        for commit, old, new in self._renames:
            if new != path or commit == last:
                continue
            before = self._found(f"{commit}^", old).count(told)
            if before < self._found(commit, new).count(told):
                yield commit
            path, last = old, commit

    def _found(self, commit: str, path: str) -> list[tuple[str, str, str]]:
        """Return what was found in a file then, nothing where none is judged."""
        if not path.endswith(".py"):
            return []
        key = commit, path
        if key not in self._judged:
            content = contents_of(commit, [path], self._root).get(path, b"")
            self._judged[key] = [
                one.moved_key for one in entries_then(self._judge, path, content)[1]
            ]
        return self._judged[key]
