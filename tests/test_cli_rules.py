"""`navicert rules`: pages of the rule data."""

import shutil
from pathlib import Path

import pytest

from knowledge.rulebook import RuleBook
from knowledge.rulebook.load import RULES
from tests.conftest import Command
from tests.test_cli import one_line


def test_show_a_control_code(navicert: Command, book: RuleBook) -> None:
    run = navicert("rules", "show", "1C905")
    assert run.returncode == 0, run.stderr
    below = [e.code for e in book.under("1C905")]
    assert below
    assert all(code in run.stdout for code in below)
    assert "1C904" not in run.stdout


def test_show_an_instrument(navicert: Command, book: RuleBook) -> None:
    run = navicert("rules", "show", "cn-2025-18", "--lang", "zh")
    assert run.returncode == 0, run.stderr
    assert book.instruments["CN-2025-18"].title["zh"] in run.stdout
    assert all(p.id in run.stdout for p in book.instruments["CN-2025-18"].provisions)


def test_timeline(navicert: Command, book: RuleBook) -> None:
    run = navicert("rules", "timeline", "CN-2025-57")
    assert run.returncode == 0, run.stderr
    dates = {m.start.isoformat() for e in book.entries if e.instrument == "CN-2025-57" for m in e.timeline}
    assert {"2025-11-07", "2026-11-11"} <= dates
    assert all(day in run.stdout for day in dates)
    assert "suspended" in run.stdout


@pytest.mark.parametrize("page", ["show", "timeline"])
def test_an_unknown_code(page: str, navicert: Command) -> None:
    line = one_line(navicert("rules", page, "9Z999"))
    assert "9Z999" in line
    assert "navicert rules coverage" in line


def test_check(navicert: Command, book: RuleBook) -> None:
    run = navicert("rules", "check")
    assert run.returncode == 0, run.stderr
    assert f"{len(book.entries)} entries" in run.stdout
    assert book.hash[:12] in run.stdout


def test_check_of_a_broken_folder(navicert: Command, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder, ignore=shutil.ignore_patterns("corpus", "*.json"))
    path = folder / "cn" / "instruments" / "CN-2025-18.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")
    line = one_line(navicert("rules", "check", "--rules", str(folder)))
    assert "CN-2025-18.yaml: colour" in line
    assert "Fix:" in line
    assert "no rule file" in one_line(navicert("rules", "check", "--rules", str(tmp_path / "absent")))
