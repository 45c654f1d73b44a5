"""Pages of the rule data for `navicert rules`: pure, returns rich renderables."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from knowledge.errors import BadInput
from knowledge.model import Confidence, Lang, Measure, Provision
from knowledge.rulebook import ControlEntry, RuleBook
from knowledge.wording import say


def show(book: RuleBook, code: str, lang: Lang) -> RenderableType:
    """A control code with all below it, or an instrument with its provisions. Raises BadInput for neither."""
    entries = book.under(code) or book.under(code.upper()) or book.under(code[:1].upper() + code[1:])
    if entries:
        return Group(*(part for e in entries for part in _entry(book, e, lang)))
    instrument = book.instruments.get(code) or book.instruments.get(code.upper())
    if instrument is None:
        raise BadInput(
            f"{code!r} is no control code or instrument here. See `navicert rules coverage` for what there is."
        )
    codes = {e.code for e in book.entries}
    parts: list[RenderableType] = [
        Text(f"{instrument.id}  {instrument.number[lang]}", style="bold"),
        Text(instrument.title[lang]),
        Text(instrument.url, style="dim"),
        Text(""),
    ]
    parts += [_provision(p, lang) for p in instrument.provisions if p.id not in codes]
    parts += [part for e in book.entries if e.instrument == instrument.id for part in _entry(book, e, lang)]
    return Group(*parts)


def _provision(provision: Provision, lang: Lang) -> Text:
    text = Text(f"{provision.id}  ", style="bold")
    text.append(provision.text[lang], style="default")
    if provision.confidence is Confidence.UNCONFIRMED:
        text.append(f"  {say(lang, 'confidence.unconfirmed')}", style="bold red")
    return text


def _entry(book: RuleBook, entry: ControlEntry, lang: Lang) -> list[RenderableType]:
    head = Text(f"{entry.code}  ", style="bold")
    head.append(entry.description[lang], style="default")
    if entry.confidence is Confidence.UNCONFIRMED:
        head.append(f"  {say(lang, 'confidence.unconfirmed')}", style="bold red")
    lines: list[RenderableType] = [head]
    if entry.hs_reference:
        lines.append(Text("    HS " + ", ".join(entry.hs_reference), style="dim"))
    if entry.note:
        lines.append(Text("    " + entry.note[lang]))
    lines.append(Text("    " + "; ".join(_measure(m, lang) for m in entry.timeline), style="dim"))
    lines.append(Text(f"    {entry.instrument}  {book.instruments[entry.instrument].url}", style="dim"))
    return lines


def _measure(measure: Measure, lang: Lang) -> str:
    unsure = f", {say(lang, 'confidence.unconfirmed')}" if measure.confidence is Confidence.UNCONFIRMED else ""
    return f"{measure.start} {say(lang, f'status.{measure.status}')} ({measure.reference.instrument} {measure.reference.provision}{unsure})"


def timeline(book: RuleBook, id_: str, lang: Lang) -> RenderableType:
    """The dated statuses of an instrument; entries and rules with a timeline of their own are listed apart."""
    instrument = book.instruments.get(id_) or book.instruments.get(id_.upper())
    if instrument is None:
        raise BadInput(
            f"{id_!r} is no instrument here. Write its id, such as CN-2025-18; `navicert rules coverage` lists them."
        )
    table = Table(
        "",
        "from",
        "status",
        "laid down in",
        "",
        title=f"{instrument.id}  {instrument.number[lang]}",
        title_justify="left",
    )
    _rows(table, instrument.id, instrument.timeline, lang)
    for entry in book.entries:
        if entry.instrument == instrument.id and entry.timeline != instrument.timeline:
            _rows(table, entry.code, entry.timeline, lang)
    for rule in book.restrictions:
        if rule.reference.instrument == instrument.id and rule.timeline != instrument.timeline:
            _rows(table, rule.id, rule.timeline, lang)
    return table


def _rows(table: Table, name: str, measures: Sequence[Measure], lang: Lang) -> None:
    for i, m in enumerate(measures):
        unsure = say(lang, "confidence.unconfirmed") if m.confidence is Confidence.UNCONFIRMED else ""
        where = f"{m.reference.instrument} {m.reference.provision}"
        table.add_row(name if i == 0 else "", m.start.isoformat(), say(lang, f"status.{m.status}"), where, unsure)


def coverage(book: RuleBook, lang: Lang) -> RenderableType:
    """One table from the registry: area, modelled or not, instruments, how many entries."""
    table = Table(Column("id", no_wrap=True), "", Column("area", overflow="fold"), "modelled", "instruments", "entries")
    for line in book.coverage:
        entries = sum(e.instrument in line.instruments for e in book.entries)
        mark = Text("yes", style="green") if line.modelled else Text("no", style="red")
        table.add_row(line.id, line.regime, line.area[lang], mark, ", ".join(line.instruments), str(entries or ""))
    return table
