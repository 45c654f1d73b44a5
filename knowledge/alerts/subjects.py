"""What a person may watch, from what they type, and how it is called: codes, elements, kinds of goods, destinations, lists,
acts and single answers. A subject's key is as rules name it (`knowledge.alerts.state.Part.subjects`)."""

import difflib
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from knowledge import naming
from knowledge.model import Lang
from knowledge.reading.read import Reader
from knowledge.rulebook.book import RuleBook
from knowledge.screening.lists import meanings
from knowledge.wording import known, say

_ANSWER = re.compile(r"(?:#|№|no\.?|answer|question|case|答复|答案|问题|案例)?\s*#?\s*(\d{1,9})\s*$", re.IGNORECASE)
_BROAD = frozenset("material metal alloy mixture compound oxide ore equipment technology".split())
"""Kinds that half of all entries speak of: watched only where nothing narrower was named."""
LANGUAGES: tuple[Lang, ...] = ("en", "zh")
NEAR = 4


def meant(text: str, reader: Reader, book: RuleBook) -> tuple[str, ...]:
    """The subjects that the words name, the likeliest first; none where nothing is known by them."""
    words = " ".join(text.split())[:200]
    by_name = list(_exact(words, book))
    if by_name:
        return tuple(dict.fromkeys(by_name))
    read = reader.read(words, date(2000, 1, 1), "CN")  # the day plays no part in what a name means
    found = [f"code:{held}" for c in read.codes.control if (held := _held(c, book))]
    for number, year in read.codes.announcements:
        found += [f"instrument:{i}" for i in book.instruments if _numbered(i, number, year)]
    goods = read.transaction.goods
    found += [f"kind:{g.kind}" for g in goods if g.kind not in _BROAD]
    elements = [f"element:{e}" for g in goods for e, there in g.elements.items() if there and e != "O"]
    found += elements
    found += [f"dest:{c}" for c in sorted(reader.countries(read.text))]
    return tuple(dict.fromkeys(found))


def answer(text: str) -> int | None:
    """The number of an answer ("#12", "answer 12"), where the words are one."""
    found = _ANSWER.match(text.strip())
    return int(found[1]) if found else None


def near(text: str, book: RuleBook, lang: Lang) -> tuple[str, ...]:
    """Names that look like the words, for a person to choose from."""
    names = _names(book, lang)
    close = difflib.get_close_matches(text.strip().casefold(), names, NEAR, 0.6)
    inside = [n for n in names if len(text.strip()) > 1 and text.strip().casefold() in n][:NEAR]
    return tuple(dict.fromkeys(names[n] for n in (*close, *inside)))[:NEAR]


def name(key: str, book: RuleBook, lang: Lang) -> str:
    """What the subject is called."""
    kind, _, subject = key.partition(":")
    if kind == "element":
        return f"{naming.elements(book, lang, [subject])} ({subject})"
    if kind == "kind":
        return naming.kind(book, lang, subject)
    if kind == "dest":
        return naming.country(lang, subject)
    if kind == "list":
        return _list(subject, lang)
    if kind == "instrument" and subject in book.instruments:
        return f"{book.instruments[subject].number[lang]} ({subject})"
    return subject


def _list(code: str, lang: Lang) -> str:
    if code in meanings():
        return meanings()[code].name[lang]
    return say(lang, f"list.{code}") if known(lang, f"list.{code}") else code


def _exact(words: str, book: RuleBook) -> Iterator[str]:
    """A code, an act or a list called by its own name."""
    folded = words.casefold()
    if held := _held(words, book) or _held(words.upper(), book):
        yield f"code:{held}"
    yield from (f"instrument:{i}" for i in book.instruments if i.casefold() == folded)
    for act in book.instruments.values():
        if folded in (n.casefold() for n in (*act.number.values(), *act.title.values())):
            yield f"instrument:{act.id}"
    for code in _lists(book):
        if folded in {code.casefold(), *(_list(code, lang).casefold() for lang in LANGUAGES)}:
            yield f"list:{code}"


def _lists(book: RuleBook) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*sorted({p.list for p in book.parties}), *meanings())))


def _held(code: str, book: RuleBook) -> str:
    """The code as changes name it: itself where the rules have it or something under it; its entry where it is one of the
    Commerce Control List, which is watched by whole entries. Empty where no list has it."""
    if book.under(code):
        return code
    base = code.partition(".")[0]
    return base if base in book.us.ccl.by_code else ""


def _numbered(instrument: str, number: int, year: int | None) -> bool:
    parts = instrument.split("-")
    return len(parts) == 3 and parts[2] == str(number) and (year is None or parts[1] == str(year))


@lru_cache(maxsize=4)
def _names(book: RuleBook, lang: Lang) -> dict[str, str]:
    """Everything that has a name, folded, with how it is written."""
    named = [e.code for e in book.entries] + list(book.instruments) + [_list(c, lang) for c in _lists(book)]
    named += [naming.elements(book, lang, [e]) for e in sorted({s for entry in book.entries for s in entry.elements})]
    named += [naming.country(lang, c) for c in sorted(_countries(book))]
    named += [a.number[lang] for a in book.instruments.values()]
    return {n.casefold(): n for n in named}


def _countries(book: RuleBook) -> frozenset[str]:
    from knowledge.alerts.state import of_rule_places

    return frozenset().union(*(of_rule_places(r) for r in book.restrictions))
