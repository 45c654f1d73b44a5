"""How an Answer looks in the chat: the card that is sent, and the pages behind its buttons. Pure; nothing here decides.

The sentences are the answer's own. What this file adds is which of them come first, and links on their marks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.locales import say as told
from bot.rich import Rich, bold, clean, code, italic, joined, link, quote, units
from knowledge import naming, wording
from knowledge.model import (
    Answer,
    Behaviour,
    Citation,
    Confidence,
    Determination,
    Finding,
    Good,
    Lang,
    Missing,
    Outcome,
    PartyMatch,
    Quantity,
    Reference,
    Status,
    Step,
)
from knowledge.rulebook import load

CAP = 3500
"""UTF-16 code units of a card at most; a message holds 4096."""
FOLD = 240
"""Quotes longer than this show their first lines only, until they are tapped."""
_WIDTHS = (300, 180, 110, 70)
_MARK = re.compile(r"\[(\d+)\]")
_COMMAND = re.compile(r"`navicert (\w+)[^`]*`")
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?]) +(?=[A-Z“\"])")
_ALIVE = re.compile(r"[@#/]\w|://|\w\.[a-z]{2}", re.IGNORECASE)  # what Telegram turns into a link or a command
_ICONS = {
    Outcome.PROHIBITED: "⛔",
    Outcome.LICENCE_REQUIRED: "🟠",
    Outcome.NEEDS_MORE_INFO: "🔵",
    Outcome.NO_LICENCE_FOUND: "⚪",
    Outcome.OUT_OF_SCOPE: "◻️",
}
_CLASSED = ("us.item_known_product", "us.item_stated", "us.item_inferred", "us.ear99_stated", "us.ear99_known_product", "us.ear99_inferred")  # fmt: skip
_CAVEATS = ("line.changes_on", "line.rule_upcoming", "line.not_modelled", "line.held", "line.origin_assumed", "us.reach_assumed", "us.reach_stated", "line.assumed_metal", "line.truncated")  # fmt: skip
_LICENCE = ("licence.special_approval", "licence.who", "licence.individual_only", "licence.individual", "us.apply", "eu.union_general", "eu.individual", "us.exception.may_apply", "us.exception.value_open")  # fmt: skip
_ROWS = ("us.row_needed", "us.row_needed_stated", "us.row_unsettled", "us.row_scope_open", "us.row_open")
_UNCONFIRMED = ("line.unconfirmed", "us.unconfirmed")
_CONFIDENTIAL = ("end_use", "end_user", "item_value", "party", "ownership", "date", "us_content", "chinese_content")
_OF_VALUES = ("us.deminimis_over", "us.deminimis_under", "us.deminimis_open", "us.exception.over_value")


# ---------------------------------------------------------------- lines of the answer


@lru_cache(maxsize=256)
def _template(lang: Lang, key: str) -> re.Pattern[str]:
    """What a sentence of the catalogue looks like with its fields filled in."""
    parts = re.split(r"(?:\s?\{\w+\})", str(wording.catalogue(lang)[key]))
    return re.compile(r"\s?.*?".join(re.escape(p) for p in parts), re.DOTALL)


def _is(lang: Lang, keys: Iterable[str], line: str) -> bool:
    return any(wording.known(lang, k) and _template(lang, k).fullmatch(line) for k in keys)


@dataclass(frozen=True)
class _Page:
    """An answer with what showing it needs at every step."""

    answer: Answer
    group: bool = False
    width: int = _WIDTHS[0]

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
        return tuple(dict.fromkeys(_flat(n) for n in (*named, *deal.named_parties) if n.strip()))

    @cached_property
    def forged(self) -> tuple[tuple[str, str], ...]:
        """Words of the user that hold what looks like a mark, and how they are shown."""
        words = sorted((_flat(w) for w in (*self.goods, *self.names)), key=len, reverse=True)
        return tuple((w, _MARK.sub(r"(\1)", w)) for w in words if _MARK.search(w))

    @cached_property
    def alive(self) -> tuple[str, ...]:
        """Words of the user that must be shown as such."""
        theirs = (*self.goods, *self.names, self.answer.transaction.end_use_text)
        words = {_MARK.sub(r"(\1)", _flat(w)) for w in theirs}
        return tuple(sorted((w for w in words if _ALIVE.search(w)), key=len, reverse=True))

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
        line = _flat(line)
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
        pattern = "|".join([*(re.escape(w) for w in self.alive), _MARK.pattern])
        for match in re.finditer(pattern, line):
            word, n = match.group(), match.group(match.re.groups)
            out += line[at : match.start()]
            out += link(word, self.urls.get(int(n), "")) if n else code(word)
            at = match.end()
        return out + line[at:]

    def short(self, line: str) -> Rich:
        """The line as far as there is room."""
        return self.rich(shortened(line, self.room))


def _flat(text: str) -> str:
    return " ".join(_COMMAND.sub(r"/\1", clean(text)).split())


def shortened(line: str, room: int) -> str:
    """The line in at most about `room` UTF-16 units: whole sentences as long as they fit, else words. What is left out shows
    as "…"; the mark that the rest rests on stays, where no other does."""
    if units(line) <= room:
        return line
    ends = [m.start() for m in _SENTENCE.finditer(line)]
    fit = [e for e in ends if 0 < e < len(line) and units(line[:e]) <= room]
    first = line[: fit[-1]] if fit else line[: next((e for e in ends if e), None)]
    if not fit and units(first) > room * 3 // 2:
        head = first[:room]
        borders = [m.start() for m in re.finditer(r"[ ，；、：]", head) if m.start() > room // 2]
        first = re.sub(r"\[\d*$", "", head[: borders[-1]] if borders else head).rstrip(" ,;:，；、：")
    if first == line:
        return line
    after = _MARK.search(line, len(first))
    lost = f" {after.group()}" if after and not _MARK.search(first) else ""
    return f"{first} …{lost}"


# ---------------------------------------------------------------- the card


def card(answer: Answer, *, group: bool = False) -> Rich:
    """The short card of an answer, at most `CAP` units: verdict, grounds, licence, signs, the deciding question, sources.

    In a group it holds nothing of the parties, the quantities or the use.
    """
    text = Rich()
    for width in _WIDTHS:
        page = _Page(answer, group, width)
        blocks = [(rank, block) for rank, block in _blocks(page) if block]
        text = _with_sources(page, blocks)
        while units(text.text) > CAP and any(rank for rank, _ in blocks) and width == _WIDTHS[-1]:
            blocks.remove(max(blocks, key=lambda b: b[0]))
            text = _with_sources(page, blocks)
        if units(text.text) <= CAP:
            break
    return text


def _with_sources(page: _Page, blocks: Sequence[tuple[int, Rich]]) -> Rich:
    body = joined((b for _, b in blocks), "\n\n")
    last = italic(page.word("not_checked.advice"))
    return joined((body, _cited(page, body), last), "\n\n")


def _blocks(page: _Page) -> Iterator[tuple[int, Rich]]:
    """The parts of the card in their order, each with a rank: 0 stays, the highest goes first where room is short."""
    yield 0, _verdict(page)
    if page.answer.behaviour is Behaviour.DECLINE_TOPIC:
        return
    if page.answer.behaviour is Behaviour.REFUSE_EVASION:
        yield 3, _bullets(page, _refused(page))
        yield 2, _headed(page.say("lawful"), [page.short(line) for line in page.lines("lawful")[-2:]])
        yield 4, _flags(page)
        return
    if _topic(page):
        yield 3, _bullets(page, page.lines("why", "law")[:4])
        return
    asks_first = page.answer.verdict is Outcome.NEEDS_MORE_INFO
    if asks_first:
        yield 0, _question(page)
    yield 3, _bullets(page, _reasons(page))
    yield 5, _caveats(page)
    yield 0, _unconfirmed(page)
    yield 2, _headed(page.say("licence"), [page.short(line) for line in _steps(page)])
    yield 4, _flags(page)
    if page.answer.verdict in (Outcome.NO_LICENCE_FOUND, Outcome.OUT_OF_SCOPE):
        yield 1, _no_clearance(page)
    if not asks_first:
        yield 0, _question(page)
    if page.group:
        yield 0, Rich(page.say("private"))


def _topic(page: _Page) -> bool:
    return page.lines("verdict")[:1] == [page.word("verdict.topic")]


def icon(answer: Answer) -> str:
    """The sign beside the words of the verdict, never in their place."""
    if answer.behaviour is Behaviour.REFUSE_EVASION:
        return "🚫"
    if answer.behaviour is Behaviour.DECLINE_TOPIC:
        return "👋"
    return "📖" if _topic(_Page(answer)) else _ICONS[answer.verdict]


def _verdict(page: _Page) -> Rich:
    first, *rest = page.lines("verdict")
    lines = [f"{icon(page.answer)} " + bold(first), *(Rich(r) for r in rest)]
    found = page.answer.determinations
    if len(found) > 1 and page.answer.behaviour is not Behaviour.REFUSE_EVASION:
        for each in found:
            said = page.word("line.regime", regime=page.word(f"regime.{each.regime}"), verdict=page.word(f"verdict.{each.outcome}"))  # fmt: skip
            lines.append(Rich(f"{_ICONS[each.outcome]} {said}"))
    return joined(lines)


def _bullets(page: _Page, lines: Iterable[str]) -> Rich:
    return joined("• " + page.short(line) for line in lines)


def _headed(heading: str, lines: Iterable[Rich]) -> Rich:
    body = joined(lines)
    return joined((bold(heading), body)) if body else body


# -- why


def _reasons(page: _Page) -> list[str]:
    """At most two lines that carry the verdict; then the codes that they leave out, and a suspension that ran out."""
    found = sorted(page.answer.determinations, key=lambda d: -d.outcome.gravity)
    if len(found) == 1:
        lines = _grounds(page, found[0])
    else:
        grounds = [[g for g in _grounds(page, d) if not _is(page.lang, _CLASSED, g)] for d in found]
        lines = [line for ground in grounds for line in ground[:1]]
    if not found:
        lines = page.lines("why")
    split = [_standing_apart(page.lang, line) for line in dict.fromkeys(lines)]
    shown = list(dict.fromkeys(filter(None, (_without_names(page, line) for line, _ in split))))[:2]
    return [*shown, *_other_codes(page, found, shown), *_lapsed(page, found)]


def _grounds(page: _Page, of: Determination) -> list[str]:
    """The lines of a regime that rest on what decides there, best first."""
    grounds = [f for f in of.findings if f.outcome is of.outcome and f.truth is not False]
    if len(_open_codes([of])) > 2 and not any(f.truth for f in grounds):
        return []  # their codes follow in one line
    why, deal = page.lines("why"), page.lines("deal")
    classed = [line for line in why if of.regime == "US" and _is(page.lang, _CLASSED, line)]
    beside = (*_CLASSED, "us.row_clear") if of.outcome.gravity > Outcome.NO_LICENCE_FOUND.gravity else _CLASSED
    lines = []
    for finding in sorted(grounds, key=lambda f: f.truth is not True):
        n = page.number(finding.reference)
        fit = [line for line in why + deal if f"[{n}]" in line and not _is(page.lang, beside, line)]
        exact = [line for line in fit if finding.rule in line and finding.rule in load().by_code]
        lines += (exact or fit)[:1]
    party = [line for line in deal if any(n in line for n in page.names)]
    if lines and lines[0] in deal and party and not page.group:
        marks = set(_MARK.findall(lines[0]))
        party.sort(key=lambda line: not marks & set(_MARK.findall(line)))
        return list(dict.fromkeys([lines[0], party[0]]))
    if of.regime == "US":
        lines += [line for line in why if _is(page.lang, _ROWS, line) and "us.row_clear" in beside]
    if lines:
        return list(dict.fromkeys([*classed[:1], *lines]))
    if of.regime == "CN":
        rest = [line for line in why if not _is(page.lang, ("line.regime", "line.hs", *_CAVEATS), line)]
    else:
        rest = [*classed, *(line for line in why if any(c in line for c in of.entries))]
    return list(dict.fromkeys(rest or why))


def _open_codes(found: Iterable[Determination]) -> list[str]:
    """Listed codes of which the facts leave open whether they apply."""
    return [f.rule for d in found for f in d.findings if f.truth is None and f.rule in load().by_code]


def _standing_apart(lang: Lang, line: str) -> tuple[str, str]:
    """A line, and what it says of a suspension that ran out, which is said once for all entries."""
    for match in _SENTENCE.finditer(line):
        if _is(lang, ("line.suspension_lapsed",), rest := line[match.end() :]):
            return line[: match.start()], rest
    return line, ""


def _lapsed(page: _Page, found: Iterable[Determination]) -> list[str]:
    """What is said of a suspension that ran out, with the codes that it concerns."""
    over = [f for d in found for f in d.findings if f.status is Status.SUSPENSION_LAPSED and f.truth is not False]
    codes = list(dict.fromkeys(f.rule for f in over if f.rule in load().by_code))
    said = [rest for line in page.lines("why") if (rest := _standing_apart(page.lang, line)[1])]
    if not codes or not said:
        return []
    more = [page.say("too_many", count=len(codes) - 4)] if len(codes) > 4 else []
    return [page.say("about", codes=_comma(page.lang).join([*codes[:4], *more]), said=said[0])]


def _without_names(page: _Page, line: str) -> str:
    """The line as a group may read it: without the words of the question; empty where nothing is left to show."""
    if not page.group:
        return line
    for good in sorted(page.goods, key=len, reverse=True):
        for colon in (": ", "："):
            line = line.removeprefix(_flat(good) + colon)
    told_good = any(_flat(g) in line for g in page.goods if any(c.isdigit() for c in g))
    codes = [c for d in page.answer.determinations for c in d.entries]
    about_code = any(c in line for c in codes) or not codes
    return "" if told_good or _names_somebody(page, line) or not about_code else line


def _names_somebody(page: _Page, line: str) -> bool:
    """Does the line tell of a party, a value or the stated use?"""
    if _is(page.lang, _OF_VALUES, line):
        return True
    folded = line.casefold()
    secrets = [*page.names, *(t for t in [_flat(page.answer.transaction.end_use_text)] if len(t) > 12)]
    return any(s.casefold() in folded for s in secrets)


def _other_codes(page: _Page, found: Sequence[Determination], shown: Sequence[str]) -> list[str]:
    """The listed codes that apply or may apply and that no line shown names."""
    listed = [f for d in found for f in d.findings if f.rule in load().by_code and f.truth is not False]
    listed = [f for f in listed if not any(f.rule in line for line in shown)]
    sure = [f for f in listed if f.truth and f.outcome.gravity >= Outcome.LICENCE_REQUIRED.gravity]
    maybe = [f for f in listed if f not in sure and (f.truth is None or f.outcome is Outcome.NEEDS_MORE_INFO)]
    lines = []
    for key, findings in (("applies_too", sure), ("may_apply", maybe)):
        codes = list(dict.fromkeys(_coded(page, f) for f in findings))
        more = [page.say("too_many", count=len(codes) - 6)] if len(codes) > 6 else []
        lines += [page.say(key, codes=_comma(page.lang).join([*codes[:6], *more]))] if codes else []
    return lines


def _coded(page: _Page, finding: Finding) -> str:
    n = page.number(finding.reference)
    return page.say("code", code=finding.rule, mark=f"[{n}]").strip() if n else finding.rule


def _comma(lang: Lang) -> str:
    return "、" if lang == "zh" else ", "


def _caveats(page: _Page) -> Rich:
    """What would change the answer or was taken for granted: at most three lines."""
    lines, shown = page.lines("why", "deal", "not_checked"), _reasons(page)
    about_party = [line for line in page.lines("deal") if any(n in line for n in page.names)]
    if any(line in shown for line in about_party):
        about_party = []
    soon, rest = _CAVEATS[:2], _CAVEATS[2:]
    found = [line for key in soon for line in lines if _is(page.lang, (key,), line)] + about_party[:1]
    found += [line for key in rest for line in lines if _is(page.lang, (key,), line)]
    if page.answer.verdict is Outcome.LICENCE_REQUIRED:
        findings = [f for d in page.answer.determinations for f in d.findings]
        barred = [f for f in findings if f.truth is None and f.outcome is Outcome.PROHIBITED]
        found += [line for f in barred for line in page.lines("deal") if f"[{page.number(f.reference)}]" in line][:1]
    if page.group:
        words = (*page.names, *map(_flat, page.goods))
        found = [line for line in found if not any(w in line for w in words)]
    found = [line for line in dict.fromkeys(found) if line not in shown][:3]
    law = [] if page.group else page.lines("law")[:1]
    return joined([*("ℹ️ " + page.short(line) for line in found), *("📖 " + page.short(line) for line in law)])


def _refused(page: _Page) -> list[str]:
    why, *more = page.lines("why")
    good = [line for line in more if _is(page.lang, ("refuse.goods", "refuse.element"), line)]
    law = [line for line in more if line not in good]
    shown = [why, *([] if page.group else good[:1]), *law[:1]]
    return [line for line in shown if not (page.group and _names_somebody(page, line))]


# -- what next


def _steps(page: _Page) -> list[str]:
    """The licence and how to get it: two lines, one a regime where several ask for one."""
    parts = [[page.flat(line) for line in s.lines] for s in page.answer.sections if s.key == "licence"]
    ordered = [sorted(part, key=lambda line: _place(page.lang, line)) for part in parts if part]
    if len(ordered) == 1:
        lines = [line for line in ordered[0] if _place(page.lang, line) < len(_LICENCE)][:2] or ordered[0][:1]
    else:
        lines = [part[0] for part in ordered[:2]]
    if page.answer.verdict is Outcome.NO_LICENCE_FOUND:
        lines += page.lines("papers")[:1]  # an ordinary licence may be needed where the dual-use one is not
    if not lines and page.answer.verdict is Outcome.NEEDS_MORE_INFO and not page.answer.missing:
        lines = page.lines("deal")[:1]
    return [line for line in lines if not (page.group and _names_somebody(page, line))]


def _place(lang: Lang, line: str) -> int:
    return next((i for i, key in enumerate(_LICENCE) if _is(lang, (key,), line)), len(_LICENCE))


def _flags(page: _Page) -> Rich:
    lines = [line for line in page.lines("flags") if not (page.group and _names_somebody(page, line))]
    return joined("⚠️ " + page.short(line) for line in lines[:3])


def question(answer: Answer) -> tuple[Missing, str] | None:
    """The one question to put now: the first that decides, else the first that would help."""
    asked = list(zip(answer.missing, answer.questions, strict=True))
    return next((a for a in asked if a[0].decides), asked[0] if asked else None)


def _question(page: _Page) -> Rich:
    asked = question(page.answer)
    if asked is None or (page.group and asked[0].fact.partition(":")[0] in _CONFIDENTIAL):
        return Rich()
    text = _flat(asked[1])
    if page.group and _names_somebody(page, text):
        return Rich()
    heading = page.say("question" if asked[0].decides else "welcome")
    count = sum(m.decides for m in page.answer.missing)
    if count > 1:
        heading = page.say("first_of", heading=heading, count=count)
    return joined((bold(heading), "❓ " + bold(page.rich(shortened(text, 600)))))


def _no_clearance(page: _Page) -> Rich:
    """That nothing found clears nothing, and what was looked at."""
    names = [page.word(f"regime.{d.regime}") for d in page.answer.determinations]
    said = page.say("not_clearance", regimes=_comma(page.lang).join(names)) if names else page.say("not_clearance_none")
    keys = ("not_checked.catch_all", "not_checked.no_party")
    more = [line for line in page.lines("not_checked") if _is(page.lang, keys, line)]
    return joined([page.rich(said), *(page.short(line) for line in more)])


def _unconfirmed(page: _Page) -> Rich:
    """What the verdict leans on and nobody could confirm: said by the answer, else by the findings that carry it."""
    said = [line for line in page.lines("not_checked") if _is(page.lang, _UNCONFIRMED, line)]
    lines = [line for line in said if _is(page.lang, _UNCONFIRMED[:1], line)]
    done = {"CN"} if lines else set()
    done |= {"US"} if len(said) > len(lines) else set()
    unsure = [name for d in page.answer.determinations if d.regime not in done for name in _leans(page, d)]
    if unsure:
        lines.append(page.word("line.unconfirmed", sources=_comma(page.lang).join(list(dict.fromkeys(unsure))[:4])))
    lines += [line for line in said if line not in lines]
    more = [page.say("more_unconfirmed", count=len(lines) - 2)] if len(lines) > 2 else []
    return joined("❕ " + page.rich(shortened(line, 400)) for line in [*lines[:2], *more])


def _leans(page: _Page, of: Determination) -> list[str]:
    """The unconfirmed passages under what decides in a regime, each with its number."""
    cited = {(c.instrument, c.provision): c for c in page.answer.citations}
    open_too = [f for f in of.findings if f.truth is not False and f.outcome is of.outcome]
    names = []
    for finding in [f for f in open_too if f.truth] or open_too:
        source = cited.get((finding.reference.instrument, finding.reference.provision))
        name = f"{_title(source)} [{source.n}]" if source else f"{finding.reference.instrument} {finding.reference.provision}"  # fmt: skip
        if Confidence.UNCONFIRMED in (finding.confidence, source.confidence if source else None):
            names.append(name)
    return names


def _title(citation: Citation) -> str:
    """The instrument's number, as its issuer writes it."""
    return _flat(citation.title.split(": ")[0])


