"""Secrets that are known by the command or the sentence they stand in: `sshpass -p x`.

`names.py` reads it. `-p` is a port, a plugin or a path for most programs: a flag counts
behind those alone that take a secret there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redaction.tokens import Span, is_worth_hiding, parts_of_cookies

# What stands between two words of a command: typed, as a list of Python, or in JSON.
_QUOTED = r"(?:\\{0,4}[\"'])?"
_SEP = rf"{_QUOTED}(?:,[ \t]{{0,4}}|[ \t]{{1,4}}(?:\\\n[ \t]{{0,8}})?){_QUOTED}"
_GAP = r"(?:[^\n;|&]|(?<=\\)\n){0,400}?"
_OPTIONS = rf"(?:{_SEP}--?[\w-]{{1,40}}(?:=[^\s\"',]{{1,80}})?){{0,3}}"
_TO_VALUE = rf"(?:{_SEP}|={_QUOTED})"
_SECRET_NAME = (
    r"[^\s\"',=]{0,200}?(?:_auth|auth_?token|_token|password|passwd|secret(?:_access)?_?key|secret"
    r"|api_?key)"
)


def _behind(command: str, flags: str, to_value: str = _TO_VALUE) -> re.Pattern[str]:
    """Return a pattern of a command up to its secret; the case counts, `mysql -P` is a port."""
    return lazily(rf"{command}(?={_SEP}){_GAP}(?<=[\s\"',])(?:{flags}){to_value}")


def _after(programs: str) -> re.Pattern[str]:
    """Return a pattern of what stands before the name of a subcommand."""
    return lazily(rf"(?<![\w.-])(?:{programs}){_OPTIONS}(?:{_SEP}(?:acr|registry|auth))?{_SEP}\Z")


# `-port` and `-project` are flags of others, or typed wrong.
_ATTACHED = (
    rf"{_QUOTED}(?![ \t\"',]|no:|thread\b|ipe\b|edantic|ie\b|ort\b|assw(?:or)?d\b"
    r"|ro(?:file|ject|tocol)\b|\d+:\d)"
)
_SET = rf"{_OPTIONS}{_SEP}set{_OPTIONS}{_SEP}(?!--)(?i:{_SECRET_NAME}){_TO_VALUE}"
_LOGINS = _after("docker|podman|nerdctl|buildah|skopeo|oras|crane|az|oc|cf|helm")


@frozen
class _Command:
    """What a secret stands behind.

    Args:
        word: A word that each of its texts holds; nothing else is asked, or compiled, without it.
        up_to_value: Matches up to where the secret begins.
        before: What must end where that match begins, None where it is the name of a program.
    """

    word: str
    up_to_value: re.Pattern[str]
    before: re.Pattern[str] | None = None


# The patterns begin with what each text holds, to which the engine skips.
_FLAGS = (
    _Command("login", _behind("login", "-p"), _LOGINS),
    _Command("login", _behind("login", "-p", _ATTACHED), _LOGINS),
    _Command(
        "mysql",
        _behind("mysql(?:dump|admin|import|show|check|slap|pump|sh)?", "-p", _ATTACHED),
    ),
    _Command("mariadb", _behind("mariadb(?:-[a-z]{2,12})?", "-p", _ATTACHED)),
    _Command("mongo", _behind("mongo(?:sh|dump|restore|export|import)?", "-p")),
    _Command("redis-cli", _behind("redis-cli", "-a")),
    _Command("sqlcmd", _behind("sqlcmd", "-P")),
    _Command("sqlcmd", _behind("sqlcmd", "-P", _ATTACHED)),
    _Command("ldap", _behind("ldap(?:search|modify|add|delete|whoami|passwd|compare)", "-w")),
    _Command("twine", _behind(rf"twine{_OPTIONS}{_SEP}upload", "-p")),
    _Command("publish", _behind("publish", "-p|-t"), _after("poetry|uv|flit")),
    _Command("sshpass", lazily(rf"sshpass(?:{_SEP}-v)?{_SEP}-p(?:{_SEP})?")),
    _Command("openssl", _behind("openssl", "-[kK]")),
    _Command("keytool", _behind("keytool", "-(?:store|key|srcstore|deststore)pass")),
    _Command("jarsigner", _behind("jarsigner", "-(?:store|key)pass")),
    _Command("7z", _behind("7z[arz]?", "-p", _ATTACHED)),
    _Command("zip", _behind("zip", "-P")),
    _Command("unzip", _behind("unzip", "-P")),
    _Command("nuget", _behind(rf"nuget{_OPTIONS}{_SEP}push", "-k")),
)
# Between IDENTIFIED, of SQL, and the password.
_BY = (
    r"(?i:\s{1,4}with\s{1,4}[\w'\"]{1,60})?(?i:\s{1,4}by)(?i:\s{1,4}password)?\s{1,4}"
    r"\\{0,4}[\"']"
)
_USER = r"[^\s:%/\"',]{1,64}"
# A single argument, and none of prose: it holds a digit, `vault login failed` holds none.
_ALONE = r"(?=[^\s\"'=]{0,256}\d)(?=[^\s\"'=]{8,256}(?:[\s\"']|\Z))"
_PLAIN = (
    _Command(
        "vault",
        lazily(rf"vault{_SEP}login(?!{_GAP}-method){_OPTIONS}{_SEP}{_ALONE}"),
    ),
    _Command(
        "cargo",
        lazily(
            rf"cargo{_SEP}login(?:{_SEP}--registry{_TO_VALUE}[\w.-]{{1,64}})?{_OPTIONS}{_SEP}{_ALONE}"
        ),
    ),
    _Command(
        "pulumi",
        lazily(
            rf"pulumi{_OPTIONS}{_SEP}config{_OPTIONS}{_SEP}set(?={_GAP}--secret)"
            rf"{_OPTIONS}{_SEP}[A-Za-z][\w:.-]{{0,80}}{_OPTIONS}{_SEP}"
        ),
    ),
    _Command(
        "htpasswd",
        lazily(
            rf"htpasswd(?={_GAP}[\s\"',]-[A-Za-z]{{0,8}}b)"
            rf"(?:{_SEP}-[A-Za-z]{{1,8}}(?:{_SEP}\d{{1,2}})?){{1,4}}"
            rf"(?:(?<=n)|(?<=nb)|(?<=n[Bmds]b)|(?<=nb[Bmds])|{_SEP}[^\s\"',-][^\s\"',]{{0,200}})"
            rf"{_SEP}{_USER}{_SEP}"
        ),
    ),
    _Command("creds", lazily(rf"--(?:src-|dest-)?creds{_TO_VALUE}{_USER}:")),
    _Command(
        "smbclient",
        _behind("smbclient", "-U|--user", rf"(?:{_TO_VALUE})?{_QUOTED}{_USER}%"),
    ),
    _Command(
        "curl",
        _behind("curl", "-[uU]|--proxy-user", rf"(?:{_TO_VALUE})?{_QUOTED}{_USER}:(?!//)"),
    ),
    _Command(
        "--from-literal",
        lazily(rf"--from-literal{_TO_VALUE}(?!user|host|port)[\w.-]{{1,80}}="),
        lazily(rf"create{_SEP}secret[^\n;|&]{{0,180}}\Z"),
    ),
    _Command("IDENTIFIED", lazily(rf"IDENTIFIED{_BY}")),
    _Command(
        "identified",
        lazily(rf"identified{_BY}"),
        lazily(r"(?:create|alter|grant)\s[^\n;]{0,190}\Z"),
    ),
)
_SETTINGS = (
    _Command(
        "http-basic.",
        lazily(rf"http-basic\.[\w-]{{1,40}}{_SEP}[^\s\"',]{{1,80}}{_SEP}"),
        _after("config"),
    ),
    _Command("config", lazily(rf"config(?:ure)?{_SET}")),
    _Command("npm", lazily(rf"npm{_SET}")),
)
_ARGUMENT = lazily(r"[^\s\"'\0;|&<>]{1,256}")
# `-p $TOKEN` and `-p %TOKEN%` name it; another flag, and a word of prose, are none.
_NO_ARGUMENT = lazily(r"\$\w|%\w+%|-|[\w.]{1,3}\Z")
_PROSE = lazily(r"(?:needs|requires)[ ]an[ ]argument\b")
_UNTIL = {'"': lazily(r"[^\"\n]{1,4096}"), "'": lazily(r"[^'\n]{1,4096}")}
_COOKIES = lazily(
    rf"curl(?<![\w.-]curl)\b{_GAP}(?<=[\s\"',])(?:-b|--cookie)(?:{_SEP}|=)?{_QUOTED}"
    r"(?P<line>[^\s\"'=;]{1,128}=[^\"'\n]{1,4096})"
)


def flags(text: str, _lowered: str) -> Iterator[Span]:
    """Yield the secrets that known programs take behind a flag."""
    return _arguments(_FLAGS, text)


def plain(text: str, _lowered: str) -> Iterator[Span]:
    """Yield the secrets that known commands take without a flag, or with a user before them."""
    return _arguments(_PLAIN, text, may_be_of_others=False)


def settings(text: str, _lowered: str) -> Iterator[Span]:
    """Yield the secrets that a command writes to a configuration."""
    return _arguments(_SETTINGS, text)


def _arguments(
    commands: tuple[_Command, ...], text: str, *, may_be_of_others: bool = True
) -> Iterator[Span]:
    for command in commands:
        if command.word not in text:
            continue
        for match in command.up_to_value.finditer(text):
            start = match.start()
            if command.before is None:
                is_command = not re.match(r"[\w.-]", text[start - 1 : start])
            else:
                is_command = bool(command.before.search(text, max(0, start - 200), start))
            span = _argument(text, match.end()) if is_command else None
            if span and not (may_be_of_others and _is_of_others(text, start)):
                yield *span, "password"


def curl_cookies(text: str, _lowered: str) -> Iterator[Span]:
    """Yield the values of the cookies that `curl -b name=value` sends."""
    for match in _COOKIES.finditer(text):
        start, end = match.span("line")
        if text[start - 1] not in "\"'":
            end = start + len(text[start:end].split(None, 1)[0])
        yield from parts_of_cookies(text, start, end)


def _is_of_others(text: str, start: int) -> bool:
    """Return whether the words are arguments of others: `pytest tests/mysql -pno:x`."""
    line = text[max(text.rfind("\n", 0, start) + 1, start - 200) : start]
    return "pytest" in line or "docker run" in line


def _argument(text: str, start: int) -> tuple[int, int] | None:
    mark = _UNTIL.get(text[start - 1 : start])
    found = (mark or _ARGUMENT).match(text, start)
    if not found:
        return None
    value = found[0].rstrip("\\") if mark else found[0].rstrip(",)]}")
    if _NO_ARGUMENT.match(value) or _PROSE.match(text, start) or not is_worth_hiding(value):
        return None
    return start, start + len(value)


# They begin with letters alone, to which the engine skips, and look back from there.
_PASSWORD = lazily(r"pass(?:word|wd|phrase|code)(?P<verb>[ ](?:is|was))?[ \t:]{1,8}")
_OF_MACHINE = lazily(
    r"(?:machine\s{1,8}\S{1,256}|default)\s{1,8}(?:(?:login|account)\s{1,8}\S{1,256}\s{1,8}){0,2}\Z"
)
_MIXED = r"(?=[^\s\"']{0,64}[A-Za-z])(?=[^\s\"']{0,64}\d)"
_SAID = lazily(
    r"(?![\"'`]?(?:sha|md5|base|utf|bcrypt|argon|scrypt|pbkdf|https?:))"
    rf"(?:(?P<mark>[\"'`]){_MIXED}(?P<quoted>[^\s\"'`]{{4,256}})(?P=mark)"
    rf"|{_MIXED}(?P<bare>[^\s\"'`]{{8,256}}))",
    re.IGNORECASE,
)
# A line of a .netrc of its own: of these only a value that is no word counts.
_LAST = lazily(rf"{_MIXED}(?P<bare>[^\s\"'=:]{{8,256}})[ \t]*(?:\r?\n|\Z)")
_ANY = lazily(r"(?P<bare>[^\s\"']{2,256})")


def sentences(text: str, lowered: str) -> Iterator[Span]:
    """Yield the passwords of a .netrc, and of `the password is x1y2z3w4`."""
    for match in _PASSWORD.finditer(lowered):
        found = _said(text, lowered, match)
        if found:
            group = "bare" if found["bare"] else "quoted"
            value = found[group].rstrip(".,;:!?)]}")
            if is_worth_hiding(value) and not _NO_ARGUMENT.match(value):
                yield found.start(group), found.start(group) + len(value), "password"


def _said(text: str, lowered: str, match: re.Match[str]) -> re.Match[str] | None:
    start, end = match.span()
    if match["verb"]:
        return _SAID.match(text, end)
    if ":" in match[0]:
        return None
    if _OF_MACHINE.search(lowered, max(0, start - 600), start):
        return _ANY.match(text, end)
    is_first = not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t")
    return _LAST.match(text, end) if is_first else None


_SECRET_WORDS = ("pass", "pwd", "secret", "token", "key")
_VALUE = lazily(rf"value{_QUOTED}(?:=|[ \t]{{0,4}}:[ \t]{{0,4}}){_QUOTED}")
_NAME_OF_VALUE = lazily(
    r"(?:name|key)(?:\\{0,4}[\"'])?\s{0,4}[:=]\s{0,4}(?:\\{0,4}[\"'])?(?P<name>[\w.:-]{0,80}?)"
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|(?:api|access|secret|private|account)[_-]?key)"
    r"(?:[_-]?\d{1,3})?(?:\\{0,4}[\"'])?,?"
    r"(?:\s{1,4}[\w:-]{1,40}=\\{0,4}[\"'][^\"'\n]{0,80}[\"']){0,3}(?:\s|\\n){0,40}(?:\\{0,4}[\"'])?\Z"
)
_MODEL_NAME = lazily(r"(?:^|[_.-])(?:eos|bos|pad|unk|sep|mask|cls|stop|next|end|start)[_-]?\Z")


def named_values(text: str, lowered: str) -> Iterator[Span]:
    """Yield the values of `<add key="Password" value="x"/>` and `- name: A_TOKEN, value: x`."""
    if not any(word in lowered for word in _SECRET_WORDS):
        return
    for match in _VALUE.finditer(lowered):
        window = lowered[max(0, match.start() - 300) : match.start()]
        if "name" not in window and "key" not in window:
            continue
        before = _NAME_OF_VALUE.search(lowered, max(0, match.start() - 300), match.start())
        if before and not _MODEL_NAME.search(before["name"]):
            span = _argument(text, match.end())
            if span and not text[span[0] : span[1]].isdecimal():
                yield *span, "password"
