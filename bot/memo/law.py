"""The legal parts of a memo: the result by regime, the reasoning, the sources. Pure but for the catalogues."""

import re

from bot.locales import catalogue, say
from bot.memo.held import Held
from bot.memo.model import Block, Facts, Grid, Heading, Lines, Quoted, Source
from bot.memo.text import Line, Piece, marked, one_line, plain, strong, visible
from knowledge import naming, wording
from knowledge.model import Behaviour, Citation, Confidence, Determination, Finding

RULES = 40
"""Rules that a table shows; the rest are counted."""
_OWN_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
_MEMBER = re.compile(r"competent authority \((\w+)\)")


def machine(held: Held) -> str:
    """What the rules said, in the memo's language."""
    special = {Behaviour.REFUSE_EVASION: "verdict.refuse", Behaviour.DECLINE_TOPIC: "verdict.decline"}
    if held.answer.intent != "licence":
        return wording.say(held.lang, "verdict.topic")
    return wording.say(held.lang, special.get(held.answer.behaviour, f"verdict.{held.answer.verdict}"))


def overridden(held: Held) -> tuple[str, ...]:
    """What staff decided instead, each with who did and when."""
    found = []
    for review in held.reviews:
        if review.state == "overridden" and review.decided_by is not None and review.decided_at is not None:
            by = say(held.lang, "memo.by", name=held.name(review.decided_by), at=f"{review.decided_at:%Y-%m-%d %H:%M}")
            found.append(f"{wording.say(held.lang, f'verdict.{review.verdict}')} ({by})")
    return tuple(found)


def result(held: Held) -> list[Block]:
    """What came out, the staff's decision beside the machine's, and each regime with its rules."""
    lang, answer = held.lang, held.answer
    found: list[tuple[str, tuple[Line, ...]]] = []
    if answer.determinations or answer.behaviour is Behaviour.REFUSE_EVASION or overridden(held):
        found.append((say(lang, "memo.machine"), (strong(machine(held)),)))
    found += [(say(lang, "memo.staff"), (strong(decided),)) for decided in overridden(held)]
    if not found:
        return []
    blocks: list[Block] = [Heading(say(lang, "memo.result")), Facts(tuple(found))]
    if answer.determinations:
        blocks.append(_regimes(held))
    for each in answer.determinations:
        blocks += _rules(held, each)
    return blocks


def _regimes(held: Held) -> Grid:
    lang = held.lang
    head = (
        say(lang, "memo.regime"), say(lang, "memo.outcome"), say(lang, "memo.status"), say(lang, "memo.entries"),
        say(lang, "memo.licence"), say(lang, "memo.authority"),
    )  # fmt: skip
    rows = []
    for each in held.answer.determinations:
        entries = one_line(", ".join(each.entries)) or say(lang, "memo.none")
        rows.append((
            strong(wording.say(lang, f"regime.{each.regime}")), plain(wording.say(lang, f"verdict.{each.outcome}")),
            plain(wording.say(lang, f"status.{each.status}")), plain(entries), plain(_licence(held, each)),
            plain(_authority(held, each)),
        ))  # fmt: skip
    return Grid(head, tuple(rows))


def _licence(held: Held, of: Determination) -> str:
    if of.licence is None:
        return say(held.lang, "memo.none")
    key = f"memo.licence_{of.licence.kind}"
    return say(held.lang, key) if key in catalogue(held.lang) else of.licence.kind.replace("_", " ")


def _authority(held: Held, of: Determination) -> str:
    if of.licence is None:
        return say(held.lang, "memo.none")
    said = of.licence.authority
    if member := _MEMBER.fullmatch(said):
        return say(held.lang, "memo.authority_member", country=naming.country(held.lang, member[1]))
    named = {"MOFCOM": say(held.lang, "memo.authority_mofcom"), "BIS": say(held.lang, "memo.authority_bis")}
    return named.get(said, said)


def _rules(held: Held, of: Determination) -> list[Block]:
    lang = held.lang
    open_or_so = dict.fromkeys(_rule(held, f) for f in of.findings if f.truth is not False)
    against = len(
        {f.rule for f in of.findings if f.truth is False} - {f.rule for f in of.findings if f.truth is not False}
    )
    if not open_or_so and not against:
        return []
    regime = wording.say(lang, f"regime.{of.regime}")
    blocks: list[Block] = [Heading(say(lang, "memo.rules_of", regime=regime), 2)]
    rows = list(open_or_so)
    if rows:
        head = (
            say(lang, "memo.rule"), say(lang, "memo.finding"), say(lang, "memo.status"), say(lang, "memo.consequence"),
            say(lang, "memo.source"),
        )  # fmt: skip
        blocks.append(Grid(head, tuple(rows[:RULES])))
    notes = [say(lang, "memo.more_rules", count=len(rows) - RULES)] if len(rows) > RULES else []
    notes += [say(lang, "memo.rules_not", count=against)] if against else []
    return [*blocks, Lines(tuple(map(plain, notes)), quiet=True)] if notes else blocks


