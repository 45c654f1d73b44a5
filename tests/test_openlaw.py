"""Questions about the law: quotes that stand, what is in force first, silence where nothing held answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.openlaw.compose import answering
from knowledge.openlaw.extract import MOST, MOST_HAN, Extract, differ, extract, in_order
from knowledge.openlaw.model import Act, Passage, Searched
from knowledge.search.named import names
from knowledge.search.translate import expanded, translated
from tests.conftest import Command, ask

ON = date(2026, 11, 21)
ORDER = """# 斑岩省锆石出口登记条例

## 第一章 总则

第一条 为了规范锆石砂出口登记，制定本条例。

第二条 本条例所称锆石砂，是指含氧化锆百分之六十以上的砂矿。

## 第二章 登记

第三条 出口锆石砂的，应当在装船前十五个工作日内向省登记所办理登记。

第四条 登记资料应当保存七年。

第五条 未办理登记出口锆石砂的，处货物价值二倍的罚款。

第六条 本条例自2025年3月1日起施行。
"""
WIDGETS = """<html><head><title>Widget Control Act</title></head><body><h1>Widget Control Act</h1>
<h2>Article 1 Definitions</h2><p>In this Act, "widget" means a sprung zirconium coil of more than 40 grams.</p>
<h2>Article 2 Licence</h2><p>No person may ship a widget abroad without a permit from the Widget Office.</p>
<h2>Article 3 Time limits</h2><p>The Widget Office decides on a permit within 33 days of a complete request.</p>
<h2>Article 4 Records</h2><p>A shipper of widgets keeps every paper on a shipment for nine years.</p>
<h2>Article 5 Penalties</h2><p>Whoever ships a widget without a permit pays a fine of 12,000 crowns.</p></body></html>"""


# ---------------------------------------------------------------- from a library


@pytest.fixture(scope="module")
def library(navicert: Command, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two made-up acts that no rule and no index of ours knows, ingested for search by words."""
    home, papers = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("papers")
    (papers / "widgets.html").write_text(WIDGETS, encoding="utf-8")
    (papers / "zircon.md").write_text(ORDER, encoding="utf-8")
    run = navicert("ingest", str(papers), NAVICERT_HOME=str(home), NAVICERT_EMBEDDER="none")
    assert run.returncode == 0, run.stdout + run.stderr
    yield home


