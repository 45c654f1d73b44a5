"""Names against the lists: the listed name, a close one, another party's, and names of two characters."""

import pytest

from knowledge.rulebook import RuleBook
from knowledge.screening import CANDIDATE, Screener, core
from tests.conftest import ask


@pytest.fixture(scope="module")
def screener(book: RuleBook) -> Screener:
    """A screener over the bundled lists."""
    return Screener(book.parties)


def test_every_listed_name_finds_its_party(screener: Screener, book: RuleBook) -> None:
    missed = [
        name
        for party in book.parties
        for name in (*party.name.values(), *party.aliases)
        if len(core(name)) > 1 and party.id not in {m.party.id for m in screener.candidates(name) if m.score == 100.0}
    ]
    assert missed == []


@pytest.mark.parametrize(("text", "party"), [("sold to TDK Corporation", "TDK"), ("customer MP Materials Corp", "MP Materials"), ("buyer: Rheinmetall AG", "Rheinmetall")])  # fmt: skip
def test_an_exact_name(text: str, party: str, screener: Screener) -> None:
    found = [m for _, _, m in screener.find(text)]
    assert {m.score for m in found} == {100.0}
    assert all(party in m.party.name["en"] for m in found)


def test_a_close_name_is_a_candidate_only(screener: Screener) -> None:
    found = screener.candidates("Rheinmetal AG")
    assert found
    assert all(CANDIDATE <= m.score < 100 for m in found)
    answer = ask("dysprosium oxide from Shanghai to Rheinmetal AG in Germany")
    assert answer.verdict != "prohibited"
    assert "check by hand" in answer.text


@pytest.mark.parametrize("text", ["Bosch GmbH", "Siemens AG", "Shanghai Metal Trading Co Ltd", "西门子公司", "the red cat sat on the wall", "a ball of wire", "teal paint"])  # fmt: skip
def test_not_the_party(text: str, screener: Screener) -> None:
    assert screener.find(text) == []


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("买方是日油公司", True),
        ("东金,日本", True),
        ("今日油价", False),
        ("一立方米的箱子", False),
        ("广东金属厂", False),
    ],
)
def test_a_name_of_two_characters(text: str, hit: bool, screener: Screener) -> None:
    assert bool(screener.find(text)) is hit


def test_a_listed_party_forbids() -> None:
    assert ask("dysprosium oxide from Shanghai to Rheinmetall AG in Germany").verdict == "prohibited"


@pytest.mark.parametrize("name", ["", " ", "Co., Ltd.", "公司", "\u200b"])
def test_a_name_without_a_core(name: str, screener: Screener) -> None:
    assert [m for m in screener.candidates(name) if m.score == 100.0] == []
