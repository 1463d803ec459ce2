"""Settings of one run: `[tool.failtrack]`, environment and options, and what the CI says of itself.

Precedence: option, environment variable, ini key, `[tool.failtrack]`, what the CI says, default.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from pytest_failtrack import ci
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen, replaced

DEFAULT_DIR = "governance/events/failures"
DEFAULT_STATE = ".failtrack"
SHARED_SCHEMES = ("postgresql://", "postgres://")


OWN_FOLDERS = ("runs", "changes", "matches", "archive")
OWN_FILES = ("ci_failures_snapshot.json", "signature-aliases.json")
BESIDE_EVIDENCE = (*OWN_FOLDERS, *OWN_FILES)
"""What failtrack itself keeps beside the records."""


@frozen
class Settings:
    """Everything that a run or a command is told from outside.

    Args:
        root: Folder that paths in records are relative to (where pyproject.toml lies).
        evidence_dir: Folder of the evidence files; runs lie beside it in `runs`.
        state_dir: Folder of journals, slots and the local index.
        history: URL of a shared history, `` for the local index alone.
        workflow: Workflow name for signatures; `` becomes `?` there.
        job: Job name for signatures.
        step: Step name for signatures.
        leg: Leg of the matrix; never part of a signature.
        build: Build id; `` when neither the CI nor the user gave one.
        build_attempt: Attempt of the build, from 1.
        attempt: Attempt of the command within the build, from 1.
        run_url: Link to the run.
        commit: Commit SHA.
        branch: Branch of the run.
        base_branch: Branch that changes are merged to.
        pr: Number of the pull request.
        repository: Slug of the repository, `owner/name`.
        is_in_ci: It runs in CI, where nobody edits the checkout.
        tokens_enabled: Stack tokens are part of signatures (S4-12).
        token_max_chars: Longest token (S4-13).
        repeat_window_days: Days in which a recurrence is a repeat (S0-123).
        retry_delay_seconds: Pause before the first retry of `failtrack run --retry-infra`.
        retry_max_delay_seconds: Its longest pause.
        table: The whole `[tool.failtrack]` table; each stage reads its own part.
        rate_limit_minutes: S4-11.
        auto_heal_inactivity_hours: S4-14.
        failure_inactivity_heal_hours: S4-15.
        warnings: Sentences about settings that were accepted with a remark.
    """

    root: Path
    evidence_dir: Path
    state_dir: Path
    history: str = ""
    workflow: str = ""
    job: str = ""
    step: str = ""
    leg: str = ""
    build: str = ""
    build_attempt: int = 1
    attempt: int = 1
    run_url: str = ""
    commit: str = ""
    branch: str = ""
    base_branch: str = "main"
    pr: str = ""
    repository: str = ""
    is_in_ci: bool = False
    tokens_enabled: bool = True
    token_max_chars: int = 160
    repeat_window_days: int = 90
    retry_delay_seconds: int = 4
    retry_max_delay_seconds: int = 60
    rate_limit_minutes: int = 15
    auto_heal_inactivity_hours: int = 24
    failure_inactivity_heal_hours: int = 0
    table: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def runs_dir(self) -> Path:
        """Folder of the run documents, beside the evidence."""
        return self.evidence_dir.parent / "runs"

    @property
    def own_paths(self) -> tuple[str, ...]:
        """What runs write below the root, relative to it: no change of anybody's."""
        home, root = self.evidence_dir.parent, self.root
        # Folders of these names at the root may well be the project's own.
        beside = OWN_FILES if home == root else BESIDE_EVIDENCE
        written = (self.evidence_dir, self.state_dir, *(home / one for one in beside))
        return tuple(one.relative_to(root).as_posix() for one in written if root in one.parents)

    @property
    def is_shared(self) -> bool:
        """Whether the history is a database that others use too."""
        return self.history.startswith(SHARED_SCHEMES)

    @property
    def told_evidence(self) -> str:
        """Evidence folder as a journal holds it: from the root, so that a checkout can move."""
        try:
            return self.evidence_dir.relative_to(self.root).as_posix()
        except ValueError:
            return str(self.evidence_dir)

    @property
    def told(self) -> dict[str, Any]:
        """What is kept of a run when it starts, so that records can be made after its death."""
        names = (*TOLD_OF_RUN, "build_attempt", "attempt")
        return {name: getattr(self, name) for name in names}

    def redacted(self, clean: Callable[[str], str]) -> Settings:
        """Return the settings with what is told of the run redacted: it stands in every record."""
        told: dict[str, Any] = {name: getattr(self, name) for name in TOLD_OF_RUN}
        harmless = ("", ci.default_leg({}))  # interpreter and platform: nobody else's words
        return replaced(
            self,
            **{name: text if text in harmless else clean(text) for name, text in told.items()},
        )


