"""A rule that concerns the files which one of its options names by path patterns."""

from __future__ import annotations

from failtrack_guard.globs import Globs
from failtrack_guard.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class RuleOfFiles(Rule):
    """Base of the rules for tests, and of those for migrations."""

    # Name of the option that holds the patterns.
    FILES: ClassVar[str] = "files"

    def prepare(self) -> None:
        """Compile the patterns."""
        self.files = Globs(self.options[self.FILES])

    def places(self) -> tuple[str, ...] | None:
        """What the patterns have in common."""
        return self.files.literals

    def concerns(self, path: str, module_name: str) -> bool:
        """The files that the patterns mean, alone."""
        return self.files.match(path)
