"""Patterns that are compiled when they are first used, so that importing them costs nothing."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

# A test may put something else in its place while its failure is looked at.
_compile = re.compile


class _Lazily:
    """Stands for a compiled pattern until somebody asks it for something."""

    def __init__(self, text: Any, flags: int) -> None:
        self._source = (text, flags)

    def __getattr__(self, name: str) -> Any:
        value = getattr(_compile(*self._source), name)
        self.__dict__[name] = value  # the next access does not come here
        return value


def lazily(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled at its first use; methods and attributes are `re`'s own.

    Args:
        text: Regular expression.
        flags: Flags of the module `re`.
    """
    return cast("re.Pattern[AnyStr]", _Lazily(text, flags))
