"""From names, symbols and numbers in a row to goods: "1.5% Dy magnets", "氧化镝", "GaN chargers", "magnets, no Dy/Tb"."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from knowledge.model import Good
from knowledge.reading.assembler import Assembler
from knowledge.reading.draft import Draft
from knowledge.reading.lexicon import Hit
from knowledge.reading.phrases import GRADE, JOIN
from knowledge.reading.quantities import Measured
from knowledge.taxonomy import Taxonomy

# What is read first where pieces begin at one place: cue words, then elements, then kinds, forms, grades and numbers.
_ORDER = {"words": 0, "compound": 0, "elements": 1, "groups": 1, "formula": 1, "kinds": 2, "forms": 3}
_GRADE_RANK, _NUMBER_RANK = 4, 5
_WARM_GRADE = re.compile(r"^N.*\d(?:SH|UH|EH|AH|TH|H|M)$|\d\dSH$|\dUH$|\dEH$")

Grade = tuple[int, int]
Event = tuple[int, int, Hit | Measured | Grade]


def find(
    text: str, hits: Sequence[Hit], measured: Sequence[Measured], taxonomy: Taxonomy
) -> tuple[list[Good], list[str]]:
    """The goods in the cleaned text, in order, and the words after "for": what they are for."""
    events = _events(text, [h for h in hits if h.section in _ORDER], measured, taxonomy)
    assembler = _assembler(text, events, taxonomy)
    handlers = {
        "words": assembler.cue,
        "compound": assembler.compound,
        "elements": assembler.element,
        "groups": assembler.group,
        "formula": assembler.formula,
        "kinds": assembler.kind,
        "forms": assembler.form,
    }
    starts = [at for at, rank, _ in events if rank in (_ORDER["elements"], _ORDER["kinds"], _GRADE_RANK)]
    for _, _, event in events:
        if isinstance(event, Measured):
            assembler.measured(event, next((s for s in starts if s >= event.end), None))
        elif isinstance(event, Hit):
            handlers[event.section](event)
        else:
            assembler.grade(*event)
    assembler.settle()
    goods = [_finish(d, text, taxonomy) for d in assembler.done]
    if "diamond_jewellery" in assembler.purposes:
        goods = [replace(g, kind="diamond_jewellery") if taxonomy.is_a(g.kind, "diamond") else g for g in goods]
    return _same(goods, taxonomy), assembler.end_use


def _events(text: str, hits: Sequence[Hit], measured: Sequence[Measured], taxonomy: Taxonomy) -> list[Event]:
    """The pieces in the order in which they are read."""
    percents = [q for q in measured if q.property == "percent"]
    spans = [m.span() for m in GRADE.finditer(text)]
    grades = [(s, e) for s, e in spans if not any(q.start < e and s < q.end for q in percents)]
    magnets = any(h.section == "kinds" and taxonomy.is_a(h.value, "magnet") for h in hits)
    formulas = [h for h in hits if h.section == "formula"]
    events: list[Event] = [(h.start, _ORDER[h.section], h) for h in _longest(hits)]
    events += [(s, _GRADE_RANK, (s, e)) for s, e in grades if magnets or _WARM_GRADE.search(text[s:e].upper())]
    events += [
        (q.start, _NUMBER_RANK, q)
        for q in measured
        if not any(s <= q.start < e for s, e in grades)
        and not any(f.start <= q.start and q.end <= f.end for f in formulas)
    ]
    return sorted(events, key=lambda e: e[:2])


def _assembler(text: str, events: Sequence[Event], taxonomy: Taxonomy) -> Assembler:
    """An assembler that knows where elements stand and which of them have a word for goods of their own."""
    assembler = Assembler(text, taxonomy)
    named = [event for _, _, event in events if isinstance(event, Hit)]
    nouns = [h.start for h in named if h.section in ("kinds", "forms")]
    assembler.symbols = [(h.section, h.start) for h in named if h.section == "elements"]
    for hit in named:
        if hit.section in ("elements", "groups"):
            assembler.heads[hit.start] = any(n >= hit.end and JOIN.match(text[hit.end : n]) for n in nouns)
    return assembler


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Drops a hit that lies inside a longer one of another stretch ("gallium" inside "trimethylgallium")."""
    hits = list(hits)
    return [
        h for h in hits
        if not any(o.start <= h.start and h.end <= o.end and o.end - o.start > h.end - h.start for o in hits)
    ]  # fmt: skip


def _finish(draft: Draft, text: str, taxonomy: Taxonomy) -> Good:
    for part in draft.parts:
        for element in taxonomy.holds(part):
            draft.elements.setdefault(element, True)
    present = [e for e, there in draft.elements.items() if there]
    kind, assumed, complete = draft.kind, [], draft.complete
    if kind is None:
        if len(present) > 1 and draft.joined:
            kind, complete = "alloy", True
        elif present:
            kind = "metal"
            if not draft.forms:
                assumed.append("metal")
        else:
            kind = "material"
    if kind == "metal" and len(present) > 1 and draft.joined:
        kind = "alloy"
    if kind in ("alloy", "target") and len(present) > 1 and draft.joined:
        complete = True
    kind = taxonomy.refined(kind, draft.elements, draft.parts)
    if kind == "smco_magnet" and {"Fe", "N"} <= set(present):
        kind = "smfen_magnet"
    may = (
        frozenset(draft.may - set(draft.elements))
        if not present or kind == "mixture" or len(draft.may) < 4
        else frozenset()
    )
    return Good(
        name=_name(text[draft.start : max(draft.name_end, draft.start) or draft.end]),
        kind=kind,
        elements=dict(draft.elements),
        may_contain=may,
        complete=complete,
        shares=dict(draft.shares),
        parts=tuple(dict.fromkeys(draft.parts)),
        forms=tuple(dict.fromkeys(draft.forms)),
        properties=dict(draft.properties),
        dimensions=draft.dimensions,
        assumed=tuple(assumed),
        span=(draft.start, draft.end),
    )


def _name(words: str) -> str:
    """The words that name the goods, without brackets left open and signs at the ends."""
    words = words.strip(" ,-，、:：;；")
    if words.count("(") > words.count(")"):
        words = words[: words.rindex("(")].rstrip(" ,-") or words
    return words


def _same(goods: list[Good], taxonomy: Taxonomy) -> list[Good]:
    """Merges a second, vaguer mention into the first: "NdFeB magnets ... the magnets contain no Dy"."""
    result: list[Good] = []
    for good in goods:
        for i, other in enumerate(result):
            narrower, wider = (other, good) if taxonomy.is_a(other.kind, good.kind) else (good, other)
            if not taxonomy.is_a(narrower.kind, wider.kind) or wider.kind in (
                "material",
                "metal",
                "alloy",
                "oxide",
                "compound",
                "finished_article",
                "equipment",
            ):
                continue
            clash = any(other.elements.get(e, t) != t for e, t in good.elements.items())
            if clash or (
                narrower.kind == wider.kind
                and other.elements
                and good.elements
                and set(other.elements) != set(good.elements)
            ):
                continue
            merged = replace(
                narrower,
                name=other.name,
                elements={**other.elements, **good.elements},
                shares={**other.shares, **good.shares},
                parts=tuple(dict.fromkeys((*other.parts, *good.parts))),
                forms=tuple(dict.fromkeys((*other.forms, *good.forms))),
                properties={**good.properties, **other.properties},
                dimensions=other.dimensions or good.dimensions,
                span=other.span,
            )
            result[i] = replace(merged, kind=taxonomy.refined(merged.kind, merged.elements))
            break
        else:
            result.append(good)
    return result
