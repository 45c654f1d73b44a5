"""Small consignments that add up: the asker sees the sign over their own cases, staff over everybody's, in a review."""

from datetime import datetime, timedelta

from bot.locales import say
from bot.rich import Rich
from bot.services import Services
from bot.telegram.events import Event, Member
from bot.telegram.words import line, listed
from knowledge.aggregated import with_aggregate
from knowledge.aggregation import aggregation, buyers, consignment, one_party
from knowledge.model import Answer
from knowledge.rulebook.book import RuleBook
from knowledge.store.cases import Asked
from knowledge.store.consignments import GOES_ON, Kept, consignments

NAMED = 12
"""Cases that are named to staff."""


def raised(services: Services, event: Event, member: Member, answer: Answer, case: int | None) -> Answer:
    """The answer with the sign, where the asker's own cases raise it together with this one; `case` is the one it goes on
    with. In a group nothing of other cases is said."""
    if not event.chat.private or not _counts(answer):
        return answer
    book = services.advisor.book
    if any(sign.split and sign.id == flag.id for sign in book.signs for flag in answer.red_flags):
        return answer
    before = _history(services, book, answer, event.at, member.id)
    texts = [asked.text for asked in services.cases.asked(case)] if case else []
    now = consignment(case or 0, event.at.date(), answer, (*texts, answer.question))
    found = aggregation(book, [k.consignment for k in before], now)
    return with_aggregate(answer, found, book, services.advisor.official) if found is not None else answer


def across(services: Services, asked: Asked, lang: str) -> Rich:
    """To staff who look at a review: the sign over the cases of several people; nothing where one person's raise it alone or
    none do. Who asked what is in their reviews, not here."""
    answer = asked.answer
    if not _counts(answer):
        return Rich()
    book = services.advisor.book
    before = _history(services, book, answer, asked.asked_at)
    texts = [a.text for a in services.cases.asked(asked.case)]
    now = consignment(asked.case, asked.asked_at.date(), answer, texts)
    found = aggregation(book, [k.consignment for k in before], now)
    if found is None:
        return Rich()
    numbers = [case for case, _ in found.cases[::-1]]
    people = {k.person for k in before if k.consignment.case in numbers} | {asked.person}
    if len(people) < 2:
        return Rich()
    return Rich(
        say(
            lang, "split.across", count=found.count, buyer=line(found.buyer, 80), days=found.days, people=len(people),
            cases=listed(lang, [f"#{case}" for case in numbers], NAMED), unstated=found.unstated,
            kilograms=f"{found.kilograms.normalize():f}",
        )
    )  # fmt: skip


def _counts(answer: Answer) -> bool:
    """Is it a deal with somebody named?"""
    return answer.intent == "licence" and answer.behaviour in GOES_ON and bool(buyers(answer.transaction))


def _history(
    services: Services, book: RuleBook, answer: Answer, at: datetime, person: int | None = None
) -> tuple[Kept, ...]:  # fmt: skip
    names = buyers(answer.transaction)
    # Asked earlier than they ship: a shipping day near this one's may belong to a question of a period before.
    days = 2 * max((sign.split.days for sign in book.signs if sign.split is not None), default=0)

    def meant(others: frozenset[str]) -> bool:
        return any(one_party(name, other) for name in names for other in others)

    return consignments(services.database, at - timedelta(days=days), meant, person)
