"""A question and its answer: plain text, follow-ups, the buttons under a card."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, cast

from bot.locales import say
from bot.rich import Rich, bold, clean, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import card, pages, split
from bot.telegram.choices import missing_buttons
from bot.telegram.events import Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.rooms import Pressed, Room
from bot.telegram.route import route
from bot.telegram.trace import why
from knowledge.basis import Basis
from knowledge.basis import before as leaned_on
from knowledge.case import settle
from knowledge.errors import BadInput
from knowledge.model import Answer, Behaviour, Lang
from knowledge.store.cases import Asked, Case, Sitting

LONGEST = 8000
"""Characters of a question that are read and kept; the reader itself says where it stopped."""
_TODAY = {"", "today", "now", "今天", "今日", "现在"}
CHOICES = 3
"""Buttons beside one another."""
WAITING = 5
"""Questions that are kept until somebody has agreed to recording; they are answered then."""


def text(services: Services, event: Event, member: Member) -> Turn:
    """A question in plain words, or a change of the case that is open."""
    if not member.consented:
        return consent(services, event, member)
    sitting = _continued(services, event, services.cases.sitting(event.chat.id, member.id))
    return question(services, event, member, sitting)


def question(services: Services, event: Event, member: Member, sitting: Sitting, words: str = "") -> Turn:
    """The answer to `words`, by default the event's, where the sitting stands."""
    asked = (words or event.text)[:LONGEST]
    before = services.cases.last(sitting.case) if sitting.case is not None else None
    case = before.answer.transaction if before is not None and _carries(before) else None
    day = sitting.as_of or services.today()
    lang = spoken(member, asked, before)
    answer = services.answers_for(member.id).ask(asked, day, lang=lang, case=case)
    if answer.behaviour is Behaviour.DECLINE_TOPIC and answer.intent == "licence":  # small talk is not kept
        return says(card.card(answer, group=not event.chat.private), reply=not event.chat.private)
    goes_on = answer.continues and sitting.case is not None
    basis = Basis("asked", day, lang, before.id if before is not None and case is not None else None, case)
    return kept(services, event, member, sitting, answer, basis, goes_on=goes_on)


def kept(
    services: Services,
    event: Event,
    member: Member,
    sitting: Sitting,
    answer: Answer,
    basis: Basis | None,
    *,
    goes_on: bool,
) -> Turn:
    """Keep the answer, in the open case or in a new one, and show it. `basis`: how it came about."""
    number, case = services.cases.kept(event.chat.id, event.update) or (0, 0)
    answer = split.raised(services, event, member, answer, case or (sitting.case if goes_on else None))
    if not number:  # else a kill came between keeping it and saying so
        found = services.cases.case(sitting.case) if goes_on and sitting.case is not None else None
        title = _title(answer)
        held = replace(found, title=title) if found else services.cases.open(event.chat.id, member.id, title, event.at)
        basis = services.stated(answer, basis)
        number, case = services.cases.keep(held, event.update, answer, event.at, basis), held.id
    now = replace(sitting, case=case, awaiting={})
    said = (str(answer.verdict), str(answer.behaviour))
    return Turn((shown(services, event, answer, number),), writes=(services.cases.sit(now, event.at),), answered=said)


def shown(services: Services, event: Event, answer: Answer, number: int) -> Say:
    """The card with its buttons, as it stands in a private chat or, without anything confidential, in a group."""
    private = event.chat.private
    head, when = Rich(), answer.transaction.when
    # A day that the question itself names stands in the card; this is for one that was set before and may be forgotten.
    if answer.on != services.today() and not (when and when.first <= answer.on <= when.last):
        head = bold(say(answer.lang, "ask.as_of_note", day=answer.on.isoformat())) + "\n"
    rows = buttons(answer, number) if private else group_buttons(services, answer, number)
    return Say(head + card.card(answer, group=not private), rows, about=f"question:{number}", reply=not private)


