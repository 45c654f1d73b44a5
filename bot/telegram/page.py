"""An answer as the chat shows it: its lines, with links on their marks and the user's words kept dead; and what the card
and the pages behind it share. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.locales import say as told
from bot.rich import Rich, bold, code, joined, link, units
from bot.telegram.words import alive, flat
from knowledge import naming, wording
from knowledge.model import Answer, Behaviour, Citation, Confidence, Lang, Outcome, Reference
from knowledge.rulebook import load

WIDTH = 300
"""UTF-16 code units of a line where there is room."""
MARK = re.compile(r"\[(\d+)\]")
SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?]) +(?=[A-Z“\"])")
ICONS = {
    Outcome.PROHIBITED: "⛔",
    Outcome.LICENCE_REQUIRED: "🟠",
    Outcome.NEEDS_MORE_INFO: "🔵",
    Outcome.NO_LICENCE_FOUND: "⚪",
    Outcome.OUT_OF_SCOPE: "◻️",
}


@lru_cache(maxsize=256)
def _template(lang: Lang, key: str) -> re.Pattern[str]:
    """What a sentence of the catalogue looks like with its fields filled in."""
    parts = re.split(r"(?:\s?\{\w+\})", str(wording.catalogue(lang)[key]))
    return re.compile(r"\s?.*?".join(re.escape(p) for p in parts), re.DOTALL)


def is_one(lang: Lang, keys: Iterable[str], line: str) -> bool:
    return any(wording.known(lang, k) and _template(lang, k).fullmatch(line) for k in keys)


@dataclass(frozen=True)
class Page:
    """An answer with what showing it needs at every step."""

    answer: Answer
    group: bool = False
    width: int = WIDTH

    @property
    def lang(self) -> Lang:
        return self.answer.lang

    @property
    def room(self) -> int:
        """Units of a line; a Chinese character says about as much as two Latin ones."""
        return self.width // 2 if self.lang == "zh" else self.width

    @cached_property
    def urls(self) -> dict[int, str]:
        return {c.n: c.url for c in self.answer.citations}

    @cached_property
    def goods(self) -> tuple[str, ...]:
        return tuple(naming.good(load(), self.lang, g) for g in self.answer.transaction.goods)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of parties, as the question and as the lists have them."""
        deal = self.answer.transaction
        matches = (*deal.parties, *deal.possible_parties)
        named = [n for m in matches for n in (m.name, *m.party.name.values())]
        return tuple(dict.fromkeys(flat(n) for n in (*named, *deal.named_parties) if n.strip()))

    @cached_property
    def forged(self) -> tuple[tuple[str, str], ...]:
        """Words of the user that hold what looks like a mark, and how they are shown."""
        words = sorted((flat(w) for w in (*self.goods, *self.names)), key=len, reverse=True)
        return tuple((w, MARK.sub(r"(\1)", w)) for w in words if MARK.search(w))

    @cached_property
    def alive(self) -> tuple[str, ...]:
        """Words of the user that must be shown as such."""
        theirs = (*self.goods, *self.names, self.answer.transaction.end_use_text)
        words = {MARK.sub(r"(\1)", flat(w)) for w in theirs}
        return tuple(sorted((w for w in words if alive(w)), key=len, reverse=True))

    def say(self, key: str, **fields: object) -> str:
        """A sentence of this file's catalogue."""
        return told(self.lang, f"card.{key}", **fields)

    def word(self, key: str, **fields: object) -> str:
        """A sentence of the field's catalogue."""
        return wording.say(self.lang, key, **fields)

    def lines(self, *keys: str) -> list[str]:
        """The lines of these sections, in the answer's order."""
        return [self.flat(line) for s in self.answer.sections if s.key in keys for line in s.lines]

    def flat(self, line: str) -> str:
        """The line on one line, without marks that a user wrote."""
        line = flat(line)
        for word, shown in self.forged:
            line = line.replace(word, shown)
        return line

    def number(self, reference: Reference) -> int | None:
        """Under which number a passage is cited."""
        found = (c.n for c in self.answer.citations if (c.instrument, c.provision) == (reference.instrument, reference.provision))  # fmt: skip
        return next(found, None)

    def rich(self, line: str) -> Rich:
        """The line with its marks as links; the addresses and commands in a user's words stay dead."""
        out, at = Rich(), 0
        pattern = "|".join([*(re.escape(w) for w in self.alive), MARK.pattern])
        for match in re.finditer(pattern, line):
            word, n = match.group(), match.group(match.re.groups)
            out += line[at : match.start()]
            out += link(word, self.urls.get(int(n), "")) if n else code(word)
            at = match.end()
        return out + line[at:]

    def short(self, line: str) -> Rich:
        """The line as far as there is room."""
        return self.rich(shortened(line, self.room))


