"""Small consignments that add up raise a sign, over one's own cases only; honest orders raise none; the verdict stays."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import count
from pathlib import Path

import pytest

from bot.roles import Role
from bot.services import Services
from bot.telegram import ask as room
from bot.telegram import card, review
from bot.telegram.events import Chat, Event, Member, Person, Turn
from knowledge.aggregated import FACT, carried, with_aggregate
from knowledge.aggregation import Aggregate, Consignment, aggregation, consignment
from knowledge.errors import BadRule
from knowledge.model import Answer, Lang, Quantity
from knowledge.rulebook import RuleBook, load
from knowledge.settings import Settings
from knowledge.store.database import open_database
from knowledge.store.reviews import Reviews
from tests.conftest import ask, home

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OXIDE = "{} dysprosium oxide from Shanghai to Stuttgart for {}"
MAIN = "Müller Magnetics GmbH"
ANN, BOB, STAFF = 11, 12, 13
FLAG = "A6-split-shipments"


@lru_cache(maxsize=64)
def answered(question: str, lang: Lang | None = None) -> Answer:
    return ask(question, DAY, lang)


def case(number: int, question: str, days: int = 0, *texts: str) -> Consignment:
    """A case asked so many days ago; `texts` are what was asked in it, by default the question."""
    return consignment(number, DAY - timedelta(days=days), answered(question), texts or (question,))


def raised(book: RuleBook, *cases: Consignment) -> Aggregate | None:
    """The sign that the last case raises with those before it."""
    return aggregation(book, cases[:-1], cases[-1])


def oxides(*amounts: str, buyer: str = MAIN) -> tuple[Consignment, ...]:
    return tuple(case(n, OXIDE.format(a, buyer), 30 - n) for n, a in enumerate(amounts, 1))


# ---------------------------------------------------------------- when it is raised


def test_small_consignments_of_one_material_to_one_buyer_add_up(book: RuleBook) -> None:
    found = raised(book, *oxides("2 kg", "500 g", "1 kg"))
    assert found is not None
    assert ([c for c, _ in found.cases], found.count, str(found.kilograms.normalize()), found.unstated) == (
        [1, 2],
        3,
        "3.5",
        0,
    )
    assert found.sign.id == FLAG


def test_two_are_too_few(book: RuleBook) -> None:
    assert raised(book, *oxides("2 kg", "1 kg")) is None


def test_unknown_quantities_count_as_consignments(book: RuleBook) -> None:
    found = raised(book, *oxides("some", "2 kg", "samples of"))
    assert found is not None
    assert (found.count, found.unstated, str(found.kilograms)) == (3, 2, "2")


def test_units_are_brought_together(book: RuleBook) -> None:
    found = raised(book, *oxides("10 lbs", "2000 g", "0.003 t"))
    assert found is not None
    assert 9.5 < float(found.kilograms) < 9.6


def test_the_buyer_is_one_however_it_is_spelled(book: RuleBook) -> None:
    names = ("Müller Magnetics GmbH", "MUELLER MAGNETICS GMBH", "Muller Magnetics Ltd")
    assert raised(book, *(case(n, OXIDE.format("1 kg", name), n) for n, name in enumerate(names, 1)))
    chinese = ("买方米勒材料有限公司", "米勒材料有限公司", "客户：米勒材料有限公司")
    question = "1公斤氧化镝从上海出口到斯图加特，最终用户{}"
    found = tuple(case(n, question.format(name), n) for n, name in enumerate(chinese, 1))
    assert all(c.deal.named_parties for c in found)
    assert raised(book, *found)


def test_the_metal_and_its_oxide_are_one_material_and_gallium_is_another(book: RuleBook) -> None:
    metal = case(3, "500 g dysprosium metal to Stuttgart for " + MAIN)
    assert raised(book, *oxides("1 kg", "2 kg"), metal)
    gallium = case(3, "500 g gallium metal to Stuttgart for " + MAIN)
    assert raised(book, *oxides("1 kg", "2 kg"), gallium) is None


def test_honest_orders_raise_nothing(book: RuleBook) -> None:
    large = oxides("500 kg", "2 t", "800 kg")
    assert raised(book, *large) is None
    several = tuple(
        case(n, OXIDE.format("1 kg", name), n)
        for n, name in enumerate(("Alpha Motors GmbH", "Beta Ceramics AG", "Gamma Optics SA"), 1)
    )
    assert raised(book, *several) is None
    nobody = tuple(case(n, "1 kg dysprosium oxide from Shanghai to Stuttgart", n) for n in (1, 2, 3))
    assert raised(book, *nobody) is None  # one destination and no buyer is not enough
    close = tuple(
        case(n, OXIDE.format("1 kg", name), n)
        for n, name in enumerate(("Toyo Metals Ltd", "Tokyo Metals Ltd", "Kyoto Metals Ltd"), 1)
    )
    assert raised(book, *close) is None
    numbered = tuple(case(n, OXIDE.format("1 kg", f"Trading House No. {n} GmbH"), n) for n in (1, 2, 3))
    assert raised(book, *numbered) is None
    chairs = tuple(case(n, f"20 office chairs from Ningbo to Hamburg for {MAIN}", n) for n in (1, 2, 3))
    assert raised(book, *chairs) is None


def test_goods_that_no_control_speaks_of_are_ordered_as_often_as_anybody_likes(book: RuleBook) -> None:
    wire = tuple(case(n, f"5 kg copper wire from Shanghai to Stuttgart for {MAIN}, civil use", n) for n in (1, 2, 3))
    assert raised(book, *wire) is None  # copper stands in alloys that are listed
    suspended = tuple(case(n, f"1 kg holmium metal from Shanghai to Stuttgart for {MAIN}", n) for n in (1, 2, 3))
    assert raised(book, *suspended) is not None  # what is suspended today is controlled again when it lapses


def test_one_large_order_among_them_is_not_counted(book: RuleBook) -> None:
    assert raised(book, *oxides("2 kg", "2 t", "1 kg")) is None
    assert raised(book, *oxides("2 kg", "1 kg", "2 t")) is None


def test_the_period_ends(book: RuleBook) -> None:
    question = OXIDE.format("1 kg", MAIN)
    assert raised(book, case(1, question, 90), case(2, question, 40), case(3, question))
    assert raised(book, case(1, question, 91), case(2, question, 40), case(3, question)) is None


def test_a_follow_up_of_the_same_case_counts_once_with_its_last_quantity(book: RuleBook) -> None:
    one, two = oxides("1 kg", "2 kg")
    again = case(2, OXIDE.format("2 kg", MAIN), 0, OXIDE.format("2 kg", MAIN), "make it 700 g")
    assert raised(book, one, two, again) is None
    found = raised(book, one, case(3, OXIDE.format("1 kg", MAIN)), again)
    assert found is not None
    assert str(found.kilograms.normalize()) == "2.7"


def changed(folder: Path, consignments: str) -> Path:
    """A copy of the rules in which the sign takes so many consignments."""
    from knowledge import rulebook

    shutil.copytree(Path(rulebook.__file__).parent.parent / "rules", folder)
    path = folder / "red_flags" / "signs.yaml"
    said = path.read_text(encoding="utf-8")
    assert said.count("consignments: 3") == 1
    path.write_text(said.replace("consignments: 3", f"consignments: {consignments}"), encoding="utf-8")
    return folder


def test_the_numbers_are_rule_data(tmp_path: Path) -> None:
    assert raised(load(changed(tmp_path / "two", "2")), *oxides("2 kg", "1 kg")) is not None
    for wrong in ("none", "1", "-3"):
        with pytest.raises(BadRule, match=r"signs\.yaml"):
            load(changed(tmp_path / f"wrong{wrong}", wrong))


def test_a_sum_that_passes_a_value_limit_is_said(book: RuleBook) -> None:
    entry = next(
        e
        for e in book.us.ccl.entries
        for x in e.exceptions
        if x.symbol == "LVS" and x.available and 3000 in x.values.values()
    )
    limits = {p: v for x in entry.exceptions if x.symbol == "LVS" for p, v in x.values.items()}
    path = next(p for p, v in limits.items() if v == 3000)
    code = f"{entry.code}.{path}" if path else entry.code
    base = answered("3A001.a.2 ADC from San Francisco to Brazil, value USD 2,000, end user Acme Radios Ltda")
    deal = replace(base.transaction, goods=(replace(base.transaction.goods[0], codes=(code,)),))
    made = [
        replace(
            consignment(n, DAY, replace(base, transaction=replace(deal, value=Quantity(Decimal(1100 + n), "USD"))), ()),
            codes=frozenset({code}),
        )
        for n in (1, 2, 3)
    ]
    found = raised(book, *made)
    assert found is not None
    assert [(p.code, p.dollars) for p in found.passed] == [(code, 3000)]
    assert found.dollars == 3306
    shown = with_aggregate(base, found, book)
    assert f"$3000, the value limit of exception LVS for {code}" in shown.text
    assert raised(book, *made[:2], replace(made[2], dollars=None)) is not None
    alone = raised(book, *made[:2], replace(made[2], dollars=made[2].dollars and made[2].dollars * 3))
    assert alone is not None
    assert alone.passed == ()  # it passes the limit by itself: that is the verdict's matter


# ---------------------------------------------------------------- how it is said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_says_it_with_its_source_and_asks_and_keeps_its_verdict(book: RuleBook, lang: Lang) -> None:
    found = raised(book, *oxides("2 kg", "500 g", "1 kg"))
    assert found is not None
    before = answered(OXIDE.format("1 kg", MAIN), lang)
    after = with_aggregate(before, found, book)
    assert (after.verdict, after.determinations, after.behaviour) == (
        before.verdict,
        before.determinations,
        before.behaviour,
    )
    flag = after.red_flags[0]
    assert flag.id == FLAG and all("#1" in flag.why[spoken] and "3.5 kg" in flag.why[spoken] for spoken in ("en", "zh"))
    source = next(c for c in after.citations if c.provision == "splitting")
    assert source.instrument == "CN-MSS-2025-07-18"
    line = next(s for s in after.sections if s.key == "flags").lines[0]
    assert f"[{source.n}]" in line and line in after.text
    assert len({c.n for c in after.citations}) == len(after.citations)
    assert (after.missing[0].fact, after.missing[0].decides) == (FACT, False)
    assert after.questions[0] in after.text and len(after.questions) == len(after.missing)
    prudence = {"en": "stand in no law", "zh": "并非法律规定"}[lang]
    assert prudence in line
    shown = card.card(after).text
    assert "#1" in shown and MAIN in shown
    assert shown.count("❓") == 1


def test_a_deciding_question_stays_the_one_to_put(book: RuleBook) -> None:
    found = raised(book, *oxides("2 kg", "500 g", "1 kg"))
    before = answered("magnets from Ningbo to Vietnam")
    assert found is not None and any(m.decides for m in before.missing)
    after = with_aggregate(before, found, book)
    assert before.questions[0] in card.card(after).text.replace("\n", " ")
    assert after.questions[0] not in card.card(after).text


def test_a_recomputed_answer_gets_the_sign_of_the_one_it_is_held_against(book: RuleBook) -> None:
    found = raised(book, *oxides("2 kg", "500 g", "1 kg"))
    assert found is not None
    plain = answered(OXIDE.format("1 kg", MAIN))
    given = with_aggregate(plain, found, book)
    assert carried(given, plain, book) == given
    assert carried(given, given, book) == given
    assert carried(plain, plain, book) == plain


# ---------------------------------------------------------------- the chat


UPDATES = count(1)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    (home() / "cache").mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(home() / "cache")
    made = Services(Settings(tmp_path, "CN", embedder="none"), open_database(tmp_path), now=lambda: NOW)
    for person, role in ((ANN, "exporter"), (BOB, "exporter"), (STAFF, "staff")):
        made.database.commit([made.people.put(person, NOW, role=role, name=f"P{person}", language="en", invited_by=1)])
    yield made
    made.database.close()


def asks(services: Services, person: int, question: str, *, days: int = 0, chat: int = 0, fresh: bool = True) -> Answer:
    """What the person is shown and what is kept, in a new case unless it goes on."""
    where = Chat(chat, "group") if chat else Chat(person)
    who = Member(Person(person, f"P{person}"), Role.EXPORTER, "en", True)
    event = Event(next(UPDATES), "text", who.person, where, NOW - timedelta(days=days), question)
    if fresh:
        services.database.commit(room.fresh(services, event, who).writes)
    services.database.commit(room.text(services, event, who).writes)
    sitting = services.cases.sitting(where.id, person)
    assert sitting.case is not None
    last = services.cases.last(sitting.case)
    assert last is not None
    return last.answer


def flags(answer: Answer) -> list[str]:
    return [f.id for f in answer.red_flags]


def test_the_third_small_consignment_is_told_and_kept(services: Services) -> None:
    first = asks(services, ANN, OXIDE.format("1 kg", MAIN), days=20)
    second = asks(services, ANN, OXIDE.format("2 kg", MAIN), days=10)
    third = asks(services, ANN, OXIDE.format("3 kg", "Mueller Magnetics GmbH"))
    assert [FLAG in flags(a) for a in (first, second, third)] == [False, False, True]
    assert "together: 6 kg" in third.text
    assert third.verdict == first.verdict


def test_a_follow_up_keeps_the_sign_and_is_no_further_consignment(services: Services) -> None:
    asks(services, ANN, OXIDE.format("1 kg", MAIN), days=20)
    asks(services, ANN, OXIDE.format("2 kg", MAIN), days=10)
    followed = asks(services, ANN, "and to Vietnam?", fresh=False)
    assert FLAG not in flags(followed)
    asks(services, ANN, OXIDE.format("3 kg", MAIN))
    again = asks(services, ANN, "it's 99.9%", fresh=False)
    assert FLAG in flags(again)
    assert "With this one, 3 small" in again.text


def test_nobody_hears_of_anothers_cases_and_nothing_is_said_in_a_group(services: Services) -> None:
    for days in (20, 10):
        asks(services, BOB, OXIDE.format("1 kg", MAIN), days=days)
    assert FLAG not in flags(asks(services, ANN, OXIDE.format("1 kg", MAIN)))
    assert FLAG not in flags(asks(services, BOB, OXIDE.format("1 kg", MAIN), chat=-100))
    assert FLAG in flags(asks(services, BOB, OXIDE.format("1 kg", MAIN)))


def test_what_was_taken_back_or_forgotten_does_not_count(services: Services) -> None:
    for days in (20, 10):
        asks(services, ANN, OXIDE.format("1 kg", MAIN), days=days)
    last = services.cases.of_person(ANN, ANN)[0]
    asked = services.cases.last(last.id)
    assert asked is not None
    services.database.commit([services.cases.take_back(asked.id, by=ANN, at=NOW)])
    assert FLAG not in flags(asks(services, ANN, OXIDE.format("1 kg", MAIN)))
    assert FLAG in flags(asks(services, ANN, OXIDE.format("1 kg", MAIN)))
    services.database.commit([services.cases.forget(ANN, NOW)])
    assert FLAG not in flags(asks(services, ANN, OXIDE.format("1 kg", MAIN)))


def test_staff_see_the_sum_over_several_people_in_a_review_and_only_there(services: Services) -> None:
    asks(services, BOB, OXIDE.format("1 kg", MAIN), days=20)
    asks(services, BOB, OXIDE.format("2 kg", MAIN), days=10)
    own = asks(services, ANN, OXIDE.format("3 kg", MAIN))
    assert FLAG not in flags(own)
    sitting = services.cases.sitting(ANN, ANN)
    assert sitting.case is not None
    asked = services.cases.last(sitting.case)
    assert asked is not None
    services.database.commit([Reviews(services.database).open(asked.id, "escalated", ANN, ANN, "look", NOW)])
    for lang, words in (("en", "by 2 people"), ("zh", "涉及2人")):
        staff = Member(Person(STAFF, "Li"), Role.STAFF, lang, True)
        event = Event(next(UPDATES), "command", staff.person, Chat(STAFF), NOW, "1")
        turn: Turn = review.review(services, event, staff)
        assert words in turn.says[0].text.text and {"en": "6 kg", "zh": "6公斤"}[lang] in turn.says[0].text.text
        assert f"P{BOB}" not in turn.says[0].text.text
