"""The newest ingested Consolidated Screening List as parties to screen against; else the bundled table, and why."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from knowledge.cache import kept
from knowledge.rulebook import RuleBook
from knowledge.screening.build import VERSION as INDEX_VERSION
from knowledge.screening.compiled import write_parties
from knowledge.screening.hashes import sighted
from knowledge.screening.lists import COMPILED, KIND_LETTERS, ListState, Parties, ScreenedParty, bundled, meanings
from knowledge.screening.official import from_csl, list_code
from knowledge.screening.service import POSSIBLE, Screening, ScreenResult
from knowledge.store.blobs import Blobs, write_whole

if TYPE_CHECKING:
    from knowledge.store.library import Library

INSTRUMENT = "US-CSL"
"""What the `csl:` source brings in. A file of the list is found by its title or name, whatever its instrument id."""
LEAST = 20_000
"""Parties below which an ingested list is taken for a part of it; the bundled one has 25 921."""
FORM = "1"
"""Part of the kept file's name: raised where what is kept of an original changes."""
_KEPT = 4
"""Originals whose parties are kept; older ones no longer answer."""
_KINDS = {letter: kind for kind, letter in KIND_LETTERS.items()}
_DATED = ("sourceGeneratedAt", "search_performed_at")
_ALSO_DATED = re.compile(r"generat|updat|as_?of", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BETWEEN = " | "


@dataclass(frozen=True)
class Ingested:
    """A live document that may be the list. `on`: the day it was brought in; `meant`: it is ingested as US-CSL."""

    name: str
    sha256: str
    on: date
    meant: bool


@dataclass(frozen=True)
class Live:
    """The parties of the newest ingested list, None where none answers; `notes`: what was ingested and is not used, and
    what is uncertain about what is."""

    parties: Parties | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """The parties of one original and the day as of which they speak; `stated`: by the list itself."""

    parties: Parties
    day: str
    stated: bool


class Unusable(ValueError):
    """An original that cannot answer. `foreign`: it is no Consolidated Screening List at all."""

    def __init__(self, why: str, foreign: bool = False) -> None:
        super().__init__(why)
        self.foreign = foreign


def live_parties(library: "Library", blobs: Blobs, folder: Path, least: int = LEAST) -> Live:
    """The newest list in the library, made once per content into a table in `folder`.

    A list with fewer than `least` parties, one older than the bundled, and one whose original is gone, damaged or not
    understood are passed over, each with a note. Raises StoreError where the database cannot be read.
    """
    best, newest = Live(), ""
    ours, notes = _bundled_day(), []
    for document in ingested(library):
        try:
            found = _of(document, blobs, folder)
            if found.parties.size < least:
                raise Unusable(f"it has {found.parties.size} parties, fewer than {least}; ingest it again, whole")
            if found.day < ours:
                raise Unusable(f"it is of {found.day}, and the bundled table of {ours}")
        except Unusable as reason:
            if document.meant or not reason.foreign:
                notes.append(f"US lists: the ingested {document.name} ({document.on}) is not used: {reason}")
            continue
        if found.day >= newest:
            told = f"US lists: {document.name} states no day; {found.day} is the day it was brought in"
            best, newest = Live(found.parties, () if found.stated else (told,)), found.day
    return replace(best, notes=(*notes, *best.notes))


def ingested(library: "Library") -> tuple[Ingested, ...]:
    """The documents that answer and may be the list, oldest first."""
    # Here: a fresh install screens without loading a database library.
    from sqlalchemy import func, or_, select

    from knowledge.store.schema import documents, versions

    named = [func.lower(c).like("%screening%list%") for c in (versions.c.title, versions.c.key)]
    query = (
        select(versions.c.instrument, documents.c.name, documents.c.sha256, documents.c.fetched_at)
        .join(documents, documents.c.sha256 == versions.c.document)
        .where(library.stands, documents.c.media_type == "application/json")
        .where(or_(versions.c.instrument == INSTRUMENT, func.lower(versions.c.key).like("%consolidated.json"), *named))
        .order_by(versions.c.id)
    )
    with library.database.read() as connection:
        rows = connection.execute(query).all()
    return tuple(Ingested(r.name, r.sha256, r.fetched_at.date(), r.instrument == INSTRUMENT) for r in rows)


def _bundled_day() -> str:
    """The day of the bundled table, from its head: the table itself is a hundred times that."""
    try:
        with COMPILED.open(encoding="utf-8") as file:
            head = takewhile(lambda line: line.startswith("#"), file)
            return next((line.split("\t")[1].strip() for line in head if line.startswith("# as of\t")), "")
    except (OSError, ValueError):
        return ""


# ---------------------------------------------------------------- an original as a kept table


def _of(document: Ingested, blobs: Blobs, folder: Path) -> _Found:
    """The parties of one original, from the folder where they were made before. Raises Unusable."""
    path = folder / f"parties-{FORM}{document.sha256[:24]}.tsv"
    try:
        return _read(path.read_bytes(), document.on)
    except Unusable:
        raise
    except (OSError, ValueError):
        pass  # not there yet, or no longer what was written: made again
    original = blobs.get(document.sha256)
    if original is None:
        raise Unusable("its original is gone or damaged; ingest it again")
    try:
        head, rows = _made(original)
    except Unusable as reason:
        head, rows = {"foreign" if reason.foreign else "error": str(reason)}, []
    data = _table(head, rows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        for old in sorted(folder.glob("parties-*.tsv"), key=lambda p: p.stat().st_mtime, reverse=True)[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        pass  # a folder that cannot be written costs speed only
    return _read(data, document.on)


def _made(original: bytes) -> tuple[dict[str, str], list[ScreenedParty]]:
    """Head and parties of an original in one of its two forms. Raises Unusable."""
    try:
        data = json.loads(original, strict=False)
    except (ValueError, RecursionError):
        raise Unusable("it is no JSON", foreign=True) from None
    form = data if isinstance(data, dict) else {}
    try:
        if isinstance(form.get("results"), list) and _listlike(form["results"]):
            return {"as of": _stated(form)}, [_national(p) for p in _checked(form["results"])]
        if isinstance(form.get("entries"), list) and {"sources", "licencePolicies"} <= set(form.get("tables") or ()):
            parties = _of_compact(original)
            # The key of the bundled table of the same state, so that its index is shared.
            if parties.size:
                return {"as of": _stated(form), "key": parties.key}, list(parties)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise Unusable(f"it cannot be read ({type(error).__name__}: {error}); ingest it again") from None
    raise Unusable("it is no Consolidated Screening List", foreign=True)


def _listlike(rows: list[Any]) -> bool:
    """Rows of a list that is known: other agencies' files have `results` too."""
    return any(isinstance(row, Mapping) and list_code(str(row.get("source"))) in meanings() for row in rows)


def _checked(rows: list[Mapping[str, Any]]) -> Iterable[ScreenedParty]:
    """Raises ValueError where an entry has no name or no list: a list with gaps does not stand in for a whole one."""
    bad = sum(1 for row in rows if not str(row.get("name") or "").strip() or not row.get("source"))
    if bad:
        raise ValueError(f"{bad} entries have no name or no list")
    return from_csl(rows)


def _national(party: ScreenedParty) -> ScreenedParty:
    return replace(party, id=f"US-{party.id}")


def _of_compact(original: bytes) -> Parties:
    with TemporaryDirectory() as aside:
        given, table = Path(aside) / "list.json", Path(aside) / "list.tsv"
        given.write_bytes(original)
        write_parties(given, table)
        return bundled(table)


def _stated(form: Mapping[str, Any]) -> str:
    """The day as of which the list speaks, "" where it states none."""
    said = {key: found[0] for key, value in form.items() if (found := _DAY.match(str(value)))}
    days = [said[key] for key in _DATED if key in said]
    return next(iter(days or sorted(day for key, day in said.items() if _ALSO_DATED.search(key))), "")


def _table(head: Mapping[str, str], parties: list[ScreenedParty]) -> bytes:
    rows = ["\t".join(map(_cell, _cells(party))) for party in parties]
    body = "\n".join(rows).encode("utf-8", "replace")
    counts = sorted(Counter(party.list for party in parties).items())
    facts = [*({"key": hashlib.sha256(body).hexdigest()[:32]} | dict(head)).items()]
    lines = [*(f"{k}\t{_cell(v)}" for k, v in facts), *(f"list\t{_cell(code)}\t{n}" for code, n in counts), "", ""]
    data = "\n".join(lines).encode("utf-8", "replace") + body
    return hashlib.sha256(data).hexdigest().encode() + b"\n" + data


def _cells(p: ScreenedParty) -> Iterator[str]:
    yield from (p.id, p.name, p.list, KIND_LETTERS[p.kind], p.since.isoformat() if p.since else "")
    yield from (p.federal_register, p.licence_requirement, p.licence_policy, p.source_url, " ".join(p.countries))
    for several in (p.aliases, p.addresses, p.programmes):
        yield _BETWEEN.join(text.replace(_BETWEEN, " ") for text in map(_cell, several) if text)


def _cell(text: str) -> str:
    return " ".join(text.split())


def _read(data: bytes, ingested_on: date) -> _Found:
    """Raises ValueError where the bytes are not what was written, Unusable where they say that the original is."""
    digest, _, rest = data.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        raise ValueError("not what was written")
    head, _, body = rest.partition(b"\n\n")
    facts = [line.split("\t") for line in head.decode("utf-8").split("\n")]
    said = {f[0]: f[1] for f in facts if len(f) == 2}
    for word in ("error", "foreign"):
        if word in said:
            raise Unusable(said[word], word == "foreign")
    stated = said["as of"]
    as_of = min(stated or "9", ingested_on.isoformat())  # a list cannot know what comes after it was fetched
    states = tuple(ListState(f[1], int(f[2]), as_of) for f in facts if len(f) == 3)

    @cache
    def rows() -> list[str]:  # at the first name: most questions have none
        return body.decode("utf-8").split("\n")

    parties = Parties(said["key"], sum(state.count for state in states), lambda i: _party(rows()[i]), states)
    return _Found(parties, as_of, bool(stated))


def _party(row: str) -> ScreenedParty:
    own, name, code, kind, since, notice, requirement, policy, url, countries, *several = row.split("\t")
    aliases, addresses, programmes = (tuple(text.split(_BETWEEN)) if text else () for text in several)
    meaning = meanings().get(code)
    return ScreenedParty(
        own, name, aliases, _KINDS[kind], code, tuple(countries.split()), addresses,
        date.fromisoformat(since) if since else None, code, f"US-{code}", meaning.citation if meaning else "",
        notice, requirement, policy, programmes, url,
    )  # fmt: skip


# ---------------------------------------------------------------- screening with it


class LibraryScreening(Screening):
    """Screening with the newest ingested list; every result says what of the US lists it could not know."""

    def __init__(self, book: RuleBook, folder: Path, source: Callable[[], Live]) -> None:
        """`source` is asked once, at the first name. `folder` keeps the index."""
        super().__init__(book, folder)
        self._cache, self._source = folder, source

    @cached_property
    def live(self) -> Live:
        """What the library has."""
        found = self._source()
        self._given = found.parties
        return found

    @cached_property
    def parties(self) -> Parties:
        """Every party that is searched."""
        _ = self.live
        return super().parties

    @cached_property
    def sight(self) -> frozenset[int]:
        """As in Screening, kept for the ingested list too."""
        if self.live.parties is None:
            return super().sight
        key = f"{INDEX_VERSION}{self.parties.key}"
        return sighted(str(kept(self._cache, "sight", key, lambda: self.index.sight)))

    def screen(
        self, name: str, country: str | None = None, on: date | None = None, limit: int = 10, least: float = POSSIBLE
    ) -> ScreenResult:
        """As in Screening, with the age of the bundled table and why an ingested list does not answer."""
        found = super().screen(name, country, on, limit, least)
        notes = (*found.not_searched, *self.live.notes, *self._age(on))
        return replace(found, not_searched=notes)

    def _age(self, on: date | None) -> tuple[str, ...]:
        day = _bundled_day()
        if self.live.parties is not None or not day:
            return ()
        days = (on - date.fromisoformat(day)).days if on else 0
        age = f", {days} days old on {on}" if days > 0 else ""
        return (
            f"US lists: what was listed after {day} (the bundled table{age}); `navicert ingest csl:` brings the newest",
        )
