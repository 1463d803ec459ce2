"""What compilers and linters say of code: classify/complaint.py and `failtrack run` ask."""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

_OF_CODE = lazily(
    r"^(?:[^\s:]{1,300}:\d{1,7}(?::\d{1,5})?: (?:fatal )?error\b"  # gcc, clang, javac, mypy
    r"|[^\s:]{1,300}\.go:\d{1,7}:\d{1,5}: "
    r"|[^\s(]{1,300}\(\d{1,7},\d{1,5}\): error "  # tsc, msbuild
    r"|[ \t]{0,4}[^\s:]{1,300}:\d{1,7}:\d{1,5} - error(?: TS\d|: )"  # tsc, pyright
    r"|error\[E\d{4}\]: "  # rustc
    r"|[^\s:]{1,300}:\d{1,7}:\d{1,5}:? [A-Z]{1,5}\d{2,5}\b"  # ruff, flake8
    r"|[A-Z]{1,5}\d{3,4} [^\n]{1,300}\n[ \t]{1,4}--> [^\s:]{1,300}:\d{1,7}:\d"  # ruff, in full
    r"|[ \t]{2,4}\d{1,7}:\d{1,5}[ \t]{2,8}error[ \t]{2,8}\S"  # eslint
    r"|would reformat \S|[^\n]{1,200}: unbound variable$"
    r"|Error: [^\n]{0,200}(?:YAML|JSON) parse error)",
    re.MULTILINE,
)


def complaint_of(text: str) -> str:
    """Return the first line of a text in which a tool complains of code, `` when none does.

    Args:
        text: One line, or the output of a command; without times, escapes and the like.
    """
    found = _OF_CODE.search(text)
    return text[found.start() :].partition("\n")[0].strip() if found else ""
