"""What the change desk shows: the list, a review with its difference word by word, what is told of an ingest. Pure."""

from collections.abc import Iterator, Sequence

from bot.change_view import Place, View
from bot.locales import say
from bot.rich import Rich, bold, clean, italic, joined, styled, units
from bot.telegram.words import comma, defused, line, listed, moment
from knowledge.store.changes import HEADINGS, ChangeReview
from knowledge.store.told import Stale
from knowledge.worddiff import Piece, shortened

ROOM = 2600
"""Units of a page that differences may take; what stands above them takes up to a thousand."""
SPANS = 80
"""Formatted stretches of a page: Telegram drops those after the hundredth, and a removed word must not lose its stroke."""
CLIPPED = 700
"""Characters of one added or removed stretch that are shown; `navicert changes show N --html FILE` has all of it."""
NAMED = 12
"""Codes, rules or answers that are named; the others are counted."""


# ---------------------------------------------------------------- lists


def listing(rows: Sequence[ChangeReview], count: int, start: int, lang: str) -> Rich:
    """A page of the desk: the reviews from the `start`-th of `count` on, newest first."""
    if not count:
        return bold(say(lang, "changes.none"))
    head = bold(say(lang, "changes.heading", count=count, first=start + 1, last=start + len(rows)))
    return joined([head, *(entry(row, lang) for row in rows)], "\n\n")


def entry(row: ChangeReview, lang: str) -> Rich:
    """One review in two lines: what it is, and where it stands."""
    stands = say(lang, "changes.stands", state=state(row, lang), at=moment(row.opened_at), generation=row.generation)
    return bold(f"{row.id}") + "  " + _what(row, lang) + "\n" + stands


def _what(row: ChangeReview, lang: str) -> str:
    if row.outcome in HEADINGS:
        return say(lang, f"changes.o_{row.outcome}", count=row.parts)
    named = f"{line(row.instrument, 80)} ({row.language})"
    effective = say(lang, "changes.from_day", day=row.effective.isoformat()) if row.effective else ""
    said = say(lang, f"changes.o_{row.outcome}", instrument=named, by=line(row.by, 80), day=effective)
    return said + (say(lang, "changes.counted", counts=_counts(row, lang)) if row.outcome == "changed" else "")


def _counts(row: ChangeReview, lang: str) -> str:
    found = [say(lang, f"changes.n_{kind}", count=count) for kind, count in row.counts.items()]
    return comma(lang).join(found) or say(lang, "changes.n_nothing")


def state(row: ChangeReview, lang: str) -> str:
    """new, reviewed as relevant or not, actioned, in words."""
    if row.state == "reviewed" and row.relevant is None:  # a library's first ingest
        return say(lang, "changes.s_by_nature")
    if row.state == "reviewed":
        return say(lang, "changes.s_relevant" if row.relevant else "changes.s_not_relevant")
    return say(lang, f"changes.s_{row.state}")


# ---------------------------------------------------------------- one review


def review(found: View, start: int, lang: str) -> tuple[Rich, int | None]:
    """A page of one review from its `start`-th difference (or part) on, and where the next page begins; None: the last."""
    head = above(found, lang) if not start else bold(say(lang, "changes.title", number=found.review.id))
    count = len(found.parts) or len(found.differences)
    rows: list[Rich] = []
    size = spans = 0
    for n in range(start, count):
        row = Rich("• ") + _what(found.parts[n], lang) if found.parts else place(found.place(n), lang)
        if rows and (size + units(row.text) > ROOM or spans + len(row.spans) > SPANS):
            break
        rows.append(row)
        size, spans = size + units(row.text), spans + len(row.spans)
    after = start + len(rows)
    shown = say(lang, "changes.shown", first=start + 1, last=after, count=count) if count > len(rows) else ""
    return joined([head, *rows, italic(shown)], "\n\n"), after if after < count else None


def above(found: View, lang: str) -> Rich:
    """What was changed of what, when, by which ingest, what leans on it and what was decided."""
    row = found.review
    job = say(lang, "changes.of_job", job=row.job) if row.job is not None else ""
    parts: list[Rich | str] = [bold(say(lang, "changes.title", number=row.id)), _what(row, lang)]
    parts += [italic(line(row.title, 200))] if row.title else []
    parts.append(
        say(lang, "changes.stands", state=state(row, lang), at=moment(row.opened_at), generation=row.generation) + job
    )
    parts += [Rich("• ") + said for said in _leaning(found, lang)]
    history = [
        said
        for step in row.history
        if (said := _step(step.state, step.relevant, step.by, step.note, moment(step.at), lang))
    ]
    return joined([*parts, *history])


