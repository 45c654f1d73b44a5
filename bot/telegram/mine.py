"""A person's own cases: the open one, the others, a step back, another day, and forgetting all of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, clean, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import ask
from bot.telegram.events import Button, Event, Member, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.route import route
from knowledge.errors import BadInput
from knowledge.store.audit_holds import Holds
from knowledge.store.cases import Asked, Case
from knowledge.wording import say as law_says

LISTED = 10
"""Cases that /cases shows."""


def case(services: Services, event: Event, member: Member) -> Turn:
    """The open case: what is known of the deal, what was asked and answered."""
    sitting = services.cases.sitting(event.chat.id, member.id)
    last = services.cases.last(sitting.case) if sitting.case is not None else None
    if last is None:
        return says(say(member.language, "mine.no_case"))
    asked = services.cases.asked(last.case)
    history = [_line(a, before) for a, before in zip(asked, (None, *asked), strict=False)][-LISTED:]
    day = say(member.language, "ask.as_of_note", day=sitting.as_of.isoformat()) if sitting.as_of else ""
    row = (
        Button(say(member.language, "mine.show"), "mine.open", {"case": last.case}),
        Button(say(member.language, "mine.undo"), "mine.undo", {"question": last.id}, once=True),
        Button(say(member.language, "ask.new"), "ask.new", {"question": last.id}),
    )
    return says(joined((day, route(last.answer), joined(history)), "\n\n"), (row,))


def _line(asked: Asked, before: Asked | None) -> Rich:
    """A step of the case; what a button or another day changed was not written anew."""
    words = clean(asked.text).replace("\n", " ")
    short = words if len(words) <= 80 else words[:79] + "…"
    if before is not None and before.text == asked.text:
        key = "same_words" if before.on == asked.on else "same_words_on"
        short = "↳ " + say(asked.language, f"mine.{key}", day=asked.on.isoformat())
    return (
        Rich(f"{asked.asked_at:%Y-%m-%d} ") + bold(law_says(asked.language, f"verdict.{asked.verdict}")) + f"  {short}"
    )


def cases(services: Services, event: Event, member: Member) -> Turn:
    """The newest cases, each with a button that goes on with it."""
    found = services.cases.of_person(member.id, event.chat.id, LISTED)
    if not found:
        return says(say(member.language, "mine.no_cases"))
    rows = tuple((Button(_label(c), "mine.open", {"case": c.id}),) for c in found)
    return says(say(member.language, "mine.which"), rows)


def _label(found: Case) -> str:
    return f"{found.changed_at:%Y-%m-%d} {clean(found.title)}"[:60]


def _open(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    found = services.cases.case(int(arguments["case"]))
    if found is None or found.person != member.id:
        raise BadInput(say(member.language, "ask.gone"))
    return ask.opened(services, event, member, found)


def new(services: Services, event: Event, member: Member) -> Turn:
    """A new case."""
    return ask.fresh(services, event, member)


def undo(services: Services, event: Event, member: Member) -> Turn:
    """Take the last message back: the case stands where it stood before."""
    sitting = services.cases.sitting(event.chat.id, member.id)
    last = services.cases.last(sitting.case) if sitting.case is not None else None
    if last is None:
        return says(say(member.language, "mine.nothing_to_undo"))
    return _taken_back(services, event, member, last)


def _undo(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    return _taken_back(services, event, member, ask.own(services, member, arguments))


def _taken_back(services: Services, event: Event, member: Member, last: Asked) -> Turn:
    back = services.cases.take_back(last.id, by=member.id, at=event.at)
    left = [a for a in services.cases.asked(last.case) if a.id != last.id]
    if not left:
        turn = ask.fresh(services, event, member)
        return replace(turn, writes=(back, *turn.writes))
    told = bold(say(member.language, "mine.undone")) + "\n\n"
    shown = ask.shown(services, event, left[-1].answer, left[-1].id)
    return Turn((replace(shown, text=told + shown.text),), writes=(back,))


def as_of(services: Services, event: Event, member: Member) -> Turn:
    """`/asof 2026-09-01`: read the law as of that day, for the open case and the next ones; `/asof today` ends it."""
    sitting = services.cases.sitting(event.chat.id, member.id)
    last = services.cases.last(sitting.case) if sitting.case is not None else None
    if event.text.strip():
        return ask.on_day(services, event, member, last, event.text)
    waiting = replace(sitting, awaiting={"what": "mine.day"})
    return replace(says(say(member.language, "ask.which_day")), writes=(services.cases.sit(waiting, event.at),))


def _day(services: Services, event: Event, member: Member, _awaiting: Mapping[str, Any]) -> Turn:
    return as_of(services, event, member)


# ---------------------------------------------------------------- forgetting


def forget(services: Services, event: Event, member: Member) -> Turn:
    """All that a person asked here is removed, after they have confirmed it."""
    lang = member.language
    row = (
        Button(say(lang, "mine.forget_yes"), "mine.forget", {}, once=True),
        Button(say(lang, "mine.forget_no"), "mine.keep", {}),
    )
    return says(say(lang, "mine.forget"), (row,))


def _forget(services: Services, event: Event, member: Member, _arguments: Mapping[str, Any]) -> Turn:
    writes = (
        services.cases.forget(member.id, event.at),
        services.people.put(member.id, event.at, consented_at=None, language=""),
        services.subscriptions.forget(member.id),
    )
    kept = Holds(services.database).of_person(member.id)
    words = say(member.language, "mine.forgotten")
    if kept.reasons:
        why = "; ".join(clean(reason) for reason in kept.reasons)
        words = say(member.language, "mine.forgotten_but_held", n=kept.questions, why=why)
    told = says(words)
    return replace(told, writes=writes, action="forget", target=f"person:{member.id}", keep_buttons=False)


def _keep(services: Services, event: Event, member: Member, _arguments: Mapping[str, Any]) -> Turn:
    return Turn(toast=say(member.language, "mine.kept"), keep_buttons=False)


ROOM = Room(
    commands={
        "new": Command(new, Role.EXPORTER, in_groups=True),
        "case": Command(case, Role.EXPORTER),
        "cases": Command(cases, Role.EXPORTER),
        "asof": Command(as_of, Role.EXPORTER, in_groups=True),
        "undo": Command(undo, Role.EXPORTER, in_groups=True),
        "forget": Command(forget, Role.EXPORTER),
    },
    actions={
        "mine.open": Pressed(_open, Role.EXPORTER),
        "mine.undo": Pressed(_undo, Role.EXPORTER),
        "mine.forget": Pressed(_forget, Role.EXPORTER),
        "mine.keep": Pressed(_keep, Role.EXPORTER),
    },
    awaited={"mine.day": Pressed(_day, Role.EXPORTER)},
)
