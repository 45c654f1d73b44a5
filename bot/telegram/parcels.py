"""A Turn -> what is written down for it: messages to send, buttons laid out, the trail. Knows no framework."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.rich import Rich, split
from bot.services import Services
from bot.telegram.entities import entities
from bot.telegram.events import Button, Event, Rows, Say, Turn
from knowledge.store.database import Write

LASTING = timedelta(days=90)
"""How long the buttons of a message work."""
LONGEST_LABEL = 64
"""Characters of a button."""
CAPTION = 1024
"""UTF-16 units of the text under a file."""
MESSAGE = 4096
"""UTF-16 units of a message."""


@dataclass(frozen=True)
class Made:
    """What a turn comes to: changes to commit together, and the chats that then have mail."""

    writes: tuple[Write, ...]
    chats: tuple[int, ...]


def made(services: Services, turn: Turn, event: Event | None, role: str, language: str) -> Made:
    """The changes of a turn, its messages among them; `event` None where nobody asked."""
    writes = list(turn.writes)
    at = event.at if event is not None else services.now()
    chats: list[int] = []
    for said in turn.says:
        chat = said.chat if said.chat is not None else event.chat.id if event is not None else None
        if chat is None:
            raise ValueError("a message that nobody asked for names no chat")
        writes += _writes(services, said, event, chat, language)
        chats.append(chat)
    if turn.action and event is not None:
        writes.append(services.people.note(at, event.person.id, role, turn.action, turn.target, turn.outcome))
    if event is not None:
        writes.append(services.post.done(event.update))
    return Made(tuple(writes), tuple(dict.fromkeys(chats)))


def _writes(services: Services, said: Say, event: Event | None, chat: int, language: str) -> Iterator[Write]:
    at = event.at if event is not None else services.now()
    here = event is not None and chat == event.chat.id
    parts = split(said.text, CAPTION if said.file else MESSAGE) or [said.text]
    for n, part in enumerate(parts):
        last = n == len(parts) - 1
        payload = _payload(part, said, language, first=n == 0)
        if here and event is not None:
            if n == 0 and said.reply and event.message is not None:
                payload["reply"] = event.message
            if event.thread is not None:
                payload["thread"] = event.thread
        if last and said.buttons:
            person = said.buttons_for if said.buttons_for != 0 else (event.person.id if event is not None else None)
            payload["keyboard"], lay = keyboard(services, Spot(chat, person, said.edit), said.buttons, at)
            yield lay
        target = said.edit if n == 0 else None
        after = event.message if here and event is not None else None
        yield services.post.put(chat, payload, at, about=said.about if last else "", after=after, target=target)


def _payload(part: Rich, said: Say, language: str, *, first: bool) -> dict[str, Any]:
    text, marks = entities(part)
    payload: dict[str, Any] = {"text": text, "entities": marks, "lang": language}
    if said.quiet:
        payload["quiet"] = True
    if said.file is not None and first:
        payload["file"] = [said.file[0], base64.b64encode(said.file[1]).decode()]
    return payload


@dataclass(frozen=True)
class Spot:
    """Where buttons lie: a chat, who may press them (None: whoever has the role), the message that is edited."""

    chat: int
    person: int | None
    edit: int | None


def keyboard(services: Services, spot: Spot, rows: Rows, at: datetime) -> tuple[list[list[dict[str, str]]], Write]:
    """The buttons as they are sent, which carry only an id, and the change that keeps what they do."""
    id_ = secrets.token_urlsafe(12)
    kept: list[dict[str, Any]] = []
    if spot.edit is not None:
        # A message that shows how work goes is edited again and again: the same buttons under it are kept once.
        said = json.dumps([spot.chat, spot.person, spot.edit, [[asdict(b) for b in row] for row in rows]])
        id_ = hashlib.sha256(said.encode()).hexdigest()[:16]
    sent = [[_button(button, id_, kept) for button in row] for row in rows]
    return sent, services.post.lay(id_, spot.chat, spot.person, kept, at, at + LASTING)


def _button(button: Button, id_: str, kept: list[dict[str, Any]]) -> dict[str, str]:
    label = button.label if len(button.label) <= LONGEST_LABEL else button.label[: LONGEST_LABEL - 1] + "…"
    if button.url:
        return {"text": label, "url": button.url}
    kept.append({"action": button.action, "arguments": dict(button.arguments), "once": button.once})
    return {"text": label, "data": f"{id_}:{len(kept) - 1}"}
