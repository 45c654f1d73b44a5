"""The change desk in the chat: what ingests changed in the law's texts, word by word, and what staff decide of it."""

from collections.abc import Mapping
from typing import Any

from bot.change_flips import may_flip
from bot.change_view import view
from bot.locales import say
from bot.rich import Rich, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import change_pages as pages
from bot.telegram.events import Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.review_waiting import language
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.staff_desk import alert, asks, signed, sit
from knowledge.errors import BadInput
from knowledge.store.changes import ChangeReview, Changes, Decider
from knowledge.store.told import Told, stale

SHOWN = 8
"""Changes on a page of the list."""
LOOK = 20.0  # seconds between two looks for ingests to tell of
LOOK_STALE = 3600.0  # seconds between two looks at the sources' ages
_NOTHING = {"-", "–", "—", "无"}


# ---------------------------------------------------------------- looking


def changes(services: Services, event: Event, member: Member) -> Turn:
    """`/changes`: what waits; `/changes all`: everything; `/changes 12`: that one."""
    wanted = event.text.strip().lower()
    if wanted.isdecimal():
        return opened(services, event, member, {"change": int(wanted[:9])})
    if wanted not in ("", "all", "全部"):
        return says(say(member.language, "changes.how"))
    return listed(services, event, member, {"all": bool(wanted)})