def _cited(page: _Page, body: Rich) -> Rich:
    """The instruments behind the marks in the text, one line each, and what of them is unconfirmed."""
    shown = {s.start for s in body.spans if s.kind == "text_link"}
    numbers = {int(m.group(1)) for m in _MARK.finditer(body.text) if m.start() in shown}
    by_instrument: dict[tuple[str, Confidence], list[Citation]] = {}
    for citation in page.answer.citations:
        if citation.n in numbers:
            by_instrument.setdefault((citation.instrument, citation.confidence), []).append(citation)
    lines = []
    for (_, confidence), citations in by_instrument.items():
        title = _title(citations[0])
        if confidence is Confidence.UNCONFIRMED:
            title = page.say("unsure", title=title, word=page.word("confidence.unconfirmed"))
        marks = "".join(f"[{c.n}]" for c in citations)
        lines.append(page.rich(page.say("source", marks=marks, title=title)))
    return _headed(page.say("sources"), lines)


# ---------------------------------------------------------------- the pages behind the card


def full(answer: Answer) -> Rich:
    """The whole answer: every section under its heading, every mark a link, then the sources."""
    page = _Page(answer)
    sections: dict[str, list[str]] = {}
    for section in answer.sections:
        if section.key != "verdict":
            sections.setdefault(section.key, []).extend(map(page.flat, section.lines))
    parts = [_verdict(page)]
    for key, lines in sections.items():
        heading = f"heading.{key}"
        name = page.word(heading) if wording.known(page.lang, heading) else key
        parts.append(_headed(name, ("• " + page.rich(line) for line in dict.fromkeys(lines))))
    body = joined(parts, "\n\n")
    return joined((body, _cited(page, body)), "\n\n")


