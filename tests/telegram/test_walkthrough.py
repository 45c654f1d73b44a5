"""docs/telegram.md is what the bot says."""

import difflib
from pathlib import Path

from tests.telegram.walkthrough import CODE, PAGE, page, play


def test_the_page_shows_what_the_bot_says(tmp_path: Path) -> None:
    said = page(play(tmp_path))
    written = PAGE.read_text(encoding="utf-8")
    changes = "\n".join(
        difflib.unified_diff(written.splitlines(), said.splitlines(), "the page", "the bot", lineterm="")
    )
    assert not changes, f"{changes}\n\nWrite it anew: python -m tests.telegram.walkthrough --write"


def test_no_invitation_stands_on_the_page() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert not CODE.findall(written)
    assert written.count("start=CODE") >= 2
