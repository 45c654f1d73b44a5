"""`navicert eval`: run files of cases through the same pipeline as `navicert ask` and say how it did."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bot.clock import day
from bot.library_services import Json, console
from knowledge.errors import BadInput

if TYPE_CHECKING:  # loaded where the command runs: every other command starts without them
    from bot.case_files import CaseFile
    from bot.evaluation import Judge, Scored

QUIET = 5.0
"""Seconds between two lines of progress on standard error."""

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Open sets or sentence cases: YAML or JSON lines.")
]
Report = Annotated[Path | None, typer.Option(help="Write a Markdown report with each failure here.")]
Split = Annotated[str, typer.Option(help="Only the cases of this split: train, dev or held.")]
Least = Annotated[float, typer.Option("--min", min=0, max=1, help="The share of cases that must pass, else status 1.")]
On = Annotated[
    str | None, typer.Option("--on", help="Read the law as of this day (YYYY-MM-DD) where a case says none.")
]


def register(app: typer.Typer, advisor: Callable[[], Any], judge: "Callable[[], Judge] | None" = None) -> None:
    """Add the command. `advisor` makes what answers, with the settings of this process; `judge` who says what of an
    answer is unsupported (the verifier)."""

    def evaluate(
        files: Files,
        report: Report = None,
        split: Split = "",
        least: Least = 1.0,
        on: On = None,
        as_json: Json = False,
    ) -> None:
        """Ask every question of the files: is the right passage cited, the verdict right, anything said unsupported?

        Exit status 1 where fewer cases pass than --min, or where anything was cleared that must not be.
        """
        from bot import eval_judge, eval_report

        when = day(on)
        chosen = _chosen(files, split)
        rows = _scored(chosen, when, advisor(), (judge or eval_judge.judge)(), sys.stderr)
        sets = _sets(chosen, rows)
        if report is not None:
            about = {"day": when.isoformat(), "files": ", ".join(file.name for file in chosen)}
            _write(report, eval_report.markdown(sets, about))
        if as_json:
            print(json.dumps(eval_report.plain(sets), ensure_ascii=False, indent=1))
        else:
            console().print(_table(*eval_report.table(sets)))
        if not _good_enough([row for found in sets.values() for row in found], least):
            raise typer.Exit(1)

    app.command("eval")(evaluate)


def _chosen(files: Sequence[Path], split: str) -> "list[CaseFile]":
    """Every file is read before the first question is asked: a mistake in the last one shows at once."""
    from bot.case_files import SPLITS, CaseFile, load

    if split not in ("", *SPLITS):
        raise BadInput(f"--split: {split!r} is none. Write {' or '.join(SPLITS)}.")
    chosen = []
    for path in files:
        file = load(path)
        kept = tuple(case for case in file.cases if split in ("", case.split))
        if not kept:
            raise BadInput(f"{path}: no case has split {split!r}. Leave --split out to run all of them.")
        chosen.append(CaseFile(file.name, kept))
    return chosen


def _scored(files: "Sequence[CaseFile]", on: date, advisor: Any, judge: "Judge", stream: TextIO) -> "Iterator[Scored]":
    """Every case in order; says how far it is every few seconds."""
    from bot.evaluation import score

    cases = [(file.name, case) for file in files for case in file.cases]
    last = time.monotonic()
    for done, (name, case) in enumerate(cases):
        if time.monotonic() - last >= QUIET:
            last = time.monotonic()
            print(f"{done} of {len(cases)} questions", file=stream, flush=True)
        try:
            answer = advisor.ask(case.question, case.on or on)
        except BadInput as error:
            raise BadInput(f"{name}: {case.id}: {error}") from None
        yield score(case, answer, judge)


def _sets(files: "Sequence[CaseFile]", rows: "Iterator[Scored]") -> "dict[str, list[Scored]]":
    """What came of the cases by file and split, in the files' order."""
    from bot.eval_report import split

    sets: dict[str, list[Scored]] = {}
    for file in files:
        for name, found in split(file.name, [next(rows) for _ in file.cases]).items():
            sets.setdefault(name, []).extend(found)
    return sets


def _good_enough(rows: "Sequence[Scored]", least: float) -> bool:
    passed = sum(row.passed for row in rows)
    return passed >= least * len(rows) and not any(row.false_clearance for row in rows)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"--report: cannot write {path}: {error.strerror}. Name a file in a folder that is there."
        ) from None


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    """A column a set: the measures are many, the sets few."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in (head[0], *(row[0] for row in rows)):
        table.add_column(name, overflow="fold")
    for measure, *cells in list(zip(head, *rows, strict=True))[1:]:
        table.add_row(*(Text(cell) for cell in (measure, *cells)))
    return table
