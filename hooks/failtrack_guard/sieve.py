"""Which rules may find something in a file, told by its path and bytes before it is parsed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from failtrack_guard.active import Active
    from failtrack_guard.code.vocabulary import Vocabulary

# First bytes of characters that Python reads as ASCII letters in a name (NFKC): no needle in lower
# case finds those.
_DISGUISED = (
    *(b"\xef\xbc", b"\xef\xbd", b"\xef\xac", b"\xf0\x9d", b"\xe2\x84", b"\xe2\x85", b"\xe2\x82"),
    *(b"\xe2\x81", b"\xe1\xb4", b"\xe1\xb5", b"\xe1\xb6", b"\xc2\xaa", b"\xc2\xba", b"\xc5\xbf"),
)


class Sieve:
    """Needles by rule.

    Args:
        rules: The rules that run.
        vocabularies: Rule -> the words of the whole project, for a run over a tree; a rule that has
            words and no vocabulary here wants every file.
    """

    def __init__(
        self, rules: Iterable[Active], vocabularies: Mapping[str, Vocabulary] | None = None
    ) -> None:
        self._rules = [(active, _finder(active, vocabularies or {})) for active in rules]
        self._asks_lowered = any(
            one.needles is not None or one.words is not None for one, _ in self._rules
        )

    def caught(self, content: bytes, shown: str, name: str) -> list[Active]:
        """Return the rules that may find something; never wrongly leaves one out.

        Args:
            content: Bytes of the file.
            shown: Its path as it is shown.
            name: Its module name, empty for none.
        """
        lowered = content.lower() if self._asks_lowered else b""
        disguised = not content.isascii() and any(one in content for one in _DISGUISED)
        return [
            active
            for active, matters in self._rules
            if _may_concern(active, shown)
            and (disguised or matters(content, lowered))
            and active.rule.concerns(shown, name)
        ]


def _may_concern(active: Active, shown: str) -> bool:
    """Return whether a path lets a rule be asked; the answer costs no import of the rule."""
    return active.places is None or any(place in shown for place in active.places)


def _finder(
    active: Active, vocabularies: Mapping[str, Vocabulary]
) -> Callable[[bytes, bytes], bool]:
    """Return a function that tells whether a file matters by its bytes and lowered bytes."""
    vocabulary = vocabularies.get(active.id)
    if vocabulary is not None:
        return vocabulary.finder()
    needles = active.needles
    if needles is None:
        return lambda content, lowered: True
    found: tuple[bytes, ...] = needles
    return lambda content, lowered: any(map(lowered.__contains__, found))
