import sys
import types

import pytest
from support import series
from tidelog import rules
from tidelog.errors import PluginError
from tidelog.models import Quality, Reading, Severity


@pytest.fixture
def registry():
    return rules.load(["threshold", "surge"])


def test_names(registry):
    assert registry.names() == ["surge", "threshold"]
    assert "surge" in registry


def test_unknown_plugin():
    with pytest.raises(PluginError, match="no plugin ebb"):
        rules.load(["ebb"])


def test_twice():
    with pytest.raises(PluginError, match="rule surge is there twice"):
        rules.load(["surge", "surge"])


def test_plugin_of_another_package(monkeypatch, husum):
    module = types.ModuleType("harbour.ice")
    module.register = lambda registry: registry.add("ice", lambda *_: None)
    monkeypatch.setitem(sys.modules, "harbour", types.ModuleType("harbour"))
    monkeypatch.setitem(sys.modules, "harbour.ice", module)
    registry = rules.load(["ice"], package="harbour")
    assert registry.check(husum, None, series(900)[0]) == []


@pytest.mark.parametrize(
    ("level", "severity"),
    [(649, None), (650, Severity.WARNING), (799, Severity.WARNING), (800, Severity.DANGER)],
)
def test_threshold(husum, level, severity):
    alerts = rules.load(["threshold"]).check(husum, None, series(level)[0])
    assert [one.severity for one in alerts] == ([severity] if severity else [])


@pytest.mark.parametrize(("rise", "warned"), [(19, False), (20, True), (-40, False)])
def test_surge(husum, rise, warned):
    before, reading = series(400, 400 + rise)
    alerts = rules.load(["surge"]).check(husum, before, reading)
    assert [one.rule for one in alerts] == (["surge"] if warned else [])


def test_surge_needs_good_readings(husum):
    before, reading = (
        Reading(one.station, one.at, one.level_cm, Quality.SUSPECT) for one in series(400, 600)
    )
    assert rules.load(["surge"]).check(husum, before, reading) == []


def test_the_most_severe_first(registry, husum):
    alerts = registry.check(husum, *series(400, 850))
    assert [one.rule for one in alerts] == ["threshold", "surge"]
    assert alerts[0].text == "Husum is at 8.50 m"
