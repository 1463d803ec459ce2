"""The node id of a test that a report names in other words, so that it is one test on every road.

JUnit XML says `classname="tests.test_tax.TestRates" name="test_low[1]"`, and `file` only in the old
family. pytest says `tests/test_tax.py::TestRates::test_low[1]`, and so do we.
"""

from __future__ import annotations

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.places import Places

_DOTTED = lazily(r"[\w.-]{1,400}$")
_FIXTURE = lazily(r"(?P<what>(?:setUp|tearDown)(?:Class|Module)) \((?P<where>[\w.]{1,400})\)$")
_PYTHON = (".py", ".pyi")
_TEXTS = (".rst", ".txt", ".md")


def python_nodeid(classname: str, name: str, file: str, places: Places) -> str:
    """Return pytest's node id of a test, `` when it is none of Python's.

    Args:
        classname: Dotted path of module and classes; `` for a collector, whose path is the name.
        name: Name with its parameters.
        file: The file where the report names it, ``.
        places: Answers which files the checkout holds.
    """
    fixture = _FIXTURE.match(name) if not classname else None
    if fixture:  # unittest-xml-reporting: `setUpClass (tests.test_tax.TestRates)`
        path, classes = module_file(fixture["where"], places)
        return "::".join([path, *classes, fixture["what"]]) if path else ""
    if not classname and not _DOTTED.match(name):
        return ""
    if not classname:
        return module_file(name, places)[0] or (file if file.endswith(_PYTHON) else "")
    if file.endswith((*_PYTHON, *_TEXTS)):
        path = places.place(file).file
        return "::".join([path, *_classes_below(classname, path), name])
    path, classes = module_file(classname, places)
    return "::".join([path, *classes, name]) if path else ""


def module_file(dotted: str, places: Places) -> tuple[str, list[str]]:
    """Return the file of a dotted name, and what of the name lies within the file.

    The longest beginning that is a file of the checkout wins, without the prefix that
    `--junitprefix` adds if need be. Without a checkout a part that is named as tests are decides.

    Returns:
        Path relative to the root, `` when the name is none of Python's.
    """
    parts = dotted.split(".")
    for start in range(min(len(parts), 3)):
        for end in range(len(parts), start, -1):
            stem = "/".join(parts[start:end])
            if places.exists(f"{stem}.py"):
                return f"{stem}.py", parts[end:]
            if end - start > 1:
                text = "/".join(parts[start : end - 1]) + f".{parts[end - 1]}"
                if places.exists(text) and text.endswith(_TEXTS):
                    return text, parts[end:]
    for end in range(len(parts), 0, -1):
        word = parts[end - 1]
        if word.startswith("test_") or word.endswith("_test"):
            is_class = any(one[:1].isupper() for one in parts[:end])
            return ("", []) if is_class else ("/".join(parts[:end]) + ".py", parts[end:])
    return "", []


def _classes_below(classname: str, path: str) -> list[str]:
    """Return the classes of a dotted name whose file is known."""
    stem = path.rpartition(".")[0].replace("/", ".")
    for beginning in (path.replace("/", "."), stem):
        at = f".{classname}.".find(f".{beginning}.")
        if at >= 0:
            rest = classname[at + len(beginning) :].strip(".")
            return rest.split(".") if rest else []
    module = stem.rpartition(".")[2]
    parts = classname.split(".")
    if module in parts:
        return parts[parts.index(module) + 1 :]
    return [one for one in parts if one[:1].isupper()]


def other_nodeid(classname: str, name: str, file: str, suite: str) -> str:
    """Return an id for a test of any other runner, as it can be told from its neighbours.

    Args:
        classname: Class, package or the whole title, ``.
        name: Name of the test.
        file: File where the report names it, ``.
        suite: Name of the suite around it.
    """
    classname = "" if classname == "test" else classname  # what `node --test` calls all of them
    where = file or (classname if classname != name else "") or suite
    if file and classname and classname not in (name, file) and not _is_said(classname, file):
        where = f"{file}::{classname}"
    return f"{where}::{name}" if where and where != name else name or where


def _is_said(classname: str, file: str) -> bool:
    stem = file.replace("\\", "/").rpartition(".")[0].strip("./").replace("/", ".")
    return classname.strip(".") in stem or stem.endswith(classname)
