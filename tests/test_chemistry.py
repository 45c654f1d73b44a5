"""Formulas: what they hold and what they make."""

import pytest

from knowledge.reading.chemistry import mass_shares, parse
from tests.conftest import ask


@pytest.mark.parametrize(
    ("token", "elements", "kind"),
    [
        ("Dy2O3", ("Dy", "O"), "oxide"),
        ("GaAs", ("Ga", "As"), "arsenide"),
        ("InP", ("In", "P"), "phosphide"),
        ("GaN", ("Ga", "N"), "nitride"),
        ("DyCl3", ("Dy", "Cl"), "chloride"),
        ("DyF3", ("Dy", "F"), "fluoride"),
        ("NdFeB", ("Nd", "Fe", "B"), "ndfeb_magnet"),
        ("W85Cu15", ("W", "Cu"), "alloy"),
        ("ZnGeP2", ("Zn", "Ge", "P"), "phosphide"),
        ("Co", ("Co",), "metal"),
    ],
)
def test_formulas(token: str, elements: tuple[str, ...], kind: str) -> None:
    formula = parse(token)
    assert formula is not None
    assert (formula.elements, formula.kind) == (elements, kind)


@pytest.mark.parametrize("token", ["", "STM32", "Xx2", "dysprosium", "Hello", "2846", "()"])
def test_what_is_no_formula(token: str) -> None:
    assert parse(token) is None


def test_shares_of_an_alloy() -> None:
    assert {e: str(q.magnitude) for e, q in mass_shares("W85Cu15").items()} == {"W": "85", "Cu": "15"}
    assert mass_shares("W85Cu20") == {}
    assert mass_shares("Dy2O3") == {}


@pytest.mark.parametrize("written", ["Dy2O3", "dy2o3", "DY2O3", "Dy₂O₃", "Dy 2 O 3", "Ｄｙ２Ｏ３"])
def test_a_formula_in_a_question_however_written(written: str) -> None:
    answer = ask(f"5 kg {written} from Shanghai to Stuttgart")
    assert [e for d in answer.determinations for e in d.entries] == ["1C905.b"]


@pytest.mark.parametrize("word", ["In", "No", "As", "I", "He", "At", "Be"])
def test_words_that_are_also_symbols(word: str) -> None:
    goods = ask(f"{word} this case ferrite magnets from Shanghai to Stuttgart").transaction.goods
    assert [g.kind for g in goods] == ["ferrite_magnet"]
    assert word not in goods[0].elements
