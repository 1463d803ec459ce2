"""SARIF 2.1.0, what scanners and linters write, as observations; `reading.py` asks.

A result is a failure when it is of the kind `fail`, not suppressed, not gone (`absent`), and of the
level `error` or `warning`. Secrets and vulnerabilities say so of themselves (C-5), so that no rule
about infrastructure ever lets one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.maker import Maker, dicts_in, numbered
from pytest_failtrack.observe.observation import Frame, Observation, Raised

SOURCE = "sarif"
LEVELS = frozenset({"error", "warning"})
RESULTS_MAX = 100_000
SUGGESTION_MAX_CHARS = 400
# CVSS bounds of `security-severity`, as GitHub reads them.
SEVERITIES = ((9.0, "CRITICAL"), (7.0, "HIGH"), (4.0, "MEDIUM"), (0.0, "LOW"))
SEVERITY_BY_LEVEL = {"error": "HIGH", "warning": "MEDIUM"}

_SECRET = lazily(
    r"(?i)\bsecrets?\b|credential|password|private[-_ ]?key|api[-_ ]?key|\bCWE-(?:798|259)\b"
)
_SECRET_TOOLS = ("gitleaks", "trufflehog", "detect-secrets", "ggshield")
_SECURITY = lazily(r"(?i)\bsecurity\b|vulnerab|\bcwe[-/]?\d|\bCVE-\d{4}-\d|\bGHSA-")


def is_sarif(document: Any) -> bool:
    """Return whether a JSON document is a SARIF log."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("runs"), list)
        and (
            "sarif" in str(document.get("$schema", "")).lower()
            or str(document.get("version", "")).startswith("2.")
        )
    )


def observe_sarif(
    document: Mapping[str, Any],
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    saw_gap: Callable[[str], None] | None = None,
) -> list[Observation]:
    """Return the results of a SARIF log that are failures, in its order.

    A tool that says not to have succeeded, and shows no result that explains it, is one as well.

    Args:
        document: The log.
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor: a message can quote the secret that it is about.
        saw_gap: Receives the sentence on a log without a run.
    """
    maker = Maker(root, redact, source)
    found: list[Observation] = []
    if saw_gap is not None and not any(True for _ in dicts_in(document.get("runs"))):
        saw_gap(f"{source}: holds no run of a tool; did the scan run? Run it again")
    for run in dicts_in(document.get("runs")):
        before = len(found)
        for result in _results(run):
            if len(found) < RESULTS_MAX:
                found.append(result(maker))
        found += _failed_invocations(run, maker, has_results=len(found) > before)
    return numbered(found)


def _failed_invocations(
    run: Mapping[str, Any], maker: Maker, *, has_results: bool
) -> Iterator[Observation]:
    """Yield that a tool says of itself not to have done its work; results may be why it says so."""
    tool = str(_dict(_dict(run.get("tool")).get("driver")).get("name") or "scanner")
    for one in dicts_in(run.get("invocations")):
        told = [*dicts_in(one.get("toolExecutionNotifications"))]
        told += dicts_in(one.get("toolConfigurationNotifications"))
        errors = [note for note in told if note.get("level") == "error"]
        status = one.get("exitCode")
        known = status if isinstance(status, int) and not isinstance(status, bool) else None
        if one.get("executionSuccessful") is False:
            is_failed = bool(errors) or not has_results
        else:  # some say to have succeeded whenever they could write the log
            ran = dicts_in(one.get("toolExecutionNotifications"))
            has_error = any(note.get("level") == "error" for note in ran)
            is_failed = bool(known) and has_error and not has_results
        if not is_failed:
            continue
        said = [str(_dict(note.get("message")).get("text") or "") for note in errors or told]
        how = f" (exit code {known})" if known is not None else ""
        text = next(filter(None, said), "") or str(one.get("exitCodeDescription") or "")
        text = text or f"{tool} says that it did not succeed{how} and shows no result"
        yield maker.failure(
            source=SOURCE,
            when="command",
            nodeid=tool,
            outcome="failed",
            text=text,
            exceptions=(Raised("Failure", text),),
            exit_status=known,
        )


def _results(run: Mapping[str, Any]) -> Iterator[Callable[[Maker], Observation]]:
    driver = _dict(_dict(run.get("tool")).get("driver"))
    rules = [*dicts_in(driver.get("rules"))]
    by_id = {str(one.get("id")): one for one in rules}
    for extension in dicts_in(_dict(run.get("tool")).get("extensions")):
        by_id.update({str(one.get("id")): one for one in dicts_in(extension.get("rules"))})
    tool = str(driver.get("name") or "scanner")
    for result in dicts_in(run.get("results")):
        rule = _rule_of(result, rules, by_id)
        level = _level(result, rule)
        if level in LEVELS and _counts(result):
            yield _Result(result, rule, tool, level).observation


def _rule_of(
    result: Mapping[str, Any], rules: list[Mapping[str, Any]], by_id: Mapping[str, Any]
) -> Mapping[str, Any]:
    named = result.get("ruleId") or _dict(result.get("rule")).get("id")
    if named is not None and str(named) in by_id:
        return _dict(by_id[str(named)])
    index = result.get("ruleIndex")
    if isinstance(index, int) and 0 <= index < len(rules):
        return rules[index]
    # `CA1000/1` is a part of the rule `CA1000`.
    return _dict(by_id.get(str(named).partition("/")[0]))


