"""The two message catalogues say the same things, and every message that code asks for is there."""

import re
from pathlib import Path
from string import Formatter

import pytest

from knowledge.model import Outcome, Status
from knowledge.wording import catalogue, known, say
from tests.conftest import ROOT

EN, ZH = catalogue("en"), catalogue("zh")
# Names, codes and units that stay as they are in Chinese.
NAMES = {
    "Navicert",
    "Wh",
    "kg",
    "mAh",
    "HS",
    "new",
    "undo",
    "why",
    "quit",
    "GaN",
    "MOFCOM",
    "navicert",
    "rules",
    "show",
    "BIS",
    "EAR",
    "ECCN",
    "ENC",
    "GBS",
    "ITAR",
    "LVS",
    "OFAC",
    "SNAP",
    "TSR",
    "HTS",
    "screen",
}


def fields(message: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def literals() -> set[str]:
    """Every dotted key given to `say` as a literal in the code. What the chat says has a catalogue of its own: test_locales."""
    found: set[str] = set()
    for folder in ("bot", "knowledge"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "from bot.locales import" in text:
                continue
            for call in re.findall(r"\bsay\(((?:[^()]|\([^()]*\))*)", text):
                found |= set(re.findall(r"(?<![f\w])\"([a-z_]+\.[a-z_]+)\"", call))
    return found


def test_both_languages_have_the_same_keys() -> None:
    assert set(EN) == set(ZH)
    assert len(EN) > 100


@pytest.mark.parametrize("key", sorted(EN))
def test_a_message_has_the_same_fields_in_both(key: str) -> None:
    assert EN[key].strip()
    assert fields(EN[key]) == fields(ZH[key])


def test_every_key_that_code_names_is_there() -> None:
    asked = literals()
    assert len(asked) > 40
    assert not sorted(k for k in asked if not known("en", k))


def test_keys_made_up_at_run_time_are_there() -> None:
    wanted = {f"verdict.{o}" for o in Outcome} | {f"status.{s}" for s in Status} | {f"line.{s}" for s in Status}
    assert not sorted(k for k in wanted if not known("en", k))


def test_no_message_is_left_unused() -> None:
    code = "".join(p.read_text(encoding="utf-8") for f in ("bot", "knowledge") for p in Path(ROOT / f).rglob("*.py"))
    begun = tuple(set(re.findall(r"f\"([a-z_]+\.[a-z0-9_.]*)\{", code)))  # f"us.item_{source}" uses all that begin so
    unused = [k for k in EN if f'"{k}"' not in code and not k.startswith(begun)]
    assert unused == []


@pytest.mark.parametrize("key", sorted(ZH))
def test_no_english_is_left_in_chinese(key: str) -> None:
    bare = re.sub(r"\{[^}]*\}", "", ZH[key])
    words = set(re.findall(r"[A-Za-z]{2,}", bare)) - NAMES
    assert not words


def test_a_message_is_filled_in() -> None:
    assert say("en", "line.hs", numbers="2846") == "HS 2846: a reference only; the description decides."
    with pytest.raises(KeyError):
        say("en", "line.nothing_of_the_sort")
