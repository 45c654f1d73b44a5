"""What the staff's desk shows in a chat: classifications, decisions and screening as Rich. Pure.

The sentences are those of `navicert classify` and `screen`; only their form is the chat's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.locales import say
from bot.rich import Rich, bold, italic, joined, link, quote
from bot.telegram.words import block, line, moment
from knowledge.classify.model import Candidate, Classification, Parameter, Verdict
from knowledge.model import Citation
from knowledge.wording import known
from knowledge.wording import say as told

if TYPE_CHECKING:
    from knowledge.screening.service import Hit, ScreenResult
    from knowledge.store.decisions import Decision

Cited = Callable[[Candidate], tuple[Citation, ...]]
LEAST = 0.01
"""Chance from which a candidate is shown; the proposal keeps the others too."""
CONDITIONS = 3
"""Conditions of a candidate shown of each kind: met, missed, open."""
NAMES = 5
"""Other names and addresses of a listed party."""
_WORDS = ((0.8, "very_likely"), (0.5, "likely"), (0.2, "possible"), (0.0, "unlikely"))
_TYPED = re.compile(r"[;；]?\s*`navicert [^`]*`[^;；]*")
"""What to type at a terminal, which is of no use in a chat."""
_MARKS = {Verdict.MEETS: "✓", Verdict.MISSES: "✗", Verdict.OPEN: "?"}


# ---------------------------------------------------------------- classification


def likely(lang: str, share: float) -> str:
    """A chance in words and as a number: `likely, about 61 %`."""
    word = next(word for least, word in _WORDS if share >= least)
    return say(lang, f"staff.chance_{word}", share=f"{100 * share:.0f}")


def classification(
    text: str, found: Classification, lang: str, number: int, lists: str, cited: Cited, unlisted: Sequence[Citation]
) -> Rich:  # fmt: skip
    """The proposal: the candidates of each regime with their grounds, the chance of EAR99, what would decide."""
    head: list[Rich | str] = [
        bold(say(lang, "staff.proposal", number=number)),
        quote(line(text), folded=len(text) > 200),
    ]
    head.append(told(lang, "desk.truncated") if found.truncated else "")
    head.append("" if found.candidates else told(lang, "desk.nothing"))
    blocks = [joined(head)]
    for regime in ("US", "CN", "EU"):
        rows = [_candidate(c, lang, cited(c)) for c in worth(found, regime)]
        if rows:
            rows[0] = joined([bold(told(lang, f"desk.regime_{regime.lower()}")), rows[0]])
        blocks += rows
        if regime == "US":
            blocks.append(_not_listed(found, lang, unlisted))
    if found.missing:
        asked = (
            "• " + told(lang, "desk.ask", quantity=q.quantity, code=_place(q.code, q.path), wanted=q.wanted)
            for q in found.missing
        )
        blocks.append(joined([bold(told(lang, "desk.ask_heading")), *asked]))
    blocks.append(joined([italic(told(lang, "desk.estimate")), told(lang, "desk.lists", lists=lists)]))
    return joined(blocks, "\n\n")


def worth(found: Classification, regime: str) -> list[Candidate]:
    """The candidates to show: the first, others where they have a chance, and of the EU what corresponds to those."""
    rows = found.of(regime)
    if regime == "EU":
        near = {o.code for c in worth(found, "US") for o in c.correspondences if o.regime == "EU"}
        return [c for c in rows if c.code in near]
    return [c for c in rows if c.rank == 1 or c.score >= LEAST]


def _place(entry: str, path: str) -> str:
    return f"{entry}.{path}" if path else entry


def _candidate(c: Candidate, lang: str, cited: Sequence[Citation]) -> Rich:
    title = c.title.get(lang) or c.title.get("en") or ""
    head = f"{c.rank}. " + bold(c.code) + (f"  {line(title, 160)}" if title != c.code else "")
    if c.regime == "EU":  # its paragraphs and limits are those of the US entry, which shows them
        return joined([head, _sources(cited, lang)])
    fit = likely(lang, c.score) if c.regime == "US" else told(lang, "desk.fit", share=f"{100 * c.score:.0f}")
    parts: list[Rich | str] = [head, fit]
    if paths := [_place(c.code, i.path) for i in c.items if i.path]:
        parts.append(told(lang, "desk.items", paths=", ".join(paths)))
    for verdict in Verdict:
        parts += [_condition(p, lang) for p in c.parameters if p.verdict is verdict][:CONDITIONS]
    if c.because:
        parts.append(told(lang, "desk.because", words=", ".join(line(w, 60) for w in c.because)))
    if c.correspondences:
        states = {True: told(lang, "desk.compared"), False: told(lang, "desk.same_number")}
        places = [
            told(lang, "desk.place", regime=o.regime, code=o.code, state=states[o.confirmed]) for o in c.correspondences
        ]
        parts.append(told(lang, "desk.corresponds", places=", ".join(places)))
    return joined([*parts, _sources(cited, lang)])


def _condition(p: Parameter, lang: str) -> str:
    key = "desk.open_given" if p.verdict is Verdict.OPEN and p.given is not None else f"desk.{p.verdict}"
    wanted = f"{p.comparator} {p.wanted}".strip()
    return f"{_MARKS[p.verdict]} " + told(lang, key, quantity=p.quantity, given=line(p.given or "", 80), wanted=wanted)


def _not_listed(found: Classification, lang: str, cited: Sequence[Citation]) -> Rich:
    reasons = [
        "• "
        + (
            told(lang, f"desk.reason_{key}", detail=line(detail, 120))
            if known(lang, f"desk.reason_{key}")
            else told(lang, "desk.reason_other", detail=line(f"{key} {detail}", 120))
        )
        for key, detail in found.not_listed.reasons
    ]
    head = bold("EAR99") + "  " + say(lang, "staff.unlisted", chance=likely(lang, found.not_listed.probability))
    return joined([head, *reasons, _sources(cited, lang)])


def _sources(cited: Sequence[Citation], lang: str) -> Rich:
    """One link a place that is cited, and whether its words are official."""
    links: list[Rich | str] = []
    for c in cited:
        kind = told(lang, "desk.digest") if c.digest else told(lang, "desk.official")
        links.append(link(f"{c.instrument} {c.label or c.provision}", c.url) + f" ({kind})")
    return say(lang, "staff.source") + joined(links, "; ") if links else Rich()


def decision(row: "Decision", lang: str) -> Rich:
    """A classification decision with its history."""
    state = told(lang, f"decision.state_{row.state}")
    parts: list[Rich | str] = [bold(told(lang, "decision.title", number=row.number, state=state))]
    parts.append(quote(block(row.text), folded=len(row.text) > 300))
    if row.choice is not None:
        parts.append(told(lang, "decision.chosen", regime=row.choice.regime, code=row.choice.code))
    shares = ", ".join(f"{c['regime']} {c['code']} ({100 * float(c['score']):.0f} %)" for c in row.candidates)
    parts.append(told(lang, "decision.candidates", candidates=shares or "-"))
    parts.append(told(lang, "decision.history"))
    return joined([*parts, *("• " + _step(step, lang) for step in row.history)])


def _step(step: Any, lang: str) -> str:
    at = moment(step.at)
    if step.state == "proposed":
        return told(lang, "decision.step_proposed", at=at, by=f": {line(step.by, 80)}" if step.by else "")
    if step.choice is None:
        changes = "; ".join(
            told(lang, f"decision.change_{c['what']}", entry=c["entry"], since=c["from"], to=c["to"])
            for c in step.changes
        )
        return told(lang, "decision.step_reopened", at=at, changes=changes)
    said = {"by": line(step.by, 80), "reason": line(step.reason), "regime": step.choice.regime}
    return told(lang, f"decision.step_{step.state}", at=at, code=step.choice.code, **said)


# ---------------------------------------------------------------- screening


def screened(found: "ScreenResult", lang: str, country: str, limit: int, status: Mapping[str, str]) -> Rich:
    """Hits with what they mean, and what was searched with the dates. No hit never clears, and says so."""
    count = len(found.hits)
    name = line(found.name, 120)
    key = "screen.none" if not count else "screen.heading"
    head = say(lang, "staff.screen_cut", name=name, count=count) if count >= limit else told(lang, key, name=name, count=count)  # fmt: skip
    where = say(lang, "staff.screen_country", country=country) if country else ""
    first = {hit.party.list: hit for hit in reversed(found.hits)}
    hits = [_hit(h, lang, status.get(h.party.id, ""), meant=h is first[h.party.list]) for h in found.hits]
    lists = [
        told(lang, "screen.searched_dated" if s.as_of else "screen.searched_list", list=_list_name(s.code, lang),
             count=s.count, date=s.as_of)
        for s in found.lists
    ]  # fmt: skip
    searched = quote(told(lang, "screen.searched", lists="; ".join(lists)), folded=True)
    missed = [told(lang, "screen.not_searched", what=line(_TYPED.sub("", what), 200)) for what in found.not_searched]
    end = joined([searched, *missed, italic(told(lang, "screen.rest"))])
    return joined([joined([bold(head), where]), *hits, end], "\n\n")


def _list_name(list_: str, lang: str) -> str:
    from knowledge.screening.lists import meanings

    meaning = meanings().get(list_)
    if meaning is not None:
        return f"{meaning.name[lang]} ({list_})"
    key = f"screen.list_{list_.removeprefix('CN-')}"
    return told(lang, key) if known(lang, key) else list_


def _hit(hit: "Hit", lang: str, status: str, *, meant: bool) -> Rich:
    """A listed name. What its list means is said where `meant`: once a list is enough."""
    party, meaning = hit.party, hit.meaning
    parts: list[Rich | str] = [bold(line(party.name, 200)) + f"  [{_list_name(party.list, lang)}]"]
    parts.append(told(lang, "screen.score", score=f"{hit.score:.0f}", grade=told(lang, f"screen.grade_{hit.grade}")))
    if hit.matched_name != party.name:
        parts.append(told(lang, "screen.matched", name=line(hit.matched_name, 200)))
    if hit.country is not None:
        parts.append(told(lang, "screen.country_agrees" if hit.country else "screen.country_differs"))
    effect = told(lang, f"screen.effect_{hit.effect}")
    parts.append(f"{effect}. {meaning.does[lang]} {meaning.does_not[lang]}" if meaning and meant else f"{effect}.")
    if meaning and meaning.unconfirmed and meant:
        parts.append(bold(told(lang, "screen.unconfirmed")))
    since = told(lang, "screen.since", since=party.since) if party.since else told(lang, "screen.since_unknown")
    parts.append(since + (f"; {told(lang, 'screen.status', status=told(lang, f'status.{status}'))}" if status else ""))
    if party.programmes:
        parts.append(told(lang, "screen.programmes", programmes=", ".join(party.programmes)))
    more = _particulars(hit, lang)
    parts.append(quote("\n".join(more), folded=True) if more else "")
    if party.source_url:
        parts.append(link(say(lang, "staff.list_entry"), party.source_url))
    return joined(parts)


def _particulars(hit: "Hit", lang: str) -> list[str]:
    party, meaning = hit.party, hit.meaning
    rows = [
        told(lang, "screen.agency", agency=meaning.agency, citation=meaning.citation) if meaning else party.citation
    ]
    if party.licence_requirement or party.licence_policy:
        asked = {"requirement": party.licence_requirement or "-", "policy": party.licence_policy or "-"}
        rows.append(told(lang, "screen.requirement", **asked))
    if party.aliases:
        more = len(party.aliases) - NAMES
        rest = (told(lang, "screen.more", count=more),) if more > 0 else ()
        rows.append(told(lang, "screen.aliases", aliases=", ".join((*party.aliases[:NAMES], *rest))))
    if party.countries:
        rows.append(told(lang, "screen.countries", countries=", ".join(party.countries)))
    if party.addresses:
        rows.append(told(lang, "screen.addresses", addresses="; ".join(party.addresses[:NAMES])))
    if party.federal_register:
        rows.append(told(lang, "screen.notice", notice=party.federal_register))
    if hit.also:
        names = dict.fromkeys(_list_name(p.list, lang) for p in hit.also)
        rows.append(told(lang, "screen.also", lists=", ".join(names)))
    return [line(row) for row in rows if row]
