"""Calls the hooks of others and keeps their mistakes away from us; used by every door.

A hook that raises, or answers what cannot be used, is named once in `problems`. What then happens
errs on the safe side: a text that could not be redacted is hidden, a rule of the gate that gave no
verdict has not passed; any other hook counts as not having answered, and the next one is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from pytest_failtrack import hookspecs

if TYPE_CHECKING:
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.observe.redact import Redactor
    from pytest_failtrack.policy.digest import Digest

T = TypeVar("T")

ENTRY_POINTS = "failtrack"
PREFIX = "pytest_failtrack_"
HOOKS = ("classify", "owner", "redact", "digest", "gate_rule")
HIDDEN = "[redacted:hook-failed]"
OWNER_MAX_CHARS = 200
MESSAGE_MAX_CHARS = 200
# What hooks may answer in their own words.
PROSE = ("catalog_entry_id", "recovery_suggestion", "reasons", "name", "saw", "limit")


class CommandPlugins(pluggy.PluginManager):
    """The plugins of a command that runs outside of pytest; hooks are found by their prefix."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """Return options for functions with our prefix, marked or not."""
        opts = super().parse_hookimpl_opts(plugin, name)  # type: ignore[arg-type,unused-ignore]
        if opts is None and name.startswith(PREFIX) and callable(getattr(plugin, name, None)):
            return {}
        return opts


def entry_points() -> list[metadata.EntryPoint]:
    """Return the entry points of our group; one that is on the path twice is returned once.

    `metadata.entry_points` would parse those of every distribution, which takes longer than all
    else here.
    """
    found: dict[tuple[str, str], metadata.EntryPoint] = {}
    for one in metadata.distributions():
        text = one.read_text("entry_points.txt")
        if text and f"[{ENTRY_POINTS}]" in text:
            for entry_point in one.entry_points:
                if entry_point.group == ENTRY_POINTS:
                    found.setdefault((entry_point.name, entry_point.value), entry_point)
    return list(found.values())


class Unusable(Exception):
    """What a hook gave instead of an answer; its text is the end of a sentence."""


class Extensions:
    """The hooks of others, each call guarded.

    Args:
        hook: The hook relay of a plugin manager that knows our hookspecs.
        problems: List that takes a sentence for each mistake; a new one by default.
        clean: Redacts what hooks say by the built-in rules; by default that of the table.
        table: The `[tool.failtrack]` table, for its patterns of secrets.
        root: Folder that node ids are relative to. A conftest.py below it is asked about the
            failures of its own folder only.
    """

    def __init__(
        self,
        hook: Any,
        problems: list[str] | None = None,
        clean: Redactor | None = None,
        root: Path | None = None,
        table: Mapping[str, Any] | None = None,
    ) -> None:
        self.problems: list[str] = [] if problems is None else problems
        self._hook = hook
        self._redactors = getattr(hook, PREFIX + "redact")  # asked about every single text
        self._clean = clean
        self._table = table or {}
        self._root = root
        self._distributed: set[str] = set()
        self._reported: set[tuple[str, str]] = set()
        self._unloaded: list[Mapping[str, Any]] = []

    @classmethod
    def of_command(
        cls, table: Mapping[str, Any] | None = None, clean: Redactor | None = None
    ) -> Extensions:
        """Return the extensions that installed distributions bring to a command.

        Args:
            table: The `[tool.failtrack]` table.
            clean: Its redactor, where there is one already.
        """
        manager = CommandPlugins("pytest")
        manager.add_hookspecs(hookspecs)
        extensions = cls(manager.hook, clean=clean, table=table)
        extensions.load(manager)
        try:
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            extensions._say(_one_line(str(error)))
        return extensions

    def load(self, manager: pluggy.PluginManager) -> None:
        """Register the plugins of the entry-point group; one that cannot be loaded is reported."""
        for entry_point in entry_points():
            name = entry_point.name
            if manager.is_blocked(name):
                continue
            try:
                plugin = entry_point.load()
                if not manager.is_registered(plugin):
                    manager.register(plugin, name=name)
                self._distributed.add(manager.get_name(plugin) or name)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                what = f"cannot be loaded: it {self._what(error)}"
                self._say(f"the plugin {name} {what}")
                self._unloaded.append({"name": name, "passed": False, "saw": f"it {what}"})

    def has(self, name: str) -> bool:
        """Return whether anybody implements a hook.

        Args:
            name: Its name without the prefix: `classify`, `redact`, ...
        """
        if name == "gate_rule" and self._unloaded:
            return True
        return bool(getattr(self._hook, PREFIX + name).get_hookimpls())

    def in_conftests(self) -> list[tuple[str, str]]:
        """Return (conftest, hook) for every hook of ours that stands in a conftest.py."""
        return sorted(
            (_shown(one.plugin_name), PREFIX + name)
            for name in HOOKS
            for one in getattr(self._hook, PREFIX + name).get_hookimpls()
            if _is_conftest(one.plugin_name)
        )

    def name_unasked(self) -> None:
        """Report rules of the gate that `failtrack gate` does not find: it reads no conftest."""
        for one in getattr(self._hook, PREFIX + "gate_rule").get_hookimpls():
            if one.plugin_name not in self._distributed:
                self._say(
                    f"the hook {PREFIX}gate_rule of {_shown(one.plugin_name)} is never asked: "
                    "`failtrack gate` finds plugins by the entry-point group `failtrack`"
                )

    def classify(
        self, observation: Observation, accept: Callable[[Mapping[str, Any]], T]
    ) -> T | None:
        """Return the first answer of `pytest_failtrack_classify` that can be used, redacted.

        Args:
            observation: The failure.
            accept: Makes a value of an answer; raises ValueError for one that cannot be used.
        """

        def accepted(answer: Any) -> T:
            if not isinstance(answer, Mapping):
                raise Unusable(f"answered {_kind(answer)} instead of a mapping")
            try:
                return accept({name: self._told(name, answer[name]) for name in answer})
            except ValueError as error:
                raise Unusable(f"gave an answer that cannot be used: {error}") from None

        return self._first("classify", accepted, {"observation": observation})

    def owner(self, observation: Observation, failure_type: str) -> str:
        """Return the first answer of `pytest_failtrack_owner`, redacted; `` when nobody knows."""
        arguments = {"observation": observation, "failure_type": failure_type}
        return self._first("owner", lambda answer: self._without(_handle(answer)), arguments) or ""

    def redact(self, text: str) -> str:
        """Return a text after every `pytest_failtrack_redact` has had its turn."""
        if not self._redactors.get_hookimpls():
            return text
        for one in self._implementations("redact"):
            try:
                changed = _call(one, {"text": text})
                if changed is not None and not isinstance(changed, str):
                    raise Unusable(f"answered {_kind(changed)} instead of a text")
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                # A text that could not be cleaned must not be kept.
                self._report("redact", one, error)
                return HIDDEN
            text = text if changed is None else changed
        return text

    def digest(self, digest: Digest) -> None:
        """Hand the digest to everybody; one that raises does not stop the others."""
        for one in self._implementations("digest"):
            try:
                _call(one, {"digest": digest})
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._report("digest", one, error)

    def gate_rules(self, digests: Sequence[Digest]) -> list[Mapping[str, Any]]:
        """Return what the rules of others say; one that gives no verdict counts as failed.

        So does a plugin that cannot be loaded: nobody knows which rules it brings.
        """
        answers = [*self._unloaded]
        for one in self._implementations("gate_rule"):
            try:
                answer = _call(one, {"digests": digests})
                if answer is not None and not isinstance(answer, Mapping):
                    raise Unusable(f"answered {_kind(answer)} instead of a mapping")
                if answer is not None:
                    answer = {name: self._told(name, answer[name]) for name in answer}
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._report("gate_rule", one, error)
                saw = f"nothing: it {self._what(error)}"
                answer = {"name": _shown(one.plugin_name), "passed": False, "saw": saw}
            if answer is not None:
                answers.append(answer)
        return answers

    # -- one call --------------------------------------------------------------------------

    def _implementations(self, name: str) -> Iterator[Any]:
        """Yield who implements a hook, in pluggy's order: `tryfirst`, then the latest."""
        for one in reversed(getattr(self._hook, PREFIX + name).get_hookimpls()):
            if one.hookwrapper or getattr(one, "wrapper", False):
                self._report(name, one, Unusable("is a wrapper, and those are not called"))
            else:
                yield one

    def _first(
        self, name: str, accept: Callable[[Any], T], arguments: Mapping[str, Any]
    ) -> T | None:
        for one in self._implementations(name):
            if not self._concerns(one, arguments["observation"]):
                continue
            try:
                answer = _call(one, arguments)
                if answer is not None:
                    return accept(answer)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._report(name, one, error)
        return None

    def _concerns(self, implementation: Any, observation: Observation) -> bool:
        """Whether the conftest that a hook stands in lies above the failing test."""
        name = implementation.plugin_name
        if self._root is None or not _is_conftest(name):
            return True
        try:
            folder = Path(name).parent.relative_to(self._root).as_posix()
        except ValueError:  # above the root
            return True
        file = observation.nodeid.partition("::")[0] or observation.file
        return folder == "." or folder in map(str, PurePosixPath(file).parents) or folder == file

    # -- what went wrong -------------------------------------------------------------------

    def _report(self, name: str, implementation: Any, error: BaseException) -> None:
        key = (name, implementation.plugin_name)
        if key in self._reported:
            return
        self._reported.add(key)
        hidden = name == "redact"  # its message may hold the very text that it was given
        what = self._what(error, is_hidden=hidden) + ("; such texts are hidden" if hidden else "")
        self._say(f"the hook {PREFIX}{name} of {_shown(implementation.plugin_name)} {what}")

    def _what(self, error: BaseException, *, is_hidden: bool = False) -> str:
        if isinstance(error, Unusable):
            return self._cleaned(str(error))
        message = "" if is_hidden else self._cleaned(_message(error))
        kind = type(error).__name__
        return f"raised {kind}{': ' if message else ''}{message}{_place(error)}"

    def _cleaned(self, text: str) -> str:
        return _one_line(self._own()(text[: 10 * MESSAGE_MAX_CHARS]))

    # -- what they answered ----------------------------------------------------------------

    def _own(self) -> Redactor:
        """Return the redactor of the built-in rules, with what the environment holds now."""
        if self._clean is None:
            from pytest_failtrack.observe.redact import Redactor

            self._clean = Redactor.of(self._table)
        self._clean.look_at(os.environ)
        return self._clean

    def _without(self, text: str) -> str:
        """Return a text of a hook without secrets: it saw more than the redacted failure."""
        return self.redact(self._own()(text))

    def _told(self, name: Any, value: Any) -> Any:
        """Return a value of an answer; one of prose without secrets, the rest are known words."""
        if name not in PROSE:
            return value
        if isinstance(value, (list, tuple)):
            return [self._told(name, one) for one in value]
        return self._without(value) if isinstance(value, str) else value

    def _say(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)


