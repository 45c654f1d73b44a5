"""The annexes of Regulation (EU) No 833/2014: which customs codes and control entries each of them lists.

Input is the structured regulation (`ingest.structure`). Which article an annex belongs to is read from the annex's own
title ("as referred to in article 3k"), which way it cuts (export, import, other) from that article's first paragraph.
Nothing is guessed: a row without a customs code is reported as unread, with its locator. The result holds facts only
(codes, locators, value floors), no sentences of the regulation.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pdfplumber

from knowledge.store.records import InstrumentRecord, ProvisionRecord

_TITLE = re.compile(r"[Aa]rticles?\s+(\d+[a-z]*)((?:\(\w+\))*)((?:\s*(?:,|and)\s*\d+[a-z]*(?:\(\w+\))*)*)")
_CODE = r"(?:\d{3}\s\d{3}|\d{4}(?:\s?\d{2}){0,3})(?!\d)"  # a few rows of Annex XXIII print 7210 90 as "721 090"
_NAMED = re.compile(rf"^(?:CN code|CN Code|CN/TARIC Codes?|CN):\s*((?:ex\s*)?(?:{_CODE}|\d{{2}})[^;]*?)(?:;|$)")
_BARE = re.compile(rf"^({_CODE})(?:;|$)")
_CODES = re.compile(rf"(?<!\d){_CODE}")
_FLOOR = re.compile(r"(?:exceeding|value of|above)\s+EUR\s+([\d\s]*\d)")
_ANY_VALUE = re.compile(r"\bof any value\b")
_LAYER = re.compile(r"^▼([MCB])\s*([\d\s]*)$")
_ANNEX_HEAD = re.compile(r"^ANNEX ([IVXL]+)$")
_RUNNING = re.compile(r"^\d{5}R\d{4} — ")
_TITLE_LINE = re.compile(r"^List of .*referred to in")
_NEXT_NAME = 12.0  # points: lines of one name stand closer than that, names stand apart
_ENTRY = re.compile(r"^X\.[A-E]\.[IVX]+\.\d{3}$")


@dataclass(frozen=True)
class AnnexRow:
    """One listed customs code: digits only, as long as printed. `partial`: the row says "ex", only the goods it describes.

    `value_over` is the value in euro above which the row bites, None where the row and its group state none.
    """

    code: str
    partial: bool
    locator: str
    value_over: int | None = None


@dataclass(frozen=True)
class Annex:
    """One annex: its number, the articles it serves, `direction` (export, import, other), its rows and control entries."""

    number: str
    articles: tuple[str, ...]
    direction: str
    rows: tuple[AnnexRow, ...]
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Annexes:
    """All annexes that list goods. `unread` are rows without a code: (locator, why)."""

    source: str
    version: str
    annexes: tuple[Annex, ...]
    unread: tuple[tuple[str, str], ...]


def compile_annexes(record: InstrumentRecord) -> Annexes:
    """The goods annexes of the regulation, in the order printed. An annex that lists neither codes nor entries is left out."""
    by_annex: dict[str, list[ProvisionRecord]] = {}
    for provision in record.provisions:
        top = provision.locator.split("/")[0]
        if top.startswith("annex-"):
            by_annex.setdefault(top, []).append(provision)
    found, unread = [], list[tuple[str, str]]()
    for top, provisions in by_annex.items():
        rows, lost = _rows(provisions)
        entries = _entries(provisions)
        if not rows and not entries:
            continue
        unread += lost
        articles = _articles(provisions[0].heading[0])
        found.append(Annex(top.removeprefix("annex-"), articles, _direction(record, articles), rows, entries))
    version = record.version_date.isoformat() if record.version_date else ""
    return Annexes(record.id, version, tuple(found), tuple(unread))


def facts(annexes: Annexes) -> dict[str, Any]:
    """What is bundled with the program: plain data, the same for the same regulation."""
    return {
        "source": annexes.source,
        "version": annexes.version,
        "annexes": [
            {
                "annex": a.number,
                "articles": list(a.articles),
                "direction": a.direction,
                "rows": [[r.code, r.partial, r.value_over, r.locator] for r in a.rows],
                "entries": list(a.entries),
            }
            for a in annexes.annexes
        ],
        "unread": [list(u) for u in annexes.unread],
    }


def _rows(provisions: Iterable[ProvisionRecord]) -> tuple[tuple[AnnexRow, ...], list[tuple[str, str]]]:
    rows: list[AnnexRow] = []
    unread: list[tuple[str, str]] = []
    floors: dict[str, int | None] = {}
    for provision in provisions:
        for locator, text in _leaves(provision):
            group = _group(locator)
            if floor := _floor(text):
                floors[group] = floor[0]
            if not _is_row(locator):
                continue
            codes, partial = _read(text)
            if not codes:
                unread.append((locator, "no customs code in the row"))
            rows += [AnnexRow(code, partial, locator, (floor or (floors.get(group),))[0]) for code in codes]
    return tuple(rows), unread


def _leaves(provision: ProvisionRecord) -> Iterator[tuple[str, str]]:
    """The pieces of a provision that have no pieces of their own, and the text before the first of them."""
    parts = provision.parts
    inner = {p.locator for p in parts if not any(q.locator.startswith(p.locator + "/") for q in parts)}
    first = min((p.start for p in parts), default=len(provision.text))
    yield provision.locator, provision.text[:first]
    for part in parts:
        if part.locator in inner:
            yield part.locator, provision.text[part.start : part.end]


def _group(locator: str) -> str:
    """The numbered group of a list that a row stands in: luxury goods carry their value floor at the group."""
    return "/".join(s for s in locator.split("/") if s.startswith(("annex-", "point-")))


def _floor(text: str) -> tuple[int] | None:
    if _ANY_VALUE.search(text):
        return (0,)
    found = [int(re.sub(r"\D", "", amount)) for amount in _FLOOR.findall(text)]
    return (min(found),) if found else None  # vehicles have two floors: the lower one leaves nothing out


def _is_row(locator: str) -> bool:
    last = locator.rsplit("/", maxsplit=1)[-1]
    return last.startswith(("row-", "cn-"))


def _read(text: str) -> tuple[tuple[str, ...], bool]:
    """The codes of a row as digits, and whether "ex" stands before them."""
    rest = text.strip()
    partial = bool(re.match(r"ex\b", rest))
    rest = re.sub(r"^ex\s*;?\s*", "", rest)
    cell = _NAMED.match(rest) or _BARE.match(rest)
    if cell is None:
        return (), partial
    words = cell[1]
    partial = partial or words.startswith("ex")
    if re.fullmatch(r"\d{2}", words.strip()):
        return (words.strip(),), partial
    return tuple(dict.fromkeys(re.sub(r"\D", "", c) for c in _CODES.findall(words))), partial


def _entries(provisions: Iterable[ProvisionRecord]) -> tuple[str, ...]:
    labels = (s.removeprefix("entry-") for p in provisions for s in p.locator.split("/") if s.startswith("entry-"))
    return tuple(dict.fromkeys(label for label in labels if _ENTRY.match(label)))


def _articles(title: str) -> tuple[str, ...]:
    """ "List of goods referred to in Articles 2a(1) and 2b(1)" -> ("2a", "2b")."""
    found = _TITLE.search(title)
    if found is None:
        return ()
    return tuple(
        dict.fromkeys(re.findall(r"\d+[a-z]*(?=[\s,(]|$)", re.sub(r"\(\w+\)", "", found[0].split(None, 1)[1])))
    )


def _direction(record: InstrumentRecord, articles: tuple[str, ...]) -> str:
    """Which movements the article's first paragraph speaks of."""
    for article in articles:
        text = next((p.text for p in record.provisions if p.locator in (f"art-{article}/par-1", f"art-{article}")), "")
        first = text[:400]
        if re.search(r"\bsell, supply, transfer,? or export\b", first):
            return "export"
        if re.search(r"\b(?:import|purchase)\b", first):
            return "import"
    return "other"


