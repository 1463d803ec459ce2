"""References to content, by its hash."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContentRef:
    algorithm: str
    digits: str
