"""Secrets that are known by the name before them: `password=...`, `"token": "..."`, `--api-key x`.

`redact.py` reads it. Names are searched in the lowered text, values in the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_failtrack.observe.redact_tokens import Span, is_worth_hiding

VALUE_MAX_CHARS = 4_096

_KEY_OF = ("api", "access", "secret", "private", "signing", "encryption", "account", "master")
_KEY_OF += ("ssh", "auth", "license", "shared", "service", "deploy", "client", "hmac", "session")
_BEFORE_KEY = "|".join(rf"(?<={word}key)|(?<={word}[_. -]key)" for word in _KEY_OF)


@dataclass(frozen=True)
class Family:
    """One kind of secret-like name.

    Args:
        kind: Word in the placeholder.
        needle: What lowered text must contain; each pattern starts with it, for speed.
        pattern: The name from there on, lowered.
        min_chars: Shorter values are left alone.
        is_password: Its values may be plain words, short numbers, and follow the bare name.
        needs_edge: What comes before must end in no letter (`bypass: x` is none).
    """

    kind: str
    needle: str
    pattern: str
    min_chars: int = 4
    is_password: bool = False
    needs_edge: bool = False


FAMILIES = (
    Family("password", "pass", r"pass(?:wor[dt]|wd|phrase|code)", 2, is_password=True),
    Family("password", "pass", r"pass", 2, is_password=True, needs_edge=True),
    Family("password", "pwd", r"pwd", 2, is_password=True, needs_edge=True),
    Family("secret", "secret", r"secret(?:s?[_-]?(?:string|bytes))?", 4, is_password=True),
    Family("token", "token", r"token"),
    Family("key", "key", rf"key(?:{_BEFORE_KEY})"),
    Family("credential", "credential", r"credentials?", 6),
    Family("credential", "auth", r"auth", 8, needs_edge=True),
    Family("session", "sess", r"sess(?:ion)?[_-]?id", 8),
    Family("signature", "sharedaccess", r"sharedaccesssignature", 8),
)

_TAIL = (
    r"(?:[_-]?\d{1,3}|[_-]?(?:value|raw|prod|production|staging|dev|test|live|old|new|default|"
    r"current|b64|base64|plain|plaintext|encrypted|hash|hashed|admin|root|user|db|header|id2))"
    r"{0,2}(?![a-z0-9_])"
)
_CLOSE = r"(?P<close>(?:\\{0,4}[\"'])?\]?)"
_SEPARATOR = (
    r"(?P<separator>[ \t]{0,8}:[ \t]{0,4}[a-z_][a-z0-9_.\[\]| ,]{0,40}?[ \t]=[ \t](?=b?[\"'])"
    r"|[ \t]{0,8}(?:={1,3}|!={1,2}|:=|=>|:|%3[ad])[ \t]{0,8}"
    r"|>(?=[^<\s]{1,256}</)"
    r"|[ \t]{0,4},[ \t]{0,4}(?=b?\\{0,4}[\"'])"
    r"|\([ \t]{0,4}(?=b?[\"'])"
    r"|[ \t]{1,4}(?=[^\s=:]))"
)
_PREFIX = re.compile(r"[a-z0-9_.$-]{0,48}\Z")
_QUOTE = re.compile(r"(?:[bruf]|br|rb)?(\\{0,4}[\"'])", re.IGNORECASE)
_UNTIL = {
    '"': re.compile(r"(?:[^\"\\\n]|\\.){0,4096}"),
    "'": re.compile(r"(?:[^'\\\n]|\\.){0,4096}"),
}
# A comma, a bar, a backslash belong to the value unless they begin what comes next.
_UNQUOTED = re.compile(
    r"(?:[^\s&;\"'`,|\\%<\0]"
    r"|,(?![ \t]{0,4}[\"']?[A-Za-z_][\w.-]{0,64}[\"']?[ \t]{0,4}[=:]|\s|\Z)"
    r"|\\(?![nrt\"'\\])|%(?!26)|\|(?!\s)|<(?!/)){1,4096}"
)

HARMLESS = frozenset(
    "none null nil true false undefined yes no on off enabled disabled default empty unset n/a na "
    "str string int bytes bool boolean float any object optional type list dict tuple set text "
    "secretstr password passwd token secret key value example required optional missing invalid "
    "incorrect wrong expired failed ok error redacted hidden masked removed filtered not the is "
    "must should cannot may does was has must_be self cls auto prompt input "
    "unknown expected unexpected unauthorized denied malformed unsupported empty".split()
)
_LOOKUPS = re.compile(
    r"(?:^|[_.])(?:get|fetch|read|find|load|lookup|has|is|delete|create|new)[_.]?"
)
_MODEL_TOKENS = re.compile(
    r"(?:^|[_.-])(?:eos|bos|pad|unk|sep|mask|cls|stop|next|end|start)[_-]?\Z"
)
_CODE = re.compile(
    r"(?:[A-Za-z_][\w.]{0,200}[(\[]"  # a call or an index
    r"|(?:self|cls|os|sys|settings|config|request|response|args|kwargs|env|environ)\."
    r"|\$[A-Za-z_]\w{0,100}\Z|%[sdr]\Z|\[\]|\(\))"
)
_SECRET_CALL = re.compile(r"(?:[\w.]{0,60}\.)?Secret(?:Str|Bytes)?\([ ]?b?[\"']")
_WORD = re.compile(r"[A-Za-z_]+\Z")
_SECRET_WORD = re.compile(r"passw|secret|token|pwd|key|cred", re.IGNORECASE)
_PAIR = re.compile(
    r"(?i)auth(?:=|[\"']:)?[ ]?\([ ]?b?[\"'][^\"'\n]{0,128}[\"'],[ ]?b?[\"'](?P<secret>[^\"'\n]{1,256})"
)
_CURL_USER = re.compile(
    r"(?<![\w-])-(?:u|-user)[\"']?[ =,][ ]?[\"']?[^\s:\"'/]{1,128}:(?P<secret>[^\s\"']{1,256})"
)


def compiled() -> tuple[tuple[Family, re.Pattern[str]], ...]:
    """Return the families with the pattern of name, quote and separator."""
    return tuple(
        (family, re.compile(family.pattern + _TAIL + _CLOSE + _SEPARATOR)) for family in FAMILIES
    )


def assignments(
    text: str, lowered: str, families: tuple[tuple[Family, re.Pattern[str]], ...]
) -> Iterator[Span]:
    """Yield the spans of values that a secret-like name introduces.

    Args:
        text: The text.
        lowered: The same text in lower case, character for character.
        families: What `compiled` returned.
    """
    for family, pattern in families:
        if family.needle in lowered:
            for match in pattern.finditer(lowered):
                span = _value(text, lowered, match, family)
                if span:
                    yield *span, family.kind
    if "auth" in lowered:
        for match in _PAIR.finditer(text):
            yield *match.span("secret"), "password"
    if "-u" in lowered:
        for match in _CURL_USER.finditer(text):
            yield *match.span("secret"), "password"


def _value(text: str, lowered: str, match: re.Match[str], family: Family) -> tuple[int, int] | None:
    before = _PREFIX.search(lowered, max(0, match.start() - 48), match.start())
    prefix = before[0] if before else ""
    if family.needs_edge and prefix[-1:].isalpha():
        return None
    if family.kind == "token" and _MODEL_TOKENS.search(prefix):
        return None
    quote = _QUOTE.match(text, match.end())
    if not _is_separator(match, prefix, family, is_quoted=quote is not None):
        return None
    if quote:
        return _quoted(text, quote, family)
    return _unquoted(text, match, family)


def _is_separator(match: re.Match[str], prefix: str, family: Family, *, is_quoted: bool) -> bool:
    """Return whether this separator joins this name to a value."""
    separator = match["separator"]
    is_flag = prefix.startswith("-")
    bare = separator.strip()
    if bare == "":
        return (is_flag and not match["close"]) or (family.is_password and is_quoted)
    if bare == ",":
        return bool(match["close"]) and (is_flag or "-" in prefix)
    if bare == "(":
        return not _LOOKUPS.search(prefix)
    if bare in ("==", "===", "!=", "!=="):
        return is_quoted
    return True


def _quoted(text: str, quote: re.Match[str], family: Family) -> tuple[int, int] | None:
    start, mark = quote.end(), quote[1]
    until = _UNTIL.get(mark)
    if until:
        found = until.match(text, start)
        end = found.end() if found else start
    else:
        end = text.find(mark, start, start + VALUE_MAX_CHARS)
    if end < 0 or "\n" in text[start:end]:
        line_end = text.find("\n", start, start + VALUE_MAX_CHARS)
        end = line_end if line_end >= 0 else min(len(text), start + VALUE_MAX_CHARS)
    value = text[start:end]
    return None if _is_harmless(value, family) else (start, end)


def _unquoted(text: str, match: re.Match[str], family: Family) -> tuple[int, int] | None:
    start = match.end()
    call = _SECRET_CALL.match(text, start)
    if call:
        inner = _UNTIL[text[call.end() - 1]].match(text, call.end())
        assert inner is not None
        return None if _is_harmless(inner[0], family) else inner.span()
    found = _UNQUOTED.match(text, start)
    if not found:
        return None
    value = found[0].rstrip(",;:.)]}>")
    if _is_harmless(value, family) or _CODE.match(value):
        return None
    end = start + len(value)
    if _WORD.match(value) and _reads_as_language(text, match, end, value, family):
        return None
    if family.kind == "password" and family.needs_edge and value.startswith(("/", "~/")):
        return None  # `PWD=/home/...` is a folder
    return start, end


def _reads_as_language(
    text: str, match: re.Match[str], end: int, value: str, family: Family
) -> bool:
    """Return whether letters alone after a name are prose or code rather than a secret."""
    if _SECRET_WORD.search(value) and not value.isupper():
        return True  # `password=user_password` is a variable
    separator = match["separator"]
    goes_on = text[end : end + 2].strip(" \t,;:.)]}>\"'\n\r") != "" or (
        text[end : end + 1] in (" ", "\t") and text[end + 1 : end + 2].strip() != ""
    )
    if separator.strip() == ":" and separator != ":":
        return goes_on or not family.is_password
    return goes_on and separator.startswith(" ") and separator.strip() != ""


def _is_harmless(value: str, family: Family) -> bool:
    bare = value.strip()
    if len(bare) < family.min_chars or not is_worth_hiding(bare):
        return True
    if bare.lower() in HARMLESS or re.match(r"(?:typing\.)?(?:Optional|Union|SecretStr)\b", bare):
        return True
    if re.match(r"[A-Za-z]{2,8}[ ]?\|[ ]?None", bare):
        return True
    return bare.isdecimal() and len(bare) < 6 and not family.is_password