def _level(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    given = result.get("level") or _dict(rule.get("defaultConfiguration")).get("level")
    return str(given or "warning")


def _counts(result: Mapping[str, Any]) -> bool:
    """Whether a result is a failure, whatever its level."""
    if result.get("kind", "fail") != "fail" or result.get("baselineState") == "absent":
        return False
    suppressions = [*dicts_in(result.get("suppressions"))]
    refused = any(one.get("status") in ("underReview", "rejected") for one in suppressions)
    return not suppressions or refused


class _Result:
    """One result with what its rule says."""

    def __init__(
        self, result: Mapping[str, Any], rule: Mapping[str, Any], tool: str, level: str
    ) -> None:
        self.result = result
        self.rule = rule
        self.tool = tool
        self.level = level
        self.rule_id = str(result.get("ruleId") or rule.get("id") or tool)

    def observation(self, maker: Maker) -> Observation:
        message = self._message()
        path, line, symbol = self._place()
        known = maker.places.place(path) if path else None
        file = known.file if known else ""
        frames = (Frame(file, line or 0, symbol or "<module>", is_project=True),) if file else ()
        where = f"{file}:{line}: " if line else f"{file}: " if file else ""
        return maker.failure(
            source=SOURCE,
            when="command",
            nodeid=f"{self.tool} {self.rule_id} {file}".rstrip(),
            outcome="failed",
            text=f"{where}{self.rule_id} {message}",
            exceptions=(Raised(self.rule_id, message, frames),),
            file=file,
            line=line,
            told=self._told(maker.redact),
        )

    def _message(self) -> str:
        said = _dict(self.result.get("message"))
        text = said.get("text") or said.get("markdown")
        if not text and said.get("id"):
            strings = _dict(self.rule.get("messageStrings"))
            text = _dict(strings.get(str(said["id"]))).get("text")
        for at, value in enumerate(said.get("arguments") or ()):
            text = str(text or "").replace(f"{{{at}}}", str(value))
        described = _dict(self.rule.get("shortDescription")).get("text")
        return str(text or described or self.rule.get("name") or self.rule_id)

    def _place(self) -> tuple[str, int | None, str]:
        first = next(dicts_in(self.result.get("locations")), {})
        physical = _dict(first.get("physicalLocation"))
        uri = str(_dict(physical.get("artifactLocation")).get("uri") or "")
        line = _dict(physical.get("region")).get("startLine")
        logical = next(dicts_in(first.get("logicalLocations")), {})
        name = str(logical.get("fullyQualifiedName") or logical.get("name") or "")
        is_line = isinstance(line, int) and not isinstance(line, bool)
        path = unquote(urlsplit(uri).path if uri.startswith("file:") else uri)
        return path, line if is_line else None, name

    def _told(self, redact: Callable[[str], str]) -> dict[str, Any]:
        kind = self._kind()
        told: dict[str, Any] = {
            "severity": self._severity(kind),
            "reasons": [_sentence(redact(f"{self.tool} found it: {self.rule_id}"))],
        }
        help_text = _dict(self.rule.get("help")).get("text")
        if help_text and _sentence(redact(str(help_text))):
            told["recovery_suggestion"] = _sentence(redact(str(help_text)))
        if not kind:
            # S1-34: what a linter finds fails the build.
            return told | {
                "subcategory": "ARCHITECTURE_DRIFT",
                "failure_type": "build_error",
                "recovery_mode": "FIX_CODE",
            }
        return told | {
            "category": "GOVERNANCE",
            "subcategory": "GOVERNANCE_ENFORCEMENT_GAP",
            "failure_type": kind,
            "recovery_mode": "FIX_CODE",
        }

    def _kind(self) -> str:
        """Return the failure type of a secret or a vulnerability, `` for any other finding."""
        tags = _dict(self.rule.get("properties")).get("tags")
        words = [str(one) for one in tags] if isinstance(tags, list) else []
        named = " ".join([self.rule_id, str(self.rule.get("name") or ""), *words])
        if self.tool.lower().startswith(_SECRET_TOOLS) or _SECRET.search(named):
            return "secret_detected"
        if self._score() is None and not _SECURITY.search(named):
            return ""
        return (
            "critical_vulnerability"
            if self._severity("security") == "CRITICAL"
            else "security_vulnerability"
        )

    def _score(self) -> float | None:
        for holder in (self.result, self.rule):
            value = _dict(holder.get("properties")).get("security-severity")
            try:
                if value is not None:
                    return float(value)
            except (TypeError, ValueError):
                continue
        return None

    def _severity(self, kind: str) -> str:
        if kind == "secret_detected":
            return "CRITICAL"
        score = self._score()
        if score is not None:
            return next(name for least, name in SEVERITIES if score >= least or not least)
        return SEVERITY_BY_LEVEL[self.level]


def _sentence(text: str) -> str:
    line = " ".join(text.split())[:SUGGESTION_MAX_CHARS].rstrip(".")
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
