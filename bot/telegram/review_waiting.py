"""What waits for staff besides reviews: compiled lists and classification decisions; and what leaves the queue: messages
to askers, the export. Part of the review room."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import review_pages as pages
from bot.telegram import staff_pages
from bot.telegram.events import Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.rooms import Pressed
from bot.telegram.staff_desk import alert, asks, decision_buttons, decision_correct, signed, sit
from bot.telegram.words import one_line
from knowledge.errors import BadInput
from knowledge.model import Outcome
from knowledge.store.cases import Asked
from knowledge.store.compiled import CompiledState
from knowledge.store.decisions import DECIDED
from knowledge.store.people import Known
from knowledge.store.reviews import LONGEST, Review, Reviews
from knowledge.wording import say as told

SHOWN = 9
"""Decisions on a page."""
OPEN = ("reopened", "proposed")


def language(known: Known | None, otherwise: str) -> str:
    """The language to write to a person in."""
    chosen = known.language if known is not None else ""
    return "zh" if (chosen or otherwise).lower().startswith("zh") else "en"


def verdict(outcome: Outcome, lang: str) -> str:
    """A result in words."""
    return told(lang, f"verdict.{outcome}")


# ---------------------------------------------------------------- to the asker


def to_asker(services: Services, found: Review, asked: Asked, text: Callable[[str], Rich]) -> tuple[Say, ...]:
    """A message where the asker asked, in their language; () where their access has ended: what a deal needs is
    confidential."""
    known = services.people.get(found.person)
    if known is not None and not known.holds(services.now()):
        return ()
    lang = language(known, asked.language)
    words = text(lang)
    if found.chat != found.person:  # a group: say whose question it was
        words = joined([bold(say(lang, "review.for", name=pages.name(known, found.person, lang))), words])
    return (Say(words, chat=found.chat, buttons_for=None, about=f"question:{asked.id}"),)


# ---------------------------------------------------------------- what else waits


def rest(services: Services, lang: str) -> tuple[Rich, Rows]:
    """Lists and classification decisions that wait for a person, and the buttons that open them."""
    services.desks.refreshed(services.now())  # a new version of the rules reopens decisions, seen at the first look
    states = _open_lists(services)
    lists = [f"{s.instrument} {s.name}" for s in states]
    counts = {state: len(services.desks.decisions.all(state)) for state in OPEN}
    row = [
        Button(say(lang, f"review.open_{state}"), "review.decisions", {"state": state})
        for state in OPEN
        if counts[state]
    ]
    if states:
        row.insert(0, Button(say(lang, "review.open_lists"), "review.lists"))
    return pages.unreviewed(lists, counts, lang), tuple((button,) for button in row)


def _open_lists(services: Services) -> list[CompiledState]:
    """Live compiled lists that nobody has reviewed, or that could not be compiled."""
    held = services.desks.compiled
    states = held.states() if held is not None else ()
    return [s for s in states if s.live and (s.error or not s.reviewed_by)]


def lists(services: Services, event: Event, member: Member, _kept: Mapping[str, Any]) -> Turn:
    """The compiled lists, with a button to note that one has been reviewed."""
    states, lang = _open_lists(services), member.language
    rows = tuple(
        (Button(say(lang, "review.approve", list=s.instrument), "review.approve", _version(s)),)
        for s in states
        if s.sha256
    )
    return says(pages.compiled(states, lang), rows)


def _version(s: CompiledState) -> dict[str, Any]:
    return {"instrument": s.instrument, "version": s.version, "sha256": s.sha256}


def approve(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """What was looked at? The next message says."""
    if not _still(services, kept):
        return alert(say(member.language, "review.list_changed"))
    text = Rich(say(member.language, "review.what_reviewed", list=str(kept["instrument"])))
    return asks(services, event, member, text, {"what": "review.list_note", **kept})


def approved(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Note that this person has reviewed the list of that version; not a newer one that nobody looked at."""
    lang, held = member.language, services.desks.compiled
    done = sit(services, event, member, {})
    if held is None or not _still(services, kept):
        return Turn((Say(Rich(say(lang, "review.list_changed"))),), writes=(done,))
    if not event.text.strip():
        return says(say(lang, "review.note_needed"))
    note = one_line(event.text, LONGEST)
    made = held.approve(str(kept["instrument"]), signed(member), note, services.now())
    text = told(lang, "compiled.approved", instrument=made.instrument, version=made.name, by=made.reviewed_by)
    return Turn((Say(Rich(text)),), writes=(done,), action="review.list", target=f"{made.instrument} {made.name}")


def _still(services: Services, kept: Mapping[str, Any]) -> bool:
    return any(_version(s).items() <= dict(kept).items() for s in _open_lists(services))


def decisions(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Classification decisions that are proposed or reopened, the newest first."""
    lang, state = member.language, str(kept["state"])
    if state not in OPEN:
        raise BadInput(say(lang, "review.unknown"))
    found = services.desks.decisions.all(state)
    rows = found[::-1][:SHOWN]
    opening = [
        Button(say(lang, "review.open_one", number=r.number), "review.decision", {"number": r.number}) for r in rows
    ]
    buttons = tuple(tuple(opening[i : i + 3]) for i in range(0, len(opening), 3))
    return says(pages.decisions(rows, state, len(found), lang), buttons)


def decision(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """One classification decision, with the buttons to confirm or correct it."""
    row, lang = services.desks.decisions.get(int(kept["number"])), member.language
    codes = [f"{c['regime']}:{c['code']}" for c in row.candidates if c["regime"] in ("US", "CN")]
    done = row.state in DECIDED
    buttons = decision_correct(row.number, lang) if done else decision_buttons(row.number, codes, lang)
    return says(staff_pages.decision(row, lang), buttons, about=f"decision:{row.number}")


# ---------------------------------------------------------------- export


def export(services: Services, member: Member) -> Turn:
    """The confirmed and overridden reviews as sentence cases, in a document."""
    from bot.sentence_cases import of_reviews

    reviews = Reviews(services.database).decided()
    names = [part for known in services.people.all() for part in (known.name, known.username)]
    made = of_reviews(reviews, services.cases.question, services.settings.home_country, names)
    lang = member.language
    if not made.kept and not made.left_out:
        return says(say(lang, "review.export_none"))
    reasons = [say(lang, f"review.left_{why}", count=count) for why, count in made.left_out.items()]
    caption = joined([say(lang, "review.exported", count=made.kept), *("• " + reason for reason in reasons)])
    said = Say(caption, file=("navicert-reviews.yaml", made.text.encode()))
    return Turn((said,), action="review.export", target=f"{made.kept} cases")


ACTIONS: Mapping[str, Pressed] = {
    "review.lists": Pressed(lists, Role.STAFF),
    "review.approve": Pressed(approve, Role.STAFF),
    "review.decisions": Pressed(decisions, Role.STAFF),
    "review.decision": Pressed(decision, Role.STAFF),
}
AWAITED: Mapping[str, Pressed] = {"review.list_note": Pressed(approved, Role.STAFF)}
