"""What the staff's commands show: pages for a terminal, plain data for --json. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.library_pages import visible
from knowledge.classify.model import Candidate, Classification, Correspondence, Parameter, Verdict
from knowledge.controllists.model import ControlList
from knowledge.model import Citation, Lang
from knowledge.store.compiled import CompiledState
from knowledge.wording import known, say

if TYPE_CHECKING:  # the engine over every list of parties, and the rule book, are loaded by the commands that use them
    from knowledge.screening.service import Hit, ScreenResult
    from knowledge.store.decisions import Decision, Step

UNLISTED = "EAR99"
NAMED = 8
"""Other names of a party that a page shows; --json has them all."""
SHORT = 60
"""Characters of a description in a table."""
SHARED = 240
"""Characters of a printed row that a page shows."""
Cited = Callable[[Candidate], tuple[Citation, ...]]


def _line(said: str, indent: int = 0, style: str = "") -> RenderableType:
    text = Text(visible(said).replace("\n", "\\n"), style=style)
    return Padding(text, (0, 0, 0, indent)) if indent else text


def _table(columns: Sequence[str], right: Iterable[int] = ()) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for n, name in enumerate(columns):
        table.add_column(name, justify="right" if n in set(right) else "left", overflow="fold")
    return table


def _cells(table: Table, *cells: str) -> None:
    table.add_row(*(Text(visible(cell).replace("\n", " ")) for cell in cells))


# ---------------------------------------------------------------- classify


def list_label(book_hash: str, ccl: ControlList, lang: Lang) -> str:
    """Which lists were used, and whether anyone has reviewed the compiled one."""
    kind = "bundled" if ccl.bundled else "reviewed" if ccl.reviewed_by else "compiled"
    told = {
        "bundled": lambda: say(lang, "desk.list_bundled", version=ccl.version),
        "reviewed": lambda: say(lang, "desk.list_reviewed", version=ccl.version, by=ccl.reviewed_by),
        "compiled": lambda: say(lang, "desk.list_compiled", version=ccl.version),
    }[kind]()
    return say(lang, "desk.list_both", ccl=told, rules=book_hash[:12])


def classification(
    found: Classification, lang: Lang, lists: str, cited: Cited, file: str = "", number: int | None = None
) -> RenderableType:  # fmt: skip
    """Candidates of each regime with what speaks for and against them, the chance of EAR99, and what to ask next."""
    lines: list[RenderableType] = []
    if file:
        lines.append(_line(say(lang, "desk.from_file", file=file), style="dim"))
    if found.truncated:
        lines.append(_line(say(lang, "desk.truncated")))
    if not found.candidates:
        lines.append(_line(say(lang, "desk.nothing")))
    for regime in ("US", "CN", "EU"):
        rows = found.of(regime)
        if rows:
            lines += [Text(""), _line(_regime(regime, lang), style="bold")]
        for candidate in rows:
            lines += _candidate(candidate, lang, cited(candidate))
        if regime == "US":
            lines += _not_listed(found, lang)
    if found.missing:
        lines += [Text(""), _line(say(lang, "desk.ask_heading"), style="bold")]
        lines += [
            _line(say(lang, "desk.ask", quantity=q.quantity, code=_place(q.code, q.path), wanted=q.wanted), 2)
            for q in found.missing
        ]
    lines += [Text(""), _line(say(lang, "desk.estimate")), _line(say(lang, "desk.lists", lists=lists), style="dim")]
    if number is not None:
        lines.append(_line(say(lang, "desk.recorded", number=number), style="bold"))
    return Group(*lines)


def _regime(regime: str, lang: Lang) -> str:
    return say(lang, f"desk.regime_{regime.lower()}")


def _place(code: str, path: str) -> str:
    return f"{code}.{path}" if path else code


def _candidate(c: Candidate, lang: Lang, cited: Sequence[Citation]) -> list[RenderableType]:
    title = c.title.get(lang) or c.title.get("en") or c.code
    head = say(lang, "desk.candidate", rank=c.rank, code=c.code, title=title if title != c.code else "").rstrip()
    told: list[str] = []
    if c.regime != "EU":  # paragraphs and limits of an EU candidate are those of the US entry: they are shown there
        if paths := [_place(c.code, i.path) for i in c.items if i.path]:
            told.append(say(lang, "desk.items", paths=", ".join(paths)))
        told += [_parameter(p, lang) for p in c.parameters]
    dim = [say(lang, "desk.chance" if c.regime == "US" else "desk.fit", share=f"{100 * c.score:.0f}")]
    if c.because and c.regime != "EU":
        dim.append(say(lang, "desk.because", words=", ".join(c.because)))
    if c.correspondences:
        dim.append(say(lang, "desk.corresponds", places=", ".join(_elsewhere(o, lang) for o in c.correspondences)))
    dim += _sources(cited, lang)
    return [_line(head), _line(dim[0], 4, "dim"), *(_line(t, 4) for t in told), *(_line(d, 4, "dim") for d in dim[1:])]


def _elsewhere(o: Correspondence, lang: Lang) -> str:
    state = say(lang, "desk.compared") if o.confirmed else say(lang, "desk.same_number")
    return say(lang, "desk.place", regime=o.regime, code=o.code, state=state)


def _sources(cited: Sequence[Citation], lang: Lang) -> list[str]:
    """One line a document, with the places that are cited of it."""
    grouped: dict[tuple[str, str, bool], list[str]] = {}
    for c in cited:
        grouped.setdefault((c.title, c.url, c.digest), []).append(c.provision)
    return [
        say(lang, "desk.source", title=title, places=", ".join(dict.fromkeys(places)), url=url,
            kind=say(lang, "desk.digest") if digest else say(lang, "desk.official"))
        for (title, url, digest), places in grouped.items()
    ]  # fmt: skip


def _parameter(p: Parameter, lang: Lang) -> str:
    wanted = f"{p.comparator} {p.wanted}".strip()
    key = "desk.open_given" if p.verdict is Verdict.OPEN and p.given is not None else f"desk.{p.verdict}"
    return say(lang, key, quantity=p.quantity, given=p.given, wanted=wanted)


def _not_listed(found: Classification, lang: Lang) -> list[RenderableType]:
    share = f"{100 * found.not_listed.probability:.0f}"
    lines = [_line(say(lang, "desk.not_listed", code=UNLISTED, share=share))]
    return lines + [_line(_reason(key, detail, lang), 4, "dim") for key, detail in found.not_listed.reasons]


def _reason(key: str, detail: str, lang: Lang) -> str:
    name = f"desk.reason_{key}"
    return (
        say(lang, name, detail=detail)
        if known(lang, name)
        else say(lang, "desk.reason_other", detail=f"{key} {detail}")
    )


def classification_json(
    text: str, found: Classification, lang: Lang, on: date, lists: Mapping[str, Any], cited: Cited,
    unlisted: Sequence[Citation], generation: str, number: int | None,
) -> dict[str, Any]:  # fmt: skip
    """The same as plain data; `candidates` with the names that the contract gives them."""
    said: dict[str, Any] = {
        "text": text,
        "lang": lang,
        "on": on.isoformat(),
        "candidates": [
            {**_plain(asdict(c)), "score": round(c.score, 4), "citations": [_citation(x) for x in cited(c)]}
            for c in found.candidates
        ],
        "not_listed": {
            "code": UNLISTED,
            "probability": round(found.not_listed.probability, 4),
            "reasons": [{"reason": k, "detail": d, "text": _reason(k, d, lang)} for k, d in found.not_listed.reasons],
            "citations": [_citation(x) for x in unlisted],
        },
        "outcomes": [{"code": code, "probability": round(p, 4)} for code, p in found.outcomes],
        "missing": [
            {"code": _place(q.code, q.path), "quantity": q.quantity, "wanted": q.wanted,
             "ask": say(lang, "desk.ask", quantity=q.quantity, code=_place(q.code, q.path), wanted=q.wanted)}
            for q in found.missing
        ],
        "understood": _plain(asdict(found.read)),
        "truncated": found.truncated,
        "notice": say(lang, "desk.estimate"),
        **lists,
        "generation": generation,
    }  # fmt: skip
    return said if number is None else {**said, "decision": number}


def _citation(c: Citation) -> dict[str, Any]:
    return {key: value for key, value in _plain(asdict(c)).items() if key != "n"}


def _plain(value: Any) -> Any:
    """Dates and enumerations as text, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)


