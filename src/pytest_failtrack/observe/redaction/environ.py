"""Secrets that are known by value: what the environment holds under a secret-like name.

`redact.py` reads it.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote

from pytest_failtrack.lazily import lazily

MIN_CHARS = 8
# A value as short as this counts when it is no plain word or number.
MIN_CHARS_MIXED = 6
MIN_CHARS_LINE = 16

# One of these is in every secret-like name: most environments need no pattern at all.
_STEMS = (
    *("TOKEN", "SECRET", "PASS", "KEY", "CREDENTIAL", "PRIVATE", "PW", "PSK", "AUTH", "DSN"),
    *("SIGNING", "WEBHOOK", "SALT", "JWT", "COOKIE"),
)
_FOLDERS = ("PWD", "OLDPWD")
_SECRET_NAME = lazily(
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASSWORT|API_?KEY|CREDENTIAL|PRIVATE|ACCESS_?KEY"
    r"|(?:^|_)(?:PASS|PWD|PW|PSK|AUTH|DSN)$|_KEY$|_KEY_\d+$|SIGNING|WEBHOOK|_SALT$|JWT|COOKIE"
)
# Says where, how long or of what kind a secret is.
_HARMLESS_NAME = lazily(
    r"_(?:FILE|PATH|DIR|SOCK|SOCKET|NAME|TYPE|TTL|LENGTH|COUNT|LIMIT|ENABLED|EXPIRY"
    r"|EXPIRES|EXPIRATION|EXPIRES_AT|EXPIRES_IN|ID|REGION|ISSUER|ALGORITHM|PARALLELISM|USER)$"
    r"|^(?:FAILTRACK|PYTEST)_"
)
HARMLESS_VALUES = frozenset(
    {
        *("true", "false", "none", "null", "yes", "no", "on", "off", "enabled", "disabled"),
        *("default", "changeme", "password", "passwd", "secret", "token", "example", "test"),
        *("testing", "tests", "test-token", "test-secret", "testpass", "testpassword"),
        *("postgres", "postgresql", "mysql", "mariadb", "redis", "mongodb", "rabbitmq", "guest"),
        *("root", "admin", "administrator", "user", "username", "localhost", "development"),
        *("production", "staging", "private", "public", "optional", "required", "undefined"),
        *("dummy", "fake-token", "dummy-token", "placeholder", "anonymous", "python", "github"),
        *("gitlab", "runner", "ubuntu", "not-set", "unset", "not_set", "xxxxxxxx", "********"),
        *("file", "system", "keyring", "keychain"),
    }
)
# From rare to frequent in test output: a text without the rarest character of a secret, which
# `memchr` finds out, holds no secret.
_BY_RARITY = "~^`|\\%&$@!?;#+QZXJVKYWUHGBqjzDFLMPORNCTISEA9876543210xkvw/"
# An environment variable that is no UTF-8 comes as lone surrogates.
_ERRORS = "surrogatepass" if os.name == "nt" else "surrogateescape"
_URL_PASSWORD = lazily(r"://[^\s:/@]{0,128}:([^\s/]{1,256})@")


def secret_values(environ: Mapping[str, str]) -> dict[str, list[tuple[str, bool]]]:
    """Return what to look for, by the character that a text must hold.

    Args:
        environ: Environment variables.

    Returns:
        By character, `` for none, and longest first: values and their forms (escaped, in a URL,
        in a shell, in HTML, in base64), each with whether it must stand alone. Short ones must;
        else `TOKEN=abc123` would redact the middle of a hash.
    """
    return values_of(environ.items())


def candidates(environ: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return the variables that may hold a secret; asked at every failure, so it is cheap."""
    return frozenset(
        (name, value) for name, value in environ.items() if "://" in value or _says_secret(name)
    )


def values_of(variables: Iterable[tuple[str, str]]) -> dict[str, list[tuple[str, bool]]]:
    """Return the same as `secret_values` for pairs of name and value."""
    found: dict[str, bool] = {}
    for name, value in variables:
        for secret in _secrets_of(name.upper(), value):
            for form in _forms(secret):
                found[form] = len(form) < MIN_CHARS
    by_char: dict[str, list[tuple[str, bool]]] = {}
    for form in sorted(found, key=lambda form: (-len(form), form)):
        char = next((rare for rare in _BY_RARITY if rare in form), "")
        by_char.setdefault(char, []).append((form, found[form]))
    return by_char


