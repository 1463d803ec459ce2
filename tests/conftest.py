"""What every test may count on, however the run was started."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # an environment with nothing but what users install
    pass
else:
    # How long an example takes says more of the machine than of what is tested.
    settings.register_profile(
        "untimed",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize="CI" in os.environ,
    )
    settings.load_profile("untimed")

# Tests start many processes; where none may keep what it compiled, each compiles the whole project.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure() -> None:
    """Let interrupts work: a run in the background of a script is started with them ignored, and
    every process that a test starts would inherit that."""
    for name in ("SIGINT", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            handler = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, handler)


@pytest.fixture(scope="session", autouse=True)
def temporary_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give every run of pytest that a test starts a root for temporary folders of its own.

    Runs that share one clean up after each other when they end, get in each other's way, and
    then warn of it, which is one line more than the run beside them printed.
    """
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of a real PostgreSQL; the processes of a run of tests share one."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    pytest.importorskip("sqlalchemy", reason="the extra `postgres` is not installed")
    from postgres import server

    worker = getattr(request.config, "workerinput", {})
    with server(worker.get("testrunuid", str(os.getpid()))[:12]) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, worker_name: str) -> str:
    """Return the name of a database with the newest tables, which others are copied from."""
    from postgres import create_database
    from pytest_failtrack.history.migrations.migrate import migrate

    name = f"template_{worker_name}"
    migrate(create_database(postgres_server, name))
    return name


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Return the name of this process among those that share the tests."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str, worker_name: str) -> str:
    """Return the URL of a shared history that is empty."""
    from postgres import create_database
    from pytest_failtrack.history import kept

    # A test in which it did not answer says nothing of the next one, of the same URL.
    kept._UNANSWERED.clear()
    return create_database(postgres_server, f"history_{worker_name}", postgres_template)
