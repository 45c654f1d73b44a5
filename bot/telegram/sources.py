"""Where law comes from: the watched sources and the official ones that Navicert knows, to watch and to bring in. Part of the
library's conversation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, code, joined, link
from bot.services import Services
from bot.sources import official, registered, understood
from bot.telegram.admin_pages import in_rows, page
from bot.telegram.events import Button, Event, Member, Turn, says
from bot.telegram.ingest import Order, queued, refusal
from bot.telegram.job_pages import named
from bot.telegram.words import one_line
from knowledge.errors import BadInput, NavicertError

SHOWN = 30  # sources in one message
EVERY = 30  # days after which a source counts as stale where nobody says otherwise


def sources(services: Services, event: Event, member: Member) -> Turn:
    """`/sources`, or `/sources watch SOURCE` to watch one more."""
    words = event.text.split(None, 1)
    if words and words[0].lower() == "watch":
        return _watch(services, member, words[1] if len(words) > 1 else "")
    return _sources_page(services, event, member)


def sources_again(services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """The list, from a button."""
    return _sources_page(services, event, member)


def _known(services: Services) -> list[dict[str, Any]]:
    from bot.library_pages import source_rows

    return source_rows(services.store.ledger.sources(), official(), services.now())


def _sources_page(services: Services, event: Event, member: Member) -> Turn:
    lang, rows = member.language, _known(services)
    lines: list[Rich | str] = [bold(say(lang, "library.sources"))]
    lines += [_source_line(row, lang) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(say(lang, "library.more", n=len(rows) - SHOWN))
    lines.append(say(lang, "library.sources_how"))
    buttons = in_rows([Button(named(r["id"])[:40], "library.source", {"id": r["id"]}) for r in rows[:SHOWN]])
    stale = [r["spec"] for r in rows if r["stale"]]
    if stale:
        label = say(lang, "library.bring_stale", n=len(stale))
        buttons = ((Button(label, "library.stale", once=True),), *buttons)
    return page(event, joined(lines), buttons)


def _source_line(row: Mapping[str, Any], lang: str) -> Rich:
    head = Rich("● " if row["watched"] else "○ ") + code(named(row["id"]))
    if not row["watched"]:
        return head + " " + say(lang, "library.unwatched")
    checked = (row["checked"] or "")[:10] or say(lang, "library.never")
    said = say(lang, f"library.source_{row['state']}", checked=checked, days=row["every_days"])
    return head + " " + said + (say(lang, "library.stale_mark") if row["stale"] else "")


def source(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """One source, with what can be done about it."""
    lang = member.language
    row = next((r for r in _known(services) if r["id"] == values["id"]), None)
    if row is None:
        raise BadInput(say(lang, "library.gone"))
    lines: list[Rich | str] = [bold(named(row["id"])), code(named(row["spec"])), _source_line(row, lang)]
    detail = str(row["detail"])
    if detail:
        lines.append(link(one_line(detail, 200), detail) if not row["watched"] else one_line(detail, 400))
    buttons = [Button(say(lang, "library.bring"), "library.bring", {"id": row["id"]}, once=True)]
    if not row["watched"]:
        buttons.append(Button(say(lang, "library.watch"), "library.watch", {"id": row["id"]}, once=True))
    back = Button(say(lang, "library.back"), "library.sources")
    return page(event, joined(lines), (tuple(buttons), (back,)))


def bring(services: Services, event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Bring one source in now."""
    row = next((r for r in _known(services) if r["id"] == values["id"]), None)
    if row is None:
        raise BadInput(say(member.language, "library.gone"))
    return _bring(services, event, member, [row["spec"]])


def bring_stale(services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """Bring in every watched source that nobody has looked at for too long."""
    stale = [r["spec"] for r in _known(services) if r["stale"]]
    if not stale:
        return Turn(toast=say(member.language, "library.none_stale"))
    return _bring(services, event, member, stale)


def _bring(services: Services, event: Event, member: Member, specs: list[str]) -> Turn:
    intro = Rich(say(member.language, "library.bringing", sources=", ".join(named(s) for s in specs)))
    arguments = {"specs": specs, "force": False, "hints": {}}
    return queued(services, event, member, Order("ingest", arguments, intro, "ingest", ", ".join(map(named, specs))))


def watch(services: Services, _event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Watch a source of the registry."""
    return _watch(services, member, str(values["id"]))


def _watch(services: Services, member: Member, said: str) -> Turn:
    lang, shown = member.language, one_line(said)
    try:
        found = understood(said, services.settings.korea_key)
    except NavicertError as error:
        return refusal(lang, said, error, "library.watch")
    known = registered(said)
    days = known.check_days if known else EVERY
    identity = known.id if known else found.text
    added = services.store.ledger.add_source(identity, found.text, days, services.now())
    told = say(lang, "library.watched" if added else "library.watched_already", source=shown, days=days)
    if not added:
        return says(told)
    return replace(says(told), action="library.watch", target=one_line(identity))
