"""Calls the hooks of others and keeps their failures away from us; used by every door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

from pytest_failtrack import hookspecs

if TYPE_CHECKING:
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.policy.digest import Digest

ENTRY_POINTS = "failtrack"
PREFIX = "pytest_failtrack_"


class CommandPlugins(pluggy.PluginManager):
    """The plugins of a command that runs outside of pytest; hooks are found by their prefix."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """Return options for functions with our prefix, marked or not."""
        opts = super().parse_hookimpl_opts(plugin, name)  # type: ignore[arg-type,unused-ignore]
        if opts is None and name.startswith(PREFIX) and callable(getattr(plugin, name, None)):
            return {}
        return opts


class Extensions:
    """The hooks of others, each call guarded.

    Args:
        hook: The hook relay of a plugin manager that knows our hookspecs.
        conftest_hook: Optional function that returns the relay to use for one path.
    """

    def __init__(self, hook: Any) -> None:
        self._hook = hook
        self.problems: list[str] = []

    @classmethod
    def of_command(cls) -> Extensions:
        """Return the extensions that installed distributions bring to a command."""
        manager = CommandPlugins("pytest")
        manager.add_hookspecs(hookspecs)
        extensions = cls(manager.hook)
        extensions.load(manager)
        return extensions

    def load(self, manager: pluggy.PluginManager) -> None:
        """Register the plugins of the entry-point group; one that cannot be loaded is reported."""
        try:
            manager.load_setuptools_entrypoints(ENTRY_POINTS)
        except Exception as error:
            self._report("load", error)

    def has(self, name: str) -> bool:
        """Return whether anybody implements a hook.

        Args:
            name: Its name without the prefix: `classify`, `redact`, ...
        """
        return bool(getattr(self._hook, PREFIX + name).get_hookimpls())

    def classify(self, observation: Observation) -> Mapping[str, Any] | None:
        """Return the first answer of `pytest_failtrack_classify`."""
        answer = self._call("classify", observation=observation)
        return answer if isinstance(answer, Mapping) else None

    def owner(self, observation: Observation, failure_type: str) -> str:
        """Return the first answer of `pytest_failtrack_owner`, `` when nobody knows."""
        answer = self._call("owner", observation=observation, failure_type=failure_type)
        return answer if isinstance(answer, str) else ""

    def redact(self, text: str) -> str:
        """Return a text after every `pytest_failtrack_redact` has had its turn."""
        for implementation in getattr(self._hook, PREFIX + "redact").get_hookimpls():
            try:
                changed = implementation.function(text)
            except Exception as error:
                # A text that could not be cleaned must not be kept.
                self._report("redact", error)
                return "[redacted:hook-failed]"
            if isinstance(changed, str):
                text = changed
        return text

    def digest(self, digest: Digest) -> None:
        """Hand the digest to everybody; one that raises does not stop the others."""
        for implementation in getattr(self._hook, PREFIX + "digest").get_hookimpls():
            try:
                implementation.function(digest)
            except Exception as error:
                self._report("digest", error)

    def gate_rules(self, digests: Sequence[Digest]) -> list[Mapping[str, Any]]:
        """Return what the rules of others say; one that raises counts as failed."""
        answers: list[Mapping[str, Any]] = []
        for implementation in getattr(self._hook, PREFIX + "gate_rule").get_hookimpls():
            try:
                answer = implementation.function(digests)
            except Exception as error:
                self._report("gate_rule", error)
                name = getattr(implementation, "plugin_name", "plugin")
                answer = {"name": name, "passed": False, "saw": f"it raised {error!r}", "limit": ""}
            if isinstance(answer, Mapping):
                answers.append(answer)
        return answers

    def _call(self, name: str, **arguments: Any) -> Any:
        try:
            return getattr(self._hook, PREFIX + name)(**arguments)
        except Exception as error:
            self._report(name, error)
            return None

    def _report(self, name: str, error: Exception) -> None:
        sentence = f"the hook {PREFIX}{name} raised {type(error).__name__}: {error}"
        if sentence not in self.problems:
            self.problems.append(sentence)
