"""What a run comes to; every format renders this value."""

from __future__ import annotations

import os
import time

from failtrack_guard.texts import Texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from failtrack_guard.active import Settings
    from failtrack_guard.baseline import Entry
    from failtrack_guard.code.project import Project
    from failtrack_guard.errors import GuardError
    from failtrack_guard.finding import Finding
    from failtrack_guard.git import Bypass
    from failtrack_guard.reading import Unreadable
    from failtrack_guard.suppress import Suppression


class Report:
    """What a run found, ready to be told.

    Args:
        settings: What was checked; None when they could not be read.
        findings: What makes the run fail, those about suppressions among them.
        suppressed: Findings that a comment allows, each with that comment.
        suppressions: All suppressions of the files that were judged.
        known: Findings that the baseline knows.
        gone: Entries of the baseline whose findings are no more.
        unreadable: Files that could not be judged.
        errors: What ended the run early.
        files: Number of files that were looked at.
        bypassed: Commits that were made past the hook.
        sources: Where the lines of findings are read.
        has_baseline: Whether findings were compared with a baseline.
        lists_suppressions: Whether the text lists all suppressions.
        created_at: When the run ended, ISO 8601, UTC; now by default.
        project: What other files say, for those who show fixes; None when nobody knows.
    """

    def __init__(
        self,
        settings: Settings | None,
        findings: Sequence[Finding] = (),
        *,
        suppressed: Sequence[tuple[Finding, Suppression]] = (),
        suppressions: Sequence[Suppression] = (),
        known: Sequence[Finding] = (),
        gone: Sequence[Entry] = (),
        unreadable: Sequence[Unreadable] = (),
        errors: Sequence[GuardError] = (),
        files: int = 0,
        bypassed: Sequence[Bypass] = (),
        sources: Texts | None = None,
        has_baseline: bool = False,
        lists_suppressions: bool = False,
        created_at: str = "",
        project: Project | None = None,
    ) -> None:
        self.settings = settings
        self.findings = findings
        self.suppressed = suppressed
        self.suppressions = suppressions
        self.known = known
        self.gone = gone
        self.unreadable = unreadable
        self.errors = errors
        self.files = files
        self.bypassed = bypassed
        self.sources = sources or Texts(settings.root if settings else "")
        self.has_baseline = has_baseline
        self.lists_suppressions = lists_suppressions
        self.project = project
        self.created_at = created_at or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that ran."""
        return tuple(one.id for one in self.settings.active) if self.settings else ()

    @property
    def everything(self) -> list[Finding]:
        """All findings: those that count, suppressed ones and known ones, by place."""
        found = [*self.findings, *(one for one, _ in self.suppressed), *self.known]
        return sorted(found, key=lambda one: one.sort_key())

    def counts(self) -> dict[str, int]:
        """Return how many findings that count each rule has, by id."""
        counts: dict[str, int] = {}
        for one in sorted(self.findings, key=lambda one: one.rule):
            counts[one.rule] = counts.get(one.rule, 0) + 1
        return counts

    def path_in(self, environ: Mapping[str, str]) -> str:
        """Return what stands before paths in the CI's checkout: `` or `backend/`.

        Annotations and code scanning want paths from the top of the repository, and ours begin at
        the folder of `pyproject.toml`.
        """
        top = environ.get("GITHUB_WORKSPACE", "")
        if not top or self.settings is None:
            return ""
        root, top = os.path.realpath(self.settings.root), os.path.realpath(top)
        if not root.startswith(top.rstrip(os.sep) + os.sep):
            return ""
        return os.path.relpath(root, top).replace(os.sep, "/") + "/"


def plural(count: int, word: str) -> str:
    """Return `1 file` or `3 files`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def words_of(bypass: Bypass) -> str:
    """Return what is wrong with a commit, in one sentence."""
    by = ", ".join(one for one in (bypass.subject, bypass.author) if one)
    rules = ", ".join(sorted({one.rule for one in bypass.findings}))
    brought = f" and breaks {rules}" if rules else ""
    if bypass.is_mended:
        brought = f" and broke {rules}, which was put right or allowed later"
    told = f" ({by})" if by else ""
    return f"commit {bypass.commit[:12]}{told} was made past the hook{brought}"
