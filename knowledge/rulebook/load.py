"""Reads `knowledge/rules/` into a RuleBook and refuses whatever does not hold together."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from knowledge.cache import kept
from knowledge.errors import BadRule
from knowledge.model import (
    Confidence,
    Instrument,
    ListedParty,
    Measure,
    Provision,
    Reference,
    Status,
    Text,
)
from knowledge.rulebook import schema
from knowledge.rulebook.book import ControlEntry, Coverage, Neighbour, Restriction, RuleBook, Sign, Split, Topic
from knowledge.rulebook.conditions import ConditionError, deal_condition, goods_condition
from knowledge.rulefiles import facts, parse, tree
from knowledge.taxonomy import Kind, Refinement, Taxonomy

RULES = Path(__file__).resolve().parent.parent / "rules"
Row = TypeVar("Row", bound=BaseModel)


@lru_cache(maxsize=4)
def load(root: Path = RULES, cache: Path | None = None) -> RuleBook:
    """The rule book below `root`. Raises BadRule with file, key and fix at the first thing that is wrong.

    `cache` is a folder in which the parsed files are kept for the next start.
    """
    files = tree(root)
    if not files:
        raise BadRule(
            str(root), "the folder", "holds no rule file", "install the package whole, or name a rules folder"
        )
    digest = hash_of(files | facts(root))
    data: dict[str, Any] = kept(cache, "rules", digest, lambda: {n: parse(content, n) for n, content in files.items()})
    taxonomy = _taxonomy(data)
    instruments: dict[str, Instrument] = {}
    entries: list[ControlEntry] = []
    restrictions: list[Restriction] = []
    for name in _below(files, "instruments"):
        row = _row(schema.InstrumentFile, data[name], name)
        if row.id != Path(name).stem or row.id in instruments:
            raise BadRule(
                name, "id", f"{row.id!r} is not the file's name, or comes twice", "name the file after the id"
            )
        regime = Path(name).parts[0].upper()
        timeline = _timeline(row.timeline, name, "timeline")
        own = [_entry(e, row, regime, timeline, taxonomy, name) for e in row.entries]
        entries += own
        restrictions += [_restriction(r, row, regime, timeline, name) for r in row.restrictions]
        instruments[row.id] = _instrument(row, regime, timeline, own, name)
    parties: list[ListedParty] = []
    for name in _below(files, "parties"):
        listed = _row(schema.PartyFile, data[name], name)
        own_parties = _parties(listed, name)
        parties += own_parties
        if listed.instrument and listed.instrument not in instruments:
            instruments[listed.instrument] = _list_instrument(listed, own_parties, Path(name).parts[0].upper(), name)
    book = RuleBook(
        instruments=instruments,
        entries=tuple(entries),
        restrictions=tuple(restrictions),
        neighbours=tuple(n for f in _named(files, "neighbours.yaml") for n in _neighbours(data[f], f, taxonomy)),
        parties=tuple(parties),
        coverage=tuple(_coverage(r) for r in _rows(schema.CoverageRow, data, "regimes.yaml", "coverage")),
        topics=tuple(
            _topic(r) for f in _named(files, "topics.yaml") for r in _rows(schema.TopicRow, data, f, "topics")
        ),
        taxonomy=taxonomy,
        lexicon={Path(n).stem: data[n] for n in _below(files, "names")},
        places=data.get("lexicon/places.yaml", {}),
        signs=tuple(_sign(r) for r in _rows(schema.SignRow, data, "red_flags/signs.yaml", "signs")),
        intents=data.get("lexicon/intents.yaml", {}),
        cues=data.get("lexicon/cues.yaml", {}),
        products=tuple(p.model_dump() for p in _rows(schema.ProductRow, data, "us/products.yaml", "products")),
        hash=digest,
        cache=cache,
    )
    _check(book, files)
    return book


def hash_of(files: dict[str, bytes]) -> str:
    """The hash of a rule book's files, in the order in which they are read."""
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _below(files: Iterable[str], folder: str) -> list[str]:
    return [name for name in files if Path(name).parent.name == folder]


