"""What people add to an answer: warning signs to be cleared, reviews, what the asker said. Pure but for the catalogues."""

from bot.locales import say
from bot.memo.held import Held
from bot.memo.law import flag_line
from bot.memo.model import Block, Facts, Heading, Lines, Quoted
from bot.memo.text import Line, plain, strong, visible
from knowledge import wording
from knowledge.model import Behaviour
from knowledge.store.reviews import Review


def flags(held: Held) -> list[Block]:
    """The warning signs, and whether a decided review with a written reason stands beside them."""
    lang, raised = held.lang, held.answer.red_flags
    heading = Heading(say(lang, "memo.flags"))
    if not raised and (not held.answer.determinations or held.answer.behaviour is Behaviour.REFUSE_EVASION):
        return []  # no deal to look for signs in, or a refusal, which says more than a sign would
    if not raised:
        return [heading, Lines((plain(say(lang, "memo.no_flags")),))]
    lines = held.lines("flags") if held.answer.lang == lang else ()
    lines = lines or tuple(flag_line(f.why.get(lang) or f.why["en"], held.mark(f.reference), held) for f in raised)
    decided = [r for r in held.reviews if r.state in ("confirmed", "overridden") and r.reason.strip()]
    notes = [say(lang, "memo.flags_review", number=r.id) for r in decided]
    notes = notes or [say(lang, "memo.flags_not_cleared")]
    return [heading, Lines(lines, bullets=True), Lines(tuple(strong(n) for n in notes))]


def reviewed(held: Held) -> list[Block]:
    """Every review with what was asked, decided and written; what the asker said."""
    lang = held.lang
    blocks: list[Block] = [Heading(say(lang, "memo.review"))]
    if not held.reviews:
        blocks.append(Lines((strong(say(lang, "memo.no_review")),)))
    for review in held.reviews:
        blocks += _review(held, review)
    if held.asked.mark == "right":
        blocks.append(Lines((plain(say(lang, "memo.mark_right")),)))
    elif held.asked.mark == "wrong":
        blocks.append(Lines((plain(say(lang, "memo.mark_wrong", reason=visible(held.asked.reason))),)))
    return blocks


def _review(held: Held, review: Review) -> list[Block]:
    lang = held.lang
    kind = say(lang, f"memo.kind_{review.kind}")
    asked = say(lang, "memo.by", name=held.name(review.person), at=f"{review.opened_at:%Y-%m-%d %H:%M}")
    rows: list[tuple[str, tuple[Line, ...]]] = [
        (say(lang, "memo.requested"), (plain(asked),)),
        (say(lang, "memo.state"), (strong(say(lang, f"memo.state_{review.state}")),)),
    ]
    if review.decided_by is not None and review.decided_at is not None:
        decided = say(lang, "memo.by", name=held.name(review.decided_by), at=f"{review.decided_at:%Y-%m-%d %H:%M}")
        rows.append((say(lang, "memo.decided"), (plain(decided),)))
    if review.verdict:
        rows.append((say(lang, "memo.machine"), (plain(wording.say(lang, f"verdict.{held.asked.verdict}")),)))
        rows.append((say(lang, "memo.staff"), (strong(wording.say(lang, f"verdict.{review.verdict}")),)))
    blocks: list[Block] = [
        Heading(say(lang, "memo.review_head", number=review.id, kind=kind), 2),
        Facts(tuple(rows)),
    ]
    for name, said in (("memo.note", review.note), ("memo.reason", review.reason), ("memo.reply", review.reply)):
        if said.strip():
            blocks.append(Quoted(visible(said), label=say(lang, name)))
    return blocks
