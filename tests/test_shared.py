"""Against the shared evaluation data and statutes, where they are present."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from knowledge.rulebook import RuleBook
from knowledge.rulebook.load import RULES
from tests.conftest import ROOT, environment

pytestmark = pytest.mark.shared
STATUTES = {
    "CN-ECL-2020": "export-control-law_2020-10-17.zh.md",
    "CN-DUR-792": "dual-use-export-control-regs_2024-09-30.zh.md",
}


def test_the_development_cases(shared: Path) -> None:
    score = [sys.executable, str(shared / "eval/score.py"), str(shared / "eval/dev_cases.jsonl"), "--min", "0.79"]
    run = subprocess.run(score, env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]


def test_every_chinese_instrument_of_the_facts_is_there(shared: Path, book: RuleBook) -> None:
    text = (shared / "facts/controls.md").read_text(encoding="utf-8")
    sections = text[text.index("## 1.") : text.index("## 3.")]
    cells = [line.split("|")[1] for line in sections.splitlines() if line.startswith("|")]
    found: set[str] = set()
    for cell in cells:
        found |= set(re.findall(r"CN-[A-Z0-9]+(?:-\d+)*", cell))
        for base, rest in re.findall(r"(CN-\d{4})-\d+((?:\s*[,/]\s*-\d+)+)", cell):
            found |= {f"{base}{number}" for number in re.findall(r"-\d+", rest)}
    assert len(found) > 20
    assert not sorted(found - set(book.instruments))


@pytest.mark.parametrize(("instrument", "file"), STATUTES.items())
def test_statutes_were_reviewed_against_the_stored_text(instrument: str, file: str, shared: Path) -> None:
    row = yaml.load((RULES / f"cn/instruments/{instrument}.yaml").read_bytes(), Loader=yaml.BaseLoader)
    text = (shared / "regulations/cn/laws" / file).read_bytes()
    assert hashlib.sha256(text).hexdigest() in row["reviewed"]["against"]
