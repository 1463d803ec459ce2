"""The projects that are broken: two services beside this file, and published ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
SERVICES = Path(__file__).parent / "services"
TOOLS = ("pytest==9.*", "pytest-timeout", "pytest-xdist", "simplejson", "markupsafe", "freezegun")
# What a project needs beside TOOLS.
NEEDED = (
    *("h11==0.16.0", "whatever==0.7", "jsonpointer==3.12", "requests==2.34.2", "pyyaml==6.0.3"),
    *("setuptools==65.5.0",),
)


@dataclass(frozen=True)
class Project:
    """A project with a suite that runs fast.

    Args:
        name: Its name.
        version: Version of the source distribution, empty for a service of our own.
        source: Folder with its packages.
        kept: What of it is copied for a run.
        tests: Tests that run when a fault does not say which.
    """

    name: str
    version: str
    source: str
    kept: tuple[str, ...]
    tests: tuple[str, ...]


PROJECTS = {
    one.name: one
    for one in (
        Project("shop", "", "src", ("src", "tests", "pyproject.toml"), ("tests",)),
        Project(
            "itsdangerous",
            "2.2.0",
            "src",
            ("src", "tests", "pyproject.toml"),
            ("tests/test_itsdangerous",),
        ),
        Project("markupsafe", "3.0.4", "src", ("src", "tests", "pyproject.toml"), ("tests",)),
        Project(
            "jinja2",
            "3.1.6",
            "src",
            ("src", "tests", "pyproject.toml"),
            ("tests/test_filters.py", "tests/test_core_tags.py"),
        ),
        Project(
            "click",
            "8.5.1",
            "src",
            ("src", "tests", "pyproject.toml"),
            ("tests/test_basic.py",),
        ),
        Project(
            "marshmallow",
            "4.4.0",
            "src",
            ("src", "tests", "pyproject.toml"),
            ("tests/test_validate.py", "tests/test_utils.py"),
        ),
        Project("toolz", "1.2.0", ".", ("toolz", "tlz", "setup.cfg"), ("toolz/tests",)),
        Project(
            "voluptuous",
            "0.16.0",
            ".",
            ("voluptuous", "pyproject.toml"),
            ("voluptuous/tests",),
        ),
        Project("cachetools", "8.0.1", "src", ("src", "tests", "pyproject.toml"), ("tests",)),
        Project("semver", "3.1.1", "src", ("src", "tests", "pyproject.toml"), ("tests",)),
        Project("tabulate", "0.10.0", ".", ("tabulate", "test", "pyproject.toml"), ("test",)),
        Project(
            "humanize",
            "4.17.0",
            "src",
            ("src", "tests", "pyproject.toml"),
            (
                "tests/test_filesize.py",
                "tests/test_i18n.py",
                "tests/test_lists.py",
                "tests/test_number.py",
                "tests/test_time.py",
            ),
        ),
        Project("parse", "1.22.4", ".", ("parse", "tests"), ("tests",)),
        Project(
            "boltons",
            "26.2.0",
            ".",
            ("boltons", "tests", "pyproject.toml"),
            (
                "tests/test_cacheutils.py",
                "tests/test_jsonutils.py",
                "tests/test_mathutils.py",
                "tests/test_queueutils.py",
                "tests/test_timeutils.py",
                "tests/test_urlutils.py",
            ),
        ),
        Project(
            "tomlkit",
            "0.15.2",
            ".",
            ("tomlkit", "tests", "pyproject.toml"),
            (
                "tests/test_api.py",
                "tests/test_build.py",
                "tests/test_items.py",
                "tests/test_toml_document.py",
                "tests/test_utils.py",
                "tests/test_write.py",
            ),
        ),
        Project("roomdesk", "", "src", ("src", "tests", "policies", "pyproject.toml"), ("tests",)),
        Project("tidelog", "", "src", ("src", "tests", "policies", "pyproject.toml"), ("tests",)),
        Project("h11", "0.16.0", ".", ("h11",), ("h11/tests",)),
        Project("wsproto", "1.3.2", "src", ("src", "tests"), ("tests",)),
        Project("tinydb", "4.9.0", ".", ("tinydb", "tests"), ("tests",)),
        Project("funcy", "2.1", ".", ("funcy", "tests"), ("tests",)),
        Project(
            "bottle",
            "0.13.4",
            ".",
            ("bottle.py", "test"),
            (
                "test/test_config.py",
                "test/test_contextlocals.py",
                "test/test_environ.py",
                "test/test_fileupload.py",
                "test/test_mount.py",
                "test/test_multipart.py",
                "test/test_outputfilter.py",
                "test/test_resources.py",
                "test/test_router.py",
                "test/test_securecookies.py",
                "test/test_sendfile.py",
                "test/test_wsgi.py",
            ),
        ),
        Project(
            "jsonpatch",
            "1.47",
            ".",
            ("jsonpatch.py", "jsonpatch_cli.py", "tests.py", "tests.js", "pytest.ini"),
            ("tests.py",),
        ),
        Project(
            "mistune",
            "3.4.0",
            "src",
            ("src", "tests", "pyproject.toml"),
            (
                "tests/test_cli.py",
                "tests/test_directives.py",
                "tests/test_hooks.py",
                "tests/test_plugins.py",
                "tests/test_renderers.py",
                "tests/test_security_include.py",
                "tests/test_security_toc.py",
                "tests/test_security_urls.py",
                "tests/test_syntax.py",
            ),
        ),
        Project(
            "responses",
            "0.26.3",
            ".",
            ("responses",),
            (
                "responses/tests/test_matchers.py",
                "responses/tests/test_registries.py",
                "responses/tests/test_responses.py",
            ),
        ),
        Project(
            "schema",
            "0.7.8",
            ".",
            ("schema", "test_schema.py", "LICENSE-MIT"),
            ("test_schema.py",),
        ),
        Project(
            "tenacity",
            "9.2.1",
            ".",
            ("tenacity", "tests", "pyproject.toml"),
            (
                "tests/test_after.py",
                "tests/test_asyncio.py",
                "tests/test_tenacity.py",
                "tests/test_utils.py",
            ),
        ),
        Project("xmltodict", "1.0.4", ".", ("xmltodict.py", "tests"), ("tests",)),
    )
}


def prepare(cache: Path) -> None:
    """Make the environment of the benchmark and unpack the projects, where they are missing."""
    if not python_of(cache).exists():
        subprocess.run([sys.executable, "-m", "venv", str(cache / "venv")], check=True)
        install = [str(python_of(cache)), "-m", "pip", "install", "-q", *TOOLS, *NEEDED]
        subprocess.run([*install, "-e", str(REPOSITORY)], check=True)
    for project in PROJECTS.values():
        if project.version and not source_of(cache, project).exists():
            _fetch(cache, project)


def python_of(cache: Path) -> Path:
    """Return the interpreter of the benchmark's own environment."""
    return cache / "venv" / "bin" / "python"


def source_of(cache: Path, project: Project) -> Path:
    """Return the folder of a project as it was published."""
    if not project.version:
        return SERVICES / project.name
    return cache / "src" / f"{project.name}-{project.version}"


def copy(cache: Path, project: Project, target: Path) -> None:
    """Copy what a run of a project needs to a folder."""
    source = source_of(cache, project)
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.c", ".failtrack", "governance")
    target.mkdir(parents=True)
    for name in project.kept:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=ignored)
        else:
            shutil.copy(source / name, target / name)


def _fetch(cache: Path, project: Project) -> None:
    archives = cache / "sdists"
    wanted = f"{project.name}=={project.version}"
    command = [str(python_of(cache)), "-m", "pip", "download", "-q", "--no-deps"]
    subprocess.run([*command, "--no-binary=:all:", "-d", str(archives), wanted], check=True)
    archive = next(archives.glob(f"{project.name}-{project.version}.tar.gz"))
    with tarfile.open(archive) as packed:
        packed.extractall(cache / "src", filter="data")
