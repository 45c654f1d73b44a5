"""Quotes -> the sections of an answer to a question about the law."""

from collections.abc import Sequence

from knowledge.compose import Draft
from knowledge.model import Citation, Reference, Section
from knowledge.openlaw.extract import Extract, differ, extract, in_order
from knowledge.openlaw.model import Act, Passage, Searched
from knowledge.wording import known

BESIDE = 0.02
"""Share of the best passage's likelihood from which another one is shown beside it."""
SURE, BESIDE_A_SURE_ONE = 0.9, 0.1
"""Likelihood from which the best passage is sure, and the share from which another one is shown beside such a one."""
MOST = 3
"""Passages of one answer."""
TITLES = 8
"""Searched instruments that a silence names; the rest are counted."""


def answering(found: Searched, intent: str, *, enough: float | None = None) -> tuple[Extract, ...]:
    """The quotes that answer, in the order they are shown; none where nothing found is likely enough, or where their
    likelihood is below `enough`, if given."""
    likely = found.answers if enough is None else found.likelihood >= enough
    if not found.passages or not likely:
        return ()
    best = found.passages[0].likelihood
    floor = (BESIDE_A_SURE_ONE if best >= SURE else BESIDE) * best
    chosen = [p for p in found.passages[:MOST] if p.likelihood >= floor]
    return in_order(tuple(extract(p, intent) for p in _once(chosen)), intent)


def _once(passages: Sequence[Passage]) -> list[Passage]:
    """Each text once: a provision beside the paragraph of it that says the same would be read twice."""
    kept: list[Passage] = []
    for p in passages:
        if not any(p.act.id == k.act.id and (p.text in k.text or k.text in p.text) for k in kept):
            kept.append(p)
    return kept


def quotes(draft: Draft, extracts: Sequence[Extract]) -> Section:
    """The quotes by instrument, each with its mark; what one act says differently from another is said to differ."""
    lines: list[str] = []
    grouped: dict[str, list[Extract]] = {}
    for e in extracts:
        grouped.setdefault(e.passage.act.id, []).append(e)
    marks: dict[int, int] = {}
    for group in grouped.values():
        for place, e in enumerate(group):
            n = marks[id(e)] = draft.marks.add(citation(draft, e))
            lines.append(_line(draft, e, n, first=place == 0))
            if gloss := _gloss(draft, e):
                lines.append(draft.say("open.gloss", text=gloss, n=n))
    for i, one in enumerate(extracts):
        for other in extracts[i + 1 :]:
            if differ(one, other):
                lines.append(draft.say("open.differ", n=marks[id(one)], m=marks[id(other)]))
    return Section("law", tuple(dict.fromkeys(lines)))


def _line(draft: Draft, e: Extract, n: int, *, first: bool) -> str:
    passage = e.passage
    place = passage.label or passage.provision
    quote = " ".join(e.quote.split())
    if not first:
        key = "open.digest_more" if passage.act.digest else "open.quote_more"
        return draft.say(key, place=place, quote=quote, n=n)
    source, mark = title(draft, passage.act), standing(draft, passage.act)
    key = "open.digest" if passage.act.digest else "open.quote"
    return draft.say(key, source=source, place=place, standing=mark, quote=quote, n=n)


def title(draft: Draft, act: Act) -> str:
    """The act's name in the answer's language where the rule book knows it, beside the published one."""
    own_act = draft.book.instruments.get(act.id)
    if own_act is None or act.digest:
        return act.title
    own = own_act.title[draft.lang] if own_act.kind in ("law", "regulation") else own_act.number[draft.lang]
    return own if act.language == draft.lang else f"{own} ({act.title})"


def standing(draft: Draft, act: Act) -> str:
    """What kind of source it is and where it stands on the day: "law, in force"."""
    key = f"open.kind.{act.kind}"
    kind = draft.say(key if known(draft.lang, key) else "open.kind.document")
    if act.standing == "repealed" and act.repealed_by:
        by = draft.book.instruments.get(act.repealed_by)
        return draft.say("open.repealed_by", kind=kind, by=by.number[draft.lang] if by else act.repealed_by)
    return draft.say("open.kind_standing", kind=kind, standing=draft.say(f"open.standing.{act.standing}"))


def _gloss(draft: Draft, e: Extract) -> str:
    """Navicert's own summary of a provision that is quoted in another language than the answer's."""
    passage = e.passage
    if passage.act.digest or passage.act.language[:2] == draft.lang:
        return ""
    digest = draft.book.provisions.get((passage.act.id, passage.provision))
    return digest.text[draft.lang].rstrip(" .。") if digest else ""


def citation(draft: Draft, e: Extract) -> Citation:
    """The quote as a citation, numbered by whoever collects it."""
    passage, act = e.passage, e.passage.act
    name = f"{title(draft, act)}, {passage.label}" if passage.label else title(draft, act)
    if act.standing in ("repealed", "suspended", "not_yet_effective"):
        name += f" ({standing(draft, act)})"
    return Citation(
        n=0, instrument=act.id, provision=passage.provision, title=name, url=act.url, quote=e.quote,
        sha256=passage.sha256, start=e.start, end=e.end, effective_from=act.effective, effective_to=act.until,
        confidence=passage.confidence, digest=act.digest, page=passage.page, label=passage.label,
        language=act.language, stored=passage.stored, kind=act.kind, standing=act.standing,
    )  # fmt: skip


def silence(draft: Draft, found: Searched) -> tuple[Section, ...]:
    """Nothing that is held answers: what was searched, and what would have to be brought in. No source is given."""
    shown = found.titles[:TITLES]
    joiner = "; " if draft.lang == "en" else "；"
    more = len(found.titles) - len(shown)
    names = joiner.join(shown) + (draft.say("open.and_more", count=more) if more > 0 else "")
    lines = [draft.say("open.searched", documents=found.documents, count=len(found.titles), names=names)]
    lines.append(draft.say("open.bring_in" if found.documents else "open.bring_in_first"))
    return (
        Section("verdict", (draft.say("verdict.nothing_held"), draft.say("open.silence"))),
        Section("searched", tuple(lines)),
    )


def also(references: Sequence[Reference], cited: Sequence[Extract]) -> tuple[Reference, ...]:
    """Those of a topic's provisions that the quotes do not give already."""
    there = {(e.passage.act.id, e.passage.provision) for e in cited}
    return tuple(r for r in references if (r.instrument, r.provision) not in there)
