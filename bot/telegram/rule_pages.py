"""What `/rules` and `/timeline` show: the rule data as Rich. Pure. What is unconfirmed bears its mark."""

import re
from collections.abc import Sequence

from bot.locales import say
from bot.rich import Rich, bold, code, italic, joined, link, quote
from knowledge.model import Confidence, Lang, Measure, Provision
from knowledge.rulebook import ControlEntry, RuleBook
from knowledge.wording import say as told

ENTRIES = 40
"""Entries on one page; a narrower code shows the rest."""


def rules(book: RuleBook, wanted: str, lang: Lang) -> Rich | None:
    """A control code with all below it, or an instrument with its provisions; None for what is neither."""
    typed = re.sub(r"\s", "", wanted)
    spellings = (typed, typed.upper(), typed[:5].upper() + typed[5:].lower())
    entries = next((found for said in spellings if (found := book.under(said))), ())
    if entries:
        return joined(
            [*_entries(book, entries, lang), *_instruments(book, {e.instrument for e in entries}, lang)], "\n\n"
        )
    instrument = book.instruments.get(typed) or book.instruments.get(typed.upper())
    if instrument is None:
        return None
    head = joined([bold(f"{instrument.id}  {instrument.number[lang]}"), link(instrument.title[lang], instrument.url)])
    codes = {e.code for e in book.entries}
    provisions = [_provision(p, lang) for p in instrument.provisions if p.id not in codes]
    own = tuple(e for e in book.entries if e.instrument == instrument.id)
    return joined([head, *provisions, *_entries(book, own, lang)], "\n\n")


def _entries(book: RuleBook, entries: Sequence[ControlEntry], lang: Lang) -> list[Rich]:
    shown = [_entry(e, lang) for e in entries[:ENTRIES]]
    if rest := [e.code for e in entries[ENTRIES:]]:
        shown.append(say(lang, "staff.rules_more", count=len(rest)) + quote(", ".join(rest), folded=True))
    return shown


def _entry(entry: ControlEntry, lang: Lang) -> Rich:
    parts: list[Rich | str] = [code(entry.code) + f"  {entry.description[lang]}" + _unsure(entry.confidence, lang)]
    if entry.hs_reference:
        parts.append("HS " + ", ".join(entry.hs_reference))
    if entry.note:
        parts.append(italic(entry.note[lang]))
    return joined([*parts, *("• " + _measure(m, lang) for m in entry.timeline), entry.instrument])


def _instruments(book: RuleBook, wanted: set[str], lang: Lang) -> list[Rich]:
    found = [book.instruments[id_] for id_ in sorted(wanted)]
    return [joined([link(f"{i.id}  {i.number[lang]}", i.url) + _unsure(i.confidence, lang) for i in found])]


def _provision(provision: Provision, lang: Lang) -> Rich:
    return bold(provision.id) + f"  {provision.text[lang]}" + _unsure(provision.confidence, lang)


def _measure(measure: Measure, lang: Lang) -> Rich:
    status = told(lang, f"status.{measure.status}")
    where = f"{measure.reference.instrument} {measure.reference.provision}"
    return f"{measure.start}  {status}  ({where})" + _unsure(measure.confidence, lang)


def _unsure(confidence: Confidence, lang: Lang) -> Rich:
    """The mark of what nobody could check against an official text."""
    unsure = confidence is Confidence.UNCONFIRMED
    return "  " + bold("⚠ " + told(lang, "confidence.unconfirmed")) if unsure else Rich()


def timeline(book: RuleBook, wanted: str, lang: Lang) -> Rich | None:
    """The dated statuses of an instrument, and apart of its entries and rules that have their own; None where unknown."""
    typed = re.sub(r"\s", "", wanted)
    instrument = book.instruments.get(typed) or book.instruments.get(typed.upper())
    if instrument is None:
        return None
    title = link(instrument.title[lang], instrument.url)
    head = joined([bold(f"{instrument.id}  {instrument.number[lang]}"), title])
    parts = [head, _dated("", instrument.timeline, lang)]
    groups: dict[tuple[Measure, ...], list[str]] = {}
    own = [(e.code, e.timeline) for e in book.entries if e.instrument == instrument.id]
    own += [(r.id, r.timeline) for r in book.restrictions if r.reference.instrument == instrument.id]
    for name, measures in own:
        if measures != instrument.timeline:
            groups.setdefault(tuple(measures), []).append(name)
    parts += [_dated(", ".join(names), measures, lang) for measures, names in groups.items()]
    return joined(parts, "\n\n")


def _dated(name: str, measures: Sequence[Measure], lang: Lang) -> Rich:
    return joined([bold(name) if name else "", *("• " + _measure(m, lang) for m in measures)])
