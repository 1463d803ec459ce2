import json
from datetime import date

import pytest
from support import series
from tidelog import report, stats

TEXTS = {
    "en": "Husum (HUS) 2031-03-01\nmean: 4.67 m\nhigh water: 6.00 m, 1 Mar 2031, 13:10\n",
    "de": "Husum (HUS) 2031-03-01\nMittel: 4,67 m\nHochwasser: 6,00 m, 1. März 2031, 13:10 Uhr\n",
}


@pytest.fixture
def summary(husum):
    readings = series(400, 600, 401)
    return {
        "station": husum,
        "day": date(2031, 3, 1),
        "count": 3,
        "mean": stats.mean(one.level_cm for one in readings),
        "extremes": stats.extremes(readings),
    }


@pytest.mark.parametrize("language", ["en", "de"])
def test_text(summary, language):
    assert report.as_text(summary, language) == TEXTS[language]


def test_text_of_nothing(summary):
    assert report.as_text({**summary, "count": 0}).endswith("\nno readings\n")


def test_html_is_escaped(summary, husum):
    from dataclasses import replace

    station = replace(husum, name="<Husum & Nordstrand>")
    html = report.as_html({**summary, "station": station})
    assert "<h1>&lt;Husum &amp; Nordstrand&gt;</h1>" in html
    assert "<td>6.00 m</td>" in html


def test_json(summary):
    data = json.loads(report.as_json({**summary, "mean": float("nan")}))
    assert data["mean_cm"] is None
    assert data["extremes"] == [{"kind": "high", **series(400, 600)[1].to_dict()}]
