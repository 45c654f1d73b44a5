"""Coming in: /start, the invitation, the language, the help, taking back what the bot had asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, clean, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import ask
from bot.telegram.events import Button, Event, Member, Turn, says
from bot.telegram.rooms import Command, Pressed, Room

LANGUAGES = ("en", "zh")


def start(services: Services, event: Event, member: Member) -> Turn:
    """The first word of everybody: an invitation's code, a case to go on with, or just hello."""
    given = event.text.strip()
    if given.startswith("case-") and member.role.may(Role.EXPORTER):
        return _brought(services, event, member, given.removeprefix("case-"))
    if given and given != "hello":
        return _joined(services, event, member, given)
    if not member.role.may(Role.EXPORTER):
        noted = services.people.note(event.at, member.id, member.role, "/start", "", "refused")
        return replace(says(say(member.language, "door.stranger", id=member.id)), writes=(noted,), outcome="refused")
    return hello(services, event, member)


def hello(services: Services, event: Event, member: Member) -> Turn:
    """What Navicert does and does not do; consent, unless it was given."""
    lang = member.language
    said = joined((bold(say(lang, "welcome.title")), say(lang, "welcome.does"), say(lang, "welcome.does_not")), "\n\n")
    if member.consented:
        return says(said + "\n\n" + say(lang, "welcome.example"), (_languages(),))
    asked = ask.consent_asked(member)
    rows = (_languages(), *asked.says[0].buttons)
    return says(said + "\n\n" + asked.says[0].text, rows)


def _joined(services: Services, event: Event, member: Member, given: str) -> Turn:
    known = services.people.redeem(
        given[:80], member.id, event.person.name[:80], event.person.username[:40], "", event.at
    )
    if known is None:
        noted = services.people.note(event.at, member.id, member.role, "/start with a code", "", "refused")
        return replace(says(say(member.language, "welcome.bad_code")), writes=(noted,), outcome="refused")
    now = replace(member, role=Role(known.role), consented=known.consented_at is not None)
    turn = hello(services, event, now)
    first = replace(
        turn.says[0], text=bold(say(member.language, f"welcome.joined_{known.role}")) + "\n\n" + turn.says[0].text
    )
    return replace(turn, says=(first, *turn.says[1:]), action="join", target=known.role)


def _brought(services: Services, event: Event, member: Member, number: str) -> Turn:
    """A case that was begun in a group goes on here."""
    asked = services.cases.question(int(number)) if number.isdecimal() and len(number) < 10 else None
    if asked is None or asked.person != member.id:
        return hello(services, event, member)
    sitting = services.cases.sitting(event.chat.id, member.id)
    return ask.kept(services, event, member, sitting, asked.answer, asked.basis, goes_on=False)


# ---------------------------------------------------------------- language


def _languages() -> tuple[Button, ...]:
    return tuple(Button(say(lang, "welcome.language"), "welcome.language", {"language": lang}) for lang in LANGUAGES)


def language(services: Services, event: Event, member: Member) -> Turn:
    """`/lang zh`, or buttons to choose; `auto` answers each question in its own language."""
    given = event.text.strip().lower()
    if given in (*LANGUAGES, "auto"):
        return _speak(services, event, member, {"language": "" if given == "auto" else given})
    auto = Button(say(member.language, "welcome.language_auto"), "welcome.language", {"language": ""})
    return says(say(member.language, "welcome.which_language"), (_languages(), (auto,)))


def _speak(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    chosen = str(arguments["language"])
    spoken = chosen or member.language
    write = services.people.put(member.id, event.at, language=chosen, name=event.person.name[:80])
    now = replace(member, language=spoken)
    told = (
        hello(services, event, now)
        if not member.consented
        else says(say(spoken, f"welcome.speaks_{'chosen' if chosen else 'auto'}"))
    )
    return replace(told, writes=(write, *told.writes))


# ---------------------------------------------------------------- help, cancel


def help_(services: Services, event: Event, member: Member) -> Turn:
    """What can be written here, by role."""
    from bot.telegram.menus import offered

    lang = member.language
    lines: list[Rich | str] = [Rich(f"/{name}  ") + what for name, what in offered(member.role, lang)]
    parts: list[Rich | str] = [
        bold(say(lang, "welcome.title")),
        say(lang, "welcome.example"),
        joined(lines),
        say(lang, "welcome.help_more"),
    ]
    return says(joined(parts, "\n\n"))


def cancel(services: Services, event: Event, member: Member) -> Turn:
    """Let go of what the bot had asked; the case stays open."""
    sitting = services.cases.sitting(event.chat.id, member.id)
    if not sitting.awaiting:
        return says(say(member.language, "welcome.nothing_to_cancel"))
    write = services.cases.sit(replace(sitting, awaiting={}), event.at)
    return replace(says(say(member.language, "welcome.cancelled")), writes=(write,))


def other(services: Services, event: Event, member: Member) -> Turn:
    """A photo, a voice, a sticker: what to send instead."""
    kind = event.attachment.kind if event.attachment else "other"
    key = f"welcome.no_{kind}" if kind in ("photo", "voice") else "welcome.no_other"
    return says(say(member.language, key), reply=True)


def whoami(services: Services, event: Event, member: Member) -> Turn:
    """Who the bot takes the person for."""
    known = services.people.get(member.id)
    until = known.expires_at.date().isoformat() if known is not None and known.expires_at else ""
    key = "welcome.whoami_until" if until else "welcome.whoami"
    role = say(member.language, f"role.{member.role}")
    return says(say(member.language, key, name=clean(event.person.name)[:80], id=member.id, role=role, until=until))


ROOM = Room(
    commands={
        "start": Command(start, Role.STRANGER),
        "help": Command(help_, Role.EXPORTER),
        "lang": Command(language, Role.EXPORTER),
        "cancel": Command(cancel, Role.EXPORTER),
        "whoami": Command(whoami, Role.STRANGER, hidden=True),
    },
    actions={"welcome.language": Pressed(_speak, Role.EXPORTER)},
)
