"""CODEOWNERS: whose a path is, by the rules of GitHub and of GitLab; pure text in, owners out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

# Where the services look, in this order; the first file that exists counts.
LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")

# [Name], ^[Name] (optional approval), [Name][2] (number of approvals), then default owners.
SECTION = lazily(r"^\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?:\s+(?P<owners>.*))?$")


@frozen
class Rule:
    """One line of the file.

    Args:
        pattern: As it was written.
        owners: Owners, none for a path that explicitly belongs to nobody.
        is_exclusion: `!pattern` of GitLab: the section has no say about these paths.
        regex: The pattern, for paths relative to the root with `/`.
    """

    pattern: str
    owners: tuple[str, ...]
    is_exclusion: bool
    regex: re.Pattern[str]


class CodeOwners:
    """The rules of one file, in sections; within a section the last match wins.

    Args:
        sections: Rules by section in order; a GitHub file has one section.
        folder: Where paths that are asked for begin, seen from the folder that the patterns are
            relative to: `web` for a project in the folder web, `` for the same folder.
    """

    def __init__(self, sections: tuple[tuple[Rule, ...], ...], folder: str = "") -> None:
        self.sections = sections
        self.folder = folder

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path relative to the root; those of every section, in order."""
        path = path.replace("\\", "/").lstrip("/")
        if self.folder:
            path = posixpath.normpath(f"{self.folder}/{path}")
        found: list[str] = []
        for rules in self.sections:
            found.extend(_section_owners(rules, path))
        return tuple(dict.fromkeys(found))


def _section_owners(rules: tuple[Rule, ...], path: str) -> tuple[str, ...]:
    if any(rule.is_exclusion and rule.regex.match(path) for rule in rules):
        return ()
    for rule in reversed(rules):
        if not rule.is_exclusion and rule.regex.match(path):
            return rule.owners
    return ()


def parse_codeowners(text: str, location: str = "", folder: str = "") -> CodeOwners:
    """Return the rules of a CODEOWNERS file; lines that cannot be understood are skipped.

    Args:
        text: Content of the file.
        location: Where it was found; below `.gitlab/`, or with sections in it, a pattern
            with a slash inside matches at any depth, as GitLab has it; otherwise it is
            anchored at the root, as GitHub and gitignore have it.
        folder: Where the paths of the project begin, seen from the folder of the rules.
    """
    lines = text.lstrip("\ufeff").splitlines()
    is_gitlab = ".gitlab/" in location or any(_section(line) for line in lines)
    sections: dict[str, list[Rule]] = {"": []}
    current, defaults = "", ()  # type: str, tuple[str, ...]
    for line in lines:
        section = _section(line)
        if section is not None:
            current, defaults = section
            sections.setdefault(current, [])
        elif (rule := _rule(line, defaults, is_gitlab)) is not None:
            sections[current].append(rule)
    return CodeOwners(tuple(tuple(rules) for rules in sections.values() if rules), folder)


def rules_from_map(table: Mapping[str, str]) -> CodeOwners:
    """Return the rules of `[tool.failtrack.owners]`: pattern to owner, the last match wins."""
    rules = tuple(
        Rule(pattern, (owner,), False, re.compile(regex_of(pattern)))
        for pattern, owner in table.items()
    )
    return CodeOwners((rules,))


def find_codeowners(read: Callable[[str], str | None], folders: Sequence[str] = ()) -> CodeOwners:
    """Return the rules of the first CODEOWNERS file that exists, or none at all.

    Args:
        read: Returns the text of a path relative to the root, None when there is no such file.
        folders: Names of the folders that lead from the checkout's root to the project's.
    """
    for location, folder in locations(folders):
        text = read(location)
        if text is not None:
            return parse_codeowners(text, location, folder)
    return CodeOwners(())


def locations(folders: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield where the file may lie, nearest first, and what is the project's folder from there.

    Args:
        folders: Names of the folders that lead from the checkout's root to the project's.
    """
    for up in range(len(folders) + 1):
        folder = "/".join(folders[len(folders) - up :])
        for location in LOCATIONS:
            yield "../" * up + location, folder


def _section(line: str) -> tuple[str, tuple[str, ...]] | None:
    """Return name and default owners of a section header, None for any other line."""
    found = SECTION.match(line.strip())
    if found is None:
        return None
    # GitLab merges sections whose names differ only in case.
    return found["name"].strip().lower(), tuple(_without_comment(found["owners"] or "").split())


def _rule(line: str, defaults: tuple[str, ...], is_gitlab: bool) -> Rule | None:
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    pattern, rest = _split_pattern(line)
    is_exclusion = pattern.startswith("!")
    regex = regex_of(pattern.removeprefix("!"), is_anchored_by_slash=not is_gitlab)
    owners = tuple(_without_comment(rest).split())
    return Rule(pattern, owners or defaults, is_exclusion, re.compile(regex))


def _split_pattern(line: str) -> tuple[str, str]:
    r"""Return the pattern, with `\ ` and `\#` unescaped, and what follows it."""
    pattern, position = "", 0
    while position < len(line) and not line[position].isspace():
        if line[position] == "\\" and line[position + 1 : position + 2] in (" ", "#", "\\", "!"):
            position += 1
        pattern += line[position]
        position += 1
    return pattern, line[position:]


def _without_comment(text: str) -> str:
    return re.sub(r"(^|\s)#.*$", "", text)


def regex_of(pattern: str, *, is_anchored_by_slash: bool = True) -> str:
    """Return the regular expression of a gitignore-like pattern.

    Args:
        pattern: `*.py`, `/build/`, `docs/*`, `**/logs`, `apps/`, `src/shop/tax.py`.
        is_anchored_by_slash: A slash inside the pattern anchors it at the root.
    """
    body = pattern.strip("/")
    if not body:  # "/" or "": everything, as both services read it
        return r".*\Z"
    is_anchored = pattern.startswith("/") or (is_anchored_by_slash and "/" in body)
    segments = body.split("/")
    start = "" if is_anchored or segments[0] == "**" else "(?:.*/)?"
    return start + _segments_regex(segments) + _end_regex(pattern, segments) + r"\Z"


def _segments_regex(segments: list[str]) -> str:
    text = ""
    for index, segment in enumerate(segments):
        is_last = index == len(segments) - 1
        if segment == "**":
            text += ".+" if is_last else "(?:.*/)?"
        else:
            text += _glob_regex(segment) + ("" if is_last else "/")
    return text


def _end_regex(pattern: str, segments: list[str]) -> str:
    if pattern.endswith("/"):
        return "/.+"  # a folder: what lies in it
    if segments[-1] == "**" or (segments[-1] == "*" and len(segments) > 1):
        return ""  # docs/* is the files in docs and nothing below
    return "(?:/.*)?"  # a file, or a folder with all that lies in it


def _glob_regex(segment: str) -> str:
    pieces = {"*": "[^/]*", "?": "[^/]"}
    return "".join(pieces.get(char) or re.escape(char) for char in re.sub(r"\*+", "*", segment))
