"""The digest as one documented JSON object: for `--json`, run documents and the file sink."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.frozen import as_dict
from pytest_failtrack.policy.digest import Cause, Digest
from pytest_failtrack.record.times import parse_time, time_text

DIGEST_VERSION = "1.0"

_CAUSE_FIELDS = tuple(Cause.__annotations__)
_TUPLES = ("notify", "nodeids", "record_ids", "signatures", "signed")


def to_json(digest: Digest) -> dict[str, Any]:
    """Return the digest as plain JSON values; keys are only ever added to it.

    Keys: `digest_version`, `build_id`, `workflow`, `job`, `step`, `leg`, `run_url`, `commit`,
    `branch`, `exit_status` (null while unknown), `is_complete`, `failures` and `root_causes`
    (both without debt findings and flaky tests), `totals` {outcome: count}, `causes` [see
    `cause_to_json`], `debt` {counts {kind: count}, without_reason, expired}, `records`,
    `evidence_dir`, `problems` [sentence], `scope` [sentence].
    """
    return {
        "digest_version": DIGEST_VERSION,
        "build_id": digest.build_id,
        "workflow": digest.workflow,
        "job": digest.job,
        "step": digest.step,
        "leg": digest.leg,
        "run_url": digest.run_url,
        "commit": digest.commit,
        "branch": digest.branch,
        "exit_status": digest.exit_status,
        "is_complete": digest.is_complete,
        "failures": digest.failures,
        "root_causes": len(digest.failure_causes),
        "totals": dict(digest.totals),
        "causes": [cause_to_json(one) for one in digest.causes],
        "debt": as_dict(digest.debt),
        "records": digest.records,
        "evidence_dir": digest.evidence_dir,
        "problems": list(digest.problems),
        "scope": list(digest.scope),
    }


def cause_to_json(cause: Cause) -> dict[str, Any]:
    """Return one cause: the fields of `Cause` by name, `due` as ISO 8601 in UTC or null."""
    data: dict[str, Any] = {name: getattr(cause, name) for name in _CAUSE_FIELDS}
    for name in _TUPLES:
        data[name] = list(data[name])
    if cause.due is not None:
        data["due"] = time_text(cause.due)
    return data


def cause_from_json(data: Mapping[str, Any]) -> Cause:
    """Return the cause that `cause_to_json` described; keys that are not known are left out.

    Raises:
        KeyError: A field that every cause has is missing.
        ValueError: `due` is not a time.
    """
    known = {name: data[name] for name in _CAUSE_FIELDS if name in data}
    for name in ("cause_id", "key", "headline", "novelty", "occurrence", "category"):
        known[name] = data[name]
    for name in _TUPLES:
        known[name] = tuple(known.get(name) or ())
    if isinstance(due := known.get("due"), str):
        known["due"] = parse_time(due)
    known.setdefault("subcategory", "UNKNOWN_ROOT_CAUSE")
    known.setdefault("failure_type", "unknown")
    known.setdefault("severity", "MEDIUM")
    return Cause(**known)


class JsonDigestSink:
    """Writes the digest to a file, beside it and renamed, so that no reader sees half of it.

    Args:
        path: Setting `digest_file`; its folder is made when it is missing.
    """

    name = "json-digest"

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, digest: Digest) -> None:
        """Write the file; an older one is replaced."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            # ASCII escapes: node ids may hold lone surrogates, which UTF-8 cannot write.
            beside.write_text(json.dumps(to_json(digest), indent=2) + "\n", encoding="ascii")
            beside.replace(self._path)
        finally:
            beside.unlink(missing_ok=True)


def sink_for(path: Path | None) -> JsonDigestSink | None:
    """Return the sink when a file is wanted."""
    return None if path is None else JsonDigestSink(path)