def shortened(line: str, room: int) -> str:
    """The line in at most about `room` UTF-16 units: whole sentences as long as they fit, else words. What is left out shows
    as "…"; the mark that the rest rests on stays, where no other does."""
    if units(line) <= room:
        return line
    ends = [m.start() for m in SENTENCE.finditer(line)]
    fit = [e for e in ends if 0 < e < len(line) and units(line[:e]) <= room]
    first = line[: fit[-1]] if fit else line[: next((e for e in ends if e), None)]
    if not fit and units(first) > room * 3 // 2:
        head = first[:room]
        borders = [m.start() for m in re.finditer(r"[ ，；、：]", head) if m.start() > room // 2]
        first = re.sub(r"\[\d*$", "", head[: borders[-1]] if borders else head).rstrip(" ,;:，；、：")
    if first == line:
        return line
    after = MARK.search(line, len(first))
    lost = f" {after.group()}" if after and not MARK.search(first) else ""
    return f"{first} …{lost}"


# ---------------------------------------------------------------- parts of a page


def topic(page: Page) -> bool:
    return page.lines("verdict")[:1] == [page.word("verdict.topic")]


def icon(answer: Answer) -> str:
    """The sign beside the words of the verdict, never in their place."""
    if answer.behaviour is Behaviour.REFUSE_EVASION:
        return "🚫"
    if answer.behaviour is Behaviour.DECLINE_TOPIC:
        return "🔎" if any(s.key == "searched" for s in answer.sections) else "👋"
    return "📖" if topic(Page(answer)) else ICONS[answer.verdict]


def verdict(page: Page) -> Rich:
    first, *rest = page.lines("verdict")
    lines = [f"{icon(page.answer)} " + bold(first), *(Rich(r) for r in rest)]
    found = page.answer.determinations
    if len(found) > 1 and page.answer.behaviour is not Behaviour.REFUSE_EVASION:
        for each in found:
            said = page.word("line.regime", regime=page.word(f"regime.{each.regime}"), verdict=page.word(f"verdict.{each.outcome}"))  # fmt: skip
            lines.append(Rich(f"{ICONS[each.outcome]} {said}"))
    return joined(lines)


def headed(heading: str, lines: Iterable[Rich]) -> Rich:
    body = joined(lines)
    return joined((bold(heading), body)) if body else body


def title_of(citation: Citation) -> str:
    """The instrument's number, as its issuer writes it."""
    return flat(citation.title.split(": ")[0])


def cited(page: Page, body: Rich) -> Rich:
    """The instruments behind the marks in the text, one line each, and what of them is unconfirmed."""
    shown = {s.start for s in body.spans if s.kind == "text_link"}
    numbers = {int(m.group(1)) for m in MARK.finditer(body.text) if m.start() in shown}
    by_instrument: dict[tuple[str, Confidence], list[Citation]] = {}
    for citation in page.answer.citations:
        if citation.n in numbers:
            by_instrument.setdefault((citation.instrument, citation.confidence), []).append(citation)
    lines = []
    for (_, confidence), citations in by_instrument.items():
        title = title_of(citations[0])
        if confidence is Confidence.UNCONFIRMED:
            title = page.say("unsure", title=title, word=page.word("confidence.unconfirmed"))
        marks = "".join(f"[{c.n}]" for c in citations)
        lines.append(page.rich(page.say("source", marks=marks, title=title)))
    return headed(page.say("sources"), lines)


def called(lang: Lang, fact: str, value: str) -> str:
    """The name of an element, a form or a kind."""
    if fact == "contains":
        return naming.elements(load(), lang, [value])
    return naming.form(load(), lang, value) if fact == "form" else naming.kind(load(), lang, value)
