"""The front door: who is it, what do they want, may they. Checks the role of every command and every press again."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.limits import FILES, NOISE, QUESTIONS, REFUSALS, Limits
from bot.locales import say
from bot.roles import Role
from bot.services import Services
from bot.telegram.events import Event, Member, Turn, says
from bot.telegram.rooms import Command, Handler, Pressed, Room
from knowledge.store.database import Write
from knowledge.store.people import Known
from knowledge.store.post import Keyboard

SEEN = 3600
"""Seconds after which it is noted again that somebody was here."""


class Front(Protocol):
    """What answers a message that is no command, no press and no answer to something asked."""

    @property
    def text(self) -> Handler:
        """A question."""
        ...

    @property
    def file(self) -> Handler:
        """A document without a command."""
        ...

    @property
    def other(self) -> Handler:
        """What cannot be read: a photo, a voice."""
        ...

    @property
    def inline(self) -> Handler:
        """A look-up from another chat."""
        ...


@dataclass
class Router:
    """Sends an event to its room. One for the process; `open_to_all` lets strangers ask as exporters."""

    services: Services
    rooms: Sequence[Room]
    front: Front
    open_to_all: bool = False
    _limits: Limits = field(default_factory=Limits)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.commands: Mapping[str, Command] = _together(room.commands for room in self.rooms)
        self.actions: Mapping[str, Pressed] = _together(room.actions for room in self.rooms)
        self.awaited: Mapping[str, Pressed] = _together(room.awaited for room in self.rooms)

    # ------------------------------------------------------------ who

    def member(self, event: Event) -> Member:
        """The person with the role that holds now."""
        known = self.services.people.get(event.person.id)
        role, lang = self._role(known, event), _language(known, event)
        return Member(
            event.person, role, lang, consented=bool(known and known.consented_at),
            chose=bool(known and known.language == lang), known=known,
        )  # fmt: skip

    def _role(self, known: Known | None, event: Event) -> Role:
        if event.person.is_bot:
            return Role.STRANGER
        if known is not None and known.revoked_at is not None:
            return Role.STRANGER
        if (
            known is not None
            and known.holds(event.at)
            and (self.open_to_all or known.role != Role.EXPORTER or _invited(known))
        ):
            return Role(known.role)
        return Role.EXPORTER if self.open_to_all else Role.STRANGER

    # ------------------------------------------------------------ what

    def handle(self, event: Event, member: Member) -> Turn:
        """What is to be done for this person, as `member` found them. Raises NavicertError for what they got wrong; its
        text is for them."""
        if event.person.is_bot or event.chat.kind == "channel":
            with self._lock:  # a busy channel is noted, and does not fill the trail
                often = self._limits.take(event.chat.id, "noise", NOISE, event.at) > 0
            return (
                Turn(outcome="refused")
                if often
                else self._noted(event, Role.STRANGER, f"{event.kind} of a bot or channel")
            )
        if event.kind == "inline":
            return self.front.inline(self.services, event, member)
        if event.kind == "edited":
            return self._edited(event, member)
        if event.kind == "button":
            return self._pressed(event, member)
        if not event.addressed:
            return Turn()
        turn = self._command(event, member) if event.kind == "command" else self._message(event, member)
        return self._seen(turn, event, member.known)

    def _command(self, event: Event, member: Member) -> Turn:
        command = self.commands.get(event.command)
        if command is None:
            if not member.role.may(Role.EXPORTER):
                return self._stranger(event, member)
            return (
                says(say(member.language, "door.unknown_command", command=event.command[:40]))
                if event.chat.private
                else Turn()
            )
        if not member.role.may(command.needs):
            return self._refused(event, member, f"/{event.command}")
        if not event.chat.private and not command.in_groups:
            return Turn() if self._silent(event) else says(say(member.language, "door.in_private"), reply=True)
        if not member.role.may(Role.EXPORTER):
            return self._at_the_door(command, event, member)
        if waited := self._over(event, member):
            return waited
        let_go = () if event.command == "cancel" else self._without_awaiting(event, member)
        return _with(command.handle(self.services, event, member), let_go)

    def _at_the_door(self, command: Command, event: Event, member: Member) -> Turn:
        """What a stranger may do, which is to come in. Who tries one code after the other is soon told no more."""
        turn = command.handle(self.services, event, member)
        return turn if turn.action or not self._silent(event) else replace(turn, says=())

    def _without_awaiting(self, event: Event, member: Member) -> tuple[Write, ...]:
        """A command lets go of what the bot had asked; the room that runs may ask anew, and is written after."""
        sitting = self.services.cases.sitting(event.chat.id, member.id)
        if not sitting.awaiting:
            return ()
        return (self.services.cases.sit(replace(sitting, awaiting={}), event.at),)

    def _message(self, event: Event, member: Member) -> Turn:
        if not member.role.may(Role.EXPORTER):
            return self._stranger(event, member)
        if waited := self._over(event, member):
            return waited
        awaiting = (
            self.services.cases.sitting(event.chat.id, member.id).awaiting if event.kind in ("text", "file") else {}
        )
        wanted = self.awaited.get(str(awaiting.get("what", "")))
        if wanted is not None and member.role.may(wanted.needs):
            return wanted.handle(self.services, event, member, awaiting)
        answer = {"text": self.front.text, "file": self.front.file}.get(event.kind, self.front.other)
        return answer(self.services, event, member)

    def _over(self, event: Event, member: Member) -> Turn | None:
        what, allowance = ("command", QUESTIONS) if event.kind == "command" else ("text", QUESTIONS)
        if event.kind == "file" and member.role is Role.EXPORTER:
            what, allowance = "file", FILES
        with self._lock:
            wait = self._limits.take(member.id, what, allowance, event.at)
            told = not wait or self._limits.take(member.id, "told", REFUSALS, event.at)
        if not wait:
            return None
        key = "door.slow_file" if what == "file" else "door.slow_text"
        return Turn() if told else says(say(member.language, key, seconds=math.ceil(wait)), reply=True)

    def _edited(self, event: Event, member: Member) -> Turn:
        """An edit changes nothing that was answered, and runs nothing."""
        if event.text.startswith("/"):
            return self._noted(event, member.role, "edited command")
        if not event.chat.private or not member.role.may(Role.EXPORTER) or self._silent(event):
            return Turn()
        return says(say(member.language, "door.edited"), reply=True)

    # ------------------------------------------------------------ buttons

    def _pressed(self, event: Event, member: Member) -> Turn:
        id_, _, number = event.pressed.partition(":")
        ours = number.isascii() and number.isdecimal() and len(event.pressed) <= 64
        board = self.services.post.keyboard(id_) if ours else None
        button = _button(board, number, event, member)
        if board is None or button is None:
            return self._denied(event, member, "button not made for this person and chat")
        wanted = self.actions.get(str(button["action"]))
        if wanted is None or board.expires_at < event.at:
            return Turn(toast=say(member.language, "door.old_button"), alert=True)
        if not member.role.may(wanted.needs):
            return self._denied(event, member, str(button["action"]))
        if button.get("once") and int(number) in board.used:
            return self._denied(event, member, f"{button['action']} pressed before", "door.pressed_before")
        turn = wanted.handle(self.services, event, member, button["arguments"])
        if button.get("once"):
            used = say(member.language, "door.pressed_before")
            turn = _with(turn, (self.services.post.use(board.id, int(number), used),))
        return self._seen(turn, event, member.known)

    # ------------------------------------------------------------ refusals

    def _stranger(self, event: Event, member: Member) -> Turn:
        noted = self._noted(event, member.role, f"{event.kind} of a stranger")
        if self._silent(event) or not event.chat.private:
            return noted
        return replace(noted, says=says(say(member.language, "door.stranger", id=member.id)).says)

    def _refused(self, event: Event, member: Member, what: str) -> Turn:
        noted = self._noted(event, member.role, what)
        if self._silent(event):
            return noted
        key = "door.refused" if member.role.may(Role.EXPORTER) else "door.stranger"
        return replace(noted, says=says(say(member.language, key, id=member.id), reply=True).says)

    def _denied(self, event: Event, member: Member, what: str, told: str = "door.not_your_button") -> Turn:
        noted = self._noted(event, member.role, what)
        return replace(noted, toast=say(member.language, told), alert=True)

    def _noted(self, event: Event, role: Role, what: str) -> Turn:
        note = self.services.people.note(event.at, event.person.id, role, what, f"chat {event.chat.id}", "refused")
        return Turn(writes=(note,), outcome="refused", target=what)

    def _silent(self, event: Event) -> bool:
        """Has this person been told often enough for now?"""
        with self._lock:
            return self._limits.take(event.person.id, "told", REFUSALS, event.at) > 0

    def _seen(self, turn: Turn, event: Event, known: Known | None) -> Turn:
        if known is None or (known.seen_at is not None and (event.at - known.seen_at).total_seconds() < SEEN):
            return turn
        name = {"name": event.person.name[:80], "username": event.person.username[:40]}
        return _with(turn, (self.services.people.put(known.id, event.at, seen_at=event.at, **name),))


def _invited(known: Known) -> bool:
    return known.invited_by is not None or known.role != Role.EXPORTER


def _language(known: Known | None, event: Event) -> str:
    """The language that was chosen, else the client's."""
    if known is not None and known.language in ("en", "zh"):
        return known.language
    return "zh" if event.person.language.lower().startswith("zh") else "en"


def _button(board: Keyboard | None, number: str, event: Event, member: Member) -> Mapping[str, Any] | None:
    """The button that was pressed, where this person may press it in this chat."""
    if board is None or board.chat != event.chat.id or board.person not in (0, member.id):
        return None
    return board.buttons[int(number)] if int(number) < len(board.buttons) else None


def _with(turn: Turn, writes: Sequence[Write]) -> Turn:
    return replace(turn, writes=(*writes, *turn.writes)) if writes else turn


def _together(parts: Any) -> Mapping[str, Any]:
    """All names of all rooms. Raises ValueError where two rooms claim one."""
    found: dict[str, Any] = {}
    for part in parts:
        if twice := found.keys() & part.keys():
            raise ValueError(f"two rooms offer {sorted(twice)}")
        found.update(part)
    return found
