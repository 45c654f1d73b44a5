"""What a listed party is called for short: the keys by which running text is searched for names that no word marks.

A key is up to eight words of a name made comparable. Its sort says how it must be written to count, see `SORTS`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from knowledge.screening.han import brands
from knowledge.screening.normal import Name, normal
from knowledge.screening.telling import Words
from knowledge.screening.words import OFFICES

LONGEST_KEY = 8
SORTS: Mapping[str, str] = {
    "F": "the whole name, with a word that tells who is meant",
    "C": "the whole name, of words that many use",
    "P": "a person's whole name",
    "V": "a ship's whole name",
    "G": "a name without its words of trade and the place it begins with",
    "L": "the first words of a longer name",
    "D": "one distinctive word",
    "S": "one word that may also mean something else",
    "K": "letters",
    "H": "a name in Chinese or Japanese characters",
    "B": "a name by which a listed party is known in Chinese",
}
_HAN = re.compile(r"[぀-ヿ㐀-鿿]")
TRADE = frozenset(
    f"technology international trading industry institute research scientific university engineering manufacturing equipment development "
    f"systems enterprise machinery instruments investment solutions laboratory academy college school product import export "
    f"electronics microelectronics semiconductor digital intelligent information corporation company group global network software "
    f"robotics robot state federal national concern center service design bureau {' '.join(OFFICES)}".split()
)
"""Words of trade without which a firm is still the firm: "Hikvision Digital Technology" is Hikvision, while of "Mitsubishi
Heavy Industry" and "Mitsubishi Electric" only one may be listed."""


def keys_of(name: Name, kinds: frozenset[str], words: Words) -> Iterator[tuple[str, str]]:
    """Keys of a listed name with their sorts. `kinds`: letters of the kinds of the parties that bear it."""
    if _HAN.search(name.han):
        yield name.han, "H"
        return
    listed = name.words[:LONGEST_KEY]
    if not kinds & {"e", "u"}:
        if 1 < len(name.words) <= 6 and kinds & {"p", "v"}:
            yield (person_key(name.words), "P") if "p" in kinds else (" ".join(listed), "V")
        return
    if len(listed) > 1 and not all(w in words.cities for w in listed):
        yield " ".join(listed), "F" if any(map(words.telling, listed)) else "C"
    for bare in _without_trade(listed, words):
        yield " ".join(bare), "G" if any(map(words.telling, bare)) else "C"
    placed = listed[1:] if listed[0] in words.cities else listed
    for lead in {listed, placed}:
        for size in (2, 3):
            if size < len(lead) and any(map(words.telling, lead[:size])):
                yield " ".join(lead[:size]), "L"
    telling = [w for w in name.words if words.telling(w)]
    if telling and words.sort_alone(telling[0], head=True):
        yield telling[0], "S"
    if telling and all(words.empty(w) for w in name.words if w != telling[0]):
        sort = words.sort_alone(telling[0])
        strict = all(w in TRADE or w in words.cities or w == telling[0] or w.isdigit() for w in name.words)
        if sort:
            yield telling[0], sort if strict or sort == "S" else "S"


def person_key(words: Iterable[str]) -> str:
    """A person's name in any order: the lists put the family name first."""
    return "~" + " ".join(sorted(words))


def _without_trade(listed: tuple[str, ...], words: Words) -> set[tuple[str, ...]]:
    """The name without trade and place after it, with and without the place before it, while somebody is still named."""
    first, last = 0, len(listed)
    while first < last and listed[first] in words.cities:
        first += 1
    found = {listed[first:]}
    while last > 2 and (listed[last - 1] in TRADE or listed[last - 1] in words.cities):
        last -= 1
        found |= {listed[:last], listed[first:last]}
    return {f for f in found if 1 < len(f) < len(listed) and not all(map(words.empty, f))}


def brand_keys(short: Mapping[str, Iterable[int]]) -> Iterator[tuple[str, int]]:
    """Chinese names with the positions of the names that their Latin form is a key of."""
    for han, latin in brands().items():
        for position in short.get(" ".join(normal(latin).words), ()):
            yield han, position
