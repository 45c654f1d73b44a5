"""Whatever a change of the rules does to any kept deal, the deal was among those that the change can touch."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

import pytest

from knowledge.alerts import names, subjects
from knowledge.alerts.changes import Change, changes
from knowledge.alerts.needs import Need, met, one
from knowledge.alerts.rerun import Again, Question, again, signs
from knowledge.alerts.state import State, dumped, loaded, of_book
from knowledge.conditions import deal as deals
from knowledge.conditions import goods
from knowledge.conditions.quantities import Bound
from knowledge.controllists.chart import load_ccl
from knowledge.model import (
    CodeCandidate,
    Good,
    ListedParty,
    Measure,
    Outcome,
    PartyMatch,
    Place,
    Quantity,
    Reference,
    Span,
    Status,
    Transaction,
)
from knowledge.rulebook import RuleBook
from knowledge.rulebook.book import ControlEntry, Restriction
from tests.conftest import the_advisor
from tests.test_rules_tested import rows

ON = date(2026, 9, 20)
PLACES = "US DE RU JP VN HK CN IR KP TW NL IN UA BY KR FR MY".split()
ELEMENTS = "Dy Tb Ga Ge W Sm Gd Ho Er Lu Sc Y Nd Fe B Co O In Bi Mo Sb C Te Al Si".split()
Dice = random.Random


# ---------------------------------------------------------------- deals of every sort


@lru_cache(maxsize=1)
def book() -> RuleBook:
    """The rules with a compiled list of the United States, so that changes of that are changes of the book."""
    return replace(the_advisor().book, compiled=load_ccl())


def made_deal(dice: Dice) -> Transaction:
    """A deal made at random: much of it stays unsaid."""
    kinds = sorted(book().taxonomy.kinds)
    some = tuple(made_good(dice, kinds) for _ in range(dice.choice([0, 1, 1, 1, 1, 2])))
    parties = tuple(PartyMatch(p.name.get("en", p.id), p, dice.choice([100.0, 91.0])) for p in dice.sample(book().parties, dice.choice([0, 0, 0, 1, 2])))  # fmt: skip
    return Transaction(
        goods=some,
        origin=dice.choice([None, Place("CN", "Shanghai"), Place("CN", "Shanghai"), *(Place(p, p) for p in PLACES)]),
        destination=dice.choice([None, *(Place(p, p) for p in PLACES), Place("UA", "Crimea")]),
        transit=tuple(Place(p, p) for p in dice.sample(PLACES, dice.choice([0, 0, 0, 1]))),
        parties=parties,
        end_use=dice.choice([None, None, "civil", "military", "wmd"]),
        when=dice.choice([None, None, None, Span(date(2026, 11, 5), date(2026, 11, 20)), Span(ON, ON)]),
        chinese_origin=dice.choice([None, None, True, False]),
        chinese_content=dice.choice([None, None, Quantity(Decimal("0.2"), "percent")]),
        chinese_technology=dice.choice([None, None, True, False]),
        transfer=dice.random() < 0.1,
        us_origin=dice.choice([None, None, True, False]),
        us_terms=dice.random() < 0.1,
    )


def made_good(dice: Dice, kinds: Sequence[str]) -> Good:
    """One of the goods."""
    codes = [e.code for e in book().entries] + ["3A001.b.2", "5A002", "1C350", "EAR99", "1C905", "9X999"]
    elements = {e: dice.random() < 0.85 for e in dice.sample(ELEMENTS, dice.choice([0, 0, 1, 1, 2, 3]))}
    purity = {"purity": Quantity(Decimal(dice.choice(["99", "99.9", "99.99", "99.9999"])), "percent")}
    found = tuple(CodeCandidate("US", c, 0.5) for c in dice.sample(["3A001", "5A992", "EAR99", "1C210"], dice.choice([0, 0, 2])))  # fmt: skip
    return Good(
        name="made", kind=dice.choice([*kinds, "material", "metal", "oxide", "magnet"]), elements=elements,
        complete=dice.random() < 0.2, parts=tuple(dice.sample(kinds, dice.choice([0, 0, 0, 1]))),
        properties=purity if dice.random() < 0.4 else {},
        hs=(dice.choice(["8505111000", "2846", "81129290"]),) if dice.random() < 0.1 else (),
        codes=tuple(dice.sample(codes, dice.choice([0, 0, 0, 1]))), candidates=found,
    )  # fmt: skip


@lru_cache(maxsize=1)
def asked() -> tuple[Transaction, ...]:
    """The deals of some sentence cases, as they are read."""
    dice, advisor = Dice(7), the_advisor()
    questions = [r["question"] for r in dice.sample(list(rows()), 70)]
    return tuple(advisor.reader.read(q, ON, "CN").transaction for q in questions)


def question(deal: Transaction, *, domestic: bool = False) -> Question:
    """A deal as a question that was asked on the day."""
    return Question(deal, (), deal.when is not None, ON, domestic)


def done(deal: Transaction, law: RuleBook, on: date = ON) -> Again:
    """The deal determined on a day."""
    return again(question(deal), law, on, "CN", lambda _ids, _keys: frozenset())


# ---------------------------------------------------------------- changes of every sort


@dataclass(frozen=True)
class Changed:
    """A rule book otherwise than the bundled one, what was done to it, and the day it is read on."""

    what: str
    law: RuleBook
    on: date = ON


def _timeline(dice: Dice, timeline: tuple[Measure, ...]) -> tuple[Measure, ...]:
    if not timeline:
        return timeline
    at = dice.randrange(len(timeline))
    moved = replace(timeline[at], start=timeline[at].start + timedelta(days=dice.choice([-700, -60, 60, 700])))
    status = replace(timeline[at], status=dice.choice(list(Status)))
    changed = [*timeline[:at], dice.choice([moved, status]), *timeline[at + 1 :]]
    return tuple(sorted(changed, key=lambda m: m.start))


def _condition(dice: Dice, depth: int = 2) -> goods.Condition:
    kinds = sorted(book().taxonomy.kinds)
    leaf: list[Callable[[], goods.Condition]] = [
        lambda: goods.IsKind(dice.choice(kinds)), lambda: goods.Contains(dice.choice(ELEMENTS)),
        lambda: goods.HasPart(dice.choice(kinds)), lambda: goods.HasForm(dice.choice(sorted(book().taxonomy.forms))),
        lambda: goods.Property("purity", Bound("at_least", Decimal("99.9"), "percent")),
        lambda: goods.IsAlloy((frozenset(dice.sample(ELEMENTS, 2)),)),
    ]  # fmt: skip
    if depth == 0 or dice.random() < 0.3:
        return dice.choice(leaf)()
    parts = tuple(_condition(dice, depth - 1) for _ in range(2))
    return dice.choice([goods.All(parts), goods.All(parts), goods.Any(parts), goods.Not(parts[0])])


def _deal_condition(dice: Dice, depth: int = 2) -> deals.DealCondition:
    leaf: list[deals.DealCondition] = [
        deals.GoodsFit(), deals.GoodsFit((dice.choice(book().entries).code,)), deals.Military(), deals.EndUse("wmd"),
        deals.DestinationIn(frozenset(dice.sample(PLACES, 3))), deals.ExporterIn(dice.choice(["china", "abroad"])),
        deals.PartyOn(dice.choice(book().parties).list), deals.ChineseOrigin(), deals.ChineseTechnology(), deals.IsTransfer(),
        deals.ChineseContent(Bound("at_least", Decimal("0.1"), "percent")), deals.ExportFrom(frozenset(dice.sample(PLACES, 2))),
        deals.OwnedByListed(Decimal(50)), deals.PlaceNamed(frozenset({"crimea"})), deals.Concern("supercomputer"),
    ]  # fmt: skip
    if depth == 0 or dice.random() < 0.3:
        return dice.choice(leaf)
    parts = tuple(_deal_condition(dice, depth - 1) for _ in range(2))
    return dice.choice([deals.AllDeal(parts), deals.AllDeal(parts), deals.AnyDeal(parts), deals.NotDeal(parts[0])])


def _purer(condition: goods.Condition, by: Decimal) -> goods.Condition:
    """The condition with every bound on a measured property or a share moved."""
    if isinstance(condition, goods.All | goods.Any):
        return type(condition)(tuple(_purer(p, by) for p in condition.parts))
    if isinstance(condition, goods.Not):
        return goods.Not(_purer(condition.part, by))
    if isinstance(condition, goods.Property | goods.Share):
        return replace(condition, bound=replace(condition.bound, limit=condition.bound.limit + by))
    return condition


def _entries(dice: Dice, law: RuleBook, found: ControlEntry) -> Changed:
    what = dice.choice(["dates", "removed", "added", "bound", "condition", "outcome", "customs number"])
    others = tuple(e for e in law.entries if e.code != found.code)
    new = {
        "dates": lambda: replace(found, timeline=_timeline(dice, found.timeline)),
        "added": lambda: replace(found, code=f"9X{dice.randrange(100, 999)}.a", goods=_condition(dice)),
        "bound": lambda: replace(found, goods=_purer(found.goods, dice.choice([Decimal("-9"), Decimal("0.9")]))),
        "condition": lambda: replace(found, goods=_condition(dice)),
        "outcome": lambda: replace(found, outcome=dice.choice([Outcome.PROHIBITED, Outcome.NEEDS_MORE_INFO])),
        "customs number": lambda: replace(found, hs_reference=("2846909990",), hs_exact=True),
    }
    if what == "removed":
        return Changed(f"{found.code} {what}", replace(law, entries=others))
    kept = law.entries if what == "added" else others
    return Changed(f"{found.code} {what}", replace(law, entries=(*kept, new[what]())))


def _rules(dice: Dice, law: RuleBook, found: Restriction) -> Changed:
    what = dice.choice(["dates", "removed", "added", "condition", "outcome"])
    others = tuple(r for r in law.restrictions if r.id != found.id)
    new = {
        "dates": lambda: replace(found, timeline=_timeline(dice, found.timeline)),
        "added": lambda: replace(found, id="CN-made.1", when=_deal_condition(dice)),
        "condition": lambda: replace(found, when=_deal_condition(dice)),
        "outcome": lambda: replace(found, outcome=dice.choice(list(Outcome))),
    }
    if what == "removed":
        return Changed(f"{found.id} {what}", replace(law, restrictions=others))
    kept = law.restrictions if what == "added" else others
    return Changed(f"{found.id} {what}", replace(law, restrictions=(*kept, new[what]())))


def _parties(dice: Dice, law: RuleBook, found: ListedParty) -> Changed:
    what = dice.choice(["dates", "removed", "list"])
    others = tuple(p for p in law.parties if p.id != found.id)
    if what == "removed":
        return Changed(f"{found.id} {what}", replace(law, parties=others))
    other = dice.choice(law.parties).list
    new = replace(found, timeline=_timeline(dice, found.timeline)) if what == "dates" else replace(found, list=other)
    return Changed(f"{found.id} {what}", replace(law, parties=(*others, new)))


def _american(dice: Dice, law: RuleBook) -> Changed:
    assert law.compiled is not None
    code = dice.choice(["3A001", "5A992", "1C210", "5A002", "1C350", "3E001", *law.compiled.by_code])
    entry = law.compiled.by_code[code]
    new = dice.choice([None, replace(entry, rows=entry.rows[:1]), replace(entry, rows=())])
    kept = [e for e in law.compiled.entries if e.code != code]
    listed = replace(law.compiled, entries=(*kept, *([new] if new else [])))
    return Changed(f"US {code}", replace(law, compiled=listed))


def changed(dice: Dice) -> Changed:
    """One change at random, of the rules or of the day."""
    law = book()
    what = dice.random()
    if what < 0.4:
        return _entries(dice, law, dice.choice(law.entries))
    if what < 0.7:
        return _rules(dice, law, dice.choice(law.restrictions))
    if what < 0.85:
        return _parties(dice, law, dice.choice(law.parties))
    if what < 0.93:
        return _american(dice, law)
    return Changed("the day", law, date(2026, 9, 20) + timedelta(days=dice.choice([51, 52, 70, 400])))


# ---------------------------------------------------------------- what must hold


@dataclass(frozen=True)
class Kept:
    """A deal with its keys and its outcome on the day it was asked."""

    deal: Transaction
    first: Again


@lru_cache(maxsize=1)
def kept(count: int = 130) -> tuple[Kept, ...]:
    """Deals of people and deals made up."""
    dice = Dice(11)
    every = (*asked(), *(made_deal(dice) for _ in range(count)))
    return tuple(Kept(d, done(d, book())) for d in every)


@lru_cache(maxsize=1)
def before() -> State:
    """The state on the day the deals were asked, as it is read back from where it is kept."""
    return loaded(dumped(of_book(book(), ON, "CN")))


def missed(made: Changed, of: Sequence[Kept]) -> Iterator[Kept]:
    """The deals whose outcome the change flips although it was not seen to touch them."""
    need = touched(changes(before(), of_book(made.law, made.on, "CN")))
    for deal in of:
        if not met(need, deal.first.keys):
            after = done(deal.deal, made.law, made.on)
            if signs(after.determinations) != signs(deal.first.determinations):
                yield deal


def touched(found: Iterable[Change]) -> Need:
    """Whom any of the changes can touch."""
    return one([c.need for c in found if c.need is not None])


def test_the_same_state_touches_nobody() -> None:
    assert changes(before(), of_book(book(), ON, "CN")) == ()


@pytest.mark.parametrize("seed", range(12))
def test_no_change_of_the_rules_misses_a_deal_that_it_flips(seed: int) -> None:
    made = changed(Dice(1000 + seed))
    assert [k.deal for k in missed(made, kept())] == [], made.what


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(150))
def test_no_change_of_many_misses_a_deal_that_it_flips(seed: int) -> None:
    made = changed(Dice(5000 + seed))
    assert [k.deal for k in missed(made, kept())] == [], made.what


def test_a_change_that_touched_nobody_by_its_keys_would_be_found() -> None:
    """The test above is one that can fail: with the needs of one rule taken away, deals are missed."""
    law = replace(book(), entries=tuple(e for e in book().entries if e.code != "1C905.b"))
    flipped = [k for k in kept() if signs(done(k.deal, law).determinations) != signs(k.first.determinations)]
    assert flipped
    need = touched(c for c in changes(before(), of_book(law, ON, "CN")) if c.id != "entry:1C905.b")
    assert [k for k in flipped if not met(need, k.first.keys)]


def test_a_narrow_change_touches_few() -> None:
    law = replace(book(), entries=tuple(e for e in book().entries if e.code != "1C905.b"))
    need = touched(changes(before(), of_book(law, ON, "CN")))
    share = sum(met(need, k.first.keys) for k in kept()) / len(kept())
    assert 0 < share < 0.5, share
    assert Reference("CN-2025-18", "1C905.b") == next(e for e in book().entries if e.code == "1C905.b").reference


# ---------------------------------------------------------------- names


def _slipped(dice: Dice, name: str) -> str:
    """The name as people write it: other case, a slip of the keys in a long word, without its company form."""
    words = name.split()
    long_ = [i for i, w in enumerate(words) if len(w) > 7 and w.isalpha()]
    if long_ and dice.random() < 0.5:
        at, i = dice.choice(long_), dice.randrange(1, 6)
        words[at] = words[at][:i] + words[at][i + 1 :]
    text = " ".join(words)
    return dice.choice([text, text.upper(), text.title()])


@pytest.mark.parametrize("seed", range(4))
def test_a_name_that_screening_finds_is_found_by_its_keys(seed: int) -> None:
    """Whatever a question calls a listed party by, the keys of the question meet those of the party that is then found."""
    dice, screening = Dice(seed), the_advisor().screening
    sought = [screening.parties.at(dice.randrange(screening.parties.size)) for _ in range(25)]
    found = 0
    for party in sought:
        said = _slipped(dice, dice.choice([party.name, *party.aliases]))
        text = f"5 kg steel brackets from Boston to Malaysia for {said}, civil use"
        keys = names.of_text(text)
        hits = [
            *screening.screen(said, None, ON).hits,
            *(h for f in screening.listed_in(text, (), None, ON) for h in f.hits),
        ]
        for hit in hits:
            found += 1
            spelled = (hit.party.name, *hit.party.aliases)
            assert not keys.isdisjoint(names.of_party(spelled)), (said, spelled)
    assert found > 15


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ("NSLION", "NS LION"),
        ("EPIAH", "EP-IAH"),
        ("EP IAH", "EPIAH"),
        ("NEWAGE SHIPPING LIMITED", "NEW AGE SHIPPING LIMITED"),
        ("CAkSE STUDIO", "CASE STUDIO"),
        ("Industrial Bank of Korea", "IBK"),
        ("ABS CORPORATION", "Elena; a.k.a. Gohkman Alexander; a.k.a Belov Shifrin"),
        ("JSC Zavod opir", "ZAVOD TULA PAO"),
        ("KAZAN OPTICAL AND MECHANCAL PLANT", "KOMP Group"),
    ],
)
def test_words_written_together_or_apart_and_first_letters_are_found(said: str, listed: str) -> None:
    text = f"5 kg steel brackets from Boston to Malaysia for {said}, civil use"
    assert not names.of_text(text).isdisjoint(names.of_party([listed]))


@pytest.mark.parametrize(
    ("typed", "key"), [("3A001.a.7", "code:3A001"), ("1C905.b", "code:1C905.b"), ("1c905", "code:1C905")]
)
def test_a_code_is_watched_by_the_name_that_changes_give_it(typed: str, key: str) -> None:
    """The Commerce Control List is held against itself entry by entry: a watch on a paragraph would never be told."""
    advisor = the_advisor()
    assert subjects.meant(typed, advisor.reader, advisor.book) == (key,)


def test_a_party_of_another_name_is_not_looked_for() -> None:
    keys = names.of_text("5 kg steel brackets from Boston to Malaysia for Hubertus Motoren GmbH, civil use")
    assert keys.isdisjoint(names.of_party(["Quorvex Zyklotron Vtiyu LLC"]))


@pytest.mark.parametrize("text", ["卖给海康威视数字技术", "给中芯国际5台设备", "客户是四川大学"])
def test_a_latin_name_is_found_in_chinese(text: str) -> None:
    listed = {"海康": "Hikvision Digital Technology", "中芯": "Semiconductor Manufacturing International Corporation", "四川": "Sichuan University"}  # fmt: skip
    party = next(p for han, p in listed.items() if han in text)
    assert not names.of_text(text).isdisjoint(names.of_party([party]))
