"""Every rule has a sentence case, and every date on which Chinese law changed is in the book."""

from datetime import date
from functools import lru_cache
from typing import Any

import pytest
import yaml

from knowledge.answer import Advisor
from knowledge.model import Outcome, Status
from knowledge.regimes import eu
from knowledge.rulebook import RuleBook
from tests.conftest import TODAY
from tests.test_sentences import FOLDER

# facts/controls.md, section 8: what happened on which day.
DATES = [
    ("2020-12-01", "CN-ECL-2020", Status.IN_FORCE),
    ("2023-08-01", "CN-2023-23", Status.IN_FORCE),
    ("2023-12-01", "CN-2023-39", Status.IN_FORCE),
    ("2024-09-15", "CN-2024-33", Status.IN_FORCE),
    ("2024-12-01", "CN-DUR-792", Status.IN_FORCE),
    ("2024-12-01", "CN-LIST-2024-51", Status.IN_FORCE),
    ("2024-12-03", "CN-2024-46", Status.IN_FORCE),
    ("2025-02-04", "CN-2025-10", Status.IN_FORCE),
    ("2025-04-04", "CN-2025-18", Status.IN_FORCE),
    ("2025-10-09", "CN-2025-61", Status.IN_FORCE),
    ("2025-10-09", "CN-2025-62", Status.IN_FORCE),
    ("2025-11-07", "CN-2025-55", Status.SUSPENDED),
    ("2025-11-07", "CN-2025-56", Status.SUSPENDED),
    ("2025-11-07", "CN-2025-57", Status.SUSPENDED),
    ("2025-11-07", "CN-2025-58", Status.SUSPENDED),
    ("2025-11-07", "CN-2025-61", Status.SUSPENDED),
    ("2025-11-07", "CN-2025-62", Status.SUSPENDED),
    ("2025-11-07", "CN-2025-70", Status.IN_FORCE),
    ("2025-11-09", "CN-2025-72", Status.IN_FORCE),
    ("2025-11-09", "CN-2024-46", Status.SUSPENDED),
    ("2026-01-06", "CN-2026-1", Status.IN_FORCE),
    ("2026-02-24", "CN-2026-11", Status.IN_FORCE),
    ("2026-02-24", "CN-2026-12", Status.IN_FORCE),
    ("2026-04-24", "CN-2026-20", Status.IN_FORCE),
    ("2026-06-22", "CN-2026-23", Status.IN_FORCE),
    ("2026-06-29", "CN-2026-27", Status.IN_FORCE),
    ("2026-06-29", "CN-2026-28", Status.IN_FORCE),
    ("2026-07-24", "CN-2026-30", Status.IN_FORCE),
    ("2026-07-01", "CN-2026-26", Status.IN_FORCE),
    ("2026-11-11", "CN-2025-57", Status.SUSPENSION_LAPSED),
    ("2026-11-28", "CN-2024-46", Status.SUSPENSION_LAPSED),
]


@lru_cache(maxsize=1)
def rows() -> tuple[dict[str, Any], ...]:
    """Every sentence case."""
    return tuple(
        row for path in sorted(FOLDER.glob("*.yaml")) for row in yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)
    )


@pytest.mark.parametrize(("day", "instrument", "status"), DATES)
def test_the_dates_of_the_law(day: str, instrument: str, status: Status, book: RuleBook) -> None:
    assert instrument in book.instruments
    timelines = [
        book.instruments[instrument].timeline,
        *(e.timeline for e in book.entries if e.instrument == instrument),
        *(r.timeline for r in book.restrictions if r.reference.instrument == instrument),
    ]
    assert (date.fromisoformat(day), status) in {(m.start, m.status) for t in timelines for m in t}


def test_every_entry_has_a_case(book: RuleBook) -> None:
    named = {code for row in rows() for code in row.get("entries", ())}
    abroad = {
        c for c in named if c[:5] in book.us.ccl.by_code or eu.corresponds(c) or c == "EAR99" or c.startswith("X.")
    }
    known = set(book.by_code) | abroad
    assert named <= known, f"cases name codes that are not there: {sorted(named - known)}"
    assert not sorted(set(book.by_code) - named), "entries without a sentence case; write one in tests/rules/"


def test_every_restriction_has_a_case_that_cites_it(book: RuleBook) -> None:
    cited = {name for row in rows() for name in row.get("cites", ())}
    wanted = {r.reference.instrument for r in book.restrictions}
    assert not sorted(wanted - cited), "restrictions without a case that cites their instrument"


def test_every_restriction_bites_somewhere(book: RuleBook, advisor: Advisor) -> None:
    """Each rule on the deal applies in a case, and each that forbids while in force is the reason of a prohibition."""
    applied: set[str] = set()
    for row in rows():
        answer = advisor.ask(row["question"], date.fromisoformat(row.get("on", TODAY)))
        applied |= {f.rule for d in answer.determinations for f in d.findings if f.truth}
    wanted = {r.id for r in book.restrictions if r.outcome is not Outcome.NO_LICENCE_FOUND}
    assert not sorted(wanted - applied), "restrictions that no sentence case makes apply"