def rendered(annexes: Annexes) -> str:
    """`facts` as the text of the bundled file: one row a line, so that a change of the regulation shows as a small diff."""
    data = facts(annexes)
    lines = [f'{{"source": {json.dumps(data["source"])}, "version": {json.dumps(data["version"])}, "annexes": [']
    for i, annex in enumerate(data["annexes"]):
        head = json.dumps({k: annex[k] for k in ("annex", "articles", "direction", "entries")})
        rows = ",\n".join(json.dumps(row) for row in annex["rows"])
        comma = "," if i + 1 < len(data["annexes"]) else ""
        lines.append(f'{head[:-1]}, "rows": [\n{rows}]}}{comma}' if rows else f'{head[:-1]}, "rows": []}}{comma}')
    unread = ",\n".join(json.dumps(row) for row in data["unread"])
    return "\n".join([*lines, f'], "unread": [\n{unread}]}}', ""])


# ---------------------------------------------------------------- the parties of Annex IV


@dataclass(frozen=True)
class AnnexParty:
    """A person or body of an annex. `layer` is the amendment whose text it stands in, `act` and `published` that act.

    The layer says by when the party was listed: an act that prints the annex anew carries its older names too.
    """

    name: str
    annex: str
    layer: str
    act: str
    published: str
    page: int


