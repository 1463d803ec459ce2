"""The little project that these tests are about."""

from __future__ import annotations

from pathlib import Path

import pytest
from proof_shop import Shop


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shop:
    """The project, fixed, tested and documented, in a repository."""
    return Shop(tmp_path / "shop", monkeypatch, capfd).fixed()


@pytest.fixture
def plain_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shop:
    """The same without git."""
    shop = Shop(tmp_path / "shop", monkeypatch, capfd)
    shop.fix()
    return shop
