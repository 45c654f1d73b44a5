"""The staff's review queue: answers that somebody wants looked at, decided so that no two staff collide."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import review_pages as pages
from bot.telegram import review_waiting as waiting
from bot.telegram.events import Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.split import across
from bot.telegram.staff_desk import alert, asks, sit
from bot.telegram.words import line
from knowledge.errors import BadInput
from knowledge.model import Outcome
from knowledge.store.cases import Asked
from knowledge.store.reviews import Review, Reviews

SHOWN = 6
"""Reviews on a page of the queue."""


# ---------------------------------------------------------------- for the asker's side


def notify_staff(services: Services, asked: Asked, kind: str, note: str) -> tuple[Say, ...]:
    """A message to everybody in compliance but the asker, each in private and in their language, with a button that opens
    the review; () where there is nobody. `kind` is escalated or wrong, as `Reviews.open` was given it."""
    people, now = services.people, services.now()
    found = []
    for known in (*people.with_role("staff", now), *people.with_role("admin", now)):
        if known.id == asked.person:
            continue
        lang = waiting.language(known, asked.language)
        asker = pages.name(people.get(asked.person), asked.person, lang)
        row = (Button(say(lang, "review.open"), "review.open", {"question": asked.id, "kind": kind}),)
        text = pages.notice(asked, kind, note, asker, lang)
        found.append(Say(text, (row,), chat=known.id, buttons_for=known.id))
    return tuple(found)


# ---------------------------------------------------------------- the queue


def review(services: Services, event: Event, member: Member) -> Turn:
    """`/review`: the queue; `/review 12`: that review; `/review export`: the decided ones as sentence cases."""
    wanted = event.text.strip().lower()
    if wanted in ("export", "导出"):
        return waiting.export(services, member)
    if wanted.isdecimal():
        return opened(services, event, member, {"review": int(wanted[:12])})
    if wanted:
        return says(say(member.language, "review.how"))
    return listed(services, event, member, {})


def listed(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """A page of the queue, and what else waits."""
    lang, held = member.language, Reviews(services.database).queue()
    start = min(int(kept.get("start", 0)), max(len(held) - 1, 0))
    rows = [(r, asked) for r in held[start : start + SHOWN] if (asked := services.cases.question(r.question))]
    names = _names(services, [r for r, _ in rows], lang)
    opening = [Button(say(lang, "review.open_one", number=r.id), "review.open", {"review": r.id}) for r, _ in rows]
    buttons: Rows = tuple(tuple(opening[i : i + 3]) for i in range(0, len(opening), 3))
    if start + SHOWN < len(held):
        buttons = (*buttons, (Button(say(lang, "review.more"), "review.list", {"start": start + SHOWN}),))
    rest, more = waiting.rest(services, lang)
    page = pages.queue(rows, names, len(held), start, lang)
    return says(joined([page, rest], "\n\n"), (*buttons, *more))


def opened(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """One review with all that is needed to decide it."""
    from bot.telegram import card

    found, asked = _held(services, member, kept)
    text = pages.review(
        found, asked, _names(services, [found], member.language), card.card(asked.answer), member.language
    )
    if found.open and asked.person == member.id:
        text = joined([text, bold(say(member.language, "review.own"))], "\n\n")
    text = joined([text, across(services, asked, member.language)], "\n\n")
    return says(text, _buttons(found, member), about=f"review:{found.id}")


def _buttons(found: Review, member: Member) -> Rows:
    def one(key: str) -> Button:
        return Button(say(member.language, f"review.do_{key}"), f"review.{key}", {"review": found.id})

    look = (one("why"), one("sources"))
    if not found.open:
        return (look,)
    mine = found.taken_by == member.id
    return (
        (*look, *(() if mine else (one("take"),))),
        (one("confirm"), one("override")),
        (one("answer"), one("dismiss")),
    )


def _look(services: Services, event: Event, member: Member, kept: Mapping[str, Any], *, page: str) -> Turn:
    """The trace or the sources of the machine's answer."""
    from bot.telegram.pages import sources
    from bot.telegram.trace import why

    _, asked = _held(services, member, kept)
    made = why(asked.answer) if page == "why" else joined(sources(asked.answer), "\n\n")
    return says(made if made else say(member.language, "review.no_sources"), reply=True)


