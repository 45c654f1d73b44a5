"""List-based licence exceptions: which symbol, for which items, up to which value, to which destinations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ingest.controllists.catalogue import Catalogue
from ingest.controllists.lines import EXCEPTIONS, HEAD, REQUIREMENTS, EntryText, Line
from ingest.controllists.phrases import masked
from ingest.controllists.references import references, spelled
from ingest.controllists.scopes import scopes
from ingest.controllists.tags import tags
from ingest.controllists.where import REASONS, destinations
from knowledge.controllists.model import ListException, Scope

_SYMBOL = re.compile(r"^(?P<symbol>[A-Z]{3}(?:/[A-Z]{3})?)\s*:\s*")
_NOT_SYMBOLS = frozenset({"STA"})
_SEE = re.compile(
    r"[,.;]?\s*\(?\b[Ss]ee\s+(?:also\s+)?§[^;]*?(?:of the EAR(?: for eligibility(?: criteria)?)?|for eligibility criteria)\)?\.?"
)
_SECTION = re.compile(r"§\s*(7\d\d\.\d+(?:\([A-Za-z0-9]+\))*)(?:\s+and\s+§\s*(7\d\d\.\d+(?:\([A-Za-z0-9]+\))*))?")
_NEVER = re.compile(r"^\W*(?:N/?A|No|None)\W*$", re.IGNORECASE)
_OUT = re.compile(
    r"^\W*(?:(?:except|excluding|but)\b[,\s]*(?:for\b)?\s*(?:the following\s*:?)?\s*(?:N/?A\b(?:\s+for\b)?)?|N/?A\b(?:\s+for\b)?)\s*(?:and\s+|the following\s*:\s*)?",
    re.IGNORECASE,
)
_YES = re.compile(r"^\W*Yes\b[\s,:.]*(?:only\s+)?(?:for\b:?|to\b)?\s*", re.IGNORECASE)
_MONEY = re.compile(r"^\W*\$\s*(?P<sum>\d[\d,]*)\s*:?\s*(?:for\b)?\s*")
_MONEY_AHEAD = re.compile(r"\s*\$\d")
_OTHERS = re.compile(r"^(?:for\s+)?(?:all\s+)?(?:other|the rest|everything)\b.*$", re.IGNORECASE)
_EXCEPT = re.compile(r",?\s*\bexcept\b", re.IGNORECASE)
_BREAK = re.compile(
    r"\s*[;]\s*(?:and\s+|or\s+)?|(?<=[a-z0-9)”])\.\s+(?=[A-Z$])|,?\s+except\s+(?=\$\d)|,\s*(?=\$\d)|,?\s*(?:\band\s+)?(?<!except )(?<=[\s”])(?=N/A\b)|(?<=[.,;:])\s+(?=Yes\b)|(?<!except)(?<!Yes)(?<!for)(?<!:)\s+(?=\$\d)"
)
_GENERAL = re.compile(
    r"\b(?:\d[A-E]\d{3}|ECCNs?|items?|commodities|entire|entry|this|all|only|in|controlled|by|for|of|the)\b"
)
_BEGINS = re.compile(r"\$\d|Yes\b|yes,|N/?A\b|[Ee]xcept\b")
_FOLLOWING = re.compile(
    r"\W*(?:(?:[Tt]he|“technology” for the “development” or “production” of(?: the)?|“software” for the|“technology” for the)\s+following\W*|“technology” for the “development” or “production” of:)?"
)
_REASON = re.compile(rf"\b(?:{'|'.join(REASONS)})\b")
_ONLY_REASONS = re.compile(
    rf"^\W*(?:and\s+|or\s+)?(?:items\s+(?:controlled\s+)?(?:for\s+)?)?(?:{'|'.join(REASONS)})(?:(?:,|,?\s+and|,?\s+or)\s+(?:{'|'.join(REASONS)})\b)*(?:\s+(?:items|reasons))?(?:,?\s+and\s+(?:for\s+)?)?(?=$|[\s,.;])"
)
_BARE = re.compile(r"^(?:N/?A\b(?:\s+for\b)?|for\b)\s*")
_NUMBER = re.compile(r"\(\d\)\s+")
_LETTERED = re.compile(r"\([a-e]\)\s+")
_FOR_REASONS = re.compile(rf"[Ii]tems controlled for (?:{'|'.join(REASONS)}) reasons")
_TO = re.compile(r"\bto\b[^;]*?Country Group|destinations?\b|Country Groups?\s+[A-E]", re.IGNORECASE)
_OUTSIDE = re.compile(r"(?:ex|re)ports?\b.*\boutside of those countries listed in Country Group", re.IGNORECASE)
_CHART = re.compile(r"countries WITHOUT|Country Chart|destinations subject to")


@dataclass
class _Found:
    """What the clauses of one symbol add up to."""

    records: list[ListException] = field(default_factory=list)
    out: list[Scope] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def exceptions(entry: EntryText, catalogue: Catalogue) -> Iterator[ListException]:
    """The list-based exceptions of an entry in the order printed, a record for each value, destination or condition."""
    for symbol, text, locator in _statements(entry):
        yield from statement(symbol, text, locator, entry.code, catalogue)


def _statements(entry: EntryText) -> Iterator[tuple[str, str, str]]:
    """(symbol, text, locator), lines that go on put together."""
    symbol, said, first = "", list[str](), None
    for line in (*entry.of(HEAD), *entry.of(REQUIREMENTS), *entry.of(EXCEPTIONS)):
        found = _SYMBOL.match(line.text)
        if found and found["symbol"] not in _NOT_SYMBOLS:
            if first:
                yield symbol, " ".join(said), first.locator
            symbol, said, first = found["symbol"], [line.text[found.end() :]], line
        elif first and _goes_on(line):
            said.append(line.text)
        elif first:
            yield symbol, " ".join(said), first.locator
            first = None
    if first:
        yield symbol, " ".join(said), first.locator


def _goes_on(line: Line) -> bool:
    return not line.note and not re.match(r"(?:List|License|Special|STA|Note|Reporting)\b", line.text)


def statement(symbol: str, text: str, locator: str, code: str, catalogue: Catalogue) -> list[ListException]:
    """What "GBS: Yes for 6A004.a.1, except ..." says. Unread where it neither grants nor denies."""
    printed = " ".join(text.split())
    sections = tuple(dict.fromkeys(s for hit in _SECTION.finditer(printed) for s in hit.groups() if s))
    body = _SEE.sub(" ", printed).strip()
    base = ListException(symbol, False, Scope(whole=True), terms=printed, locator=locator, sections=sections)
    if _NEVER.match(body):
        return [base]
    found = _Found()
    for clause in _clauses(body):
        _clause(clause, found, base, code, catalogue)
    if not found.records and symbol != "LVS" and (found.out or found.reasons) and body.startswith(("Yes", "Except")):
        found.records.append(replace(base, available=True))
    if not found.records:
        denied = bool(found.out or found.reasons)
        return [base if denied else replace(base, read=False, why="neither grants nor denies", available=False)]
    return [_less(record, found, code) for record in found.records]


def _clauses(body: str) -> list[str]:
    """Cut where another grant, sum or refusal begins; anything else goes on with the clause before it."""
    flat, _ = masked(body)
    found, start = list[str](), 0
    for cut in [*_BREAK.finditer(flat), None]:
        piece = body[start : cut.start() if cut else len(body)].strip(" ,;")
        start = cut.end() if cut else len(body)
        if piece and found and not _BEGINS.match(piece):
            found[-1] += f"; {piece}"
        elif piece:
            found.append(piece)
    return found


def _clause(text: str, found: _Found, base: ListException, code: str, catalogue: Catalogue) -> None:
    money, yes = _MONEY.match(text), None
    if not money and (yes := _YES.match(text)):
        money = _MONEY.match(text[yes.end() :])
        text = text[yes.end() :]
    if money:
        text = text[money.end() :]
    if not (money or yes) and (out := _OUT.match(text)):
        return _denied(text[out.end() :], found, code, catalogue)
    inside, outside = _sides(text)
    if yes and not money and not inside and not outside and base.symbol == "LVS":
        return None  # "Yes for:" over a list of sums
    if not (money or yes) and (base.symbol == "LVS" or not references(text, code, catalogue)):
        return None  # neither a sum nor items: nothing is granted
    value = int(money["sum"].replace(",", "")) if money else None
    found.records += _granted(inside, value, base, code, catalogue)
    return _limited(outside, found, code, catalogue) if outside else None


def _limited(outside: str, found: _Found, code: str, catalogue: Catalogue) -> None:
    """What a grant takes out again: destinations at the records, else items and reasons."""
    groups, countries = destinations(outside)
    if not (groups or countries) or re.search(r"\d[A-E]\d{3}", outside) or _CHART.search(outside):
        return _denied(outside, found, code, catalogue)
    found.records = [
        replace(r, without_groups=(*r.without_groups, *groups), without_countries=(*r.without_countries, *countries))
        for r in found.records
    ]
    return None


def _sides(text: str) -> tuple[str, str]:
    """What is granted and what the clause takes out of it; an "except" in parentheses stays."""
    flat, _ = masked(text)
    out = _EXCEPT.search(flat)
    return (text[: out.start()].strip(" ,.:"), text[out.end() :].strip()) if out else (text.strip(" ,:"), "")


def _granted(text: str, value: int | None, base: ListException, code: str, catalogue: Catalogue) -> list[ListException]:
    groups, countries = tuple[str, ...](), tuple[str, ...]()
    if place := re.search(
        r"\s*\bif the ultimate destination is\b(.*)$|\b(?:for\s+)?all (Country Group [A-E](?::\d)?)\s+destinations",
        text,
    ):
        groups, countries = destinations(place[1] or place[2])
        text = (text[: place.start()] + text[place.end() :]).strip(" ,")
    granted = replace(base, available=True, groups=groups, countries=countries)
    if not text or _OTHERS.match(text) or re.fullmatch(r"\W*", text):
        return [replace(granted, scope=Scope(whole=True), values=_values(Scope(whole=True), value))]
    found = scopes(text, code, catalogue)
    if len(found) == 1 and found[0] == Scope(whole=True) and (telling := _GENERAL.sub(" ", text).strip(" ,.")):
        found = [replace(found[0], qualifier=text, tags=tags(telling, descriptive=True))]
    return [replace(granted, scope=scope, values=_values(scope, value)) for scope in found]


def _values(scope: Scope, value: int | None) -> dict[str, int]:
    if value is None:
        return {}
    return dict.fromkeys(scope.items, value) or {"": value}


def _denied(text: str, found: _Found, code: str, catalogue: Catalogue) -> None:
    """Reasons and items that an exception is not for."""
    points = _NUMBER.split(_trimmed(text))
    if _OUTSIDE.search(points[0]):  # "(1), (2)" then list what is kept from other destinations
        points = [text]
    for numbered in points:
        if (
            _OUTSIDE.search(numbered)
            or _CHART.search(numbered)
            or (_TO.search(numbered) and not _LETTERED.search(numbered))
        ):
            found.out.append(_asked(f"except {_BARE.sub('', _trimmed(numbered))}", code, catalogue))
            continue
        for point in _LETTERED.split(numbered):
            _refused(_BARE.sub("", _trimmed(point)), found, code, catalogue)


def _refused(point: str, found: _Found, code: str, catalogue: Catalogue) -> None:
    if only := _FOR_REASONS.fullmatch(point):
        found.reasons += _REASON.findall(only[0])
        return
    if reasons := _ONLY_REASONS.match(point):
        found.reasons += _REASON.findall(reasons[0])
        point = re.sub(r"^(?:and|or|for)\s+", "", _trimmed(point[reasons.end() :]))
    if _FOLLOWING.fullmatch(point) or _OTHERS.match(point):
        return
    named = scopes(point, code, catalogue)
    found.out += [_asked(f"except {point}", code, catalogue)] if named == [Scope(whole=True)] else named


def _trimmed(text: str) -> str:
    """Without punctuation and "or" around it; a path keeps its leading dot."""
    return re.sub(r"[\s,;]*\b(?:or|and)$", "", text.strip(" ,;").rstrip(" .;,")).strip(" ,;")


def _asked(qualifier: str, code: str, catalogue: Catalogue) -> Scope:
    named = spelled(tuple(item for r in references(qualifier, code, catalogue) for item in r.items))
    return Scope(whole=True, qualifier=qualifier, tags=tags(qualifier), named=named)


def _less(record: ListException, found: _Found, code: str) -> ListException:
    """A record without the reasons and items that other clauses deny; what they deny on a condition is asked."""
    scope, asked, marks = record.scope, list[str](), list(record.scope.tags)
    excluded, entries, named = list(scope.excluded), list(scope.excluded_entries), list(scope.named)
    for out in found.out:
        plain = not (out.conditional or out.reasons or (out.items and out.entries) or out.whole)
        if plain and not out.excluded and not out.excluded_entries:
            excluded += [p for p in out.items if p not in excluded]
            entries += [e for e in out.entries if e not in entries]
        elif _touches(scope, out):
            about = f"for {', '.join(out.entries)}" if out.entries else ""
            what = " ".join(t for t in (", ".join(out.items), about, out.qualifier) if t)
            again = out.qualifier.startswith("except") and bool(
                out.items or out.entries
            )  # not for b.2, except civil ones
            asked.append(what if what.startswith("except") else f"except {what}")
            marks += [t.removeprefix("except:") if again else t for t in out.tags] if again else tags(asked[-1])
            own = (f"{code}.{path}" for path in out.items)
            named += [n for n in (*own, *out.entries, *out.named) if n not in named]
    qualifier = "; ".join(t for t in (scope.qualifier, *asked) if t)
    scope = replace(
        scope,
        excluded=tuple(excluded),
        excluded_entries=tuple(entries),
        qualifier=qualifier,
        tags=tuple(dict.fromkeys(marks)),
        named=tuple(named),
    )
    return replace(record, scope=scope, without_reasons=tuple(dict.fromkeys((*record.without_reasons, *found.reasons))))


def _touches(scope: Scope, out: Scope) -> bool:
    """Whether a refusal can concern the items of a grant at all."""
    if scope.whole or not scope.items or not out.items:
        return True
    return any(
        mine == other or mine.startswith(f"{other}.") or other.startswith(f"{mine}.")
        for mine in scope.items
        for other in out.items
    )
