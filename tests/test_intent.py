"""What a message is after, over labelled sets and every question that the rules answer; what changed, by the timelines."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from knowledge.model import Confidence
from knowledge.openlaw.asked import since, subject, window
from knowledge.openlaw.changes import Change, Happening, changes
from knowledge.reading.asks import CUES
from knowledge.reading.intent import Intent, cues, intent, of_the_field
from knowledge.reading.read import Reading
from knowledge.rulebook import RuleBook
from knowledge.rulefiles import parse
from tests.conftest import the_advisor

SETS = Path(__file__).parent / "data" / "intent"
TODAY = date(2026, 11, 21)
OPEN = frozenset(Intent) - {Intent.LICENCE, Intent.SMALLTALK}


def read(question: str, on: date = TODAY) -> Reading:
    """The reading of a question, as the pipeline makes it."""
    return the_advisor().reader.read(question, on, "CN")


def labelled(name: str) -> list[tuple[Intent, str]]:
    """(intent, question) of every line of a set."""
    lines = (SETS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [(Intent(line.split("\t")[0]), line.split("\t")[1]) for line in lines]


def right(want: Intent, question: str) -> bool:
    """As labelled; of small talk also what the texts are searched for in vain and that is then declined."""
    reading = read(question)
    got = intent(reading)
    return got is want or (want is Intent.SMALLTALK and got in OPEN and not of_the_field(reading))


@pytest.mark.parametrize(("name", "least"), [("dev", 0.98), ("held", 0.94), ("held2", 0.90), ("held3", 0.85)])
def test_labelled_questions(name: str, least: float) -> None:
    rows = labelled(name)
    wrong = [(want, question) for want, question in rows if not right(want, question)]
    assert len(wrong) <= (1 - least) * len(rows), wrong


@pytest.mark.parametrize("name", ["dev", "held", "held2", "held3"])
def test_hardly_a_question_about_a_deal_loses_its_verdict(name: str) -> None:
    asked = [question for want, question in labelled(name) if want is Intent.LICENCE]
    lost = [question for question in asked if intent(read(question)) is not Intent.LICENCE]
    assert len(lost) <= 0.02 * len(asked), lost


def determined() -> list[str]:
    """Every question of the rules' own tests that gets a verdict."""
    found = []
    for path in sorted((Path(__file__).parent / "rules").glob("*.yaml")):
        rows = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)
        found += [
            r["question"] for r in rows if r["verdict"] != "out_of_scope" and r.get("behaviour") != "refuse_evasion"
        ]
    for path in sorted((Path(__file__).parent / "heldout").glob("*.jsonl")):
        found += of_cases(path)
    return found


def of_cases(path: Path) -> list[str]:
    """The questions of a case file that get a verdict."""
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    wanted = [c for c in cases if c["behaviour"] in ("answer", "ask", "ignore_injection")]
    return [c["question"] for c in wanted if c["expected"]["verdict"] != "out_of_scope"]


def test_every_question_with_a_verdict_is_about_a_deal() -> None:
    questions = determined()
    assert len(questions) > 1500
    assert [q for q in questions if intent(read(q)) is not Intent.LICENCE] == []


@pytest.mark.shared
def test_every_shared_case_with_a_verdict_is_about_a_deal(shared: Path) -> None:
    questions = of_cases(shared / "eval" / "dev_cases.jsonl")
    assert questions
    assert [q for q in questions if intent(read(q)) is not Intent.LICENCE] == []


@pytest.mark.parametrize(
    ("question", "want"),
    [
        ("what does announcement 46 say about gallium to the US?", Intent.LAW),
        ("we sell gallium to the US, what does announcement 46 say?", Intent.LICENCE),
        ("how long does a gallium licence take?", Intent.PROCEDURE),
        ("gallium to Mexico, how long does a licence take?", Intent.LICENCE),
        ("what was the penalty in the antimony case?", Intent.ENFORCEMENT),
        ("what is the penalty for exporting antimony without a licence?", Intent.LICENCE),
        ("what is the penalty for exporting without a licence?", Intent.PENALTY),
        ("What VAT rebate applies to gallium?", Intent.LAW),
        ("write a poem about dysprosium", Intent.SMALLTALK),
    ],
)
def test_a_deal_beside_a_question_of_law(question: str, want: Intent) -> None:
    assert intent(read(question)) is want


@pytest.mark.parametrize("reply", ["yes", "99.9%", "Vietnam", "不是", "none of them", "civil"])
def test_a_short_reply_belongs_to_the_open_case(reply: str) -> None:
    assert intent(read(reply), follow_up=True) is Intent.LICENCE


@pytest.mark.parametrize("words", ["thanks, bye", "谢谢", "what's the weather in Hamburg?"])
def test_small_talk_stays_so_in_a_case(words: str) -> None:
    assert intent(read(words), follow_up=True) is Intent.SMALLTALK


def test_traditional_characters_read_as_simplified() -> None:
    assert intent(read("違反兩用物項條例的罰則是什麼")) is Intent.PENALTY


def test_the_longest_message_is_read_and_an_empty_one_too() -> None:
    assert intent(read("gallium to Peru, licence? " * 400)) is Intent.LICENCE
    assert intent(read("?")) is not None


def test_every_cue_is_found_where_it_stands() -> None:
    blank, signs = read("x"), ("GG", "PP", "PD", "CC", "DD", "NN", "KK", "OO", "*", "..")
    missed = [
        (name, phrase)
        for classes in parse(CUES.read_bytes(), CUES.name).values()
        for name, phrases in classes.items()
        for phrase in phrases
        if name != "aside" and not any(sign in phrase for sign in signs)
        if name not in cues(replace(blank, text=phrase, masked=phrase))
    ]
    assert missed == []