def asked(navicert: Command, home: Path, *questions: str) -> list[dict[str, Any]]:
    lines = "".join(json.dumps({"id": str(n), "question": q}) + "\n" for n, q in enumerate(questions))
    run = navicert(
        "ask", "--jsonl", "--on", "2026-11-21", stdin=lines, NAVICERT_HOME=str(home), NAVICERT_EMBEDDER="none"
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_what_a_law_says_is_quoted_from_it(navicert: Command, library: Path) -> None:
    questions = (
        ("What does article 4 of the Widget Control Act say?", "4", "nine years"),
        ("锆石出口登记条例第五条怎么说", "5", "处货物价值二倍的罚款"),
    )
    answers = asked(navicert, library, *(q for q, _, _ in questions))
    for answer, (question, provision, words) in zip(answers, questions, strict=True):
        assert answer["behaviour"] == "answer", question
        first = answer["citations"][0]
        assert first["provision"] == provision, question
        assert words in first["quote"], question
        assert not first["digest"], question
        assert "[1]" in answer["text"]
        assert answer["determinations"] == []


def test_a_quote_is_the_stored_text_at_its_offsets(navicert: Command, library: Path) -> None:
    (answer,) = asked(navicert, library, "What is the fine under article 5 of the Widget Control Act?")
    cited = next(c for c in answer["citations"] if c["provision"] == "5")
    run = navicert("read", cited["instrument"], "art-5", NAVICERT_HOME=str(library), NAVICERT_EMBEDDER="none")
    assert " ".join(cited["quote"].split()) in " ".join(run.stdout.split())
    assert cited["end"] - cited["start"] == len(cited["quote"])


def test_nothing_held_is_said_and_no_source_is_given(navicert: Command, library: Path) -> None:
    questions = (
        "What is the registration fee for an open general licence in New Zealand?",
        "印度SCOMET许可证的申请费是多少？",
    )
    for answer in asked(navicert, library, *questions):
        assert answer["behaviour"] == "decline_topic", answer["question"]
        assert answer["verdict"] == "out_of_scope"
        assert answer["citations"] == []
        assert "[1]" not in answer["text"]
        assert "ingest" in answer["text"] or "收录" in answer["text"]


def test_a_deal_is_still_determined(navicert: Command, library: Path) -> None:
    (answer,) = asked(navicert, library, "5 kg dysprosium oxide from Shanghai to Stuttgart, do I need a licence?")
    assert answer["verdict"] == "licence_required"


# ---------------------------------------------------------------- without any document


def test_a_fresh_install_answers_from_its_summaries() -> None:
    answer = ask("what was the penalty in the antimony smuggling case?")
    assert any(c.instrument == "CN-CAMPAIGN-2025" for c in answer.citations[:3])
    assert all(c.digest for c in answer.citations)


def test_what_changed_comes_from_the_timelines() -> None:
    for question in ("what changed since October?", "10月以来有什么变化？"):
        answer = ask(question)
        assert answer.intent == "change"
        assert any(c.instrument == "CN-2025-70" for c in answer.citations), question


# ---------------------------------------------------------------- sentences


def passage(text: str, *, language: str = "en", kind: str = "law", likelihood: float = 0.9, **act: Any) -> Passage:
    named = {"id": "XX-1", "title": "Act", "regime": "XX", "standing": "in_force"} | act
    return Passage(Act(kind=kind, language=language, **named), "1", "", text, "0", likelihood=likelihood)


def test_a_short_passage_is_quoted_whole() -> None:
    text = "  第四条　登记资料应当保存七年。\n"
    found = extract(passage(text, language="zh"), "law")
    assert found.quote == text.strip()
    assert text[found.start : found.end] == found.quote


def test_of_a_long_passage_the_sentences_that_answer() -> None:
    from knowledge.lexis.terms import terms

    filler = "The Office publishes a yearly report on its staff, its premises and its archive. " * 12
    wanted = "A shipper keeps every paper on a shipment for nine years. "
    text = filler + wanted + filler
    weights = {int(n): 1.0 for n in terms("how many years must a shipper keep papers").words}
    found = extract(replace(passage(text), asked=weights), "law")
    assert "nine years" in found.quote
    assert len(found.quote) <= 2 * MOST
    assert found.quote == text[found.start : found.end]


def test_a_sentence_longer_than_anybody_reads_is_cut_at_a_comma() -> None:
    text = "凡" + "出口管制物项的经营者应当如实填报各项内容，" * 60 + "违者处罚。"
    found = extract(passage(text, language="zh"), "penalty")
    assert len(found.quote) <= 2 * MOST_HAN
    assert text[found.start : found.end] == found.quote


def test_in_force_stands_above_repealed_and_law_above_news() -> None:
    made = tuple(
        Extract(p, 0, 1, 1.0)
        for p in (
            passage("a", id="N", kind="news", likelihood=0.52),
            passage("b", id="R", standing="repealed", likelihood=0.9),
            passage("c", id="L", likelihood=0.5),
        )
    )
    assert [e.passage.act.id for e in in_order(made, "law")] == ["L", "N", "R"]
    assert [e.passage.act.id for e in in_order(made, "enforcement")] == ["N", "L", "R"]


def test_two_acts_that_differ_are_said_to_differ() -> None:
    one = passage("The competent authority decides on an application for a licence within 45 working days.", id="A")
    other = passage("The competent authority decides on an application for a licence within 30 working days.", id="B")
    both = [Extract(p, 0, len(p.text), 1.0) for p in (one, other)]
    assert differ(*both)
    repealed = replace(other, act=replace(other.act, standing="repealed"))
    assert not differ(both[0], Extract(repealed, 0, len(repealed.text), 1.0))
    same = replace(other, text=one.text)
    assert not differ(both[0], Extract(same, 0, len(same.text), 1.0))


def test_below_the_threshold_nothing_is_given() -> None:
    weak = Searched((passage("a", likelihood=0.1),), likelihood=0.1)
    assert answering(weak, "law") == ()
    strong = Searched((passage("a", likelihood=0.9), passage("b", likelihood=0.01)), likelihood=0.91, answers=True)
    assert [e.passage.text for e in answering(strong, "law")] == ["a"]


# ---------------------------------------------------------------- what a question names


@pytest.mark.parametrize(
    ("text", "acts", "places"),
    [
        ("出口管制法第19条怎么说", {"CN-ECL-2020"}, ("art-19",)),
        ("稀土条例第二十三条", {"CN-RE-785"}, ("art-23",)),
        ("Article 3 of Regulation 833/2014", {"EU-833-2014"}, ("art-3",)),
        ("what does § 764.3(a) say", {"US-EAR-764"}, ("sec-764.3/a",)),
        ("how long for a licence?", set(), ()),
    ],
)
def test_acts_and_places_that_a_question_names(text: str, acts: set[str], places: tuple[str, ...]) -> None:
    known = names(
        [
            ("CN-ECL-2020", ("中华人民共和国出口管制法", "Export Control Law")),
            ("CN-RE-785", ("稀土管理条例",)),
            ("EU-833-2014", ("Council Regulation (EU) No 833/2014",)),
            ("US-EAR-764", ("Part 764",)),
        ]
    )
    found = known.find(text)
    assert (found.acts, found.places) == (frozenset(acts), places)


def test_an_act_that_is_not_held_is_noticed() -> None:
    assert names([("CN-ECL-2020", ("中华人民共和国出口管制法",))]).find("台湾贸易法怎么规定").unknown


def test_a_question_is_put_in_the_words_of_the_other_language() -> None:
    english = translated("出口许可证要保存多久", "en")
    assert "licen" in english
    assert translated("export licence", "zh")
    assert "罚款" in expanded("罚多少", "zh")


# ---------------------------------------------------------------- in the chat


def test_the_card_quotes_the_law_and_a_silence_says_what_was_searched() -> None:
    from bot.telegram import card

    quoted = card.card(ask("走私锑锭的案子判了几年")).text
    assert "十二年" in quoted
    assert "[1]" in quoted
    silent = card.card(ask("What is the registration fee for an open general licence in New Zealand?")).text
    assert "Searched" in silent
    assert "[1]" not in silent


def test_a_refusal_of_evasion_is_not_softened_by_asking_about_the_law() -> None:
    answer = ask(
        "which border crossing checks least, and how do I word the papers so that customs does not notice the gallium?"
    )
    assert answer.behaviour == "refuse_evasion"
