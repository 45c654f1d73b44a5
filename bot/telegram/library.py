"""The library from the chat: where law comes from, how it stands, what was set aside, and building the index anew."""

from collections.abc import Mapping
from typing import Any

from bot.locales import catalogue, say
from bot.rich import Rich, bold, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import sources
from bot.telegram.admin_pages import in_rows, page
from bot.telegram.events import Button, Event, Member, Turn, says
from bot.telegram.ingest import Order, queued
from bot.telegram.job_pages import named, subject
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import moment, one_line
from knowledge.errors import BadInput
from knowledge.store.ledger import SetAside
from knowledge.store.owner import holder
from knowledge.store.watches import Watches

SHOWN = 20  # documents in one message

# ---------------------------------------------------------------- status


def status(services: Services, event: Event, member: Member) -> Turn:
    """How the library stands, what waits, and who works on it."""
    lang, store = member.language, services.store
    live, manifest = store.library.live(), store.indexes.manifest()
    watched = store.ledger.sources()
    stale = [named(s.id) for s in watched if s.stale(services.now())]
    owner = holder(store.home)
    fields: dict[str, object] = {
        "generation": live.name, "instruments": len(live.versions),
        "documents": len({v.document for v in live.versions.values()}), "provisions": len(live.provisions),
        "passages": manifest.passages if manifest else 0, "vectors": manifest.vectors if manifest else 0,
        "model": store.indexes.model, "quarantine": len(store.ledger.quarantined()), "sources": len(watched),
        "stale": ", ".join(stale) or say(lang, "library.none"), "database": store.database.engine.dialect.name,
        "owner": _owner(owner.pid, owner.doing) if owner else say(lang, "library.nobody"),
    }  # fmt: skip
    lines: list[Rich | str] = [bold(say(lang, "library.status")), say(lang, "library.figures", **fields)]
    pending = Watches(services.database).pending()
    lines.append(bold(say(lang, "library.jobs", n=len(pending))))
    buttons: list[Button] = []
    for one in pending[:8]:
        job = store.jobs.get(one.id)
        if job is not None:
            lines.append(say(lang, f"library.job_{job.state}", job=job.id, subject=subject(job, lang)))
            buttons.append(Button(say(lang, "library.cancel", job=job.id), "ingest.cancel", {"job": job.id}))
    return page(event, joined(lines), in_rows(buttons))


def _owner(pid: int, doing: str) -> str:
    return f"{one_line(doing, 80)} ({pid})" if pid else one_line(doing, 80)


# ---------------------------------------------------------------- quarantine


def quarantine(services: Services, event: Event, member: Member) -> Turn:
    """`/quarantine`: what was set aside and why."""
    return quarantine_again(services, event, member, {})


def quarantine_again(services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """The list, from a button too. It never takes the place of an ingest's report."""
    lang, held = member.language, services.store.ledger.quarantined()
    if not held:
        return says(say(lang, "library.quarantine_empty"))
    lines: list[Rich | str] = [bold(say(lang, "library.quarantine", n=len(held)))]
    for q in held[:SHOWN]:
        lines.append(Rich(f"#{q.id} ") + bold(one_line(named(q.name), 50)) + f": {_reason(q, lang)}")
    if len(held) > SHOWN:
        lines.append(say(lang, "library.more", n=len(held) - SHOWN))
    buttons = [Button(f"#{q.id}", "library.held", {"id": q.id}) for q in held[:SHOWN]]
    return says(joined(lines), in_rows(buttons, 5))


def _reason(held: SetAside, lang: str) -> str:
    key = f"ingest.reason_{held.reason}"
    return say(lang, key if key in catalogue(lang) else "ingest.reason_other")


def _held(services: Services, member: Member, values: Mapping[str, Any]) -> SetAside:
    found = next((q for q in services.store.ledger.quarantined() if q.id == int(values["id"])), None)
    if found is None:
        raise BadInput(say(member.language, "library.not_held", number=values["id"]))
    return found


def held(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """One document that was set aside, with what can be done."""
    lang, q = member.language, _held(services, member, values)
    facts = say(
        lang, "library.held", source=named(q.source), first=moment(q.first_at), last=moment(q.last_at), times=q.attempts
    )
    text = joined((Rich(f"#{q.id} ") + bold(named(q.name)), _reason(q, lang), one_line(q.detail, 500), facts))
    again = Button(say(lang, "library.retry"), "library.retry", {"id": q.id}, once=True)
    force = Button(say(lang, "library.force"), "library.force", {"id": q.id})
    return page(event, text, ((again, force),))


def retry(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Read a document again that was set aside."""
    return _retry(services, event, member, _held(services, member, values), force=False)


def force(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Ask before a document is taken in although its length speaks against it."""
    lang, q = member.language, _held(services, member, values)
    yes = Button(say(lang, "library.force_yes"), "library.forced", {"id": q.id}, once=True)
    no = Button(say(lang, "library.leave"), "library.held", {"id": q.id})
    return page(event, say(lang, "library.force_ask", name=named(q.name), reason=_reason(q, lang)), ((yes, no),))


def forced(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Take it in all the same."""
    return _retry(services, event, member, _held(services, member, values), force=True)


def _retry(services: Services, event: Event, member: Member, q: SetAside, *, force: bool) -> Turn:
    intro = Rich(say(member.language, "library.forcing" if force else "library.retrying", name=named(q.name)))
    action = "library.force" if force else "library.retry"
    order = Order("retry", {"ids": [q.id], "force": force}, intro, action, f"#{q.id} {named(q.name)}")
    return queued(services, event, member, order)


# ---------------------------------------------------------------- the index


def reindex(_services: Services, event: Event, member: Member) -> Turn:
    """`/reindex`: asks first."""
    lang = member.language
    yes = Button(say(lang, "library.reindex_yes"), "library.reindex", once=True)
    no = Button(say(lang, "library.leave"), "library.leave", once=True)
    return page(event, say(lang, "library.reindex_ask"), ((yes, no),))


def reindex_now(services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """Queue it."""
    intro = Rich(say(member.language, "library.reindexing"))
    return queued(services, event, member, Order("reindex", {}, intro, "library.reindex"))


def leave(_services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """Nothing is done."""
    return page(event, say(member.language, "library.left"))


ROOM = Room(
    commands={
        "sources": Command(sources.sources, Role.ADMIN),
        "status": Command(status, Role.ADMIN),
        "quarantine": Command(quarantine, Role.ADMIN),
        "reindex": Command(reindex, Role.ADMIN),
    },
    actions={
        "library.sources": Pressed(sources.sources_again, Role.ADMIN),
        "library.source": Pressed(sources.source, Role.ADMIN),
        "library.bring": Pressed(sources.bring, Role.ADMIN),
        "library.stale": Pressed(sources.bring_stale, Role.ADMIN),
        "library.watch": Pressed(sources.watch, Role.ADMIN),
        "library.quarantine": Pressed(quarantine_again, Role.ADMIN),
        "library.held": Pressed(held, Role.ADMIN),
        "library.retry": Pressed(retry, Role.ADMIN),
        "library.force": Pressed(force, Role.ADMIN),
        "library.forced": Pressed(forced, Role.ADMIN),
        "library.reindex": Pressed(reindex_now, Role.ADMIN),
        "library.leave": Pressed(leave, Role.ADMIN),
    },
)
