"""The command line."""

import argparse
import sys
from datetime import date, timedelta

from . import __version__, archive, clock, config, report, tokens
from .errors import TidelogError
from .forecast import ForecastClient
from .models import Station
from .service import Service
from .storage import Storage


def build_parser():
    parser = argparse.ArgumentParser(prog="tidelog")
    parser.add_argument("--config")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    station = commands.add_parser("station", help="add or change a station")
    station.add_argument("code")
    station.add_argument("name")
    station.add_argument("--zone", default="Europe/Berlin")
    load = commands.add_parser("import", help="store the readings of a CSV file")
    load.add_argument("file")
    day = commands.add_parser("report", help="print the report of a day")
    day.add_argument("code")
    day.add_argument("day", type=date.fromisoformat)
    day.add_argument("--format", choices=("text", "html", "json"), default="text")
    token = commands.add_parser("token", help="issue a token for a gauge")
    token.add_argument("code")
    token.add_argument("--valid", default="30d", type=clock.parse_duration)
    return parser


def main(argv=None, out=None):
    """Run a command and return the exit code."""
    out = out or sys.stdout
    options = build_parser().parse_args(argv)
    try:
        settings = config.load(options.config)
        storage = Storage(settings.database)
        try:
            print(_run(options, settings, storage), file=out)
        finally:
            storage.close()
    except (TidelogError, OSError) as error:
        print(f"tidelog: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options, settings, storage):
    if options.command == "station":
        storage.add_station(Station(options.code, options.name, options.zone))
        return f"{options.code} is there"
    if options.command == "import":
        return f"{storage.add_readings(archive.read_csv(options.file))} readings stored"
    if options.command == "token":
        expires = clock.utc_now() + timedelta(seconds=options.valid)
        return tokens.issue(settings.secret, options.code, expires)
    client = ForecastClient(settings.forecast_url, settings.forecast_token)
    summary = Service(settings, storage, client).summary(options.code, options.day)
    if options.format == "json":
        return report.as_json(summary)
    if options.format == "html":
        return report.as_html(summary, settings.language)
    return report.as_text(summary, settings.language).rstrip()
