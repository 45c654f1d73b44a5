"""The library's commands, typed as an admin types them, on documents made here; words only, so that no model runs."""

import json
from pathlib import Path

import pytest

from tests.conftest import Command, Run

LAW = """# 中华人民共和国出口管制法

## 第一章 总则

第一条 为了试验，制定本法。

第二条 国家对管制物项的出口管制，适用本法。

## 第二章 附则

{more}第{last}条 本法自2020年12月1日起施行。
"""
RULES = """<html><head><title>Rules on Widgets</title></head><body><h1>Rules on Widgets</h1>
<h2>Article 1 Scope</h2><p>These rules apply to widgets of zirconium.</p>
<h2>Article 2 Licence</h2><p>An export of zirconium widgets needs a licence.</p></body></html>"""


class Admin:
    """An admin with a data folder and a folder of documents."""

    def __init__(self, navicert: Command, home: Path, papers: Path) -> None:
        self._navicert, self.home, self.papers = navicert, home, papers

    def types(self, *arguments: str, status: int = 0) -> Run:
        run = self._navicert(*arguments, NAVICERT_HOME=str(self.home), NAVICERT_EMBEDDER="none")
        assert run.returncode == status, run.stdout + run.stderr
        return run

    def write(self, name: str, text: str | bytes) -> str:
        path = self.papers / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)


@pytest.fixture
def admin(navicert: Command, tmp_path: Path) -> Admin:
    papers = tmp_path / "papers"
    papers.mkdir()
    return Admin(navicert, tmp_path / "home", papers)


def test_ingest_search_read_and_what_changed(admin: Admin) -> None:
    rules = admin.write("rules.html", RULES)
    run = admin.types("ingest", rules)
    assert "brought in: rules.html" in run.stdout
    assert "1 brought in" in run.stdout
    assert "1 unchanged" in admin.types("ingest", rules).stdout
    found = json.loads(admin.types("search", "--json", "zirconium licence").stdout)
    first = found["passages"][0]
    assert "An export of zirconium widgets needs a licence." in first["text"]
    assert first["why"]["words"]
    assert found["generation"].startswith("1-")
    page = admin.types("search", "zirconium licence").stdout
    assert "words" in page
    assert "Rules on Widgets" in page
    admin.write("rules.html", RULES.replace("needs a licence", "needs no licence"))
    again = admin.types("ingest", rules).stdout
    assert "1 changed" in again
    assert "needs a licence" not in admin.types("search", "zirconium licence").stdout
    assert "needs no licence" in admin.types("read", first["instrument"]).stdout


def test_what_the_admin_says_of_a_document_counts(admin: Admin) -> None:
    rules = admin.write("rules.html", RULES)
    admin.types("ingest", rules)
    said = ("--instrument", "XX-WIDGETS", "--regime", "xx", "--kind", "regulation")
    assert "XX-WIDGETS" in admin.types("ingest", rules, *said).stdout
    assert "1 unchanged" in admin.types("ingest", rules).stdout
    rows = {row["instrument"]: row for row in json.loads(admin.types("documents", "--json").stdout)}
    assert (rows["XX-WIDGETS"]["regime"], rows["XX-WIDGETS"]["kind"]) == ("XX", "regulation")
    admin.write("more.html", RULES)
    assert "name one document" in admin.types("ingest", str(admin.papers), *said, status=1).stdout
    assert "--kind" in admin.types("ingest", rules, "--kind", "rumour", status=2).stderr


