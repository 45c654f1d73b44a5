"""The rules, sentence by sentence: tests/rules/*.yaml."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.answer import Advisor
from knowledge.model import Answer

FOLDER = Path(__file__).parent / "rules"
KEYS = {
    "name",
    "question",
    "on",
    "verdict",
    "behaviour",
    "entries",
    "not_entries",
    "cites",
    "status",
    "missing",
    "lang",
}


def cases() -> list[Any]:
    """Every case as a pytest parameter named by its file and name."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for row in yaml.load(path.read_bytes(), Loader=yaml.BaseLoader):
            found.append(pytest.param(row, id=f"{path.stem}: {row['name']}"))
    return found


def cited(answer: Answer) -> set[str]:
    """Everything that the answer names as its ground."""
    names = {c.instrument for c in answer.citations} | {c.provision for c in answer.citations}
    for determination in answer.determinations:
        names |= {*determination.entries, *determination.instruments}
    return names


@pytest.mark.parametrize("row", cases())
def test_sentence(row: dict[str, Any], advisor: Advisor) -> None:
    assert set(row) <= KEYS, f"unknown keys: {set(row) - KEYS}"
    answer = advisor.ask(row["question"], date.fromisoformat(row.get("on", "2026-11-21")))
    entries = {e for d in answer.determinations for e in d.entries}
    got = f"got {answer.verdict}, entries {sorted(entries)}, transaction {answer.transaction}"
    assert answer.verdict == row["verdict"], got
    if "behaviour" in row:
        assert answer.behaviour == row["behaviour"], got
    assert entries >= set(row.get("entries", [])), got
    assert not entries & set(row.get("not_entries", [])), got
    assert cited(answer) >= set(row.get("cites", [])), f"cited {sorted(cited(answer))}"
    if "status" in row:
        assert row["status"] in {d.status for d in answer.determinations}, got
    asked = {m.fact.split(":")[0] for m in answer.missing} | {m.fact for m in answer.missing}
    assert asked >= set(row.get("missing", [])), f"asked {sorted(asked)}"
    if "lang" in row:
        assert answer.lang == row["lang"]
