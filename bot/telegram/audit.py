"""The trail of what was done and refused in the chat."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram.admin_pages import page, refused
from bot.telegram.events import Button, Event, Member, Rows, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import moment, one_line
from knowledge.store.people import Deed

SHOWN = 25  # lines in one message
EXPORTED = 20_000  # lines in one file
COLUMNS = ("number", "time_utc", "person", "name", "role", "action", "target", "outcome", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, the full-width forms too."""


def audit(services: Services, event: Event, member: Member) -> Turn:
    """`/audit`, `/audit refused` or `/audit export`."""
    wanted = event.text.strip().lower()
    if wanted == "export":
        return export(services, event, member, {})
    if wanted not in ("", "refused"):
        return refused(say(member.language, "audit.usage"), "audit")
    return _page(services, event, member, only_refused=wanted == "refused")


def show(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """The newest lines, from a button."""
    return _page(services, event, member, only_refused=bool(values.get("refused")))


def _page(services: Services, event: Event, member: Member, *, only_refused: bool) -> Turn:
    lang = member.language
    deeds = services.people.trail(SHOWN, refused=only_refused)
    names = _names(services)
    lines: list[Rich | str] = [bold(say(lang, "audit.refused" if only_refused else "audit.title"))]
    lines += [_line(deed, names) for deed in deeds] or [say(lang, "audit.nothing")]
    other = Button(say(lang, "audit.show_all" if only_refused else "audit.show_refused"), "audit.show", {"refused": not only_refused})  # fmt: skip
    rows: Rows = ((other, Button(say(lang, "audit.export"), "audit.export")),)
    return replace(page(event, joined(lines), rows), action="audit", target="refused" if only_refused else "")


def _names(services: Services) -> dict[int, str]:
    return {k.id: one_line(k.name, 40) for k in services.people.all()}


def _line(deed: Deed, names: Mapping[int, str]) -> Rich:
    mark = "✓" if deed.outcome == "done" else "✗"
    who = names.get(deed.person) or str(deed.person)
    said = " · ".join(one_line(w, 80) for w in (deed.target, deed.detail) if w)
    return (
        Rich(f"{mark} {moment(deed.at)[5:16]} {who}: ") + bold(one_line(deed.action, 60)) + (f" {said}" if said else "")
    )


def export(services: Services, _event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """The trail as a file for a spreadsheet."""
    deeds = services.people.trail(EXPORTED)
    names = {k.id: k.name for k in services.people.all()}
    caption = say(member.language, "audit.caption", n=len(deeds))
    file = (f"navicert-audit-{services.now():%Y-%m-%d}.csv", as_csv(deeds, names))
    return replace(says(caption, file=file), action="audit.export", target=f"{len(deeds)} lines")


def as_csv(deeds: tuple[Deed, ...], names: Mapping[int, str]) -> bytes:
    """The lines in UTF-8 with a byte order mark, which spreadsheets want for Chinese, newest first."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for d in deeds:
        cells = (str(d.id), f"{d.at:%Y-%m-%d %H:%M:%S}", str(d.person), names.get(d.person, ""), d.role)
        writer.writerow(cell(c) for c in (*cells, d.action, d.target, d.outcome, d.detail))
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe before what could be one."""
    plain = text.replace("\0", "")
    return (
        f"'{plain}" if plain.lstrip(" \u00a0\u3000\ufeff").startswith(_FORMULA) or plain.startswith(_FORMULA) else plain
    )


ROOM = Room(
    commands={"audit": Command(audit, Role.ADMIN)},
    actions={"audit.show": Pressed(show, Role.ADMIN), "audit.export": Pressed(export, Role.ADMIN)},
)
