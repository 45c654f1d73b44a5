"""What must hold for every question: more control never loosens, language and spelling do not decide, dates govern their own rules."""

import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowledge.model import Answer, Finding
from knowledge.rulebook import RuleBook
from tests import phrases
from tests.conftest import TODAY, ask, the_advisor
from tests.test_rules_tested import rows

ON = date.fromisoformat(TODAY)
FIRST, LAST = date(2020, 6, 1), date(2027, 6, 1)
steady = settings(max_examples=60, derandomize=True, deadline=None)


def entries(answer: Answer) -> list[tuple[str, ...]]:
    """The control codes of each determination."""
    return [tuple(sorted(d.entries)) for d in answer.determinations]


# ---------------------------------------------------------------- (a) a controlled element never loosens


bases = st.one_of(
    st.builds(lambda k, e: k.format(e), st.sampled_from(phrases.KINDS), st.sampled_from(phrases.ELEMENTS)),
    st.sampled_from(phrases.MAGNETS),
)
contents = st.sampled_from(
    [
        "containing {name}",
        "with {name}",
        "containing {symbol}",
        "with 2% {symbol}",
        "with traces of {name}",
        "含{han}",
        "{symbol} 0.5%",
    ]
)


@steady
@given(base=bases, content=contents, name=st.sampled_from(phrases.CONTROLLED))
def test_a_controlled_element_never_loosens(base: str, content: str, name: str) -> None:
    more = content.format(name=name, symbol=phrases.SYMBOLS[name], han=phrases.CHINESE[name])
    plain = ask(f"{base} to Germany", ON)
    richer = ask(f"{base} {more} to Germany", ON)
    assert richer.verdict.gravity >= plain.verdict.gravity, (plain.verdict, richer.verdict, richer.transaction.goods)
    assert phrases.SYMBOLS[name] in {e for g in richer.transaction.goods for e, there in g.elements.items() if there}


# ---------------------------------------------------------------- (b) language


@steady
@given(good=st.sampled_from(phrases.GOODS), place=st.sampled_from(phrases.PLACES))
def test_english_and_chinese_agree(good: tuple[str, str], place: tuple[str, str]) -> None:
    english = ask(phrases.in_english(good[0], place[0]), ON)
    chinese = ask(phrases.in_chinese(good[1], place[1]), ON)
    assert (english.lang, chinese.lang) == ("en", "zh")
    assert english.verdict == chinese.verdict
    assert entries(english) == entries(chinese)


@pytest.mark.parametrize("good", phrases.GOODS, ids=lambda g: str(g[0]))
def test_every_good_is_read_alike(good: tuple[str, str]) -> None:
    english = ask(phrases.in_english(good[0], "Germany"), ON)
    chinese = ask(phrases.in_chinese(good[1], "德国"), ON)
    assert (english.verdict, entries(english)) == (chinese.verdict, entries(chinese))


@pytest.mark.parametrize("place", phrases.PLACES, ids=lambda p: str(p[0]))
def test_every_place_is_read_alike(place: tuple[str, str]) -> None:
    english = ask(phrases.in_english("gallium metal", place[0]), ON).transaction
    chinese = ask(phrases.in_chinese("金属镓", place[1]), ON).transaction
    assert english.destination is not None
    assert chinese.destination is not None
    assert english.destination.country == chinese.destination.country
    assert english.origin is not None
    assert chinese.origin is not None
    assert (english.origin.country, chinese.origin.country) == ("CN", "CN")


# ---------------------------------------------------------------- (c) dates


@lru_cache(maxsize=1)
def undated() -> tuple[str, ...]:
    """Questions of the sentence cases that name no date and no word for one."""
    dated = re.compile(
        r"\d{4}|\d{1,2}[./月-]\d|today|tomorrow|yesterday|week|month|year|now|ago|last|next|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
        r"今|明|昨|周|月|年|天|日|以前|之前|去|现在|завтра|недел|месяц|hoy|mañana|semana|mes|heute|morgen|woche|monat|来|先|다음|내일|주|tuần|tháng|สัปดาห์|เดือน",
        re.IGNORECASE,
    )
    return tuple(row["question"] for row in rows() if not dated.search(row["question"]))


