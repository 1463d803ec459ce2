"""FT-G1: a generated file and its sources no longer belong together."""

from __future__ import annotations

import os
import re
from functools import partial

from failtrack_guard.errors import ConfigError
from failtrack_guard.finding import Finding
from failtrack_guard.globs import Globs
from failtrack_guard.rule import Option, Rule, bad, good
from failtrack_guard.tables import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from failtrack_guard.code.project import Project

DIGEST_MIN = 12  # hexadecimal digits of which a recorded digest has at least
_HEX = re.compile(r"\b[0-9a-fA-F]{12,64}\b")
# sha256 of "a\nb\n", which is api/a.toml and api/b.toml.
RIGHT = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
SOURCES = {"api/a.toml": "a\n", "api/b.toml": "b\n"}
TABLE = {"generated": "gen.py", "sources": "api/*.toml"}
LINE = {**TABLE, "digest": "^# sources: ([0-9a-f]+)$"}
FILE = {**TABLE, "digest": "gen.sha256"}
ok = partial(good, path="gen.py", options={"files": [TABLE]}, files=SOURCES)
no = partial(bad, path="gen.py", options={"files": [TABLE]}, files=SOURCES)


class GeneratedDrift(Rule):
    """The sources of a generated file changed and the file did not, or the file changed and its
    sources did not, or the digest that it records is not that of its sources.

    Whoever reads the sources believes what no longer runs; whoever runs the generator next
    overwrites what somebody corrected by hand.

    Use instead: change the sources, run the generator, and commit both. `sources` should name the
    generator, too, so that a new one may write new files.

    Recorded is the sha256 of the bytes of all sources, one after the other, in the order of their
    paths (relative to the project, with forward slashes, by code point): what
    `cat api/a.toml api/b.toml | sha256sum` prints. At least the first 12 of its 64 hexadecimal
    digits must be there; `digest` is either a regular expression whose group holds them in the
    generated file, or, without a group, the path of a file that holds them.

    Limits: without a digest, only what a commit or a range of commits changes is seen. Line ends
    count: have git keep those of the sources (`*.toml text eol=lf`).
    """

    id = "FT-G1"
    name = "generated-drift"
    remedy = "change the sources, run the generator, and commit both"
    severity = "HIGH"
    category = "ARCHITECTURE"
    subcategory = "ARCHITECTURE_DRIFT"
    OPTIONS = {
        "files": Option(
            "tables",
            [],
            "Tables with the path `generated`, the patterns `sources`, and `digest`: a regular "
            "expression for the generated file, or the path of a file.",
        ),
    }
    NEEDS = ("files",)
    CASE_OPTIONS = {"files": [TABLE]}

    GOOD = (
        ok("both changed", "x = 1\n", changed=("gen.py", "api/a.toml")),
        ok("neither changed", "x = 1\n", changed=("b.py",)),
        ok("it is not known what changed", "x = 1\n"),
        ok("a file that is no source", "x = 1\n", changed=("api/deep/a.toml", "api/a.txt")),
        ok("the digest fits", f"# sources: {RIGHT}\n", options={"files": [LINE]}),
        ok("the digest fits, shortened", f"# sources: {RIGHT[:16]}\n", options={"files": [LINE]}),
        ok(
            "the digest in another file fits",
            "x = 1\n",
            options={"files": [FILE]},
            files={**SOURCES, "gen.sha256": f"{RIGHT.upper()}  api\n"},
        ),
        ok(
            "the sources changed, and what is generated of them did not",
            "x = 1\n",
            options={"files": [FILE]},
            files={**SOURCES, "gen.sha256": RIGHT},
            changed=("api/a.toml", "gen.sha256"),
        ),
        ok(
            "the digest is old, and this change is about something else",
            "# sources: 000000000000\n",
            options={"files": [LINE]},
            changed=("b.py",),
        ),
    )
    BAD = (
        no("the sources alone", "x = 1\n", 1, changed=("api/a.toml",)),
        no("a source was deleted", "x = 1\n", 1, changed=("api/z.toml",)),
        no("the generated file alone", "x = 1\n", 1, changed=("gen.py",)),
        no(
            "the generated file alone, although the digest fits",
            f"# sources: {RIGHT}\n",
            1,
            options={"files": [LINE]},
            changed=("gen.py",),
        ),
        no(
            "the digest no longer fits",
            "x = 1\n# sources: 000000000000\n",
            2,
            options={"files": [LINE]},
        ),
        no(
            "both changed, the digest did not",
            "# sources: 000000000000\n",
            1,
            options={"files": [LINE]},
            changed=("gen.py", "api/a.toml"),
        ),
        no("the digest is missing", "x = 1\n", 1, options={"files": [LINE]}),
        no("the digest is too short", "# sources: 911169\n", 1, options={"files": [LINE]}),
        no(
            "the digest in another file no longer fits",
            "x = 1\n",
            2,
            options={"files": [FILE]},
            files={**SOURCES, "gen.sha256": f"# made by us\n{'0' * 64}\n"},
        ),
        no("the file with the digest is missing", "x = 1\n", 1, options={"files": [FILE]}),
        no(
            "the generated file is missing",
            "x = 1\n",
            1,
            path="other.py",
            changed=("gen.py", "api/a.toml"),
        ),
        no("there are no sources", "x = 1\n", 1, files={}),
    )

    def prepare(self) -> None:
        """Check the tables."""
        needed, other = ("generated", "sources"), ("digest",)
        self._files = [
            _Generated(one) for one in checked("FT-G1.files", self.options["files"], needed, other)
        ]

    def places(self) -> tuple[str, ...]:
        """None: see `over`."""
        return ()

    def concerns(self, path: str, module_name: str) -> bool:
        """No file by itself: see `over`."""
        return False

    def over(self, project: Project) -> Iterator[Finding]:
        """Yield what is wrong with each generated file, one finding at most."""
        for one in self._files:
            if one.is_touched(project.changed):
                path, line, message = one.complaint(project)
                if message:
                    yield Finding(self.id, path, (line, 0, line, 0), message)