# Texts of the settings that are written to records and run documents.
TOLD_OF_RUN = (
    *("workflow", "job", "step", "leg", "build", "run_url", "commit", "branch", "base_branch"),
    *("pr", "repository"),
)
# Settings that can be given by option, environment, ini key and table: name -> kind.
NAMED = {
    "dir": "path",
    "state": "path",
    "history": "text",
    "workflow": "text",
    "job": "text",
    "step": "text",
    "leg": "text",
    "build": "text",
    "build_attempt": "count",
    "attempt": "count",
    "run_url": "text",
    "commit": "text",
    "branch": "text",
    "base_branch": "text",
    "pr": "text",
    "repository": "text",
    "tokens": "switch",
    "token_max_chars": "count",
    "repeat_window_days": "count",
    "retry_delay_seconds": "number",
    "retry_max_delay_seconds": "number",
    "rate_limit_minutes": "number",
    "auto_heal_inactivity_hours": "number",
    "failure_inactivity_heal_hours": "number",
}
# The names of S4-11..15 without prefix, and the old one of C-15.
BARE_VARIABLES = {
    "RATE_LIMIT_MINUTES": "rate_limit_minutes",
    "STACK_TOKENS_ENABLED": "tokens",
    "STACK_TOKEN_MAX_LEN": "token_max_chars",
    "AUTO_HEAL_INACTIVITY_HOURS": "auto_heal_inactivity_hours",
    "FAILURE_INACTIVITY_HEAL_HOURS": "failure_inactivity_heal_hours",
}
DEPRECATED_VARIABLES = {"INACTIVITY_HOURS": "AUTO_HEAL_INACTIVITY_HOURS"}
# Parts of the table that stages read themselves, with the type each must have.
SUBTABLES: dict[str, type] = {
    "debt": dict,
    "owners": dict,
    "components": dict,
    "roles": dict,
    "auth": dict,
    "types": dict,
    "gate": dict,
    "severity_sla_hours": dict,
    "guard": dict,
    "prevention": dict,
    "failure_detection": dict,
    "auto_retry_policy": dict,
    "mapping": dict,
    "reports": dict,
    "frozen": list,
    "catalog": list,
    "redact": list,
    "integration_paths": list,
    "integration_markers": list,
    "digest_file": str,
}
TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
ROOT_FILES = ("pyproject.toml", "pytest.ini", "pytest.toml", ".git", "setup.cfg", "tox.ini")


