"""How a job shows itself in the chat: where it stands, and how it ended. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from bot.locales import catalogue, say
from bot.rich import Rich, bold, italic, joined, units
from bot.telegram.admin_pages import lasting
from bot.telegram.words import one_line
from knowledge.store.jobs import Job
from knowledge.store.people import aware

BAR = 12  # cells
DIFFERENCES = 5  # shown of one instrument
WARNINGS = 4  # shown of one document
FLAGS = 5  # suspicious places shown of one document
CODES = 12  # shown of a kind
LONGEST = 3600  # units of a report in one message, of the 4096 that Telegram takes
CHANGED = ("new", "changed", "withdrawn")
"""Outcomes of an instrument that change what answers."""


def named(spec: str) -> str:
    """A source as shown: of a file only its name, never where it lies on this machine."""
    if spec.startswith("file:"):
        return one_line(PurePosixPath(spec.removeprefix("file:").replace("\\", "/")).name or "file")
    return one_line(spec)


def subject(job: Job, lang: str) -> str:
    """What a job is about, in a few words."""
    if job.kind == "reindex":
        return say(lang, "ingest.of_reindex")
    if job.kind == "retry":
        numbers = ", ".join(f"#{n}" for n in job.arguments.get("ids", ())) or say(lang, "ingest.everything")
        return say(lang, "ingest.of_retry", numbers=numbers)
    specs = list(job.arguments.get("specs", ()))
    more = say(lang, "ingest.and_more", n=len(specs) - 3) if len(specs) > 3 else ""
    return ", ".join(named(s) for s in specs[:3]) + more


def progress(job: Job, ahead: int, rate: float, now: datetime, lang: str) -> Rich:
    """Where an unfinished job stands. `ahead` jobs come before it; `rate` is passages a second, 0 while unknown."""
    head = bold(say(lang, "ingest.job", job=job.id, subject=subject(job, lang)))
    if job.state == "queued":
        return joined((head, say(lang, "ingest.waits", ahead=ahead)))
    p = job.progress
    lines: list[Rich | str] = [head]
    step = _step(str(p.get("step", "")), lang)
    name = one_line(str(p.get("name", "")), 60)
    lines.append(f"{step} · {name}" if name else step)
    if p.get("found"):
        done, found = int(p["done"]), int(p["found"])
        lines.append(say(lang, "ingest.documents", bar=_bar(done, found), done=done, found=found))
    if p.get("to_embed"):
        done, found = int(p["embedded"]), int(p["to_embed"])
        lines.append(say(lang, "ingest.passages", bar=_bar(done, found), done=done, found=found) + _left(p, rate, lang))
    if job.started_at is not None:
        lines.append(say(lang, "ingest.elapsed", time=lasting(lang, (now - aware(job.started_at)).total_seconds())))
    if job.cancel:
        lines.append(italic(say(lang, "ingest.stopping")))
    return joined(lines)


def _step(step: str, lang: str) -> str:
    key = "ingest.step_" + {"reading": "reading", "indexing": "indexing", "building the index anew": "building"}.get(
        step, "starting"
    )
    return say(lang, key)


def _bar(done: int, found: int) -> str:
    full = min(BAR, done * BAR // found)
    return "█" * full + "░" * (BAR - full)


def _left(p: Mapping[str, Any], rate: float, lang: str) -> str:
    if rate <= 0:
        return ""
    left = lasting(lang, (int(p["to_embed"]) - int(p["embedded"])) / rate + 5)
    return say(lang, "ingest.rate", rate=f"{rate:.0f}" if rate >= 1 else "<1", left=left)


# ---------------------------------------------------------------- the end


def ended(job: Job, lang: str) -> tuple[Rich, bool]:
    """How a job ended: the text, and whether something of it was left out for its length."""
    told = joined((bold(say(lang, "ingest.job", job=job.id, subject=subject(job, lang))), *_sums(job, lang)))
    size, cut = units(told.text), False
    for part in _details(job, lang):
        size += units(part.text) + 1
        if size > LONGEST:
            cut = True
            break
        told = told + "\n" + part
    return (told + "\n" + italic(say(lang, "ingest.cut")) if cut else told), cut


def whole(job: Job, lang: str) -> str:
    """The same with nothing left out but the texts of the differences."""
    return joined(
        (say(lang, "ingest.job", job=job.id, subject=subject(job, lang)), *_sums(job, lang), *_details(job, lang, True))
    ).text


def changed(job: Job) -> tuple[str, ...]:
    """The instruments that answer otherwise since this job."""
    found = (
        str(i["instrument"])
        for d in job.report.get("documents", ())
        if d["state"] == "ingested"
        for i in d["instruments"]
        if i["outcome"] in CHANGED
    )
    return tuple(dict.fromkeys(found))


def _sums(job: Job, lang: str) -> Iterator[str]:
    """State, counts, what answers now, how long it took."""
    documents = job.report.get("documents", ())
    lost = job.state == "done" and any(d["state"] in ("quarantined", "failed") for d in documents)
    yield say(lang, "ingest.state_partly" if lost else f"ingest.state_{job.state}")
    if job.report.get("error"):
        yield say(lang, "ingest.error", error=one_line(_no_paths(str(job.report["error"])), 400))
    states = ("ingested", "unchanged", "quarantined", "failed", "cancelled")
    counts = {s: sum(d["state"] == s for d in documents) for s in states}
    sums = say(lang, "ingest.between").join(say(lang, f"ingest.n_{s}", n=n) for s, n in counts.items() if n)
    if sums:
        yield sums
    if job.report.get("generation") is not None:
        yield say(lang, "ingest.generation", n=job.report["generation"])
    if job.started_at is not None and job.finished_at is not None:
        took = (aware(job.finished_at) - aware(job.started_at)).total_seconds()
        yield say(lang, "ingest.took", time=lasting(lang, took))


def _details(job: Job, lang: str, everything: bool = False) -> Iterator[Rich]:
    compiled = job.report.get("compiled", ())
    for document in job.report.get("documents", ()):
        if document["state"] != "unchanged":
            yield from _document(document, compiled, lang, everything)
    for made in compiled:
        yield Rich("\n") + bold(say(lang, "ingest.compiled", instrument=made["instrument"]))
        yield Rich(_compiled(made, lang))
    if job.report.get("reopened"):
        numbers = ", ".join(f"#{n}" for n in job.report["reopened"])
        yield Rich("\n") + bold(say(lang, "ingest.reopened", numbers=numbers))
    if job.report.get("compile_error"):
        yield Rich(say(lang, "ingest.compile_error", error=one_line(str(job.report["compile_error"]), 300)))


def _document(
    document: Mapping[str, Any], compiled: Sequence[Mapping[str, Any]], lang: str, everything: bool
) -> Iterator[Rich]:
    state, name = document["state"], named(str(document["name"]))
    yield Rich("\n") + bold(say(lang, f"ingest.d_{state}", name=name))
    if state == "quarantined":
        known = f"ingest.reason_{document['reason']}" in catalogue(lang)
        yield Rich(say(lang, f"ingest.reason_{document['reason']}" if known else "ingest.reason_other"))
    if document["detail"]:
        yield Rich(one_line(_no_paths(str(document["detail"])), 400))
    for found in document["instruments"]:
        if found["outcome"] != "unchanged":
            yield from _instrument(found, lang, everything)
    notes = [w for w in document["warnings"] if not _said_below(str(w), compiled)]
    shown = notes if everything else notes[:WARNINGS]
    for note in shown:
        yield Rich(say(lang, "ingest.note", note=one_line(str(note), 300)))
    if len(notes) > len(shown):
        yield Rich(say(lang, "ingest.more_notes", n=len(notes) - len(shown)))
    yield from _flagged(document, lang, everything)


def _flagged(document: Mapping[str, Any], lang: str, everything: bool) -> Iterator[Rich]:
    """What of it speaks to the machine, as quoted words: the admin decides what the document is."""
    flags = document.get("flags", ())
    if not flags:
        return
    yield bold(say(lang, "ingest.flagged", n=document["flagged"]))
    shown = flags if everything else flags[:FLAGS]
    for f in shown:
        where = " ".join(s for s in (str(f["instrument"]), str(f["locator"])) if s)
        place = one_line(where, 80) or say(lang, f"ingest.place_{f['place']}")
        why = say(lang, f"ingest.sign_{f['sign']}")
        yield Rich(say(lang, "ingest.flag", place=place, words=one_line(str(f["words"]), 120), why=why))
    if document["flagged"] > len(shown):
        yield Rich(say(lang, "ingest.more_flags", n=document["flagged"] - len(shown)))


def _said_below(note: str, compiled: Sequence[Mapping[str, Any]]) -> bool:
    """Is it a note that `_details` words itself, from what it was made of?"""
    said = tuple(f"{made['instrument']} {how}" for made in compiled for how in ("compiled,", "could not be compiled"))
    general = ("Classification decisions reopened:", "The compiled lists could not be")
    return note.startswith((*said, *general))


def _instrument(found: Mapping[str, Any], lang: str, everything: bool) -> Iterator[Rich]:
    counts = say(lang, "ingest.between").join(say(lang, f"ingest.c_{k}", n=n) for k, n in found["counts"].items())
    head = say(
        lang,
        f"ingest.i_{found['outcome']}",
        instrument=one_line(str(found["instrument"])),
        language=found["language"],
        title=one_line(str(found["title"]), 160),
        provisions=found["provisions"],
    )
    yield Rich(head + (say(lang, "ingest.counts", counts=counts) if counts and found["outcome"] != "new" else ""))
    if found["outcome"] not in ("changed", "held"):
        return
    listed = found["differences"] if everything else found["differences"][:DIFFERENCES]
    for difference in listed:
        yield _difference(difference, lang)
    more = sum(found["counts"].values()) - len(listed)
    if more > 0:
        yield Rich(say(lang, "ingest.more_differences", n=more))


def _difference(difference: Mapping[str, Any], lang: str) -> Rich:
    place = one_line(str(difference["label"] or difference["locator"]), 80)
    line = Rich("  • ") + bold(say(lang, f"ingest.x_{difference['kind']}", place=place))
    before, after = _around(str(difference["before"]), str(difference["after"]))
    if difference["kind"] == "moved":
        return line + " ← " + one_line(str(difference["was"]), 60)
    if difference["kind"] == "changed":
        line = line + "\n    − " + before + "\n    + " + after
    elif before or after:
        line = line + "\n    " + (after or before)
    return line


def _around(before: str, after: str, wide: int = 110) -> tuple[str, str]:
    """Both texts from a little before the place where they part, clipped."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        same += 1
    start = max(0, same - 30) if before and after else 0
    lead = "…" if start else ""
    return lead + one_line(before[start:], wide), lead + one_line(after[start:], wide)


