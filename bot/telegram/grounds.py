"""Why an answer came out as it did, in the few lines that a card has room for; and what a group may read of them. Pure."""

from collections.abc import Iterable, Sequence

from bot.telegram.page import MARK, SENTENCE, Page, is_one
from bot.telegram.words import flat, listed
from knowledge.model import Determination, Finding, Lang, Outcome, Status
from knowledge.rulebook import load

_CLASSED = ("us.item_known_product", "us.item_stated", "us.item_inferred", "us.ear99_stated", "us.ear99_known_product", "us.ear99_inferred")  # fmt: skip
CAVEATS = ("line.changes_on", "line.rule_upcoming", "line.not_modelled", "line.held", "line.origin_assumed", "us.reach_assumed", "us.reach_stated", "line.assumed_metal", "line.truncated")  # fmt: skip
_ROWS = ("us.row_needed", "us.row_needed_stated", "us.row_unsettled", "us.row_scope_open", "us.row_open")
_OF_VALUES = ("us.deminimis_over", "us.deminimis_under", "us.deminimis_open", "us.exception.over_value")


def reasons(page: Page) -> list[str]:
    """At most two lines that carry the verdict; then the codes that they leave out, and a suspension that ran out."""
    found = sorted(page.answer.determinations, key=lambda d: -d.outcome.gravity)
    if len(found) == 1:
        lines = _grounds(page, found[0])
    else:
        grounds = [[g for g in _grounds(page, d) if not is_one(page.lang, _CLASSED, g)] for d in found]
        lines = [line for ground in grounds for line in ground[:1]]
    if not found:
        lines = page.lines("why")
    split = [_standing_apart(page.lang, line) for line in dict.fromkeys(lines)]
    shown = list(dict.fromkeys(filter(None, (_without_names(page, line) for line, _ in split))))[:2]
    return [*shown, *_other_codes(page, found, shown), *_lapsed(page, found)]


def _grounds(page: Page, of: Determination) -> list[str]:
    """The lines of a regime that rest on what decides there, best first."""
    grounds = [f for f in of.findings if f.outcome is of.outcome and f.truth is not False]
    if len(_open_codes([of])) > 2 and not any(f.truth for f in grounds):
        return []  # their codes follow in one line
    why, deal = page.lines("why"), page.lines("deal")
    classed = [line for line in why if of.regime == "US" and is_one(page.lang, _CLASSED, line)]
    beside = (*_CLASSED, "us.row_clear") if of.outcome.gravity > Outcome.NO_LICENCE_FOUND.gravity else _CLASSED
    lines = []
    for finding in sorted(grounds, key=lambda f: f.truth is not True):
        n = page.number(finding.reference)
        fit = [line for line in why + deal if f"[{n}]" in line and not is_one(page.lang, beside, line)]
        exact = [line for line in fit if finding.rule in line and finding.rule in load().by_code]
        lines += (exact or fit)[:1]
    party = [line for line in deal if any(n in line for n in page.names)]
    if lines and lines[0] in deal and party and not page.group:
        marks = set(MARK.findall(lines[0]))
        party.sort(key=lambda line: not marks & set(MARK.findall(line)))
        return list(dict.fromkeys([lines[0], party[0]]))
    if of.regime == "US":
        lines += [line for line in why if is_one(page.lang, _ROWS, line) and "us.row_clear" in beside]
    if lines:
        return list(dict.fromkeys([*classed[:1], *lines]))
    if of.regime == "CN":
        rest = [line for line in why if not is_one(page.lang, ("line.regime", "line.hs", *CAVEATS), line)]
    else:
        rest = [*classed, *(line for line in why if any(c in line for c in of.entries))]
    return list(dict.fromkeys(rest or why))


def _open_codes(found: Iterable[Determination]) -> list[str]:
    """Listed codes of which the facts leave open whether they apply."""
    return [f.rule for d in found for f in d.findings if f.truth is None and f.rule in load().by_code]


def _standing_apart(lang: Lang, line: str) -> tuple[str, str]:
    """A line, and what it says of a suspension that ran out, which is said once for all entries."""
    for match in SENTENCE.finditer(line):
        if is_one(lang, ("line.suspension_lapsed",), rest := line[match.end() :]):
            return line[: match.start()], rest
    return line, ""


def _lapsed(page: Page, found: Iterable[Determination]) -> list[str]:
    """What is said of a suspension that ran out, with the codes that it concerns."""
    over = [f for d in found for f in d.findings if f.status is Status.SUSPENSION_LAPSED and f.truth is not False]
    codes = list(dict.fromkeys(f.rule for f in over if f.rule in load().by_code))
    said = [rest for line in page.lines("why") if (rest := _standing_apart(page.lang, line)[1])]
    if not codes or not said:
        return []
    return [page.say("about", codes=listed(page.lang, codes, 4), said=said[0])]


def _without_names(page: Page, line: str) -> str:
    """The line as a group may read it: without the words of the question; empty where nothing is left to show."""
    if not page.group:
        return line
    for good in sorted(page.goods, key=len, reverse=True):
        for colon in (": ", "："):
            line = line.removeprefix(flat(good) + colon)
    told_good = any(flat(g) in line for g in page.goods if any(c.isdigit() for c in g))
    codes = [c for d in page.answer.determinations for c in d.entries]
    about_code = any(c in line for c in codes) or not codes
    return "" if told_good or names_somebody(page, line) or not about_code else line


def names_somebody(page: Page, line: str) -> bool:
    """Does the line tell of a party, a value or the stated use?"""
    if is_one(page.lang, _OF_VALUES, line):
        return True
    folded = line.casefold()
    secrets = [*page.names, *(t for t in [flat(page.answer.transaction.end_use_text)] if len(t) > 12)]
    return any(s.casefold() in folded for s in secrets)


def _other_codes(page: Page, found: Sequence[Determination], shown: Sequence[str]) -> list[str]:
    """The listed codes that apply or may apply and that no line shown names."""
    open_or_so = [f for d in found for f in d.findings if f.rule in load().by_code and f.truth is not False]
    open_or_so = [f for f in open_or_so if not any(f.rule in line for line in shown)]
    sure = [f for f in open_or_so if f.truth and f.outcome.gravity >= Outcome.LICENCE_REQUIRED.gravity]
    maybe = [f for f in open_or_so if f not in sure and (f.truth is None or f.outcome is Outcome.NEEDS_MORE_INFO)]
    lines = []
    for key, findings in (("applies_too", sure), ("may_apply", maybe)):
        codes = list(dict.fromkeys(_coded(page, f) for f in findings))
        lines += [page.say(key, codes=listed(page.lang, codes, 6))] if codes else []
    return lines


def _coded(page: Page, finding: Finding) -> str:
    n = page.number(finding.reference)
    return page.say("code", code=finding.rule, mark=f"[{n}]").strip() if n else finding.rule
