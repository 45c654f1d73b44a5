"""An answer with the sign that cases raise together, said in both languages, quoted and asked about. The verdict stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from knowledge import naming
from knowledge.aggregation import Aggregate
from knowledge.citing import Citations, Official
from knowledge.model import Answer, Lang, Missing, RedFlag, Section
from knowledge.rulebook.book import RuleBook
from knowledge.wording import say

FACT = "split_shipments"
"""The key of the fact that is asked for: whether the cases are parts of one order."""
NAMED = 6
"""Cases that are named; the others are counted."""
_LANGS: tuple[Lang, ...] = ("en", "zh")


def with_aggregate(answer: Answer, found: Aggregate, book: RuleBook, official: Official | None = None) -> Answer:
    """The answer with the sign: a red flag, its line with the notice it comes from, and the question to confirm it."""
    why: dict[str, str] = {lang: _why(found, book, lang) for lang in _LANGS}
    question = say(answer.lang, "split.ask", cases=_cases(found.cases, answer.lang))
    return _raised(answer, RedFlag(found.sign.id, why, found.sign.reference), question, book, official)


def carried(before: Answer, now: Answer, book: RuleBook, official: Official | None = None) -> Answer:
    """`now`, which was computed without a history, with the sign that `before` was given from one: to hold one against the
    other. Unchanged where `before` has none."""
    split = {s.id for s in book.signs if s.split is not None}
    flag = next((f for f in before.red_flags if f.id in split), None)
    asked = [q for m, q in zip(before.missing, before.questions, strict=True) if m.fact == FACT]
    if flag is None or not asked or any(f.id == flag.id for f in now.red_flags):
        return now
    return _raised(now, flag, asked[0], book, official)


def _raised(answer: Answer, flag: RedFlag, question: str, book: RuleBook, official: Official | None) -> Answer:
    citations, n = answer.citations, None
    for held in citations:
        if (held.instrument, held.provision) == (flag.reference.instrument, flag.reference.provision):
            n = held.n
    if n is None:
        marks = Citations(book, answer.lang, answer.on, official)
        marks.cite(flag.reference)
        n = max((c.n for c in citations), default=0) + 1
        citations = (*citations, *(replace(c, n=n) for c in marks.all()))
    line = say(answer.lang, "line.rule", summary=flag.why[answer.lang], n=n)
    sections = _put(answer.sections, "flags", line, before="not_checked")
    sections = _put(sections, "missing", question, before="flags")
    return replace(
        answer,
        red_flags=(flag, *answer.red_flags),
        missing=(Missing(FACT, decides=False), *answer.missing),
        questions=(question, *answer.questions),
        citations=citations,
        sections=sections,
        text="\n\n".join("\n".join(s.lines) for s in sections),
    )


def _put(sections: Sequence[Section], key: str, line: str, before: str) -> tuple[Section, ...]:
    """The line first in its section: of the signs on a card the first are shown. A new section stands before another."""
    if any(s.key == key for s in sections):
        return tuple(replace(s, lines=(line, *s.lines)) if s.key == key else s for s in sections)
    place = next((i for i, s in enumerate(sections) if s.key == before), len(sections))
    return (*sections[:place], Section(key, (line,)), *sections[place:])


def _why(found: Aggregate, book: RuleBook, lang: Lang) -> str:
    parts = [
        say(
            lang, "split.flag", count=found.count, material=naming.good(book, lang, found.good), buyer=_flat(found.buyer),
            days=found.days, cases=_cases(found.cases, lang),
        )
    ]  # fmt: skip
    if found.kilograms:
        parts.append(say(lang, "split.mass", sum=_number(found.kilograms)))
    if found.unstated:
        parts.append(say(lang, "split.unstated", count=found.unstated))
    if found.dollars:
        parts.append(say(lang, "split.value", sum=_number(found.dollars)))
    parts += [say(lang, "split.limit", code=limit.code, limit=limit.dollars) for limit in found.passed]
    parts.append(say(lang, "split.prudence"))
    return say(lang, "split.between").join(parts)


def _cases(cases: Sequence[tuple[int, date]], lang: Lang) -> str:
    named = (", " if lang == "en" else "、").join(f"{day.isoformat()} (#{case})" for case, day in cases[-NAMED:])
    return named + (say(lang, "split.more", count=len(cases) - NAMED) if len(cases) > NAMED else "")


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _flat(name: str) -> str:
    kept = " ".join(name.split()).replace("[", "(").replace("]", ")")  # square brackets are marks of citations
    return kept if len(kept) <= 80 else f"{kept[:79]}…"
