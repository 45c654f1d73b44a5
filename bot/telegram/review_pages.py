"""What the review queue shows to staff, and what the asker is told of a decision. Pure but for the catalogue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.locales import say
from bot.rich import Rich, bold, italic, joined, quote
from bot.telegram.words import block, line, moment
from knowledge.model import Behaviour
from knowledge.store.cases import Asked
from knowledge.store.compiled import CompiledState
from knowledge.store.decisions import Decision
from knowledge.store.people import Known
from knowledge.store.reviews import LONGEST, Review
from knowledge.wording import say as told

SHORT = 90
"""Characters of a question in the queue."""


def verdict(asked: Asked, lang: str) -> str:
    """The machine's result in words."""
    special = {Behaviour.REFUSE_EVASION: "verdict.refuse", Behaviour.DECLINE_TOPIC: "verdict.decline"}
    return told(lang, special.get(Behaviour(asked.behaviour), f"verdict.{asked.verdict}"))


def name(known: Known | None, person: int, lang: str) -> str:
    """The person's name; the number of one without."""
    return line(known.name, 80) if known is not None and known.name.strip() else say(lang, "review.person", id=person)


def queue(rows: Sequence[tuple[Review, Asked]], names: Mapping[int, str], count: int, start: int, lang: str) -> Rich:
    """The open reviews from the `start`-th of `count` on, the oldest first."""
    if not count:
        return bold(say(lang, "review.none"))
    parts: list[Rich | str] = [bold(say(lang, "review.heading", count=count, first=start + 1, last=start + len(rows)))]
    for review, asked in rows:
        taken = say(lang, "review.on_it", name=names[review.taken_by]) if review.taken_by is not None else ""
        kind = say(lang, f"review.kind_{review.kind}")
        head = bold(f"{review.id}") + f"  {kind} · {names[review.person]} · {moment(review.opened_at)}"
        parts.append(joined([head, f"{verdict(asked, lang)}{taken}", italic(line(asked.text, SHORT))]))
    return joined(parts, "\n\n")


def unreviewed(lists: Sequence[str], decisions: Mapping[str, int], lang: str) -> Rich:
    """What else waits for a person: compiled lists by name and version, classification decisions by state."""
    rows = [say(lang, "review.list_waits", list=named) for named in lists]
    rows += [say(lang, f"review.decisions_{state}", count=count) for state, count in decisions.items() if count]
    return joined([bold(say(lang, "review.else")), *("• " + row for row in rows)]) if rows else Rich()


def review(found: Review, asked: Asked, names: Mapping[int, str], card: Rich, lang: str) -> Rich:
    """One review: who asked what and when, what the machine said, the note, who is on it or what was decided."""
    asked_by = say(
        lang, "review.asked_by", name=names[found.person], at=moment(asked.asked_at), on=asked.on.isoformat()
    )
    head = joined(
        [
            bold(say(lang, "review.title", number=found.id, kind=say(lang, f"review.kind_{found.kind}"))),
            asked_by,
            say(lang, "review.opened_at", at=moment(found.opened_at)),
            say(lang, "review.taken", name=names[found.taken_by]) if found.open and found.taken_by is not None else "",
        ]
    )
    note = joined([bold(say(lang, "review.note")), quote(block(found.note))]) if found.note.strip() else Rich()
    reply = joined([bold(say(lang, "review.replied")), quote(block(found.reply))]) if found.reply else Rich()
    question = joined([bold(say(lang, "review.question")), quote(block(asked.text), folded=len(asked.text) > 600)])
    machine = joined([bold(say(lang, "review.machine")) + verdict(asked, lang), card])
    return joined([head, question, note, machine, reply, _decided(found, names, lang)], "\n\n")


def _decided(found: Review, names: Mapping[int, str], lang: str) -> Rich:
    if found.open or found.decided_at is None:
        return Rich()
    by = names[found.decided_by] if found.decided_by is not None else "?"
    parts: list[Rich | str] = [bold(say(lang, f"review.was_{found.state}", name=by, at=moment(found.decided_at)))]
    if found.verdict:
        parts.append(say(lang, "review.by_staff") + bold(told(lang, f"verdict.{found.verdict}")))
    return joined([*parts, quote(block(found.reason)) if found.reason else ""])