def _named(files: Iterable[str], name: str) -> list[str]:
    return [f for f in files if Path(f).name == name]


def _row(model: type[Row], raw: Any, name: str, key: str = "") -> Row:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in (key, *first["loc"]) if p != "") or "the file"
        fix = (
            "remove it"
            if first["type"] == "extra_forbidden"
            else "see knowledge/rulebook/schema.py for what goes there"
        )
        raise BadRule(name, place, first["msg"], fix) from error


def _rows(model: type[Row], data: dict[str, Any], name: str, key: str) -> list[Row]:
    if name not in data:
        return []
    raw = data[name]
    if not isinstance(raw, dict) or not isinstance(raw.get(key), list):
        raise BadRule(name, key, "is missing or no list", f"write `{key}:` and a list below it")
    return [_row(model, item, name, f"{key}.{i}") for i, item in enumerate(raw[key])]


def _taxonomy(data: dict[str, Any]) -> Taxonomy:
    name = "lexicon/kinds.yaml"
    if name not in data:
        raise BadRule(name, "the file", "is missing", "restore it: every rule names kinds of goods")
    row = _row(schema.KindsFile, data[name], name)
    kinds: dict[str, Kind] = {}
    for k in row.kinds:
        if k.id in kinds:
            raise BadRule(name, k.id, "comes twice", "keep one")
        may = None if k.may_contain is None else frozenset(k.may_contain)
        kinds[k.id] = Kind(
            k.id, k.parent, frozenset(k.contains), may, k.open, k.article, tuple(k.borderline), k.common, k.not_modelled
        )
    for kind in kinds.values():
        for other in (kind.parent, *kind.borderline):
            if other is not None and other not in kinds:
                raise BadRule(
                    name, kind.id, f"names the kind {other!r}, which is not there", "add it or correct the name"
                )
    return Taxonomy(
        kinds,
        {f.id: f.parent for f in row.forms},
        {g: frozenset(e) for g, e in row.groups.items()},
        tuple(Refinement(r.kind, r.becomes, r.contains, r.part) for r in row.refine),
    )


def _timeline(rows: Sequence[schema.MeasureRow], name: str, key: str) -> tuple[Measure, ...]:
    measures = tuple(
        Measure(m.start, m.status, Reference(m.reference.instrument, m.reference.provision), m.confidence) for m in rows
    )
    for earlier, later in pairwise(measures):
        if later.start <= earlier.start:
            raise BadRule(name, key, f"{later.start} comes after {earlier.start}", "put the dates in order")
    if not measures:
        raise BadRule(name, key, "has no date", "give the day from which it is in force")
    return measures


def _entry(
    row: schema.EntryRow,
    file: schema.InstrumentFile,
    regime: str,
    timeline: tuple[Measure, ...],
    taxonomy: Taxonomy,
    name: str,
) -> ControlEntry:
    try:
        condition = goods_condition(row.goods, taxonomy)
    except ConditionError as error:
        raise BadRule(name, f"entries.{row.code}.goods", str(error), "see knowledge/conditions/goods.py") from error
    return ControlEntry(
        code=row.code,
        regime=regime,
        instrument=file.id,
        description=row.description,
        goods=condition,
        hs_reference=tuple(row.hs_reference),
        hs_exact=row.hs_exact,
        timeline=_timeline(row.timeline, name, f"entries.{row.code}.timeline") if row.timeline else timeline,
        confidence=row.confidence,
        note=row.note or {},
        outcome=row.outcome,
    )


def _restriction(
    row: schema.RestrictionRow, file: schema.InstrumentFile, regime: str, timeline: tuple[Measure, ...], name: str
) -> Restriction:
    try:
        condition = deal_condition(row.when)
    except ConditionError as error:
        raise BadRule(name, f"restrictions.{row.id}.when", str(error), "see knowledge/conditions/deal.py") from error
    own = _timeline(row.timeline, name, f"restrictions.{row.id}.timeline") if row.timeline else timeline
    return Restriction(
        row.id,
        regime,
        Reference(file.id, row.provision),
        row.outcome,
        condition,
        own,
        row.confidence,
        row.summary,
        row.decides,
    )


