"""A failure that arrives by two roads, the plugin and a report, is one record (C-27)."""

from __future__ import annotations

import shutil

import pytest
from project import Project


@pytest.mark.parametrize("way", ["build", "collected by another job", "time"])
def test_what_the_plugin_recorded_is_not_recorded_again(plain_project: Project, way: str) -> None:
    plain_project.write(
        "test_shop.py",
        """
        import pytest

        def build(order):
            return order["customer_id"]

        @pytest.mark.parametrize("n", [1, 2])
        def test_fails(n):
            build({})

        @pytest.fixture
        def gone():
            yield
            raise OSError("gone")

        def test_fails_twice(gone):
            assert build({"customer_id": 1}) == 2
        """,
    )
    told = {} if way == "time" else {"FAILTRACK_BUILD": "812", "FAILTRACK_JOB": "unit"}
    before = plain_project.pytest("--junitxml=junit.xml", env=told)
    assert len(before.records) == 4
    if way == "collected by another job":
        told["FAILTRACK_JOB"] = "collect"

    after = plain_project.failtrack("ingest", "junit.xml", env=told)

    assert "0 new records; 4 there already" in after.stdout, after.text
    assert after.records == before.records
    assert len(after.runs) == 2
    assert plain_project.failtrack("gate", env=told).exit_status == 1


def test_a_later_report_is_a_build_of_its_own(plain_project: Project) -> None:
    plain_project.write("test_shop.py", "def test_fails():\n    assert 1 == 2\n")
    plain_project.pytest()
    report = (
        '<testsuites><testsuite timestamp="2020-01-01T10:00:00+00:00"><testcase '
        'classname="test_shop" name="test_fails"><failure message="assert 1 == 2">E   assert '
        "1 == 2</failure></testcase></testsuite></testsuites>"
    )
    plain_project.write("old.xml", report)

    assert "1 new record; build report-" in plain_project.failtrack("ingest", "old.xml").stdout


def test_reports_of_many_jobs_belong_to_the_runs_beside_them(plain_project: Project) -> None:
    """Issue 5: artifacts of many jobs at once, each with its evidence and the report beside it."""
    plain_project.write("test_shop.py", "def test_fails():\n    assert 1 == 2\n")
    jobs = plain_project.folder / "jobs"
    for leg in ("py310", "py313"):
        told = {"FAILTRACK_BUILD": "812", "FAILTRACK_LEG": leg}
        plain_project.pytest("--junitxml=out/junit.xml", "--failtrack-dir=out/failures", env=told)
        (jobs / leg).parent.mkdir(exist_ok=True)
        if leg == "py310":
            shutil.move(plain_project.folder / "out", jobs / leg)
        else:
            shutil.make_archive(str(jobs / leg), "zip", plain_project.folder / "out")
            shutil.rmtree(plain_project.folder / "out")
    shutil.rmtree(plain_project.folder / "governance", ignore_errors=True)

    first = plain_project.failtrack("ingest", "jobs")
    second = plain_project.failtrack("ingest", "jobs")

    assert len(first.records) == 2, first.text
    assert {one["environment"]["leg"] for one in first.records} == {"py310", "py313"}
    assert {one["leg"] for one in first.runs} == {"py310", "py313"}
    assert {one["build_id"] for one in first.runs} == {"812"}
    assert "0 new records" in second.stdout
    assert second.records == first.records