def turning_points(book: RuleBook) -> list[date]:
    """Every day on which anything in the book changes its status."""
    timelines = [
        *(i.timeline for i in book.instruments.values()),
        *(e.timeline for e in book.entries),
        *(r.timeline for r in book.restrictions),
        *(p.timeline for p in book.parties),
    ]
    return sorted({m.start for t in timelines for m in t})


def two_days(draw: Callable[..., date], points: list[date]) -> tuple[date, date]:
    """Two days between which none of the points lies."""
    one = draw(st.dates(FIRST, LAST))
    at = bisect_right(points, one)
    first = points[at - 1] if at else FIRST
    last = points[at] - timedelta(days=1) if at < len(points) else LAST
    return one, draw(st.dates(max(first, FIRST), min(last, LAST)))


def told(answer: Answer) -> object:
    """What must not move while no rule does: everything but the date itself."""
    return [
        (d.outcome, d.entries, d.status, d.instruments, d.licence, d.missing, d.findings) for d in answer.determinations
    ]


@steady
@given(data=st.data(), question=st.sampled_from(undated()))
def test_nothing_moves_between_two_changes(data: st.DataObject, question: str) -> None:
    one, other = two_days(data.draw, turning_points(the_advisor().book))
    before, after = ask(question, one), ask(question, other)
    assert before.verdict == after.verdict
    assert told(before) == told(after)


@steady
@given(data=st.data(), question=st.sampled_from(undated()))
def test_an_entry_minds_its_own_dates(data: st.DataObject, question: str) -> None:
    found = applied(ask(question, ON))
    assume(found)
    code = data.draw(st.sampled_from(sorted(found)))
    entry = the_advisor().book.by_code[code]
    one, other = two_days(data.draw, [m.start for m in entry.timeline])
    findings = [applied(ask(question, day)).get(code) for day in (one, other)]
    assert findings[0] == findings[1]
    assert (findings[0] is not None) and findings[0].measure == (
        None if one < entry.timeline[0].start else [m for m in entry.timeline if m.start <= one][-1]
    )


def applied(answer: Answer) -> dict[str, Finding]:
    """The first finding of each entry that surely covers the goods."""
    found: dict[str, Finding] = {}
    for determination in answer.determinations:
        for finding in determination.findings:
            if finding.truth and finding.rule in the_advisor().book.by_code:
                found.setdefault(finding.rule, finding)
    return found


# ---------------------------------------------------------------- (d) spelling


def wide(text: str) -> str:
    """Full-width characters, as a Chinese keyboard types them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def louder(text: str) -> str:
    """Names in capitals; chemical symbols and formulas, which are spelled, stay."""
    return re.sub(r"\b[A-Za-z][a-z]{3,}\b", lambda m: m.group().upper(), text)


def quieter(text: str) -> str:
    """Names in small letters."""
    return re.sub(r"\b[A-Z][a-z]{3,}\b", lambda m: m.group().lower(), text)


def spread(text: str) -> str:
    """Two spaces for one."""
    return text.replace(" ", "  ")


SPELLINGS: list[Callable[[str], str]] = [
    louder,
    quieter,
    spread,
    wide,
    lambda t: t + "?",
    lambda t: t + " !!",
    lambda t: t + "...",
    lambda t: t + "？！",
    lambda t: f"  {t}\n",
    lambda t: f"\u201c{t}\u201d",
    lambda t: f"({t})",
]


@steady
@given(
    good=st.sampled_from(phrases.GOODS),
    place=st.sampled_from(phrases.PLACES),
    chinese=st.booleans(),
    spelling=st.sampled_from(SPELLINGS),
)
def test_spelling_does_not_matter(
    good: tuple[str, str],
    place: tuple[str, str],
    chinese: bool,
    spelling: Callable[[str], str],
) -> None:
    plain = phrases.in_chinese(good[1], place[1]) if chinese else phrases.in_english(good[0], place[0])
    alike(plain, spelling(plain))


@steady
@given(row=st.sampled_from(rows()), spelling=st.sampled_from([spread, SPELLINGS[4], SPELLINGS[7], SPELLINGS[8], wide]))
def test_layout_does_not_matter_in_any_case(
    row: dict[str, str],
    spelling: Callable[[str], str],
) -> None:
    alike(row["question"], spelling(row["question"]))


def alike(plain: str, other: str) -> None:
    """Both spellings get one verdict and the same entries."""
    one, two = ask(plain, ON), ask(other, ON)
    assert (one.verdict, entries(one)) == (two.verdict, entries(two)), other
