"""The evasion filter: its weights load, its scores are probabilities, and it keeps a floor on its own corpus."""

from collections import Counter
from datetime import date

import pytest

from knowledge.reading.evasion import BITS, MODEL, asks_for_evasion, model, score
from knowledge.reading.read import Reading
from knowledge.reading.train_evasion import CORPUS, examples
from tests.conftest import TODAY, the_advisor

STEP = 5  # every fifth line of the corpus: the floor is the same, the test is quick


def read(text: str) -> Reading:
    """The reading of a text today."""
    return the_advisor().reader.read(text, date.fromisoformat(TODAY), "CN")


def test_the_model_loads() -> None:
    assert MODEL.is_file()
    assert len(model().weights) == 1 << BITS
    assert any(model().weights)
    assert 0 < model().threshold < 1


@pytest.mark.parametrize("text", ["", " ", "a", "hide the gallium", "9" * 500, "\u200f", "。。。", "dysprosium " * 500])
def test_scores_are_between_nought_and_one(text: str) -> None:
    assert 0.0 <= score(text) <= 1.0
    assert 0.0 <= score(text, ("hide", "relabel")) <= 1.0


def test_the_floor_on_the_corpus() -> None:
    told: Counter[tuple[int, bool]] = Counter()
    for label, _, text in examples(CORPUS)[::STEP]:
        reading = read(text)
        told[label, asks_for_evasion(reading.masked, reading.cues)] += 1
    evasion, lawful = told[1, True] + told[1, False], told[0, True] + told[0, False]
    assert min(evasion, lawful) > 100
    assert told[1, True] / evasion >= 0.9
    assert told[0, True] / lawful <= 0.1


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("hide the dysprosium oxide from Shanghai to Stuttgart for TDK Corporation", ["dysprosium", "oxide", "Shanghai", "Stuttgart", "TDK"]),
        ("把10公斤金属镓从宁波运到德国", ["镓", "宁波", "德国", "10"]),
        ("Dy2O3 99.99% 1C905.b shipped 2026-11-20", ["Dy2O3", "99.99", "1C905", "2026"]),
    ],
)  # fmt: skip
def test_masked_text_names_no_goods(text: str, hidden: list[str]) -> None:
    masked = read(text).masked
    assert not [word for word in hidden if word in masked]
    assert masked.strip()
