"""What the library commands show: tables and passages for a terminal, plain data for --json. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from knowledge.store.doctor import Examination
from knowledge.store.finder import Found
from knowledge.store.flags import Flag
from knowledge.store.jobs import Job
from knowledge.store.ledger import SetAside, Source
from knowledge.store.library import Version
from knowledge.store.records import ProvisionRecord

SHOWN = 700
"""Characters of a passage shown in a search; `navicert read` shows the whole."""

_STATES = {
    "ingested": "brought in", "unchanged": "unchanged", "quarantined": "set aside", "failed": "not fetched",
    "cancelled": "cancelled",
}  # fmt: skip
_STANDINGS = {
    "in_force": "in force", "not_yet_effective": "not yet in force", "repealed": "repealed",
    "undated": "no date in the text",
}  # fmt: skip


SIGNS = {
    "override": "orders that rules be ignored", "dictated": "dictates an answer", "output": "gives orders for an answer",
    "role": "assigns a role", "frame": "poses as the system or a tool", "command": "gives a command",
    "leak": "asks for what is not public", "link": "brings in a link", "source": "dictates a source",
    "coded": "hides words in a code",
}  # fmt: skip
_PLACES = {
    "heading": "(heading)", "title": "(title of the file)", "name": "(name of the file)",
    "metadata": "(description of the file)",
}  # fmt: skip
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def visible(said: str) -> str:
    """Words from a document or a file's name, safe on a terminal: control characters, marks that turn the direction of
    writing and lone surrogates are written out ("\\x1b"), so that no title can paint over what stands beside it.
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), said)


def _text(said: str, style: str = "") -> Text:
    return Text(visible(said), style=style)


def _row(table: Table, *cells: str) -> None:
    """A row of plain text: a cell that is a string would be read as rich's markup."""
    table.add_row(*(Text(_one_line(cell)) for cell in cells))


def _one_line(said: str) -> str:
    """A name or title with its line breaks written out: a file's name may hold some."""
    return visible(said).replace("\n", "\\n")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in columns:
        right = name in ("provisions", "passages", "pages", "no.")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    return table


def report(job: Job) -> RenderableType:
    """What an ingest did: each document that changed or failed, then the sums."""
    documents = job.report.get("documents", ())
    lines: list[RenderableType] = []
    for document in documents:
        if document["state"] == "unchanged":
            continue
        lines.append(Text.assemble((f"{_STATES[document['state']]}: ", "bold"), _one_line(document["name"])))
        if document["detail"]:
            lines.append(
                Padding(
                    _text(f"{document['reason'] + ': ' if document['reason'] else ''}{document['detail']}"),
                    (0, 0, 0, 2),
                )
            )
        lines += [Padding(_instrument(i), (0, 0, 0, 2)) for i in document["instruments"] if i["outcome"] != "unchanged"]
        lines += [Padding(_text(f"note: {w}", style="dim"), (0, 0, 0, 2)) for w in document["warnings"]]
        lines += [Padding(_text(line), (0, 0, 0, 2)) for line in _flagged(document)]
    counts = {state: sum(d["state"] == state for d in documents) for state in _STATES}
    told = ", ".join(f"{n} {_STATES[state]}" for state, n in counts.items() if n) or "nothing to do"
    generation = job.report.get("generation")
    ending = f"; generation {generation}" if generation is not None else ""
    lines.append(_text(f"Job {job.id} {job.state}: {told}{ending}.", style="bold"))
    return Group(*lines)


def _flagged(document: Mapping[str, Any]) -> list[str]:
    """The places of a document that speak to the machine; a report of an older Navicert has none."""
    flags, total = document.get("flags", ()), int(document.get("flagged", 0))
    lines = [f"suspicious: {_place(f)}: {f['words']} ({SIGNS.get(f['sign'], f['sign'])})" for f in flags[:5]]
    if total > len(lines):
        lines.append(f"and {total - len(lines)} more suspicious places: navicert suspicious")
    return lines


def _place(flag: Mapping[str, Any]) -> str:
    return " ".join(s for s in (flag["instrument"], flag["locator"], _PLACES.get(flag["place"], "")) if s)


def suspicious(flags: Sequence[Flag]) -> RenderableType:
    """The table of passages, titles and names that speak to the machine rather than state law."""
    if not flags:
        return _text("No ingested text speaks to the machine: nothing to look at.")
    table = _table("document", "place", "words", "why")
    for f in flags:
        _row(table, f.document, _place(asdict(f)), f.words, SIGNS.get(f.sign, f.sign))
    told = f"{len(flags)} places. They change no answer; where a document is not what it seems, ingest the publisher's own."
    return Group(table, _text(told, style="bold"))


def _instrument(found: Mapping[str, Any]) -> Text:
    counts = ", ".join(f"{n} {kind}" for kind, n in found["counts"].items())
    held = {
        "held": " (older than the live text: kept for reading as of a date)",
        "withdrawn": " (the document no longer gives this text: it is closed)",
    }.get(found["outcome"], "")
    text = _text(
        f"{found['instrument']} [{found['language']}] {found['title']}: {found['provisions']} provisions{held}"
    )
    if counts:
        text.append(f"; {counts}")
    for difference in found["differences"][:8]:
        text.append(f"\n  {difference['kind']}: {visible(difference['label'] or difference['locator'])}", style="dim")
    more = sum(found["counts"].values()) - 8
    if found["differences"] and more > 0:
        text.append(f"\n  and {more} more (navicert jobs list, --json)", style="dim")
    return text


