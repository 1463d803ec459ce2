"""From arguments to a report; what the commands have in common."""

from __future__ import annotations

import os

from failtrack_guard import deep
from failtrack_guard.active import Settings, find_root, settings_for
from failtrack_guard.cache import Cache
from failtrack_guard.discover import Folders, Patterns
from failtrack_guard.engine import ALLOW, Engine, Result
from failtrack_guard.errors import GuardError
from failtrack_guard.reading import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from failtrack_guard.arguments import Arguments
    from failtrack_guard.baseline import Entry, Scope
    from failtrack_guard.finding import Finding
    from failtrack_guard.git import Bypass
    from failtrack_guard.report.report import Report
    from failtrack_guard.texts import Texts


TOO_DEEP = "is nested too deeply to be judged; exclude it"


class Judged:
    """What was looked at, and what the engine found, nothing suppressed yet.

    Args:
        settings: What was checked.
        result: What was found.
        is_everything: Whether no path and no range was named.
        commits: The range, empty for none.
        engine: What judged, for those who judge again; a fresh one by default.
    """

    def __init__(
        self,
        settings: Settings,
        result: Result,
        *,
        is_everything: bool,
        commits: str = "",
        engine: Engine | None = None,
    ) -> None:
        self.settings = settings
        self.engine = engine or Engine(settings, Cache("", ""))
        self.result = result
        self.is_everything = is_everything
        self.commits = commits

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to say but so; then nothing else has to be imported."""
        result = self.result
        has_more = self.commits or (self.is_everything and os.path.exists(self.baseline_file))
        return not (result.findings or result.unreadable or result.allowing or has_more)

    @property
    def baseline_file(self) -> str:
        """Where the baseline lies, absolute; a folder's name when there is none."""
        return os.path.join(self.settings.root, self.settings.values["baseline"])

    def scope(self) -> Scope:
        """Return where an entry of the baseline can be said to be gone."""
        from failtrack_guard.baseline import Scope

        paths = None if self.is_everything else self.result.files.values()
        rules = [one.id for one in self.settings.active]
        unreadable = [one.path for one in self.result.unreadable]
        return Scope(self.settings.root, rules, None if paths is None else set(paths), unreadable)

    def texts(self) -> Texts:
        """Return where lines of the files are read."""
        from failtrack_guard.texts import Texts

        return Texts(self.settings.root, self.result.allowing)


def settings_of(arguments: Arguments) -> Settings:
    """Return the settings of the project that is judged, changed by options."""
    file = arguments.text("--config")
    root = find_root(os.path.dirname(os.path.abspath(file)) if file else _start(arguments))
    return settings_for(
        root,
        file,
        select=tuple(one.upper() for one in arguments.listed("--select")),
        ignore=tuple(one.upper() for one in arguments.listed("--ignore")),
        exclude=arguments.listed("--exclude"),
        remember=not arguments.has("--no-cache"),
    )


def _start(arguments: Arguments) -> str:
    """Return where the project is looked for: the folder that all named paths lie in."""
    paths = [os.path.abspath(one) for one in arguments.operands]
    if not paths or not all(os.path.exists(one) for one in paths):
        return os.getcwd()
    try:
        common = os.path.commonpath(paths)
    except ValueError:  # on several drives
        return os.getcwd()
    return common if os.path.isdir(common) else os.path.dirname(common)


def judge(arguments: Arguments) -> Judged:
    """Judge the files that the arguments name; those of the whole project by default."""
    settings = settings_of(arguments)
    commits = arguments.text("--commit-range")
    changed: frozenset[str] | None = None
    folders = Folders(settings.root)
    if commits:
        from failtrack_guard.git import changed_in

        if arguments.operands:
            raise GuardError("--commit-range names the files itself; leave the paths out")
        changed = changed_in(commits, settings.root)
        files = _python_files(changed, settings)
    else:
        if settings.looking_over:
            from failtrack_guard.git import changed_now

            changed = changed_now(settings.root)
        paths = arguments.operands or [settings.root]
        files = folders.files_in(paths, settings.values["exclude"])
    cache = cache_of(settings, arguments) or Cache("", "")
    engine, result = _run(lambda: Engine(settings, cache, changed, folders), files)
    is_everything = not commits and not arguments.operands
    return Judged(settings, result, is_everything=is_everything, commits=commits, engine=engine)


def _run(fresh: Callable[[], Engine], files: Iterable[str]) -> tuple[Engine, Result]:
    """Judge files, those with more room that are nested deeply.

    Args:
        fresh: Makes an engine; one that went too deep is not asked again.
        files: Absolute paths.
    """

    def run(files: Iterable[str]) -> tuple[Engine, Result]:
        engine = fresh()
        return engine, engine.run(files)

    everything = [*files]
    try:
        return deep.called(lambda: run(everything))
    except RecursionError:
        too_deep = [one for one in everything if _is_too_deep(run, one)]
    others = [one for one in everything if one not in too_deep]
    engine, result = deep.called(lambda: run(others))
    for file in too_deep:
        result.files[file] = engine.shown(file)
        result.unreadable.append(Unreadable(result.files[file], TOO_DEEP))
    return engine, result


