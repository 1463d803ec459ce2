"""Path patterns of rules: which of a project's files a table of the configuration means."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Folders that no pattern means unless it names them.
_NEVER = frozenset({".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", ".tox"})
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]")


class Globs:
    """Some patterns: `*` and `?` stay within a folder, `**` crosses folders.

    A pattern without a slash means files of this name in any folder.

    Args:
        patterns: Relative to the root of the project, with forward slashes.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(one.replace("\\", "/").removeprefix("./") for one in patterns)
        self._match = re.compile("|".join(map(_expression, self.patterns)) or r"(?!)").fullmatch

    @property
    def literals(self) -> tuple[str, ...] | None:
        """Texts of which every path that is meant holds at least one, None without such."""
        found = [max(_TOKEN.split(one), key=len) for one in self.patterns]
        return tuple(dict.fromkeys(found)) if all(found) else None

    def match(self, path: str) -> bool:
        """Return whether a path relative to the root is meant."""
        return self._match(path) is not None

    def files(self, root: str) -> list[str]:
        """Return the files below a root that are meant, relative, sorted by code points."""
        found = set()
        for start in {_literal_folder(one) for one in self.patterns}:
            for folder, folders, files in os.walk(os.path.join(root, start)):
                folders[:] = [one for one in folders if one not in _NEVER]
                inside = os.path.relpath(folder, root).replace(os.sep, "/")
                prefix = "" if inside == "." else f"{inside}/"
                found |= {prefix + one for one in files if self._match(prefix + one)}
        return sorted(found)


def _expression(pattern: str) -> str:
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    if pattern.endswith("/"):
        pattern += "**"
    parts = []
    end = 0
    for token in _TOKEN.finditer(pattern):
        parts.append(re.escape(pattern[end : token.start()]))
        parts.append(_meaning(token[0]))
        end = token.end()
    parts.append(re.escape(pattern[end:]))
    return "(?s:" + "".join(parts) + ")"


def _meaning(token: str) -> str:
    if token[0] == "[":
        inside = token[1:-1].replace("\\", r"\\").replace("^", r"\^")
        return f"[^/{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
    return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}[token]


def _literal_folder(pattern: str) -> str:
    """Return the folder that every path of a pattern lies in, empty for the root."""
    parts = pattern.split("/")[:-1]
    end = next((i for i, part in enumerate(parts) if re.search(r"[*?\[]", part)), len(parts))
    return "/".join(parts[:end])
