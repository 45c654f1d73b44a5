"""An answer with its reviews -> the memo as data: which parts it has, in their order. Pure but for the catalogues."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.locales import say
from bot.memo import law, people
from bot.memo.held import Held, answer_hash
from bot.memo.model import Block, Facts, Heading, Lines, Memo, Quoted, Signatures
from bot.memo.text import Line, of_rich, plain, visible, words
from bot.telegram.page import Page
from bot.telegram.route import rows
from knowledge import wording
from knowledge.model import Behaviour


@dataclass(frozen=True)
class Seen:
    """What the verification shows: the code, when the memo was issued (UTC) and what made it ("0.1.0", hash)."""

    code: str
    issued_at: datetime
    engine: tuple[str, str]


def build(held: Held, seen: Seen) -> Memo:
    """The memo of an answer."""
    lang, asked = held.lang, held.asked
    check = f"navicert memo verify {seen.code}"
    numbered = [p for p in _parts(held, seen) if p]
    return Memo(
        lang=lang,
        number=asked.id,
        title=say(lang, "memo.title"),
        subtitle=say(lang, "memo.subtitle", number=asked.id, on=asked.on.isoformat()),
        tone="refused" if held.answer.behaviour is Behaviour.REFUSE_EVASION else str(held.answer.verdict),
        verdict=_verdict(held),
        summary=_summary(held, seen),
        parts=tuple(block for part in numbered for block in part),
        code=seen.code,
        code_name=say(lang, "memo.code"),
        check=check,
        alt=say(lang, "memo.qr", check=check),
        footer=say(lang, "memo.disclaimer"),
        page=say(lang, "memo.page", page="{page}", count="{count}"),
        issued_at=seen.issued_at,
    )


def _parts(held: Held, seen: Seen) -> Iterator[list[Block]]:
    """The numbered parts; an empty one is left out."""
    yield _question(held)
    yield _facts(held)
    yield law.result(held)
    yield law.reasoning(held)
    yield people.flags(held)
    yield _listed(held, wording.say(held.lang, "heading.missing"), "missing")
    yield _listed(held, wording.say(held.lang, "heading.not_checked"), "not_checked", "searched")
    yield people.reviewed(held)
    yield [Heading(say(held.lang, "memo.sign")), Signatures(_to_sign(held))]
    yield law.sources(held)
    yield _record(held, seen)


def moment(at: datetime) -> str:
    """A moment in UTC to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _verdict(held: Held) -> tuple[str, ...]:
    """The headline in the memo's language, what else the answer says there, and what staff decided instead."""
    said = list(map(words, held.lines("verdict")))
    if held.lang != held.answer.lang or not said:
        said = [law.machine(held), *said]
    return (*said, *(f"{say(held.lang, 'memo.staff')}: {decided}" for decided in law.overridden(held)))


def _summary(held: Held, seen: Seen) -> Facts:
    lang, asked = held.lang, held.asked
    rows_: list[tuple[str, str]] = [
        (say(lang, "memo.answer"), str(asked.id)),
        (say(lang, "memo.case"), str(asked.case)),
        (say(lang, "memo.asked_at"), moment(asked.asked_at)),
        (say(lang, "memo.law_on"), held.answer.on.isoformat()),
        (say(lang, "memo.asker"), held.name(asked.person)),
        (say(lang, "memo.issued"), moment(seen.issued_at)),
    ]
    return Facts(tuple((name, (plain(value),)) for name, value in rows_))


def _question(held: Held) -> list[Block]:
    lang = held.lang
    blocks: list[Block] = [Heading(say(lang, "memo.question")), Quoted(visible(held.asked.text))]
    notes = []
    if held.answer.continues:
        notes.append(say(lang, "memo.follows"))
    if held.asked.undone:
        notes.append(say(lang, "memo.undone"))
    return [*blocks, Lines(tuple(map(plain, notes)), quiet=True)] if notes else blocks


def _facts(held: Held) -> list[Block]:
    """The deal as it was read, in the memo's language."""
    page = Page(held.in_its_language)
    if not held.answer.transaction.goods and not held.answer.determinations:
        return []  # a question about the law has no deal
    found: list[tuple[str, tuple[Line, ...]]] = []
    for key, values in rows(held.in_its_language):
        found.append((page.say(key), tuple(map(of_rich, values))))
    note = Lines((plain(say(held.lang, "memo.facts_note")),), quiet=True)
    return [Heading(say(held.lang, "memo.facts")), Facts(tuple(found)), note]


def _listed(held: Held, heading: str, *keys: str) -> list[Block]:
    lines = held.lines(*keys)
    return [Heading(heading), Lines(lines, bullets=True)] if lines else []


def _to_sign(held: Held) -> tuple[str, ...]:
    lang = held.lang
    return (
        say(lang, "memo.sign_name"), say(lang, "memo.sign_decision"), say(lang, "memo.sign_place"),
        say(lang, "memo.sign_sign"),
    )  # fmt: skip


def _record(held: Held, seen: Seen) -> list[Block]:
    lang, asked = held.lang, held.asked
    version, engine = seen.engine
    library = asked.generation if asked.generation != "0" else say(lang, "memo.no_library", generation="0")
    facts: list[tuple[str, str]] = [
        (say(lang, "memo.answer_hash"), answer_hash(asked)),
        (say(lang, "memo.rulebook"), asked.rulebook),
        (say(lang, "memo.library"), library),
        *_answered_by(held),
        (say(lang, "memo.engine"), say(lang, "memo.engine_is", version=version, hash=engine)),
        (say(lang, "memo.checks"), _checks(held)),
        (say(lang, "memo.model"), _model(held)),
        (say(lang, "memo.code"), seen.code),
        (say(lang, "memo.verify"), _how(lang, seen)),
    ]
    notes = [say(lang, "memo.translated" if held.reworded else "memo.not_translated")] if lang != asked.language else []
    notes.append(say(lang, "memo.disclaimer"))
    return [
        Heading(say(lang, "memo.record")),
        Facts(tuple((name, (plain(value),)) for name, value in facts)),
        Lines(tuple(map(plain, notes)), quiet=True),
    ]


def _answered_by(held: Held) -> list[tuple[str, str]]:
    """The engine that gave the answer, where that was kept with it."""
    basis = held.asked.basis
    if basis is None or basis.means is None:
        return []
    made = say(held.lang, "memo.engine_is", version=basis.means.version, hash=basis.means.engine[:16])
    return [(say(held.lang, "memo.answered_by"), made)]


def _how(lang: str, seen: Seen) -> str:
    return say(lang, "memo.verify_how", file="navicert memo verify FILE", code=f"navicert memo verify {seen.code}")


def _checks(held: Held) -> str:
    checks = held.answer.checks
    return say(held.lang, "memo.checks_are", verified=checks.verified, repaired=checks.repaired, dropped=checks.dropped)


def _model(held: Held) -> str:
    part = held.answer.wording
    if part is None:
        return say(held.lang, "memo.model_none")
    known = {
        "read": say(held.lang, "memo.did_read"),
        "reworded": say(held.lang, "memo.did_reworded"),
        "summarised": say(held.lang, "memo.did_summarised"),
    }
    did = ", ".join(known.get(d, d) for d in part.did)
    return say(held.lang, "memo.model_is", model=part.model, prompts=part.prompts[:16], did=did)
