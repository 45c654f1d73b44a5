"""What codes and item paths a list has: the ground that ranges expand on, and the words that tell a description from a
condition."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_WORD = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


@dataclass(frozen=True)
class Catalogue:
    """Codes in the order printed, item paths with their own texts by code, headings by code."""

    headings: Mapping[str, str]
    items: Mapping[str, Mapping[str, str]]
    _words: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def codes(self) -> Iterable[str]:
        """All codes of the list."""
        return self.headings

    def known(self, code: str, path: str) -> bool:
        """Whether the list prints this code and path."""
        if code not in self.headings or not path:
            return code in self.headings
        printed = self.items.get(code, {})
        return path in printed or any(other.startswith(f"{path}.") for other in printed)

    def codes_between(self, first: str, last: str) -> tuple[str, ...]:
        """ "1C001", "1C003" -> every printed code from the first to the last of that product group."""
        if first[:2] != last[:2] or first > last:
            return (first, last)
        return tuple(sorted({first, last} | {c for c in self.codes if first <= c <= last}))

    def codes_of(self, prefix: str) -> tuple[str, ...]:
        """ "3B" -> every printed code of that product group."""
        return tuple(c for c in self.codes if c.startswith(prefix))

    def paths_between(self, code: str, first: str, last: str) -> tuple[str, ...]:
        """ "b.4", "b.7" -> b.4, b.5, b.6, b.7: siblings as printed, else counted."""
        head, _, start = first.rpartition(".")
        other, _, end = last.rpartition(".")
        if head != other:
            return (first, last)
        prefix = f"{head}." if head else ""
        printed = [p for p in self.items.get(code, {}) if p.rpartition(".")[0] == head]
        if first in printed and last in printed and printed.index(first) <= printed.index(last):
            here = printed[printed.index(first) : printed.index(last) + 1]
            counted = between(start, end)
            return tuple(here if len(here) >= len(counted) else dict.fromkeys([*here, *(prefix + s for s in counted)]))
        return tuple(prefix + step for step in between(start, end)) or (first, last)

    def text(self, code: str, path: str) -> str:
        """An item's own text with that of what stands above and below it."""
        items = self.items.get(code, {})
        near = (o for o in items if o == path or path.startswith(f"{o}.") or o.startswith(f"{path}."))
        return "\n".join(items[other] for other in near)

    def words(self, code: str, path: str = "") -> frozenset[str]:
        """The stems of the heading, or of an item with what stands above and below it."""
        key = f"{code}.{path}" if path else code
        if key not in self._words:
            texts = [self.headings.get(code, "")]
            for other, text in self.items.get(code, {}).items():
                above = path.startswith(f"{other}.")
                if path and (other == path or above or other.startswith(f"{path}.")):
                    texts.append(text)
            self._words[key] = stems(" ".join(texts))
        return self._words[key]


def stems(text: str) -> frozenset[str]:
    """Lower-case words without plural endings; for comparing, not for reading."""
    return frozenset(stem(word) for word in _WORD.findall(text))


def stem(word: str) -> str:
    """ "amplifiers" -> "amplifier", "technologies" -> "technology"."""
    word = word.lower()
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def between(start: str, end: str) -> tuple[str, ...]:
    """The last steps of a range: "4", "6" -> 4, 5, 6; nothing where the two are not counted alike."""
    if start.isdigit() and end.isdigit():
        return tuple(str(n) for n in range(int(start), int(end) + 1))
    if len(start) == len(end) == 1 and start.isalpha() and end.isalpha():
        return tuple(chr(n) for n in range(ord(start), ord(end) + 1))
    if start in _ROMAN and end in _ROMAN:
        return _ROMAN[_ROMAN.index(start) : _ROMAN.index(end) + 1]
    return ()