def load(
    options: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    ini: Mapping[str, str] | None = None,
    root: Path | None = None,
    cwd: Path | None = None,
    table: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of this run.

    Args:
        options: Values given on the command line, by setting name; they win over all else.
        environ: Environment variables; those of the process by default.
        ini: Values of pytest's ini keys without the prefix `failtrack_`.
        root: Folder that holds pyproject.toml; by default found from `cwd` upwards.
        cwd: Folder that paths on the command line and in the environment are relative to.
        table: `[tool.failtrack]`; read from pyproject.toml by default.

    Returns:
        Frozen settings; paths are absolute.

    Raises:
        ConfigError: A key is unknown, a value is not of its kind, or pyproject.toml is broken.
    """
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    root = find_root(cwd) if root is None else root
    table = read_table(root / "pyproject.toml") if table is None else table
    ci_values = ci.detect(environ)
    warnings: list[str] = []
    layers = (
        ("option", dict(options or {})),
        ("environment", _from_environment(environ, warnings)),
        ("ini", dict(ini or {})),
        ("pyproject.toml", {name: table[name] for name in NAMED if name in table}),
        ("CI", ci_values),
    )
    values: dict[str, Any] = {}
    for source, layer in layers:
        for name, raw in layer.items():
            if name in values or raw in (None, ""):
                continue
            base = cwd if source in ("option", "environment") else root
            values[name] = _convert(name, raw, source, base)
    return _settings(root, values, table, environ, ci_values, tuple(warnings))


def find_root(cwd: Path) -> Path:
    """Return the nearest folder at or above `cwd` that looks like a project, else `cwd`."""
    for folder in (cwd, *cwd.parents):
        if any((folder / name).exists() for name in ROOT_FILES):
            return folder
    return cwd


def read_table(pyproject: Path) -> dict[str, Any]:
    """Return `[tool.failtrack]` of a pyproject.toml, empty when there is none.

    Raises:
        ConfigError: The file is not TOML, or the table holds an unknown key or a wrong type.
    """
    try:
        data = pyproject.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{pyproject} cannot be read: {error}") from error
    if b"failtrack" not in data:
        return {}  # the common case costs no TOML parser
    from pytest_failtrack.toml import tomllib

    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{pyproject} is not valid TOML: {error}") from error
    table = tool.get("failtrack", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{pyproject}: [tool.failtrack] must be a table")
    _check_keys(table, pyproject)
    return table


def _check_keys(table: Mapping[str, Any], pyproject: Path) -> None:
    known = [*NAMED, *SUBTABLES]
    for name, value in table.items():
        if name not in known:
            import difflib

            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
            raise ConfigError(f"{pyproject}: [tool.failtrack] has an unknown key `{name}`{hint}")
        wanted = SUBTABLES.get(name)
        if wanted is not None and not isinstance(value, wanted):
            kind = "a table" if wanted is dict else "a list" if wanted is list else "a text"
            raise ConfigError(f"{pyproject}: [tool.failtrack] `{name}` must be {kind}")


def _from_environment(environ: Mapping[str, str], warnings: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for old, new in DEPRECATED_VARIABLES.items():
        if environ.get(old):
            warnings.append(f"{old} is an old name: use {new}")
            found[BARE_VARIABLES[new]] = environ[old]
    found.update(
        {name: environ[bare] for bare, name in BARE_VARIABLES.items() if environ.get(bare)}
    )
    for name in NAMED:
        if value := environ.get(f"FAILTRACK_{name.upper()}"):
            found[name] = value
    return found


def _convert(name: str, raw: Any, source: str, base: Path) -> Any:
    kind = NAMED[name]
    text = str(raw).strip()
    if kind == "path":
        return (base / Path(text).expanduser()).absolute()
    if kind == "switch":
        if text.lower() in TRUE_WORDS:
            return True
        if text.lower() in FALSE_WORDS:
            return False
        raise ConfigError(f"`{name}` from {source} is {raw!r}: it must be true or false")
    if kind in ("count", "number"):
        try:
            number = int(text)
        except ValueError:
            number = -1
        if number < (1 if kind == "count" else 0):
            least = "1 or more" if kind == "count" else "0 or more"
            raise ConfigError(f"`{name}` from {source} is {raw!r}: it must be a number, {least}")
        return number
    if isinstance(raw, (dict, list)):
        raise ConfigError(f"`{name}` from {source} must be a text")
    if name == "history":
        return _history(text, source)
    return text


def _history(text: str, source: str) -> str:
    """Return where the history is; a password in a command line or in a file is refused."""
    scheme, separator, rest = text.partition("://")
    if separator and scheme not in ("postgresql", "postgres", "sqlite"):
        raise ConfigError(
            f"`history` from {source} has the scheme {scheme!r}: it is a path, sqlite:/// and a "
            "path, or postgresql://"
        )
    user, at, _ = rest.partition("@")
    has_password = bool(at and user.partition(":")[2]) or "password=" in rest
    if separator and has_password and source != "environment":
        raise ConfigError(
            f"`history` from {source} holds a password, which others can read there: give it in "
            "PGPASSWORD, in a file that PGPASSFILE names, by a service (?service=NAME), or the "
            "whole URL in FAILTRACK_HISTORY"
        )
    return text


def _settings(
    root: Path,
    values: dict[str, Any],
    table: Mapping[str, Any],
    environ: Mapping[str, str],
    ci_values: Mapping[str, str],
    warnings: tuple[str, ...],
) -> Settings:
    evidence_dir = values.pop("dir", root / DEFAULT_DIR)
    state_dir = values.pop("state", root / DEFAULT_STATE)
    if "leg" not in values or values["leg"] == ci_values.get("leg"):
        values["leg"] = ci.default_leg(environ, values.get("leg", ""))
    commit, branch = ("", "") if "commit" in values else ci.git_head(root)
    values.setdefault("commit", commit)
    values.setdefault("branch", branch)
    values.setdefault("repository", root.name)
    if "base_branch" not in values:
        guess = "master" if values["branch"] == "master" else "main"
        values["base_branch"] = ci.git_default_branch(root) or guess
    tokens = values.pop("tokens", True)
    is_in_ci = bool(ci_values) or environ.get("CI", "").lower() not in ci.FALSE_WORDS
    return Settings(
        root=root,
        evidence_dir=evidence_dir,
        state_dir=state_dir,
        is_in_ci=is_in_ci,
        tokens_enabled=tokens,
        table=table,
        warnings=warnings,
        **values,
    )
