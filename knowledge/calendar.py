"""The days to come on which the law changes its status, from all timelines, and the calendar file of them (RFC 5545)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

from knowledge.alerts.state import State
from knowledge.model import Lang
from knowledge.rulebook.book import RuleBook
from knowledge.wording import say

LINE = 75
"""Octets of a line of a calendar file; a longer one is folded."""


@dataclass(frozen=True)
class Coming:
    """A status that begins on a day, of everything that one provision gives it to. `subjects`: ids of the entries, rules,
    parties and acts; `unconfirmed`: no official text was seen that says so."""

    day: date
    status: str
    instrument: str
    provision: str
    unconfirmed: bool
    subjects: tuple[str, ...]


def coming(state: State, book: RuleBook, first: date, last: date) -> tuple[Coming, ...]:
    """Everything that begins from `first` to `last`, both counted, by day."""
    found: dict[tuple[date, str, str, str, bool], list[str]] = {}
    for part in state.parts.values():
        for turn in part.turns:
            if first <= turn.day <= last:
                where = (turn.day, turn.status, turn.instrument, turn.provision, turn.unconfirmed)
                found.setdefault(where, []).append(part.id)
    for act in book.instruments.values():
        for m in act.timeline:
            if first <= m.start <= last:
                unsure = m.confidence == "unconfirmed"
                where = (m.start, str(m.status), m.reference.instrument, m.reference.provision, unsure)
                found.setdefault(where, []).append(f"instrument:{act.id}")
    return tuple(Coming(*where, tuple(sorted(set(ids)))) for where, ids in sorted(found.items()))


def summary(one: Coming, book: RuleBook, lang: Lang) -> str:
    """The event in one line: the act, the status, whether it is confirmed."""
    act = book.instruments.get(one.instrument)
    number = act.number[lang] if act is not None else one.instrument
    key = "calendar.unconfirmed" if one.unconfirmed else "calendar.event"
    return say(lang, key, act=number, status=say(lang, f"status.{one.status}"), acts=acts(one, lang))


def acts(one: Coming, lang: Lang) -> str:
    """What it happens to, by number: the acts, else how many entries, rules and parties."""
    named = [i.partition(":")[2] for i in one.subjects if i.startswith("instrument:")]
    if named:
        return (", " if lang == "en" else "、").join(named)
    kinds = {i.partition(":")[0] for i in one.subjects}
    return ", ".join(i.partition(":")[2] for i in one.subjects[:3]) if len(kinds) == 1 and len(one.subjects) < 4 else (
        say(lang, "calendar.things", n=len(one.subjects))
    )  # fmt: skip


def uid(one: Coming) -> str:
    """The same for the same event, whenever and wherever the file is made."""
    told = "|".join((one.day.isoformat(), one.status, one.instrument, one.provision))
    return f"{blake2b(told.encode(), digest_size=10).hexdigest()}@navicert"


def ics(
    events: Sequence[Coming], book: RuleBook, lang: Lang, at: datetime, cases: Mapping[date, Sequence[str]]
) -> bytes:
    """The events as a calendar file of whole days. `cases`: the lines to add on a day about the asker's own cases."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Navicert//Export control dates//EN", "CALSCALE:GREGORIAN"]
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for one in events:
        act = book.instruments.get(one.instrument)
        passage = book.provisions.get((one.instrument, one.provision))
        said = [passage.text[lang]] if passage is not None else []
        body = "\n".join([*said, *cases.get(one.day, ())])
        lines += [
            "BEGIN:VEVENT", f"UID:{uid(one)}", f"DTSTAMP:{stamp}", f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}", f"SUMMARY:{_text(summary(one, book, lang))}",
            *([f"DESCRIPTION:{_text(body)}"] if body else []), *([f"URL:{act.url}"] if act is not None and act.url else []),
            f"STATUS:{'TENTATIVE' if one.unconfirmed else 'CONFIRMED'}", "TRANSP:TRANSPARENT", "END:VEVENT",
        ]  # fmt: skip
    return "".join(_folded([*lines, "END:VCALENDAR"])).encode()


def _text(text: str) -> str:
    """Escaped as section 3.3.11 has it; a control character could end the line."""
    clean = "".join(c for c in text if c == "\n" or c.isprintable())
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(lines: Iterable[str]) -> Iterable[str]:
    """Lines of at most LINE octets, each but the first of a folded one begun with a space, ended by CRLF."""
    for line in lines:
        held, room = "", LINE
        for letter in line:
            if len(held.encode()) + len(letter.encode()) > room:
                yield held + "\r\n"
                held, room = " ", LINE
            held += letter
        yield held + "\r\n"