def annex_parties(pdf: bytes, record: InstrumentRecord, annex: str = "IV") -> tuple[AnnexParty, ...]:
    """The names of an annex that prints one a line. Read from the page's lines: only their spacing parts the names.

    `record` is the same regulation structured, for the acts that the layers stand for.
    """
    acts = _acts(record)
    found: list[AnnexParty] = []
    layer, above, open_ = "B", 0.0, False
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        for number in _pages(record, annex):
            above = 0.0
            for line in document.pages[number - 1].extract_text_lines():
                text, top = " ".join(line["text"].split()), float(line["top"])
                if mark := _LAYER.match(text):
                    layer, above = mark[1] + mark[2].replace(" ", ""), 0.0
                elif head := _ANNEX_HEAD.match(text):
                    open_, above = head[1] == annex, 0.0
                elif open_ and not _RUNNING.match(text):
                    if found and above and top - above < _NEXT_NAME:
                        found[-1] = replace(found[-1], name=_glued(found[-1].name, text))
                    else:
                        act, published = acts.get(layer, ("", ""))
                        found.append(AnnexParty(text, annex, layer, act, published, number))
                    above = top
    # what stands under the heading before the first name is the annex's title
    named = (p for p in found if not _TITLE_LINE.search(p.name))
    return tuple(replace(p, name=name.strip()) for p in named for name in p.name.split(";") if name.strip())


def party_facts(parties: Iterable[AnnexParty], source: str, version: str) -> str:
    """The bundled list as JSON text, one party a line."""
    rows = ",\n".join(
        json.dumps(
            {"name": p.name, "annex": p.annex, "layer": p.layer, "act": p.act, "published": p.published},
            ensure_ascii=False,
        )
        for p in parties
    )
    head = f'{{"source": {json.dumps(source)}, "version": {json.dumps(version)}, "parties": ['
    return f"{head}\n{rows}\n]}}\n"


def _glued(name: str, more: str) -> str:
    if name.endswith("\u00ad"):
        return name[:-1] + more
    return name + more if name.endswith("-") else f"{name} {more}"


def _pages(record: InstrumentRecord, annex: str) -> range:
    """The pages from the annex's first to the one on which the next annex opens."""
    tops = [(p.locator.split("/")[0], p.page or 0) for p in record.provisions if p.locator.startswith("annex-")]
    own = [page for top, page in tops if top == f"annex-{annex}"]
    after = [page for top, page in tops if top != f"annex-{annex}" and page > own[-1]] if own else []
    return range(own[0], (min(after) if after else own[-1]) + 1) if own else range(0)


def _acts(record: InstrumentRecord) -> dict[str, tuple[str, str]]:
    """Layer -> (number of the act, its day of publication) from the list at the head of a consolidated text."""
    text = "\n".join(p.text for p in record.provisions if p.locator.startswith("preamble"))
    found = {}
    for line in text.split("\n"):
        if m := re.match(
            r"►(M\d+)\b.*?(?:No )?(\d+/\d{4}|\d{4}/\d+) of .*?(\d{1,2})\.(\d{1,2})\.(\d{4})$", line.strip()
        ):
            found[m[1]] = (m[2], f"{m[5]}-{int(m[4]):02d}-{int(m[3]):02d}")
    return found