def _secrets_of(name: str, value: str) -> Iterator[str]:
    value = value.strip()
    for password in _URL_PASSWORD.findall(value):
        for one in {password, unquote(password)}:
            if _is_secret(one):
                yield one
    if not _says_secret(name) or not _is_secret(value):
        return
    if re.match(r"https?://[^@?]*\Z", value) and "WEBHOOK" not in name:
        return
    yield value
    if "\n" in value:
        for line in value.splitlines():
            line = line.strip().strip(",")
            if len(line) >= MIN_CHARS_LINE and not line.startswith("-----"):
                yield line


@lru_cache(maxsize=4_096)
def _says_secret(name: str) -> bool:
    name = name.upper()
    if name in _FOLDERS or not any(stem in name for stem in _STEMS):
        return False
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)


def _is_secret(value: str) -> bool:
    if value.lower() in HARMLESS_VALUES or len(set(value)) < 3:
        return False
    if re.match(r"\$\{|\$\(|\{\{", value):
        return False
    is_plain = value.isdecimal() or value.isalpha()
    return len(value) >= (MIN_CHARS if is_plain else MIN_CHARS_MIXED)


def _forms(secret: str) -> Iterator[str]:
    """Yield what a value looks like where somebody wrote it; most of it is one and the same."""
    raw = secret.encode("utf-8", _ERRORS)
    written = _escaped(secret)
    if not secret.isascii():
        # As pytest writes bytes in an id, `set -x` a word, and a terminal with another encoding.
        octal = "".join(chr(one) if one < 128 else f"\\{one:o}" for one in raw)
        written |= {raw.decode("ascii", "backslashreplace"), octal, raw.decode("latin-1")}
        for encoded in (secret.encode("ascii", "replace"), raw):
            yield encoded.decode("ascii", "replace")
        yield secret.encode("ascii", "xmlcharrefreplace").decode("ascii")
    # A `repr` of a `repr`, JSON within JSON.
    for form in frozenset().union(written, *map(_escaped, written)):
        yield form
        if "/" in form:
            yield form.replace("/", "\\/")
    for quoted in (quote(secret, "", errors=_ERRORS), quote(secret, errors=_ERRORS)):
        yield quoted
        yield quoted.replace("%20", "+")
        yield re.sub("%..", lambda match: match[0].lower(), quoted)
    yield html.escape(secret, quote=False)
    yield html.escape(secret)
    yield html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    for quote_mark in ("'\"'\"'", "'\\''"):
        yield secret.replace("'", quote_mark)
    yield re.sub(r"[^\w@%+=:,./-]", r"\\\g<0>", secret)
    if len(secret) >= MIN_CHARS:
        yield from _base64_forms(raw)


def _escaped(text: str) -> set[str]:
    """Return a text as `repr`, `ascii`, `repr` of its bytes, pytest's ids and JSON write it.

    A quote mark is escaped or not for what stands around the text, which nobody knows here.
    """
    raw = text.encode("utf-8", _ERRORS)
    bases = {
        text,
        "'".join(repr(part)[1:-1] for part in text.split("'")),
        "'".join(ascii(part)[1:-1] for part in text.split("'")),
        "'".join(repr(part)[2:-1] for part in raw.split(b"'")),
        '"'.join(json.dumps(part)[1:-1] for part in text.split('"')),
        '"'.join(json.dumps(part, ensure_ascii=False)[1:-1] for part in text.split('"')),
    }
    if not text.isascii():
        bases |= {re.sub(r"\\[ux][0-9a-f]+", _capital_digits, base) for base in bases}
    return {
        shown
        for base in bases
        for single in (base, base.replace("'", "\\'"))
        for shown in (single, single.replace('"', '\\"'))
    }


def _capital_digits(escape: re.Match[str]) -> str:
    return escape[0][:2] + escape[0][2:].upper()


def _base64_forms(raw: bytes) -> Iterator[str]:
    """Yield the characters that the value surely gives at each of the three alignments."""
    for shift, first in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(b"\0" * shift + raw)
        sure = whole[first : (shift + len(raw)) * 8 // 6].decode("ascii")
        yield sure
        yield sure.replace("+", "-").replace("/", "_")