def test_documents_that_cannot_be_read_are_listed_with_their_reason(admin: Admin) -> None:
    admin.write("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(100))
    admin.write("nothing.txt", b"")
    run = admin.types("ingest", str(admin.papers), status=1)
    assert "2 set aside" in run.stdout
    held = json.loads(admin.types("quarantine", "list", "--json").stdout)
    assert {(q["name"], q["reason"]) for q in held} == {("nothing.txt", "empty"), ("picture.pdf", "not_this_type")}
    shown = admin.types("quarantine", "show", str(held[0]["id"])).stdout
    assert held[0]["sha256"] in shown
    assert "original" in shown
    assert "2 set aside" in admin.types("quarantine", "retry", status=1).stdout
    assert "attempts" in admin.types("quarantine", "show", str(held[1]["id"])).stdout
    assert "not in quarantine" in admin.types("quarantine", "retry", "99", status=2).stderr.lower()


@pytest.mark.slow
def test_status_doctor_reindex_backup_and_restore(admin: Admin, navicert: Command, tmp_path: Path) -> None:
    admin.types("ingest", admin.write("rules.html", RULES))
    said = json.loads(admin.types("status", "--json").stdout)
    assert (said["documents"], said["quarantine"], said["owner"]) == (1, 0, None)
    assert said["provisions"] == said["passages"] == 2 or said["provisions"] >= 2
    assert "All of it holds together." in admin.types("doctor").stdout
    admin.types("reindex")
    index = next((admin.home / "index").rglob("passages.sqlite3"))
    index.write_bytes(b"gone wrong")
    assert "navicert doctor" in admin.types("search", "zirconium", status=2).stderr
    assert "Mended" in admin.types("doctor").stdout
    assert "zirconium" in admin.types("search", "zirconium").stdout
    copy = str(tmp_path / "copy.tar")
    assert "generation 1" in admin.types("backup", copy).stdout
    other = Admin(navicert, tmp_path / "other", admin.papers)
    assert "restored" in other.types("restore", copy).stdout
    assert "zirconium" in other.types("search", "zirconium").stdout
    assert "holds documents" in other.types("restore", copy, status=2).stderr


def test_sources_are_watched_and_checked(admin: Admin) -> None:
    rules = admin.write("rules.html", RULES)
    assert "watched, every 7 days" in admin.types("sources", "add", rules, "--every", "7").stdout
    assert "watched already" in admin.types("sources", "add", rules).stdout
    (row, *known) = json.loads(admin.types("sources", "list", "--json").stdout)
    assert (row["watched"], row["stale"], row["every_days"]) == (True, True, 7)
    assert len(known) > 5
    assert "changed" in admin.types("sources", "check").stdout
    assert "1 brought in" in admin.types("ingest", "--all").stdout
    assert "current" in admin.types("sources", "check").stdout
    assert json.loads(admin.types("status", "--json").stdout)["stale"] == []


@pytest.mark.slow
def test_an_answer_quotes_the_official_text_where_it_is_ingested(admin: Admin) -> None:
    question = ["ask", "--json", "5 kg dysprosium oxide from Shanghai to Stuttgart", "--on", "2026-11-21"]
    before = json.loads(admin.types(*question).stdout)
    assert before["generation"] == "0"
    assert all(c["digest"] for c in before["citations"])
    wanted = next(c["provision"] for c in before["citations"] if c["instrument"] == "CN-ECL-2020")
    more = "".join(f"第{n}条 试验法第{n}条的文字。\n\n" for n in range(3, 49))
    admin.types("ingest", "--force", admin.write("law.md", LAW.format(more=more, last=49)))
    after = json.loads(admin.types(*question).stdout)
    assert after["generation"].startswith("1-")
    cited = next(c for c in after["citations"] if (c["instrument"], c["provision"]) == ("CN-ECL-2020", wanted))
    assert not cited["digest"]
    assert f"试验法第{wanted}条的文字" in cited["quote"]
    assert cited["language"] == "zh"
    assert (
        "试验法第"
        in admin.types("ask", "5 kg dysprosium oxide from Shanghai to Stuttgart", "--on", "2026-11-21").stdout
    )


def test_mistakes_get_a_cause_and_a_fix(admin: Admin) -> None:
    assert "Nothing has been ingested yet" in admin.types("search", "salt", status=2).stderr
    assert "Nothing to ingest" in admin.types("ingest", status=2).stderr
    assert "no such file" in admin.types("ingest", str(admin.papers / "none.pdf"), status=2).stderr.lower()
    assert "no text of it" in admin.types("read", "XX-NONE", status=2).stderr
    assert "Job 99 is over, or there is none" in admin.types("jobs", "cancel", "99", status=2).stderr
    admin.types("jobs", "list")
    assert "no whole backup" in admin.types("restore", admin.write("x.tar", b"x"), status=2).stderr
