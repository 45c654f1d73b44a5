"""What a table row or an exception speaks of: item paths, other entries, what is taken out, and what must be asked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.controllists.catalogue import Catalogue
from ingest.controllists.phrases import BLANK, CONDITION, Aside, clauses, masked, points, said
from ingest.controllists.references import Reference, groups, references, spelled, tidy
from ingest.controllists.tags import tags
from knowledge.controllists.model import Scope

_REASONS = re.compile(
    r",?\s*(?:\b(?:that\s+are\s+)?controlled\s+)?\bfor\s+((?:[A-Z]{2})(?:(?:,|,?\s+and|,?\s+or)\s+[A-Z]{2})*)\s+[Rr]easons?\b"
)
_CODE_OF_REASON = re.compile(r"\b[A-Z]{2}\b")
_WHOLE = re.compile(r"\b(?:the\s+)?(?:entire|whole)\s+entry\b|\ball\s+items\s+in\s+this\s+entry\b", re.IGNORECASE)
_COMMENT = re.compile(r"\s*(?:refer|see|i\.e|e\.g|which is|also|\d[\d.,]*\s*(?:mm|cm|m|in|inch))", re.IGNORECASE)
_OUT = re.compile(r"\s*(?:except(?:\s+for)?|excluding|other than)\s+", re.IGNORECASE)
_ABOUT = re.compile(r"\s*(?:for|to)\s+(?=.*\d[A-E]\d{3})", re.IGNORECASE | re.DOTALL)
_NARROWS = re.compile(
    r"\b(?:only|solely|when(?:ever)?|if|unless|provided|except(?:ing)?|excluding|other than|(?:ex|re)ported)\b",
    re.IGNORECASE,
)
_BY_HEADING = re.compile(
    r"\s*(?:as\s+)?(?:noted|specified|stated|listed|described)\s+in\s+the\s+heading\W*", re.IGNORECASE
)
_FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![A-E]\d{3})")
_LINK = re.compile(r"^(?:(?!\b(?:and|or)\b).)*\bfor\b", re.IGNORECASE | re.DOTALL)
_LONGEST = 8000
"""Characters of a cell beyond which it is taken whole and asked about: the longest of the list has 2,500."""
_DOWN = re.compile(r"(?:\.|\b)\d[A-E]\d{3}(?:\.[a-z0-9]+)*")


@dataclass(frozen=True)
class _Reader:
    own: str
    catalogue: Catalogue

    def scopes(self, text: str) -> list[Scope]:
        pieces: list[Scope] = []
        for inside, outside in clauses(tidy(text)):
            here = self.inside(inside)
            if outside:
                here = self.without(here or [Scope(whole=True)], outside)
            pieces += here
        return _merged(pieces)

    def inside(self, text: str) -> list[Scope]:
        """One clause: groups of references, each with the words before it, and a condition at the end."""
        text, reasons = _reasons(text)
        flat, asides = masked(text)
        whole = _WHOLE.search(flat)
        if whole:
            flat = flat[: whole.start()] + " " * (whole.end() - whole.start()) + flat[whole.end() :]
        condition = CONDITION.search(flat)
        stop = condition.start() if condition else len(flat)
        found = [r for r in references(flat, self.own, self.catalogue) if r.start < stop]
        ending = text[stop:].strip(" ,").rstrip(".")
        if not found:
            return [self.unreferenced(text, flat[:stop], ending, bool(whole), reasons, asides)]
        pieces = self.grouped(flat, found, asides)
        pieces = [replace(piece, reasons=reasons) for piece in pieces]
        between = said(flat[found[-1].end : stop], [self.known(found)])
        if ending or between:
            qualifier = " ".join(t for t in (between, ending) if t)
            if between and condition:  # "2B004.b.3 and presses with ...": another subject than the items before it
                pieces.append(self.asking(Scope(whole=True, reasons=reasons), qualifier))
            else:
                pieces[-1] = self.asking(pieces[-1], qualifier)
        return pieces

    def unreferenced(
        self, text: str, words: str, ending: str, whole: bool, reasons: tuple[str, ...], asides: Sequence[Aside]
    ) -> Scope:
        """A clause that names no item: the whole entry, as far as what it says is met."""
        remark = ""
        for aside in asides:
            if not _COMMENT.match(aside.text) and (whole or _OUT.match(aside.text)):
                remark = aside.text
        scope = Scope(whole=True, reasons=reasons)
        telling = said(words, [self.catalogue.words(self.own)])
        if ending or (telling and not whole):
            scope = self.asking(scope, " ".join(text.split()), descriptive=not ending)
        elif telling:
            scope = self.asking(scope, telling)
        return self.aside(scope, remark) if remark else scope

    def grouped(self, flat: str, found: list[Reference], asides: Sequence[Aside]) -> list[Scope]:
        """A piece for each group of references; one "for" other entries limits the own items before it."""
        pieces: list[Scope] = []
        last = 0
        for group in self.split(found, flat):
            words, last = flat[last : group[0].start], group[-1].end
            for_others = bool(pieces) and bool(_LINK.match(words))
            telling = said(words, [self.known(group)])
            plain = list[tuple[str, str]]()
            special: list[Scope] = []
            for reference in group:
                after = [
                    a
                    for a in asides
                    if reference.end <= a.start and not flat[reference.end : a.start].strip(f" {BLANK}")
                ]
                remark = next((a.text for a in after if not _COMMENT.match(a.text)), "")
                if remark and (piece := self.aside(self.of(reference.items), remark)) != self.of(reference.items):
                    special.append(piece)
                else:
                    plain += reference.items
            scope = self.of(tuple(plain))
            if for_others and scope.entries and not scope.items and not special:
                if not pieces[-1].items:  # "equipment in 0B501 for commodities in 0A501.y"
                    pieces[-1] = self.asking(pieces[-1], f"for {', '.join(scope.entries)}")
                    continue
                pieces[-1] = replace(pieces[-1], entries=(*pieces[-1].entries, *scope.entries))
                if telling:
                    pieces[-1] = self.asking(pieces[-1], telling, descriptive=True)
                continue
            if for_others and scope.items and not scope.entries and not special and pieces[-1].items:
                pieces[-1] = self.serving(pieces[-1], words, scope.items)
                continue
            here = ([scope] if plain else []) + special
            pieces += [self.asking(p, telling, descriptive=True) if telling else p for p in here]
        return pieces

    def serving(self, scope: Scope, words: str, served: tuple[str, ...]) -> Scope:
        """ "plug-ins in a.6 for cameras in a.3": which paragraph the goods stand in does not say what they serve."""
        about = ", ".join(f"{self.own}.{path}" for path in served)
        asked = self.asking(scope, f"{' '.join(words.replace(BLANK, ' ').split())} {about}")
        return replace(asked, tags=tuple(dict.fromkeys((*asked.tags, "specially_designed"))))

    def split(self, found: list[Reference], flat: str) -> Iterable[list[Reference]]:
        """Groups, cut again where own items follow other entries ("for items for 0A502 or 0A508, and 0A509.d")."""
        for group in groups(found, flat):
            start = 0
            for i in range(1, len(group)):
                before, here = group[i - 1].items[-1], group[i].items[0]
                if before[0] != self.own and here[0] == self.own and here[1]:
                    yield group[start:i]
                    start = i
            yield group[start:]

    def of(self, items: tuple[tuple[str, str], ...]) -> Scope:
        """Codes and paths as a scope: paths of the own entry, other entries by code."""
        own = tuple(dict.fromkeys(path for code, path in items if code == self.own and path))
        others = tuple(item for item in items if item[0] != self.own or (not item[1] and len(items) > 1))
        return Scope(whole=not own and not others and bool(items), items=own, entries=spelled(others))

    def aside(self, scope: Scope, text: str) -> Scope:
        """A scope with what stands in parentheses behind it."""
        if out := _OUT.match(text):
            if _BY_HEADING.fullmatch(text[out.end() :]) and (taken := self.out_by_heading(scope)):
                return replace(scope, excluded_entries=tuple(dict.fromkeys((*scope.excluded_entries, *taken))))
            return self.without([scope], text[out.end() :])[0]
        if _ABOUT.match(text) and scope.items:
            others = references(masked(tidy(text))[0], self.own, self.catalogue)
            about = spelled(tuple(item for r in others for item in r.items))
            return replace(scope, entries=(*scope.entries, *about)) if about else scope
        known = [self.catalogue.words(self.own, path) for path in scope.items] + [self.catalogue.words(self.own)]
        known += [self.catalogue.words(*_parted(entry)) for entry in scope.entries]
        telling = text if CONDITION.search(text) or _DOWN.search(text) else said(text, known)
        if telling and scope.items and self.describes(scope, text):
            return scope
        return self.asking(scope, telling) if telling else scope

    def out_by_heading(self, scope: Scope) -> tuple[str, ...]:
        """What the entry's heading takes out of the entries that the scope names ("3B (except 3B001.a.4, c, 3B903)")."""
        reached = {entry[:5] for entry in scope.entries}
        lists = [out for a in masked(self.catalogue.headings.get(self.own, ""))[1] if (out := _OUT.match(a.text))]
        found = [r for out in lists for r in references(tidy(out.string[out.end() :]), self.own, self.catalogue)]
        return spelled(tuple(item for r in found for item in r.items if item[0] in reached))

    def describes(self, scope: Scope, text: str) -> bool:
        """Whether a parenthesis only says what the item itself says (".q (masks having a blank specified by 3B001.j)")."""
        if _NARROWS.search(text):
            return False
        known = [self.catalogue.words(self.own, path) for path in scope.items]
        figures = set(_FIGURE.findall(" ".join(self.catalogue.text(self.own, path) for path in scope.items)))
        return not said(text, known) and set(_FIGURE.findall(text)) <= figures

    def without(self, scopes: list[Scope], text: str) -> list[Scope]:
        """Scopes less what an "except" names; what it names under a condition stays in and is asked."""
        items, entries, asked = list[str](), list[str](), False
        for point in points(text):
            for piece in self.inside(point):
                if piece.whole or piece.conditional or piece.reasons or (piece.items and piece.entries):
                    asked = True
                else:
                    items.extend(piece.items)
                    entries.extend(piece.entries)
        out = []
        for scope in scopes:
            scope = replace(
                scope,
                excluded=tuple(dict.fromkeys((*scope.excluded, *items))),
                excluded_entries=tuple(dict.fromkeys((*scope.excluded_entries, *entries))),
            )
            out.append(self.asking(scope, f"except {text}") if asked else scope)
        return out

    def asking(self, scope: Scope, qualifier: str, descriptive: bool = False) -> Scope:
        """A scope with one qualifier more, its tags and the entries it measures against."""
        named = spelled(
            tuple(i for r in references(tidy(qualifier), self.own, self.catalogue) for i in r.items if i[0])
        )
        reached = {*scope.entries, *(f"{self.own}.{path}" for path in (*scope.items, *scope.excluded))}
        named = tuple(n for n in named if n not in reached and n not in scope.excluded_entries)
        return replace(
            scope,
            qualifier="; ".join(t for t in (scope.qualifier, qualifier) if t),
            tags=tuple(dict.fromkeys((*scope.tags, *tags(qualifier, descriptive)))),
            named=tuple(dict.fromkeys((*scope.named, *named))),
        )

    def known(self, group: Sequence[Reference]) -> frozenset[str]:
        """The words with which the list itself describes the entry and the items referred to."""
        words = [self.catalogue.words(code, path) for reference in group for code, path in reference.items]
        words += [self.catalogue.words(code) for reference in group for code, _ in reference.items]
        return frozenset[str]().union(self.catalogue.words(self.own), *words)


