"""What the CI says of the run, read from its environment variables; called by config.py.

Each provider is a row of `PROVIDERS`. A value is a template over environment variables: the first
one whose variables are all set wins.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

Templates = tuple[str, ...]
VARIABLE = lazily(r"\{(\w+)\}")


@frozen
class Provider:
    """How one CI names what we ask for.

    Args:
        name: Name of the provider.
        marker: Variable that is set on its runners.
        values: Templates by setting name.
    """

    name: str
    marker: str
    values: Mapping[str, Templates] = field(default_factory=dict)


PROVIDERS = (
    Provider(
        "github",
        "GITHUB_ACTIONS",
        {
            "build": ("{GITHUB_RUN_ID}",),
            "build_attempt": ("{GITHUB_RUN_ATTEMPT}",),
            "workflow": ("{GITHUB_WORKFLOW}",),
            "job": ("{GITHUB_JOB}",),
            "run_url": ("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",),
            "commit": ("{GITHUB_SHA}",),
            "branch": ("{GITHUB_HEAD_REF}", "{GITHUB_REF_NAME}"),
            "base_branch": ("{GITHUB_BASE_REF}",),
            "pr": ("{GITHUB_REF}",),
            "repository": ("{GITHUB_REPOSITORY}",),
        },
    ),
    Provider(
        "gitlab",
        "GITLAB_CI",
        {
            "build": ("{CI_PIPELINE_ID}",),
            "workflow": ("{CI_PIPELINE_NAME}", "{CI_PROJECT_PATH}"),
            "job": ("{CI_JOB_NAME}",),
            "step": ("{CI_JOB_STAGE}",),
            "run_url": ("{CI_JOB_URL}",),
            "commit": ("{CI_COMMIT_SHA}",),
            "branch": (
                "{CI_MERGE_REQUEST_SOURCE_BRANCH_NAME}",
                "{CI_COMMIT_BRANCH}",
                "{CI_COMMIT_REF_NAME}",
            ),
            "base_branch": ("{CI_MERGE_REQUEST_TARGET_BRANCH_NAME}", "{CI_DEFAULT_BRANCH}"),
            "pr": ("{CI_MERGE_REQUEST_IID}",),
            "repository": ("{CI_PROJECT_PATH}",),
        },
    ),
    Provider(
        "azure",
        "TF_BUILD",
        {
            "build": ("{BUILD_BUILDID}",),
            "build_attempt": ("{SYSTEM_JOBATTEMPT}",),
            "workflow": ("{BUILD_DEFINITIONNAME}",),
            "job": ("{SYSTEM_JOBNAME}",),
            "run_url": (
                "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
            ),
            "commit": ("{BUILD_SOURCEVERSION}",),
            "branch": ("{SYSTEM_PULLREQUEST_SOURCEBRANCH}", "{BUILD_SOURCEBRANCHNAME}"),
            "base_branch": ("{SYSTEM_PULLREQUEST_TARGETBRANCH}",),
            "pr": ("{SYSTEM_PULLREQUEST_PULLREQUESTNUMBER}",),
            "repository": ("{BUILD_REPOSITORY_NAME}",),
            "leg": ("{SYSTEM_JOBPOSITIONINPHASE}",),
        },
    ),
    Provider(
        "circleci",
        "CIRCLECI",
        {
            "build": ("{CIRCLE_WORKFLOW_ID}", "{CIRCLE_BUILD_NUM}"),
            "workflow": ("{CIRCLE_PROJECT_REPONAME}",),
            "job": ("{CIRCLE_JOB}",),
            "run_url": ("{CIRCLE_BUILD_URL}",),
            "commit": ("{CIRCLE_SHA1}",),
            "branch": ("{CIRCLE_BRANCH}",),
            "pr": ("{CIRCLE_PULL_REQUEST}",),
            "repository": ("{CIRCLE_PROJECT_USERNAME}/{CIRCLE_PROJECT_REPONAME}",),
            "leg": ("{CIRCLE_NODE_INDEX}",),
        },
    ),
    Provider(
        "buildkite",
        "BUILDKITE",
        {
            "build": ("{BUILDKITE_BUILD_ID}",),
            "build_attempt": ("{BUILDKITE_RETRY_COUNT}",),
            "workflow": ("{BUILDKITE_PIPELINE_SLUG}",),
            "job": ("{BUILDKITE_STEP_KEY}", "{BUILDKITE_LABEL}"),
            "run_url": ("{BUILDKITE_BUILD_URL}",),
            "commit": ("{BUILDKITE_COMMIT}",),
            "branch": ("{BUILDKITE_BRANCH}",),
            "base_branch": ("{BUILDKITE_PULL_REQUEST_BASE_BRANCH}",),
            "leg": ("{BUILDKITE_PARALLEL_JOB}",),
        },
    ),
    Provider(
        "jenkins",
        "JENKINS_URL",
        {
            "build": ("{BUILD_TAG}", "{BUILD_ID}"),
            "workflow": ("{JOB_NAME}",),
            "job": ("{STAGE_NAME}", "{JOB_BASE_NAME}"),
            "run_url": ("{BUILD_URL}",),
            "commit": ("{GIT_COMMIT}",),
            "branch": ("{CHANGE_BRANCH}", "{BRANCH_NAME}", "{GIT_BRANCH}"),
            "base_branch": ("{CHANGE_TARGET}",),
            "pr": ("{CHANGE_ID}",),
        },
    ),
    Provider(
        "travis",
        "TRAVIS",
        {
            "build": ("{TRAVIS_BUILD_ID}",),
            "job": ("{TRAVIS_JOB_NAME}",),
            "run_url": ("{TRAVIS_BUILD_WEB_URL}",),
            "commit": ("{TRAVIS_COMMIT}",),
            "branch": ("{TRAVIS_PULL_REQUEST_BRANCH}", "{TRAVIS_BRANCH}"),
            "repository": ("{TRAVIS_REPO_SLUG}",),
            "leg": ("{TRAVIS_JOB_NUMBER}",),
        },
    ),
)

# `refs/pull/7/merge` and URLs that end in the number are reduced to the number.
PR_NUMBER = lazily(r"(?:^|/pull/|/pulls/|/merge_requests/)(\d+)(?:/merge|/head)?$")
# GitLab writes the leg into the job's name: `test: [3.11, linux]`, `test 2/3`.
GITLAB_LEG = lazily(r"^(?P<job>.*?)(?:: \[(?P<matrix>[^\]]*)\]| (?P<part>\d+/\d+))$")
FALSE_WORDS = {"", "0", "false", "no", "off"}


def detect(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the CI says, by setting name; empty outside of a known CI.

    Args:
        environ: Environment variables.

    Returns:
        Non-empty texts for any of `build`, `build_attempt`, `workflow`, `job`, `step`, `leg`,
        `run_url`, `commit`, `branch`, `base_branch`, `pr`, `repository`.
    """
    for provider in PROVIDERS:
        if environ.get(provider.marker, "").lower() not in FALSE_WORDS:
            found = {name: _fill(rows, environ) for name, rows in provider.values.items()}
            return _tidy(provider.name, {name: text for name, text in found.items() if text})
    return {}


