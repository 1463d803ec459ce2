"""What each CI says of a run, and what git says where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_failtrack import ci

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_WORKFLOW": "CI",
    "GITHUB_JOB": "tests",
    "GITHUB_SERVER_URL": "https://example.invalid",
    "GITHUB_REPOSITORY": "shop/shop",
    "GITHUB_SHA": "c0ffee",
    "GITHUB_REF": "refs/pull/12/merge",
    "GITHUB_REF_NAME": "12/merge",
    "GITHUB_HEAD_REF": "feature",
    "GITHUB_BASE_REF": "main",
}
CASES = {
    "github": (
        GITHUB,
        {
            "build": "77",
            "build_attempt": "2",
            "workflow": "CI",
            "job": "tests",
            "run_url": "https://example.invalid/shop/shop/actions/runs/77",
            "commit": "c0ffee",
            "branch": "feature",
            "base_branch": "main",
            "pr": "12",
            "repository": "shop/shop",
        },
    ),
    "gitlab": (
        {
            "GITLAB_CI": "true",
            "CI_PIPELINE_ID": "9",
            "CI_JOB_NAME": "tests: [3.12, linux]",
            "CI_JOB_STAGE": "test",
            "CI_COMMIT_BRANCH": "main",
            "CI_DEFAULT_BRANCH": "main",
        },
        {
            "build": "9",
            "job": "tests",
            "leg": "3.12, linux",
            "step": "test",
            "branch": "main",
            "base_branch": "main",
        },
    ),
    "azure": (
        {"TF_BUILD": "True", "BUILD_BUILDID": "5", "BUILD_SOURCEBRANCHNAME": "main"},
        {"build": "5", "branch": "main"},
    ),
    "circleci": (
        {"CIRCLECI": "true", "CIRCLE_WORKFLOW_ID": "w", "CIRCLE_PULL_REQUEST": "https://x/pull/3"},
        {"build": "w", "pr": "3"},
    ),
    "buildkite": (
        {"BUILDKITE": "true", "BUILDKITE_BUILD_ID": "b", "BUILDKITE_RETRY_COUNT": "0"},
        {"build": "b", "build_attempt": "1"},
    ),
    "jenkins": (
        {"JENKINS_URL": "https://x", "BUILD_TAG": "jenkins-a-1", "CHANGE_ID": "4"},
        {"build": "jenkins-a-1", "pr": "4"},
    ),
    "travis": ({"TRAVIS": "true", "TRAVIS_BUILD_ID": "6"}, {"build": "6"}),
}


@pytest.mark.parametrize("provider", CASES)
def test_what_a_ci_says(provider: str) -> None:
    environ, said = CASES[provider]

    assert ci.detect(environ) == said


@pytest.mark.parametrize("value", ["", "false", "0"])
def test_a_marker_that_says_no_is_no_ci(value: str) -> None:
    assert ci.detect({**GITHUB, "GITHUB_ACTIONS": value}) == {}


def test_a_push_to_a_branch_has_no_pull_request() -> None:
    said = ci.detect({**GITHUB, "GITHUB_REF": "refs/heads/main", "GITHUB_HEAD_REF": ""})

    assert "pr" not in said


class TestLegs:
    def test_interpreter_and_platform_tell_legs_apart(self) -> None:
        """C-27: two legs of a matrix never share a failure id."""
        assert ci.default_leg({}).startswith("py3.")
        assert ci.default_leg({"TOX_ENV_NAME": "py312-min"}).endswith("-py312-min")
        assert ci.default_leg({}, "2/3").endswith("-2/3")


class TestGit:
    def test_commit_and_branch_are_read_without_git(self, tmp_path: Path) -> None:
        git = tmp_path / ".git"
        (git / "refs/heads").mkdir(parents=True)
        (git / "HEAD").write_text("ref: refs/heads/feature/a\n")
        (git / "packed-refs").write_text("# pack-refs\nc0ffee refs/heads/feature/a\n")

        assert ci.git_head(tmp_path) == ("c0ffee", "feature/a")

    def test_a_detached_head_has_no_branch(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git/HEAD").write_text("c0ffee\n")

        assert ci.git_head(tmp_path) == ("c0ffee", "")

    def test_a_worktree_points_elsewhere(self, tmp_path: Path) -> None:
        real = tmp_path / "main/.git/worktrees/w"
        real.mkdir(parents=True)
        (real / "HEAD").write_text("ref: refs/heads/w\n")
        (real / "commondir").write_text("../..\n")
        refs = tmp_path / "main/.git/refs/heads"
        refs.mkdir(parents=True)
        (refs / "w").write_text("abc123\n")
        tree = tmp_path / "tree"
        tree.mkdir()
        (tree / ".git").write_text(f"gitdir: {real}\n")

        assert ci.git_head(tree) == ("abc123", "w")

    def test_no_checkout_at_all(self, tmp_path: Path) -> None:
        assert ci.git_head(tmp_path) == ("", "")
        assert ci.git_default_branch(tmp_path) == ""
