"""Secrets that are known by their own shape: tokens, keys, URLs, headers; `redact.py` reads it.

Each group has a sieve, which is cheap and lets no secret of the group through, and rules, which
cost more and run only when the sieve caught something. A rule redacts its group `secret`, or the
whole match when it has none. Quantifiers are bounded wherever something must follow them, so
that hostile text costs linear time.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

Span = tuple[int, int, str]

# What follows a prefix, by (kind, prefixes, pattern); the prefixes are searched as they are
# written, and may be the end of no longer word (`begins_within_word`).
AFTER_UNDERSCORE = (
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9]{16,}"),
    ("github-token", "github_pat_", r"[A-Za-z0-9_]{16,}"),
    ("npm-token", "npm_", r"[A-Za-z0-9]{30,}"),
    ("huggingface-token", "hf_ api_org_", r"[A-Za-z0-9]{20,}"),
    ("stripe-key", "sk_live_ rk_live_ sk_test_ rk_test_", r"[A-Za-z0-9]{16,}"),
    ("stripe-key", "whsec_", r"[A-Za-z0-9+/=]{16,}"),
    ("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{32,}"),
    ("docker-token", "dckr_pat_ dckr_oat_", r"[A-Za-z0-9_-]{20,}"),
    ("linear-token", "lin_api_ lin_oauth_", r"[A-Za-z0-9]{32,}"),
    ("grafana-token", "glsa_ glc_", r"[A-Za-z0-9_+/=]{20,}"),
    ("groq-token", "gsk_", r"[A-Za-z0-9]{32,}"),
    ("replicate-token", "r8_", r"[A-Za-z0-9]{32,}"),
    ("supabase-token", "sbp_ sb_secret_", r"[A-Za-z0-9_-]{20,}"),
    ("planetscale-token", "pscale_tkn_ pscale_oauth_ pscale_pw_", r"[A-Za-z0-9_.-]{20,}"),
    ("rubygems-token", "rubygems_", r"[a-f0-9]{32,}"),
    ("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"[A-Fa-f0-9]{32,}"),
    ("notion-token", "secret_ ntn_", r"[A-Za-z0-9]{40,}"),
    ("sentry-token", "sntrys_ sntryu_", r"[A-Za-z0-9_+/=]{20,}"),
    ("circleci-token", "CCIPAT_", r"[A-Za-z0-9_-]{20,}"),
)
_HAS_DIGIT = r"(?=[A-Za-z_-]{0,64}\d)"
AFTER_DASH = (
    (
        "gitlab-token",
        "glpat- glptt- gldt- glrt- glcbt- gloas- glsoat- glft- glimt- glagent-",
        r"[A-Za-z0-9_.-]{16,}",
    ),
    ("slack-token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-", r"[A-Za-z0-9-]{10,}"),
    ("api-key", "sk-", r"[A-Za-z0-9]{20,}"),
    ("api-key", "sk-", _HAS_DIGIT + r"[A-Za-z0-9_-]{20,}"),
    ("pypi-token", "pypi-Ag", r"[A-Za-z0-9_-]{16,}"),
    ("pypi-token", "pypi-", _HAS_DIGIT + r"[A-Za-z0-9_-]{32,}"),
    ("mailgun-key", "key-", r"[0-9a-f]{32}"),
    ("newrelic-key", "NRAK- NRAA- NRJS- NRII-", r"[A-Za-z0-9]{20,}"),
    ("postman-key", "PMAK-", r"[A-Za-z0-9-]{24,}"),
    ("heroku-key", "HRKU-", r"[A-Za-z0-9_-]{20,}"),
    ("age-key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{16,}"),
    ("google-key", "GOCSPX-", r"[A-Za-z0-9_-]{16,}"),
    ("square-token", "sq0atp- sq0csp- sq0idp-", r"[A-Za-z0-9_-]{20,}"),
    ("api-key", "pplx- xai- tvly- pul-", r"[A-Za-z0-9-]{32,}"),
)
AFTER_DOT = (
    ("vault-token", "hvs. hvb. hvr.", r"[A-Za-z0-9_-]{20,}"),
    ("google-token", "ya29.", r"[A-Za-z0-9_-]{16,}"),
    ("doppler-token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"[A-Za-z0-9_.-]{20,}"),
)
# Terraform and Discord begin with no prefix: their id stays, what is secret follows the mark.
BETWEEN_DOTS = (
    ("terraform-token", r"\.atlasv1\.(?P<secret>[A-Za-z0-9_-]{40,})"),
    (
        "discord-token",
        r"\.(?:(?<=[MNO][\w-]{23}\.)|(?<=[MNO][\w-]{25}\.))"
        r"(?P<secret>[\w-]{6}\.[\w-]{27,45})(?![\w-])",
    ),
)
CAPITAL_A = (
    ("aws-key", "AKIA ASIA ABIA ACCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    # The secret half has no prefix; beside its id it is known.
    (
        "aws-key",
        "AKIA ASIA",
        r"[A-Z0-9]{16}[^\n]{1,80}?(?<![A-Za-z0-9+/])"
        r"(?P<secret>[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])",
    ),
    ("google-key", "AIza", r"[A-Za-z0-9_-]{30,}"),
    ("atlassian-token", "ATATT3 ATCTT3", r"[A-Za-z0-9_=-]{32,}"),
)
CAPITAL_S = (
    ("twilio-key", "SK", r"[0-9a-f]{32}"),
    ("sendgrid-key", "SG.", r"[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}"),
)
# A JWT may be cut after its first part, and an encrypted one has five.
JWT = (("jwt", r"eyJ[A-Za-z0-9_-]{12,}(?:\.[A-Za-z0-9_-]*){0,4}"),)
AZURE = (("azure-secret", r"(?P<secret>Q~(?<=[\w.~-]{3}\dQ~)[\w.~-]{30,40})"),)
URL = (
    # Not `http://localhost:8080/users/@me`: digits and a slash are a port.
    ("url-password", r"://[^\s:/@\"'<>]{0,128}:(?!\d{1,5}/)(?P<secret>[^\s\"'<>/?#]{1,256})@"),
    ("url-password", r"://[^\s:/@\"'<>]{0,128}:(?!\d{1,5}/)(?P<secret>[^\s\"'<>@]{1,256})@"),
    ("url-password", r"://(?P<secret>[^\s:/@\"'<>]{16,256})@"),
    ("webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[\w/-]+)"),
    ("webhook", r"discord(?:app)?\.com/api/webhooks/(?P<secret>\d+/[\w-]+)"),
    ("webhook", r"webhook\.office\.com/webhookb2/(?P<secret>[\w@/-]+)"),
    ("telegram-token", r":AA(?<=\d{8}:AA)[\w-]{32,}"),
    (
        "signature",
        r"[?&;](?:amp;)?(?i:sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token))"
        r"=(?P<secret>[^\s&\"'<>]{4,})",
    ),
)

CUT_MIN_CHARS = 5


@frozen
class Prefixed:
    """Secrets of one shape that begin with a prefix.

    Args:
        kind: Word in the placeholder.
        prefix: How they begin; within a word it is none.
        rest: What follows; its group `secret` is redacted, or all of it when it has none.
    """

    kind: str
    prefix: str
    rest: re.Pattern[str]

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where they are; what is refused costs no look at what follows it."""
        start = text.find(self.prefix)
        while start >= 0:
            found = None
            if not begins_within_word(text, start):
                found = self.rest.match(text, start + len(self.prefix))
            if found:
                first = found.start("secret") if self.rest.groups else start
                yield first, found.end(), self.kind
            start = text.find(self.prefix, found.end() if found else start + 1)


