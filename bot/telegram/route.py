"""The deal as it was read, so that a misreading is seen before it costs anything. Pure."""

from collections.abc import Iterator, Sequence

from bot.rich import Rich, bold, code, joined
from bot.telegram.page import Page
from bot.telegram.words import comma, flat
from knowledge import naming, wording
from knowledge.model import Answer, Good, PartyMatch, Quantity
from knowledge.rulebook import load


def route(answer: Answer) -> Rich:
    """The deal as it was read, so that a misreading is seen before it costs anything."""
    page = Page(answer)
    lines = [bold(page.say("route"))]
    for key, values in rows(answer):
        head = bold(page.say(key)) + (":" if page.lang == "en" else "：")
        if len(values) > 1:
            lines += [head, *("• " + v for v in values)]
        else:
            lines.append(head + (" " if page.lang == "en" else "") + values[0])
    return joined(lines)


def rows(answer: Answer) -> list[tuple[str, Sequence[Rich]]]:
    """What the deal says under each of the catalogue's names, one value or several; what matters and was not said is
    there as such, the rest left out."""
    page, deal = Page(answer), answer.transaction
    found: list[tuple[str, Sequence[Rich]]] = [
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
    wanted = ("goods", "origin", "destination", "parties", "end_use")
    silent = [Rich(page.say("not_stated"))]
    return [(key, values or silent) for key, values in found if values or key in wanted]


def _origin(page: Page) -> Rich:
    deal = page.answer.transaction
    country = naming.country(page.lang, deal.origin.country) if deal.origin else ""
    return Rich(page.say("origin_assumed", country=country) if deal.origin_assumed else country)


def _good(page: Page, item: Good) -> Rich:
    lang, book = page.lang, load()
    there = [s for s, held in item.elements.items() if held]
    absent = [s for s, held in item.elements.items() if not held]
    details = [naming.kind(book, lang, item.kind)]
    details += [naming.form(book, lang, f) for f in item.forms]
    details += [page.say("part", name=naming.kind(book, lang, p)) for p in item.parts]
    details += [page.say("contains", name=naming.elements(book, lang, there))] if there else []
    details += [page.say("without", elements=naming.elements(book, lang, absent[:8]))] if absent else []
    details += [page.say("may_contain", elements=naming.elements(book, lang, sorted(item.may_contain)[:8]))] if item.may_contain else []  # fmt: skip
    details += [page.say("share", element=naming.elements(book, lang, [s]), quantity=_amount(q)) for s, q in item.shares.items()]  # fmt: skip
    details += [f"{naming.quantity(lang, name)} {_amount(q)}" for name, q in item.properties.items()]
    details += ["×".join(_amount(q) for q in item.dimensions)] if item.dimensions else []
    details += [page.say("codes", codes=", ".join(item.codes))] if item.codes else []
    details += [page.say("hs", numbers=", ".join(item.hs))] if item.hs else []
    said = page.say("detail", name="\0", details=comma(lang).join(flat(d) for d in details))
    before, after = said.split("\0")
    return before + code(flat(naming.good(book, lang, item))) + after


def _amount(quantity: Quantity) -> str:
    sign = {"=": "", ">=": "≥ ", "<=": "≤ "}.get(quantity.bound, quantity.bound + " ")
    number = f"{quantity.magnitude:f}"
    if quantity.upper is not None:
        number += f"–{quantity.upper:f}"
    unit = {"percent": "%"}.get(quantity.unit, quantity.unit.replace("_", " "))
    return f"{sign}{number} {unit}".strip()


def _parties(page: Page) -> Iterator[Rich]:
    deal = page.answer.transaction
    for key, matches in (("party_listed", deal.parties), ("party_maybe", deal.possible_parties)):
        for match in matches[:8]:
            yield _match(page, key, match)
        if len(matches) > 8:
            yield Rich(page.say("too_many", count=len(matches) - 8))
    for name in deal.named_parties:
        yield code(flat(name)) + page.say("party_clear", name="")


def _match(page: Page, key: str, match: PartyMatch) -> Rich:
    known = f"list.{match.party.list}"
    on = page.word(known) if wording.known(page.lang, known) else match.party.list
    listed = flat(match.party.name.get(page.lang) or match.party.name["en"])
    return code(flat(match.name)) + page.say(key, name="", listed=listed, list=on, score=f"{match.score:.0f}")


def _use(page: Page) -> list[Rich]:
    deal = page.answer.transaction
    kind = page.say(deal.end_use) if deal.end_use in ("civil", "military", "wmd") else flat(deal.end_use or "")
    words = flat(deal.end_use_text)
    parts = [Rich(kind), code(words) if words and words != kind else Rich()]
    return [joined(parts, " · ")] if any(parts) else []


def _when(page: Page) -> str:
    when = page.answer.transaction.when
    if when is None:
        return page.say("today", on=page.answer.on)
    return str(when.first) if when.first == when.last else page.say("period", start=when.first, end=when.last)


def _assumed(page: Page) -> Iterator[str]:
    deal = page.answer.transaction
    if deal.origin_assumed and deal.origin:
        yield page.say("assumed_origin", country=naming.country(page.lang, deal.origin.country))
    for item in deal.goods:
        if "metal" in item.assumed:
            yield page.say("assumed_metal", name=flat(naming.good(load(), page.lang, item)))
    for key in ("us_origin", "chinese_origin"):
        if getattr(deal, key):
            yield page.say(key)
    if deal.transfer:
        yield page.say("transfer")
