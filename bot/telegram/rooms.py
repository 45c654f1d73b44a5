"""What a conversation offers: commands, buttons, answers to what it asked, chores. The front door (router) knows only this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.roles import Role
from bot.services import Services
from bot.telegram.events import Event, Member, Turn

Handler = Callable[[Services, Event, Member], Turn]
"""What a command does. Runs in a thread, so it may compute and read the database; it may raise NavicertError, whose text
is shown to the person."""
Action = Callable[[Services, Event, Member, Mapping[str, Any]], Turn]
"""What a button does with the arguments that were kept for it, or an awaited message with what was kept in the sitting."""
Chore = Callable[[Services], Turn]
"""What is looked at now and then, without anybody asking; each Say names its chat."""


@dataclass(frozen=True)
class Command:
    """A command. `needs` is checked by the router each time. `in_groups`: it may be used there, where it shows nothing
    confidential. The catalogue describes it under `commands.NAME`; `hidden` ones are not in the menu."""

    handle: Handler
    needs: Role
    in_groups: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Pressed:
    """What a button's action does, and who may press it, whatever the button itself said when it was made."""

    handle: Action
    needs: Role


@dataclass(frozen=True)
class Room:
    """All that one conversation offers. Names of actions and awaited messages begin with the room's own name ("review.")."""

    commands: Mapping[str, Command] = field(default_factory=dict)
    actions: Mapping[str, Pressed] = field(default_factory=dict)
    awaited: Mapping[str, Pressed] = field(default_factory=dict)
    chores: Mapping[str, tuple[float, Chore]] = field(default_factory=dict)  # name -> (every so many seconds, chore)
