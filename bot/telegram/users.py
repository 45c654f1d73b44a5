"""Who may use Navicert: invitations, roles, and taking them back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, code, joined, link
from bot.roles import Role
from bot.services import Services
from bot.telegram.admin_pages import in_rows, page, refused, to_person
from bot.telegram.events import Button, Event, Member, Rows, Turn
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import moment, one_line
from knowledge.errors import BadInput
from knowledge.store.people import Known

ROLES = ("exporter", "staff", "admin")
OPEN_FOR = (1, 7, 30)  # days in which an invitation can be used
LASTS = (0, 30, 90, 365)  # days that the role holds; 0: until it is taken back
LONGEST = 365
A_PAGE = 12


def users(services: Services, event: Event, member: Member) -> Turn:
    """`/users`, or `/users invite staff 7d [90d]` in one go."""
    words = event.text.lower().split()
    if not words:
        return _list(services, event, member, 0)
    lang = member.language
    if words[0] != "invite" or not 2 <= len(words) <= 4 or words[1] not in ROLES:
        return refused(say(lang, "users.usage"), "users")
    days = [_days(w) for w in words[2:]]
    if None in days:
        return refused(say(lang, "users.usage"), "users")
    open_for, lasts = (*(d or 0 for d in days), *(7, 0)[len(days) :])
    return _invite(services, event, member, words[1], (open_for, lasts))


def _days(said: str) -> int | None:
    number = said.removesuffix("d")
    return (
        int(number)
        if number.isascii() and number.isdigit() and len(number) < 4 and 1 <= int(number) <= LONGEST
        else None
    )


def again(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """The list, from a button."""
    return _list(services, event, member, int(values.get("from", 0)))


def _list(services: Services, event: Event, member: Member, start: int) -> Turn:
    lang, now = member.language, services.now()
    everybody = sorted(services.people.all(), key=lambda k: (not k.holds(now), -Role(k.role).rank, k.name, k.id))
    lines: list[Rich | str] = [bold(say(lang, "users.title", n=sum(k.holds(now) for k in everybody)))]
    lines += [_line(k, lang, now) for k in everybody[start : start + A_PAGE]]
    buttons = [Button(_name(k)[:40], "users.person", {"id": k.id}) for k in everybody[start : start + A_PAGE]]
    turns = []
    if start:
        turns.append(Button(say(lang, "users.before"), "users.list", {"from": max(0, start - A_PAGE)}))
    if start + A_PAGE < len(everybody):
        turns.append(Button(say(lang, "users.after"), "users.list", {"from": start + A_PAGE}))
    open_now = sum(i.open(now) for i in services.people.invitations())
    last = (
        Button(say(lang, "users.invite"), "users.invite"),
        Button(say(lang, "users.invitations", n=open_now), "users.invitations"),
    )
    return page(event, joined(lines), (*in_rows(buttons), *((tuple(turns),) if turns else ()), last))


def _name(known: Known) -> str:
    return one_line(known.name, 40) or (f"@{one_line(known.username, 32)}" if known.username else str(known.id))


def _line(known: Known, lang: str, now: datetime) -> Rich:
    handle = f" @{one_line(known.username, 32)}" if known.username else ""
    text = Rich("• ") + bold(_name(known)) + handle + f" · {say(lang, f'users.role_{known.role}')}"
    if known.revoked_at is not None:
        return text + say(lang, "users.was_revoked", at=moment(known.revoked_at))
    if not known.holds(now):
        return text + say(lang, "users.has_expired", at=moment(known.expires_at))
    said = say(lang, "users.since", at=moment(known.joined_at))
    if known.expires_at is not None:
        said += say(lang, "users.until", at=moment(known.expires_at))
    return text + said + say(lang, "users.seen", at=moment(known.seen_at, say(lang, "users.never")))


# ---------------------------------------------------------------- a person


def person(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """One person, with what can be done."""
    lang, now, known = member.language, services.now(), _known(services, member, values)
    rows: Rows = ()
    if known.holds(now):
        change = tuple(
            Button(
                say(lang, "users.make", role=say(lang, f"users.role_{r}")), "users.role", {"id": known.id, "role": r}
            )
            for r in ROLES
            if r != known.role
        )
        rows = (change, (Button(say(lang, "users.revoke"), "users.revoke", {"id": known.id}),))
    rows = (*rows, (Button(say(lang, "users.back"), "users.list"),))
    return page(event, joined((_line(known, lang, now), say(lang, "users.number", id=known.id))), rows)


def _known(services: Services, member: Member, values: Mapping[str, Any]) -> Known:
    found = services.people.get(int(values["id"]))
    if found is None:
        raise BadInput(say(member.language, "users.unknown"))
    return found


def _lone_admin(services: Services, known: Known) -> bool:
    return {k.id for k in services.people.with_role("admin", services.now())} == {known.id}


def revoke(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Ask before a role is taken away."""
    lang, known = member.language, _known(services, member, values)
    if _lone_admin(services, known):
        return refused(say(lang, "users.last_admin"), "users.revoke", str(known.id))
    yes = Button(say(lang, "users.revoke_yes"), "users.revoked", {"id": known.id}, once=True)
    no = Button(say(lang, "users.leave"), "users.person", {"id": known.id})
    return page(event, say(lang, "users.revoke_ask", name=_name(known)), ((yes, no),))