def _is_too_deep(run: Callable[[Iterable[str]], object], file: str) -> bool:
    try:
        deep.called(lambda: run([file]))
    except RecursionError:
        return True
    return False


def report_on(
    judged: Judged,
    *,
    uses_baseline: bool = True,
    refused: Collection[tuple[str, ...]] = (),
) -> Report:
    """Return what is told of findings: suppressions and the baseline taken into account.

    Args:
        judged: What was found.
        uses_baseline: Whether what the baseline knows is left out.
        refused: Findings whose fix was refused just now; see `promises.withdraw`.
    """
    from failtrack_guard import baseline, suppress
    from failtrack_guard.report.report import Report

    texts = judged.texts()
    findings = judged.result.findings
    baseline.mark(findings, texts)
    applied = suppress.apply(findings, texts, judged.settings, today())
    file = judged.baseline_file
    has_baseline = uses_baseline and os.path.isfile(file)
    entries = baseline.load(file) if has_baseline else []
    compared = baseline.compare(applied.kept, entries, texts, judged.scope())
    bypassed = []
    if judged.commits:
        bypassed = _bypassed(judged, compared.new, texts, entries)
    if any(one.fix is not None for one in compared.new):
        from failtrack_guard.recall import Recall
        from failtrack_guard.surgery.promises import withdraw

        recall = Recall(judged.engine.cache, "refused", judged.result.state)
        withdraw(compared.new, texts, judged.engine.project, refused, recall)
    counted = sorted([*compared.new, *applied.about], key=lambda one: one.sort_key())
    return Report(
        judged.settings,
        counted,
        suppressed=applied.suppressed,
        suppressions=applied.suppressions,
        known=compared.known,
        gone=compared.gone,
        unreadable=judged.result.unreadable,
        files=len(judged.result.files),
        bypassed=bypassed,
        sources=texts,
        has_baseline=has_baseline,
        project=judged.engine.project,
    )


def _bypassed(
    judged: Judged, findings: list[Finding], texts: Texts, entries: list[Entry]
) -> list[Bypass]:
    """Return the commits of a range that were made past the hook.

    Args:
        judged: The run.
        findings: What is open at the end of the range.
        texts: Where their code is read.
        entries: The baseline.
    """
    from failtrack_guard.git import bypasses, has_hook

    settings = judged.settings
    if not has_hook(settings.root):
        return []
    from failtrack_guard.baseline import entries_of
    from failtrack_guard.mended import mended
    from failtrack_guard.renamed import Renames

    # Of its own: what files said then must not be taken for what they say now.
    then = Judged(settings, judged.result, is_everything=False)
    of_baseline = {one.fingerprint for one in entries}
    leave_out = Patterns(settings.values["exclude"], settings.root)

    def is_judged(path: str) -> bool:
        return not leave_out.match(os.path.join(settings.root, path))

    def judge_then(path: str, content: bytes) -> list[Finding]:
        if not is_judged(path):
            return []
        return unsuppressed(then, os.path.join(settings.root, path), content)

    bypassed = []
    if findings:
        renames = Renames(judged.commits, settings.root, judge_then)
        told = dict(zip(map(id, findings), entries_of(findings, texts), strict=True))
        bypassed = bypasses(
            *(findings, judged.commits, settings.root),
            lambda one: renames.bringing(one.path, told[id(one)].moved_key),
        )
    known = {one.commit for one in bypassed}
    found = mended(judged.commits, settings.root, judge_then, is_judged=is_judged, known=known)
    for one in found:
        one.findings = [each for each in one.findings if each.fingerprint not in of_baseline]
    return [*bypassed, *(one for one in found if one.findings)]


def unsuppressed(judged: Judged, file: str, content: bytes) -> list[Finding]:
    """Return what would be found in a file if it held these bytes, and no comment allows.

    Args:
        judged: The run.
        file: Absolute path of the file.
        content: What it holds, or would hold.

    Raises:
        Unreadable: The bytes cannot be parsed, or judged.
    """
    from failtrack_guard import suppress
    from failtrack_guard.texts import Texts

    shown = judged.engine.shown(file)
    try:
        findings = deep.called(lambda: judged.engine.judged_as(file, content))
    except RecursionError:
        raise Unreadable(shown, TOO_DEEP) from None
    texts = Texts(judged.settings.root, [shown] if ALLOW in content else [], {shown: content})
    return suppress.apply(findings, texts, judged.settings, today()).kept


def cache_of(settings: Settings, arguments: Arguments) -> Cache | None:
    """Return the cache of a project, None for a run without one."""
    if arguments.has("--no-cache") or not settings.cache_folder:
        return None
    return Cache(settings.cache_folder, settings.stamp)


def today() -> str:
    """Return the day, ISO 8601, UTC."""
    import time

    return time.strftime("%Y-%m-%d", time.gmtime())


def _python_files(changed: frozenset[str], settings: Settings) -> list[str]:
    leave_out = Patterns(settings.values["exclude"], settings.root)
    paths = [os.path.join(settings.root, one) for one in sorted(changed) if one.endswith(".py")]
    return [one for one in paths if os.path.isfile(one) and not leave_out.match(one)]
