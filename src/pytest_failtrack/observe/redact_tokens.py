"""Secrets that are known by their own shape: tokens, keys, URLs, headers; `redact.py` reads it.

Each group has a sieve, which is cheap and lets no secret of the group through, and rules, which
cost more and run only when the sieve caught something. A rule redacts its group `secret`, or the
whole match when it has none. Quantifiers are bounded wherever something must follow them, so
that hostile text costs linear time.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int, str]

# Nothing that continues a word to the left: `task-...` is no `sk-...`.
EDGE = r"(?<![A-Za-z0-9])"

# sieve, then (kind, pattern); patterns see the text as it is, in its own case.
AFTER_UNDERSCORE = (
    ("github-token", r"gh[pousr]_[A-Za-z0-9]{16,}"),
    ("github-token", r"github_pat_[A-Za-z0-9_]{16,}"),
    ("npm-token", EDGE + r"npm_[A-Za-z0-9]{30,}"),
    ("huggingface-token", EDGE + r"(?:hf|api_org)_[A-Za-z0-9]{20,}"),
    ("stripe-key", EDGE + r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("stripe-key", EDGE + r"whsec_[A-Za-z0-9+/=]{16,}"),
    ("digitalocean-token", EDGE + r"do[oprt]_v1_[a-f0-9]{32,}"),
    ("docker-token", EDGE + r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    ("linear-token", EDGE + r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}"),
    ("grafana-token", EDGE + r"gl(?:sa|c)_[A-Za-z0-9_+/=]{20,}"),
    ("groq-token", EDGE + r"gsk_[A-Za-z0-9]{32,}"),
    ("replicate-token", EDGE + r"r8_[A-Za-z0-9]{32,}"),
    ("supabase-token", EDGE + r"sb(?:p|_secret)_[A-Za-z0-9_-]{20,}"),
    ("planetscale-token", EDGE + r"pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.-]{20,}"),
    ("rubygems-token", EDGE + r"rubygems_[a-f0-9]{32,}"),
    ("shopify-token", EDGE + r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32,}"),
    ("notion-token", EDGE + r"(?:secret|ntn)_[A-Za-z0-9]{40,}"),
    ("sentry-token", EDGE + r"sntry[su]_[A-Za-z0-9_+/=]{20,}"),
    ("circleci-token", EDGE + r"CCIPAT_[A-Za-z0-9_-]{20,}"),
    ("atlassian-token", EDGE + r"AT[AC]TT3[A-Za-z0-9_=-]{32,}"),
)
AFTER_DASH = (
    ("gitlab-token", EDGE + r"gl(?:pat|ptt|dt|rt|cbt|oas|soat|ft|imt|agent)-[A-Za-z0-9_.-]{16,}"),
    ("slack-token", EDGE + r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("slack-token", EDGE + r"xapp-\d-[A-Za-z0-9-]{10,}"),
    (
        "api-key",
        EDGE + r"sk-(?=[A-Za-z_-]{0,64}\d)(?:[a-z0-9]{2,10}-){0,3}[A-Za-z0-9_-]{16,}",
    ),
    ("api-key", EDGE + r"sk-[A-Za-z0-9]{20,}"),
    ("pypi-token", EDGE + r"pypi-(?=[A-Za-z_-]{0,64}\d)[A-Za-z0-9_-]{32,}"),
    ("pypi-token", EDGE + r"pypi-Ag[A-Za-z0-9_-]{16,}"),
    ("mailgun-key", EDGE + r"key-[0-9a-f]{32}"),
    ("newrelic-key", EDGE + r"NR(?:AK|AA|JS|II)-[A-Za-z0-9]{20,}"),
    ("postman-key", EDGE + r"PMAK-[A-Za-z0-9-]{24,}"),
    ("heroku-key", EDGE + r"HRKU-[A-Za-z0-9_-]{20,}"),
    ("age-key", EDGE + r"AGE-SECRET-KEY-1[A-Z0-9]{16,}"),
    ("google-key", EDGE + r"GOCSPX-[A-Za-z0-9_-]{16,}"),
    ("square-token", EDGE + r"sq0[a-z]{3}-[A-Za-z0-9_-]{20,}"),
    ("api-key", EDGE + r"(?:pplx|xai|tvly|pul)-[A-Za-z0-9]{32,}"),
    ("atlassian-token", EDGE + r"AT[AC]TT3[A-Za-z0-9_=-]{32,}"),
)
AFTER_DOT = (
    ("sendgrid-key", EDGE + r"SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}"),
    ("vault-token", EDGE + r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    ("google-token", EDGE + r"ya29\.[A-Za-z0-9_-]{16,}"),
    ("doppler-token", EDGE + r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{20,}"),
    ("terraform-token", EDGE + r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}"),
    ("discord-token", EDGE + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
)
AWS = (
    ("aws-key", EDGE + r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    # The secret half has no prefix; beside its id it is known.
    (
        "aws-key",
        EDGE + r"A[KS]IA[A-Z0-9]{16}[^\n]{1,80}?(?<![A-Za-z0-9+/])"
        r"(?P<secret>[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])",
    ),
)
# A JWT may be cut after its first part, and an encrypted one has five.
JWT = (("jwt", r"eyJ[A-Za-z0-9_-]{12,}(?:\.[A-Za-z0-9_-]*){0,4}"),)
URL = (
    # Not `http://localhost:8080/users/@me`: digits and a slash are a port.
    ("url-password", r"://[^\s:/@\"'<>]{0,128}:(?!\d{1,5}/)(?P<secret>[^\s\"'<>/?#]{1,256})@"),
    ("url-password", r"://[^\s:/@\"'<>]{0,128}:(?!\d{1,5}/)(?P<secret>[^\s\"'<>@]{1,256})@"),
    ("url-password", r"://(?P<secret>[^\s:/@\"'<>]{16,256})@"),
    ("webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[\w/-]+)"),
    ("webhook", r"discord(?:app)?\.com/api/webhooks/(?P<secret>\d+/[\w-]+)"),
    ("webhook", r"webhook\.office\.com/webhookb2/(?P<secret>[\w@/-]+)"),
    ("telegram-token", r"api\.telegram\.org/bot(?P<secret>\d+:[\w-]+)"),
    (
        "signature",
        r"(?i)[?&;](?:amp;)?(?:sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token))"
        r"=(?P<secret>[^\s&\"'<>]{4,})",
    ),
)


@dataclass(frozen=True)
class Group:
    """Rules behind one sieve.

    Args:
        is_suspect: Says of a text, cheaply, whether a rule of the group can match.
        rules: Kind and compiled pattern.
    """

    is_suspect: Callable[[str], object]
    rules: tuple[tuple[str, re.Pattern[str]], ...]


def _group(is_suspect: Callable[[str], object], rules: tuple[tuple[str, str], ...]) -> Group:
    return Group(is_suspect, tuple((kind, re.compile(pattern)) for kind, pattern in rules))


def groups() -> tuple[Group, ...]:
    """Return the groups of known shapes, compiled.

    One literal character before a class lets the engine skip to it with `memchr`: 1 us a kB,
    where a search for each prefix costs 0.5 us a prefix.
    """
    return (
        _group(re.compile(r"_[A-Za-z0-9][A-Za-z0-9_-]{15}").search, AFTER_UNDERSCORE),
        _group(re.compile(r"-[A-Za-z0-9][A-Za-z0-9_.-]{9}").search, AFTER_DASH),
        _group(re.compile(r"\.[A-Za-z0-9_-]{16}").search, AFTER_DOT),
        _group(lambda text: "KIA" in text or "SIA" in text, AWS),
        _group(lambda text: "eyJ" in text, JWT),
        _group(lambda text: "AIza" in text, (("google-key", r"AIza[A-Za-z0-9_-]{30,}"),)),
        _group(lambda text: "SK" in text, (("twilio-key", EDGE + r"SK[0-9a-f]{32}"),)),
        _group(lambda text: "~" in text, (("azure-secret", r"[\w.~-]{3}\dQ~[\w.~-]{30,40}"),)),
        _group(lambda text: "://" in text, URL),
        _group(lambda text: ":AA" in text, (("telegram-token", r"\d{8,10}:AA[\w-]{32,}"),)),
    )


PEM_MARK = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
# What stands between the lines of a key: a line break, also an escaped one, and what pytest, a
# diff, a quote or a YAML block puts at the start of a line.
_BETWEEN = r"(?:\\+[nrt]|[\s\"'+,>|\\]|\bE\b|^-)*"
_PEM_BODY = re.compile(
    rf"(?:{_BETWEEN}(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]{{0,200}})*"
    rf"(?:{_BETWEEN}[A-Za-z0-9+/]{{20,}}={{0,2}})*"
    rf"(?:{_BETWEEN}(?:[A-Za-z0-9+/]{{1,76}}={{1,2}}|=[A-Za-z0-9+/]{{4}}\b|[A-Za-z0-9+/]{{1,76}}\Z))?"
)
_NEBTWEE = r"(?:[nrt]\\+|[\s\"'+,>|\\]|\bE\b|-(?=\s))*"
_YDOB_MEP = re.compile(
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
_AUTHORIZATION = re.compile(
    r"(?i)authorization(?:\\{0,4}[\"'])?\]?\s{0,4}(?:[:=,]|%3[ad])\s{0,4}(?:b?\\{0,4}[\"'])?\[?"
    rf"(?:b?[\"'])?(?:{_SCHEME}(?:\s|%20|\+){{1,4}})?(?P<secret>[^\s\"'\\][^\"'\\\r\n]{{0,4096}})"
)
_BARE_SCHEME = re.compile(
    r"(?i)(?<![a-z0-9])(?P<scheme>bearer|basic)(?:[ :=]|%20){1,3}"
    r"(?P<secret>[A-Za-z0-9._~+/-]{8,4096}={0,2})"
)
_COOKIE = re.compile(
    r"(?i)(?<![a-z0-9])(?:set-)?cookie(?:\\{0,4}[\"'])?\]?\s{0,4}[:=,]\s{0,4}(?:b?\\{0,4}[\"'])?"
    r"(?P<line>[^\s\"'\\={}()\[\]]{1,128}=[^\"'\\\r\n]{1,4096})"
)
_COOKIE_PART = re.compile(r"([^\s;,=]{1,128})=([^;,\s]{1,4096})")
_COOKIE_ATTRIBUTES = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "version", "priority", "comment"}
)


def headers(text: str, lowered: str) -> Iterator[Span]:
    """Yield the spans of authorization values and of cookie values; names stay readable."""
    if "authorization" in lowered:
        for match in _AUTHORIZATION.finditer(text):
            if is_worth_hiding(match["secret"]):
                yield *_trimmed(match), "authorization"
    if "bearer" in lowered or "Basic" in text or "basic " in lowered:
        for match in _BARE_SCHEME.finditer(text):
            if _is_credential(match["scheme"].lower(), match["secret"]):
                yield *match.span("secret"), "authorization"
    if "cookie" in lowered:
        for match in _COOKIE.finditer(text):
            for part in _COOKIE_PART.finditer(text, *match.span("line")):
                if part[1].lower() not in _COOKIE_ATTRIBUTES and is_worth_hiding(part[2]):
                    yield *part.span(2), "cookie"


def is_worth_hiding(value: str) -> bool:
    """Return whether a value is something else than a mask, a placeholder or nothing."""
    bare = value.strip("\0 \t\"',;)]}")
    return bool(bare.strip("*x.<>-")) and not bare.startswith(("${", "$(", "{{", "%(", "<", "{"))


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    start, end = match.span("secret")
    return start, start + len(match["secret"].rstrip(" \t,;)]}"))


def _is_credential(scheme: str, value: str) -> bool:
    """Return whether the word after `Basic` or `Bearer` is one: prose uses both words too."""
    if scheme == "bearer":
        return any(char.isdigit() for char in value) or len(value) >= 24
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return False