def _instrument(
    row: schema.InstrumentFile, regime: str, timeline: tuple[Measure, ...], entries: Sequence[ControlEntry], name: str
) -> Instrument:
    provisions = [_provision(row.id, p.id, p.text, p.confidence) for p in row.provisions]
    provisions += [_provision(row.id, e.code, e.description, e.confidence) for e in entries]
    seen: set[str] = set()
    for p in provisions:
        if p.id in seen:
            raise BadRule(name, f"provisions.{p.id}", "comes twice in the instrument", "keep one, or rename it")
        seen.add(p.id)
    return Instrument(
        row.id,
        regime,
        row.number,
        row.title,
        row.kind,
        tuple(row.issuers),
        row.announced,
        row.effective,
        row.url,
        timeline,
        tuple(provisions),
        row.confidence,
        row.evidence,
    )


def _provision(instrument: str, id_: str, text: Text, confidence: Confidence) -> Provision:
    hashes = {lang: hashlib.sha256(words.encode()).hexdigest() for lang, words in text.items()}
    return Provision(instrument, id_, text, hashes, confidence)


def _parties(row: schema.PartyFile, name: str) -> list[ListedParty]:
    if row.expected_count is not None and row.expected_count != len(row.parties):
        raise BadRule(
            name,
            "expected_count",
            f"says {row.expected_count}, the file has {len(row.parties)}",
            "add what is missing, or correct it",
        )
    result: list[ListedParty] = []
    for i, party in enumerate(row.parties):
        raw = party.timeline or row.timeline
        measures = []
        for m in raw:
            try:
                by = m.get("by") or row.instrument or ""
                confidence = Confidence(m.get("confidence", row.confidence))
                measures.append(
                    Measure(date.fromisoformat(m["from"]), Status(m["status"]), Reference(by, "list"), confidence)
                )
            except (KeyError, ValueError) as error:
                raise BadRule(name, f"parties.{i}.timeline", str(error), "give from, status and by") from error
        for earlier, later in pairwise(measures):
            if later.start <= earlier.start:
                raise BadRule(
                    name,
                    f"parties.{i}.timeline",
                    f"{later.start} comes after {earlier.start}",
                    "put the dates in order",
                )
        shown = dict(party.name)
        shown.setdefault("zh", shown.get("en", ""))
        shown.setdefault("en", shown["zh"])
        list_ = "armed_forces" if row.list_ == "military_user" and party.role == "armed_forces" else row.list_
        result.append(
            ListedParty(
                f"{row.instrument or row.list_}.{i + 1}",
                shown,
                tuple(party.aliases),
                party.country,
                list_,
                row.instrument or "",
                tuple(measures),
                party.confidence or row.confidence,
            )
        )
    return result


_LISTS = {
    "control": {"en": "export control list", "zh": "出口管制管控名单"},
    "watch": {"en": "export control watch list", "zh": "出口管制关注名单"},
    "unreliable": {"en": "unreliable entity list", "zh": "不可靠实体清单"},
}


def _list_instrument(row: schema.PartyFile, parties: Sequence[ListedParty], regime: str, name: str) -> Instrument:
    """The announcement that a party file stands for, citable under its own id."""
    if row.announced is None or row.list_ not in _LISTS or row.instrument is None:
        raise BadRule(name, "announced", "a list that is cited needs its date and kind", "give announced and list")
    kind, number = _LISTS[row.list_], row.instrument.removeprefix("CN-").removeprefix("UEL-")
    countries = ", ".join(sorted({p.country for p in parties}))
    text = {
        "en": f"Announced on {row.announced}: {len(parties)} parties ({countries}) put on the {kind['en']}.",
        "zh": f"{row.announced}公布：将{len(parties)}家实体（{countries}）列入{kind['zh']}。",
    }
    if row.note:
        text = {lang: f"{text[lang]} {row.note[lang]}" for lang in text}
    label = {"en": f"MOFCOM announcement {number} ({kind['en']})", "zh": f"商务部公告{number}（{kind['zh']}）"}
    return Instrument(
        row.instrument,
        regime,
        label,
        label,
        "announcement",
        (row.issuer or "MOFCOM",),
        row.announced,
        row.announced,
        row.url or "https://www.mofcom.gov.cn/",
        (Measure(row.announced, Status.IN_FORCE, Reference(row.instrument, "list"), row.confidence),),
        (_provision(row.instrument, "list", text, row.confidence),),
        row.confidence,
        row.evidence or "",
    )


