"""The report of a day, as text, HTML and JSON."""

import simplejson
from markupsafe import Markup

from .clock import local_text
from .units import level_text

WORDS = {
    "en": {"high": "high water", "low": "low water", "mean": "mean", "none": "no readings"},
    "de": {
        "high": "Hochwasser",
        "low": "Niedrigwasser",
        "mean": "Mittel",
        "none": "keine Messwerte",
    },
}


def as_text(summary, language="en"):
    words = WORDS[language]
    station = summary["station"]
    lines = [f"{station.name} ({station.code}) {summary['day'].isoformat()}"]
    if not summary["count"]:
        return "\n".join([*lines, words["none"], ""])
    lines.append(f"{words['mean']}: {level_text(round(summary['mean']), language)}")
    for kind, reading in summary["extremes"]:
        moment = local_text(reading.at, station.zone, language)
        lines.append(f"{words[kind]}: {level_text(reading.level_cm, language)}, {moment}")
    return "\n".join([*lines, ""])


def as_html(summary, language="en"):
    row = Markup("<tr><td>{}</td><td>{}</td></tr>")
    rows = Markup("").join(
        row.format(WORDS[language][kind], level_text(reading.level_cm, language))
        for kind, reading in summary["extremes"]
    )
    return Markup("<h1>{}</h1><table>{}</table>").format(summary["station"].name, rows)


def as_json(summary):
    data = {
        "station": summary["station"].code,
        "day": summary["day"].isoformat(),
        "count": summary["count"],
        "mean_cm": summary["mean"],
        "extremes": [{"kind": kind, **one.to_dict()} for kind, one in summary["extremes"]],
    }
    return simplejson.dumps(data, ignore_nan=True, sort_keys=True)