# ---------------------------------------------------------------- who is on it


def take(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Put one's name on a review; where a colleague's is on it already, only after a warning."""
    found, _ = _held(services, member, kept)
    lang, instead = member.language, kept.get("instead_of")
    if not found.open:
        return _too_late(services, found, member)
    if found.taken_by not in (None, member.id, instead):
        return _warned(services, found, member)
    write = Reviews(services.database).take(found.id, member.id, _gone(found, lang), instead)
    told: tuple[Say, ...] = ()
    if instead is not None and found.taken_by == instead and instead != member.id:
        known = services.people.get(instead)
        if known is not None and known.holds(services.now()):
            theirs = waiting.language(known, "en")
            text = say(theirs, "review.taken_from_you", number=found.id, name=line(member.person.name, 80))
            told = (Say(Rich(text), chat=instead, buttons_for=instead, quiet=True),)
    mine = Say(Rich(say(lang, "review.yours", number=found.id)))
    return Turn((mine, *told), writes=(write,), action="review.take", target=_target(found))


def _warned(services: Services, found: Review, member: Member) -> Turn:
    """A colleague is on it: say so, and offer to take over."""
    lang, holder = member.language, found.taken_by
    name = _names(services, [found], lang)[holder] if holder is not None else "?"
    over = Button(say(lang, "review.take_over"), "review.take", {"review": found.id, "instead_of": holder})
    return says(say(lang, "review.busy", number=found.id, name=name), ((over,),))


def _too_late(services: Services, found: Review, member: Member) -> Turn:
    lang = member.language
    by = _names(services, [found], lang).get(found.decided_by or 0, "?")
    return alert(say(lang, f"review.was_{found.state}", name=by, at=""), keep_buttons=False)


def _hindered(services: Services, found: Review, member: Member) -> Turn | None:
    """Why this person cannot decide it now: it is decided, or a colleague is on it."""
    if not found.open:
        return _too_late(services, found, member)
    return _warned(services, found, member) if found.taken_by not in (None, member.id) else None


# ---------------------------------------------------------------- decisions


def confirm(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """The machine's result holds; the asker is told."""
    found, asked = _held(services, member, kept)
    return _hindered(services, found, member) or _decided(services, member, found, asked, "confirmed")


def dismiss(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Close it without a decision on the result; the asker is told that, and nothing more."""
    found, asked = _held(services, member, kept)
    return _hindered(services, found, member) or _decided(services, member, found, asked, "dismissed")


def override(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Which result instead? By button."""
    found, asked = _held(services, member, kept)
    if hindered := _hindered(services, found, member):
        return hindered
    others = [o for o in Outcome if o != asked.verdict]
    rows = tuple(
        (Button(waiting.verdict(o, member.language), "review.verdict", {"review": found.id, "verdict": str(o)}),)
        for o in others
    )
    said = pages.verdict(asked, member.language)
    return says(say(member.language, "review.which", number=found.id, verdict=said), rows)


def chosen(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """The result is chosen; now the reason, without which nothing is overridden."""
    found, _ = _held(services, member, kept)
    if hindered := _hindered(services, found, member):
        return hindered
    result = Outcome(str(kept["verdict"]))
    text = say(member.language, "review.give_reason", verdict=waiting.verdict(result, member.language))
    return asks(
        services, event, member, Rich(text), {"what": "review.reason", "review": found.id, "verdict": str(result)}
    )


def reasoned(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """The reason of an override."""
    found, asked = _held(services, member, kept)
    if hindered := _hindered(services, found, member):
        return _in_words(services, event, member, hindered)
    if not event.text.strip():
        return says(say(member.language, "review.reason_needed"))
    turn = _decided(services, member, found, asked, "overridden", str(kept["verdict"]), event.text.strip())
    return replace(turn, writes=(*turn.writes, sit(services, event, member, {})))


def _decided(
    services: Services, member: Member, found: Review, asked: Asked, state: str, result: str = "", reason: str = ""
) -> Turn:  # fmt: skip
    now, lang = services.now(), member.language
    write = Reviews(services.database).decide(
        found.id, state, member.id, now, _gone(found, lang), verdict=result, reason=reason
    )
    told = waiting.to_asker(
        services, found, asked,
        lambda spoken: pages.outcome(found, asked, state, _signature(member, spoken), now, spoken, result, reason),
    )  # fmt: skip
    key = f"review.done_{state}" if told else f"review.done_{state}_untold"
    mine = Say(Rich(say(lang, key, number=found.id)))
    names = {"confirmed": "review.confirm", "overridden": "review.override", "dismissed": "review.dismiss"}
    return Turn((mine, *told), writes=(write,), action=names[state], target=_target(found), keep_buttons=False)


def answer(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Write to the asker; the review stays open."""
    found, _ = _held(services, member, kept)
    if hindered := _hindered(services, found, member):
        return hindered
    text = Rich(say(member.language, "review.write", number=found.id))
    return asks(services, event, member, text, {"what": "review.words", "review": found.id})


def answered(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """The words for the asker."""
    found, asked = _held(services, member, kept)
    if hindered := _hindered(services, found, member):
        return _in_words(services, event, member, hindered)
    if not event.text.strip():
        return says(say(member.language, "review.words_needed"))
    told = waiting.to_asker(
        services, found, asked,
        lambda spoken: pages.answer(asked, event.text, _signature(member, spoken), spoken),
    )  # fmt: skip
    done = sit(services, event, member, {})
    if not told:
        return replace(says(say(member.language, "review.asker_gone")), writes=(done,))
    write = Reviews(services.database).reply(found.id, member.id, event.at, event.text, _gone(found, member.language))
    mine = Say(Rich(say(member.language, "review.sent", number=found.id)), _buttons(found, member)[1:])
    return Turn((mine, *told), writes=(write, done), action="review.answer", target=_target(found))


# ---------------------------------------------------------------- pieces


def _in_words(services: Services, event: Event, member: Member, turn: Turn) -> Turn:
    """A refusal as a message: a typed text has no button to open a window over. Nothing more is awaited."""
    shown = turn.says or (Say(Rich(turn.toast)),)
    return Turn(shown, writes=(sit(services, event, member, {}),))


def _held(services: Services, member: Member, kept: Mapping[str, Any]) -> tuple[Review, Asked]:
    """The review that a button means, with its question. Raises BadInput where it is gone, as after /forget."""
    reviews = Reviews(services.database)
    if "review" in kept:
        found = reviews.get(int(kept["review"]))
    else:
        found = reviews.of_question(int(kept["question"]), str(kept["kind"]))
    asked = services.cases.question(found.question) if found is not None else None
    if found is None or asked is None:
        raise BadInput(say(member.language, "review.unknown"))
    return found, asked


def _names(services: Services, rows: list[Review], lang: str) -> dict[int, str]:
    people = {p for r in rows for p in (r.person, r.taken_by, r.decided_by) if p is not None}
    return {person: pages.name(services.people.get(person), person, lang) for person in people}


def _signature(member: Member, lang: str) -> str:
    return say(
        lang, "review.signature", name=line(member.person.name, 80), role=say(lang, f"review.role_{member.role}")
    )


def _gone(found: Review, lang: str) -> str:
    return say(lang, "review.gone", number=found.id)


def _target(found: Review) -> str:
    return f"question:{found.question}"


ROOM = Room(
    commands={"review": Command(review, Role.STAFF)},
    actions={
        "review.list": Pressed(listed, Role.STAFF),
        "review.open": Pressed(opened, Role.STAFF),
        "review.why": Pressed(partial(_look, page="why"), Role.STAFF),
        "review.sources": Pressed(partial(_look, page="sources"), Role.STAFF),
        "review.take": Pressed(take, Role.STAFF),
        "review.confirm": Pressed(confirm, Role.STAFF),
        "review.override": Pressed(override, Role.STAFF),
        "review.verdict": Pressed(chosen, Role.STAFF),
        "review.answer": Pressed(answer, Role.STAFF),
        "review.dismiss": Pressed(dismiss, Role.STAFF),
        **waiting.ACTIONS,
    },
    awaited={
        "review.reason": Pressed(reasoned, Role.STAFF),
        "review.words": Pressed(answered, Role.STAFF),
        **waiting.AWAITED,
    },
)
