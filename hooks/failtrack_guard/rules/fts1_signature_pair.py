"""FT-S1: the fixture of the failure signature, or its hash, changed alone."""

from __future__ import annotations

from functools import partial

from failtrack_guard.finding import Finding
from failtrack_guard.rule import Option, Rule, bad, good
from failtrack_guard.tables import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.project import Project

JOBS = ".github/signature-fixtures/basic_jobs.json"
HASH = ".github/signature-fixtures/basic_hash.txt"
FIXTURE = {JOBS: '[{"name": "Tests"}]\n', HASH: "a1b2c3d4e5f6\n"}
ok = partial(good, code="", files=FIXTURE)
no = partial(bad, files=FIXTURE)


class SignaturePair(Rule):
    """Of the fixture of the failure signature and the hash that it must have, only one changed.

    The pair freezes the algorithm: a new algorithm gives the same failure a new signature, and
    every known failure is new again. When only one of the two changes, the change was either not
    meant, or the other half was forgotten.

    Use instead: change both in one commit that says why; `failtrack signature check` computes the
    hash.

    Limits: seen is what a commit or a range of commits changes. Whether the hash fits the fixture
    is what `failtrack signature check` says.
    """

    id = "FT-S1"
    name = "signature-pair"
    remedy = "change both in one commit; failtrack signature check computes the hash"
    severity = "HIGH"
    category = "GOVERNANCE"
    subcategory = "GOVERNANCE_CHECKLIST_INCOMPLETE"
    OPTIONS = {
        "pairs": Option(
            "tables", [{"jobs": JOBS, "hash": HASH}], "Tables with the paths `jobs` and `hash`."
        ),
    }

    GOOD = (
        ok("both changed", changed=(JOBS, HASH, "a.py")),
        ok("neither changed", changed=("a.py",)),
        ok("it is not known what changed"),
        ok(
            "both of another pair",
            options={"pairs": [{"jobs": "./sig/a.json", "hash": "sig/a.txt"}]},
            changed=("sig/a.json", "sig/a.txt", JOBS),
        ),
        ok("a file of the same name elsewhere", changed=("old/basic_jobs.json",)),
    )
    BAD = (
        no("the fixture alone", "", 1, changed=(JOBS,)),
        no("the hash alone", "", 1, changed=("a.py", HASH)),
        no("the hash was deleted", "", 1, files={JOBS: "[]"}, changed=(HASH,)),
        no(
            "one of another pair",
            "",
            1,
            options={"pairs": [{"jobs": JOBS, "hash": HASH}, {"jobs": "a.json", "hash": "a.txt"}]},
            changed=("a.json", JOBS, HASH),
        ),
    )

    def prepare(self) -> None:
        """Check the tables."""
        tables = checked("FT-S1.pairs", self.options["pairs"], ("jobs", "hash"), ())
        self._pairs = [(_plain(one["jobs"][0]), _plain(one["hash"][0])) for one in tables]

    def places(self) -> tuple[str, ...]:
        """None: see `over`."""
        return ()

    def concerns(self, path: str, module_name: str) -> bool:
        """No file by itself: see `over`."""
        return False

    def watches(self) -> tuple[str, ...] | None:
        """The files of the pairs."""
        return tuple(path for pair in self._pairs for path in pair)

    def over(self, project: Project) -> Iterator[Finding]:
        """Yield the halves that changed alone."""
        changed = project.changed
        for pair in self._pairs if changed is not None else ():
            for one, other in (pair, pair[::-1]):
                if changed is not None and one in changed and other not in changed:
                    message = f"{_name(one)} changed and {_name(other)} did not"
                    yield Finding(self.id, one, (1, 0, 1, 0), message)


def _plain(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")


def _name(path: str) -> str:
    return path.rpartition("/")[2]
