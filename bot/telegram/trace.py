"""How an answer came out: every rule tried, with its conditions. Pure."""

from collections.abc import Iterator, Sequence

from bot.rich import Rich, bold, joined, quote
from bot.telegram.conditions import said
from bot.telegram.page import ICONS, Page
from knowledge.model import Answer, Step

SHOWN = 40
"""Rules that do not apply, listed on the page of reasons; the rest are counted."""


def why(answer: Answer) -> Rich:
    """How it came out: per regime the rules that apply or stay open with every condition, and the others folded."""
    page = Page(answer)
    parts = []
    for each in answer.determinations:
        verdict = page.say("outcome", regime=page.word(f"regime.{each.regime}"), verdict=page.word(f"verdict.{each.outcome}"))  # fmt: skip
        # Of several goods a rule may be open for one and apply to another.
        sure = {s.label for s in each.trace if s.truth}
        shown = dict.fromkeys(s for s in each.trace if s.truth or (s.truth is None and s.label not in sure))
        lines = [page.rich(line) for step in shown for line in _tree(page, step, 0)]
        lines = lines or [Rich(page.say("nothing_applies"))]
        parts.append(joined((bold(f"{ICONS[each.outcome]} {verdict}"), *lines)))
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
    reason = said(page, step.why)
    key = "step_why" if reason else "step"
    return page.say(key, icon=icon, word=page.say(word), label=said(page, step.label), why=reason)
