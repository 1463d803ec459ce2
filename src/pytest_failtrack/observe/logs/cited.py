"""The files that a line of output cites with a line number, as paths from the project's root.

cmake hands compilers absolute paths and meson `../c/a.c`; called from the root they print `c/a.c`.
It is one place, one owner and one signature only where all of them are told alike.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_failtrack.observe.places import Places

_SEPARATOR = r"[\\/]"
_REST = r"[^\s:()\[\]'\"<>|,;]{1,300}"
# gcc's a.c:3, javac's A.java:[3,4], cl's a.c(3): files are cited so, and nothing else is.
_NUMBER = r"(?=:\[?\d|\(\d)"


def with_own_paths(text: str, places: Places) -> str:
    """Return a text in which cited files of the project stand as seen from its root.

    Args:
        text: One line or more.
        places: What the files of the project are.
    """
    if "/" not in text and "\\" not in text:
        return text
    return _pattern(places.root).sub(lambda found: places.own(found[0]) or found[0], text)


@functools.lru_cache(maxsize=8)
def _pattern(root: str) -> re.Pattern[str]:
    """Return what matches an absolute path, or one that leads upwards, before a line number.

    The root is spelled out, for its folders may have spaces.
    """
    spelled = _SEPARATOR.join(re.escape(one) for one in re.split(_SEPARATOR, root))
    known = f"{spelled}{_SEPARATOR}|" if root else ""
    return re.compile(
        rf"(?<![\w./\\:-])(?:{known}[A-Za-z]:{_SEPARATOR}|/|(?:\.\.{_SEPARATOR})+){_REST}{_NUMBER}"
    )
