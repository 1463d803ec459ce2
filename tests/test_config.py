"""Settings: where each comes from, which one wins, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.config import NAMED, Settings, find_root, load
from pytest_failtrack.errors import ConfigError


def settings(tmp_path: Path, toml: str = "", **layers: Any) -> Settings:
    """Return the settings of a project with this pyproject.toml and nothing from outside."""
    if toml:
        (tmp_path / "pyproject.toml").write_text(toml, encoding="utf-8")
    layers.setdefault("environ", {})
    return load(layers.pop("options", {}), root=tmp_path, cwd=tmp_path, **layers)


class TestPrecedence:
    LAYERS = (
        ("options", {"job": "option"}),
        ("environ", {"FAILTRACK_JOB": "environment"}),
        ("ini", {"job": "ini"}),
    )

    def test_option_environment_ini_table_ci_default(self, tmp_path: Path) -> None:
        """Design, section 6: an option wins over the environment, that over ini, that over TOML."""
        toml = '[tool.failtrack]\njob = "table"\n'
        ci = {"GITHUB_ACTIONS": "true", "GITHUB_JOB": "ci"}
        given: dict[str, Any] = {"environ": dict(ci)}
        assert settings(tmp_path, **given).job == "ci"
        assert settings(tmp_path, toml, **given).job == "table"
        for name, layer in reversed(self.LAYERS):
            given[name] = {**given.get(name, {}), **layer}
            assert settings(tmp_path, toml, **given).job == next(iter(layer.values()))

    def test_without_anything_the_defaults_hold(self, tmp_path: Path) -> None:
        found = settings(tmp_path)

        assert found.evidence_dir == tmp_path / "governance/events/failures"
        assert found.runs_dir == tmp_path / "governance/events/runs"
        assert found.state_dir == tmp_path / ".failtrack"
        assert (found.job, found.build, found.build_attempt) == ("", "", 1)
        assert found.repeat_window_days == 90
        assert not found.is_in_ci
        assert found.own_paths[:3] == (
            "governance/events/failures",
            ".failtrack",
            "governance/events/runs",
        )

    def test_folders_beside_evidence_at_the_root_may_be_the_projects_own(
        self, tmp_path: Path
    ) -> None:
        found = settings(tmp_path, environ={"FAILTRACK_DIR": "failures"})

        assert "failures" in found.own_paths
        assert not {"runs", "changes", "matches", "archive"} & set(found.own_paths)

    @pytest.mark.parametrize(
        ("environ", "is_in_ci"),
        [
            ({"CI": "true"}, True),
            ({"CI": "1"}, True),
            ({"CI": "false"}, False),
            ({"CI": ""}, False),
            ({"TF_BUILD": "True", "BUILD_BUILDID": "1"}, True),
        ],
    )
    def test_ci_is_known_by_its_variables(
        self, tmp_path: Path, environ: dict[str, str], is_in_ci: bool
    ) -> None:
        assert settings(tmp_path, environ=environ).is_in_ci is is_in_ci

    def test_paths_of_the_prompt_are_relative_to_it_and_those_of_the_file_to_the_file(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.failtrack]\nstate = "state"\n')
        below = tmp_path / "below"
        below.mkdir()

        found = load({"dir": "out"}, environ={}, root=tmp_path, cwd=below)

        assert found.evidence_dir == below / "out"
        assert found.state_dir == tmp_path / "state"


class TestVariables:
    @pytest.mark.parametrize(
        ("name", "field", "default", "text", "value"),
        [
            ("RATE_LIMIT_MINUTES", "rate_limit_minutes", 15, "30", 30),
            ("STACK_TOKENS_ENABLED", "tokens_enabled", True, "false", False),
            ("STACK_TOKEN_MAX_LEN", "token_max_chars", 160, "80", 80),
            ("AUTO_HEAL_INACTIVITY_HOURS", "auto_heal_inactivity_hours", 24, "48", 48),
            ("FAILURE_INACTIVITY_HEAL_HOURS", "failure_inactivity_heal_hours", 0, "12", 12),
        ],
    )
    def test_the_five_names_are_read_bare(
        self, tmp_path: Path, name: str, field: str, default: Any, text: str, value: Any
    ) -> None:
        """S4-11..15: names and defaults."""
        assert getattr(settings(tmp_path), field) == default
        assert getattr(settings(tmp_path, environ={name: text}), field) == value

    def test_the_old_name_is_accepted_with_a_warning(self, tmp_path: Path) -> None:
        """C-15"""
        found = settings(tmp_path, environ={"INACTIVITY_HOURS": "5"})

        assert found.auto_heal_inactivity_hours == 5
        assert found.warnings == (
            "INACTIVITY_HOURS is an old name: use AUTO_HEAL_INACTIVITY_HOURS",
        )

    @pytest.mark.parametrize("name", NAMED)
    def test_every_setting_has_a_variable_with_our_prefix(self, tmp_path: Path, name: str) -> None:
        text = {"path": "x", "text": "x", "count": "7", "number": "7", "switch": "false"}
        variable = {f"FAILTRACK_{name.upper()}": text[NAMED[name]]}

        assert settings(tmp_path, environ=variable) != settings(tmp_path)


class TestMistakes:
    @pytest.mark.parametrize(
        ("toml", "words"),
        [
            ('[tool.failtrack]\njobb = "x"\n', "unknown key `jobb`; did you mean `job`?"),
            ("[tool.failtrack]\nowners = 3\n", "`owners` must be a table"),
            ("[tool.failtrack]\nredact = 'x'\n", "`redact` must be a list"),
            ("[tool]\nfailtrack = 3\n", "[tool.failtrack] must be a table"),
            ("[tool.failtrack\n", "is not valid TOML"),
            ("[tool.failtrack]\ntoken_max_chars = 0\n", "must be a number, 1 or more"),
            ('[tool.failtrack]\nrepeat_window_days = "soon"\n', "must be a number"),
            ('[tool.failtrack]\ntokens = "perhaps"\n', "must be true or false"),
            ("[tool.failtrack]\njob = ['x']\n", "must be a text"),
        ],
    )
    def test_a_mistake_is_named_with_its_place(self, tmp_path: Path, toml: str, words: str) -> None:
        with pytest.raises(ConfigError) as caught:
            settings(tmp_path, toml)

        assert words in str(caught.value)

    def test_other_peoples_tables_are_not_read(self, tmp_path: Path) -> None:
        assert settings(tmp_path, "[tool.other]\njobb = 'x'\n").job == ""


class TestRoot:
    def test_the_nearest_folder_with_a_project_file(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").touch()
        below = tmp_path / "a" / "b"
        below.mkdir(parents=True)

        assert find_root(below) == tmp_path
