"""Nothing leaves that its sources do not bear: quotes, numbers, days, parties, duties and verdicts."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.answer import Advisor
from knowledge.model import Answer, Citation, Lang, Outcome, Section
from knowledge.rulefiles import parse
from knowledge.verify import (
    Evidence,
    Gated,
    QuoteState,
    Source,
    Unverified,
    check_quote,
    engine_facts,
    gate,
    problems,
    sentences,
)
from knowledge.verify.atoms import exact
from knowledge.verify.fold import fold
from knowledge.verify.stored import held
from tests.conftest import TODAY, ask
from tests.verify_pairs import SETS, accepted, pairs, passages, said

ON = date.fromisoformat(TODAY)
LANGS: tuple[Lang, ...] = ("en", "zh")
REVIEW = passages()["dur-17"][0]
KEPT = passages()["dur-27"][0]


def found(sentence: str, *texts: str, question: str = "", **more: object) -> set[str]:
    """The kinds of what a sentence says without support; its mark [n] means the n-th text."""
    sources = {n: Source(n, (text,)) for n, text in enumerate(texts, 1)}
    return {p.kind for p in problems(sentence, replace(Evidence(sources, question), **more))}  # type: ignore[arg-type]


# ---------------------------------------------------------------- the pairs


@pytest.mark.parametrize("of", SETS)
@pytest.mark.parametrize("what", ["statements", "quotes"])
def test_nothing_false_is_let_through(of: str, what: str) -> None:
    wrong = [(p.passage, p.text) for p in pairs(of, what) if accepted(said(p)) and not accepted(p.label)]
    assert not wrong


@pytest.mark.parametrize("of", SETS)
def test_most_of_what_is_true_is_let_through(of: str) -> None:
    true = [p for p in pairs(of, "statements") if p.label == "true"]
    assert sum(said(p) == "true" for p in true) >= 0.85 * len(true)


@pytest.mark.parametrize("of", SETS)
def test_quotes_are_told_as_they_are(of: str) -> None:
    assert [(p.text, said(p)) for p in pairs(of, "quotes") if said(p) != p.label] == []


def test_there_are_pairs_enough() -> None:
    every = [p for of in SETS for what in ("statements", "quotes") for p in pairs(of, what)]
    assert len(every) >= 450
    assert len({(p.passage, p.text, p.drift, p.label in ("true", "false")) for p in every}) == len(every)


# ---------------------------------------------------------------- quotes


def test_only_the_same_characters_fold() -> None:
    assert fold("１０％ 以下").text == "10%以下"
    assert fold("e\u0301").text == "é"
    assert fold("of\ufb01ce").text == "office"
    assert fold("10²").text != fold("102").text
    assert fold("①").text != fold("1").text
    assert fold("not able").text != fold("notable").text


def test_offsets_lead_into_the_text_as_it_is() -> None:
    text = "第一款\n应 当２０２５年申报。"
    got = check_quote("应当2025年申报", 0, 3, text)
    assert got.state is QuoteState.REPAIRED
    assert text[got.start : got.end] == "应 当２０２５年申报"
    assert check_quote("应当2025年申报", got.start, got.end, text).state is QuoteState.VERIFIED


@pytest.mark.parametrize("bounds", [(-4, 3), (5, 2), (0, 10**6), (0, 0)])
def test_offsets_that_lead_nowhere(bounds: tuple[int, int]) -> None:
    assert check_quote("be released", *bounds, "may be released").state is QuoteState.REPAIRED


def test_the_nearest_of_several_places() -> None:
    text = "a licence. b. a licence. c"
    assert check_quote("a licence", 13, 22, text).start == 14


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("MOFCOM must decide within 45 working days [2].", "mark"),
        ("MOFCOM must decide within 45 working days.", "mark"),
        ("The law says “within 45 working days” [1].", "quote"),
        ("MOFCOM must decide ... within 45 working days [1].", "quote"),
        ("《出口管制法》规定，不予许可的，应当书面告知申请人[1]。", "act"),
        ("Die Genehmigung muss innerhalb von 45 Arbeitstagen erteilt werden [1].", "language"),
        ("許可は45営業日以内に決定しなければならない [1]。", "language"),
        ("Решение не принимается в течение 45 рабочих дней [1].", "language"),
        ("The firm Huawei must decide within 45 working days [1].", "name"),
        ("MOFCOM in Germany must decide within 45 working days [1].", "place"),
        ("MOFCOM must decide on 1C905.a.4 within 45 working days [1].", "code"),
        ("MOFCOM must decide under No. 61 of 2025 within 45 working days [1].", "act"),
        ("MOFCOM must decide within 45 working days, from 8 November 2025 [1].", "date"),
    ],
)
def test_what_nothing_bears(sentence: str, kind: str) -> None:
    assert kind in found(sentence, REVIEW)


def test_a_whole_sentence_of_the_passage() -> None:
    assert (
        found("准予许可的，由国务院商务主管部门颁发出口许可证件；不予许可的，应当书面告知申请人。[1]", REVIEW) == set()
    )


def test_a_piece_torn_from_a_sentence_is_no_whole_one() -> None:
    text = "Nobody believes that exporters may ship without a licence."
    assert found("Exporters may ship without a licence [1].", text)


def test_the_question_gives_no_number_where_the_law_has_another() -> None:
    assert found("合同的保存期限不少于3年[1]。", KEPT, question="合同要保存3年吗") == {"number"}


def test_the_question_gives_the_names() -> None:
    text = "The exporter must keep the contract for five years."
    assert found("The exporter must keep the contract with Siemens for five years [1].", text) == {"name"}
    asked = "We sell to Siemens. How long do we keep the contract?"
    assert found("The exporter must keep the contract with Siemens for five years [1].", text, question=asked) == set()


def test_two_marks_lean_on_two_passages() -> None:
    one, two = "The exporter must keep the contract.", "The invoice is a document of the exporter."
    assert found("The exporter must keep the contract and the invoice [1].", one, two)
    assert found("The exporter must keep the contract and the invoice [1][2].", one, two) == set()


def test_a_line_of_the_engine_bears_its_rewording() -> None:
    line = "Review: 45 working days from acceptance [1]."
    text = "审查期限为45个工作日。"
    assert found("The review takes 45 working days from acceptance [1].", text, composed=(line,)) == set()
    assert found("Review: 45 working days from acceptance [1].", text, composed=(line,)) == set()
    assert found("Review: 54 working days from acceptance [1].", text, composed=(line,)) == {"number"}
    assert found("Review: 45 working days from acceptance.", text, composed=(line,)) == {"mark"}


@pytest.mark.parametrize(
    ("sentence", "verdict", "kinds"),
    [
        ("You need no licence for this shipment [1].", Outcome.LICENCE_REQUIRED, {"verdict"}),
        ("You can ship these goods freely.", Outcome.NO_LICENCE_FOUND, {"verdict"}),
        ("您的货物可以直接出口[1]。", Outcome.LICENCE_REQUIRED, {"verdict"}),
        ("这批货不需要许可证[1]。", Outcome.NO_LICENCE_FOUND, {"verdict"}),
        ("This shipment is prohibited [1].", Outcome.LICENCE_REQUIRED, {"verdict"}),
        ("Your goods are legal to export [1].", Outcome.PROHIBITED, {"verdict"}),
        ("这批货禁止出口[1]。", Outcome.NO_LICENCE_FOUND, {"verdict"}),
        ("A licence is required for your goods [1].", Outcome.NO_LICENCE_FOUND, {"verdict"}),
    ],
)
def test_the_verdict_is_the_engines(sentence: str, verdict: Outcome, kinds: set[str]) -> None:
    text = "A licence is required. No licence is needed. Export is prohibited. 不需要许可证。可以直接出口。禁止出口。"
    assert found(sentence, text, verdict=verdict) == kinds


def test_marks_stay_with_their_sentence() -> None:
    text = "One thing is so. [1] Under No. 18 of 2025 another is not [2]. 第三。[3][4]第四"
    assert sentences(text) == (
        "One thing is so. [1]",
        "Under No. 18 of 2025 another is not [2].",
        "第三。[3][4]",
        "第四",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("五年", "5 years"),
        ("500万元", "RMB 5 million"),
        ("五十万元以上", "500,000 yuan or more"),
        ("45个工作日内", "within forty-five working days"),
        ("百分之三十以下", "up to 30 %"),
        ("2025年11月8日", "8 November 2025"),
        ("二〇二五年十一月八日", "Nov. 8, 2025"),
        ("第一百五十三条", "Article 153"),
        ("2025年第18号公告", "Announcement No. 18 of 2025"),
        ("五倍以上十倍以下", "five to ten times"),
    ],
)
def test_the_same_in_both_languages(one: str, other: str) -> None:
    def told(text: str) -> list[tuple[str, str, str]]:
        return [(a.kind, a.keys[0], a.number.bound if a.number else "") for a in exact(text).atoms]

    assert told(one) == told(other) != []


# ---------------------------------------------------------------- the gate


@pytest.fixture(scope="module")
def answer() -> Answer:
    """An answer with citations."""
    return ask("5 kg dysprosium oxide from Shanghai to Stuttgart")


def through(
    answer: Answer,
    advisor: Advisor,
    *,
    sections: Sequence[Section] | None = None,
    citations: Sequence[Citation] | None = None,
    worded: Sequence[str] = (),
) -> Gated:
    """The answer through the gate, with other sections or citations where given."""
    facts = engine_facts(answer.transaction, answer.determinations, answer.on, advisor.book)
    evidence = Evidence(question=answer.question, verdict=answer.verdict, facts=facts)
    stored = held(advisor.book, answer.lang, None, answer.on)
    return gate(
        answer.sections if sections is None else sections,
        answer.citations if citations is None else citations,
        evidence,
        stored,
        worded=worded,
    )


def test_an_answer_as_made(answer: Answer, advisor: Advisor) -> None:
    got = through(answer, advisor)
    assert (got.text, got.citations, got.dropped) == (answer.text, answer.citations, ())
    assert got.checks.verified == len(answer.citations) > 3


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"start": 5}, "repaired"),
        ({"end": 10**9}, "repaired"),
        ({"sha256": "0" * 64}, "repaired"),
        ({"quote": "Dysprosium oxide needs no licence."}, "not_found"),
        ({"quote": ""}, "not_found"),
        ({"provision": "no-such"}, None),
        ({"instrument": "CN-1999-1"}, None),
    ],
)
def test_a_tampered_citation(changes: dict[str, object], state: str | None, answer: Answer, advisor: Advisor) -> None:
    first, *rest = answer.citations
    got = through(answer, advisor, citations=(replace(first, **changes), *rest))  # type: ignore[arg-type]
    if state == "repaired":
        assert got.citations == answer.citations
        assert got.checks.repaired == 1
        return
    assert first.n not in {c.n for c in got.citations}
    assert f"[{first.n}]" not in got.text
    assert got.dropped
    assert got.checks.not_found + got.checks.misattributed == 1


def test_a_quote_of_another_passage(answer: Answer, advisor: Advisor) -> None:
    first, second, *rest = answer.citations
    got = through(answer, advisor, citations=(replace(first, quote=second.quote), second, *rest))
    assert got.checks.misattributed == 1
    assert first.n not in {c.n for c in got.citations}


def test_marks_and_citations_agree(answer: Answer, advisor: Advisor) -> None:
    more = (*answer.sections, Section("why", ("Something else [99].",)))
    got = through(answer, advisor, sections=more)
    assert "[99]" not in got.text
    fewer = through(answer, advisor, sections=answer.sections[:2])
    assert {c.n for c in fewer.citations} < {c.n for c in answer.citations}
    with pytest.raises(Unverified, match="share a number"):
        through(answer, advisor, citations=(*answer.citations, answer.citations[0]))


def test_the_verdict_and_the_limits_are_never_lost(answer: Answer, advisor: Advisor) -> None:
    lines = {"verdict": "Licence required [77]", "not_checked": "The catch-all [78].", "flags": "A sign [79]."}
    got = through(answer, advisor, sections=[Section(k, (v,)) for k, v in lines.items()])
    assert [line for s in got.sections for line in s.lines] == ["Licence required", "The catch-all.", "A sign."]


def test_what_a_model_made_up_is_left_out(answer: Answer, advisor: Advisor) -> None:
    n = next(c.n for c in answer.citations if c.instrument == "CN-DUR-792" and c.provision == "17")
    text = sentences(next(c.quote for c in answer.citations if c.n == n))[0]
    line = f"{text} [{n}] Customs must decide within 3 days [{n}]. You may ship at once."
    got = through(answer, advisor, sections=[*answer.sections, Section("law", (line,))], worded=(line,))
    assert got.sections[-1].lines == (f"{text} [{n}]",)
    assert got.checks.dropped == 2


def test_a_composed_line_with_a_number_of_nowhere(answer: Answer, advisor: Advisor) -> None:
    got = through(answer, advisor, sections=[Section("why", ("In force since 2025-04-05 [1].",))])
    assert got.sections == ()
    assert got.dropped[0][1][0].kind == "date"


def test_a_citation_is_of_the_text_it_hashes(answer: Answer, advisor: Advisor) -> None:
    stored = held(advisor.book, answer.lang, None, answer.on)
    for citation in through(answer, advisor).citations:
        text = stored(citation)[0]
        assert text[citation.start : citation.end] == citation.quote
        assert hashlib.sha256(text.encode()).hexdigest() == citation.sha256


def test_what_the_engine_composes_passes_whole(advisor: Advisor) -> None:
    rules = Path(__file__).parent / "rules"
    rows = [r for p in sorted(rules.glob("*.yaml")) for r in parse(p.read_bytes(), p.name)][::9]
    asked = [(row["question"], lang) for row in rows for lang in LANGS]
    lost = [(q, lang) for q, lang in asked if advisor.ask(q, ON, lang=lang).checks.dropped]
    assert len(asked) > 100
    assert not lost
