"""What the asker says of an answer: right, wrong with a reason, ask a colleague; and the memo to keep."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.locales import say
from bot.memo.issue import Order, issue
from bot.rich import Rich
from bot.roles import Role
from bot.services import Services
from bot.telegram import ask
from bot.telegram.events import Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.rooms import Pressed, Room
from knowledge.store.cases import Asked

NOTE = 2000
"""Characters of a reason or a note that are kept."""


def _right(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    asked = ask.own(services, member, arguments)
    mark = services.cases.mark(asked.id, "right", by=member.id, at=event.at)
    return Turn(
        toast=say(asked.language, "colleagues.thanks"), writes=(mark,), action="mark.right", target=_name(asked)
    )


def _wrong(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    """What is wrong with it? The next message says; staff look at both."""
    return _wait(services, event, member, ask.own(services, member, arguments), "wrong")


def _colleague(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    return _wait(services, event, member, ask.own(services, member, arguments), "escalated")


def _wait(services: Services, event: Event, member: Member, asked: Asked, kind: str) -> Turn:
    sitting = services.cases.sitting(event.chat.id, member.id)
    awaiting = {"what": "colleagues.note", "question": asked.id, "kind": kind}
    write = services.cases.sit(replace(sitting, awaiting=awaiting), event.at)
    return replace(says(say(asked.language, f"colleagues.why_{kind}")), writes=(write,))


def _note(services: Services, event: Event, member: Member, awaiting: Mapping[str, Any]) -> Turn:
    """The reason: kept with the answer, put into the staff's queue, and said to those who are there."""
    from bot.telegram.review import notify_staff
    from knowledge.store.reviews import Reviews

    asked = ask.own(services, member, awaiting)
    kind, words = str(awaiting["kind"]), event.text.strip()[:NOTE]
    if not words:  # a file
        return says(say(asked.language, f"colleagues.why_{kind}"))
    sitting = replace(services.cases.sitting(event.chat.id, member.id), awaiting={})
    # The colleague answers in private, also where the question was put in a group.
    chat = event.chat.id if event.chat.private else member.id
    writes = [
        services.cases.sit(sitting, event.at),
        Reviews(services.database).open(asked.id, kind, chat, member.id, words, event.at),
    ]
    if kind == "wrong":
        writes.append(services.cases.mark(asked.id, "wrong", words, by=member.id, at=event.at))
    told = notify_staff(services, asked, kind, words)
    key = f"colleagues.sent_{kind}" if told else "colleagues.nobody_yet"
    mine = Say(Rich(say(asked.language, key)))
    return Turn((mine, *told), writes=tuple(writes), action=f"review.{kind}", target=_name(asked))


def _memo(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    """The memo as a PDF; below it the buttons for the other formats."""
    asked = ask.own(services, member, arguments)
    made = issue(services.database, Order(asked.id, str(arguments.get("format", "pdf")), event.at, by=member.id))
    caption = Rich(say(asked.language, "memo.caption", number=asked.id, code=made.memo.code))
    rows: Rows = ()
    if "format" not in arguments:
        labels = {"docx": say(asked.language, "memo.as_docx"), "html": say(asked.language, "memo.as_html")}
        rows = (tuple(Button(labels[f], "ask.memo", {"question": asked.id, "format": f}) for f in labels),)
    file = (made.name, made.data)
    return Turn((Say(caption, rows, file=file, reply=True),), writes=(made.keep,), action="memo", target=_name(asked))


def _name(asked: Asked) -> str:
    return f"question:{asked.id}"


ROOM = Room(
    actions={
        "ask.right": Pressed(_right, Role.EXPORTER),
        "ask.wrong": Pressed(_wrong, Role.EXPORTER),
        "ask.colleague": Pressed(_colleague, Role.EXPORTER),
        "ask.memo": Pressed(_memo, Role.EXPORTER),
    },
    awaited={"colleagues.note": Pressed(_note, Role.EXPORTER)},
)
