"""The card of an answer: what is sent first, short enough to be read. Pure; nothing here decides.

The sentences are the answer's own. What this file adds is which of them come first, and links on their marks.
"""

from collections.abc import Iterable, Iterator, Sequence

from bot.rich import Rich, bold, italic, joined, units
from bot.telegram.choices import question
from bot.telegram.grounds import CAVEATS, names_somebody, reasons
from bot.telegram.page import WIDTH, Page, cited, headed, is_one, shortened, title_of, topic, verdict
from bot.telegram.words import comma, flat
from knowledge.model import Answer, Behaviour, Confidence, Determination, Lang, Outcome

CAP = 3500
"""UTF-16 code units of a card at most; a message holds 4096."""
QUOTES = 6
"""Lines of a card that quote the law."""
_WIDTHS = (WIDTH, 180, 110, 70)
_LICENCE = ("licence.special_approval", "licence.who", "licence.individual_only", "licence.individual", "us.apply", "eu.union_general", "eu.individual", "us.exception.may_apply", "us.exception.value_open")  # fmt: skip
_UNCONFIRMED = ("line.unconfirmed", "us.unconfirmed")
_CONFIDENTIAL = ("end_use", "end_user", "item_value", "party", "ownership", "date", "us_content", "chinese_content")


def card(answer: Answer, *, group: bool = False) -> Rich:
    """The short card of an answer, at most `CAP` units: verdict, grounds, licence, signs, the deciding question, sources.

    In a group it holds nothing of the parties, the quantities or the use.
    """
    text = Rich()
    for width in _WIDTHS:
        page = Page(answer, group, width)
        blocks = [(rank, block) for rank, block in _blocks(page) if block]
        text = _with_sources(page, blocks)
        while units(text.text) > CAP and any(rank for rank, _ in blocks) and width == _WIDTHS[-1]:
            blocks.remove(max(blocks, key=lambda b: b[0]))
            text = _with_sources(page, blocks)
        if units(text.text) <= CAP:
            break
    return text


def _with_sources(page: Page, blocks: Sequence[tuple[int, Rich]]) -> Rich:
    body = joined((b for _, b in blocks), "\n\n")
    last = italic(page.word("not_checked.advice"))
    return joined((body, cited(page, body), last), "\n\n")


def _blocks(page: Page) -> Iterator[tuple[int, Rich]]:
    """The parts of the card in their order, each with a rank: 0 stays, the highest goes first where room is short."""
    yield 0, verdict(page)
    yield 1, _summary(page)
    if page.answer.behaviour is Behaviour.DECLINE_TOPIC:
        yield 3, joined(page.rich(shortened(line, page.width * 2)) for line in page.lines("searched"))
        return
    if page.answer.behaviour is Behaviour.REFUSE_EVASION:
        yield 3, _bullets(page, _refused(page))
        yield 2, headed(page.say("lawful"), [page.short(line) for line in page.lines("lawful")[-2:]])
        yield 4, _flags(page)
        return
    if topic(page):
        yield 2, _quoted(page)
        yield 3, _bullets(page, page.lines("why")[:4])
        return
    asks_first = page.answer.verdict is Outcome.NEEDS_MORE_INFO
    if asks_first:
        yield 0, _question(page)
    yield 3, _bullets(page, reasons(page))
    yield 5, _caveats(page)
    yield 0, _unconfirmed(page)
    yield 2, headed(page.say("licence"), [page.short(line) for line in _steps(page)])
    yield 4, _flags(page)
    if page.answer.verdict in (Outcome.NO_LICENCE_FOUND, Outcome.OUT_OF_SCOPE):
        yield 1, _no_clearance(page)
    if not asks_first:
        yield 0, _question(page)
    if page.group:
        yield 0, Rich(page.say("private"))


def _summary(page: Page) -> Rich:
    """What a language model put in plain words, where one did and it stood the check; it says so itself."""
    return joined(page.rich(line) for line in page.lines("summary"))


def _quoted(page: Page) -> Rich:
    """The law's own words: whole where there is room."""
    return joined(("• " + page.rich(shortened(line, page.width * 3)) for line in page.lines("law")[:QUOTES]), "\n\n")


def _bullets(page: Page, lines: Iterable[str]) -> Rich:
    return joined("• " + page.short(line) for line in lines)