# ---------------------------------------------------------------- decisions


def decisions(rows: "Sequence[Decision]", lang: Lang) -> RenderableType:
    """The table of decisions."""
    if not rows:
        return _line(say(lang, "decision.none"))
    names = ("number", "state", "code", "proposed_code", "by", "date", "text")
    table = _table([say(lang, f"decision.{name}") for name in names], right=(0,))
    for row in rows:
        last = row.history[-1]
        best = max(row.candidates, key=lambda c: float(c["score"]) if c["regime"] == "US" else -1.0, default=None)
        code = f"{row.choice.regime} {row.choice.code}" if row.choice else ""
        proposed = f"{best['regime']} {best['code']}" if best else ""
        short = row.text if len(row.text) <= SHORT else f"{row.text[:SHORT]} ..."
        state = say(lang, f"decision.state_{row.state}")
        _cells(table, str(row.number), state, code, proposed, last.by, f"{last.at:%Y-%m-%d}", short)
    return table


def decision(row: "Decision", lang: Lang) -> RenderableType:
    """One decision with its history."""
    state = say(lang, f"decision.state_{row.state}")
    lines = [_line(say(lang, "decision.title", number=row.number, state=state), style="bold"), Text(visible(row.text))]
    if row.choice is not None:
        lines.append(_line(say(lang, "decision.chosen", regime=row.choice.regime, code=row.choice.code)))
    said = ", ".join(f"{c['regime']} {c['code']} ({100 * float(c['score']):.0f} %)" for c in row.candidates)
    lines.append(_line(say(lang, "decision.candidates", candidates=said or "-")))
    against = ", ".join(f"{kind} {about.get('name', '')}" for kind, about in sorted(row.lists.items()))
    lines.append(_line(say(lang, "decision.against", lists=against), style="dim"))
    lines.append(_line(say(lang, "decision.history"), style="bold"))
    lines += [_line(_step(step, lang), 2) for step in row.history]
    return Group(*lines)