# ---------------------------------------------------------------- what changed


def told(found: tuple[Change, ...], *, due: bool = False) -> list[tuple[str, str, tuple[str, ...]]]:
    """(day, what, instruments) of the changes that are due, or of those that have happened."""
    return [(c.when.isoformat(), c.what, c.instruments) for c in found if c.due is due]


OCTOBER_ACTS = ("CN-2025-55", "CN-2025-56", "CN-2025-57", "CN-2025-58", "CN-2025-61", "CN-2025-62")


def test_the_truce_of_november_2025(book: RuleBook) -> None:
    found = told(changes(book, date(2025, 11, 7), date(2025, 11, 10)))
    assert ("2025-11-07", "suspended", OCTOBER_ACTS) in found
    assert ("2025-11-09", "suspended", ("CN-2024-46",)) in found
    assert ("2025-11-10", "suspended", ("US-AFFIL",)) in found
    assert ("2025-11-10", "repealed", ("CN-2025-13", "CN-UEL-2025-5", "CN-UEL-2025-6")) in found
    assert not [f for f in found if f[1] == "began"], "an act that only suspends is told once"


def test_a_part_of_an_act_is_told_as_a_part(book: RuleBook) -> None:
    (change,) = changes(
        book, date(2025, 11, 9), date(2025, 11, 9), instruments=frozenset({"CN-2024-46"}), elements=frozenset({"Ga"})
    )
    assert (change.what, change.rules) == (Happening.SUSPENDED, ("CN-2024-46.2",))
    assert (change.reference.instrument, change.reference.provision) == ("CN-2025-72", "suspension")


def test_what_is_due_was_known_on_the_day(book: RuleBook) -> None:
    found = changes(book, date(2025, 11, 1), date(2025, 11, 10))
    assert told(found, due=True) == [("2025-11-15", "began", ("EU-2025-2003",))]  # No. 1 of 2026 was not known yet


def test_suspensions_lapse_in_november_2026_unconfirmed(book: RuleBook) -> None:
    day_before = changes(book, date(2026, 11, 10), date(2026, 11, 10))
    assert told(day_before) == [("2026-11-10", "lapsed", ("US-AFFIL",))]
    assert ("2026-11-11", "lapsed", OCTOBER_ACTS) in told(day_before, due=True)
    assert ("2026-11-28", "lapsed", ("CN-2024-46",)) in told(day_before, due=True)
    assert {c.confidence for c in day_before} == {Confidence.UNCONFIRMED}
    day_after = changes(book, date(2026, 11, 11), date(2026, 11, 11))
    assert ("2026-11-11", "lapsed", OCTOBER_ACTS) in told(day_after)


def test_every_change_can_be_cited(book: RuleBook) -> None:
    found = changes(book, date.min, date(2027, 12, 31))
    assert len(found) > 80
    assert [c.reference for c in found if book.find(c.reference) is None] == []
    assert [c.when for c in found] == sorted(c.when for c in found)


def test_narrowed_to_a_regime_an_act_and_goods(book: RuleBook) -> None:
    span = (date(2025, 9, 1), date(2026, 11, 30))
    assert {
        book.instruments[i].regime for c in changes(book, *span, regimes=frozenset({"EU"})) for i in c.instruments
    } == {"EU"}
    named = changes(book, date.min, span[1], instruments=frozenset({"CN-2025-61"}))
    assert {i for c in named for i in c.instruments} == {"CN-2025-61"}
    assert named[-1].what is Happening.LAPSED
    of_graphite = changes(book, *span, kinds=frozenset({"graphite"}))
    assert of_graphite
    assert all("CN-2026-11" not in c.instruments for c in of_graphite), "a list of parties speaks of no goods"
    assert changes(book, *span, elements=frozenset({"Pu"})) == ()


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("what changed since October?", "2026-10-01"),
        ("10月以来有哪些新规定", "2026-10-01"),
        ("自11月10日以来有什么变化", "2026-11-10"),
        ("any new rules this year?", "2026-01-01"),
        ("今年新增了哪些管控名单企业", "2026-01-01"),
        ("changes since December", "2025-12-01"),
        ("what is new since 15 September 2025", "2025-09-15"),
        ("measures of the last 3 months", "2026-08-21"),
        ("过去30天有什么新公告", "2026-10-22"),
        ("what happened in export control last week?", "2026-11-09"),
        ("what's new?", None),
        ("最近有什么变化", None),
        ("What will come into force next month?", None),
        ("When did announcement 18 of 2025 take effect?", None),
    ],
)
def test_since_when(question: str, day: str | None) -> None:
    found = since(read(question), TODAY)
    assert (found.isoformat() if found else None) == day


def test_the_window_and_what_it_is_narrowed_to(book: RuleBook) -> None:
    asked = read("is announcement 61 still in force?")
    about = subject(asked, book)
    assert about.instruments == {"CN-2025-61"}
    assert window(asked, TODAY, about) == (date.min, TODAY)
    recent = read("latest changes in US export control")
    assert subject(recent, book).regimes == {"US"}
    assert window(recent, TODAY, subject(recent, book)) == (date(2026, 8, 23), TODAY)
    assert "Ga" in subject(read("what changed for gallium?"), book).elements
    assert subject(read("graphite: any change?"), book).kinds == {"graphite"}
    listed = subject(read("今年新增了哪些管控名单企业"), book).instruments
    assert "CN-2026-11" in listed
    assert "CN-2026-12" not in listed, "a watch list"
