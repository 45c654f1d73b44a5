"""A quick look-up from any chat: @bot 1C905, @bot dysprosium, @bot 镓. What the rules say of a code or an element, never a
verdict on a deal."""

from datetime import date

from bot.locales import say
from bot.rich import Rich, bold, clean, italic, joined, link
from bot.roles import Role
from bot.services import Services
from bot.telegram.events import Event, Member, Turn
from knowledge.controllists.titles import load_names
from knowledge.model import Confidence
from knowledge.rulebook import ControlEntry, RuleBook
from knowledge.timeline import standing
from knowledge.wording import say as law_says

MOST = 10
"""Results that are shown."""
SHORTEST = 2
"""Characters below which nothing is looked up, unless it is a Chinese element name."""
Result = tuple[str, str, str, Rich]


def inline(services: Services, event: Event, member: Member) -> Turn:
    """Entries for what is typed; nothing for strangers."""
    if not member.role.may(Role.EXPORTER):
        return Turn(results=())
    typed = clean(event.text).strip()[:60]
    book, on = services.advisor.book, services.today()
    found = [_result(book, e, on, member.language) for e in entries(services, typed, on)[:MOST]]
    return Turn(results=tuple(found) or _listed(services, typed, member.language))


def entries(services: Services, typed: str, on: date) -> tuple[ControlEntry, ...]:
    """The entries at or below a code, or those that name an element, a material or a customs number."""
    book = services.advisor.book
    if len(typed) < SHORTEST and not typed > "\u2e80":
        return ()
    by_code = book.under(typed) or book.under(typed[:2].upper() + typed[2:])
    if by_code:
        return by_code
    digits = typed.replace(".", "")
    if digits.isdecimal() and len(digits) >= 6:
        return tuple(e for e in book.entries if any(h.startswith(digits[:8]) for h in e.hs_reference))
    deal = services.advisor.reader.read(typed, on, services.settings.home_country).transaction
    symbols = {s for g in deal.goods for s, there in g.elements.items() if there and s != "O"}
    named = tuple(e for e in book.entries if symbols & e.elements)
    fitting = tuple(e for e in named if any(e.goods.test(g, book.taxonomy).truth is not False for g in deal.goods))
    return fitting or named


def _result(book: RuleBook, entry: ControlEntry, on: date, lang: str) -> Result:
    spoken = "zh" if lang == "zh" else "en"
    measure = standing(entry.timeline, on)
    status = law_says(spoken, f"status.{measure.status}") if measure else say(spoken, "inline.no_status")
    doubt = f" ({law_says(spoken, 'confidence.unconfirmed')})" if entry.confidence is Confidence.UNCONFIRMED else ""
    what = entry.description["zh" if spoken == "zh" else "en"]
    where = book.instruments[entry.instrument]
    message = joined(
        (
            bold(entry.code) + f"  {what}",
            say(spoken, "inline.status", status=status, day=on.isoformat()) + doubt,
            link(f"{where.id}", where.url),
            italic(say(spoken, "inline.no_verdict")),
        )
    )
    return f"{entry.code}"[:64], f"{entry.code} · {status}{doubt}", what, message


def _listed(services: Services, typed: str, lang: str) -> tuple[Result, ...]:
    """An entry of the Commerce Control List by its number."""
    spoken = "zh" if lang == "zh" else "en"
    book, code = services.advisor.book, typed.upper()[:5]
    entry = book.us.ccl.by_code.get(code)
    if entry is None or entry.reserved:
        return ()
    named = load_names(services.settings.home / "cache").get(code)
    title = named.title["zh" if spoken == "zh" else "en"] if named is not None else entry.heading
    url = book.instruments["US-EAR-774-S1"].url
    note = say(spoken, "inline.no_verdict")
    message = joined((bold(f"ECCN {code}") + f"  {title}", link("US-EAR-774-S1", url), italic(note)))
    return ((code, f"ECCN {code}", title, message),)