def listed(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """A page of the desk, the sources gone stale below it."""
    lang, everything = member.language, bool(kept.get("all"))
    rows = [r for r in Changes(services.database).desk() if everything or _waits(r)]
    start = min(int(kept.get("start", 0)), max(len(rows) - 1, 0))
    shown = rows[start : start + SHOWN]
    opening = [Button(say(lang, "changes.open_one", number=r.id), "changes.open", {"change": r.id}) for r in shown]
    buttons: Rows = tuple(tuple(opening[i : i + 4]) for i in range(0, len(opening), 4))
    if start + SHOWN < len(rows):
        more = {"start": start + SHOWN, "all": everything}
        buttons = (*buttons, (Button(say(lang, "changes.more"), "changes.list", more),))
    reads = member.id in Told(services.database).readers()
    toggle = Button(
        say(lang, "changes.tell_me_no_more" if reads else "changes.tell_me"), "changes.tell", {"wanted": not reads}
    )
    footer = pages.stale(stale(services.store.ledger.sources(), services.now()), lang)
    return says(joined([pages.listing(shown, len(rows), start, lang), footer], "\n\n"), (*buttons, (toggle,)))


def _waits(row: ChangeReview) -> bool:
    return row.state == "new" or (row.state == "reviewed" and row.relevant is True)


def opened(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """A page of one change; the buttons to decide it stand under the last."""
    row, lang = _held(services, member, kept), member.language
    book = services.desks.book
    flips = may_flip(services.database, book, services.settings.home_country, services.today())
    found = view(services.database, book, row, flips)
    text, after = pages.review(found, int(kept.get("start", 0)), lang)
    rows = _buttons(row, lang)
    if after is not None:
        rows = ((Button(say(lang, "changes.next_page"), "changes.open", {"change": row.id, "start": after}),), *rows)
    return says(text, rows, about=f"change:{row.id}")


def _buttons(row: ChangeReview, lang: str) -> Rows:
    kept = {"change": row.id, "seen": len(row.history)}
    relevant = Button(say(lang, "changes.relevant"), "changes.decide", {**kept, "state": "relevant"})
    not_relevant = Button(say(lang, "changes.not_relevant"), "changes.decide", {**kept, "state": "not_relevant"})
    done = Button(say(lang, "changes.action"), "changes.decide", {**kept, "state": "actioned"})
    again = Button(say(lang, "changes.reopen"), "changes.decide", {**kept, "state": "new"})
    if row.state == "new":
        return ((relevant, not_relevant),)
    return ((done, again),) if row.state == "reviewed" and row.relevant else ((again,),)


# ---------------------------------------------------------------- deciding


def decide(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """What was pressed needs a note: the next message is it."""
    row = _held(services, member, kept)
    if int(kept["seen"]) != len(row.history):
        return alert(say(member.language, "changes.meanwhile"), keep_buttons=False)
    text = Rich(say(member.language, "changes.give_note", number=row.id))
    return asks(services, event, member, text, {**kept, "what": "changes.note"})


def noted(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """The note: the decision is kept with it, in one transaction."""
    said, lang = event.text.strip(), member.language
    row = _held(services, member, kept)
    if not said:  # a file
        return says(say(lang, "changes.give_note", number=row.id))
    done = sit(services, event, member, {})
    if int(kept["seen"]) != len(row.history):
        return Turn((Say(Rich(say(lang, "changes.meanwhile"))),), writes=(done,))
    who = Decider(signed(member), services.now(), int(kept["seen"]), say(lang, "changes.meanwhile"))
    note, desk, state = "" if said in _NOTHING else said, Changes(services.database), str(kept["state"])
    if state == "actioned":
        write = desk.action(row.id, note, who)
    elif state == "new":
        write = desk.reopen(row.id, note, who)
    else:
        write = desk.decide(row.id, state == "relevant", note, who)
    text = Rich(say(lang, f"changes.decided_{state}", number=row.id))
    return Turn((Say(text),), writes=(write, done), action=f"changes.{state}", target=f"change:{row.id}")


def _held(services: Services, member: Member, kept: Mapping[str, Any]) -> ChangeReview:
    found = Changes(services.database).get(int(kept["change"]))
    if found is None:
        raise BadInput(say(member.language, "changes.gone"))
    return found


# ---------------------------------------------------------------- telling


def tell(services: Services, event: Event, member: Member, kept: Mapping[str, Any]) -> Turn:
    """Be told of each ingest from now on, or no more."""
    wanted = bool(kept["wanted"])
    write = Told(services.database).read(member.id, services.now(), wanted=wanted)
    text = say(member.language, "changes.telling" if wanted else "changes.telling_no_more")
    return Turn((Say(Rich(text)),), writes=(write,))


def news(services: Services) -> Turn:
    """Ingests that are over and changed something: whoever reads the desk's news is told once of each, also after the bot
    was down."""
    told, now = Told(services.database), services.now()
    says_: list[Say] = []
    jobs = told.jobs_to_tell()
    readers = [k for k in services.people.all() if k.id in told.readers()] if jobs else []
    staff = [k for k in readers if k.holds(now) and Role(k.role).may(Role.STAFF)]
    for job in jobs:
        rows = Changes(services.database).of_job(job)
        for known in staff:
            lang = language(known, "en")
            opening = (Button(say(lang, "commands.changes"), "changes.list"),)
            says_.append(Say(pages.news(job, rows, lang), (opening,), chat=known.id, buttons_for=known.id))
    return Turn(tuple(says_), writes=tuple(told.told_job(job, now) for job in jobs))


def gone_stale(services: Services) -> Turn:
    """Sources that have gone stale: the admins are told once, and again only after they were brought in and went stale."""
    told, now = Told(services.database), services.now()
    fresh = told.untold(stale(services.store.ledger.sources(), now))
    admins = services.people.with_role("admin", now) if fresh else ()
    if not admins:
        return Turn()
    says_ = tuple(Say(pages.stale(fresh, language(k, "en")), chat=k.id, buttons_for=k.id) for k in admins)
    return Turn(says_, writes=tuple(told.told_stale(spell, now) for spell in fresh))


ROOM = Room(
    commands={"changes": Command(changes, Role.STAFF)},
    actions={
        "changes.list": Pressed(listed, Role.STAFF),
        "changes.open": Pressed(opened, Role.STAFF),
        "changes.decide": Pressed(decide, Role.STAFF),
        "changes.tell": Pressed(tell, Role.STAFF),
    },
    awaited={"changes.note": Pressed(noted, Role.STAFF)},
    chores={"changes.news": (LOOK, news), "changes.stale": (LOOK_STALE, gone_stale)},
)
