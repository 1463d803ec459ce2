"""The rules of the team, checked."""

import json
import re
from datetime import date
from pathlib import Path

from tidelog import __version__

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path.stem for path in (ROOT / "src" / "tidelog").glob("*.py") if path.stem != "__init__"
)
SECRET = re.compile(r"(?i)(password|api_key|secret)\s*[=:]\s*[\"']?[A-Za-z0-9+/_-]{12,}[\"']")


def read(name):
    return json.loads((ROOT / "policies" / name).read_text(encoding="utf-8"))


def test_every_module_has_a_unit_test():
    tested = {path.stem[5:] for path in (ROOT / "tests" / "unit").glob("test_*.py")}
    waived = {
        one["subject"] for one in read("waivers.json") if one["rule"] == "module-has-unit-test"
    }
    untested = set(MODULES) - tested - waived
    assert not untested, f"modules without tests/unit/test_<module>.py: {sorted(untested)}"


def test_no_waiver_is_expired():
    today = date.today().isoformat()
    late = [one["subject"] for one in read("waivers.json") if one["expires"] < today]
    assert not late, f"waivers have expired: {late}"


def test_no_secret_is_committed():
    found = [
        str(path.relative_to(ROOT))
        for folder in ("src", "policies")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".json", ".toml") and SECRET.search(path.read_text("utf-8"))
    ]
    assert not found, f"files with a secret: {found}"


def test_release_checklist():
    release = read("release.json")
    assert release["version"] == __version__
    open_steps = [name for name, is_done in release["steps"].items() if not is_done]
    assert not open_steps, f"open steps of the release: {open_steps}"
