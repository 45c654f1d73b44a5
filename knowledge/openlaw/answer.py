"""A question about the law -> the sections of its answer: quotes of what was found, changes on record, or silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from knowledge import compose
from knowledge.compose import Draft
from knowledge.model import Confidence, Reference, Section
from knowledge.openlaw.asked import since, subject, window
from knowledge.openlaw.changes import Change, changes
from knowledge.openlaw.compose import TITLES, also, answering, quotes, silence, standing
from knowledge.openlaw.compose import title as open_title
from knowledge.openlaw.extract import Extract
from knowledge.openlaw.model import Passage, Searched, called
from knowledge.reading.intent import Intent
from knowledge.reading.read import Reading

ACTS = 4
"""Acts that one line of changes names."""
MANY = 12
"""Changes of one answer; more are counted."""
FEW, LIKELY = 2, 0.25
"""Passages that stand beside a determination at most, and the likelihood each must have."""
DOUBTFUL = 0.25
"""Likelihood from which the provisions of a topic are given although no passage is likely enough by itself."""


@dataclass(frozen=True)
class Told:
    """The sections of an answer. `silent`: nothing held answers, and no source is given. `texts` are the stored texts that
    its citations quote, by their hash; `facts` what the lines say besides quotes: titles, numbers of acts, days."""

    sections: tuple[Section, ...]
    silent: bool
    texts: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


def told(draft: Draft, found: Searched, wanted: str, topics: Sequence[Reference]) -> Told:
    """The answer from passages that were found. `topics` are provisions that the rule book gives on the question's topic."""
    found = replace(found, passages=tuple(_in_language(draft, p) for p in found.passages))
    # A topic's provisions answer in general; what may answer in particular goes before them.
    in_general = topics and wanted != Intent.CHANGE  # of changes the timelines tell
    extracts = answering(found, wanted, enough=DOUBTFUL if in_general else None)
    general = also(topics, extracts) if found.likelihood >= DOUBTFUL else ()
    if not extracts and not general:
        return Told(
            silence(draft, found),
            True,
            facts=(*found.titles, str(found.documents), str(len(found.titles)), str(len(found.titles) - TITLES)),
        )
    sections = [Section("verdict", (draft.say("verdict.topic"), draft.say("open.as_of", on=draft.on)))]
    if extracts:
        sections.append(quotes(draft, extracts))
    if general:
        sections.append(Section("why", tuple(compose.passage(draft, r) for r in general)))
    sections.append(Section("not_checked", (draft.say("not_checked.advice"),)))
    return Told(tuple(sections), False, _texts(extracts), _facts(draft, extracts))


def beside(draft: Draft, found: Searched, wanted: str) -> Told:
    """What likely answers by itself, to stand beside a determination; a digest is cited as the determination cites it."""
    likely = [p for p in found.passages[:FEW] if p.likelihood >= LIKELY]
    own = [Reference(p.act.id, p.provision) for p in likely if p.act.digest]
    extracts = answering(replace(found, passages=tuple(p for p in likely if not p.act.digest)), wanted)
    lines = (*(compose.passage(draft, r) for r in own), *(quotes(draft, extracts).lines if extracts else ()))
    return Told((Section("law", lines),), False, _texts(extracts), _facts(draft, extracts))


def _texts(extracts: Sequence[Extract]) -> Mapping[str, str]:
    return {e.passage.sha256: e.passage.text for e in extracts}


def _facts(draft: Draft, extracts: Sequence[Extract]) -> tuple[str, ...]:
    acts = [e.passage.act for e in extracts]
    return (*(open_title(draft, a) for a in acts), *(a.title for a in acts), *(standing(draft, a) for a in acts))


def _in_language(draft: Draft, passage: Passage) -> Passage:
    """A digest in the answer's language, whichever one found it."""
    if not passage.act.digest or passage.act.language == draft.lang:
        return passage
    known, held = draft.book.instruments[passage.act.id], draft.book.provisions[passage.act.id, passage.provision]
    act = replace(passage.act, language=draft.lang, title=called(known, draft.lang))
    return replace(passage, act=act, text=held.text[draft.lang], sha256=held.sha256[draft.lang], asked={})


def changed(draft: Draft, read: Reading) -> tuple[Section, tuple[str, ...]]:
    """What the rule book's timelines say began, ended or was announced since the day that the question names, of what it
    names, and what is due soon; with the facts that its lines state."""
    about = subject(read, draft.book)
    first, last = window(read, draft.on, about)
    some = changes(
        draft.book, first, last,
        regimes=about.regimes, instruments=about.instruments, elements=about.elements, kinds=about.kinds,
    )  # fmt: skip
    newest = sorted(some, key=lambda c: c.when, reverse=True)
    begins = first if first > date.min else min((c.when for c in some), default=last)
    lines = [draft.say("open.changes" if some else "open.no_changes", first=begins, last=last)]
    lines += [_change(draft, c) for c in newest[:MANY]]
    if len(newest) > MANY:
        lines.append(draft.say("open.more_changes", count=len(newest) - MANY))
    facts = [begins.isoformat(), last.isoformat(), str(len(newest) - MANY)]
    for c in some:
        facts += [c.when.isoformat(), *c.instruments, *c.rules]
        facts += [draft.book.instruments[i].number[draft.lang] for i in c.instruments if i in draft.book.instruments]
    return Section("law", tuple(lines)), tuple(facts)


def asks_since(read: Reading, on: date) -> bool:
    """Does the question name a time since which something may have changed?"""
    return since(read, on) is not None


def _change(draft: Draft, change: Change) -> str:
    """One event, with a mark on the act that made it and on each act that it happened to."""
    acts = [draft.book.instruments[i] for i in change.instruments[:ACTS] if i in draft.book.instruments]
    who = ", ".join(a.number[draft.lang] for a in acts) or ", ".join(change.instruments[:ACTS])
    cited = [draft.marks.cite(change.reference)]
    cited += [draft.marks.cite(Reference(a.id, a.provisions[0].id)) for a in acts if a.provisions]
    marks = "][".join(str(n) for n in dict.fromkeys(cited))
    key = f"open.happened.{change.what}" if not change.due else f"open.due.{change.what}"
    line = draft.say(key, when=change.when, who=who, n=marks)
    return line if change.confidence is Confidence.CONFIRMED else " ".join((line, draft.say("open.unconfirmed")))