def _rule(held: Held, finding: Finding) -> tuple[Line, ...]:
    lang = held.lang
    status = wording.say(lang, f"status.{finding.status}") if finding.status else ""
    if finding.measure is not None:
        status = say(lang, "memo.since", status=status, start=finding.measure.start.isoformat())
    if finding.confidence is Confidence.UNCONFIRMED:
        status = f"{status} · {say(lang, 'memo.unconfirmed')}".removeprefix(" · ")
    found = say(lang, "memo.applies" if finding.truth else "memo.open")
    outcome = wording.say(lang, f"verdict.{finding.outcome}")
    mark = marked(held.mark(finding.reference), held.numbers.__contains__)
    return plain(finding.rule), plain(found), plain(status), plain(outcome), mark


def reasoning(held: Held) -> list[Block]:
    """The sentences of the answer in the order in which they were given, under their headings."""
    blocks: list[Block] = []
    before = ""
    for section in held.answer.sections:
        if section.key in ("verdict", "flags", "missing", "not_checked", "searched") or not section.lines:
            continue
        if section.key != before:
            key = f"heading.{section.key}"
            name = wording.say(held.lang, key) if wording.known(held.lang, key) else section.key
            blocks.append(Heading(name, 2))
        before = section.key
        lines = tuple(line for line in (held.line(text) for text in dict.fromkeys(section.lines)) if line)
        blocks.append(Lines(lines, bullets=True))
    return [Heading(say(held.lang, "memo.reasoning")), *blocks] if blocks else []


def sources(held: Held) -> list[Block]:
    """Every passage that the answer rests on, as it was quoted."""
    lang, cited = held.lang, held.answer.citations
    note = say(lang, "memo.sources_note" if cited else "memo.no_sources")
    return [Heading(say(lang, "memo.sources")), Lines((plain(note),), quiet=True), *(_source(held, c) for c in cited)]


def _source(held: Held, citation: Citation) -> Source:
    lang = held.lang
    unsure = citation.confidence is Confidence.UNCONFIRMED
    kind = say(lang, "memo.digest" if citation.digest else "memo.official")
    sure = say(lang, "memo.unconfirmed" if unsure else "memo.confirmed")
    about = " · ".join(part for part in (one_line(_place(held, citation)), _dates(held, citation)) if part)
    return Source(
        n=citation.n,
        title=one_line(citation.title),
        about=about,
        kind=kind,
        digest=citation.digest,
        standing=sure,
        unconfirmed=unsure,
        url=citation.url if citation.url.startswith(("https://", "http://")) else "",
        quote=Quoted(
            visible(citation.quote).strip(), citation.language or (held.answer.lang if citation.digest else "")
        ),
        hash=say(lang, "memo.stored", hash=citation.sha256),
    )


def _place(held: Held, citation: Citation) -> str:
    """Where it stands: what the official text calls the place, an article by its number. Our digests have names that mean
    nothing to a reader ("effect")."""
    place = citation.label or citation.provision
    if not citation.label and citation.provision.replace(".", "").isdecimal():
        place = say(held.lang, "memo.article", number=citation.provision)
    elif not citation.label and citation.digest and _OWN_NAME.fullmatch(citation.provision):
        place = ""
    place = f"{citation.instrument} {place}".strip()
    return say(held.lang, "memo.place", place=place, page=citation.page) if citation.page else place


def _dates(held: Held, citation: Citation) -> str:
    start, end = citation.effective_from, citation.effective_to
    if start and end:
        return say(held.lang, "memo.valid_period", start=start.isoformat(), end=end.isoformat())
    return say(held.lang, "memo.valid_since", start=start.isoformat()) if start else ""


def flag_line(why: str, mark: str, held: Held) -> Line:
    """A warning sign with the number of its source."""
    line = marked(f"{one_line(why)} {mark}".strip(), held.numbers.__contains__)
    return line or (Piece(one_line(why)),)
