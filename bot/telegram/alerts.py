"""Tells people, once each and in private, what has flipped; and staff what a run found."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.locales import say
from bot.roles import Role
from bot.services import Services
from bot.telegram import ask, pages
from bot.telegram.alert_pages import digest, told
from bot.telegram.events import Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.rooms import Pressed, Room
from knowledge.errors import BadInput, Busy
from knowledge.store.alert_rows import Alert
from knowledge.store.cases import Asked
from knowledge.store.database import Write
from knowledge.store.people import Known

LOOK = 30.0
"""Seconds between two looks at whether anything has changed: an ingest, the rules of a new start, the day."""
TELL = 5.0
AT_ONCE = 20
"""People who are told in one transaction."""
BUTTONS = 6


def look(services: Services) -> Turn:
    """Find what has flipped; it waits in the database until it is told."""
    if services.alerts.needed():
        with suppress(Busy):  # another process is at it
            services.alerts.look(services.now(), services.today())
    return Turn()


def tell(services: Services) -> Turn:
    """The messages that are due, with the marks that they are told: one transaction."""
    store, now = services.alerts.alerts, services.now()
    waiting = store.waiting()
    people = list(dict.fromkeys(a.person for a in waiting))[:AT_ONCE]
    mine = [a for a in waiting if a.person in people]
    followed, asked = services.subscriptions.of_questions(), _asked(services, mine)
    said: list[Say] = []
    gone: list[int] = []
    heard: list[int] = []
    for person in people:
        theirs = [a for a in mine if a.person == person]
        known = services.people.get(person)
        numbers = followed.get(person, frozenset())
        wanted = [a for a in theirs if _wants(services, known, a, asked, numbers, now, services.today())]
        gone += [a.id for a in theirs if a not in wanted]
        heard += [a.id for a in wanted]
        for lang in ("en", "zh"):
            own = [a for a in wanted if _language(a, known) == lang]
            if own:
                said.append(_message(services, person, lang, own, asked))
    writes: list[Write] = [store.tell(heard, now)] if heard else []
    writes += [store.tell(gone, now, "dropped")] if gone else []
    told_staff, marks = _digests(services, now) if not waiting else ((), ())
    return Turn((*said, *told_staff), writes=(*writes, *marks))


def _asked(services: Services, alerts: Sequence[Alert]) -> Mapping[int, Asked]:
    numbers = {a.question for a in alerts if a.question is not None}
    return {n: found for n in numbers if (found := services.cases.question(n)) is not None}


def _wants(
    services: Services,
    known: Known | None,
    alert: Alert,
    asked: Mapping[int, Asked],
    followed: frozenset[int],
    now: datetime,
    today: date,
) -> bool:
    """May and does this person hear of it: the role holds, they agreed to recording, and did not turn it off."""
    if known is None or not known.holds(now) or known.consented_at is None:
        return False
    if alert.question is None:
        return True
    found = asked.get(alert.question)
    if found is None or found.undone:
        return False
    if alert.kind == "ahead" and alert.body["turn"] <= today.isoformat():
        return False  # the bot was down until the day had come: what flipped then is told as such
    recent = found.asked_at >= now - services.alerts.period and services.subscriptions.answers(alert.person)
    return recent or alert.question in followed


def _language(alert: Alert, known: Known | None) -> str:
    """That of the answer; of what is watched, the one that the person has chosen by now."""
    chosen = known.language if alert.question is None and known is not None else ""
    return "zh" if (chosen or alert.language) == "zh" else "en"


def _message(services: Services, person: int, lang: str, alerts: Sequence[Alert], asked: Mapping[int, Asked]) -> Say:
    texts = {n: (a.text, a.asked_at.astimezone().date().isoformat()) for n, a in asked.items()}
    rows: Rows = tuple(
        (Button(say(lang, "alert.again", number=a.question), "alert.again", {"question": a.question}),)
        for a in alerts
        if a.kind == "flip"
    )[:BUTTONS]
    text = told(services.advisor.book, lang, alerts, texts, services.today())
    return Say(text, rows, chat=person, buttons_for=person, about=f"alert:{alerts[0].id}")


def _digests(services: Services, now: datetime) -> tuple[tuple[Say, ...], tuple[Write, ...]]:
    """The digest of the oldest run that staff have not had; nothing is said of one that touched nobody."""
    runs = services.alerts.alerts.untold_runs()
    if not runs:
        return (), ()
    run, found = runs[0], services.alerts.alerts.of_run(runs[0].id)
    mark = services.alerts.alerts.digest(run.id, now)
    if not any(a.kind in ("flip", "ahead") for a in found):
        return (), (mark,)
    staff = [k for role in (Role.STAFF, Role.ADMIN) for k in services.people.with_role(role, now)]
    said = []
    for known in staff:
        lang = known.language if known.language in ("en", "zh") else "en"
        rows: Rows = tuple(
            (Button(say(lang, "alert.show", number=a.question), "alert.show", {"question": a.question}),)
            for a in found
            if a.kind == "flip"
        )[:BUTTONS]
        said.append(
            Say(digest(lang, run, found), rows, chat=known.id, buttons_for=known.id, about=f"alert-run:{run.id}")
        )
    return tuple(said), (mark,)


# ---------------------------------------------------------------- buttons


def again(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    """The answer as of today, kept as the newest of its case."""
    asked = ask.own(services, member, arguments)
    held = services.alerts.alerts.of([asked.id])
    deal = held[0].asked.deal if held else asked.answer.transaction
    if deal == asked.answer.transaction:
        return ask.on_day(services, event, member, asked, "today")
    # A party is on a list now, or on none any more: the deal is not the one that was kept.
    answer = services.answers_for(member.id).again(asked.answer, services.today(), deal=deal)
    sitting = services.cases.sitting(event.chat.id, member.id)
    return ask.kept(services, event, member, replace(sitting, case=asked.case, as_of=None), answer, None, goes_on=True)


def show(services: Services, _event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    """For staff: the answer as it was given."""
    asked = services.cases.question(int(arguments["question"]))
    if asked is None:
        raise BadInput(say(member.language, "ask.gone"))
    return says(pages.full(asked.answer), reply=True)


ROOM = Room(
    actions={"alert.again": Pressed(again, Role.EXPORTER), "alert.show": Pressed(show, Role.STAFF)},
    chores={"alerts.look": (LOOK, look), "alerts.tell": (TELL, tell)},
)