def _call(implementation: Any, arguments: Mapping[str, Any]) -> Any:
    """Call one implementation with the arguments that it takes, as pluggy would."""
    return implementation.function(*[arguments[name] for name in implementation.argnames])


def _handle(answer: Any) -> str:
    if not isinstance(answer, str):
        raise Unusable(f"answered {_kind(answer)} instead of a text")
    handle = answer.strip()
    if len(handle) > OWNER_MAX_CHARS or not handle.isprintable():
        raise Unusable(f"answered a text that is no handle: one line, {OWNER_MAX_CHARS} characters")
    return handle


def _kind(value: object) -> str:
    return type(value).__name__


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:
        return f"its text cannot be read ({_kind(second)})"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    line = line.encode("utf-8", "backslashreplace").decode("utf-8")
    return line if len(line) <= MESSAGE_MAX_CHARS else line[: MESSAGE_MAX_CHARS - 3] + "..."


def _place(error: BaseException) -> str:
    """Return where an exception was raised, as ` (conftest.py:12)`."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    file = os.path.basename(traceback.tb_frame.f_code.co_filename)
    return f" ({file}:{traceback.tb_lineno})"


def _is_conftest(plugin_name: str) -> bool:
    return os.path.basename(plugin_name) == "conftest.py"


def _shown(plugin_name: str) -> str:
    """Return a plugin's name for people; a conftest's is its path."""
    if not _is_conftest(plugin_name):
        return plugin_name
    try:
        relative = os.path.relpath(plugin_name)
    except ValueError:  # another drive on Windows
        return "conftest.py"
    return "conftest.py" if relative.startswith("..") else relative.replace(os.sep, "/")