def _step(step: "Step", lang: Lang) -> str:
    at = f"{step.at:%Y-%m-%d %H:%M} UTC"
    if step.state == "proposed":
        return say(lang, "decision.step_proposed", at=at, by=f": {step.by}" if step.by else "")
    if step.state == "reopened" or step.choice is None:
        told = "; ".join(
            say(lang, f"decision.change_{c['what']}", entry=c["entry"], since=c["from"], to=c["to"])
            for c in step.changes
        )
        return say(lang, "decision.step_reopened", at=at, changes=told)
    fields = {"at": at, "by": step.by, "regime": step.choice.regime, "code": step.choice.code, "reason": step.reason}
    return say(lang, f"decision.step_{step.state}", **fields)


# ---------------------------------------------------------------- compiled lists


def compiled(states: Sequence[CompiledState], waiting: Mapping[str, str], bundled: str, lang: Lang) -> RenderableType:
    """The compiled lists with their counts and reviews. `waiting` maps an instrument to its version that is live and not
    compiled; `bundled` is the version of the facts that answer where none is."""
    lines: list[RenderableType] = []
    if states:
        names = ("instrument", "version", "state", "entries", "rows", "unread", "issues", "made", "review")
        table = _table([say(lang, f"compiled.{name}") for name in names], right=(3, 4, 5, 6))
        for s in states:
            counts = (str(s.entries), str(s.rows), str(s.rows_unread), str(s.issues))
            _cells(
                table, s.instrument, s.name, _state(s, lang), *counts, f"{s.made_at:%Y-%m-%d %H:%M}", review(s, lang)
            )
        lines.append(table)
    if not any(s.live and s.sha256 for s in states):
        lines.append(_line(say(lang, "compiled.none", version=bundled)))
    for s in states:
        if s.error:
            lines.append(_line(say(lang, "compiled.error", version=s.name, error=s.error)))
        if s.note:
            lines.append(_line(say(lang, "compiled.note", version=s.name, note=s.note)))
        if s.live and s.sha256:
            lines.append(_line(_changes(s, lang)))
    lines += [_line(say(lang, "compiled.waiting", instrument=i, version=v)) for i, v in waiting.items() if v]
    return Group(*lines)


def _state(s: CompiledState, lang: Lang) -> str:
    return say(lang, "compiled.failed" if not s.sha256 else "compiled.answers" if s.live else "compiled.closed")