def buttons(answer: Answer, number: int) -> Rows:
    """The choices that settle the decisive question, then what can be seen and done."""
    lang, which = answer.lang, {"question": number}

    def one(key: str, action: str, **more: Any) -> Button:
        return Button(say(lang, f"ask.{key}"), action, which, **more)

    if answer.behaviour is Behaviour.REFUSE_EVASION:
        last = (one("new", "ask.new"), one("wrong", "ask.wrong"), one("colleague", "ask.colleague"))
        return ((one("sources", "ask.sources"), one("full", "ask.full")), last)
    if answer.intent != "licence":  # no deal was determined: there is no route and nothing to file
        return (
            (one("sources", "ask.sources"), one("full", "ask.full")),
            (one("as_of", "ask.as_of"), one("colleague", "ask.colleague")),
            (one("right", "ask.right"), one("wrong", "ask.wrong")),
        )
    return (
        *_choices(answer, number),
        (one("why", "ask.why"), one("sources", "ask.sources"), one("full", "ask.full")),
        (one("route", "ask.route"), one("as_of", "ask.as_of"), one("new", "ask.new")),
        (one("memo", "ask.memo"), one("colleague", "ask.colleague")),
        (one("right", "ask.right"), one("wrong", "ask.wrong")),
    )


def group_buttons(services: Services, answer: Answer, number: int) -> Rows:
    """In a group: the sources, and the way to go on in private."""
    url = f"https://t.me/{services.bot_name}?start=case-{number}"
    return (
        (
            Button(say(answer.lang, "ask.sources"), "ask.sources", {"question": number}),
            Button(say(answer.lang, "ask.private"), url=url),
        ),
    )


def _choices(answer: Answer, number: int) -> Rows:
    found = []
    for label, fact, value in missing_buttons(answer):
        if value != "unknown" and settle(answer.transaction, fact, value) == answer.transaction:
            continue  # pressing it would change nothing
        found.append(Button(label, "ask.settle", {"question": number, "fact": fact, "value": value}, once=True))
    if all(b.arguments["value"] == "unknown" for b in found):
        return ()
    return tuple(tuple(found[i : i + CHOICES]) for i in range(0, len(found), CHOICES))


# ---------------------------------------------------------------- the buttons


def own(services: Services, member: Member, arguments: Mapping[str, Any]) -> Asked:
    """The question a button belongs to. Raises BadInput where it is gone or another person's."""
    found = services.cases.question(int(arguments["question"]))
    if found is None or found.person != member.id:
        raise BadInput(say(member.language, "ask.gone"))
    return found


def _page(services: Services, event: Event, member: Member, arguments: Mapping[str, Any], *, page: str) -> Turn:
    asked = own(services, member, arguments)
    answer = asked.answer
    if page == "sources":
        parts = pages.sources(answer)
        heading = bold(say(answer.lang, "ask.sources_of", number=asked.id)) if parts else Rich()
        return says(joined([heading, *parts], "\n\n") if parts else say(answer.lang, "ask.no_sources"), reply=True)
    made = {"why": why, "full": pages.full, "route": route}[page](answer)
    return says(made, _back(answer, asked.id) if page == "route" else (), reply=True)


def _back(answer: Answer, number: int) -> Rows:
    return ((Button(say(answer.lang, "ask.new"), "ask.new", {"question": number}),),)