SHOWN = 40
"""Rules that do not apply, listed on the page of reasons; the rest are counted."""


def why(answer: Answer) -> Rich:
    """How it came out: per regime the rules that apply or stay open with every condition, and the others folded."""
    page = _Page(answer)
    parts = []
    for each in answer.determinations:
        said = page.say("outcome", regime=page.word(f"regime.{each.regime}"), verdict=page.word(f"verdict.{each.outcome}"))  # fmt: skip
        sure = {
            s.label for s in each.trace if s.truth
        }  # of several goods a rule may be open for one and apply to another
        shown = dict.fromkeys(s for s in each.trace if s.truth or (s.truth is None and s.label not in sure))
        lines = [page.rich(line) for step in shown for line in _tree(page, step, 0)] or [
            Rich(page.say("nothing_applies"))
        ]
        parts.append(joined((bold(f"{_ICONS[each.outcome]} {said}"), *lines)))
        parts.append(_not_applying(page, [s for s in each.trace if s.truth is False]))
    if not parts:
        return Rich(page.say("no_trace"))
    return joined((bold(page.say("trace")), *parts), "\n\n")


def _not_applying(page: _Page, steps: Sequence[Step]) -> Rich:
    if not steps:
        return Rich()
    lines = [page.rich(_stepped(page, step)) for step in steps[:SHOWN]]
    if len(steps) > SHOWN:
        lines.append(Rich(page.say("too_many", count=len(steps) - SHOWN)))
    return joined((bold(page.say("not_applying", count=len(steps))), quote(joined(lines), folded=True)))