def _neighbours(raw: Any, name: str, taxonomy: Taxonomy) -> list[Neighbour]:
    result = []
    for row in _rows(schema.NeighbourRow, {name: raw}, name, "neighbours"):
        try:
            condition = goods_condition(row.goods, taxonomy)
        except ConditionError as error:
            raise BadRule(name, f"{row.id}.goods", str(error), "see knowledge/conditions/goods.py") from error
        result.append(Neighbour(row.id, condition, _references(row.searched), _references(row.papers), row.note))
    return result


def _references(rows: Sequence[schema.ReferenceRow]) -> tuple[Reference, ...]:
    return tuple(Reference(r.instrument, r.provision) for r in rows)


def _coverage(row: schema.CoverageRow) -> Coverage:
    return Coverage(row.id, row.regime, row.area, row.modelled, tuple(row.instruments), row.note or {})


def _sign(row: schema.SignRow) -> Sign:
    words = {lang: tuple(w) for lang, w in row.words.items()}
    reference = Reference(row.reference.instrument, row.reference.provision)
    return Sign(
        row.id,
        reference,
        row.why,
        words,
        row.transit,
        row.controlled_only,
        frozenset(row.destinations),
        frozenset(row.elements),
        Split(**row.split.model_dump()) if row.split else None,
    )


def _topic(row: schema.TopicRow) -> Topic:
    return Topic(row.id, {k: tuple(v) for k, v in row.words.items()}, _references(row.references))


def _check(book: RuleBook, files: dict[str, bytes]) -> None:
    """References that lead nowhere and codes given twice."""
    home = {Path(n).stem: n for n in files if Path(n).parent.name in ("parties", "instruments")}

    def must_exist(reference: Reference, file: str, key: str) -> None:
        if (reference.instrument, reference.provision) not in book.provisions:
            raise BadRule(
                file,
                key,
                f"refers to {reference.instrument} {reference.provision}, which is not there",
                "add the provision, or correct the reference",
            )

    seen: set[str] = set()
    for entry in book.entries:
        file = home[entry.instrument]
        if entry.code in seen:
            raise BadRule(file, entry.code, "stands in two places", "keep one entry a code")
        seen.add(entry.code)
        for measure in entry.timeline:
            must_exist(measure.reference, file, f"entries.{entry.code}.timeline")
    for instrument in book.instruments.values():
        for measure in instrument.timeline:
            must_exist(measure.reference, home[instrument.id], "timeline")
    for restriction in book.restrictions:
        file = home[restriction.reference.instrument]
        must_exist(restriction.reference, file, f"restrictions.{restriction.id}.provision")
        for measure in restriction.timeline:
            must_exist(measure.reference, file, f"restrictions.{restriction.id}.timeline")
    for neighbour in book.neighbours:
        for reference in (*neighbour.searched, *neighbour.papers):
            must_exist(reference, "neighbours.yaml", neighbour.id)
    for topic in book.topics:
        for reference in topic.references:
            must_exist(reference, "topics.yaml", topic.id)
    for party in book.parties:
        for measure in party.timeline:
            if measure.reference.instrument not in book.instruments:
                file = home.get(party.instrument, "parties")
                cause = f"refers to {measure.reference.instrument}, which is not there"
                raise BadRule(file, f"{party.id}.timeline.by", cause, "add the instrument, or correct the reference")
    for sign in book.signs:
        must_exist(sign.reference, "red_flags/signs.yaml", sign.id)
    for line in book.coverage:
        for id_ in line.instruments:
            if id_ not in book.instruments:
                raise BadRule("regimes.yaml", line.id, f"names {id_}, which is not there", "add the instrument's file")