def _compiled(made: Mapping[str, Any], lang: str) -> str:
    if made.get("error"):
        key = "ingest.list_kept" if made.get("sha256") else "ingest.list_failed"
        return say(lang, key, error=one_line(str(made["error"]), 300))
    said = say(
        lang, "ingest.list_made", entries=made["entries"], rows=made["rows"], unread=made["rows_unread"],
        issues=made["issues"],
    )  # fmt: skip
    changes = made.get("changes") or {}
    if not changes.get("against"):
        return said
    kinds = (
        say(lang, f"ingest.list_{k}", codes=_codes(changes.get(k, ()), lang)) for k in ("added", "removed", "changed")
    )
    present = [text for k, text in zip(("added", "removed", "changed"), kinds, strict=True) if changes.get(k)]
    return "\n".join((said, say(lang, "ingest.list_against", version=one_line(str(changes["against"]))), *present))


def _codes(codes: Sequence[str], lang: str) -> str:
    more = say(lang, "ingest.and_more", n=len(codes) - CODES) if len(codes) > CODES else ""
    return f"{len(codes)} ({', '.join(one_line(str(c), 40) for c in codes[:CODES])}{more})"


def _no_paths(said: str) -> str:
    """An error without the folders of this machine in it."""
    return re.sub(r"(?<![\w:/.])(?:file:(?://)?)?/(?:[^\s/:'\"]+/)+", "", said)