def _tree(page: _Page, step: Step, depth: int) -> Iterator[str]:
    inner = step.children
    if len(inner) == 1 and inner[0].label == "all":
        inner = inner[0].children  # "all of these" goes without saying
    bare = Step(step.label, step.truth, "" if inner else step.why)
    yield "\u2003" * depth + _stepped(page, bare)
    for child in inner:
        yield from _tree(page, child, depth + 1)


def _stepped(page: _Page, step: Step) -> str:
    icon_, word = {True: ("✅", "yes"), False: ("✖", "no"), None: ("❓", "unknown")}[step.truth]
    reason = _condition(page, step.why)
    key = "step_why" if reason else "step"
    return page.say(key, icon=icon_, word=page.say(word), label=_condition(page, step.label), why=reason)


_CONDITIONS = {
    r"goods on the list": "on_list",
    r"goods on the list \((?P<codes>.+)\)": "on_list_of",
    r"destination or end user in: (?P<places>.+)": "destined",
    r"exported from: (?P<places>.+)": "from",
    r"exporter: china": "from_china",
    r"exporter: abroad": "from_abroad",
    r"military end user or end use": "military",
    r"end use: (?P<use>.+)": "use",
    r"party on the (?P<list>.+) list": "party",
    r"goods of Chinese origin": "chinese",
    r"transfer of technology": "transfer",
    r"owned by (?P<list>.+) parties, (?P<share>.+)": "owned",
    r"covers the item": "covers",
    r"bites at the destination": "bites",
    r"alloy of (?P<alloys>.+)": "alloy",
    r"read as (?P<kind>\w+)": "read_as",
    r"kind: (?P<kind>\w+)": "kind",
    r"part: (?P<kind>\w+)": "part",
    r"form: (?P<form>\w+)": "form",
    r"contains: (?P<element>\w+)": "contains",
    r"(?P<word>all|any|not)": "word",
}
_TOLD = re.compile(r"(.*?): (?:yes|no|not known)(?: \((.*)\))?")
_PLACES = 6


