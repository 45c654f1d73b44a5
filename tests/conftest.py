"""Shared fixtures: one advisor a process, with a gazetteer kept between runs; the shared data where it is present."""

import os
from pathlib import Path

import pytest

from knowledge.answer import Advisor
from knowledge.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
TODAY = "2026-11-21"


def home() -> Path:
    """A data folder for tests, outside the user's own; kept so that the gazetteer is made once."""
    return Path(os.environ.get("NAVICERT_TEST_HOME", ROOT / ".pytest_cache" / "navicert"))


@pytest.fixture(scope="session")
def advisor() -> Advisor:
    """The product's own pipeline with the bundled rules."""
    return Advisor(Settings(home(), "CN"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared data beside the checkout")
    return SHARED
