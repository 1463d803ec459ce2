"""One line of a log as it was meant: without escapes, and without what others put before it."""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

LINE_MAX_CHARS = 1_000
# The longest prefix that is taken off a line: escapes, a timestamp, a service, a mark.
_PREFIX_MAX_CHARS = 400

_ESCAPES = lazily(
    r"\^\[\[[0-9;]{0,12}m|"  # as some tools write them down
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]_P^X][^\x07\x1b]{0,1000}(?:\x07|\x1b\\)|\x1b[@-Z\\^_]"
    r"|[\x00-\x08\x0e-\x1f]"
)
_PREFIXES = lazily(
    r"(?:"
    r"[^\t]{1,100}\t(?:UNKNOWN STEP\t|[^\t]{1,200}\t\ufeff?(?=\d{4}-\d\d-\d\dT))"  # gh run view
    r"|\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?\]:? {0,4}"
    r"| {0,8}\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z ?|(?:[+-]\d\d:?\d\d)?:? {0,4})"
    r"(?:-(?=[A-Z]{4,8}: ))?"
    r"|\d{1,2}:\d\d:\d\d [AP]M: {1,4}"  # netlify
    r"|(?:\[\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: [AP]M)?\]|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?):?"
    r"(?: {1,4}|\t)"
    r"|[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{3}\] "  # prow
    r"|\(\d\d:\d\d:\d\d\) (?=[A-Z]{4,8}: )"  # bazel
    r"|\[ {0,8}\d{1,6}s\] "  # open build service
    r"|\[\d{4}-\d\d-\d\d, \d\d:\d\d:\d\d [A-Z]{3,4}\] "  # airflow
    r"\{[\w.]{1,60}:\d{1,6}\} INFO - {1,4}"
    r"|p=\d{1,8} u=\S{1,40}(?: n=\S{1,40})?(?: [A-Z]{4,8})? ?\| {1,2}"  # ansible
    r"|==> (?!(?i:error|warn(?:ing)?|note|info|fatal|failed|caution|debug|notice): )"  # vagrant
    r"[\w.-]{1,60}: (?=\S)|Enter password: (?=ERROR)"
    r"|\d{1,3}> {0,8}(?=[A-Za-z(=\\/-])"  # projects of msbuild
    r"|(?:app|heroku)\[[\w.-]{1,40}\]: "
    r"|\d\d:\d\d\.\d{3} {2}(?=\S)"  # minutes and seconds
    r"|remote: {1,12}(?=npm |Module not found: |\S{1,200}:\d{1,7}:\d{1,5}: "
    r"|[\w.]{1,200}Error: |Your Pipfile)"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,60} "
    r"|section_(?:start|end):\d+:[\w.-]{1,100}(?:\[[^\]]{0,80}\])?"
    r"|#\d+ \d+\.\d+ "  # docker buildkit
    r"|[a-z][\w.-]{1,40} : (?=(?:error|fatal|ERROR): |npm )"  # a program, by powershell
    r"|\d{1,5}\.\d{1,3} {1,8}(?=[A-Z*/#>\[]|error|fatal|npm |make|gyp |curl|[a-z]{1,20}: "
    r"|(?:\w{1,60}\.){1,8}\w{0,60}(?:Error|Exception)\b)"
    r"|[▸▹►] {1,2}"  # xcpretty
    r"|# {1,2}(?=\[ERROR\]|\S{1,200}: line \d|(?:fatal )?[Ee]rror: "  # opam
    r"|\S{1,200}:\d+:\d+: error)"
    r"|(?!\d{1,7} |std(?:err|out) )[\w.-]{1,60} {1,40}\| "  # docker compose, no source
    r"| {1,40}\+[\w./-]{1,60} {1,40}\| "  # earthly
    r"|(?:\.|[\w@.-]{1,60}(?:/[\w@.-]{1,60}){1,6}) (?:pre|post)?(?:build|check|compile|lint|test"
    r"|type-?check)[\w:-]{0,40}: "  # pnpm
    r"|[\w@/.-]{1,100}:(?:build|check|compile|lint|test|type-?check)[\w:-]{0,40}: "  # turbo
    r"|(?:[\w./-]{1,200}\.py )?[.sxFE]{0,200}(?=Fatal Python error)"
    r"| {2,12}\[(?:javac?|junit\w{0,10}|testng|exec|javadoc|groovyc|scalac|apply)\] "  # ant
    r"|(?!nox|tox)[a-z][\w-]{1,60}(?:-\d[\w.]{0,20})? {0,20}> (?!Task )"  # stack
    r"| {0,12}=> (?=[\w.]{1,200}(?:Error|Exception)\b)|INTERNALERROR> ?|\|? {0,5}[│|] (?=\S)"
    r"|==\d{1,9}==(?: {1,4}(?!ERROR: )|$)"  # valgrind
    r"|(?:\[[\w@ ./:-]{1,40}\] )? {0,4}[›»] {1,4}(?:[✘✖] {1,4})?"  # semantic-release, oclif
    r"|\[[\w@ .-]{1,60}/[\w@ ./-]{1,80}\](?: {3}\| | {2,4}(?=[❌🚨]))"  # act
    r"|##\[(?:error|endgroup)\]|##vso\[task\.logissue type=error[^\]]{0,300}\]"
    r"|::error(?: [^:]{0,300})?::"
    r")"
)
_GITHUB_MARK = lazily(r"##\[error\]|::error(?: |::)|##vso\[task\.logissue type=error")


def last_state(line: str) -> str:
    """Return what is left on the screen of a line with carriage returns, without escapes."""
    return _ESCAPES.sub("", line.rstrip("\r").rpartition("\r")[2])


def cleaned(raw: str) -> tuple[str, bool]:
    """Return a line without escapes and prefixes, and whether the CI marked it as an error."""
    line = raw[: LINE_MAX_CHARS + _PREFIX_MAX_CHARS].rstrip()
    if not line.isprintable() or "^[[" in line:
        line = _ESCAPES.sub("", line)
    is_marked = "##" in line or "::" in line
    is_marked = is_marked and bool(_GITHUB_MARK.search(line, 0, 80))
    for _ in range(4):
        prefix = _PREFIXES.match(line)
        if not prefix or prefix.end() == 0:
            break
        line = line[prefix.end() :]
    return line, is_marked


def shown(line: str) -> str:
    """Return a line without margins, and without what pytest and buildkit put before it."""
    line = re.sub(r"^(?:E {3,}(?:\| )*|#\d{1,6} (?=ERROR: ))", "", line.strip())
    return line[:LINE_MAX_CHARS].strip()
