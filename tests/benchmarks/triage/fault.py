"""A fault: what is broken, where, and what a triage should say of it.

Read from dev/faults/*.toml and held-out/faults/*.toml.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from pytest_failtrack.classify.taxonomy import Category, Subcategory, category_of

HERE = Path(__file__).parent
PARTS = ("dev", "held-out")


@dataclass(frozen=True)
class Label:
    """What a triage should say.

    Args:
        id: Name of the fault or log.
        kind: `test` or `log`.
        category: The true category.
        subcategories: Those that are accepted, the truest first.
    """

    id: str
    kind: str
    category: str
    subcategories: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that is broken in one project.

    Args:
        label: What a triage should say.
        project: Name of the project, a key of `projects.PROJECTS`.
        edits: (file, old text, new text); the old text must be there exactly once.
        files: New files, or files with a new content.
        remove: Files that are removed.
        env: Variables that are set.
        unset: Variables that are not there.
        args: Further arguments of pytest.
        tests: The tests to run, those of the project by default.
        shuffle: The order of the tests does not matter.
        through_run: The run goes through `failtrack run`, for pytest itself does not survive.
    """

    label: Label
    project: str
    edits: tuple[tuple[str, str, str], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    shuffle: bool = True
    through_run: bool = False

    def apply(self, root: Path) -> None:
        """Break the copy of the project that lies in a folder.

        Raises:
            ValueError: An edit does not fit the file.
        """
        for name, old, new in self.edits:
            path = root / name
            text = path.read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise ValueError(
                    f"{self.label.id}: {name} holds {text.count(old)} of {old!r:.80}, not one"
                )
            path.write_text(text.replace(old, new), encoding="utf-8")
        for name, text in self.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        for name in self.remove:
            (root / name).unlink()


def label_of(name: str, kind: str, category: str, subcategories: list[str]) -> Label:
    """Return a label whose words are those of the taxonomy.

    Raises:
        ValueError: A word is not, or no accepted subcategory belongs to the category.
    """
    accepted = tuple(Subcategory(one).value for one in subcategories)
    if not any(category_of(one) is Category(category) for one in accepted):
        raise ValueError(f"{name}: none of {accepted} belongs to {category}")
    return Label(name, kind, category, accepted)


def read_faults(part: str) -> list[Fault]:
    """Return every fault of a part, by name."""
    faults: dict[str, Fault] = {}
    for file in sorted((HERE / part / "faults").glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        for table in document["fault"]:
            fault = _fault(table, document.get("project", ""))
            if fault.label.id in faults:
                raise ValueError(f"{fault.label.id} is there twice")
            faults[fault.label.id] = fault
    return [faults[name] for name in sorted(faults)]


def _fault(table: dict[str, Any], project: str) -> Fault:
    table = dict(table)
    project = table.pop("project", project)
    label = label_of(
        f"{project}/{table.pop('id')}",
        "test",
        table.pop("category"),
        table.pop("accept"),
    )
    return Fault(
        label=label,
        project=project,
        edits=tuple((name, old, new) for name, old, new in table.pop("edits", ())),
        remove=tuple(table.pop("remove", ())),
        unset=tuple(table.pop("unset", ())),
        args=tuple(table.pop("args", ())),
        tests=tuple(table.pop("tests", ())),
        **table,
    )