def review(s: CompiledState, lang: Lang) -> str:
    """Whether somebody has reviewed the list, and who."""
    if not s.sha256:
        return ""
    if not s.reviewed_by or s.reviewed_at is None:
        return say(lang, "compiled.not_reviewed")
    return say(lang, "compiled.reviewed", by=s.reviewed_by, at=f"{s.reviewed_at:%Y-%m-%d}")


def _changes(s: CompiledState, lang: Lang) -> str:
    c = s.changes
    if not c.against:
        return say(lang, "compiled.first", version=s.name)
    kinds = {"added": c.added, "removed": c.removed, "changed": c.changed, "rows": c.rows}
    told = {kind: f"{len(codes)} ({', '.join(codes)})" if codes else "0" for kind, codes in kinds.items()}
    return say(lang, "compiled.changes", version=s.name, against=c.against, **told)


def issues(instrument: str, rows: Sequence[tuple[str, str, str]], lang: Lang) -> RenderableType:
    """What the compiler did not understand, each with why."""
    if not rows:
        return _line(say(lang, "compiled.no_issues", instrument=instrument))
    lines: list[RenderableType] = []
    for locator, why, printed in rows:
        lines.append(_line(say(lang, "compiled.issue", locator=locator, why=why)))
        if printed:
            short = printed if len(printed) <= SHARED else f"{printed[:SHARED]} ..."
            lines.append(_line(say(lang, "compiled.issue_text", text=short), 4, "dim"))
    lines.append(_line(say(lang, "compiled.issue_count", count=len(rows)), style="bold"))
    return Group(*lines)


def compiled_json(states: Sequence[CompiledState], waiting: Mapping[str, str], bundled: str) -> dict[str, Any]:
    """The same as plain data."""
    rows = [{**_plain(asdict(s)), "answers": s.live and bool(s.sha256)} for s in states]
    return {"lists": rows, "waiting": {k: v for k, v in waiting.items() if v}, "bundled": bundled}


# ---------------------------------------------------------------- screening


def screened(found: "ScreenResult", lang: Lang, limit: int, status: Mapping[str, str]) -> RenderableType:
    """Hits with what they mean, and what was searched. `status` maps the id of a party of the rule book to where its
    measures stand on the day asked for."""
    count = len(found.hits)
    key = "screen.none" if not count else "screen.heading_cut" if count >= limit else "screen.heading"
    lines: list[RenderableType] = [_line(say(lang, key, name=found.name, count=count), style="bold")]
    for hit in found.hits:
        lines += [Text(""), *_hit(hit, lang, status.get(hit.party.id, ""))]
    lists = ", ".join(
        say(
            lang,
            "screen.searched_dated" if s.as_of else "screen.searched_list",
            list=s.code,
            count=s.count,
            date=s.as_of,
        )
        for s in found.lists
    )
    lines += [Text(""), _line(say(lang, "screen.searched", lists=lists), style="dim")]
    lines += [_line(say(lang, "screen.not_searched", what=what)) for what in found.not_searched]
    lines.append(_line(say(lang, "screen.rest"), style="dim"))
    return Group(*lines)


def _list_name(code: str, lang: Lang) -> str:
    from knowledge.screening.lists import meanings

    meaning = meanings().get(code)
    if meaning is not None:
        return f"{meaning.name[lang]} ({code})"
    key = f"screen.list_{code.removeprefix('CN-')}"
    return say(lang, key) if known(lang, key) else code


def _hit(hit: "Hit", lang: Lang, status: str) -> list[RenderableType]:
    party, meaning = hit.party, hit.meaning
    told = [say(lang, "screen.score", score=f"{hit.score:.0f}", grade=say(lang, f"screen.grade_{hit.grade}"))]
    if hit.matched_name != party.name:
        told.append(say(lang, "screen.matched", name=hit.matched_name))
    told.append(_why(hit, lang))
    effect = say(lang, f"screen.effect_{hit.effect}")
    told.append(f"{effect}. {meaning.does[lang]} {meaning.does_not[lang]}" if meaning else f"{effect}.")
    if meaning:
        told.append(say(lang, "screen.agency", agency=meaning.agency, citation=meaning.citation))
        if meaning.unconfirmed:
            told.append(say(lang, "screen.unconfirmed"))
    elif party.citation:
        told.append(party.citation)
    told.append(say(lang, "screen.since", since=party.since) if party.since else say(lang, "screen.since_unknown"))
    if status:
        told.append(say(lang, "screen.status", status=say(lang, f"status.{status}")))
    told += _particulars(hit, lang)
    head = _line(say(lang, "screen.hit", name=party.name, list=_list_name(party.list, lang)), style="bold")
    return [head, *(_line(line, 4) for line in told if line)]


