"""What a person follows: /watch, /watches, /unwatch; and the calendar of coming dates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram.events import Button, Event, Member, Say, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import one_line, spoken
from knowledge.alerts import subjects
from knowledge.alerts.flips import loaded
from knowledge.alerts.state import of_book
from knowledge.calendar import coming, ics, summary
from knowledge.errors import BadInput
from knowledge.store.subscriptions import MOST, QUESTION, Subscription
from knowledge.wording import say as law_says

_ALL = re.compile(r"[\s,，]*(?:\ball|全部|所有|措辞)\s*$", re.IGNORECASE)
_OFF, _ON = ("off", "no", "关", "关闭"), ("on", "yes", "开", "开启")
AHEAD = 400
"""Days that /calendar looks ahead."""
FARTHEST = 1500
LISTED = 12


# ---------------------------------------------------------------- watching


def watch(services: Services, event: Event, member: Member) -> Turn:
    """`/watch dysprosium`, `/watch Russia all`; without a subject, how it is done and what is watched."""
    text = event.text.strip()
    if not text:
        return watches(services, event, member)
    bare = _ALL.sub("", text)
    wording, said = bool(bare) and bare != text, bare or text
    number = subjects.answer(said)
    if number is not None:
        return _answer(services, event, member, number)
    advisor, lang = services.advisor, spoken(member.language)
    found = subjects.meant(said, advisor.reader, advisor.book)
    if not found:
        close = subjects.near(said, advisor.book, lang)
        rows = tuple((Button(n, "watch.named", {"name": n, "wording": wording}),) for n in close)
        told = say(member.language, "watch.unknown", said=one_line(said, 60))
        more = say(member.language, "watch.near") if close else say(member.language, "watch.usage")
        return says(joined((told, more)), rows)
    if len(found) > 1:
        rows = tuple(
            (Button(named(services, lang, k), "watch.key", {"key": k, "wording": wording}),) for k in found[:6]
        )
        return says(say(member.language, "watch.which"), rows)
    return _begun(services, event, member, found[0], wording=wording)


def _answer(services: Services, event: Event, member: Member, number: int) -> Turn:
    asked = services.cases.question(number)
    if asked is None or asked.person != member.id:
        raise BadInput(say(member.language, "ask.gone"))
    return _begun(services, event, member, f"{QUESTION}:{number}", wording=False)


def _begun(services: Services, event: Event, member: Member, key: str, *, wording: bool) -> Turn:
    held = services.subscriptions.of(member.id)
    if len(held) >= MOST and key not in {s.key for s in held}:
        return says(say(member.language, "watch.too_many", n=MOST))
    lang = spoken(member.language)
    write = services.subscriptions.follow(member.id, key, lang, event.at, wording=wording)
    what = named(services, lang, key)
    told = say(member.language, "watch.started_all" if wording else "watch.started", what=what)
    undo = Button(say(member.language, "watch.undo"), "watch.stop_key", {"key": key}, once=True)
    return replace(says(told, ((undo,),)), writes=(write,), action="watch", target=_sort(key))


def _sort(key: str) -> str:
    """What the line of the chat's trail says of it: the sort alone, for the trail outlives what the person has forgotten."""
    return key.partition(":")[0]