class _Generated:
    """One generated file; see the options."""

    def __init__(self, table: dict[str, tuple[str, ...]]) -> None:
        self.path = table["generated"][0].replace("\\", "/").removeprefix("./")
        self.sources = Globs(table["sources"])
        digest = table["digest"][0] if table["digest"] else ""
        try:
            self.line = re.compile(digest, re.MULTILINE) if "(" in digest else None
        except re.error as error:
            raise ConfigError(
                f"tool.failtrack.guard.FT-G1.files: digest is {digest!r}, no regular expression "
                f"({error})"
            ) from None
        self.record = "" if self.line else digest.replace("\\", "/").removeprefix("./")

    @property
    def has_digest(self) -> bool:
        """Whether the digest of the sources is recorded."""
        return bool(self.line or self.record)

    def is_touched(self, changed: frozenset[str] | None) -> bool:
        """Return whether a change has to do with this file; yes when it is not known."""
        if changed is None:
            return True
        return any(one in (self.path, self.record) or self._is_source(one) for one in changed)

    def _is_source(self, path: str) -> bool:
        return self.sources.match(path) and path not in (self.path, self.record)

    def complaint(self, project: Project) -> tuple[str, int, str]:
        """Return path, line and message of what is wrong, an empty message for nothing."""
        name = self.path.rpartition("/")[2]
        files = [one for one in self.sources.files(project.root) if self._is_source(one)]
        if not os.path.isfile(os.path.join(project.root, self.path)):
            return self.path, 1, f"{name} is not there, and it should be generated"
        if not files:
            return (
                self.path,
                1,
                f"no file is a source of {name}: {', '.join(self.sources.patterns)}",
            )
        if self.has_digest:
            path, line, recorded = self._recorded(project.root)
            try:
                digest = sources_digest(project.root, files)
            except OSError as error:
                return self.path, 1, f"a source of {name} cannot be read ({error.strerror})"
            if not recorded:
                return path, 1, f"the digest of the sources of {name} is not here: {digest}"
            if not digest.startswith(recorded):
                return path, line, f"{name} was made of other sources; their digest is {digest}"
        return self.path, 1, self._half_changed(project.changed, name)

    def _half_changed(self, changed: frozenset[str] | None, name: str) -> str:
        if changed is None:
            return ""
        of_sources = sorted(one for one in changed if self._is_source(one))
        if self.path in changed and not of_sources:
            return f"{name} changed and its sources did not: it is generated"
        if of_sources and self.path not in changed and not self.has_digest:
            return f"{of_sources[0]} changed and {name}, which is made of it, did not"
        return ""

    def _recorded(self, root: str) -> tuple[str, int, str]:
        """Return where a digest is recorded, its line, and its digits; none when it is missing."""
        path = self.record or self.path
        try:
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            return path, 1, ""
        match = (self.line or _HEX).search(text)
        digits = match[match.lastindex or 0] if match else ""
        if match is None or len(digits or "") < DIGEST_MIN:
            return path, 1, ""
        return path, text.count("\n", 0, match.start()) + 1, digits.lower()


def sources_digest(root: str, sources: Iterable[str]) -> str:
    """Return the digest that a generated file records of its sources; see the rule.

    Args:
        root: Folder of the project.
        sources: Paths relative to it, in any order.
    """
    from hashlib import sha256

    digest = sha256()
    for one in sorted(sources):
        with open(os.path.join(root, one), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()
