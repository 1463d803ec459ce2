"""Secrets of every kind that redaction knows, made fresh for every place that they are planted in.

Each place has values of its own, so that a leak names the place that it came from.
"""

from __future__ import annotations

import base64
import random
import re
import string
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pytest_failtrack.observe.redaction import tokens

CHUNK_MAX_CHARS = 650
TRACE_CHARS = 12
ENVIRON_NAMES = ("DEPLOY_TOKEN", "DB_PASSWORD", "STRIPE_API_KEY", "SESSION_SECRET")

_ALNUM = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Plant:
    """One secret and the words that it is hidden in.

    Args:
        kind: What it is, for the message of a failing test.
        text: What a test says.
        secret: The part of it that must not be written.
    """

    kind: str
    text: str
    secret: str

    @property
    def traces(self) -> tuple[str, str]:
        """The two ends of the secret: half of one is a leak, too."""
        return self.secret[:TRACE_CHARS], self.secret[-TRACE_CHARS:]


def traces_in(content: bytes) -> set[str]:
    """Return everything in a content that could be the end of a secret."""
    words = re.findall(rf"[A-Za-z0-9+/]{{{TRACE_CHARS},}}", content.decode("latin-1"))
    return {
        word[at : at + TRACE_CHARS] for word in words for at in range(len(word) - TRACE_CHARS + 1)
    }


@cache
def plants_of(place: str) -> list[Plant]:
    """Return one secret of every kind for a place, the same in every process."""
    source = random.Random(place)
    environ = environ_of_plants().items()
    return [
        *_with_prefix(source),
        *(_worded(source, kind) for kind in _WORDED),
        *(Plant(f"value of {name}", f"connect with {value}", value) for name, value in environ),
    ]


def environ_of_plants() -> dict[str, str]:
    """Return environment variables that hold secrets, for all places."""
    return {name: _drawn(random.Random(name), _ALNUM, 14) for name in ENVIRON_NAMES}


def chunks_of(place: str) -> list[str]:
    """Return texts that together hold every plant of a place, short enough to be kept whole."""
    chunks = [""]
    for plant in plants_of(place):
        if len(chunks[-1]) + len(plant.text) > CHUNK_MAX_CHARS:
            chunks.append("")
        chunks[-1] += plant.text + "\n"
    return chunks


def _with_prefix(source: random.Random) -> list[Plant]:
    tables = (
        tokens.AFTER_UNDERSCORE,
        tokens.AFTER_DASH,
        tokens.AFTER_DOT,
        tokens.CAPITAL_A,
        tokens.CAPITAL_S,
    )
    found = {}
    for table in tables:
        for kind, prefixes, rest in table:
            for prefix in prefixes.split():
                value = _rest(source, rest)
                found.setdefault(prefix, Plant(f"{kind} {prefix}", f"see {prefix}{value}", value))
    return list(found.values())


def _rest(source: random.Random, pattern: str) -> str:
    """Return what may follow a prefix, as real tokens have it."""
    if "a-f" in pattern.lower():
        return _drawn(source, _HEX, 40 if "{32}" not in pattern else 32)
    if pattern.startswith("[A-Z0-9]"):
        return _drawn(source, _UPPER, 16)
    if r"\." in pattern:
        return f"{_drawn(source, _ALNUM, 22)}.{_drawn(source, _ALNUM, 43)}"
    return _drawn(source, _ALNUM, 44)


def _drawn(source: random.Random, alphabet: str, length: int) -> str:
    return "7" + "".join(source.choice(alphabet) for _ in range(length - 1))


def _worded(source: random.Random, kind: str) -> Plant:
    length, template = _WORDED[kind]
    secret = _drawn(source, _ALNUM, length)
    if kind == "basic":
        secret = base64.b64encode(f"bob:{secret}".encode()).decode().rstrip("=")
    if kind == "two words":
        secret = f"{secret[:12]} {secret[12:]}"
    text = template.format(secret)
    return Plant(kind, repr(text) if kind == "after \\n" else text, secret)


# kind: characters of the secret, and the words around it
_WORDED: MappingProxyType[str, tuple[int, str]] = MappingProxyType(
    {
        "password=": (20, "password={}"),
        "token:": (20, "token: {}"),
        "json": (24, '{{"api_key": "{}", "user": "bob"}}'),
        "two words": (24, "passphrase='{}'"),
        "flag": (24, "--client-secret {}"),
        "url": (24, "postgres://bob:{}@db.example/shop"),
        "url token": (30, "https://{}@git.example/shop.git"),
        "signed url": (64, "https://x.example/a?X-Amz-Signature={}&x=1"),
        "slack hook": (24, "https://hooks.slack.com/services/T0/B0/{}"),
        "discord hook": (24, "https://discord.com/api/webhooks/123/{}"),
        "header": (30, "Authorization: Token {}"),
        "bearer": (30, "curl -H 'Bearer {}'"),
        "basic": (20, "Authorization: Basic {}"),
        "cookie": (30, "Cookie: theme=dark7; sid={}"),
        "curl user": (20, "curl -u bob:{} https://x.example"),
        "auth pair": (20, "auth=('bob', '{}')"),
        "telegram": (33, "bot12345678:AA{}"),
        "jwt": (43, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{}"),
        "azure": (34, "abc8Q~{}"),
        "discord": (38, "MTE4NzY1NDMyMTA5ODc2NTQz.GhIjKl.{}"),
        "terraform": (64, "abcdefghijklmn.atlasv1.{}"),
        "private key": (
            64,
            "-----BEGIN RSA PRIVATE KEY-----\n{}\nQUJDRA==\n-----END RSA PRIVATE KEY-----",
        ),
        "after \\n": (20, "first line\nglpat-{}"),
        "in colour": (36, "\x1b[31mghp_{}\x1b[0m"),
        "in a query": (36, "https://x.example/?next=%3Dgho_{}"),
    }
)
