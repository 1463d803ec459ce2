"""From arguments to findings; what the commands have in common."""

from __future__ import annotations

import os

from failtrack_guard.active import Settings, find_root, settings_for
from failtrack_guard.cache import Cache
from failtrack_guard.discover import files_in
from failtrack_guard.engine import Result
from failtrack_guard.engine import run as run_engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments


def settings_of(arguments: Arguments) -> Settings:
    """Return the settings of the project around the current folder, changed by options."""
    file = arguments.text("--config")
    root = find_root(os.path.dirname(os.path.abspath(file)) if file else os.getcwd())
    return settings_for(
        root,
        file,
        select=arguments.listed("--select"),
        ignore=arguments.listed("--ignore"),
        exclude=arguments.listed("--exclude"),
        remember=not arguments.has("--no-cache"),
    )


def judge(arguments: Arguments) -> Result:
    """Judge the files that the arguments name, those of the current folder by default."""
    settings = settings_of(arguments)
    paths = arguments.operands or ["."]
    files = files_in(paths, settings.root, settings.values["exclude"])
    return run_engine(settings, files, cache=cache_of(settings, arguments))


def cache_of(settings: Settings, arguments: Arguments) -> Cache | None:
    """Return the cache of a project, None for a run without one."""
    if arguments.has("--no-cache") or not settings.cache_folder:
        return None
    return Cache(settings.cache_folder, settings.stamp)
