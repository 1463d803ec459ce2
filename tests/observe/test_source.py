"""Where code lies: the project's own, its tests, what is installed, what only carries tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_failtrack.observe.source import Place, Sources

SITE = "/opt/venv/lib/python3.12/site-packages"


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """The sources of a checkout with one package."""
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (package / "orders.py").touch()
    return Sources(str(tmp_path), lambda text: text)


def test_a_file_below_the_root_is_the_project(sources: Sources) -> None:
    file = f"{sources.root}/src/shop/orders.py"

    assert sources.place(file) == Place("src/shop/orders.py", is_project=True, is_test=False)


def test_a_test_is_the_project_and_a_test(sources: Sources) -> None:
    file = f"{sources.root}/tests/test_orders.py"

    assert sources.place(file) == Place("tests/test_orders.py", is_project=True, is_test=True)


def test_an_installed_copy_of_the_project_is_the_project(sources: Sources) -> None:
    """S4-05: tox and an editable installation see the same failure at the same place."""
    there = sources.place(f"{SITE}/shop/orders.py")

    assert there == Place("src/shop/orders.py", is_project=True, is_test=False)
    assert there == sources.place(f"{sources.root}/src/shop/orders.py")


@pytest.mark.parametrize(
    "name", ["shop/billing.py", "other/orders.py", "orders.py", "shop/orders.pyx"]
)
def test_any_other_installed_file_is_not(sources: Sources, name: str) -> None:
    assert sources.place(f"{SITE}/{name}") == Place(name, is_project=False, is_test=False)


def test_a_virtual_environment_inside_the_root_is_not(sources: Sources) -> None:
    file = f"{sources.root}/.venv/lib/python3.12/site-packages/other/orders.py"

    assert not sources.place(file).is_project


def test_a_file_elsewhere_is_not(sources: Sources) -> None:
    assert sources.place("/srv/tools/run.py") == Place("tools/run.py", False, False)
