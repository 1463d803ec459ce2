"""Where the files lie that a report names: the same place on every machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_failtrack.observe.places import Places


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("src/shop/orders.py", ("src/shop/orders.py", True, False)),
        ("./tests/test_a.py", ("tests/test_a.py", True, True)),
        ("/w/shop/src/shop/orders.py", ("src/shop/orders.py", True, False)),
        ("/home/runner/work/shop/shop/src/shop/orders.py", ("src/shop/orders.py", True, False)),
        ("/home/runner/work/shop/shop/manage.py", ("manage.py", True, False)),
        ("/builds/group/sub/shop/src/shop/orders.py", ("src/shop/orders.py", True, False)),
        ("/builds/group/shop/manage.py", ("manage.py", True, False)),
        ("/var/jenkins_home/workspace/shop-job/tests/test_a.py", ("tests/test_a.py", True, True)),
        ("/var/lib/jenkins/workspace/shop-job/tests/test_a.py", ("tests/test_a.py", True, True)),
        (
            "/var/lib/buildkite-agent/builds/ip-1/o/shop/tests/test_a.py",
            ("tests/test_a.py", True, True),
        ),
        ("/Users/runner/work/shop/shop/src/orders.py", ("src/orders.py", True, False)),
        ("/Users/runner/work/1/s/manage.py", ("manage.py", True, False)),
        ("/home/vsts/work/1/s/manage.py", ("manage.py", True, False)),
        ("/builds/group/shop/lib/orders.rb", ("lib/orders.rb", True, False)),
        (
            "/home/runner/work/_tool/Python/3.12/x64/lib/python3.12/json/x.py",
            ("python/json/x.py", False, False),
        ),
        ("/__w/shop/shop/conftest.py", ("conftest.py", True, True)),
        ("D:\\a\\shop\\shop\\src\\orders.py", ("src/orders.py", True, False)),
        ("/srv/x81/tests/test_a.py", ("tests/test_a.py", True, True)),
        ("file:///app/orders.js", ("orders.js", True, False)),
        ("/v/lib/python3.12/site-packages/requests/api.py", ("requests/api.py", False, False)),
        ("../venv/lib/python3.12/site-packages/six.py", ("six.py", False, False)),
        ("/usr/lib/python3.12/json/decoder.py", ("python/json/decoder.py", False, False)),
        ("C:\\Python312\\Lib\\json\\decoder.py", ("python/json/decoder.py", False, False)),
        ("/usr/include/c++/12/vector", ("12/vector", False, False)),
        ("/home/me/other.py", ("me/other.py", False, False)),
        ("node_modules/x/index.js", ("node_modules/x/index.js", False, False)),
        ("<string>", ("<string>", False, False)),
        ("../outside.py", ("../outside.py", False, False)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_placed(file: str, place: tuple[str, bool, bool]) -> None:
    known = Places("/w/shop", str).place(file)

    assert (known.file, known.is_project, known.is_test) == place


def test_the_end_of_a_path_that_the_checkout_holds_wins(tmp_path: Path) -> None:
    (tmp_path / "services/cart/src").mkdir(parents=True)
    (tmp_path / "services/cart/src/cart.py").touch()
    places = Places(str(tmp_path), str)

    assert places.place("/ci/x/services/cart/src/cart.py").file == "services/cart/src/cart.py"


def test_an_installed_file_is_the_project_s_own_where_the_checkout_has_it(tmp_path: Path) -> None:
    (tmp_path / "src/shop").mkdir(parents=True)
    (tmp_path / "src/shop/orders.py").touch()
    places = Places(str(tmp_path), str)

    known = places.place("/t/.tox/py/lib/python3.12/site-packages/shop/orders.py")

    assert (known.file, known.is_project) == ("src/shop/orders.py", True)


@pytest.mark.parametrize(
    ("file", "own"),
    [
        pytest.param("{root}/c/a.c", "c/a.c", id="below the root"),
        pytest.param("{root}/build/made.c", "build/made.c", id="made meanwhile"),
        pytest.param("{root}/build/../c/a.c", "c/a.c", id="by a detour"),
        pytest.param("../c/a.c", "c/a.c", id="from a folder of the project"),
        pytest.param("../../c/a.c", "c/a.c", id="from deeper"),
        pytest.param("../c/other.c", "", id="beside the project"),
        pytest.param("/home/runner/work/app/app/c/a.c", "c/a.c", id="GitHub"),
        pytest.param("D:\\a\\app\\app\\c\\a.c", "c/a.c", id="GitHub on Windows"),
        pytest.param("/builds/group/sub/app/c/a.c", "c/a.c", id="GitLab"),
        pytest.param("/somewhere/c/a.c", "c/a.c", id="of a machine that nobody knows"),
        pytest.param("/somewhere/c/b.c", "", id="that the checkout has not"),
        pytest.param("/usr/include/stdio.h", "", id="of the system"),
        pytest.param("{root}/node_modules/x/a.js", "", id="of others"),
    ],
)
def test_what_is_the_project_s_for_certain(tmp_path: Path, file: str, own: str) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c/a.c").touch()

    assert Places(str(tmp_path), str).own(file.replace("{root}", str(tmp_path))) == own


@pytest.mark.parametrize("name", ["_pytest/runner.py", "pluggy/_callers.py", "xdist/remote.py"])
def test_what_carries_tests_is_machinery(name: str) -> None:
    assert Places("/w", str).place(f"/v/lib/python3.12/site-packages/{name}").is_machinery


def test_names_are_redacted() -> None:
    places = Places("/w/shop", lambda text: text.replace("secret", "[redacted]"))

    assert places.place("src/secret.py").file == "src/[redacted].py"
