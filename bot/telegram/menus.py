"""The command menu of each role, in both languages."""

from bot.locales import say
from bot.roles import Role
from bot.telegram.rooms import Room


def rooms() -> tuple[Room, ...]:
    """Every room, in the order of the menu."""
    from bot.telegram import (
        alerts,
        ask,
        audit,
        broadcast,
        changes,
        colleagues,
        files,
        ingest,
        library,
        mine,
        review,
        staff_desk,
        stats,
        users,
        watches,
        welcome,
    )

    modules = (
        mine,
        watches,
        alerts,
        ask,
        colleagues,
        files,
        welcome,
        staff_desk,
        review,
        changes,
        stats,
        ingest,
        library,
        users,
        audit,
        broadcast,
    )
    return tuple(m.ROOM for m in modules)


def in_groups(lang: str) -> tuple[tuple[str, str], ...]:
    """The commands that may be used in a group."""
    names = [name for room in rooms() for name, command in room.commands.items() if command.in_groups]
    return tuple((name, say(lang, f"commands.{name}")) for name in names)


def offered(role: Role, lang: str) -> tuple[tuple[str, str], ...]:
    """The commands that a role finds in its menu, with what they do."""
    return tuple(
        (name, say(lang, f"commands.{name}"))
        for room in rooms()
        for name, command in room.commands.items()
        if role.may(command.needs) and not command.hidden
    )