def _condition(page: _Page, label: str) -> str:
    """A condition of the trace in the answer's language; as it stands where it is none of the usual ones."""
    label = _flat(label)
    if told_too := _TOLD.fullmatch(label):
        parts = [_condition(page, part) for part in told_too.groups() if part]
        return ("; " if page.lang == "en" else "；").join(parts)
    for pattern, key in _CONDITIONS.items():
        if found := re.fullmatch(pattern, label):
            return _condition_said(page, key, found.groupdict())
    return label


def _condition_said(page: _Page, key: str, values: dict[str, str]) -> str:
    if key == "word":
        return page.say(f"condition.{values['word']}")
    for name in ("kind", "form", "element"):
        if name in values:
            option = {"kind": "kind", "form": "form", "element": "contains"}[name]
            return page.say(f"condition.{key}", name=_option(page.lang, option, values[name]))
    if "places" in values:
        codes = values["places"].split(", ")
        names = [naming.country(page.lang, c) if re.fullmatch(r"[A-Z]{2}", c) else c for c in codes[:_PLACES]]
        more = [page.say("too_many", count=len(codes) - _PLACES)] if len(codes) > _PLACES else []
        values = {"places": _comma(page.lang).join([*names, *more])}
    if "list" in values and wording.known(page.lang, f"list.{values['list']}"):
        values = {**values, "list": page.word(f"list.{values['list']}")}
    if values.get("use") in ("civil", "military", "wmd"):
        values = {"use": page.say(values["use"])}
    return page.say(f"condition.{key}", **values)


