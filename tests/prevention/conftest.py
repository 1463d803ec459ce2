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
    root = tmp_path / "shop"
    root.mkdir()
    return Shop(root, monkeypatch, capfd).fixed()


@pytest.fixture
def plain_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shop:
    """The same without git."""
    root = tmp_path / "shop"
    root.mkdir()
    shop = Shop(root, monkeypatch, capfd)
    shop.fix()
    return shop
