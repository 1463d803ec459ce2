import json

import pytest
from roomdesk.errors import Invalid
from roomdesk.settings import Settings, check, load


def write(tmp_path, **values):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(values))
    return path


def test_defaults(tmp_path):
    assert load(write(tmp_path), {}) == Settings()


def test_file(tmp_path):
    assert load(write(tmp_path, workers=5), {}).workers == 5


def test_environment_wins(tmp_path):
    assert load(write(tmp_path, workers=5), {"ROOMDESK_WORKERS": "7"}).workers == 7


def test_process_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ROOMDESK_CURRENCY", "CHF")
    assert load(write(tmp_path)).currency == "CHF"


def test_unknown_name(tmp_path):
    with pytest.raises(Invalid, match="colour"):
        load(write(tmp_path, colour="red"), {})


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"slot_minutes": 25}, {"billing_url": "http://x"}]
)
def test_check(wrong):
    with pytest.raises(Invalid):
        check(Settings(**wrong))