def _option(lang: Lang, fact: str, value: str) -> str:
    """The name of an element, a form or a kind."""
    if fact == "contains":
        return naming.elements(load(), lang, [value])
    return naming.form(load(), lang, value) if fact == "form" else _kind(lang, value)


def _kind(lang: Lang, value: str) -> str:
    """The name of a kind that a reader knows: not a formula in a Chinese sentence, not a bare abbreviation ("ndfeb")."""
    usual = naming.kind(load(), lang, value)
    section = load().lexicon.get(lang, {}).get("kinds", {})
    names = [str(n).rstrip("*") for n in section.get(value) or ()] if isinstance(section, dict) else []
    if lang == "zh":
        return usual if not usual.isascii() else next((n for n in names if not n.isascii()), usual)
    short = len(usual) <= 5 and usual != value
    return next((n for n in names if " " in n and len(n) > 7), usual) if short else usual


def sources(answer: Answer) -> list[Rich]:
    """Every citation: its instrument and place, dates, link, standing, and the words it quotes."""
    page = _Page(answer)
    return [_source(page, c) for c in answer.citations]


def _source(page: _Page, citation: Citation) -> Rich:
    place = _flat(citation.label or citation.provision)
    if citation.page:
        place = page.say("place", place=place, page=citation.page)
    dates = ""
    if citation.effective_from and citation.effective_to:
        dates = page.say("period", start=citation.effective_from, end=citation.effective_to)
    elif citation.effective_from:
        dates = page.say("since", start=citation.effective_from)
    unsure = citation.confidence is Confidence.UNCONFIRMED
    standing = "❕ " + page.word("confidence.unconfirmed") if unsure else page.say("confirmed")
    said = clean(citation.quote).strip()
    return joined(
        (
            bold(f"[{citation.n}] {_flat(citation.title)}"),
            " · ".join(part for part in (place, dates, standing) if part),
            link(page.say("open_source"), citation.url),
            page.say("digest" if citation.digest else "official"),
            quote(said, folded=units(said) > FOLD),
        )
    )


