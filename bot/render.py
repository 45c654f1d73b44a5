"""Answer -> what a person sees in a terminal. Pure: returns rich renderables, prints nothing."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from knowledge.model import Answer, Citation, Confidence, Outcome, Step
from knowledge.wording import known, say

_COLOURS = {
    Outcome.PROHIBITED: "bold white on red",
    Outcome.LICENCE_REQUIRED: "bold black on yellow",
    Outcome.NEEDS_MORE_INFO: "bold black on cyan",
    Outcome.NO_LICENCE_FOUND: "bold white on blue",
    Outcome.OUT_OF_SCOPE: "bold white on bright_black",
}


def page(answer: Answer) -> RenderableType:
    """The whole answer: verdict first, then the sections, then the sources."""
    parts: list[RenderableType] = []
    for section in answer.sections:
        if section.key == "verdict":
            parts.append(Text(f" {section.lines[0]} ", style=_COLOURS[answer.verdict]))
            parts += [Text(line) for line in section.lines[1:]]
            continue
        parts += [Text(""), Text(_heading(answer.lang, section.key), style="bold"), _bullets(section.lines)]
    if answer.citations:
        parts += [Text(""), Text(_heading(answer.lang, "sources"), style="bold"), _sources(answer)]
    return Group(*parts)


def _heading(lang: str, key: str) -> str:
    return say(lang, f"heading.{key}") if known(lang, f"heading.{key}") else key


def _bullets(lines: Iterable[str]) -> Table:
    """A list with hanging indents; Chinese, which has no spaces to break at, wraps in its column."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1, no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        text = Text(line)
        text.highlight_regex(r"\[\d+\]", "dim cyan")
        grid.add_row("•", text)
    return grid


def _sources(answer: Answer) -> RenderableType:
    """One block an instrument: its title, dates and link, and under which numbers its passages are cited."""
    blocks: list[RenderableType] = []
    by_instrument: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_instrument.setdefault(citation.instrument, []).append(citation)
    for instrument, citations in by_instrument.items():
        first = citations[0]
        text = Text(f" {instrument}  ", style="bold")
        text.append(first.title, style="default")
        if first.url:
            text.append(f"\n   {first.url}", style="dim")
        blocks.append(text)
        for citation in citations:
            blocks += _source(answer, citation)
    if any(c.digest for c in answer.citations):
        blocks.append(Text(" " + say(answer.lang, "confidence.digest"), style="dim"))
    return Group(*blocks)


def _source(answer: Answer, citation: Citation) -> list[RenderableType]:
    """The place and dates of one passage, and under it the official words where they are held."""
    dates = str(citation.effective_from or "") + (f" … {citation.effective_to}" if citation.effective_to else "")
    place = citation.label or citation.provision
    if citation.page:
        place += say(answer.lang, "confidence.page", page=citation.page)
    text = Text.assemble((f"   [{citation.n}] ", "cyan"), (f"{place}  ({dates})" if dates else place, "default"))
    if citation.confidence is Confidence.UNCONFIRMED:
        text.append(f"  {say(answer.lang, 'confidence.unconfirmed')}", style="bold red")
    if citation.digest:
        return [text]
    official = say(answer.lang, "confidence.official")
    return [
        text,
        Padding(
            Text.assemble((f"{official} ", "dim"), (_quoted(citation.quote), "italic")), (0, 0, 0, 7), expand=False
        ),
    ]


QUOTED = 160
"""Characters of an official passage on a terminal page; `ask --json` and `navicert read` give the whole."""


def _quoted(quote: str) -> str:
    line = " ".join(quote.split())
    return f"“{line}”" if len(line) <= QUOTED else f"“{line[:QUOTED].rstrip()}” …"


def trace(answer: Answer) -> RenderableType:
    """Every rule tried, as a tree: what applied or stayed open in full, the rest counted."""
    trees: list[RenderableType] = []
    for determination in answer.determinations:
        tree = Tree(f"{determination.regime}: {determination.outcome}")
        shown = [s for s in determination.trace if s.truth is not False]
        failed = [s for s in determination.trace if s.truth is False]
        _grow(tree, shown)
        rest = tree.add(f"{len(failed)} rules do not apply")
        for step in failed:
            rest.add(Text(f"{step.label}: {step.why}", style="dim"))
        trees.append(tree)
    return Group(*trees)


def _grow(tree: Tree, steps: Iterable[Step]) -> None:
    for step in steps:
        mark = {True: "yes", False: "no", None: "not known"}[step.truth]
        style = {True: "green", False: "dim", None: "yellow"}[step.truth]
        branch = tree.add(Text(f"{step.label}: {mark}" + (f" ({step.why})" if step.why else ""), style=style))
        _grow(branch, step.children)
