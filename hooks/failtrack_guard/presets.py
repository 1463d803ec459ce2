"""Tables of rule options that a project gets by one word: `preset = "hexagonal"`."""

from __future__ import annotations

from failtrack_guard.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = ("hexagonal",)


def preset_tables(preset: str, package: str, where: str) -> dict[str, dict[str, Any]]:
    """Return the options of each rule that a preset says.

    Args:
        preset: Name of the preset, empty for none.
        package: Package that holds the layers.
        where: File of the settings, for messages.

    Raises:
        ConfigError: There is no such preset, or it needs a package.
    """
    if not preset:
        return {}
    if preset not in NAMES:
        raise ConfigError(f"{where}: preset {preset!r} is unknown; there is: {', '.join(NAMES)}")
    if not package:
        raise ConfigError(
            f'{where}: the preset {preset} needs the package of the layers: package = "shop"'
        )
    return _hexagonal(package)


def _hexagonal(package: str) -> dict[str, dict[str, Any]]:
    """The names of the architecture documents (S3-87 to S3-91), anywhere in the package."""
    layers = {
        "domain": [],
        "application": ["domain"],
        "infrastructure": ["domain", "application"],
        "api": ["domain", "application"],
    }
    return {
        "PV-001": {
            "enum": f"{package}.*.EventType",
            "events": [f"{package}.*.Event"],
            "emitters": [
                f"{package}.*.{name}" for name in ("emit", "publish", "dispatch", "emit_event")
            ],
        },
        "PV-002": {"type": f"{package}.*.ContentRef"},
        "PV-003": {"guard": f"{package}.*.HaltGuard"},
        "VAL-3": {
            "layers": [
                {"name": name, "modules": [f"{package}.{name}"], "may-import": allowed}
                for name, allowed in layers.items()
            ],
            "roots": [f"{package}.main", f"{package}.bootstrap", f"{package}.__main__"],
        },
    }