def found(question: str, hits: Sequence[Found]) -> RenderableType:
    """Passages that bear on a question, each with its place, date, score and why it matched."""
    if not hits:
        return _text(f"Nothing that has been ingested bears on: {question}")
    lines: list[RenderableType] = []
    for n, hit in enumerate(hits, 1):
        p, v = hit.provision, hit.provision.version
        place = f"{p.label or p.locator}" + (f", page {p.page}" if p.page else "")
        lines.append(Text.assemble((f"[{n}] ", "bold"), (_one_line(f"{v.title}, {place}"), "bold")))
        facts = [v.instrument, p.locator, _STANDINGS[hit.standing], *_dates(v), f"score {hit.score:.2f}", _why(hit)]
        lines.append(Padding(_text(" · ".join(f for f in facts if f), style="dim"), (0, 0, 0, 4)))
        if p.heading:
            lines.append(Padding(_text(" > ".join(p.heading), style="dim"), (0, 0, 0, 4)))
        lines.append(Padding(_text(_short(p.text)), (0, 0, 0, 4)))
        if v.url:
            lines.append(Padding(_text(v.url, style="dim"), (0, 0, 0, 4)))
    return Group(*lines)


def _why(hit: Found) -> str:
    why = hit.why
    said = []
    if why.literals:
        said.append("names " + ", ".join(name.partition(":")[2] or name for name in why.literals[:4]))
    if why.words:
        said.append("words " + ", ".join(why.words[:6]))
    if why.dense is not None:
        said.append(f"meaning {why.dense:.2f}")
    return "; ".join(said)


def _dates(version: Version) -> list[str]:
    said = []
    if version.effective:
        said.append(f"effective {version.effective}")
    if version.version_date:
        said.append(f"text of {version.version_date}")
    if version.repealed_by:
        said.append(f"repealed by {version.repealed_by}" + (f" from {version.until}" if version.until else ""))
    if version.amended_by:
        said.append(f"amended by {', '.join(version.amended_by)}")
    if version.suspended_by:
        said.append(f"suspended, wholly or in part, by {', '.join(version.suspended_by)}")
    return said


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()} ..."


