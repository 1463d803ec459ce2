import io
import json

import pytest
from tidelog import __version__, cli


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("TIDELOG_DATABASE", str(tmp_path / "tide.db"))

    def run(*argv):
        out = io.StringIO()
        code = cli.main(argv, out)
        return code, out.getvalue()

    return run


@pytest.fixture
def filled(run, data):
    assert run("station", "HUS", "Husum") == (0, "HUS is there\n")
    assert run("import", str(data / "husum.csv")) == (0, "6 readings stored\n")
    return run


def test_report(filled):
    code, text = filled("report", "HUS", "2031-03-01")
    assert code == 0
    assert text.splitlines() == [
        "Husum (HUS) 2031-03-01",
        "mean: 4.86 m",
        "high water: 6.55 m, 1 Mar 2031, 04:00",
        "low water: 3.66 m, 1 Mar 2031, 10:00",
    ]


def test_report_as_json(filled):
    code, text = filled("report", "HUS", "2031-03-01", "--format", "json")
    assert (code, json.loads(text)["count"]) == (0, 5)


def test_unknown_station(run, capsys):
    assert run("report", "XYZ", "2031-03-01") == (1, "")
    assert capsys.readouterr().err == "tidelog: no station XYZ\n"


def test_missing_file(run, capsys):
    code, _ = run("import", "nowhere.csv")
    assert code == 1
    assert "No such file" in capsys.readouterr().err


def test_token(run):
    code, text = run("token", "HUS", "--valid", "1h")
    assert code == 0
    assert text.startswith("HUS.")


def test_version(run, capsys):
    with pytest.raises(SystemExit) as caught:
        run("--version")
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == __version__
