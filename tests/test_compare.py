"""What two answers to one question differ in, and which provisions made the difference."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge.answer import Advisor
from knowledge.compare import Differs, causes_of, compare, compare_determined, flips, unlike
from knowledge.determine import determine
from knowledge.model import Answer, Confidence, Measure, Outcome, PartyMatch, Reference
from knowledge.rulebook import RuleBook
from tests.conftest import ask

BEFORE, LAPSED = date(2026, 11, 1), date(2026, 11, 11)
"""A day in the suspension of the rare-earth announcements of October 2025, and the day on which it ends on its text."""
QUESTION = "5 kg holmium oxide from Shanghai to Example GmbH in Stuttgart for civil lasers"


@pytest.fixture(scope="module")
def answers() -> tuple[Answer, Answer]:
    return ask(QUESTION, BEFORE), ask(QUESTION, LAPSED)


def named(found: tuple[Differs, ...]) -> set[tuple[str, str]]:
    return {(d.what, d.regime) for d in found}


@pytest.mark.parametrize(
    "question", [QUESTION, "从上海出口氧化镝到日本", "What is the penalty under the Export Control Law?"]
)
def test_an_answer_is_like_itself(question: str) -> None:
    one, other = ask(question, BEFORE), ask(question, BEFORE)
    assert compare(one, other) == ()
    assert not flips(())


def test_a_suspension_that_lapses_flips_and_names_its_measure(answers: tuple[Answer, Answer]) -> None:
    before, after = answers
    found = compare(before, after)
    assert flips(found)
    status = next(d for d in found if (d.what, d.regime) == ("status", "CN"))
    assert (status.before, status.after) == ("suspended", "suspension_lapsed")
    assert before.determinations[0].findings != after.determinations[0].findings
    measures = {f.measure.reference for d in after.determinations for f in d.findings if f.measure}
    assert set(status.causes) & measures
    back = compare(after, before)
    assert {(d.what, d.regime, d.after, d.before) for d in back} == {
        (d.what, d.regime, d.before, d.after) for d in found
    }


def test_determinations_alone_say_the_same_of_outcomes(answers: tuple[Answer, Answer], book: RuleBook) -> None:
    before, after = answers
    alone = compare_determined(before.determinations, after.determinations)
    assert alone == tuple(d for d in compare(before, after) if d.regime)
    again = determine(before.transaction, book, BEFORE, home="CN").determinations
    assert compare_determined(before.determinations, again) == ()


def test_other_words_flip_nothing(answers: tuple[Answer, Answer]) -> None:
    before, _ = answers
    reworded = replace(before, text=before.text + "!", questions=())
    (found,) = compare(before, reworded)
    assert found.what == "text" and not flips((found,))
    assert found.after.endswith("!")


def test_states_and_numbers_are_no_difference(answers: tuple[Answer, Answer]) -> None:
    before, _ = answers
    moved = replace(before, rulebook="x", generation="9-y", id="7", continues=not before.continues)
    assert compare(before, moved) == ()


def test_every_part_of_a_determination_is_seen(answers: tuple[Answer, Answer]) -> None:
    before, _ = answers
    first, *rest = before.determinations
    assert first.licence is None or first.licence.kind != "special_approval"
    lied = replace(first, outcome=Outcome.PROHIBITED, entries=("9Z999",), instruments=("XX",), licence=None, missing=())
    found = compare_determined((first, *rest), (lied, *rest))
    changed = {
        name
        for name in ("outcome", "entries", "instruments", "licence", "missing")
        if getattr(first, name) != getattr(lied, name)
    }
    facts = {m.fact for m in first.missing if m.decides}
    assert {d.what for d in found} == changed - ({"missing"} if not facts else set())
    gone = compare_determined((first, *rest), tuple(rest))
    assert (("outcome", first.regime)) in named(gone)
    assert next(d for d in gone if d.what == "outcome").after == ""


def test_other_grounds_for_the_same_outcome_are_no_flip(answers: tuple[Answer, Answer]) -> None:
    first, *rest = answers[0].determinations
    finding = next(f for f in first.findings if f.measure is not None)
    assert finding.measure is not None
    other = Measure(date(2020, 1, 1), finding.measure.status, Reference("XX-1", "1"), Confidence.UNCONFIRMED)
    changed = tuple(replace(f, measure=other) if f is finding else f for f in first.findings)
    found = compare_determined((first, *rest), (replace(first, findings=changed), *rest))
    assert named(found) == {("reasons", first.regime)} and not flips(found)
    assert found[0].causes[0] == Reference("XX-1", "1")
    assert "2020-01-01" in found[0].after


def test_a_rule_found_twice_for_one_good_is_counted(answers: tuple[Answer, Answer]) -> None:
    first = next(d for d in answers[0].determinations if d.findings)
    twice = replace(first, findings=(*first.findings, first.findings[0]))
    assert first.findings[0].reference in causes_of(first, twice)
    assert causes_of(first, first) == ()


def test_quotes_and_citations(answers: tuple[Answer, Answer]) -> None:
    before, _ = answers
    one = before.citations[0]
    renumbered = replace(before, citations=(*before.citations[1:], replace(one, n=99)))
    assert {d.what for d in compare(before, renumbered)} == {"text"}  # the numbers stand in the text
    official = replace(
        before, citations=(replace(one, digest=False, quote=f"{one.quote} Amended."), *before.citations[1:])
    )
    (quote,) = compare(before, official)
    assert quote.what == "quote" and quote.after.endswith("Amended.")
    assert quote.causes == (Reference(one.instrument, one.provision),)
    same_words = replace(before, citations=(replace(one, digest=not one.digest), *before.citations[1:]))
    (source,) = compare(before, same_words)
    assert ("our summary" in source.before) != ("our summary" in source.after)
    dropped = compare(before, replace(before, citations=before.citations[1:]))
    assert ("citation", "") in named(dropped) and not flips(dropped)


def test_a_party_found_on_one_side_names_the_act_that_lists_it(answers: tuple[Answer, Answer], book: RuleBook) -> None:
    before, _ = answers
    party = next(p for p in book.parties if p.timeline)
    listed = replace(before.transaction, parties=(PartyMatch("Example GmbH", party, 100.0),))
    (found,) = compare(before, replace(before, transaction=listed))
    assert (found.what, found.causes) == ("deal", tuple(dict.fromkeys(m.reference for m in party.timeline)))
    assert party.id in found.after and party.id not in found.before


def test_what_is_asked_is_compared_by_what_decides(answers: tuple[Answer, Answer]) -> None:
    unclear = ask("NdFeB magnets from Shanghai to Japan", BEFORE)
    assert any(m.decides for m in unclear.missing)
    settled = ask("NdFeB magnets with dysprosium from Shanghai to Japan", BEFORE)
    found = compare(unclear, settled)
    assert ("missing", "") in named(found) or ("missing", "CN") in named(found)
    assert flips(found)


def test_a_regime_that_gets_a_say_has_no_outcome_before(advisor: Advisor) -> None:
    home = ask("an oscilloscope from Shanghai to Japan", BEFORE)
    abroad = ask("a US-origin oscilloscope from Boston to Japan", BEFORE)
    found = [d for d in compare(home, abroad) if (d.what, d.regime) == ("outcome", "US")]
    assert [(d.before, bool(d.after)) for d in found] == [("", True)]


def test_long_texts_are_shown_from_where_they_differ() -> None:
    one, other = unlike("a" * 500 + "b" + "c" * 500, "a" * 500 + "d" + "c" * 500)
    assert one[1:31] == "a" * 30 and one[31] == "b" and other[31] == "d"
    assert len(one) < 130 and one.startswith("…") and one.endswith("…")
    assert unlike("", "new") == ("", "new")
    assert unlike("same", "same and more") == ("same", "same and more")