def _caveats(page: Page) -> Rich:
    """What would change the answer or was taken for granted: at most three lines."""
    lines, shown = page.lines("why", "deal", "not_checked"), reasons(page)
    about_party = [line for line in page.lines("deal") if any(n in line for n in page.names)]
    if any(line in shown for line in about_party):
        about_party = []
    soon, rest = CAVEATS[:2], CAVEATS[2:]
    found = [line for key in soon for line in lines if is_one(page.lang, (key,), line)] + about_party[:1]
    found += [line for key in rest for line in lines if is_one(page.lang, (key,), line)]
    if page.answer.verdict is Outcome.LICENCE_REQUIRED:
        findings = [f for d in page.answer.determinations for f in d.findings]
        barred = [f for f in findings if f.truth is None and f.outcome is Outcome.PROHIBITED]
        found += [line for f in barred for line in page.lines("deal") if f"[{page.number(f.reference)}]" in line][:1]
    if page.group:
        words = (*page.names, *map(flat, page.goods))
        found = [line for line in found if not any(w in line for w in words)]
    found = [line for line in dict.fromkeys(found) if line not in shown][:3]
    law = [] if page.group else page.lines("law")[:1]
    return joined([*("ℹ️ " + page.short(line) for line in found), *("📖 " + page.short(line) for line in law)])


def _refused(page: Page) -> list[str]:
    why, *more = page.lines("why")
    good = [line for line in more if is_one(page.lang, ("refuse.goods", "refuse.element"), line)]
    law = [line for line in more if line not in good]
    shown = [why, *([] if page.group else good[:1]), *law[:1]]
    return [line for line in shown if not (page.group and names_somebody(page, line))]


# -- what next


def _steps(page: Page) -> list[str]:
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
    return [line for line in lines if not (page.group and names_somebody(page, line))]


def _place(lang: Lang, line: str) -> int:
    return next((i for i, key in enumerate(_LICENCE) if is_one(lang, (key,), line)), len(_LICENCE))


def _flags(page: Page) -> Rich:
    lines = [line for line in page.lines("flags") if not (page.group and names_somebody(page, line))]
    return joined("⚠️ " + page.short(line) for line in lines[:3])


def _question(page: Page) -> Rich:
    asked = question(page.answer)
    if asked is None or (page.group and asked[0].fact.partition(":")[0] in _CONFIDENTIAL):
        return Rich()
    text = flat(asked[1])
    if page.group and names_somebody(page, text):
        return Rich()
    heading = page.say("question" if asked[0].decides else "welcome")
    count = sum(m.decides for m in page.answer.missing)
    if count > 1:
        heading = page.say("first_of", heading=heading, count=count)
    return joined((bold(heading), "❓ " + bold(page.rich(shortened(text, 600)))))


def _no_clearance(page: Page) -> Rich:
    """That nothing found clears nothing, and what was looked at."""
    names = [page.word(f"regime.{d.regime}") for d in page.answer.determinations]
    said = page.say("not_clearance", regimes=comma(page.lang).join(names)) if names else page.say("not_clearance_none")
    keys = ("not_checked.catch_all", "not_checked.no_party")
    more = [line for line in page.lines("not_checked") if is_one(page.lang, keys, line)]
    return joined([page.rich(said), *(page.short(line) for line in more)])


def _unconfirmed(page: Page) -> Rich:
    """What the verdict leans on and nobody could confirm: said by the answer, else by the findings that carry it."""
    said = [line for line in page.lines("not_checked") if is_one(page.lang, _UNCONFIRMED, line)]
    lines = [line for line in said if is_one(page.lang, _UNCONFIRMED[:1], line)]
    done = {"CN"} if lines else set()
    done |= {"US"} if len(said) > len(lines) else set()
    unsure = [name for d in page.answer.determinations if d.regime not in done for name in _leans(page, d)]
    if unsure:
        lines.append(page.word("line.unconfirmed", sources=comma(page.lang).join(list(dict.fromkeys(unsure))[:4])))
    lines += [line for line in said if line not in lines]
    more = [page.say("more_unconfirmed", count=len(lines) - 2)] if len(lines) > 2 else []
    return joined("❕ " + page.rich(shortened(line, 400)) for line in [*lines[:2], *more])


def _leans(page: Page, of: Determination) -> list[str]:
    """The unconfirmed passages under what decides in a regime, each with its number."""
    cited = {(c.instrument, c.provision): c for c in page.answer.citations}
    open_too = [f for f in of.findings if f.truth is not False and f.outcome is of.outcome]
    names = []
    for finding in [f for f in open_too if f.truth] or open_too:
        source = cited.get((finding.reference.instrument, finding.reference.provision))
        name = f"{title_of(source)} [{source.n}]" if source else f"{finding.reference.instrument} {finding.reference.provision}"  # fmt: skip
        if Confidence.UNCONFIRMED in (finding.confidence, source.confidence if source else None):
            names.append(name)
    return names