def _leaning(found: View, lang: str) -> Iterator[str]:
    """What of the rule book and which answers lean on it."""
    if found.review.outcome in HEADINGS:
        return
    leans, answers = found.leaning, found.leaners
    others = tuple(say(lang, f"changes.k_{kind}", name=name) for kind, name in leans.others)
    named = {"entries": leans.entries, "rules": leans.rules, "provisions": leans.provisions, "others": others}
    for key, names in named.items():
        if names:
            yield say(
                lang, f"changes.lean_{key}", count=len(names), names=listed(lang, [line(n, 60) for n in names], NAMED)
            )
    if leans.elsewhere:
        yield say(lang, "changes.lean_elsewhere", count=leans.elsewhere)
    if not (leans.entries or leans.rules or leans.provisions or leans.others or leans.elsewhere):
        yield say(lang, "changes.lean_none")
    for key, numbers in (("cite", answers.cites), ("lean", answers.leans), ("flip", found.flips)):
        if numbers:
            yield say(
                lang,
                f"changes.answers_{key}",
                count=len(numbers),
                numbers=listed(lang, [f"#{n}" for n in numbers], NAMED),
            )
    if not answers.cites and not answers.leans:
        yield say(lang, "changes.answers_none")


def _step(state_: str, relevant: bool | None, by: str, note: str, at: str, lang: str) -> Rich:
    """One entry of the history; what the machine opened is told above."""
    if not by:
        return Rich()
    key = "changes.h_new"
    if state_ == "reviewed":
        key = "changes.h_relevant" if relevant else "changes.h_not_relevant"
    elif state_ == "actioned":
        key = "changes.h_actioned"
    return Rich(say(lang, key, by=line(by, 80), at=at) + (f"\n{line(note)}" if note else ""))


def place(found: Place, lang: str) -> Rich:
    """One provision: removed words struck through, added ones underlined."""
    difference, head = found.difference, bold(heading(found, lang))
    cut = shortened(found.pieces)
    if difference.kind == "moved":
        return head
    if len(cut) > SPANS:  # more changes than a message can mark: the old text whole, then the new one
        cut = (Piece("removed", difference.before), Piece("added", difference.after))
    body = Rich()
    for piece in cut:
        body = body + _marked(piece, body.text[-1:])
    return head + "\n" + body if body else head


def heading(found: Place, lang: str) -> str:
    """What became of a provision."""
    kind, was = found.difference.kind, line(found.difference.was, 80)
    return say(lang, f"changes.d_{kind}", place=line(found.name, 120), was=was)


def _marked(piece: Piece, before: str) -> Rich:
    if piece.kind == "gap":
        return Rich(" … ")
    said = clean(piece.text)
    if piece.kind != "same" and len(said) > CLIPPED:
        said = f"{said[: CLIPPED * 2 // 3]} … {said[-CLIPPED // 3 :]}"
    said = defused(said)
    if before and before in "@#/.:" and not said[:1].isspace():
        said = f"\u200c{said}"  # a sign at the end of one stretch and a word of the next make no command or mention
    return (
        Rich(said)
        if piece.kind == "same"
        else styled({"added": "underline", "removed": "strikethrough"}[piece.kind], said)
    )


# ---------------------------------------------------------------- news


def news(job: int, rows: Sequence[ChangeReview], lang: str) -> Rich:
    """To whoever reads the desk's news: what one ingest changed, in counts."""
    kinds = ("changed", "new", "withdrawn", "repealed", "suspended")
    counts = {kind: sum(r.outcome == kind for r in rows) for kind in kinds}
    counts["new"] += sum(r.parts for r in rows if r.outcome in HEADINGS)
    said = [say(lang, f"changes.t_{kind}", count=count) for kind, count in counts.items() if count]
    first = say(lang, "changes.t_first") if any(r.outcome == "first" for r in rows) else ""
    waits = sum(r.state == "new" for r in rows)
    return joined(
        [
            bold(say(lang, "changes.told", job=job)),
            *("• " + s for s in said),
            first,
            say(lang, "changes.t_waits", count=waits),
        ]
    )


def stale(rows: Sequence[Stale], lang: str) -> Rich:
    """Sources that nobody has brought in for longer than their own interval; nothing where there is none."""
    if not rows:
        return Rich()
    lines = [_stale_line(row, lang) for row in rows[:NAMED]]
    more = [say(lang, "changes.stale_more", count=len(rows) - NAMED)] if len(rows) > NAMED else []
    return joined([bold(say(lang, "changes.stale", count=len(rows))), *("• " + s for s in lines), *more])


def _stale_line(row: Stale, lang: str) -> str:
    from bot.telegram.job_pages import named

    said = say(lang, "changes.stale_line", source=named(row.id), since=f"{row.since:%Y-%m-%d}", days=row.interval_days)
    return said + (say(lang, "changes.stale_failing", detail=line(row.detail, 160)) if row.failing else "")
