"""How the bot is used and what staff make of its answers: counts of the last days, no names."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.locales import say
from bot.rich import Rich, bold, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram.events import Event, Member, Turn, says
from bot.telegram.rooms import Command, Room
from bot.telegram.words import spoken
from knowledge.model import Behaviour, Outcome
from knowledge.naming import country
from knowledge.store.cases import Asked
from knowledge.store.reviews import Review, Reviews
from knowledge.wording import say as told

DAYS = (7, 30)
TOP = 5
"""Control codes and destinations that are named."""


@dataclass(frozen=True)
class Figures:
    """What happened since a moment. `marks` counts right and wrong; `waited` is the median time from a request to its
    decision, None where nothing was decided; `overridden` of `judged` decisions changed the machine's result."""

    questions: int
    people: int
    undone: int
    verdicts: Counter[str]
    behaviours: Counter[str]
    marks: Counter[str]
    opened: int
    open_now: int
    decided: int
    judged: int
    overridden: int
    waited: timedelta | None
    codes: Counter[str]
    places: Counter[str]


def figures(asked: Iterable[Asked], reviews: Iterable[Review], since: datetime) -> Figures:
    """The counts since that moment; of the reviews, those that were opened or decided since."""
    rows = [a for a in asked if a.asked_at >= since]
    held = list(reviews)
    decided = [(r, r.decided_at) for r in held if r.decided_at is not None and r.decided_at >= since]
    codes: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for row in rows:
        found = json.loads(row.raw)  # a tenth of what reading back the whole answer costs
        codes.update({entry for d in found["determinations"] for entry in d["entries"]})
        if destination := found["transaction"]["destination"]:
            places[destination["country"]] += 1
    return Figures(
        len(rows),
        len({r.person for r in rows}),
        sum(r.undone for r in rows),
        Counter(r.verdict for r in rows),
        Counter(r.behaviour for r in rows),
        Counter(r.mark for r in rows if r.mark),
        sum(r.opened_at >= since for r in held),
        sum(r.open for r in held),
        len(decided),
        sum(r.state in ("confirmed", "overridden") for r, _ in decided),
        sum(r.state == "overridden" for r, _ in decided),
        timedelta(seconds=median((at - r.opened_at).total_seconds() for r, at in decided)) if decided else None,
        codes,
        places,
    )


def stats(services: Services, event: Event, member: Member) -> Turn:
    """The counts of the last 7 and 30 days."""
    now = services.now()
    longest = now - timedelta(days=max(DAYS))
    asked, reviews = services.cases.recent(longest), Reviews(services.database).since(longest)
    blocks = [page(figures(asked, reviews, now - timedelta(days=d)), d, member.language) for d in DAYS]
    return says(joined(blocks, "\n\n"))


def page(found: Figures, days: int, lang: str) -> Rich:
    """One stretch of days."""
    head = bold(say(lang, "stats.heading", days=days))
    rows = [say(lang, "stats.questions", count=found.questions, people=found.people, undone=found.undone)]
    if found.questions:
        verdicts = [(told(lang, f"verdict.{o}"), found.verdicts[o]) for o in Outcome]
        behaviours = [(say(lang, f"stats.behaviour_{b}"), found.behaviours[b]) for b in Behaviour]
        rows += [
            say(lang, "stats.verdicts", counts=_counts(verdicts)),
            say(lang, "stats.behaviours", counts=_counts(behaviours)),
        ]
        rows.append(say(lang, "stats.marks", right=found.marks["right"], wrong=found.marks["wrong"]))
    rows.append(say(lang, "stats.reviews", opened=found.opened, decided=found.decided, open=found.open_now))
    if found.waited is not None:
        rows.append(say(lang, "stats.waited", time=duration(found.waited, lang)))
    if found.judged:
        rate = f"{100 * found.overridden / found.judged:.0f}"
        rows.append(say(lang, "stats.overrides", rate=rate, overridden=found.overridden, judged=found.judged))
    if found.codes:
        rows.append(say(lang, "stats.codes", counts=_counts(found.codes.most_common(TOP))))
    if found.places:
        names = [(country(spoken(lang), code), count) for code, count in found.places.most_common(TOP)]
        rows.append(say(lang, "stats.places", counts=_counts(names)))
    return joined([head, *("• " + row for row in rows)])


def _counts(rows: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in rows if count) or "-"


def duration(time: timedelta, lang: str) -> str:
    """A stretch of time in its largest fitting unit."""
    minutes = time.total_seconds() / 60
    if minutes < 90:
        return say(lang, "stats.minutes", count=f"{minutes:.0f}")
    if minutes < 48 * 60:
        return say(lang, "stats.hours", count=f"{minutes / 60:.1f}")
    return say(lang, "stats.days", count=f"{minutes / 60 / 24:.1f}")


ROOM = Room(commands={"stats": Command(stats, Role.STAFF)})