def revoked(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Take the role away and tell the person."""
    lang, now, known = member.language, services.now(), _known(services, member, values)
    if not known.holds(now):
        return page(event, say(lang, "users.not_holding", name=_name(known)))
    if _lone_admin(services, known):
        return refused(say(lang, "users.last_admin"), "users.revoke", str(known.id))
    shown = page(event, say(lang, "users.revoked", name=_name(known))).says
    told = to_person(known, "users.you_revoked")
    write = services.people.revoke(
        known.id, now, member.id
    )  # looks again whether it is the last admin, in the transaction
    return Turn((*shown, told), writes=(write,), action="users.revoke", target=str(known.id), keep_buttons=False)


def role(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Ask before a role is changed."""
    lang, known, wanted = member.language, _known(services, member, values), _role(values)
    if _lone_admin(services, known) and wanted != "admin":
        return refused(say(lang, "users.last_admin"), "users.role", str(known.id))
    said = say(lang, f"users.role_{wanted}")
    yes = Button(say(lang, "users.make", role=said), "users.changed", {"id": known.id, "role": wanted}, once=True)
    no = Button(say(lang, "users.leave"), "users.person", {"id": known.id})
    can = say(lang, f"users.can_{wanted}")
    return page(event, joined((say(lang, "users.role_ask", name=_name(known), role=said), can)), ((yes, no),))


def changed(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Change a role and tell the person. Its end stays as it was."""
    lang, now, known, wanted = member.language, services.now(), _known(services, member, values), _role(values)
    if not known.holds(now):
        return page(event, say(lang, "users.not_holding", name=_name(known)))
    if _lone_admin(services, known) and wanted != "admin":
        return refused(say(lang, "users.last_admin"), "users.role", str(known.id))
    set_role = services.people.put(known.id, now, role=wanted, revoked_at=None, invited_by=member.id)
    # taken away first, which the last admin's cannot be, then given: one transaction
    writes = (set_role,) if wanted == "admin" else (services.people.revoke(known.id, now, member.id), set_role)
    shown = page(event, say(lang, "users.changed", name=_name(known), role=say(lang, f"users.role_{wanted}"))).says
    told = to_person(known, "users.you_changed", role=wanted)
    target = f"{known.id}: {known.role} to {wanted}"
    return Turn((*shown, told), writes=writes, action="users.role", target=target, keep_buttons=False)


def _role(values: Mapping[str, Any]) -> str:
    wanted = str(values["role"])
    if wanted not in ROLES:
        raise BadInput(f"{wanted!r} is no role.")
    return wanted


# ---------------------------------------------------------------- invitations


def invite(_services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Ask for the role, then how long the invitation can be used, then how long the role holds."""
    lang = member.language
    if "role" not in values:
        rows = tuple((Button(say(lang, f"users.role_{r}"), "users.invite", {"role": r}),) for r in ROLES)
        can = (Rich("• ") + bold(say(lang, f"users.role_{r}")) + ": " + say(lang, f"users.can_{r}") for r in ROLES)
        return page(event, joined((say(lang, "users.which_role"), *can)), rows)
    chosen = {"role": _role(values)}
    if "open" not in values:
        row = tuple(Button(say(lang, "users.days", n=d), "users.invite", {**chosen, "open": d}) for d in OPEN_FOR)
        return page(event, say(lang, "users.how_open", role=say(lang, f"users.role_{chosen['role']}")), (row,))
    full = {**chosen, "open": int(values["open"])}
    row = tuple(
        Button(
            say(lang, "users.days", n=d) if d else say(lang, "users.no_end"),
            "users.make",
            {**full, "lasts": d},
            once=True,
        )
        for d in LASTS
    )
    return page(event, say(lang, "users.how_long"), (row,))


def make(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Make the invitation that was chosen."""
    days = (int(values["open"]), int(values["lasts"]))
    if not (1 <= days[0] <= LONGEST and 0 <= days[1] <= LONGEST):
        raise BadInput(say(member.language, "users.usage"))
    return replace(_invite(services, event, member, _role(values), days), keep_buttons=False)


def _invite(services: Services, event: Event, member: Member, role: str, days: tuple[int, int]) -> Turn:
    """The link and the code, shown this once: only the code's hash is kept, and the trail has the number alone."""
    lang, now = member.language, services.now()
    ends = now + timedelta(days=days[0])
    until = now + timedelta(days=days[1]) if days[1] else None
    secret = services.people.invite(role, member.id, now, ends, "", until)
    number = next((i.number for i in services.people.invitations() if i.created_by == member.id), 0)
    lines: list[Rich | str] = [
        bold(say(lang, "users.invited", number=number, role=say(lang, f"users.role_{role}"))),
        say(lang, "users.invited_until", at=moment(ends), role_end=moment(until, say(lang, "users.no_end"))),
    ]
    if services.bot_name:
        address = f"https://t.me/{services.bot_name.removeprefix('@')}?start={secret}"
        lines.append(link(address, address))
    lines += [Rich(say(lang, "users.code")) + code(secret), say(lang, "users.once")]
    return replace(page(event, joined(lines)), action="users.invite", target=f"invitation {number}: {role}")


def invitations(services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """The invitations that can still be used."""
    lang, now = member.language, services.now()
    open_now = [i for i in services.people.invitations() if i.open(now)][:20]
    names = {k.id: _name(k) for k in services.people.all()}
    lines: list[Rich | str] = [bold(say(lang, "users.open_invitations" if open_now else "users.no_invitations"))]
    for i in open_now:
        by = names.get(i.created_by, str(i.created_by)) if i.created_by is not None else say(lang, "users.program")
        fields = {"role": say(lang, f"users.role_{i.role}"), "by": by, "at": moment(i.expires_at)}
        lines.append(say(lang, "users.invitation", number=i.number, **fields))
    buttons = [
        Button(say(lang, "users.withdraw", number=i.number), "users.withdraw", {"number": i.number}, once=True)
        for i in open_now
    ]
    return page(event, joined(lines), (*in_rows(buttons), (Button(say(lang, "users.back"), "users.list"),)))


def withdraw(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Take an invitation back."""
    number = int(values["number"])
    if not services.people.withdraw(number, services.now(), member.id):
        return Turn(toast=say(member.language, "users.too_late", number=number), alert=True)
    turn = invitations(services, event, member, {})
    toast = say(member.language, "users.withdrawn", number=number)
    return replace(turn, toast=toast, action="users.withdraw", target=f"invitation {number}")


ROOM = Room(
    commands={"users": Command(users, Role.ADMIN)},
    actions={
        "users.list": Pressed(again, Role.ADMIN),
        "users.person": Pressed(person, Role.ADMIN),
        "users.revoke": Pressed(revoke, Role.ADMIN),
        "users.revoked": Pressed(revoked, Role.ADMIN),
        "users.role": Pressed(role, Role.ADMIN),
        "users.changed": Pressed(changed, Role.ADMIN),
        "users.invite": Pressed(invite, Role.ADMIN),
        "users.make": Pressed(make, Role.ADMIN),
        "users.invitations": Pressed(invitations, Role.ADMIN),
        "users.withdraw": Pressed(withdraw, Role.ADMIN),
    },
)