def default_leg(environ: Mapping[str, str], ci_leg: str = "") -> str:
    """Return the leg of the matrix: interpreter, platform, and what tox, nox or the CI add.

    Source: decision C-27, two legs of a matrix never share a failure id.
    """
    python = f"py{sys.version_info[0]}.{sys.version_info[1]}"
    parts = [python, sys.platform, platform.machine()]
    parts += [environ.get("TOX_ENV_NAME", ""), environ.get("NOX_CURRENT_SESSION", ""), ci_leg]
    return "-".join(part for part in parts if part)


def git_head(root: Path) -> tuple[str, str]:
    """Return commit and branch of the checkout at or above `root`, read without running git."""
    git = _git_dir(root)
    if git is None:
        return "", ""
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return "", ""
    if not head.startswith("ref: "):
        return head, ""
    ref = head[5:]
    return _resolve(git, ref), ref.removeprefix("refs/heads/")


def git_default_branch(root: Path) -> str:
    """Return the branch that the remote calls its default, `` when it is not known."""
    git = _git_dir(root)
    if git is None:
        return ""
    try:
        text = (_common_dir(git) / "refs/remotes/origin/HEAD").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
    return text.removeprefix("ref: refs/remotes/origin/") if text.startswith("ref: ") else ""


def _fill(templates: Templates, environ: Mapping[str, str]) -> str:
    for template in templates:
        names = VARIABLE.findall(template)
        if all(environ.get(name) for name in names):
            return VARIABLE.sub(lambda match: environ[match.group(1)], template)
    return ""


def _tidy(provider: str, found: dict[str, str]) -> dict[str, str]:
    number = PR_NUMBER.search(found.get("pr", ""))
    if "pr" in found:
        found["pr"] = number.group(1) if number else ""
    if provider == "gitlab" and (match := GITLAB_LEG.match(found.get("job", ""))):
        found["job"] = match["job"]
        found["leg"] = match["matrix"] or match["part"]
    if provider == "buildkite" and "build_attempt" in found:
        # Buildkite counts retries from 0.
        found["build_attempt"] = str(int(found["build_attempt"] or 0) + 1)
    for name in ("branch", "base_branch"):
        if name in found:
            found[name] = found[name].removeprefix("refs/heads/")
    return {name: text for name, text in found.items() if text}


def _git_dir(root: Path) -> Path | None:
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            return git
        if git.is_file():  # a worktree or submodule: `gitdir: PATH`
            try:
                text = git.read_text(encoding="utf-8").strip()
            except (OSError, ValueError):
                return None
            return (folder / text.removeprefix("gitdir: ")).resolve()
    return None


def _common_dir(git: Path) -> Path:
    try:
        return (git / (git / "commondir").read_text(encoding="utf-8").strip()).resolve()
    except (OSError, ValueError):
        return git


def _resolve(git: Path, ref: str) -> str:
    for folder in (git, _common_dir(git)):
        try:
            return (folder / ref).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            pass
    try:
        packed = (_common_dir(git) / "packed-refs").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    for line in packed.splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return ""
