"""Gives memos out and checks them: the database, the seal and the formats meet here."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.memo import seal
from bot.memo.build import Seen, build
from bot.memo.held import Held, canonical
from bot.memo.html import html
from bot.memo.markdown import markdown
from bot.memo.model import FORMATS, Memo
from bot.memo.pdf import pdf
from bot.memo.word import docx
from knowledge.engine import engine
from knowledge.errors import BadInput
from knowledge.model import Answer, Lang
from knowledge.store.cases import Asked, Cases
from knowledge.store.database import Database, Write
from knowledge.store.forgetting import SOMEBODY
from knowledge.store.memos import IssuedMemo, Memos
from knowledge.store.people import People
from knowledge.store.reviews import Reviews

Again = Callable[[Asked, Lang], Answer | None]
"""The same answer with its sentences in another language; None where today's rules or library give another one."""


@dataclass(frozen=True)
class Order:
    """What memo is wanted: of which answer, as what, in which language (None: the answer's), when and by whom (a number of
    `people`; None: the command line)."""

    question: int
    format: str
    at: datetime
    lang: Lang | None = None
    by: int | None = None


@dataclass(frozen=True)
class Issued:
    """A memo's file with its name. It counts as issued once `keep` is committed."""

    name: str
    data: bytes
    memo: Memo
    keep: Write


def issue(database: Database, order: Order, again: Again | None = None) -> Issued:
    """Make a memo. Raises BadInput for an answer or a format that is not there, NavicertError where a font is missing."""
    if order.format not in FORMATS:
        raise BadInput(f"{order.format!r} is no format of a memo. Write one of {', '.join(FORMATS)}.")
    held = of_question(database, order.question, order.lang, again)
    if held is None:
        raise BadInput(f"There is no answer {order.question} here. `navicert reviews list` and the chat show numbers.")
    memos, at = Memos(database), order.at.replace(microsecond=0)
    secret = memos.secret(seal.new_secret())
    code = seal.code(secret, canonical(held.asked, held.reviews, held.lang))
    own = engine()
    memo = build(held, Seen(code, at, (own.version, own.sha256[:16])))
    data = seal.sealed(written(memo, order.format), order.format, order.question, code, secret)
    kept = IssuedMemo(
        order.question, order.format, held.lang, hashlib.sha256(data).hexdigest(), code, at, order.by
    )  # fmt: skip
    name = f"navicert-memo-{order.question}-{at:%Y-%m-%d}.{order.format}"
    return Issued(name, data, memo, memos.keep(kept))


def written(memo: Memo, format_: str) -> bytes:
    """The memo in that format, not sealed yet."""
    if format_ == "pdf":
        return pdf(memo)
    if format_ == "docx":
        return docx(memo)
    return (html(memo) if format_ == "html" else markdown(memo)).encode("utf-8", "replace")


def of_question(database: Database, number: int, lang: Lang | None, again: Again | None = None) -> Held | None:
    """The answer of that number with all that its memo shows; None where there is none."""
    asked = Cases(database).question(number) if 0 < number < 2**31 else None
    if asked is None:
        return None
    wanted: Lang = lang or ("zh" if asked.language == "zh" else "en")
    reviews = Reviews(database).of(number)
    people = {p for r in reviews for p in (r.person, r.decided_by) if p is not None} | {asked.person}
    known = {p: found for p in people if (found := People(database).get(p)) is not None}
    reworded = again(asked, wanted) if again is not None and wanted != asked.language else None
    return Held(
        asked, reworded or asked.answer, reviews, {p: k.name for p, k in known.items()}, wanted, reworded is not None
    )


# ---------------------------------------------------------------- verification


@dataclass(frozen=True)
class Verdict:
    """What a check came to. `good`: the memo is whole, from here, and its answer stands as it was issued. `said`: the
    findings in their order, for whoever checks."""

    good: bool
    said: tuple[str, ...]


