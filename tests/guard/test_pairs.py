"""Rules over pairs of places: what their tables must say, and changes of the other place."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from failtrack_guard.engine import run
from failtrack_guard.errors import ConfigError
from failtrack_guard.rules.ftg1_generated_drift import sources_digest
from failtrack_guard.settings import from_table

ROUTERS = {
    "define": "src/api/routes/*.py",
    "exports": "router",
    "refer": ["src/api/routes/__init__.py", "src/api/main.py"],
}
FILES = {
    "src/__init__.py": "",
    "src/api/__init__.py": "",
    "src/api/routes/__init__.py": "from src.api.routes.orders import router as orders_router\n",
    "src/api/routes/orders.py": "router = 1\n",
    "src/api/main.py": "from src.api.routes import orders_router\nuse(orders_router)\n",
}


def written(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def routers(root: Path, files: list[str], changed: frozenset[str] | None) -> list[tuple[str, int]]:
    settings = from_table({"select": ["FT-R1"], "FT-R1": {"pairs": [ROUTERS]}}, root=str(root))
    result = run(settings, [str(root / one) for one in files], changed=changed)
    return [(one.path, one.line) for one in result.findings]


class TestInBothPlaces:
    def test_a_module_is_the_same_from_src_and_from_the_root(self, tmp_path: Path) -> None:
        written(tmp_path, FILES)

        assert routers(tmp_path, ["src/api/routes/orders.py"], None) == []

    def test_the_other_place_alone_forgets_it(self, tmp_path: Path) -> None:
        written(tmp_path, {**FILES, "src/api/main.py": "app = 1\n"})
        changed = frozenset({"src/api/main.py"})

        assert routers(tmp_path, ["src/api/main.py"], changed) == [("src/api/routes/orders.py", 1)]

    def test_both_changed_is_said_once(self, tmp_path: Path) -> None:
        written(tmp_path, {**FILES, "src/api/main.py": "app = 1\n"})
        changed = frozenset({"src/api/main.py", "src/api/routes/orders.py"})

        found = routers(tmp_path, sorted(changed), changed)

        assert found == [("src/api/routes/orders.py", 1)]

    def test_a_change_of_something_else_is_no_matter(self, tmp_path: Path) -> None:
        written(tmp_path, {**FILES, "src/api/main.py": "app = 1\n", "a.py": ""})

        assert routers(tmp_path, ["a.py"], frozenset({"a.py"})) == []


def test_a_digest_is_that_of_all_bytes_in_the_order_of_the_paths(tmp_path: Path) -> None:
    written(tmp_path, {"b.toml": "second", "a/z.toml": "first", "B.toml": "zeroth"})

    digest = sources_digest(str(tmp_path), ["b.toml", "a/z.toml", "B.toml"])

    assert digest == sha256(b"zerothfirstsecond").hexdigest()


@pytest.mark.parametrize(
    ("rule", "option", "table", "message"),
    [
        ("FT-S1", "pairs", {"jobs": "a.json"}, "table 1 has no hash"),
        ("FT-S1", "pairs", {"jobs": "a", "hash": "b", "has": "c"}, "has is no key"),
        ("FT-S1", "pairs", {"jobs": "a", "hash": 1}, "must be a text"),
        ("FT-S1", "pairs", {"jobs": "a", "hash": []}, "must be a text"),
        ("FT-S1", "pairs", {"jobs": "a", "hash": [1]}, "must be a text"),
        ("FT-G1", "files", {"generated": "a"}, "table 1 has no sources"),
        ("FT-G1", "files", {"generated": "a", "sources": "b", "digest": "(("}, "no regular"),
        ("FT-R1", "pairs", {"define": "a", "refer": "b"}, "neither `name` nor `exports`"),
        ("FT-R1", "pairs", {"define": "a", "name": "b"}, "neither `refer` nor `base`"),
        ("FT-R1", "pairs", {"define": "a", "name": "((", "refer": "b"}, "no regular"),
    ],
)
def test_a_table_that_cannot_be_used_is_rejected(
    rule: str, option: str, table: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        from_table({rule: {option: [table]}}, root=str(tmp_path))