def _pair(asked: Sequence[str], listed: Sequence[str], how: str, lang: Lang) -> str:
    """Words that matched; where they are not the same, by what."""
    alike = say(lang, f"screen.why_{how}")
    return " ".join(asked) if asked == listed else f"{' '.join(asked)} = {' '.join(listed)} ({alike})"


def _why(hit: "Hit", lang: Lang) -> str:
    explained = hit.explanation
    pairs = [_pair(p.asked, p.listed, p.how, lang) for p in explained.pairs]
    told = [say(lang, "screen.why_matched", words=", ".join(pairs))] if pairs else []
    if explained.reordered:
        told.append(say(lang, "screen.why_reordered"))
    if explained.only_asked:
        told.append(say(lang, "screen.why_only_asked", words=", ".join(explained.only_asked)))
    if explained.only_listed:
        told.append(say(lang, "screen.why_only_listed", words=", ".join(explained.only_listed)))
    if hit.country is not None:
        told.append(say(lang, "screen.country_agrees" if hit.country else "screen.country_differs"))
    return "; ".join(told)


def _particulars(hit: "Hit", lang: Lang) -> list[str]:
    party = hit.party
    told: list[str] = []
    if party.licence_requirement or party.licence_policy:
        fields = {"requirement": party.licence_requirement or "-", "policy": party.licence_policy or "-"}
        told.append(say(lang, "screen.requirement", **fields))
    if party.programmes:
        told.append(say(lang, "screen.programmes", programmes=", ".join(party.programmes)))
    if party.aliases:
        more = len(party.aliases) - NAMED
        rest = (say(lang, "screen.more", count=more),) if more > 0 else ()
        told.append(say(lang, "screen.aliases", aliases=", ".join((*party.aliases[:NAMED], *rest))))
    if party.countries:
        told.append(say(lang, "screen.countries", countries=", ".join(party.countries)))
    if party.addresses:
        told.append(say(lang, "screen.addresses", addresses="; ".join(party.addresses[:NAMED])))
    if party.federal_register:
        told.append(say(lang, "screen.notice", notice=party.federal_register))
    if party.source_url:
        told.append(say(lang, "screen.source", url=party.source_url))
    if hit.also:
        lists = ", ".join(dict.fromkeys(_list_name(p.list, lang) for p in hit.also))
        told.append(say(lang, "screen.also", lists=lists))
    return told


def screened_json(
    found: "ScreenResult", lang: Lang, on: date, country: str | None, status: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    """The same as plain data; `hits` with the names that the contract gives them."""
    return {
        "name": found.name,
        "country": country,
        "on": on.isoformat(),
        "hits": [_hit_json(hit, lang, status.get(hit.party.id)) for hit in found.hits],
        "lists": [{"list": s.code, "name": _list_name(s.code, lang), "count": s.count, "as_of": s.as_of or None}
                  for s in found.lists],
        "not_searched": [*found.not_searched, say(lang, "screen.rest")],
    }  # fmt: skip


def _hit_json(hit: "Hit", lang: Lang, status: str | None) -> dict[str, Any]:
    party, meaning = _plain(asdict(hit.party)), hit.meaning
    return {
        "list": hit.party.list,
        "name": hit.party.name,
        "score": round(hit.score, 1),
        "since": hit.party.since.isoformat() if hit.party.since else None,
        "effect": hit.effect,
        "grade": hit.grade,
        "exact": hit.exact,
        "probability": hit.probability,
        "matched_name": hit.matched_name,
        "list_name": _list_name(hit.party.list, lang),
        "agency": meaning.agency if meaning else None,
        "does": meaning.does[lang] if meaning else None,
        "does_not": meaning.does_not[lang] if meaning else None,
        "unconfirmed": meaning.unconfirmed if meaning else False,
        "status": status,
        "country_agrees": hit.country,
        "why": _plain(asdict(hit.explanation)),
        "also": [{"id": p.id, "list": p.list, "name": p.name} for p in hit.also],
        **{k: v for k, v in party.items() if k not in ("name", "list", "since", "effect")},
    }
