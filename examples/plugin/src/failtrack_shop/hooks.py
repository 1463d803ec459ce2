"""The hooks; failtrack loads this module by the entry point in pyproject.toml."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.digest import Digest

CODES: dict[str, dict[str, Any]] = {
    "SHOP-4711": {
        "subcategory": "INFRA_NETWORK",
        "failure_type": "infrastructure",
        "is_retryable": True,
        "recovery_suggestion": "Look at the status page of the stock service, then run it again.",
        "reasons": ["SHOP-4711: the stock service did not answer in time."],
    },
    "SHOP-4090": {
        "subcategory": "INTEGRATION_API_MISMATCH",
        "failure_type": "integration_test_failure",
        "recovery_suggestion": "Compare the client's version with that of the service.",
        "reasons": ["SHOP-4090: the two sides speak different versions of the API."],
    },
}
SERVICES = {"src/shop/payment/": "@payment-team", "src/shop/stock": "@logistics-team"}
PAYMENT = "src/shop/payment/"
CODE = re.compile(r"\bSHOP-\d{4}\b")
CUSTOMER = re.compile(r"\bCUST-\d{6}\b")


def pytest_failtrack_classify(observation: Observation) -> Mapping[str, Any] | None:
    """Our services put a code into each message, and the code knows best."""
    for raised in observation.exceptions:
        for code in CODE.findall(raised.message):
            if code in CODES:
                return CODES[code]
    return None


def pytest_failtrack_owner(observation: Observation, failure_type: str) -> str | None:
    """The deepest service on the way to the failure owns it."""
    for raised in observation.exceptions:
        for frame in reversed(raised.frames):
            for folder, team in SERVICES.items():
                if frame.file.startswith(folder):
                    return team
    return None


def pytest_failtrack_redact(text: str) -> str:
    """A customer number is personal data."""
    return CUSTOMER.sub("[redacted:customer]", text)


def pytest_failtrack_digest(digest: Digest) -> None:
    """A line for the chat, and one for the dashboard that reads `SHOP_DASHBOARD`."""
    teams = sorted({cause.owner for cause in digest.failure_causes})
    if teams:
        print(f"shop: {digest.failures} failures for {', '.join(teams)}")
    dashboard = os.environ.get("SHOP_DASHBOARD")
    if dashboard:
        line = {
            "build": digest.build_id,
            "failures": digest.failures,
            "causes": {cause.cause_id: cause.headline for cause in digest.failure_causes},
        }
        with open(dashboard, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def pytest_failtrack_gate_rule(digests: Sequence[Digest]) -> Mapping[str, Any]:
    """Nothing in payment code may fail: a failing network is no excuse there."""
    places = sorted(
        {
            f"{cause.file}:{cause.line}"
            for digest in digests
            for cause in digest.failure_causes
            if cause.file.startswith(PAYMENT)
        }
    )
    return {
        "name": "payment",
        "passed": not places,
        "saw": ", ".join(places) or "no failure in payment code",
        "limit": "none",
    }