def scopes(text: str, own: str, catalogue: Catalogue) -> list[Scope]:
    """The scope of a cell ("3A001.b.2, except ...") as one or more scopes, each with its own qualifier.

    `own` is the entry's code. Text that names no item is the whole entry under a qualifier. Never empty.
    """
    if len(text) > _LONGEST:
        return [Scope(whole=True, qualifier=text, tags=("other",))]
    return _Reader(own, catalogue).scopes(text) or [Scope(whole=True)]


def unknown(scope: Scope, own: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Paths and codes of a scope that the list does not print."""
    paths = [f"{own}.{p}" for p in (*scope.items, *scope.excluded) if not catalogue.known(own, p)]
    return (*paths, *(e for e in (*scope.entries, *scope.excluded_entries) if not catalogue.known(*_parted(e))))


def _parted(spelled_out: str) -> tuple[str, str]:
    return spelled_out[:5], spelled_out[6:]


def _reasons(text: str) -> tuple[str, tuple[str, ...]]:
    """The text less "for MT reasons", and those reasons; not where a condition speaks of them."""
    found = _REASONS.search(text)
    condition = CONDITION.search(text)
    if not found or (condition and condition.start() < found.start()):
        return text, ()
    rest, more = _reasons(text[: found.start()] + " " + text[found.end() :])
    return rest, tuple(dict.fromkeys((*_CODE_OF_REASON.findall(found[1]), *more)))


def _merged(pieces: Sequence[Scope]) -> list[Scope]:
    """Pieces that ask the same thing as one scope; an unconditional whole entry takes the others in."""
    out: list[Scope] = []
    for piece in pieces:
        for i, other in enumerate(out):
            same = (piece.qualifier, piece.reasons, piece.whole) == (other.qualifier, other.reasons, other.whole)
            alike = (bool(piece.items), bool(piece.entries)) == (bool(other.items), bool(other.entries))
            linked = piece.items and piece.entries
            if same and alike and not piece.excluded and not other.excluded and (not linked or piece == other):
                out[i] = replace(
                    other,
                    items=tuple(dict.fromkeys((*other.items, *piece.items))),
                    entries=tuple(dict.fromkeys((*other.entries, *piece.entries))),
                    excluded_entries=tuple(dict.fromkeys((*other.excluded_entries, *piece.excluded_entries))),
                )
                break
        else:
            out.append(piece)
    return out