@frozen
class Group:
    """Rules behind one sieve, compiled when it first catches something.

    Args:
        is_suspect: Says of a text, cheaply, whether a rule of the group can match.
        prefixed: Kind, prefixes and what follows them.
        other: Kind and pattern of secrets without a prefix.
    """

    is_suspect: Callable[[str], object]
    prefixed: tuple[tuple[str, str, str], ...] = ()
    other: tuple[tuple[str, str], ...] = ()

    @cached_property
    def rules(self) -> tuple[Prefixed, ...]:
        """The rules of secrets with a prefix."""
        return tuple(
            Prefixed(kind, prefix, lazily(rest))
            for kind, prefixes, rest in self.prefixed
            for prefix in prefixes.split()
        )

    @cached_property
    def patterns(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """Kind and pattern of the other rules."""
        return tuple((kind, lazily(pattern)) for kind, pattern in self.other)


def groups() -> tuple[Group, ...]:
    """Return the groups of known shapes.

    A sieve begins with one rare character, to which the engine skips; 0.3 us a kB, where one
    search for each prefix would cost that much for each. What follows `_` and `-` in a token
    has a digit or a capital, or is long and unbroken; names in code have and are neither. The
    endings of prefixes are listed when underscores may break what follows them.
    """
    is_odd = r"(?:[a-z-]{0,20}[A-Z0-9]|[a-z]{15})"
    endings = r"(?<=(?:pat|oat|ret|lsa|glc|sbp|PAT|ryu|rys|tkn|uth|_pw)_)"
    return (
        _group(rf"_(?:(?=[A-Za-z0-9-]{{10}}){is_odd}|{endings}[\w-]{{20}})", AFTER_UNDERSCORE),
        _group(r"-(?!-)(?=[A-Za-z0-9_-]{10})(?:[a-z_-]{0,24}[A-Z0-9]|[a-z]{15})", AFTER_DASH),
        _group(r"\.(?=[A-Za-z0-9_-]{16})[a-z_-]{0,20}[A-Z0-9]", AFTER_DOT, BETWEEN_DOTS),
        _group(r"A(?:[KSBC][ICI]A[A-Z0-9]{16}|Iza|T[AC]TT3)", CAPITAL_A),
        _group(r"S(?:K[0-9a-f]{32}|G\.)", CAPITAL_S),
        _group(r":(?=//|AA)", other=URL),
        Group(lambda text: "J" in text and "eyJ" in text, other=JWT),
        Group(lambda text: "~" in text, other=AZURE),
    )


_LEFT_HALF = lazily(r"[^\s\"'.\\]{2,64}\Z")
_RIGHT_HALF = lazily(r"[^\s\"'.\\]{4,64}")
_CUT_URL = lazily(r"://[^\s:/@]{0,128}:(?!\d{1,5}\Z)(?P<secret>[^\s:/@]{1,64})\Z")


def cut_secrets(text: str, groups: tuple[Group, ...], values: Iterable[str]) -> Iterator[Span]:
    """Yield the halves of secrets that pytest's short `repr` left on both sides of its `...`.

    Args:
        text: The text.
        groups: What `groups` returned.
        values: Secrets that are known by value.
    """
    for start, dots, end in halves(text):
        left, right = text[start:dots], text[dots + 3 : end]
        url = _CUT_URL.search(text, max(0, start - 200), dots)
        if url:
            yield url.start("secret"), end, "url-password"
        for group in groups:
            for rule in group.rules if any(map(str.isdigit, left + right)) else ():
                at = left.find(rule.prefix)
                if at >= 0 and not begins_within_word(text, start + at):
                    yield start + at, end, rule.kind
        for value in values:
            at = left.rfind(value[:CUT_MIN_CHARS])
            if at >= 0 and value.startswith(left[at:]):
                yield start + at, end, "env"
            size = right.find(value[-CUT_MIN_CHARS:]) + CUT_MIN_CHARS
            if size >= CUT_MIN_CHARS and value.endswith(right[:size]):
                yield dots + 3, dots + 3 + size, "env"


def halves(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield where what `...` stands in begins, where the dots stand, and where it ends."""
    done, dots = 0, text.find("...")
    while dots >= 0:
        is_begun = text[dots - 1 : dots] != "."  # else a row of dots, of any length
        left = _LEFT_HALF.search(text, max(done, dots - 64), dots) if is_begun else None
        right = _RIGHT_HALF.match(text, dots + 3) if left else None
        if left and right:
            yield left.start(), dots, right.end()
            done = right.end()
        dots = text.find("...", max(done, dots + 1))


def _group(
    sieve: str,
    prefixed: tuple[tuple[str, str, str], ...] = (),
    other: tuple[tuple[str, str], ...] = (),
) -> Group:
    search, first = lazily(sieve), sieve.lstrip("\\")[0]
    return Group(lambda text: first in text and search.search(text), prefixed, other)


# An escape as `repr`, JSON, a URL or a terminal writes it ends in a letter or digit, yet no word
# goes on behind it: `'line\nghp_...'`, `%3Dghp_...`, `ESC[31mghp_...`.
_ESCAPE = lazily(
    r"(?:\\[abfnrtv0]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|%[0-9a-f]{2}|[0-9;\[][mk])\Z",
    re.IGNORECASE,
)


def begins_within_word(text: str, start: int) -> bool:
    """Return whether a letter or digit, which is not the end of an escape, stands before."""
    before = text[start - 1 : start]
    if not (before.isascii() and before.isalnum()):
        return False
    return not _ESCAPE.search(text, max(0, start - 6), start)


PEM_MARK = lazily(r"-----(BEGIN|END) [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
# What stands between the lines of a key: a line break, also an escaped one, and what pytest, a
# diff, a quote or a YAML block puts at the start of a line.
_BETWEEN = r"(?:\\+[nrt]|[\s\"'+,>|\\]|\bE\b|^-)*"
_PEM_BODY = lazily(
    rf"(?:{_BETWEEN}(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]{{0,200}})*"
    rf"(?:{_BETWEEN}[A-Za-z0-9+/]{{20,}}={{0,2}})*"
    rf"(?:{_BETWEEN}(?:[A-Za-z0-9+/]{{1,76}}={{1,2}}|=[A-Za-z0-9+/]{{4}}\b|[A-Za-z0-9+/]{{1,76}}\Z))?"
)
_NEBTWEE = r"(?:[nrt]\\+|[\s\"'+,>|\\]|\bE\b|-(?=\s))*"
_YDOB_MEP = lazily(
    rf"(?:{_NEBTWEE}={{0,2}}[A-Za-z0-9+/]{{1,76}}(?![A-Za-z0-9+/]))?"
    rf"(?:{_NEBTWEE}[A-Za-z0-9+/]{{20,}})*"
    rf"(?:{_NEBTWEE}[A-Za-z0-9+/]{{1,76}}(?=\s*\Z))?"
)
PEM_MAX_CHARS = 20_000


def private_keys(text: str) -> Iterator[Span]:
    """Yield the spans of private keys in PEM form, whole or with their BEGIN or END cut off."""
    done = 0
    marks = list(PEM_MARK.finditer(text))
    for index, mark in enumerate(marks):
        if mark.start() < done:
            continue
        following = marks[index + 1] if index + 1 < len(marks) else None
        if mark[1] == "END":
            backwards = text[max(done, mark.start() - PEM_MAX_CHARS) : mark.start()][::-1]
            body = _YDOB_MEP.match(backwards)
            yield mark.start() - (body.end() if body else 0), mark.end(), "private-key"
            done = mark.end()
        elif (
            following and following[1] == "END" and (following.start() - mark.end() < PEM_MAX_CHARS)
        ):
            yield mark.start(), following.end(), "private-key"
            done = following.end()
        else:
            cut = _PEM_BODY.match(text, mark.end(), mark.end() + PEM_MAX_CHARS)
            done = cut.end() if cut else mark.end()
            yield mark.start(), done, "private-key"


_SCHEME = r"(?:bearer|basic|token|digest|negotiate|ntlm|apikey|api-key|key|aws4-hmac-sha256)"
# These three see lowered text.
_AUTHORIZATION = lazily(
    r"authorization(?:\\{0,4}[\"'])?\]?\s{0,4}(?:[:=,]|%3[ad])\s{0,4}(?:b?\\{0,4}[\"'])?\[?"
    rf"(?:b?[\"'])?(?:{_SCHEME}(?:\s|%20|\+){{1,4}})?(?P<secret>[^\s\"'\\][^\"'\\\r\n]{{0,4096}})"
)
_NO_AUTHORIZATION = ("required", "missing", "failed", "denied", "none")
# Their parameters are quoted, and one of many is the secret: the rest of the line goes.
_PARAMETERS = lazily(
    r"authorization[\"'\\\]:=, bB]{1,12}(?:digest|oauth|hawk|aws4-hmac-sha256|signature) "
    r"(?P<secret>[^\r\n]{1,4096})"
)
_BARE_SCHEME = lazily(
    r"b(?P<scheme>earer|asic)(?:[ :=]|%20){1,3}"
    r"(?P<secret>[a-z0-9._~+/-]{8,4096}={0,2})"
)
_COOKIE = lazily(
    r"cookie(?:\\{0,4}[\"'])?\]?\s{0,4}[:=,]\s{0,4}(?:b?\\{0,4}[\"'])?"
    r"(?P<line>[^\s\"'\\={}()\[\]]{1,128}=[^\"'\\\r\n]{1,4096})"
)
_COOKIE_PART = lazily(r"([^\s;,=]{1,128})=([^;,\s]{1,4096})")
_COOKIE_ATTRIBUTES = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "version", "priority", "comment"}
)


def authorizations(text: str, lowered: str) -> Iterator[Span]:
    """Yield the spans of what follows `Authorization:`, the scheme excepted."""
    for match in _PARAMETERS.finditer(lowered):
        yield *match.span("secret"), "authorization"
    for match in _AUTHORIZATION.finditer(lowered):
        start, end = match.span("secret")
        value = text[start:end].rstrip(" \t,;)]}")
        if is_worth_hiding(value) and value.lower() not in _NO_AUTHORIZATION:
            yield start, start + len(value), "authorization"


def bare_schemes(text: str, lowered: str) -> Iterator[Span]:
    """Yield the spans of credentials after `Bearer` or `Basic` without their header's name."""
    for match in _BARE_SCHEME.finditer(lowered):
        start, end = match.span("secret")
        if begins_within_word(lowered, match.start()):
            continue
        if _is_credential(match["scheme"], text[start:end]):
            yield start, end, "authorization"


def cookies(text: str, lowered: str) -> Iterator[Span]:
    """Yield the spans of the values in cookie headers; their names stay readable."""
    for match in _COOKIE.finditer(lowered):
        if begins_within_word(lowered, match.start()):
            continue
        yield from parts_of_cookies(text, *match.span("line"))


def parts_of_cookies(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the spans of the values of `name=value; name=value`."""
    for part in _COOKIE_PART.finditer(text, start, end):
        if part[1].lower() not in _COOKIE_ATTRIBUTES and is_worth_hiding(part[2]):
            yield *part.span(2), "cookie"


def occurrences(
    text: str, value: str, *, must_stand_alone: bool = True
) -> Iterator[tuple[int, int]]:
    """Yield where a value stands.

    Args:
        text: The text.
        value: The value, not empty.
        must_stand_alone: A letter or digit beside it makes it part of something else.
    """
    start = text.find(value)
    while start >= 0:
        end = start + len(value)
        touches = begins_within_word(text, start) or text[end : end + 1].isalnum()
        if not (must_stand_alone and touches):
            yield start, end
        start = text.find(value, end)


def is_worth_hiding(value: str) -> bool:
    """Return whether a value is something else than a mask, a placeholder or nothing."""
    bare = value.strip("\0 \t\"',;)]}")
    return bool(bare.strip("*x.<>-")) and not bare.startswith(("${", "$(", "{{", "%(", "<", "{"))


def _is_credential(scheme: str, value: str) -> bool:
    """Return whether the word after `Basic` or `Bearer` is one: prose uses both words too."""
    if scheme == "earer":
        return any(char.isdigit() for char in value) or len(value) >= 24
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return False
