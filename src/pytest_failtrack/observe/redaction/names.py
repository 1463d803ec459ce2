"""Secrets that are known by the name before them: `password=...`, `"token": "..."`, `--api-key x`.

`redact.py` reads it. Names are searched in the lowered text, values in the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redaction.commands import (
    curl_cookies,
    flags,
    named_values,
    plain,
    sentences,
    settings,
)
from pytest_failtrack.observe.redaction.echoes import told
from pytest_failtrack.observe.redaction.sql import bound_values, existing_values, inserted_values
from pytest_failtrack.observe.redaction.tokens import (
    Span,
    authorizations,
    bare_schemes,
    begins_within_word,
    cookies,
    is_worth_hiding,
)

VALUE_MAX_CHARS = 4_096

Finder = Callable[[str, str], Iterator[Span]]

_KEY_OF = (
    *("api", "access", "secret", "private", "signing", "encryption", "account", "master", "ssh"),
    *("auth", "license", "shared", "service", "deploy", "client", "hmac", "session"),
    *("stripe", "openai", "anthropic", "sendgrid", "mailgun", "twilio", "algolia", "datadog"),
)


@frozen
class Family:
    """One kind of secret-like name.

    Args:
        kind: Word in the placeholder.
        pattern: The name, lowered; it starts with letters alone, to which the engine skips.
        min_chars: Shorter values are left alone.
        is_password: Its values may be plain words, short numbers, and follow the bare name.
        needs_edge: What comes before must end in no letter (`bypass: x` is none).
        after: Words of which one must come before; any or none when empty.
    """

    kind: str
    pattern: str
    min_chars: int = 4
    is_password: bool = False
    needs_edge: bool = False
    after: tuple[str, ...] = ()


_TAIL = (
    r"(?:[_-]?\d{1,3}|[_-]?(?:value|raw|prod|production|staging|dev|test|live|old|new|default|"
    r"current|b64|base64|plain|plaintext|encrypted|hash|hashed|admin|root|user|db|header|id2))"
    r"{0,2}(?![a-z0-9_])"
)
_CLOSE = r"(?P<close>(?:\\{0,4}[\"'])?\]?)"
_SEPARATOR = (
    r"(?P<separator>[ \t]{0,8}:[ \t]{0,4}[a-z_][a-z0-9_.\[\]| ,]{0,40}?[ \t]=[ \t](?=b?[\"'])"
    r"|[ \t]{0,8}(?:=>|={1,3}|!={1,2}|:=|:|%3[ad])[ \t]{0,8}"
    r"|>(?=[^<\s]{1,256}</)"
    r"|[ \t]{0,4},[ \t]{0,4}(?=b?\\{0,4}[\"'])"
    r"|\([ \t]{0,4}(?:(?:value|raw|plain|text)=)?(?=b?[\"'])"
    r"|[ \t]{1,4}(?=[^\s=:]))"
)
# The end of an escape before a flag belongs to no name: `\\n--password x`, `ESC[31m--password x`.
_ESCAPE = lazily(r"(?:(?<=\\)[abfnrtv]|(?<=[\[;])\d{0,3}[mk])(?=-)")
_PREFIX = lazily(r"[a-z0-9_.$-]{0,48}\Z")
_QUOTE = lazily(r"(?:[bruf]|br|rb)?(\\{0,4}[\"'])", re.IGNORECASE)
# Several values in one: `password=['a', 'b']`, as parsers of forms and headers return them too.
_OPENING = lazily(
    r"(?:[\[(]|\{[ ]{0,2}\\{0,4}[\"'][^\"'\n]{1,64}[\"']:)[ ]{0,2}"
    r"(?=(?:[bruf]|br|rb)?\\{0,4}[\"'])",
    re.IGNORECASE,
)
# What YAML says of a value before it: `!vault x`, `!!str x`, `|` and a line of its own.
_TAG = lazily(r"!{1,2}[\w:/.,-]{1,60}[ \t]{1,4}(?=\S)|[|>][-+]?[ \t]{0,4}\n[ \t]{1,40}(?=\S)")
_FILE = lazily(r"[\w.-]{0,64}/[\w./-]{1,256}\.[a-z]{1,5}(?::\d{1,7})?\Z")
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_UNTIL = {
    '"': lazily(r"(?:[^\"\\\n]|\\.){0,4096}"),
    "'": lazily(r"(?:[^'\\\n]|\\.){0,4096}"),
}
# A comma, a bar, a backslash belong to the value unless they begin what comes next.
_UNQUOTED = lazily(
    r"(?:[^\s&;\"'`,|\\%<\0]"
    r"|,(?![ \t]{0,4}[\"']?[A-Za-z_][\w.-]{0,64}[\"']?[ \t]{0,4}[=:]|\s|\Z)"
    r"|\\(?![nrt\"'\\])|%(?!26)|\|(?!\s)|<(?!/)){1,4096}"
)

HARMLESS = frozenset(
    {
        *("none", "null", "nil", "true", "false", "undefined", "yes", "no", "on", "off"),
        *("enabled", "disabled", "default", "empty", "unset", "n/a", "na", "str", "string"),
        *("int", "bytes", "bool", "boolean", "float", "any", "object", "optional", "type"),
        *("list", "dict", "tuple", "set", "text", "secretstr", "password", "passwd", "token"),
        *("secret", "key", "value", "example", "required", "missing", "invalid", "incorrect"),
        *("wrong", "expired", "failed", "ok", "error", "redacted", "hidden", "masked", "removed"),
        *("filtered", "not", "the", "is", "must", "should", "cannot", "may", "does", "was"),
        *("has", "must_be", "self", "cls", "auto", "prompt", "input", "unknown", "expected"),
        *("unexpected", "unauthorized", "denied", "malformed", "unsupported"),
    }
)
_LOOKUPS = lazily(r"(?:^|[_.])(?:get|fetch|read|find|load|lookup|has|is|delete|create|new)[_.]?")
_MODEL_TOKENS = lazily(r"(?:^|[_.-])(?:eos|bos|pad|unk|sep|mask|cls|stop|next|end|start)[_-]?\Z")
_CODE = lazily(
    r"(?:[A-Za-z_][\w.]{0,200}[(\[]"  # a call or an index
    r"|\(\*?[\w.]{1,80}\)\("  # Go's `(*bool)(nil)`
    r"|(?:self|cls|os|sys|settings|config|request|response|args|kwargs|env|environ)\."
    r"|\$[A-Za-z_]\w{0,100}\Z|\$\d{1,3}\Z|%[sdr]\Z|\[\]|\(\))"
)
_SECRET_CALL = lazily(r"(?:[\w.]{0,60}\.)?Secret(?:Str|Bytes)?\([ ]?b?[\"']")
_WORD = lazily(r"[A-Za-z_]+\Z")
_SECRET_WORD = lazily(r"passw|secret|token|pwd|key|cred", re.IGNORECASE)
# What is said of an object of that name: `secret "regcred" not found`.
_NAME_OF_OBJECT = lazily(
    r"[\w./-]{1,253}\\{0,4}[\"'][ ](?:not[ ]found|is[ ]missing|does[ ]not[ ]exist|already[ ]exists"
    r"|is[ ]forbidden|in[ ]namespace)\b"
)
_PAIR = lazily(
    r"uth(?:=|[\"']:)?[ ]?\([ ]?b?[\"'][^\"'\n]{0,128}[\"'],[ ]?b?[\"']"
    r"(?P<secret>[^\"'\n]{1,256})"
)
_CURL_USER = lazily(
    r"-u(?:(?<![\w-]-u)|(?<= --u)ser)[\"']?[ =,]{1,3}[\"']?[^\s:\"'/]{1,128}:"
    r"(?P<secret>[^\s\"']{1,256})"
)


def _pairs(text: str, _lowered: str) -> Iterator[Span]:
    """Yield the passwords of `auth=("user", "password")` and `BasicAuth("user", "password")`."""
    for match in _PAIR.finditer(text):
        yield *match.span("secret"), "password"


def _curl_users(text: str, _lowered: str) -> Iterator[Span]:
    """Yield the passwords of `curl -u user:password`."""
    for match in _CURL_USER.finditer(text):
        yield *match.span("secret"), "password"


_QUERY = lazily(r"[?&](?:key|code)=(?P<secret>[\w.~%+/-]{12,512})")
_ORACLE = lazily(
    r"(?:jdbc:oracle:[a-z]{2,6}:|sqlplus +(?:-\w+ +)*)[\w$#]{1,128}/(?P<secret>[^\s/@\"']{1,128})@"
)


# A ticket, a name with a number, a moment.
_TICKET = lazily(r"[A-Z][A-Z_]{1,20}-\d{1,8}\Z")
_NUMBERED = lazily(r"[a-z]+(?:_[a-z]+)*_v?\d{1,3}\Z|\d{4}-\d\d-\d\dt\d\d\Z")


def _query_values(text: str, lowered: str) -> Iterator[Span]:
    """Yield the keys and codes in the query of a URL."""
    for match in _QUERY.finditer(lowered):
        value = text[slice(*match.span("secret"))]
        is_mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
        if is_mixed and not _TICKET.match(value):
            yield *match.span("secret"), "key"


def _oracle_logins(_text: str, lowered: str) -> Iterator[Span]:
    """Yield the passwords of `jdbc:oracle:thin:user/password@host` and of `sqlplus`."""
    for match in _ORACLE.finditer(lowered):
        yield *match.span("secret"), "password"


# `invalid token x1y2z3`, `token x1y2z3 expired`, `Invalid API key provided: x1y2z3`.
_TOLD_TOKEN = lazily(
    r"(?:(?:invalid|unknown|bad|wrong|expired|revoked|incorrect|got|with|using|unauthorized|your)"
    r" (?:access |auth |api |refresh |bearer )?(?:token|api[ _-]?key)(?: provided)?:? [\"']?"
    r"(?P<after>[\w.-]{9,511}[\w-])"
    r"|(?:token|api[ _-]?key) [\"']?(?P<before>[\w.-]{9,511}[\w-])[\"']? "
    r"(?:has |is |was )?(?:expired|invalid|revoked|rejected|unknown|not found))"
)
_LOGIN = lazily(
    r"(?:\.login\(|credentials[\"']?[ ]?[=:][ ]?\()[\"'][^\"'\n]{1,128}[\"'],[ ]?[\"']"
    r"(?P<secret>[^\"'\n]{2,256})[\"']\)"
    r"|\bauth (?:plain|login) (?P<encoded>[a-z0-9+/]{8,512}={0,2})"
)
_SHORT = (
    Family("password", r"pw", 4, is_password=True, needs_edge=True),
    Family("password", r"psk", 4, is_password=True, needs_edge=True),
)


def _told_tokens(_text: str, lowered: str) -> Iterator[Span]:
    """Yield the tokens that a sentence names: those that are no words."""
    for match in _TOLD_TOKEN.finditer(lowered):
        group = "after" if match["after"] else "before"
        value = match[group]
        is_mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
        if is_mixed and not _NUMBERED.match(value):
            yield *match.span(group), "token"


def _logins(text: str, lowered: str) -> Iterator[Span]:
    """Yield the passwords of `smtp.login("user", "password")`, of pairs, and of `AUTH PLAIN`."""
    for match in _LOGIN.finditer(lowered):
        value = text[slice(*match.span("encoded"))]
        if match["secret"]:
            yield *match.span("secret"), "password"
        elif value.endswith("=") or any(map(str.isdigit, value)) or _is_camel(value):
            yield *match.span("encoded"), "password"


def _is_camel(text: str) -> bool:
    return any(map(str.isupper, text[1:])) and any(map(str.islower, text))


# Words of which lowered text must hold one, what it must match besides, the families of names
# behind that, and what else can only be there when the sieve caught something.
_ROWS: tuple[tuple[str, str, tuple[Family, ...], tuple[Finder, ...]], ...] = (
    (
        "pass pwd",
        r"p(?:ass(?!e[ds]|ing)|wd)",  # tests pass all day, and no name goes on like that
        (
            Family("password", r"pass(?:wor[dt]|wd|phrase|code)s?", 2, is_password=True),
            Family("password", r"pass", 2, is_password=True, needs_edge=True),
            Family("password", r"pwd", 2, is_password=True, needs_edge=True),
        ),
        (sentences,),
    ),
    (
        "cred cret",
        "",
        (
            Family("secret", r"secret(?:s?[_-]?(?:string|bytes))?", 4, is_password=True),
            Family("credential", r"credentials?", 6),
        ),
        (),
    ),
    (
        "token cookie",
        "",
        (Family("token", r"token"), Family("session", r"sess(?:ion)?[_-]?id", 8)),
        (cookies,),
    ),
    ("key", r"key(?![a-z.,])", (Family("key", r"key", after=_KEY_OF),), ()),
    ("auth", "", (Family("credential", r"auth", 8, needs_edge=True),), (authorizations, _pairs)),
    ("bearer basic", r"b(?:earer|asic)[ :=%]", (), (bare_schemes,)),
    ("curl", "", (), (_curl_users, curl_cookies)),
    ("-", r"-(?<=[\s\"',]-)[pkawts]", (), (flags,)),
    ("config npm", r"set(?<=[\s\"',]set)|http-basic", (), (settings,)),
    (
        "login pulumi htpasswd creds smbclient curl --from-literal identified",
        r"(?:vault|cargo)[ \"',]|pulumi|htpasswd|creds[\s\"',=]|smbclient|curl|--from-lit"
        r"|identified\s",
        (),
        (plain,),
    ),
    ("value", "", (), (named_values,)),
    ("[parameters: ", r"\[sql: ", (), (bound_values,)),
    ("insert ", r"\bvalues[\s\\(]", (), (inserted_values,)),
    (")=( duplicate", r"key \(|duplicate entry '", (), (existing_values,)),
    ("token api", r"(?:token|api[ _-]?key) ", (), (_told_tokens,)),
    ("login( credentials plain login ", "", (), (_logins,)),
    ("pw psk", r"(?<![a-z0-9])(?:pw|[a-z0-9]{1,20}_psk|psk)[\"']?[ ]?[=:]", _SHORT, ()),
    ("key= code=", r"[?&](?:key|code)=", (), (_query_values,)),
    ("jdbc:oracle sqlplus", "", (), (_oracle_logins,)),
    ("pass pwd secret token key", "", (), (told,)),
)


@frozen
class Names:
    """One sieve for lowered text and what is behind it.

    Args:
        is_suspect: Says of a lowered text whether anything behind it can match.
        families: Families of names behind the sieve.
        finders: Functions that find more, given the text and the lowered text.
    """

    is_suspect: Callable[[str], object]
    families: tuple[Family, ...]
    finders: tuple[Finder, ...]

    @cached_property
    def patterns(self) -> tuple[tuple[Family, re.Pattern[str]], ...]:
        """Each family with its pattern of name, quote and separator, compiled at the first need."""
        end = _TAIL + _CLOSE + _SEPARATOR
        return tuple((family, lazily(family.pattern + end)) for family in self.families)


def names() -> tuple[Names, ...]:
    """Return the rows of the table; what they match is compiled when it is needed."""
    return tuple(
        Names(_sieve(words.split(), pattern), families, finders)
        for words, pattern, families, finders in _ROWS
    )


def _sieve(words: Sequence[str], pattern: str) -> Callable[[str], object]:
    search = lazily(pattern)

    def is_suspect(lowered: str) -> object:
        for word in words:
            if word in lowered:
                return not pattern or search.search(lowered)
        return False

    return is_suspect


def assignments(text: str, lowered: str, rows: tuple[Names, ...]) -> Iterator[Span]:
    """Yield the spans of values that a secret-like name introduces.

    Args:
        text: The text.
        lowered: The same text in lower case, character for character.
        rows: What `names` returned.
    """
    for row in rows:
        if row.is_suspect(lowered):
            for family, pattern in row.patterns:
                done = 0
                for match in pattern.finditer(lowered):
                    # A name within a value that is gone needs no second look.
                    span = _value(text, lowered, match, family) if match.end() > done else None
                    if span:
                        done = span[1]
                        yield *span, family.kind
            for finder in row.finders:
                yield from finder(text, lowered)


def _value(text: str, lowered: str, match: re.Match[str], family: Family) -> tuple[int, int] | None:
    before = _PREFIX.search(lowered, max(0, match.start() - 48), match.start())
    prefix = before[0] if before else ""
    escape = _ESCAPE.match(lowered, before.start()) if before else None
    if escape:
        prefix = prefix[len(escape[0]) :]
    if family.needs_edge and prefix[-1:].isalpha() and begins_within_word(lowered, match.start()):
        return None
    if family.after and not lowered[max(0, match.start() - 16) : match.start()].rstrip(
        " _.-"
    ).endswith(family.after):
        return None
    if lowered.endswith("config set --", 0, match.start()):
        return None  # `pulumi config set --secret name value`
    if text.startswith("--- PASS: ", match.start() - 4):
        return None  # what `go test -v` says of a test
    if family.kind == "token" and _MODEL_TOKENS.search(prefix):
        return None
    tag = _TAG.match(text, match.end())
    start = tag.end() if tag else match.end()
    opening = _OPENING.match(text, start)
    quote = _QUOTE.match(text, opening.end() if opening else start)
    if not _is_separator(match, prefix, family, is_quoted=quote is not None):
        return None
    if quote:
        if match[0] == "secret " and not prefix and _NAME_OF_OBJECT.match(text, quote.end()):
            return None
        span = _quoted(text, quote, family)
        if not opening or not span:
            return span
        # A form says what is wrong of a field: `{'password': ['This field is required.']}`; a
        # check says in which files it found one: `secret: ['src/app.py']`.
        value = text[slice(*span)].strip()
        return None if " " in value or _FILE.match(value) else _to_closing(text, opening, span)
    return _unquoted(text, match, start, family)


def _is_separator(match: re.Match[str], prefix: str, family: Family, *, is_quoted: bool) -> bool:
    """Return whether this separator joins this name to a value."""
    separator = match["separator"]
    is_flag = prefix.startswith("-")
    bare = separator.strip()
    if bare == "":
        return (is_flag and not match["close"]) or (family.is_password and is_quoted)
    if bare == ",":
        return bool(match["close"]) and (is_flag or "-" in prefix)
    if bare[0] == "(":
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


def _to_closing(text: str, opening: re.Match[str], span: tuple[int, int]) -> tuple[int, int]:
    """Return where the values lie of which the first was found: all up to the closing bracket."""
    start, end = span
    closing = _CLOSING[opening[0][0]]
    if text[end + 1 : end + 2] == closing:
        return span
    found = text.find(closing, end, start + VALUE_MAX_CHARS)
    line_end = text.find("\n", end, start + VALUE_MAX_CHARS)
    ends = [one for one in (found, line_end) if one >= 0]
    return opening.end(), min(ends, default=min(len(text), start + VALUE_MAX_CHARS))


def _unquoted(
    text: str, match: re.Match[str], start: int, family: Family
) -> tuple[int, int] | None:
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