# -- what was read


def route(answer: Answer) -> Rich:
    """The deal as it was read, so that a misreading is seen before it costs anything."""
    page, deal = _Page(answer), answer.transaction
    rows: list[tuple[str, Sequence[Rich]]] = [
        ("goods", [_good(page, g) for g in deal.goods]),
        ("origin", [_origin(page)] if deal.origin else []),
        ("destination", [Rich(naming.country(page.lang, deal.destination.country))] if deal.destination else []),
        ("transit", [Rich(naming.country(page.lang, p.country)) for p in deal.transit]),
        ("parties", list(_parties(page))),
        ("end_use", _use(page)),
        ("date", [Rich(_when(page))]),
        ("value", [Rich(_amount(deal.value))] if deal.value else []),
        ("licence_held", [Rich(page.say(deal.licence_held))] if deal.licence_held in ("individual", "general") else []),
        ("assumptions", [Rich(line) for line in _assumed(page)]),
    ]
    lines = [bold(page.say("route"))]
    for key, values in rows:
        head = bold(page.say(key)) + (":" if page.lang == "en" else "：")
        if len(values) > 1:
            lines += [head, *("• " + v for v in values)]
        elif values or key in ("goods", "origin", "destination", "parties", "end_use"):
            lines.append(head + (" " if page.lang == "en" else "") + (values[0] if values else page.say("not_stated")))
    return joined(lines)


def _origin(page: _Page) -> Rich:
    deal = page.answer.transaction
    country = naming.country(page.lang, deal.origin.country) if deal.origin else ""
    return Rich(page.say("origin_assumed", country=country) if deal.origin_assumed else country)


def _good(page: _Page, item: Good) -> Rich:
    lang, book = page.lang, load()
    there = [s for s, held in item.elements.items() if held]
    absent = [s for s, held in item.elements.items() if not held]
    details = [_kind(lang, item.kind)]
    details += [naming.form(book, lang, f) for f in item.forms]
    details += [page.say("part", name=_kind(lang, p)) for p in item.parts]
    details += [page.say("contains", name=naming.elements(book, lang, there))] if there else []
    details += [page.say("without", elements=naming.elements(book, lang, absent[:8]))] if absent else []
    details += [page.say("may_contain", elements=naming.elements(book, lang, sorted(item.may_contain)[:8]))] if item.may_contain else []  # fmt: skip
    details += [page.say("share", element=naming.elements(book, lang, [s]), quantity=_amount(q)) for s, q in item.shares.items()]  # fmt: skip
    details += [f"{naming.quantity(lang, name)} {_amount(q)}" for name, q in item.properties.items()]
    details += ["×".join(_amount(q) for q in item.dimensions)] if item.dimensions else []
    details += [page.say("codes", codes=", ".join(item.codes))] if item.codes else []
    details += [page.say("hs", numbers=", ".join(item.hs))] if item.hs else []
    said = page.say("detail", name="\0", details=_comma(lang).join(_flat(d) for d in details))
    before, after = said.split("\0")
    return before + code(_flat(naming.good(book, lang, item))) + after


