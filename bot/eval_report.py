"""What an evaluation found: a table for the terminal, a Markdown report with each failure, and plain data. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.case_files import OpenCase
from bot.evaluation import FIRST, Figures, Scored, figures

COLUMNS = {
    "cited": f"cited in first {FIRST}",
    "quoted": "fact quoted",
    "answered": "answered",
    "abstained": "abstained",
    "let_through": "not taken for evasion",
    "verdict": "verdict",
    "behaviour": "behaviour",
    "grounds": "grounds",
    "entries": "entries",
    "asked": "asked",
    "status": "status",
    "language": "language",
}
"""The checks a table shows, each only where some case asked for it."""
TEXT = 1500
"""Characters of an answer's text that a failure shows."""

Sets = Mapping[str, Sequence[Scored]]
"""Scored cases by the name of their set."""


def split(name: str, scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The cases of a file by split, named "en.yaml dev" and "en.yaml held"; whole where no case has a split."""
    sets: dict[str, list[Scored]] = {}
    for row in scored:
        sets.setdefault(f"{name} {row.case.split}".rstrip(), []).append(row)
    return sets


def table(sets: Sets) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a row a set, and one for all where there are several."""
    found = {name: figures(rows) for name, rows in sets.items()}
    if len(found) > 1:
        found["all"] = figures([row for rows in sets.values() for row in rows])
    shown = [c for c in COLUMNS if any(c in f.asked for f in found.values())]
    head = ["set", "cases", *(COLUMNS[c] for c in shown), "unsupported", "false clearances", "passed"]
    return head, [_row(name, f, shown) for name, f in found.items()]


def _row(name: str, f: Figures, shown: Sequence[str]) -> list[str]:
    checks = [share(f.held.get(c, 0), f.asked[c]) if c in f.asked else "" for c in shown]
    return [name, str(f.cases), *checks, str(f.unsupported), str(f.false_clearances), share(f.passed, f.cases)]


def share(part: int, whole: int) -> str:
    """ "17 of 20 (85 %)" """
    return f"{part} of {whole} ({100 * part // whole if whole else 0} %)"


def markdown(sets: Sets, about: Mapping[str, str]) -> str:
    """The report: figures, figures by kind and language, then every failure with what was expected and what came."""
    lines = ["# Evaluation", "", *(f"- {key}: {value}" for key, value in about.items()), ""]
    lines += [*_grid(*table(sets)), ""]
    for name, rows in sets.items():
        groups = _groups(rows)
        if len(groups) > 1:
            lines += [f"## {name}, by kind and language", "", *_grid(*table(groups)), ""]
    for name, rows in sets.items():
        failed = [row for row in rows if not row.passed]
        lines += [f"## {name}: {len(failed)} failed", ""]
        for row in failed:
            lines += [*_failure(row), ""]
    return "\n".join(lines).rstrip() + "\n"


def _groups(rows: Sequence[Scored]) -> dict[str, list[Scored]]:
    groups: dict[str, list[Scored]] = {}
    for row in rows:
        if isinstance(row.case, OpenCase):
            kind = row.case.kind if row.case.answerable else "unanswerable"
            groups.setdefault(f"{kind}, asked in {row.case.lang}", []).append(row)
    return dict(sorted(groups.items()))


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _failure(row: Scored) -> Iterator[str]:
    answer = row.answer
    missed = [name for name, good in row.checks.items() if not good]
    missed += ["unsupported"] * bool(row.unsupported) + ["FALSE CLEARANCE"] * row.false_clearance
    yield f"### {row.case.id}: {', '.join(missed)}"
    yield ""
    yield f"- question: {_inline(row.case.question)}"
    yield f"- expected: {_inline(expectation(row))}"
    yield f"- got: {answer.behaviour}, {answer.verdict}, intent {answer.intent}"
    for citation in answer.citations[:FIRST]:
        where = f"{citation.instrument} {citation.provision} {citation.label}".rstrip()
        yield f"  - [{citation.n}] {_inline(where)}: {_inline(citation.quote[:200])}"
    for said in row.unsupported:
        yield f"- unsupported: {_inline(said)}"
    yield ""
    yield from (f"    {line}".rstrip() for line in answer.text[:TEXT].splitlines())


def expectation(row: Scored) -> str:
    """What the case asks for, in one line."""
    case = row.case
    if not isinstance(case, OpenCase):
        wanted = {
            "verdict": case.verdict, "behaviour": case.behaviour, "cites": ", ".join(case.cites),
            "entries": ", ".join(case.entries), "not": ", ".join(case.not_entries), "asks": ", ".join(case.missing),
            "status": case.status, "language": case.lang,
        }  # fmt: skip
        return "; ".join(f"{key} {value}" for key, value in wanted.items() if value)
    if not case.answerable:
        return f"nothing held answers ({case.why})" if case.why else "nothing held answers"
    return f"{' or '.join(case.instruments)} {', '.join(case.provisions)}, with {case.fact!r}"


def _inline(text: str) -> str:
    """One line of Markdown that shows the text as it is."""
    plain = " ".join(text.split())
    return "".join(f"\\{c}" if c in r"\`*_[]<>|#" else c for c in plain)


def plain(sets: Sets) -> dict[str, Any]:
    """The figures and what came of each case, as JSON."""
    return {
        "sets": {name: _figures(figures(rows)) for name, rows in sets.items()},
        "cases": [_case(name, row) for name, rows in sets.items() for row in rows],
    }


def _figures(f: Figures) -> dict[str, Any]:
    checks = {name: {"held": f.held.get(name, 0), "asked": count} for name, count in f.asked.items()}
    return {
        "cases": f.cases, "passed": f.passed, "checks": checks, "unsupported": f.unsupported,
        "false_clearances": f.false_clearances,
    }  # fmt: skip


def _case(name: str, row: Scored) -> dict[str, Any]:
    answer = row.answer
    return {
        "set": name, "id": row.case.id, "question": row.case.question, "passed": row.passed, "checks": dict(row.checks),
        "quoted": row.quoted, "unsupported": list(row.unsupported), "false_clearance": row.false_clearance,
        "expected": expectation(row), "behaviour": str(answer.behaviour), "verdict": str(answer.verdict),
        "intent": answer.intent, "text": answer.text,
        "citations": [{"n": c.n, "instrument": c.instrument, "provision": c.provision, "label": c.label, "quote": c.quote}
                      for c in answer.citations],
    }  # fmt: skip
