"""References to items in running text: "3B001.a.1 to a.3, b, e, f.2 to f.4" as a list of codes and paths."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.controllists.catalogue import Catalogue

_STEP = r"(?:\d{1,3}|[a-z]{1,4})"
_REFERENCE = re.compile(
    rf"(?P<code>\b\d[A-E]\d{{3}})(?P<under>(?:\.{_STEP}(?![A-Za-z0-9]))*)"
    r"|(?P<group>\b\d[A-E])(?![\w.])"
    rf"|(?<![\w.\-/])\.?(?P<path>[a-z]{{1,2}}(?:\.{_STEP}(?![A-Za-z0-9]))+)"
    rf"|(?<![\w.\-/])\.(?P<letter>[a-z]|\d{{1,2}})(?![\w])"
    r"|(?<![\w.\-/’'“”])(?P<bare>[b-z]|a(?=,|\s+(?:and|or|to|through)\s+\.?[a-z]\b))(?![\w.\-’'“”]|\)\()"
)
_NOT_PATHS = frozenset({"i.e", "e.g", "n.e", "n.e.s", "u.s", "n.b", "vs", "p.m", "a.m"})
_BETWEEN = re.compile(
    r"^[\s.,\x01]*(?:(?P<range>through|to|-|–)|(?:,|and|or|and/or|,\s*(?:and|or)))?[\s]*(?:ECCNs?\s+)?$"
)
_PARAGRAPH = re.compile(r"paragraphs?\s*$", re.IGNORECASE)
_REPAIRS = (
    (re.compile(r"(\d[A-E]\d{3})\s+\.(?=[a-z]\b)"), r"\1."),
    (re.compile(r"(\d[A-E]\d{3})\.\s+(?=[a-z]\b(?!\s+[a-z]{3,}(?<!and)(?<!through)))"), r"\1."),
    (re.compile(r"(\d[A-E]\d{3}(?:\.[a-z0-9]{1,3})+)\.\s+(?=\d{1,2}\.[a-z]\b)"), r"\1."),
    (re.compile(r"\s\.(?=(?:and|or)\b)"), " "),
    (re.compile(r"[ \t\u00a0]+"), " "),
)


@dataclass(frozen=True)
class Reference:
    """A mention of items at `text[start:end]`: codes with paths, ranges expanded ("b.4 to b.7" is one mention)."""

    start: int
    end: int
    items: tuple[tuple[str, str], ...]


def tidy(text: str) -> str:
    """Slips of the print that break a reference put right: "3A001.z. 1.b", "9A004 .g"."""
    for pattern, by in _REPAIRS:
        text = pattern.sub(by, text)
    return text.strip()


def references(text: str, own: str, catalogue: Catalogue) -> list[Reference]:
    """The references in a text of entry `own`, in order. Bare paths belong to the code named last, else to `own`."""
    found: list[Reference] = []
    code, last = own, ""
    for hit in _REFERENCE.finditer(text):
        before = text[found[-1].end : hit.start()] if found else text[: hit.start()]
        linked = _BETWEEN.match(before) if found else None
        single = hit["bare"]
        if single and not (linked or _PARAGRAPH.search(before)):
            continue
        if hit["path"] and hit["path"] in _NOT_PATHS:
            continue
        if hit["group"]:
            items = [(c, "") for c in catalogue.codes_of(hit["group"])]
            if items:
                found.append(Reference(hit.start(), hit.end(), tuple(items)))
            continue
        if hit["code"]:
            code, path = hit["code"], hit["under"].removeprefix(".")
        else:
            path = hit["path"] or hit["letter"] or single
            if path.isdigit():
                if not last.rpartition(".")[2].isdigit():
                    continue
                path = f"{last.rpartition('.')[0]}.{path}"
        if linked and linked["range"]:
            found[-1] = _stretched(found[-1], (code, path), hit.end(), catalogue)
        else:
            found.append(Reference(hit.start(), hit.end(), ((code, path),)))
        last = path
    return found


def _stretched(first: Reference, last: tuple[str, str], end: int, catalogue: Catalogue) -> Reference:
    """A reference and the one after "to" as a range."""
    (code, path), (other, upto) = first.items[-1], last
    if code != other and not path and not upto:
        items = tuple((c, "") for c in catalogue.codes_between(code, other))
    elif code == other and path and upto:
        items = tuple((code, p) for p in catalogue.paths_between(code, path, upto))
    else:
        items = (first.items[-1], last)
    return Reference(first.start, end, (*first.items[:-1], *items))


def groups(found: list[Reference], text: str) -> Iterator[list[Reference]]:
    """References that only commas and "and" part stand together."""
    open_: list[Reference] = []
    for reference in found:
        if open_ and not _BETWEEN.match(text[open_[-1].end : reference.start]):
            yield open_
            open_ = []
        open_.append(reference)
    if open_:
        yield open_


def spelled(items: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """("1A006", "b") -> "1A006.b"."""
    return tuple(dict.fromkeys(f"{code}.{path}" if path else code for code, path in items))
