"""A message to the people whose recorded answers a change of law touches. Nothing goes out before it is confirmed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, clean, joined, quote, units
from bot.roles import Role
from bot.services import Services
from bot.telegram.admin_pages import page, refused
from bot.telegram.events import Button, Event, Member, Say, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import one_line
from knowledge.store.affected import SENT, Affected

LONGEST = 3000  # units of the admin's words, of the 4096 that Telegram takes
_SUBJECT = re.compile(r"(?=\S*[\d-])\w[\w.:/()（）《》-]{1,79}\Z")  # CN-2025-18, 1C905.b, CN-出口管制法


def broadcast(services: Services, event: Event, member: Member) -> Turn:
    """`/broadcast INSTRUMENT-or-CODE message`; without a message the next one is it."""
    lang, words = member.language, event.text.split(None, 1)
    if not words:
        return says(say(lang, "broadcast.usage"))
    subject = words[0].strip(",;，；")
    if not _SUBJECT.match(subject):
        return refused(joined((say(lang, "broadcast.no_subject", said=one_line(subject, 60)), say(lang, "broadcast.usage"))), "broadcast")  # fmt: skip
    # CN:1C905 says whose list a code is of; an answer holds the bare code
    subjects = [subject.rpartition(":")[2] or subject]
    if len(words) == 1:
        return _ask(services, event, member, subjects)
    return _preview(services, event, member, subjects, clean(words[1]).strip())


def offer(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """From the end of an ingest, with what it changed."""
    return _ask(services, event, member, [str(s) for s in values["subjects"]])


def awaited(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """The words of the message."""
    if not event.text.strip():
        return says(say(member.language, "broadcast.only_text"))
    turn = _preview(services, event, member, [str(s) for s in values["subjects"]], clean(event.text).strip())
    if turn.outcome == "refused":
        return turn
    sitting = services.cases.sitting(event.chat.id, member.id)
    return replace(turn, writes=(*turn.writes, services.cases.sit(replace(sitting, awaiting={}), event.at)))


def _readers(services: Services, subjects: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """The people affected who may still use Navicert, each with the language they chose, else of their answer."""
    now, found = services.now(), []
    for person, language in Affected(services.database).people(subjects).items():
        known = services.people.get(person)
        if known is not None and known.holds(now):
            found.append((person, known.language if known.language in ("en", "zh") else language))
    return tuple(found)


def _nobody(lang: str, subjects: Sequence[str]) -> Turn:
    return says(say(lang, "broadcast.nobody", subjects=_named(subjects)))


def _named(subjects: Sequence[str]) -> str:
    return ", ".join(one_line(s, 60) for s in subjects[:8]) + (" …" if len(subjects) > 8 else "")


def _ask(services: Services, event: Event, member: Member, subjects: list[str]) -> Turn:
    lang, readers = member.language, _readers(services, subjects)
    if not readers:
        return _nobody(lang, subjects)
    sitting = services.cases.sitting(event.chat.id, member.id)
    wait = services.cases.sit(
        replace(sitting, awaiting={"what": "broadcast.text", "subjects": subjects}), services.now()
    )
    return replace(says(say(lang, "broadcast.ask", n=len(readers), subjects=_named(subjects))), writes=(wait,))


def _preview(services: Services, event: Event, member: Member, subjects: list[str], text: str) -> Turn:
    lang = member.language
    if units(text) > LONGEST:
        return refused(say(lang, "broadcast.too_long", most=LONGEST, n=units(text)), "broadcast", _named(subjects))
    readers = _readers(services, subjects)
    if not readers:
        return _nobody(lang, subjects)
    counts = {own: sum(language == own for _, language in readers) for own in ("en", "zh")}
    frames = (say(own, "broadcast.framing", subjects=_named(subjects)) for own, n in counts.items() if n)
    told = say(lang, "broadcast.preview", n=len(readers), en=counts["en"], zh=counts["zh"], subjects=_named(subjects))
    kept = {"subjects": subjects, "text": text, "key": f"{event.chat.id}-{event.update}"}
    yes = Button(say(lang, "broadcast.send", n=len(readers)), "broadcast.send", kept, once=True)
    no = Button(say(lang, "broadcast.leave"), "broadcast.leave", once=True)
    return says(joined((bold(told), *frames, quote(text))), ((yes, no),))


def send(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Send it: once to each, to the private chat, in the reader's language."""
    lang, now = member.language, services.now()
    subjects, text, key = [str(s) for s in values["subjects"]], str(values["text"]), str(values["key"])
    readers = _readers(services, subjects)  # as of now: somebody may have been revoked since the preview
    if not readers:
        return _nobody(lang, subjects)
    told = tuple(Say(_worded(own, subjects, text), chat=person, about=f"broadcast:{key}") for person, own in readers)
    line = services.people.note(now, member.id, str(member.role), SENT, key, detail=f"{len(readers)} people")
    done = page(
        event, joined((bold(say(lang, "broadcast.sent", n=len(readers), subjects=_named(subjects))), quote(text)))
    )
    return Turn(
        (*done.says, *told), writes=(Affected(services.database).once(key, line),), action="broadcast.send",
        target=f"{_named(subjects)}: {len(readers)} people", keep_buttons=False,
    )  # fmt: skip


def _worded(own: str, subjects: Sequence[str], text: str) -> Rich:
    return joined((bold(say(own, "broadcast.framing", subjects=_named(subjects))), text, say(own, "broadcast.foot")))


def leave(_services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """Nothing is sent."""
    return page(event, say(member.language, "broadcast.left"))


ROOM = Room(
    commands={"broadcast": Command(broadcast, Role.ADMIN)},
    actions={
        "broadcast.offer": Pressed(offer, Role.ADMIN),
        "broadcast.send": Pressed(send, Role.ADMIN),
        "broadcast.leave": Pressed(leave, Role.ADMIN),
    },
    awaited={"broadcast.text": Pressed(awaited, Role.ADMIN)},
)
