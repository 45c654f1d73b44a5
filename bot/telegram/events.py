"""What happened in a chat and what is to be done about it, as plain data: conversations know no framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.rich import Rich
from bot.roles import Role
from knowledge.store.database import Write
from knowledge.store.people import Known


@dataclass(frozen=True)
class Person:
    """Who writes, as Telegram tells: `language` is the client's (en, zh-hans) or empty."""

    id: int
    name: str
    username: str = ""
    language: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class Chat:
    """Where. `kind` is private, group or channel."""

    id: int
    kind: str = "private"
    title: str = ""

    @property
    def private(self) -> bool:
        """Between one person and the bot."""
        return self.kind == "private"


@dataclass(frozen=True)
class Attachment:
    """What came with a message. `kind` is document, photo, voice, or what else Telegram calls it; `size` in bytes."""

    kind: str
    file_id: str = ""
    name: str = ""
    size: int = 0
    media_type: str = ""


@dataclass(frozen=True)
class Event:
    """One thing that happened. `kind` is text, command, button, file, inline, edited, or other (to be refused kindly).

    `command` is without slash and bot name; `text` of a command is what follows it. `addressed`: in a private chat always,
    in a group where the bot was mentioned or replied to. `reply_to` is the message answered. `pressed` is a button's data.
    """

    update: int
    kind: str
    person: Person
    chat: Chat
    at: datetime
    text: str = ""
    command: str = ""
    message: int | None = None
    reply_to: int | None = None
    addressed: bool = True
    pressed: str = ""
    query: str = ""  # of a button press or inline query, for its answer
    attachment: Attachment | None = None
    thread: int | None = None  # the topic of a forum


@dataclass(frozen=True)
class Member:
    """The person with what Navicert knows of them. `language` is en or zh; `chose` tells that they have chosen it."""

    person: Person
    role: Role
    language: str
    consented: bool = False
    chose: bool = False
    known: Known | None = None

    @property
    def id(self) -> int:
        """Telegram's id of the person."""
        return self.person.id


@dataclass(frozen=True)
class Button:
    """A button: `action` names what a room does, `arguments` (plain JSON) are kept on this side. `once`: a second press does
    nothing. With `url` it opens a page and does not come back."""

    label: str
    action: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    once: bool = False
    url: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Say:
    """A message to send, or with `edit` to put in the place of one. `chat` is another chat than the event's; `buttons_for`
    another person than the event's, None where anyone of the needed role may press. `about` names what it shows
    ("question:12"), so that a reply to it can be understood. A long text goes out as several messages, the buttons under
    the last. `file` is sent as a document with the text as its caption (at most 1024 units)."""

    text: Rich
    buttons: Rows = ()
    chat: int | None = None
    buttons_for: int | None = 0  # 0: the event's person
    edit: int | None = None
    about: str = ""
    reply: bool = False
    file: tuple[str, bytes] | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Turn:
    """What a conversation answers with: all `writes` and the messages are kept in one transaction, then sent.

    `toast` is shown on a button press, as a window with `alert`. `results` answer an inline query, each (id, title,
    description, message). `action` and `outcome` go into the trail of what was done; none: nothing is noted.
    """

    says: tuple[Say, ...] = ()
    toast: str = ""
    alert: bool = False
    writes: tuple[Write, ...] = ()
    results: tuple[tuple[str, str, str, Rich], ...] | None = None
    action: str = ""
    target: str = ""
    outcome: str = "done"
    keep_buttons: bool = True  # of the message whose button was pressed
    answered: tuple[str, str] | None = None  # verdict and behaviour, to be counted


def says(text: Rich | str, buttons: Rows = (), **more: Any) -> Turn:
    """A turn of one message."""
    return Turn((Say(text if isinstance(text, Rich) else Rich(text), buttons, **more),))
