"""How a fix writes a type at some place: under which name, and with which import."""

from __future__ import annotations

from failtrack_guard.finding import Fix
from failtrack_guard.project import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.finding import Finding
    from failtrack_guard.module import Module
    from failtrack_guard.project import Project
    from failtrack_guard.scopes import Place

IMPORTS_MAX = 50  # modules that are followed in search of a circle


def spelled(
    module: Module, place: Place, wanted: str, *, is_lazy: bool
) -> tuple[str, tuple[str, ...]] | None:
    """Return the code that names a class at a place, and the imports that it needs.

    Args:
        module: The file.
        place: Where the code will stand.
        wanted: Dotted name of the class; one part may be `*`, see `finished`.
        is_lazy: Whether the code is only read by type checkers, as quoted annotations are.

    Returns:
        None when its name already stands for something else.
    """
    home, _, last = wanted.rpartition(".")
    for name, bindings in module.seen.module.names.items():
        binding = bindings[0]
        is_early = binding.order < place.order and binding.block.parent is None
        if len(bindings) > 1 or module.bindings(name, place) != bindings:
            continue
        if not (is_lazy or is_early):
            continue
        if binding.kind == "import" and matches(str(binding.value), wanted):
            return name, ()
        if binding.kind == "import" and binding.value == home:
            return f"{name}.{last}", ()
        if binding.kind == "class" and matches(f"{module.name}.{name}", wanted):
            return name, ()
    known = module.bindings(last, place)
    if not known:
        return last, (wanted,)
    # Perhaps a re-export of it; other files must say.
    if len(known) == 1 and known[0].kind == "import" and known[0].block.parent is None:
        dotted = str(known[0].value)
        return (last, (dotted,)) if dotted.endswith(f".{last}") else None
    return None


def is_lazy(module: Module) -> bool:
    """Return whether the annotations of a file are never evaluated by themselves."""
    return any(
        binding.value == "__future__.annotations"
        for binding in module.seen.module.names.get("annotations", ())
    )


def finished(finding: Finding, wanted: str, project: Project) -> Fix | None:
    """Return the fix of a finding with imports that exist, None when other files forbid it.

    Args:
        finding: Its fix was made with `spelled`.
        wanted: Dotted name of the class; one part may be `*`.
        project: The other files.
    """
    fix = finding.fix
    if fix is None or not fix.imports:
        return fix
    imports = []
    for name in fix.imports:
        found = project.concrete(name)
        if len(found) != 1 or not project.is_a(found[0], (wanted,)):
            return None
        imports.append(found[0])
    own = project.module_of_path(finding.path)
    is_safe = fix.is_safe and not any(_imports(one, own, project) for one in imports)
    return Fix(fix.edits, tuple(imports), is_safe=is_safe)


def _imports(dotted: str, own: str, project: Project) -> bool:
    """Return whether the module of a name imports another one, so that a circle would arise."""
    waiting = [project.split(dotted)[0]]
    seen: set[str] = set()
    while waiting and len(seen) < IMPORTS_MAX:
        module = waiting.pop()
        exports = project.exports(module) if module and module not in seen else None
        seen.add(module)
        if module and module == own:
            return True
        if exports is not None:
            named = (name for names in exports.names.values() for name in names)
            waiting += [project.split(name)[0] for name in (*named, *exports.stars)]
    return False
