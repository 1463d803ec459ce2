"""The rules of the team, checked."""

import ast
import json
from datetime import date
from pathlib import Path

from roomdesk import __version__, api, permissions

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path.stem for path in (ROOT / "src" / "roomdesk").glob("*.py") if path.stem != "__init__"
)


def read(name):
    return json.loads((ROOT / "policies" / name).read_text(encoding="utf-8"))


def trees():
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        yield path.name, ast.parse(path.read_text(encoding="utf-8"))


def waived(rule):
    return {waiver["subject"] for waiver in read("waivers.json") if waiver["rule"] == rule}


def test_every_module_has_an_owner():
    missing = set(MODULES) - set(read("owners.json"))
    assert not missing, f"no owner in policies/owners.json: {sorted(missing)}"


def test_every_handler_is_documented():
    missing = [handler.__name__ for *_, handler in api.ROUTES if not handler.__doc__]
    assert not missing, f"handlers without a docstring: {missing}"


def test_every_action_has_a_role():
    granted = set().union(*permissions.ROLES.values())
    assert not {action for _, _, action, _, _ in api.ROUTES} - granted


def test_every_module_has_a_unit_test():
    tested = {path.stem[5:] for path in (ROOT / "tests" / "unit").glob("test_*.py")}
    untested = set(MODULES) - tested - waived("module-has-unit-test") - {"api"}
    assert not untested, f"modules without tests/unit/test_<module>.py: {sorted(untested)}"


def test_every_skip_has_a_reason():
    bare = [
        f"{name}:{node.name}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if ast.unparse(mark) in ("pytest.mark.skip", "pytest.mark.xfail", "pytest.mark.skip()")
    ]
    assert not bare, f"skipped without a reason: {bare}"


def test_no_waiver_is_expired():
    today = date.today().isoformat()
    late = [one["subject"] for one in read("waivers.json") if one["expires"] < today]
    assert not late, f"waivers have expired: {late}"


def test_every_requirement_has_a_test():
    marked = {
        ast.literal_eval(node.args[0])
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement"
    }
    wanted = set(read("requirements.json")["requirements"])
    assert not wanted - marked, f"requirements without a test: {sorted(wanted - marked)}"
    assert not marked - wanted, f"tests for unknown requirements: {sorted(marked - wanted)}"


def test_every_route_is_required():
    routes = {f"{method} {pattern.pattern[:-1]}" for method, pattern, *_ in api.ROUTES}
    wanted = {
        name for one in read("requirements.json")["requirements"].values() for name in one["routes"]
    }
    assert not routes - wanted, f"routes nobody asked for: {sorted(routes - wanted)}"
    assert not wanted - routes, f"required routes that are missing: {sorted(wanted - routes)}"


def test_scope_is_frozen_for_a_release():
    assert read("requirements.json")["frozen"], "requirements still change, no release"


def test_release_checklist():
    release = read("release.json")
    assert release["version"] == __version__
    assert all(release["steps"].values()), f"open steps: {release['steps']}"