def _amount(quantity: Quantity) -> str:
    sign = {"=": "", ">=": "≥ ", "<=": "≤ "}.get(quantity.bound, quantity.bound + " ")
    number = f"{quantity.magnitude:f}"
    if quantity.upper is not None:
        number += f"–{quantity.upper:f}"
    unit = {"percent": "%"}.get(quantity.unit, quantity.unit.replace("_", " "))
    return f"{sign}{number} {unit}".strip()


def _parties(page: _Page) -> Iterator[Rich]:
    deal = page.answer.transaction
    for key, matches in (("party_listed", deal.parties), ("party_maybe", deal.possible_parties)):
        for match in matches[:8]:
            yield _match(page, key, match)
        if len(matches) > 8:
            yield Rich(page.say("too_many", count=len(matches) - 8))
    for name in deal.named_parties:
        yield code(_flat(name)) + page.say("party_clear", name="")


def _match(page: _Page, key: str, match: PartyMatch) -> Rich:
    known = f"list.{match.party.list}"
    on = page.word(known) if wording.known(page.lang, known) else match.party.list
    listed = _flat(match.party.name.get(page.lang) or match.party.name["en"])
    return code(_flat(match.name)) + page.say(key, name="", listed=listed, list=on, score=f"{match.score:.0f}")


def _use(page: _Page) -> list[Rich]:
    deal = page.answer.transaction
    kind = page.say(deal.end_use) if deal.end_use in ("civil", "military", "wmd") else _flat(deal.end_use or "")
    words = _flat(deal.end_use_text)
    parts = [Rich(kind), code(words) if words and words != kind else Rich()]
    return [joined(parts, " · ")] if any(parts) else []


def _when(page: _Page) -> str:
    when = page.answer.transaction.when
    if when is None:
        return page.say("today", on=page.answer.on)
    return str(when.first) if when.first == when.last else page.say("period", start=when.first, end=when.last)


def _assumed(page: _Page) -> Iterator[str]:
    deal = page.answer.transaction
    if deal.origin_assumed and deal.origin:
        yield page.say("assumed_origin", country=naming.country(page.lang, deal.origin.country))
    for item in deal.goods:
        if "metal" in item.assumed:
            yield page.say("assumed_metal", name=_flat(naming.good(load(), page.lang, item)))
    for key in ("us_origin", "chinese_origin"):
        if getattr(deal, key):
            yield page.say(key)
    if deal.transfer:
        yield page.say("transfer")


# -- buttons for the deciding question

_YES_NO = frozenset("chinese_origin chinese_technology us_origin transfer party annex_line russia_current".split())


_CHOICES = 12  # more is no choice but a search: then it is written


def missing_buttons(answer: Answer) -> tuple[tuple[str, str, str], ...]:
    """What can be pressed to answer the question that `question` gives: (label, fact, value). Empty where it has to be
    written. Values: yes, no, unknown; civil, military; a symbol, kind, form, part or code; none; for `mixed`: part, mixed."""
    asked = question(answer)
    if asked is None:
        return ()
    fact, lang = asked[0].fact, answer.lang
    name, _, listed = fact.partition(":")
    options = list(asked[0].options)
    choices: list[tuple[str, str]] = []

    def word(key: str, **fields: str) -> str:
        return told(lang, f"card.button.{key}", **fields)

    if name in _YES_NO:
        choices = [(word("yes"), "yes"), (word("no"), "no")]
    elif name in ("end_use", "end_user"):
        choices = [(word("civil"), "civil"), (word("military"), "military")]
    elif name in ("contains", "kind", "form", "part") and listed and listed.count(",") < _CHOICES:
        choices = [(word(name, name=_option(lang, name, v)), v) for v in listed.split(",")]
        choices.append((word("contains_none" if name == "contains" else "none"), "none"))
    elif name == "mixed":
        choices = [(word("no_part"), "part"), (word("mixed"), "mixed")]
    elif options:
        choices = [(o, o) for o in options]
    more = [(word("unknown"), "unknown")] if choices else []
    return tuple((label, fact, value) for label, value in (*choices, *more))
