"""The pages behind a card's buttons: the whole answer, and each of its sources. Pure."""

import re

from bot.rich import Rich, bold, clean, joined, link, quote, units
from bot.telegram.page import Page, cited, headed, verdict
from bot.telegram.words import flat
from knowledge import wording
from knowledge.model import Answer, Citation, Confidence

_OWN_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
FOLD = 240
"""Quotes longer than this show their first lines only, until they are tapped."""


def full(answer: Answer) -> Rich:
    """The whole answer: every section under its heading, every mark a link, then the sources."""
    page = Page(answer)
    sections: dict[str, list[str]] = {}
    for section in answer.sections:
        if section.key != "verdict":
            sections.setdefault(section.key, []).extend(map(page.flat, section.lines))
    parts = [verdict(page)]
    for key, lines in sections.items():
        heading = f"heading.{key}"
        name = page.word(heading) if wording.known(page.lang, heading) else key
        parts.append(headed(name, ("• " + page.rich(line) for line in dict.fromkeys(lines))))
    body = joined(parts, "\n\n")
    return joined((body, cited(page, body)), "\n\n")


def sources(answer: Answer) -> list[Rich]:
    """Every citation: its instrument and place, dates, link, standing, and the words it quotes."""
    page = Page(answer)
    return [_source(page, c) for c in answer.citations]


def _place(page: Page, citation: Citation) -> str:
    """Where it stands: what the official text calls the place, an article by its number; our own digests have names that
    mean nothing to a reader ("effect")."""
    if citation.label:
        return flat(citation.label)
    if citation.provision.replace(".", "").isdecimal():
        return page.say("article", number=citation.provision)
    return "" if citation.digest and _OWN_NAME.fullmatch(citation.provision) else flat(citation.provision)


def _source(page: Page, citation: Citation) -> Rich:
    place = _place(page, citation)
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
            bold(f"[{citation.n}] {flat(citation.title)}"),
            " · ".join(part for part in (place, dates, standing) if part),
            link(page.say("open_source"), citation.url),
            page.say("digest" if citation.digest else "official"),
            quote(said, folded=units(said) > FOLD),
        )
    )