def _chosen(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    return _begun(services, event, member, str(arguments["key"]), wording=bool(arguments["wording"]))


def _named(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    text = str(arguments["name"]) + (" all" if arguments["wording"] else "")
    return watch(services, replace(event, text=text), member)


def named(services: Services, lang: str, key: str) -> str:
    """What is watched, in words."""
    kind, _, subject = key.partition(":")
    if kind == QUESTION:
        return say(lang, "watch.answer", number=subject)
    return subjects.name(key, services.advisor.book, spoken(lang))


# ---------------------------------------------------------------- what is watched


def watches(services: Services, event: Event, member: Member) -> Turn:
    """What the person follows; `/watches off` ends the news of their own answers, `/watches on` begins it again."""
    wanted = event.text.strip().lower()
    if wanted in (*_OFF, *_ON):
        return _chose(services, event, member, {"on": wanted in _ON})
    held, on = services.subscriptions.of(member.id), services.subscriptions.answers(member.id)
    lang = member.language
    lines = [
        say(lang, "watch.line_all" if s.wording else "watch.line", n=n, what=named(services, lang, s.key))
        for n, s in enumerate(held, 1)
    ]
    none = say(lang, "watch.none", usage=say(lang, "watch.usage"))
    listed: Rich | str = joined((bold(say(lang, "watch.list")), *lines)) if lines else none
    rows = [(Button(say(lang, "watch.stop", what=named(services, lang, s.key)), "watch.stop", {"watch": s.id}),) for s in held[:LISTED]]  # fmt: skip
    choice = Button(say(lang, "watch.turn_off" if on else "watch.turn_on"), "watch.choose", {"on": not on})
    return says(
        joined((listed, say(lang, "watch.answers_on" if on else "watch.answers_off")), "\n\n"), (*rows, (choice,))
    )


def _chose(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    on = bool(arguments["on"])
    told = says(say(member.language, "watch.answers_on" if on else "watch.answers_off"))
    write = services.subscriptions.choose(member.id, event.at, answers=on)
    return replace(told, writes=(write,), action="watch.answers", target="on" if on else "off")


def unwatch(services: Services, event: Event, member: Member) -> Turn:
    """`/unwatch 2` or `/unwatch dysprosium`."""
    text = event.text.strip()
    held = services.subscriptions.of(member.id)
    if not text:
        shown = watches(services, event, member)
        return replace(shown, says=(*says(say(member.language, "watch.unwatch_usage")).says, *shown.says))
    found = _meant(services, member, text, held)
    if found is None:
        return says(say(member.language, "watch.not_watched", said=one_line(text, 60)))
    return _ended(services, event, member, found)


def _meant(services: Services, member: Member, text: str, held: Sequence[Subscription]) -> Subscription | None:
    if text.isascii() and text.isdecimal():
        return held[int(text) - 1] if 0 < int(text) <= len(held) else None
    number = subjects.answer(text)
    keys = {f"{QUESTION}:{number}"} if number is not None else set()
    keys |= set(subjects.meant(_ALL.sub("", text) or text, services.advisor.reader, services.advisor.book))
    return next((s for s in held if s.key in keys), None)


def _ended(services: Services, event: Event, member: Member, found: Subscription) -> Turn:
    what = named(services, member.language, found.key)
    undo = Button(say(member.language, "watch.undo"), "watch.back", {"watch": found.id}, once=True)
    told = says(say(member.language, "watch.ended", what=what), ((undo,),))
    write = services.subscriptions.leave(member.id, found.id, event.at)
    return replace(told, writes=(write,), action="unwatch", target=found.kind)


def _stop(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    held = {s.id: s for s in services.subscriptions.of(member.id)}
    found = held.get(int(arguments["watch"]))
    if found is None:
        raise BadInput(say(member.language, "ask.gone"))
    return _ended(services, event, member, found)


def _stop_key(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    found = next((s for s in services.subscriptions.of(member.id) if s.key == arguments["key"]), None)
    if found is None:
        raise BadInput(say(member.language, "ask.gone"))
    return _ended(services, event, member, found)


def _back(services: Services, _event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    number = int(arguments["watch"])
    key = services.subscriptions.key(member.id, number)
    if key is None or key in {s.key for s in services.subscriptions.of(member.id)}:
        raise BadInput(say(member.language, "ask.gone"))
    told = says(say(member.language, "watch.back", what=named(services, member.language, key)))
    return replace(told, writes=(services.subscriptions.take_up(member.id, number),), action="watch", target=_sort(key))


# ---------------------------------------------------------------- the calendar


def calendar(services: Services, event: Event, member: Member) -> Turn:
    """Coming dates, with the answers that hang on each: for a person their own, for staff how many of all."""
    text, lang = event.text.strip(), spoken(member.language)
    if text and not (text.isascii() and text.isdecimal() and 0 < int(text) <= FARTHEST):
        return says(say(member.language, "calendar.usage"))
    today = services.today()
    last = today + timedelta(days=int(text or AHEAD))
    book = services.advisor.book
    state = of_book(book, today, services.settings.home_country)
    events = coming(state, book, today + timedelta(days=1), last)
    span = {"first": today.isoformat(), "last": last.isoformat()}
    if not events:
        return says(say(member.language, "calendar.none", **span))
    mine = hanging(services, member.language, today, last, member.id)
    parts: list[Rich | str] = [bold(say(member.language, "calendar.title", **span))]
    for day in sorted({e.day for e in events}):
        lines: list[Rich | str] = [
            bold(day.isoformat()),
            *("• " + summary(e, book, lang) for e in events if e.day == day),
        ]
        if day in mine:
            numbers = ", ".join(f"#{n}" for n, _ in mine[day][:8])
            lines.append(say(member.language, "calendar.mine", n=len(mine[day]), numbers=numbers))
        if member.role.may(Role.STAFF):
            every = [a for a in services.alerts.alerts.ahead(today, last) if a[2] == day]
            if every:
                lines.append(say(member.language, "calendar.all", n=len(every), people=len({a[1] for a in every})))
        parts.append(joined(lines))
    file = ics(events, book, lang, event.at, {d: [line for _, line in own] for d, own in mine.items()})
    attached = Say(Rich(say(member.language, "calendar.file")), file=("navicert.ics", file))
    return Turn((Say(joined(parts, "\n\n")), attached))


def hanging(
    services: Services, lang: str, today: date, last: date, person: int
) -> Mapping[date, list[tuple[int, str]]]:
    """A person's answers that will be otherwise, by the day: number and line."""
    found: dict[date, list[tuple[int, str]]] = {}
    for number, _, day, raw in services.alerts.alerts.ahead(today, last, person):
        flip = loaded(dict(raw))
        before, after = (law_says(spoken(lang), f"verdict.{v}") for v in (flip.before, flip.after))
        found.setdefault(day, []).append(
            (number, say(lang, "calendar.case", number=number, before=before, after=after))
        )
    return found


ROOM = Room(
    commands={
        "watch": Command(watch, Role.EXPORTER),
        "watches": Command(watches, Role.EXPORTER),
        "unwatch": Command(unwatch, Role.EXPORTER),
        "calendar": Command(calendar, Role.EXPORTER),
    },
    actions={
        "watch.key": Pressed(_chosen, Role.EXPORTER),
        "watch.named": Pressed(_named, Role.EXPORTER),
        "watch.stop": Pressed(_stop, Role.EXPORTER),
        "watch.stop_key": Pressed(_stop_key, Role.EXPORTER),
        "watch.back": Pressed(_back, Role.EXPORTER),
        "watch.choose": Pressed(_chose, Role.EXPORTER),
    },
)
