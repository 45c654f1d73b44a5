"""A specification sheet that somebody sends: read in isolation, classified, and made the goods of a case."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.locales import say
from bot.rich import Rich, bold, clean, italic, joined
from bot.roles import Role
from bot.services import Services
from bot.sources import sheet_text
from bot.telegram import ask
from bot.telegram.events import Attachment, Event, Member, Turn, says
from bot.telegram.rooms import Pressed, Room
from knowledge.basis import Basis
from knowledge.errors import BadInput
from knowledge.model import Behaviour, CodeCandidate, Good

if TYPE_CHECKING:
    from knowledge.classify.model import Candidate, Classification

LARGEST = 20 * 1024**2
"""Bytes that Telegram lets a bot fetch."""
SHOWN = 3
"""Candidates of a regime in the chat."""
UNLISTED = "EAR99"


@dataclass(frozen=True)
class Sheet:
    """What was read of a file."""

    name: str
    text: str


def file(services: Services, event: Event, member: Member) -> Turn:
    """Classify the sheet; with a caption, answer that question for the goods in it."""
    if not member.consented:
        return _consent(services, event, member)
    sheet = read(services, event.attachment or Attachment("document"), member.language)
    lang = "zh" if member.language == "zh" else "en"
    found = services.desks.classify(sheet.text, SHOWN)
    good = Good(name=sheet.name[:60], kind="equipment", candidates=_candidates(found))
    page = _page(found, sheet, lang)
    sitting = services.cases.sitting(event.chat.id, member.id)
    waiting = {
        "what": "files.route",
        "good": good.name,
        "candidates": [[c.regime, c.code, c.probability] for c in good.candidates],
    }
    write = services.cases.sit(replace(sitting, awaiting=waiting), event.at)
    if event.text.strip():
        turn = _answered(services, replace(event, attachment=None), member, waiting)
        return replace(turn, says=(*says(page, reply=True).says, *turn.says), writes=(write, *turn.writes))
    return replace(says(page + "\n\n" + say(lang, "files.where"), reply=True), writes=(write,))


def _consent(services: Services, event: Event, member: Member) -> Turn:
    """Nothing of a file is kept, so it has to be sent again once they have agreed."""
    if not event.chat.private:
        return ask.consent(services, event, member)
    asked = ask.consent_asked(member).says[0]
    return Turn((replace(asked, text=asked.text + "\n\n" + say(member.language, "files.after_consent")),))


def read(services: Services, attachment: Attachment, language: str) -> Sheet:
    """The text of a file that was sent. Raises BadInput where it is too large or holds none; nothing of it is kept."""
    name = clean(attachment.name or "file").replace("\n", " ")[:80]
    if attachment.size > LARGEST:
        raise BadInput(say(language, "files.too_large", name=name, limit=LARGEST // 1024**2))
    data = services.fetch(attachment.file_id)
    if len(data) > LARGEST:
        raise BadInput(say(language, "files.too_large", name=name, limit=LARGEST // 1024**2))
    try:
        text = sheet_text(data, attachment.name or "file")
    except BadInput as reason:
        raise BadInput(say(language, "files.unreadable", name=name, why=str(reason))) from None
    if not text.strip():
        raise BadInput(say(language, "files.unreadable", name=name, why=say(language, "files.no_text")))
    return Sheet(name, text)


def _candidates(found: "Classification") -> tuple[CodeCandidate, ...]:
    """As the engine takes them: Chinese entries go by what the goods are, not by the desk's estimate."""
    likely = [CodeCandidate(c.regime, c.code, c.score) for c in found.candidates if c.regime != "CN"]
    return (*likely, CodeCandidate("US", UNLISTED, found.not_listed.probability))


def _page(found: "Classification", sheet: Sheet, lang: str) -> Rich:
    lines: list[Rich | str] = [bold(say(lang, "files.title", name=sheet.name))]
    if found.truncated:
        lines.append(say(lang, "files.truncated"))
    for regime in ("US", "CN", "EU"):
        lines += [_line(c, lang) for c in found.of(regime)[:SHOWN]]
    lines.append(say(lang, "files.unlisted", chance=_percent(found.not_listed.probability)))
    lines.append(italic(say(lang, "files.limits")))
    return joined(lines)


def _line(candidate: "Candidate", lang: str) -> Rich:
    title = candidate.title.get(lang) or candidate.title.get("en", "")
    chance = say(lang, "files.chance", chance=_percent(candidate.score))
    doubt = "" if candidate.confirmed else " " + say(lang, "files.unconfirmed")
    return Rich(f"{candidate.regime}  ") + bold(candidate.code) + f"  {title}  ({chance}){doubt}"


def _percent(chance: float) -> str:
    return f"{round(100 * chance)} %"


def _answered(services: Services, event: Event, member: Member, awaiting: Mapping[str, Any]) -> Turn:
    """Where they go and who uses them: the case of the goods in the sheet. Another sheet takes the place of the first."""
    if event.attachment is not None:
        return file(services, event, member)
    sitting = services.cases.sitting(event.chat.id, member.id)
    day = sitting.as_of or services.today()
    lang = ask.spoken(member, event.text)
    asked = services.answers_for(member.id).ask(event.text, day, lang=lang)
    if asked.behaviour is Behaviour.DECLINE_TOPIC:
        return says(say(member.language, "files.where"))
    held = tuple(CodeCandidate(str(r), str(c), float(p)) for r, c, p in awaiting["candidates"])
    good = Good(name=str(awaiting["good"]), kind="equipment", candidates=held)
    read_ = services.advisor.reader.read(event.text, day, services.settings.home_country)
    if any(g.codes or any(g.elements.values()) for g in read_.transaction.goods):
        answer, basis = asked, Basis("asked", day, lang)  # the caption names goods of its own: those are meant
    else:
        basis = Basis("goods", day, lang, goods=(good,))
        answer = services.answers_for(member.id).again(asked, asked.on, deal=replace(asked.transaction, goods=(good,)))
    now = replace(sitting, awaiting={})
    return ask.kept(services, event, member, now, replace(answer, continues=False), basis, goes_on=False)


ROOM = Room(awaited={"files.route": Pressed(_answered, Role.EXPORTER)})
