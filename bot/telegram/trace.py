"""How an answer came out: every rule tried, with its conditions. Pure."""

import re
from collections.abc import Iterator, Sequence

from bot.rich import Rich, bold, joined, quote
from bot.telegram.page import ICONS, Page, called
from bot.telegram.words import flat, listed
from knowledge import naming, wording
from knowledge.model import Answer, Step

SHOWN = 40
"""Rules that do not apply, listed on the page of reasons; the rest are counted."""


def why(answer: Answer) -> Rich:
    """How it came out: per regime the rules that apply or stay open with every condition, and the others folded."""
    page = Page(answer)
    parts = []
    for each in answer.determinations:
        said = page.say("outcome", regime=page.word(f"regime.{each.regime}"), verdict=page.word(f"verdict.{each.outcome}"))  # fmt: skip
        # Of several goods a rule may be open for one and apply to another.
        sure = {s.label for s in each.trace if s.truth}
        shown = dict.fromkeys(s for s in each.trace if s.truth or (s.truth is None and s.label not in sure))
        lines = [page.rich(line) for step in shown for line in _tree(page, step, 0)]
        lines = lines or [Rich(page.say("nothing_applies"))]
        parts.append(joined((bold(f"{ICONS[each.outcome]} {said}"), *lines)))
        parts.append(_not_applying(page, [s for s in each.trace if s.truth is False]))
    if not parts:
        return Rich(page.say("no_trace"))
    return joined((bold(page.say("trace")), *parts), "\n\n")


def _not_applying(page: Page, steps: Sequence[Step]) -> Rich:
    if not steps:
        return Rich()
    lines = [page.rich(_stepped(page, step)) for step in steps[:SHOWN]]
    if len(steps) > SHOWN:
        lines.append(Rich(page.say("too_many", count=len(steps) - SHOWN)))
    return joined((bold(page.say("not_applying", count=len(steps))), quote(joined(lines), folded=True)))


def _tree(page: Page, step: Step, depth: int) -> Iterator[str]:
    inner = step.children
    if len(inner) == 1 and inner[0].label == "all":
        inner = inner[0].children  # "all of these" goes without saying
    bare = Step(step.label, step.truth, "" if inner else step.why)
    yield "\u2003" * depth + _stepped(page, bare)
    for child in inner:
        yield from _tree(page, child, depth + 1)


def _stepped(page: Page, step: Step) -> str:
    icon, word = {True: ("✅", "yes"), False: ("✖", "no"), None: ("❓", "unknown")}[step.truth]
    reason = _condition(page, step.why)
    key = "step_why" if reason else "step"
    return page.say(key, icon=icon, word=page.say(word), label=_condition(page, step.label), why=reason)


_CONDITIONS = {
    r"goods on the list": "on_list",
    r"goods on the list \((?P<codes>.+)\)": "on_list_of",
    r"destination or end user in: (?P<places>.+)": "destined",
    r"exported from: (?P<places>.+)": "from",
    r"exporter: china": "from_china",
    r"exporter: abroad": "from_abroad",
    r"military end user or end use": "military",
    r"end use: (?P<use>.+)": "use",
    r"party on the (?P<list>.+) list": "party",
    r"goods of Chinese origin": "chinese",
    r"transfer of technology": "transfer",
    r"owned by (?P<list>.+) parties, (?P<share>.+)": "owned",
    r"covers the item": "covers",
    r"bites at the destination": "bites",
    r"alloy of (?P<alloys>.+)": "alloy",
    r"read as (?P<kind>\w+)": "read_as",
    r"kind: (?P<kind>\w+)": "kind",
    r"part: (?P<kind>\w+)": "part",
    r"form: (?P<form>\w+)": "form",
    r"contains: (?P<element>\w+)": "contains",
    r"(?P<word>all|any|not)": "word",
}
_TOLD = re.compile(r"(.*?): (?:yes|no|not known)(?: \((.*)\))?")
_PLACES = 6


def _condition(page: Page, label: str) -> str:
    """A condition of the trace in the answer's language; as it stands where it is none of the usual ones."""
    label = flat(label)
    if told_too := _TOLD.fullmatch(label):
        parts = [_condition(page, part) for part in told_too.groups() if part]
        return ("; " if page.lang == "en" else "；").join(parts)
    for pattern, key in _CONDITIONS.items():
        if found := re.fullmatch(pattern, label):
            return _condition_said(page, key, found.groupdict())
    return label


def _condition_said(page: Page, key: str, values: dict[str, str]) -> str:
    if key == "word":
        return page.say(f"condition.{values['word']}")
    for name in ("kind", "form", "element"):
        if name in values:
            option = {"kind": "kind", "form": "form", "element": "contains"}[name]
            return page.say(f"condition.{key}", name=called(page.lang, option, values[name]))
    if "places" in values:
        codes = values["places"].split(", ")
        names = [naming.country(page.lang, c) if re.fullmatch(r"[A-Z]{2}", c) else c for c in codes]
        values = {"places": listed(page.lang, names, _PLACES)}
    if "list" in values and wording.known(page.lang, f"list.{values['list']}"):
        values = {**values, "list": page.word(f"list.{values['list']}")}
    if values.get("use") in ("civil", "military", "wmd"):
        values = {"use": page.say(values["use"])}
    return page.say(f"condition.{key}", **values)
