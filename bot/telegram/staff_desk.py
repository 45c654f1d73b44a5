"""The compliance staff's desk in the chat: classify a product and decide on it, screen a name, read the rules."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from bot.locales import say
from bot.rich import Rich, code, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import rule_pages
from bot.telegram import staff_pages as pages
from bot.telegram.events import Button, Event, Member, Rows, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import line, one_line, spoken
from knowledge.errors import BadInput
from knowledge.store.database import Write

CANDIDATES, HITS = 4, 8
"""Candidates of a regime and listed names that a message shows."""
ALERT = 190
"""Characters of the window over a pressed button; Telegram takes 200."""
_COUNTRY = re.compile(r"(?:\s*[\[(（【]\s*([A-Za-z]{2})\s*[\])）】]|\s*[,，]\s*([A-Z]{2}))\s*$")
_FORMS = frozenset("AB AD AG AO AS CO DD KG KK LP NV BV OU OY PC PT RT SA SC SE SL SP SR".split())
"""Company forms that are also countries' letters: "Total, SA" names no country."""
_CORRECTION = re.compile(r"\s*((?:[A-Za-z]{2}\s*:\s*)?[0-9A-Za-z][0-9A-Za-z.\-]*)[\s,;:。，、；：]*(.*)", re.DOTALL)


def sit(services: Services, event: Event, member: Member, awaiting: Mapping[str, Any]) -> Write:
    """Keep what the person's next message in this chat answers; {} for nothing."""
    sitting = services.cases.sitting(event.chat.id, member.id)
    return services.cases.sit(replace(sitting, awaiting=awaiting), services.now())


def asks(services: Services, event: Event, member: Member, text: Rich, awaiting: Mapping[str, Any]) -> Turn:
    """A turn that asks for a message and waits for it."""
    return replace(says(text), writes=(sit(services, event, member, awaiting),))


def alert(text: str, *, keep_buttons: bool = True) -> Turn:
    """A turn that only opens a window over the pressed button."""
    return Turn(toast=text[:ALERT], alert=True, keep_buttons=keep_buttons)


def signed(member: Member) -> str:
    """Who decides, as a decision keeps it."""
    return f"{one_line(member.person.name, 80)} ({member.id})"


# ---------------------------------------------------------------- classify


def classify(services: Services, event: Event, member: Member) -> Turn:
    """Which entries a product may fall under; without a description the next message is taken for it."""
    if not event.text.strip():
        text = Rich(say(member.language, "staff.classify_how"))
        return asks(services, event, member, text, {"what": "staff.classify"})
    return _classified(services, member, event.text)


def described(services: Services, event: Event, member: Member, _kept: Mapping[str, Any]) -> Turn:
    """The description that was asked for."""
    if not event.text.strip():
        return says(say(member.language, "staff.classify_how"))
    turn = _classified(services, member, event.text)
    return replace(turn, writes=(*turn.writes, sit(services, event, member, {})))


def _classified(services: Services, member: Member, text: str) -> Turn:
    from bot.desk_pages import list_label

    desks, lang = services.desks, spoken(member.language)
    found = desks.classify(text, CANDIDATES)
    number = desks.propose(text, found, services.now(), signed(member))
    lists = list_label(desks.book.hash, desks.book.us.ccl, lang)
    today = services.today()
    page = pages.classification(
        text, found, lang, number, lists, lambda c: desks.citations(c, lang, today), desks.unlisted(lang, today)
    )
    codes = [f"{c.regime}:{c.code}" for regime in ("US", "CN") for c in pages.worth(found, regime)]
    turn = says(page, decision_buttons(number, codes, lang), about=f"decision:{number}")
    return replace(turn, action="staff.classify", target=f"decision:{number}")


def decision_buttons(number: int, codes: list[str], lang: str) -> Rows:
    """Confirm one of the candidates (`US:3A001`) or EAR99, or correct."""
    confirm = [
        Button(say(lang, "staff.confirm", code=_label(entry)), "staff.confirm", {"number": number, "code": entry})
        for entry in dict.fromkeys((*codes, "US:EAR99"))
    ]
    rows = [tuple(confirm[i : i + 2]) for i in range(0, len(confirm), 2)]
    return (*rows, (Button(say(lang, "staff.correct"), "staff.correct", {"number": number}),))


def _label(entry: str) -> str:
    return "EAR99" if entry == "US:EAR99" else entry.replace(":", " ")