def _settled(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    """A pressed answer to the decisive question: the whole case is determined again."""
    asked = own(services, member, arguments)
    before, value = asked.answer, str(arguments["value"])
    if value == "unknown":
        return says(say(before.lang, "ask.not_known"), reply=True)
    deal = settle(before.transaction, str(arguments["fact"]), value)
    answer = services.answers_for(member.id).again(before, before.on, deal=deal)
    sitting = replace(services.cases.sitting(event.chat.id, member.id), case=asked.case)
    basis = Basis(
        "settled", before.on, after=asked.id, before=leaned_on(before), fact=str(arguments["fact"]), value=value
    )
    return kept(services, event, member, sitting, answer, basis, goes_on=True)


def _as_of(services: Services, event: Event, member: Member, arguments: Mapping[str, Any]) -> Turn:
    asked = own(services, member, arguments)
    sitting = replace(
        services.cases.sitting(event.chat.id, member.id),
        case=asked.case,
        awaiting={"what": "ask.day", "question": asked.id},
    )
    return replace(says(say(asked.language, "ask.which_day")), writes=(services.cases.sit(sitting, event.at),))


def _day(services: Services, event: Event, member: Member, awaiting: Mapping[str, Any]) -> Turn:
    """The day typed after the button; the case is determined again on it."""
    if not event.text.strip():  # a file
        return says(say(member.language, "ask.which_day"))
    return on_day(services, event, member, own(services, member, awaiting), event.text)


def on_day(services: Services, event: Event, member: Member, asked: Asked | None, typed: str) -> Turn:
    """Read the law as of the day typed, today with `today`, for this case and those that follow."""
    day = read_day(services, typed, member.language)
    sitting = services.cases.sitting(event.chat.id, member.id)
    now = replace(sitting, as_of=None if day == services.today() else day, awaiting={})
    if asked is None:
        key = "ask.day_today" if now.as_of is None else "ask.day_set"
        told = says(say(member.language, key, day=day.isoformat()))
        return replace(told, writes=(services.cases.sit(now, event.at),))
    answer = services.answers_for(member.id).again(asked.answer, day)
    basis = Basis("day", day, after=asked.id, before=leaned_on(asked.answer))
    return kept(services, event, member, replace(now, case=asked.case), answer, basis, goes_on=True)


def read_day(services: Services, typed: str, language: str) -> date:
    """A day as people type it: 2026-10-01, 1 October 2025, last Friday, today. Raises BadInput."""
    today, words = services.today(), typed.strip().lower()
    if words in _TODAY:
        return today
    try:
        return date.fromisoformat(words)
    except ValueError:
        when = services.advisor.reader.read(typed[:100], today, services.settings.home_country).transaction.when
    if when is None:
        raise BadInput(say(language, "ask.no_day", typed=clean(typed.strip())[:40]))
    return when.first


def _new(services: Services, event: Event, member: Member, _arguments: Mapping[str, Any]) -> Turn:
    return fresh(services, event, member)


def fresh(services: Services, event: Event, member: Member) -> Turn:
    """A new case: nothing of the last one is carried over."""
    sitting = Sitting(event.chat.id, member.id)
    return replace(says(say(member.language, "ask.fresh")), writes=(services.cases.sit(sitting, event.at),))


# ---------------------------------------------------------------- consent


def consent(services: Services, event: Event, member: Member) -> Turn:
    """Before the first answer: what is recorded. The question is not lost, it is answered once they agree."""
    sitting = services.cases.sitting(event.chat.id, member.id)
    before = sitting.awaiting.get("texts", []) if sitting.awaiting.get("what") == "ask.consent" else []
    texts = [*before, [event.update, event.text[:LONGEST]]][-WAITING:]
    waiting = replace(sitting, awaiting={"what": "ask.consent", "texts": texts})
    writes = (services.cases.sit(waiting, event.at),)
    if not event.chat.private:
        url = f"https://t.me/{services.bot_name}?start=hello"
        row = ((Button(say(member.language, "ask.private"), url=url),),)
        return says(say(member.language, "ask.consent_group"), row, reply=True)
    return replace(consent_asked(member), writes=writes)


def consent_asked(member: Member) -> Turn:
    """What is recorded, and a button to agree."""
    lang = member.language
    row = (Button(say(lang, "ask.agree"), "ask.agree", once=True), Button(say(lang, "ask.disagree"), "ask.disagree"))
    return says(say(lang, "ask.consent"), (row,))


def _agree(services: Services, event: Event, member: Member, _arguments: Mapping[str, Any]) -> Turn:
    """They agree; the questions that were waiting are answered."""
    known = services.people.put(member.id, event.at, consented_at=event.at, name=event.person.name[:80])
    sitting = services.cases.sitting(event.chat.id, member.id)
    texts = sitting.awaiting.get("texts", []) if sitting.awaiting.get("what") == "ask.consent" else []
    now, turn = (
        replace(sitting, awaiting={}),
        Turn(writes=(services.cases.sit(replace(sitting, awaiting={}), event.at),)),
    )
    for number, words in texts:
        answered = question(services, replace(event, update=int(number)), member, now, str(words))
        turn = replace(turn, says=(*turn.says, *answered.says), writes=(*turn.writes, *answered.writes))
    if not texts:
        turn = replace(turn, says=says(say(member.language, "ask.agreed")).says)
    return replace(turn, writes=(known, *turn.writes), action="consent", keep_buttons=False)


def _disagree(services: Services, event: Event, member: Member, _arguments: Mapping[str, Any]) -> Turn:
    sitting = replace(services.cases.sitting(event.chat.id, member.id), awaiting={})
    told = says(say(member.language, "ask.disagreed"))
    return replace(told, writes=(services.cases.sit(sitting, event.at),), keep_buttons=False)


def _still_waiting(services: Services, event: Event, member: Member, _awaiting: Mapping[str, Any]) -> Turn:
    """Another question before they agreed: it waits with the others."""
    if event.attachment is not None:
        from bot.telegram import files

        return files.file(services, event, member)
    return text(services, event, member)


# ---------------------------------------------------------------- pieces


def _continued(services: Services, event: Event, sitting: Sitting) -> Sitting:
    """Where a message answers an earlier answer, its case is the one that goes on."""
    if event.reply_to is None:
        return sitting
    what, _, number = services.post.about(event.chat.id, event.reply_to).partition(":")
    asked = services.cases.question(int(number)) if what == "question" and number.isdecimal() else None
    if asked is None or asked.person != sitting.person or asked.chat != sitting.chat:
        return sitting
    return replace(sitting, case=asked.case)


def _carries(asked: Asked) -> bool:
    """Does the case go on from here? What was refused or only explained leaves nothing to change."""
    return asked.behaviour in (Behaviour.ANSWER, Behaviour.ASK) or asked.answer.intent != "licence"


def spoken(member: Member, words: str, before: Asked | None = None) -> Lang | None:
    """The language of the answer: the one that was chosen, else the question's own, else that of the answer before."""
    if member.chose:
        return cast(Lang, member.language)
    if sum(c.isalpha() for c in words) < 4 and before is not None:
        return cast(Lang, before.language)
    return None


def _title(answer: Answer) -> str:
    named = ", ".join(g.name for g in answer.transaction.goods if g.name) or answer.question
    to = answer.transaction.destination
    return f"{named} → {to.name}" if to is not None else named


def opened(services: Services, event: Event, member: Member, case: Case) -> Turn:
    """Go on with a case: its last answer is shown again."""
    last = services.cases.last(case.id)
    if last is None:
        raise BadInput(say(member.language, "ask.gone"))
    sitting = replace(services.cases.sitting(event.chat.id, member.id), case=case.id, awaiting={})
    turn = Turn((shown(services, event, last.answer, last.id),))
    return replace(turn, writes=(services.cases.sit(sitting, event.at),))


ROOM = Room(
    actions={
        **{f"ask.{p}": Pressed(partial(_page, page=p), Role.EXPORTER) for p in ("why", "sources", "full", "route")},
        "ask.settle": Pressed(_settled, Role.EXPORTER),
        "ask.as_of": Pressed(_as_of, Role.EXPORTER),
        "ask.new": Pressed(_new, Role.EXPORTER),
        "ask.agree": Pressed(_agree, Role.EXPORTER),
        "ask.disagree": Pressed(_disagree, Role.EXPORTER),
    },
    awaited={
        "ask.day": Pressed(_day, Role.EXPORTER),
        "ask.consent": Pressed(_still_waiting, Role.EXPORTER),
    },
)
