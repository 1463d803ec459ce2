"""Redaction: no secret reaches the disk; everything that observes calls it before it writes.

A text is sieved first (substrings, single characters before a class), and the patterns of a group
run only when its sieve caught something, so that clean text costs little.
"""

from __future__ import annotations

import copy
import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redaction import names, tokens
from pytest_failtrack.observe.redaction.echoes import echoes
from pytest_failtrack.observe.redaction.environ import candidates, values_of
from pytest_failtrack.observe.redaction.tokens import Span, occurrences

OVERLAP_CHARS = 4_096
# Redacting one thing can bare another beside it; real text settles after the second pass.
PASSES_MAX = 8

_PLACEHOLDER = lazily(r"\[redacted:[a-z0-9-]{1,40}\]")
_BROKEN_PLACEHOLDER = lazily(
    r"\[(?:r(?:e(?:d(?:a(?:c(?:t(?:ed?(?::[a-z0-9-]{0,40})?)?)?)?)?)?)?)?\Z"
)
_REST_OF_PLACEHOLDER = lazily(r"[a-z0-9:-]{0,48}\]")


class Redactor:
    """Replaces secrets by `[redacted:<kind>]`; a redacted text stays as it is.

    Args:
        environ: Environment variables; the values of those with a secret-like name are secrets.
        patterns: Further regular expressions, from the configuration; the group `secret` is
            redacted, or the whole match when there is none.
        extra: Further functions from text to redacted text, from plugins, called last. One that
            raises or returns no text is left out of that text and named in `problems`.

    Raises:
        ConfigError: A pattern is no regular expression.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        patterns: Sequence[str] = (),
        extra: Sequence[Callable[[str], str]] = (),
    ) -> None:
        self.problems: list[str] = []
        self._kept = self._known = candidates(environ or {})
        self._values = values_of(self._known)
        self._patterns = tuple(_compiled(pattern) for pattern in patterns)
        self._extra = tuple(extra)
        self._groups = tokens.groups()
        self._names = names.names()

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Redactor:
        """Return the redactor of this process, by the `[tool.failtrack]` table.

        Raises:
            ConfigError: A pattern of the table is no regular expression.
        """
        return cls(os.environ, table.get("redact", ()))

    def __call__(self, text: str) -> str:
        """Return the text without its secrets."""
        if not text:
            return text
        text = self.own(text)
        for function in self._extra:
            text = self._through(function, text)
        return text

    def own(self, text: str) -> str:
        """Return the text without the secrets that are known here, plugins not asked."""
        for _ in range(PASSES_MAX):
            spans = self._spans(text)
            redacted = _replaced(text, spans + echoes(text, spans)) if spans else text
            if redacted == text:
                break
            text = redacted
        return text

    def look_at(self, environ: Mapping[str, str], *, keep: bool = False) -> bool:
        """Learn the secrets that the environment holds now, beside those that are kept.

        Args:
            environ: Environment variables: a conftest may have read a `.env` file since.
            keep: Keep them for good. What a single test sets is not kept, so that no failure
                looks different for what ran before it.

        Returns:
            Whether other secrets are known now than before.
        """
        found = self._kept | candidates(environ)
        if keep:
            self._kept = found
        if found == self._known:
            return False
        self._known = found
        self._values = values_of(found)
        return True

    def followed_by(self, *functions: Callable[[str], str]) -> Redactor:
        """Return a redactor that calls these functions after everything that this one does."""
        longer = copy.copy(self)
        longer.problems = []
        longer._extra = (*self._extra, *functions)
        return longer

    def finds_any(self, texts: Sequence[str]) -> bool:
        """Return whether any of many short texts would be changed.

        The built-in rules see them in one go; what was configured or comes from plugins may look
        for the beginning or the end of a text, and sees each.
        """
        joined = "\n".join(texts)
        if _replaced(joined, self._spans(joined)) != joined:
            return True
        if self._patterns and any(_matches(one, "", by) for one in texts for by in self._patterns):
            return True
        return any(self._through(function, one) != one for function in self._extra for one in texts)

    def _spans(self, text: str) -> list[Span]:
        if "[redacted:" in text:
            # NUL is in no pattern and no value, so that placeholders are seen by nothing.
            text = _PLACEHOLDER.sub(lambda match: "\0" * len(match[0]), text)
        lowered = _lowered(text)
        spans: list[Span] = []
        for char, values in self._values.items():
            if char in text:
                for value, must_stand_alone in values:
                    if value in text:
                        found = occurrences(text, value, must_stand_alone=must_stand_alone)
                        spans += ((*span, "env") for span in found)
        if "V" in text and "PRIVATE KEY" in text:
            spans += tokens.private_keys(text)
        for group in self._groups:
            if group.is_suspect(text):
                for rule in group.rules:
                    spans += rule.spans(text)
                for kind, pattern in group.patterns:
                    spans += _matches(text, kind, pattern)
        if "..." in text:
            known = [
                one for forms in self._values.values() for one, is_short in forms if not is_short
            ]
            spans += tokens.cut_secrets(text, self._groups, known)
        spans += names.assignments(text, lowered, self._names)
        for pattern in self._patterns:
            spans += _matches(text, "custom", pattern)
        return spans

    def _through(self, function: Callable[[str], str], text: str) -> str:
        name = getattr(function, "__qualname__", repr(function))
        try:
            result: object = function(text)
        except Exception as error:  # a plugin's mistake must not lose the observation
            self._report(f"redaction by {name} failed: {type(error).__name__}: {error}")
            return text
        if isinstance(result, str):
            return result
        self._report(f"redaction by {name} returned {type(result).__name__} instead of text")
        return text

    def _report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def redact_nodeid(redact: Callable[[str], str], nodeid: str) -> str:
    """Redact a node id or a path part by part, so that a secret ends where its part ends.

    Args:
        redact: The redactor.
        nodeid: `folder/file.py::Class::test[parameters]`, or a path with `/`.
    """
    if redact(nodeid) == nodeid:
        return nodeid
    file, colons, rest = nodeid.partition("::")
    inside, bracket, parameters = rest.partition("[")
    shown = "/".join(redact(part) for part in file.split("/")) + colons + redact(inside) + bracket
    if parameters.endswith("]"):
        return redact(shown + redact(parameters[:-1]) + "]")
    return redact(shown + redact(parameters))


def redact_command(redact: Callable[[str], str], argv: Sequence[str]) -> str:
    """Return a command on one line, redacted: each argument, then the line that they make.

    What holds white space is quoted, so that a secret of two words ends where it ends.
    """
    shown = []
    for argument in argv:
        option = _holds_space(argument) and re.match(
            r"(--?[\w.-]{1,64}=)(?=.*\s)(?![\"'])", argument, re.DOTALL
        )
        if option:
            argument = option[1] + _quoted(argument[option.end() :])
        cleaned = redact(argument)
        shown.append(_quoted(cleaned) if not option and _holds_space(cleaned) else cleaned)
    return redact(" ".join(shown))


def _holds_space(text: str) -> bool:
    return any(map(str.isspace, text))


def _quoted(word: str) -> str:
    """Return a word as one would type it: in the quotes that it does not hold."""
    quoted = shlex.quote(word)
    if "'" in word and quoted != word and not any(char in word for char in '"$`\\!'):
        return f'"{word}"'
    return quoted


def redact_and_cut(
    redact: Callable[[str], str],
    text: str,
    max_chars: int,
    keep: str = "both",
    overlap: int = OVERLAP_CHARS,
) -> tuple[str, bool]:
    """Redact what will be kept of a long text and cut it, without touching the rest.

    The window that is redacted reaches `overlap` characters further than what is kept, so that a
    secret across the cut is seen whole; a word that the window itself starts within is dropped.

    Args:
        redact: The redactor.
        text: Text of any length; only slices of it are copied.
        max_chars: Longest result, with the mark that says how much was cut.
        keep: `head`, `tail` or `both` (two thirds head).
        overlap: How much further than the result the redactor looks.

    Returns:
        The text, and whether something was cut off.
    """
    if len(text) <= max_chars + overlap:
        redacted = redact(text)
        return bounded(redacted, max_chars, keep), len(redacted) > max_chars
    head_chars, tail_chars = _shares(max_chars, keep)
    head = ""
    if head_chars:
        head = redact(_to_last_word(text[: head_chars + overlap], head_chars))[:head_chars]
    tail = ""
    if tail_chars:
        tail = redact(_from_next_word(text[-(tail_chars + overlap) :]))[-tail_chars:]
    return _joined(head, tail, len(text), max_chars), True


def bounded(text: str, max_chars: int, keep: str = "both") -> str:
    """Return a redacted text cut to a length; no half of a placeholder is left.

    Args:
        text: Redacted text.
        max_chars: Longest result, with the mark that says how much was cut.
        keep: `head`, `tail` or `both` (two thirds head).
    """
    if len(text) <= max_chars:
        return text
    head_chars, tail_chars = _shares(max_chars, keep)
    tail = text[-tail_chars:] if tail_chars else ""
    return _joined(text[:head_chars], tail, len(text), max_chars)


def _shares(max_chars: int, keep: str) -> tuple[int, int]:
    if keep not in ("head", "tail", "both"):
        raise ValueError(f"keep is {keep!r}; it is one of head, tail, both")
    if keep == "both":
        return max_chars * 2 // 3, max_chars - max_chars * 2 // 3
    return (max_chars, 0) if keep == "head" else (0, max_chars)


def _joined(head: str, tail: str, total: int, max_chars: int) -> str:
    mark = f"\n[... {max(0, total - max_chars)} characters cut ...]\n"
    surplus = len(head) + len(tail) + len(mark) - max_chars
    if surplus > 0:
        if tail and head:
            from_head = min(len(head), surplus * 2 // 3)
            head = head[: len(head) - from_head]
            tail = tail[surplus - from_head :]
        elif head:
            head = head[: max(0, len(head) - surplus)]
        else:
            tail = tail[surplus:]
    broken = _BROKEN_PLACEHOLDER.search(head, max(0, len(head) - 60))
    if broken:
        head = head[: broken.start()]
    rest = _REST_OF_PLACEHOLDER.match(tail)
    if rest:
        tail = tail[rest.end() :]
    return (head + mark + tail)[: max(0, max_chars)].strip("\n")


def _to_last_word(window: str, least: int) -> str:
    """Return the window to its last word that is surely whole, if that is long enough.

    What stands before it can shrink, and half a secret at its end would come into what is kept.
    """
    cut = max(window.rfind(" ", least), window.rfind("\n", least))
    return window[:cut] if cut >= 0 else window


def _from_next_word(window: str) -> str:
    """Return the window from its first word that is surely whole."""
    space = re.search(r"\s", window)
    return window[space.start() :] if space else ""


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ConfigError(
            f"tool.failtrack.redact: {pattern!r} is not a regular expression ({error}); "
            "write one that Python's re module accepts",
            slug="redact-pattern",
        ) from None


def _lowered(text: str) -> str:
    """Return the text in lower case with every character in its place."""
    if text.isascii():
        return text.lower()
    # str.lower can lengthen a text (U+0130); bytes.lower touches ASCII alone.
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def _matches(text: str, kind: str, pattern: re.Pattern[str]) -> list[Span]:
    group = "secret" if "secret" in pattern.groupindex else 0
    return [
        (*match.span(group), kind)
        for match in pattern.finditer(text)
        if match[group] and match[group].strip("\0")
    ]


def _replaced(text: str, spans: list[Span]) -> str:
    """Return the text with each span, or each union of overlapping ones, replaced."""
    if not spans:
        return text
    parts = []
    at = 0
    start, end, kind = -1, -1, ""
    for one in sorted(spans, key=lambda span: span[0]):
        if one[0] < end:
            end = max(end, one[1])
            continue
        if end >= 0:
            parts += [text[at:start], f"[redacted:{kind}]"]
            at = end
        start, end, kind = one
    parts += [text[at:start], f"[redacted:{kind}]", text[end:]]
    return "".join(parts)