def confirm(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Confirm a candidate of a proposal that nobody has decided on yet."""
    from knowledge.store.decisions import DECIDED

    desks, lang, number = services.desks, member.language, int(kept["number"])
    desks.refreshed(services.now())
    held = desks.decisions.get(number)
    if held.state not in DECIDED:
        try:
            made = desks.decisions.confirm(number, signed(member), services.now(), desks.lists, str(kept["code"]))
        except BadInput:  # the list has changed since, or a colleague was faster
            held = desks.decisions.get(number)
        else:
            turn = says(pages.decision(made, lang), decision_correct(number, lang))
            return replace(turn, action="staff.confirm", target=f"decision:{number}", keep_buttons=False)
    if held.state in DECIDED:
        last = held.history[-1]
        chosen = f"{last.choice.regime} {last.choice.code}" if last.choice else ""
        return alert(say(lang, "staff.already", number=number, by=line(last.by, 60), code=chosen))
    return alert(say(lang, "staff.unconfirmable", code=str(kept["code"])))


def decision_correct(number: int, lang: str) -> Rows:
    """The one button of a decision that is made."""
    return ((Button(say(lang, "staff.correct"), "staff.correct", {"number": number}),),)


def correct(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Ask for the code and the reason."""
    number, lang = int(kept["number"]), member.language
    held = services.desks.decisions.get(number)
    awaiting = {"what": "staff.correction", "number": number, "steps": len(held.history)}
    text = joined([say(lang, "staff.correct_how", number=number), code(say(lang, "staff.correct_example"))])
    return asks(services, event, member, text, awaiting)


def correction(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """`CODE reason`: decide on another entry. What somebody decided meanwhile is shown first, not written over."""
    desks, lang, number = services.desks, member.language, int(kept["number"])
    entry, reason = parsed_correction(event.text)
    if not entry or not reason:
        return says(say(lang, "staff.correct_both"))
    desks.refreshed(services.now())
    held = desks.decisions.get(number)
    if len(held.history) != int(kept["steps"]):
        text = joined([say(lang, "staff.meanwhile"), pages.decision(held, lang), say(lang, "staff.send_again")], "\n\n")
        return asks(services, event, member, text, {**kept, "steps": len(held.history)})
    try:
        made = desks.decisions.correct(number, entry, reason, signed(member), services.now(), desks.lists)
    except BadInput:
        return says(say(lang, "staff.no_such_code", code=line(entry, 40)))
    turn = says(pages.decision(made, lang), decision_correct(number, lang))
    done = sit(services, event, member, {})
    return replace(turn, writes=(done,), action="staff.correct", target=f"decision:{number}")


def parsed_correction(text: str) -> tuple[str, str]:
    """`CN:1C905.a.4 reason` -> code and reason, each "" where it is missing. A full stop after the code is none of it."""
    head = unicodedata.normalize("NFKC", text[:60]) + text[60:]
    found = _CORRECTION.fullmatch(head)
    return (found[1].rstrip(".-").replace(" ", ""), found[2].strip()) if found else ("", "")


# ---------------------------------------------------------------- screen


def screen(services: Services, event: Event, member: Member) -> Turn:
    """Is a party on a list? Without a name the next message is taken for it."""
    if not event.text.strip():
        return asks(services, event, member, Rich(say(member.language, "staff.screen_how")), {"what": "staff.screen"})
    return _screened(services, member, event.text)


def named(services: Services, event: Event, member: Member, _kept: Mapping[str, Any]) -> Turn:
    """The name that was asked for."""
    if not event.text.strip():
        return says(say(member.language, "staff.screen_how"))
    return replace(_screened(services, member, event.text), writes=(sit(services, event, member, {}),))


def _screened(services: Services, member: Member, text: str) -> Turn:
    from knowledge.timeline import standing

    name, country = parsed_name(text)
    today, desks = services.today(), services.desks
    found = desks.screening.screen(name, country or None, today, HITS)
    wanted = {hit.party.id for hit in found.hits}
    stands = {p.id: standing(p.timeline, today) for p in desks.book.parties if p.id in wanted}
    status = {id_: str(measure.status) for id_, measure in stands.items() if measure is not None}
    page = pages.screened(found, member.language, country, HITS, status)
    return replace(says(page), action="staff.screen")  # who was screened is not in the trail: it keeps no message text


def parsed_name(text: str) -> tuple[str, str]:
    """`Some Company Ltd [CN]` or `..., CN` -> name and country; "" where none is given. Company forms are no countries."""
    found = _COUNTRY.search(text)
    if found is not None:
        country = (found[1] or found[2]).upper()
        said = text[: found.start()].strip()
        if said and country in _countries() and (found[1] or country not in _FORMS):
            return said, country
    return text.strip(), ""


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    import pycountry

    return frozenset(c.alpha_2 for c in pycountry.countries)


# ---------------------------------------------------------------- rules


def rules(services: Services, event: Event, member: Member) -> Turn:
    """What the rules say under a control code or in an instrument."""
    lang = spoken(member.language)
    if not event.text.strip():
        return says(say(lang, "staff.rules_how"))
    page = rule_pages.rules(services.desks.book, event.text, lang)
    return says(page if page is not None else say(lang, "staff.rules_unknown", code=line(event.text, 60)))


def timeline(services: Services, event: Event, member: Member) -> Turn:
    """The dated statuses of an instrument and of its entries and rules."""
    lang = spoken(member.language)
    if not event.text.strip():
        return says(say(lang, "staff.timeline_how"))
    page = rule_pages.timeline(services.desks.book, event.text, lang)
    return says(page if page is not None else say(lang, "staff.timeline_unknown", code=line(event.text, 60)))


ROOM = Room(
    commands={
        "classify": Command(classify, Role.STAFF),
        "screen": Command(screen, Role.STAFF),
        "rules": Command(rules, Role.STAFF),
        "timeline": Command(timeline, Role.STAFF),
    },
    actions={"staff.confirm": Pressed(confirm, Role.STAFF), "staff.correct": Pressed(correct, Role.STAFF)},
    awaited={
        "staff.classify": Pressed(described, Role.STAFF),
        "staff.screen": Pressed(named, Role.STAFF),
        "staff.correction": Pressed(correction, Role.STAFF),
    },
)
