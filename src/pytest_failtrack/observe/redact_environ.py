"""Secrets that are known by value: what the environment holds under a secret-like name.

`redact.py` reads it.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus

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
_URL_PASSWORD = lazily(r"://[^\s:/@]{0,128}:([^\s/]{1,256})@")


def secret_values(environ: Mapping[str, str]) -> dict[str, list[tuple[str, bool]]]:
    """Return what to look for, by the character that a text must hold.

    Args:
        environ: Environment variables.

    Returns:
        By character, `` for none, and longest first: values and their url-quoted, escaped and
        base64 forms, each with whether it must stand alone. Short ones must; else
        `TOKEN=abc123` would redact the middle of a hash.
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
        if _is_secret(password):
            yield password
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
    yield secret
    yield quote(secret, safe="", errors="replace")
    yield quote(secret, errors="replace")
    yield quote_plus(secret, errors="replace")
    yield html.escape(secret)
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    if len(secret) >= MIN_CHARS:
        yield from _base64_forms(secret.encode("utf-8", "surrogateescape"))


def _base64_forms(raw: bytes) -> Iterator[str]:
    """Yield the characters that the value surely gives at each of the three alignments."""
    for shift, first in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(b"\0" * shift + raw)
        sure = whole[first : (shift + len(raw)) * 8 // 6].decode("ascii")
        yield sure
        yield sure.replace("+", "-").replace("/", "_")
