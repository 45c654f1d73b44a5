"""Puts it together: the records made of what the grammars found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from ingest.document import Document
from ingest.structure import dates, definitions, enforcement, identity, relations, timing
from ingest.structure.drafts import Draft, drafts, title_of, whole
from ingest.structure.kinds import issuers_of, kind_of, regime_of
from ingest.structure.lines import CJK, Line, lines
from ingest.structure.tree import provisions
from knowledge.store.records import InstrumentRecord, ProvisionRecord


def structure(
    document: Document, hints: Mapping[str, str], known: Mapping[str, identity.Known]
) -> tuple[InstrumentRecord, ...]:
    """The instruments of a document with their provisions, in reading order. Pure.

    `hints` is what the source says of it, every key optional: title, number, instrument, regime, kind, language, issuers,
    announced, effective, version_date, date (ISO), celex, part, section, appendix, name, path, url. `known` are the rule book's
    instruments by id (`RuleBook.instruments`); an empty mapping will do. A document with text yields at least one
    provision; one without yields no instrument. Every character of the blocks is in exactly one provision's text, in a
    heading, or in `metadata["omitted"]` (running heads, tables of contents, marks of consolidation).
    """
    source = list(lines(document.blocks))
    if not source:
        return ()
    language = _plain_tag(hints.get("language") or _language(document, source))
    title = title_of(document, source, hints)
    found = drafts(document, source, title, language, hints)
    records = [_record(draft, document, language, hints, known, len(found) == 1) for draft in found]
    kept = [record for record in records if record.provisions]
    if not kept:
        fallback = Draft("plain", title, whole(source), ())
        kept = [_record(fallback, document, language, hints, known, True)]
    return _distinct(kept)


def _record(
    draft: Draft,
    document: Document,
    language: str,
    hints: Mapping[str, str],
    known: Mapping[str, identity.Known],
    alone: bool,
) -> InstrumentRecord:
    """One instrument; what the source says of the document counts where the document is that one instrument."""
    own = (
        hints
        if alone
        else {
            k: v
            for k, v in hints.items()
            if k in {"language", "regime", "kind", "version_date", "url", "name", "path", "issuers"}
        }
    )
    own = {**own, **draft.hints}
    found = definitions.marked(provisions(draft.outline.roots))
    omitted = "\n".join(text for text in draft.outline.omitted if text)
    id_, number, version = _identity(draft, document, own, known)
    when = timing.of(draft.title, draft.head, found, own, omitted)
    kind = kind_of(draft.title, draft.family, draft.head, own)
    text = "\n".join(p.text for p in found[:200])
    metadata = {
        **{k: v for k, v in document.metadata.items() if v},
        **draft.metadata,
        **({"omitted": omitted} if omitted else {}),
    }
    return InstrumentRecord(
        id=id_,
        regime=regime_of(draft.family, language, own) or id_.partition("-")[0].replace("DOC", ""),
        title=draft.title,
        number=number,
        kind=kind,
        language=language,
        provisions=found,
        issuers=issuers_of(draft.title, draft.head, draft.family, own)
        or (("BIS",) if id_.startswith("US-EAR-") else ()),
        announced=when.announced,
        effective=when.effective,
        version_date=version or when.version,
        url=own.get("url") or document.metadata.get("canonical", ""),
        relations=relations.find(draft.title, found, language, known, when.effective)
        if draft.family not in {"listing", "plain"} or kind in {"law", "regulation", "announcement"}
        else (),
        enforcement=enforcement.find(found, language, when.announced) if enforcement.is_enforcement(kind, text) else (),
        metadata=metadata,
    )


def _identity(
    draft: Draft, document: Document, hints: Mapping[str, str], known: Mapping[str, identity.Known]
) -> tuple[str, str, date | None]:
    number = hints.get("number", "")
    if draft.id:
        return draft.id, draft.number, None
    if hints.get("instrument"):
        return hints["instrument"], number or draft.number, _celex_date(hints)
    if draft.family == "european":
        meta = document.metadata
        sources = [hints.get(k, "") for k in ("celex", "name", "path", "url")] + [
            meta.get("celex", ""),
            meta.get("consleg_consleg.ref", ""),
        ]
        sources += [document.title, *(v for k, v in meta.items() if "identifier" in k.lower() or k == "canonical")]
        id_, printed, stamp = identity.european(draft.title, sources)
        return id_ or identity.named("EU", draft.title), number or printed, dates.compact(stamp)
    # a translation is built like the announcement, to its last sentence; a ledger or an article about it is not
    ends = any(root.segment == "closing" for root in draft.outline.roots)
    translated = draft.family == "statute" and ends and identity.speaks_for_china(draft.title)
    if draft.family == "chinese" or hints.get("regime") == "CN" or translated:
        # lines below the title speak for the text only where it is built like an act: a press page may list the act's title
        head = draft.head[:12] if draft.family == "chinese" else ()
        id_, said = identity.chinese(draft.title, head, number, known)
        return id_, said, None
    numbered = draft.family in {"plain", "listing", "statute"} and identity.announcement(draft.title)
    titled = "" if numbered else identity.by_title(draft.title, known) or identity.cited(draft.title)
    regime = regime_of(draft.family, "", hints)
    return titled or identity.named(regime, draft.title), number, None


def _plain_tag(language: str) -> str:
    """zh-CN is zh, en-US is en, so that two copies of a text are one language; traditional Chinese stays apart."""
    base, _, rest = language.partition("-")
    return language if base == "zh" and rest.lower() in {"hant", "tw", "hk", "mo"} else base or language


def _language(document: Document, source: Sequence[Line]) -> str:
    """The document's language; a table of nothing but codes is in the language of its headings and name."""
    if document.language != "und":
        return document.language
    columns = {
        name.removeprefix("cell:") for line in source[:50] for name in line.attributes if name.startswith("cell:")
    }
    said = " ".join([document.title, *columns, *(line.text for line in source[:200])])
    if CJK.search(said):
        return "zh"
    return "en" if re.search(r"[A-Za-z]{3}", said) and said.isascii() else document.language


def _celex_date(hints: Mapping[str, str]) -> date | None:
    found = identity.celex(hints.get("celex", ""))
    return dates.compact(found[1]) if found else None


def _distinct(records: Sequence[InstrumentRecord]) -> tuple[InstrumentRecord, ...]:
    """No two instruments of a document under one id."""
    seen: dict[str, int] = {}
    out: list[InstrumentRecord] = []
    for record in records:
        seen[record.id] = seen.get(record.id, 0) + 1
        out.append(record if seen[record.id] == 1 else replace(record, id=f"{record.id}~{seen[record.id]}"))
    return tuple(out)


def all_text(record: InstrumentRecord) -> str:
    """What of a document's text a record holds: provisions, headings and what was left out. For checks of coverage."""
    return "\n".join(_pieces(record.provisions)) + "\n" + record.title + "\n" + record.metadata.get("omitted", "")


def _pieces(found: Sequence[ProvisionRecord]) -> list[str]:
    return [piece for p in found for piece in (p.label, *p.heading, p.text)]