def notice(asked: Asked, kind: str, note: str, asker: str, lang: str) -> Rich:
    """To staff: somebody asks for a colleague, or finds an answer wrong."""
    head = bold(say(lang, f"review.notice_{kind}", name=asker))
    parts: list[Rich | str] = [quote(line(asked.text)), say(lang, "review.machine") + verdict(asked, lang)]
    return joined([head, *parts, joined([say(lang, "review.note"), quote(line(note))]) if note.strip() else ""])


# ---------------------------------------------------------------- to the asker


def outcome(
    found: Review, asked: Asked, state: str, by: str, at: datetime, lang: str, verdict_: str = "", reason: str = ""
) -> Rich:  # fmt: skip
    """To the asker: what staff decided, beside what the machine said, why, and by whom."""
    parts: list[Rich | str] = [bold(say(lang, f"review.told_{state}")), quote(line(asked.text, 300))]
    parts.append(say(lang, "review.machine_said", verdict=verdict(asked, lang), on=asked.on.isoformat()))
    if verdict_:
        parts.append(say(lang, "review.staff_says") + bold(told(lang, f"verdict.{verdict_}")))
    if reason:
        parts += [say(lang, "review.reason"), quote(block(reason, LONGEST))]
    return joined([*parts, say(lang, "review.signed", by=by, at=moment(at))])


def answer(asked: Asked, words: str, by: str, lang: str) -> Rich:
    """To the asker: what a colleague writes."""
    head = bold(say(lang, "review.told_answer", by=by))
    return joined([head, quote(block(words, LONGEST)), say(lang, "review.about"), quote(line(asked.text, 300))])


# ---------------------------------------------------------------- lists and decisions


def compiled(states: Sequence[CompiledState], lang: str) -> Rich:
    """The compiled lists that answer or could not be made: counts, changes, whether somebody has reviewed them."""
    return joined([_list(s, lang) for s in states] or [say(lang, "review.no_lists")], "\n\n")


def _list(s: CompiledState, lang: str) -> Rich:
    parts: list[Rich | str] = [bold(f"{s.instrument} {s.name}")]
    if s.error:
        parts.append(told(lang, "compiled.error", version=s.name, error=line(s.error, 300)))
    if s.sha256:
        counts = {"entries": s.entries, "rows": s.rows, "unread": s.rows_unread, "issues": s.issues}
        parts.append("; ".join(f"{told(lang, f'compiled.{key}')}: {count}" for key, count in counts.items()))
        parts.append(_changes(s, lang))
        if s.reviewed_by and s.reviewed_at:
            by = line(s.reviewed_by, 80)
            parts.append(told(lang, "compiled.reviewed", by=by, at=f"{s.reviewed_at:%Y-%m-%d}"))
        else:
            parts.append(bold(told(lang, "compiled.not_reviewed")))
    return joined(parts)


def _changes(s: CompiledState, lang: str) -> Rich:
    c = s.changes
    if not c.against:
        return Rich(told(lang, "compiled.first", version=s.name))
    kinds = {"added": c.added, "removed": c.removed, "changed": c.changed, "rows": c.rows}
    said = {kind: f"{len(codes)} ({', '.join(codes)})" if codes else "0" for kind, codes in kinds.items()}
    return quote(told(lang, "compiled.changes", version=s.name, against=c.against, **said), folded=True)


def decisions(rows: Sequence[Decision], state: str, count: int, lang: str) -> Rich:
    """Classification decisions in one state, the newest first."""
    parts: list[Rich | str] = [bold(say(lang, f"review.decisions_{state}", count=count))]
    for row in rows:
        chosen = f"  {row.choice.regime} {row.choice.code}" if row.choice else ""
        parts.append(joined([bold(str(row.number)) + chosen, italic(line(row.text, SHORT))]))
    return joined(parts, "\n\n")