def found_json(question: str, generation: str, hits: Sequence[Found]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "question": question,
        "generation": generation,
        "passages": [
            {
                "instrument": h.provision.version.instrument,
                "title": h.provision.version.title,
                "regime": h.provision.version.regime,
                "kind": h.provision.version.kind,
                "language": h.provision.version.language,
                "provision": h.provision.locator,
                "label": h.provision.label,
                "heading": list(h.provision.heading),
                "page": h.provision.page,
                "text": h.provision.text,
                "sha256": h.provision.sha256,
                "url": h.provision.version.url,
                "standing": h.standing,
                "effective_from": _iso(h.provision.effective_from or h.provision.version.effective),
                "effective_to": _iso(h.provision.effective_to or h.provision.version.until),
                "version_date": _iso(h.provision.version.version_date),
                "repealed_by": h.provision.version.repealed_by,
                "score": round(h.score, 4),
                "why": {"words": list(h.why.words), "names": list(h.why.literals), "heading": list(h.why.heading),
                        "meaning": None if h.why.dense is None else round(h.why.dense, 3)},
            }
            for h in hits
        ],
    }  # fmt: skip


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def documents(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """The listing of what has been ingested."""
    if not rows:
        return _text("Nothing has been ingested yet. Bring documents in: navicert ingest FILE_OR_URL.")
    table = _table("instrument", "language", "kind", "provisions", "text of", "state", "title", "document")
    for row in rows:
        moment = row["version_date"] or row["effective"]
        cells = (row["instrument"], row["language"], row["kind"], str(row["provision_count"]), str(moment or ""))
        state = f"repealed by {row['repealed_by']}" if row["repealed_by"] else row["state"]
        _row(table, *cells, state, row["title"], row["name"])
    total = sum(row["provision_count"] for row in rows)
    return Group(table, _text(f"{len(rows)} texts, {total} provisions", style="bold"))


def text(version: Version, provisions: Sequence[ProvisionRecord]) -> RenderableType:
    """A text as stored, with the place of each provision."""
    dates = ", ".join(_dates(version))
    lines: list[RenderableType] = [
        _text(f"{version.title} [{version.instrument}]{f' ({dates})' if dates else ''}", style="bold")
    ]
    lines += [Padding(_case(c), (1, 0, 0, 0)) for c in version.enforcement]
    above: tuple[str, ...] = ()
    for p in provisions:
        if p.heading != above:
            above = p.heading
            lines.append(_text("\n" + " > ".join(above), style="bold"))
        place = f"{p.locator}" + (f", page {p.page}" if p.page else "")
        lines += [_text(f"\n{place}", style="dim"), _text(p.text)]
    return Group(*lines)


def _case(case: Mapping[str, str]) -> Text:
    """What an enforcement notice states of one case."""
    stated = [
        f"{key}: {case[key]}" for key in ("party", "goods", "route", "method", "penalty", "date") if case.get(key)
    ]
    return _text(f"Case ({case.get('provision', '')}): " + "; ".join(stated), style="dim")


def status(said: Mapping[str, Any]) -> RenderableType:
    """How the library stands."""
    table = _table("", "")
    table.show_header = False
    for key, value in said.items():
        shown = ", ".join(value) or "none" if isinstance(value, list) else ("nobody" if value is None else str(value))
        _row(table, key.replace("_", " "), shown)
    return table


def examination(before: Examination, after: Examination | None) -> RenderableType:
    """What the doctor found, and what is left of it."""
    said = f"{before.documents} documents, {before.provisions} provisions, {before.passages} passages looked at"
    lines: list[RenderableType] = [_text(said)]
    lines += [_text(f"wrong: {f.place}: {f.what}") for f in before.findings[:20]]
    if len(before.findings) > 20:
        lines.append(_text(f"and {len(before.findings) - 20} more"))
    if not before.findings:
        lines.append(_text("All of it holds together.", style="bold"))
    elif after is not None:
        left = after.findings
        lines.append(_text("Mended: it holds together now." if not left else "Could not be mended:", style="bold"))
        lines += [_text(f"{f.place}: {f.what}. {_ADVICE.get(f.mended_by, '')}") for f in left[:20]]
    return Group(*lines)


_ADVICE = {
    "backup": "Restore a backup into a new folder, or ingest the documents again.",
    "ingest": "Ingest it again with --force to keep its original.",
    "rebuild": "Run `navicert doctor` without --look.",
    "heal": "Run `navicert doctor` without --look.",
}


def examination_json(before: Examination, after: Examination | None) -> dict[str, Any]:
    """The same as plain data."""

    def listed(found: Examination) -> list[dict[str, str]]:
        return [{"place": f.place, "what": f.what, "mended_by": f.mended_by} for f in found.findings]

    said: dict[str, Any] = {
        "documents": before.documents, "provisions": before.provisions, "passages": before.passages,
        "findings": listed(before),
    }  # fmt: skip
    return said if after is None else {**said, "left": listed(after)}


def source_rows(watched: Sequence[Source], known: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    """Watched sources first, then the official ones that nobody watches yet."""
    ids = {s.id for s in watched}
    rows = [
        {"id": s.id, "spec": s.spec, "watched": True, "every_days": s.interval_days, "state": s.state,
         "stale": s.stale(now), "checked": _iso(s.checked_at), "detail": s.detail}
        for s in watched
    ]  # fmt: skip
    rows += [
        {"id": k.id, "spec": k.spec, "watched": False, "every_days": k.check_days, "state": "not watched",
         "stale": False, "checked": None, "detail": k.url}
        for k in known
        if k.id not in ids
    ]  # fmt: skip
    return rows


def sources(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """The table of sources."""
    table = _table("id", "source", "state", "checked", "every", "")
    for row in rows:
        state = f"{row['state']}, stale" if row["stale"] else row["state"]
        checked = (row["checked"] or "")[:10]
        _row(table, row["id"], row["spec"], state, checked, f"{row['every_days']} d", row["detail"])
    return table


def quarantine(held: Sequence[SetAside]) -> RenderableType:
    """The table of documents that were set aside."""
    if not held:
        return _text("Nothing is in quarantine.")
    table = _table("no.", "document", "reason", "what to do")
    for q in held:
        _row(table, str(q.id), q.name, q.reason, q.detail)
    return table


def set_aside(held: SetAside, kept: bool) -> RenderableType:
    """Everything known of one of them."""
    table = _table("", "")
    table.show_header = False
    for key, value in {**set_aside_json(held), "original": "kept" if kept else "gone"}.items():
        shown = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        _row(table, key.replace("_", " "), shown)
    return table


def set_aside_json(held: SetAside) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "id": held.id,
        "name": held.name,
        "source": held.source,
        "url": held.url,
        "sha256": held.sha256,
        "reason": held.reason,
        "detail": held.detail,
        "state": held.state,
        "attempts": held.attempts,
        "first_at": _iso(held.first_at),
        "last_at": _iso(held.last_at),
        "hints": dict(held.hints),
    }


def jobs(rows: Sequence[Job]) -> RenderableType:
    """The table of jobs."""
    table = _table("no.", "kind", "state", "asked for", "of", "outcome")
    for job in rows:
        documents = job.report.get("documents", ())
        counts = {s: sum(d["state"] == s for d in documents) for s in _STATES}
        told = job.report.get("error") or ", ".join(f"{n} {_STATES[s]}" for s, n in counts.items() if n)
        of = ", ".join(job.arguments.get("specs", ()))
        _row(table, str(job.id), job.kind, job.state, f"{job.created_at:%Y-%m-%d %H:%M}", of, told)
    return table