def verify_file(database: Database | None, data: bytes, key: str | None = None) -> Verdict:
    """Check a file to its last byte. `key`: the issuer's public key in hex, for a check away from the database."""
    found = seal.read(data)
    if found is None:
        return Verdict(False, (
            "NOT VALID: the file does not end with Navicert's seal. It is no memo, or bytes were changed, added or cut off at its end.",
            f"SHA-256 of this file: {hashlib.sha256(data).hexdigest()}",
        ))  # fmt: skip
    own = _own_key(database)
    trusted = key or own
    said = f"memo of answer {found.number}, {found.format}, code {found.code}"
    if not found.holds:
        return Verdict(False, (
            f"NOT VALID: the file was changed after it was sealed (it says: {said}).",
            f"SHA-256 of this file: {hashlib.sha256(data).hexdigest()}", *_issued_as(database, found.code),
        ))  # fmt: skip
    if trusted is None or found.key != trusted:
        return Verdict(False, (
            f"NOT KNOWN: whole, but sealed with another key than {'the one given' if key else 'that of this Navicert'} ({said}).",
            f"Its key: {found.key}. Compare it with `navicert memo key` of the Navicert that issued it, or give --key.",
        ))  # fmt: skip
    lines = [f"VALID: every byte is as sealed ({said})."]
    if database is None or own != found.key:
        return Verdict(
            True, (*lines, "Checked with the key alone: whether the answer still stands is known where it was issued.")
        )
    rows = Memos(database).with_sha256(hashlib.sha256(data).hexdigest())
    lines += [_row(row) for row in rows[:1]] or [
        "It is not in the list of issued memos; was the database restored from a backup?"
    ]
    stands = _stands(database, found.number, found.code, rows[0].language if rows else None)
    return Verdict(stands.good, (*lines, *stands.said))


def verify_code(database: Database, typed: str) -> Verdict:
    """Which answer a code belongs to, and whether that still stands as issued. Raises BadInput for what is no code."""
    code = seal.typed_code(typed)
    if code is None:
        raise BadInput(f"{typed!r} is neither a file nor a code. A code reads XXXX-XXXX-XXXX-XXXX.")
    rows = Memos(database).with_code(code)
    if not rows:
        return Verdict(False, (f"NOT VALID: no memo with the code {code} was issued here.",))
    stands = _stands(database, rows[0].question, code, rows[0].language)
    head = f"The code {code} belongs to answer {rows[0].question}."
    return Verdict(stands.good, (head, *(_row(row) for row in rows), *stands.said))


def _stands(database: Database, number: int, code: str, lang: str | None) -> Verdict:
    """Is the record under the code the one that is kept now?"""
    asked = Cases(database).question(number)
    if asked is None:
        return Verdict(
            False, ("NO LONGER ON RECORD: the answer has been removed since; its memo can no longer be compared.",)
        )
    secret, reviews = Memos(database).known_secret(), Reviews(database).of(number)
    languages: tuple[Lang, ...] = ("en", "zh") if lang is None else ("zh",) if lang == "zh" else ("en",)
    if secret and code in (seal.code(secret, canonical(asked, reviews, wanted)) for wanted in languages):
        return Verdict(True, ("STANDS: the answer and its reviews are as they were when the memo was issued.",))
    states = [f"review {r.id}: {r.state}" for r in reviews]
    now = f" Now on record: {', '.join(states)}." if states else ""
    return Verdict(False, (
        f"SUPERSEDED: the record of answer {number} has changed since the memo was issued (a review or the record itself).{now} "
        f"Issue it again: navicert memo {number}.",
    ))  # fmt: skip


def _own_key(database: Database | None) -> str | None:
    secret = Memos(database).known_secret() if database is not None else None
    return seal.public_key(secret) if secret else None


def _row(row: IssuedMemo) -> str:
    by = f"by person {row.issued_by}" if row.issued_by is not None else "from the command line"
    by = "by somebody who was forgotten since" if row.issued_by == SOMEBODY else by
    return f"Issued {row.issued_at:%Y-%m-%d %H:%M:%S} UTC {by} as {row.format} in {row.language}, SHA-256 {row.sha256}."


def _issued_as(database: Database | None, code: str) -> tuple[str, ...]:
    rows = Memos(database).with_code(code) if database is not None else ()
    return tuple(f"As issued: {_row(row)}" for row in rows)
