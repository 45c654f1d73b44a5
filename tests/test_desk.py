"""The staff's side: classify, decisions, lists and screen, as typed and as shown; on a small list made here."""

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from bot import desk_pages as pages
from bot.cli import app
from bot.desk_services import Desks, file_text
from ingest.service import work
from ingest.wiring import means
from knowledge.classify.model import (
    Candidate,
    Classification,
    Correspondence,
    MatchedItem,
    NotListed,
    Parameter,
    Question,
    Understood,
    Verdict,
)
from knowledge.controllists.model import ControlList
from knowledge.errors import BadInput, NavicertError
from knowledge.model import Citation, Lang
from knowledge.settings import Settings
from knowledge.store.compiled import CCL, CompiledLists
from knowledge.store.database import open_database
from knowledge.store.store import Store
from tests.conftest import Command, home
from tests.documents import docx, paragraph, pdf

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = date(2026, 11, 21)
ADC = "16-bit analog-to-digital converter chip sampling at 1 GSPS"
NASTY = "[red]x[/red]\x1b[2J\u202e'; DROP TABLE meta;--"
LIST = """<?xml version="1.0" encoding="UTF-8"?>
<DIV9 N="Supplement No. 1 to Part 774" TYPE="APPENDIX">
<HEAD>Supplement No. 1 to Part 774—The Commerce Control List</HEAD>
<HD1>Category 9—Test Goods</HD1>
<HD1>A. “End Items”</HD1>{entries}
</DIV9>"""
ENTRY = """
<FP-2><B>{code} {heading}.</B></FP-2>
<FP-1><E T="04">License Requirements</E></FP-1>
<FP-1><I>Reason for Control:</I> AT</FP-1>
<TABLE><THEAD><TR><TH>Control(s)</TH><TH>Country Chart</TH></TR></THEAD>
<TBODY><TR><TD>AT applies to entire entry</TD><TD>{where}</TD></TR></TBODY></TABLE>
<FP-1><E T="04">List of Items Controlled</E></FP-1>
<FP-1><I>Related Controls:</I> N/A</FP-1>
<FP><I>Items:</I></FP>
<P>a. First kind of it:</P><P>a.1. Turning left;</P><P>a.2. Turning right.</P><P>b. Parts for it.</P>"""
ENGINES = {"9A990": "AT Column 1", "9A991": "somewhere", "9D990": "AT Column 1"}


def control_list(**where: str) -> str:
    """A list of these entries, each with the second cell of its only row."""
    made = [ENTRY.format(code=code, heading=f"Goods of number {code}", where=cell) for code, cell in where.items()]
    return LIST.format(entries="".join(made))


@dataclass(frozen=True)
class Typed:
    """What a command printed."""

    stdout: str
    stderr: str


class Office:
    """Staff with a data folder and a folder of papers. Most commands run in this process: loading costs a second each."""

    def __init__(self, folder: Path) -> None:
        self.papers, self.home = folder / "papers", folder / "home"
        self.papers.mkdir()
        self.home.mkdir()
        (home() / "cache").mkdir(parents=True, exist_ok=True)
        (self.home / "cache").symlink_to(home() / "cache")  # place names are not made again

    def types(self, *arguments: str, status: int = 0) -> Typed:
        own = {"NAVICERT_HOME": str(self.home), "NAVICERT_EMBEDDER": "none"}
        unset = {key: None for key in os.environ if key.startswith("NAVICERT_")}
        result = CliRunner().invoke(app, arguments, env={**unset, **own})
        told = isinstance(result.exception, NavicertError)
        if result.exception is not None and not told and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (2 if told else result.exit_code) == status, result.output
        return Typed(result.stdout, str(result.exception) if told else result.stderr)

    def write(self, name: str, content: str | bytes) -> str:
        path = self.papers / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def ingest(self, **where: str) -> str:
        return self.types("ingest", "--force", self.write("ccl.xml", control_list(**where))).stdout

    @property
    def settings(self) -> Settings:
        return Settings(self.home, "CN", embedder="none")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def found(title: str = "Engines", detail: str = "engine") -> Classification:
    candidate = Candidate(
        "US", "9A990", 1, 0.61, {"en": title, "zh": "发动机"}, (MatchedItem("a.1", "entry-9A990/a/1"),),
        (
            Parameter("thrust", ">", "10 kN", "12 kN", Verdict.MEETS, "a.1"),
            Parameter("speed", ">=", "3 Mach", "2 Mach", Verdict.MISSES),
            Parameter("mass", "<", "5 kg", None, Verdict.OPEN),
            Parameter("length", "<", "5 m", "4-6 m", Verdict.OPEN),
        ),
        ("engine", "turning"), (Correspondence("EU", "9A990", False, ""), Correspondence("CN", "9A990", True, "")),
    )  # fmt: skip
    other = Candidate("CN", "1C905.a.4", 1, 0.9, {"en": "Magnets", "zh": "磁体"})
    unlisted = NotListed(0.3, (("ordinary_goods", detail), ("no_entry_names_it", ""), ("a_new_reason", "x")))
    read = Understood(("engine",), ("12 kN",), ("A",), ())
    asked = (Question("9A990", "a.1", "mass", "< 5 kg", 0.6),)
    return Classification((candidate, other), unlisted, read, "en", False, asked)


def shown(page: RenderableType) -> str:
    stream = io.StringIO()
    Console(file=stream, width=160, highlight=False).print(page)
    return stream.getvalue()


def nothing(_candidate: Candidate) -> tuple[Citation, ...]:
    return ()


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("en", ["9A990  Engines", "about 61 %", "9A990.a.1", "met: thrust: 12 kN", "missed: speed", "open: mass: the",
                "open: length: 4-6 m", "EAR99, on no entry of the list: about 30 %", "ordinary goods: engine",
                "a_new_reason x", "mass? 9A990.a.1 asks < 5 kg", "texts not compared", "not a classification",
                "1C905.a.4  Magnets", "fit 90", "navicert decisions confirm 7"]),
        ("zh", ["发动机", "约61 %", "符合：thrust", "不符合", "待定", "EAR99", "普通商品", "不是归类结论", "磁体", "第7号"]),
    ],
)  # fmt: skip
def test_a_classification_shows_what_speaks_for_and_against(lang: Lang, wanted: list[str]) -> None:
    page = shown(pages.classification(found(), lang, "the lists", nothing, "spec.pdf", 7))
    assert [w for w in wanted if w not in page] == []
    assert "spec.pdf" in page


def test_hostile_words_do_not_paint_the_terminal() -> None:
    page = shown(pages.classification(found(NASTY, NASTY), "en", NASTY, nothing, NASTY))
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "[red]x[/red]" in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_label_of_a_list_says_whether_anyone_reviewed_it(lang: Lang) -> None:
    made = ControlList(CCL, "2026-11-01", ())
    labels = [
        pages.list_label("0" * 64, ccl, lang)
        for ccl in (made, replace(made, reviewed_by="Ann"), replace(made, bundled=True))
    ]
    said = ("not reviewed", "reviewed by Ann", "not reviewed") if lang == "en" else ("未复核", "Ann复核", "未复核")
    assert all(words in label for words, label in zip(said, labels, strict=True))
    assert len(set(labels)) == 3


def test_nothing_near_is_no_permission() -> None:
    empty = replace(found(), candidates=(), missing=(), truncated=True)
    page = shown(pages.classification(empty, "en", "-", nothing))
    assert "not a permission" in page
    assert "longer than is read" in page


# ---------------------------------------------------------------- compiled lists


def test_an_ingested_list_is_compiled_reported_and_reviewed(office: Office) -> None:
    assert "bundled with Navicert answer" in office.types("lists").stdout
    page = office.ingest(**ENGINES)
    assert "compiled, not reviewed: 3 entries, 3 rows, 1 rows unread, 1 issues" in " ".join(page.split())
    (row,) = json.loads(office.types("lists", "show", "--json").stdout)["lists"]
    assert (row["instrument"], row["entries"], row["rows_unread"], row["answers"]) == (CCL, 3, 1, True)
    assert "未复核" in office.types("lists", "--lang", "zh").stdout
    issues = json.loads(office.types("lists", "issues", "--json").stdout)
    assert [(i["locator"].split("/")[0], i["why"]) for i in issues] == [("entry-9A991", "where not read")]
    assert "somewhere" in office.types("lists", "issues").stdout
    assert "reviewed by Ann" in office.types("lists", "approve", "--by", "Ann", "--note", NASTY).stdout
    page = office.types("lists").stdout
    assert "reviewed by Ann" in page
    assert "\x1b" not in page
    again = " ".join(office.ingest(**{**ENGINES, "9A991": "NS Column 1", "9A992": "AT Column 1"}).split())
    assert "added 1 (9A992); removed 0; changed 1 (9A991); rows changed 1 (9A991)" in again
    live = json.loads(office.types("lists", "--json").stdout)["lists"][0]
    assert (live["live"], live["reviewed_by"], live["changes"]["rows"]) == (True, "", ["9A991"])


def test_a_list_that_cannot_be_compiled_is_told_with_its_cause_and_stays_ingested(office: Office) -> None:
    page = " ".join(office.ingest(**{"9A990": "AT Column 1"}).split())
    assert "could not be compiled: ValueError: no entry was found in its text" in page
    assert "1 brought in" in page
    assert "could not be compiled" in office.types("lists").stdout
    assert "no compiled list" in office.types("lists", "approve", "--by", "Ann", status=2).stderr


class Killed(BaseException):
    """Stands for kill -9: nothing catches it on the way out."""


def test_a_kill_between_live_and_compiled_is_completed_at_the_next_start(office: Office) -> None:
    database = open_database(office.home)
    store, lists = Store(office.home, database, "none"), CompiledLists(database)
    how = means(office.settings, lambda: NOW)
    spec = how.connectors.canonical(office.write("ccl.xml", control_list(**ENGINES)))
    job = store.jobs.submit("ingest", {"specs": [spec], "force": True}, NOW)

    def kill(point: str) -> None:
        if point == "compiling":
            raise Killed

    with pytest.raises(Killed):
        work(store, replace(how, at=kill), lambda _p: None, lambda: False)
    assert store.library.versions(CCL)
    assert lists.live() is None
    assert lists.waiting()
    assert "navicert reindex" in office.types("lists").stdout
    work(store, how, lambda _p: None, lambda: False)
    live = lists.live()
    assert live is not None
    assert len(live.entries) == 3
    report = store.jobs.get(job)
    assert report is not None
    assert (report.state, report.report["compiled"][0]["entries"]) == ("done", 3)
    database.close()


# ---------------------------------------------------------------- decisions


@pytest.fixture
def proposed(office: Office) -> Iterator[Office]:
    """An office whose list is ingested and which has one proposal: 9A990."""
    office.ingest(**ENGINES)
    desks = Desks(office.settings)
    assert desks.propose(f"an engine {NASTY}", found(), NOW) == 1
    desks.database.close()
    yield office


def test_staff_confirm_correct_and_export(proposed: Office) -> None:
    assert "proposed" in proposed.types("decisions").stdout
    assert (
        "was not proposed"
        in proposed.types("decisions", "confirm", "1", "--by", "Ann", "--code", "9D990", status=2).stderr
    )
    page = proposed.types("decisions", "confirm", "1", "--by", "Ann", "--code", "9A990.a.1").stdout
    assert "confirmed by Ann: US 9A990.a.1" in page
    assert "\x1b" not in page
    assert "already" in proposed.types("decisions", "confirm", "1", "--by", "Bob", status=2).stderr
    page = proposed.types(
        "decisions", "correct", "1", "ear99", "--reason", "[b]a toy", "--by", "Bob", "--lang", "zh"
    ).stdout
    assert "由Bob更正为US EAR99：[b]a toy" in page
    assert (
        "no list here"
        in proposed.types("decisions", "correct", "1", "9A990.q", "--reason", "x", "--by", "B", status=2).stderr
    )
    (row,) = [json.loads(line) for line in proposed.types("decisions", "export").stdout.splitlines()]
    assert [(s["state"], s["by"], s["code"]) for s in row["history"]] == [
        ("proposed", "", None), ("confirmed", "Ann", "9A990.a.1"), ("corrected", "Bob", "EAR99"),
    ]  # fmt: skip
    assert row["history"][1]["lists"]["US"]["name"]
    assert json.loads(proposed.types("decisions", "show", "1", "--json").stdout) == row
    assert "已更正" in proposed.types("decisions", "--lang", "zh").stdout
    assert "no decision 9" in proposed.types("decisions", "show", "9", status=2).stderr
    assert "--state" in proposed.types("decisions", "list", "--state", "lost", status=2).stderr


def test_a_changed_entry_reopens_the_decision_and_the_ingest_says_so(proposed: Office) -> None:
    proposed.types("decisions", "confirm", "1", "--by", "Ann")
    same = proposed.ingest(**{**ENGINES, "9A991": "NS Column 1"})
    assert "reopened" not in same
    page = " ".join(proposed.ingest(**{**ENGINES, "9A990": "NS Column 1"}).split())
    assert "Classification decisions reopened: 1." in page
    page = proposed.types("decisions", "show", "1").stdout
    assert "9A990 says something else in version" in " ".join(page.split())
    assert "重新审查" in proposed.types("decisions", "list", "--state", "reopened", "--lang", "zh").stdout
    gone = {code: where for code, where in {**ENGINES, "9A992": "AT Column 1"}.items() if code != "9A990"}
    proposed.types("decisions", "confirm", "1", "--by", "Ann")
    proposed.ingest(**gone)
    assert "is no longer there" in " ".join(proposed.types("decisions", "show", "1").stdout.split())


# ---------------------------------------------------------------- classify


def test_classify_prints_the_contract(office: Office) -> None:
    said = json.loads(office.types("classify", ADC, "--json", "--limit", "3", "--record", "--on", "2026-11-21").stdout)
    first = said["candidates"][0]
    assert {"regime", "code", "rank", "score", "parameters", "citations"} <= set(first)
    assert (first["regime"], first["code"], first["rank"]) == ("US", "3A001", 1)
    assert 0 < first["score"] <= 1
    assert {"quantity", "comparator", "wanted", "given", "verdict", "path"} == set(first["parameters"][0])
    cited = first["citations"][0]
    assert (cited["instrument"], cited["provision"], cited["digest"]) == (CCL, "3A001", True)
    assert cited["quote"]
    assert cited["url"].startswith("https://")
    assert sum(c["regime"] == "US" for c in said["candidates"]) == 3
    assert 0 <= said["not_listed"]["probability"] <= 1
    assert (said["decision"], said["generation"]) == (1, "0")
    assert "not reviewed" in said["lists"]["label"]
    assert json.loads(office.types("decisions", "show", "1", "--json").stdout)["candidates"][0]["code"] == "3A001"


def test_classify_quotes_the_official_text_where_it_is_ingested(office: Office) -> None:
    office.ingest(**{**ENGINES, "3A001": "NS Column 2"})
    said = json.loads(office.types("classify", ADC, "--json").stdout)
    cited = next(c for c in said["candidates"] if c["code"] == "3A001" and c["regime"] == "US")["citations"][0]
    assert not cited["digest"]
    assert "3A001" in cited["label"] or "3A001" in cited["quote"]
    assert said["generation"].startswith("1-")


def test_classify_answers_in_the_language_of_the_text(office: Office) -> None:
    page = office.types("classify", "16位模数转换器芯片，采样率1 GSPS", "--limit", "2").stdout
    assert "3A001" in page
    assert "不是归类结论" in page
    assert "not a classification" in office.types("classify", "16位模数转换器芯片", "--lang", "en").stdout


def test_a_specification_is_read_from_a_file(tmp_path: Path) -> None:
    for name, data in (("spec.pdf", pdf([[ADC]])), ("spec.docx", docx(paragraph(ADC))), ("spec.txt", ADC.encode())):
        path = tmp_path / name
        path.write_bytes(data)
        assert ADC in " ".join(file_text(path).split())


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    for name, data, why in (("a.pdf", b"\x89PNG\r\n\x1a\n" + bytes(90), "not_this_type"), ("b.txt", b"", "empty")):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(BadInput, match=why):
            file_text(path)
    for path in (tmp_path, tmp_path / "none.pdf", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(BadInput, match="--file"):
            file_text(path)


def test_mistakes_get_a_cause_and_a_fix(office: Office) -> None:
    assert "Nothing to classify" in office.types("classify", " ", status=2).stderr
    assert "not both" in office.types("classify", "x", "--file", "y", status=2).stderr
    assert "--lang" in office.types("classify", "x", "--lang", "fr", status=2).stderr
    assert "No name to screen" in office.types("screen", "", status=2).stderr
    assert "--country" in office.types("screen", "x", "--country", "Chad", status=2).stderr
    assert "navicert ingest" in office.types("lists", "approve", "--by", "Ann", status=2).stderr


# ---------------------------------------------------------------- screen


def test_screen_prints_the_contract(office: Office) -> None:
    said = json.loads(office.types("screen", "Huawei Technologies", "--json", "--on", "2026-11-21").stdout)
    first = said["hits"][0]
    assert {"list", "name", "score", "since", "effect"} <= set(first)
    assert (first["list"], first["effect"], first["grade"]) == ("EL", "licence_required", "exact")
    assert first["score"] == 100
    assert {"EL", "SDN", "CN-control"} <= {row["list"] for row in said["lists"]}
    assert all(row["count"] > 0 for row in said["lists"])
    assert said["not_searched"]


def test_the_commands_are_those_of_the_program(office: Office, navicert: Command) -> None:
    run = navicert("screen", "Huawei Technologies", "--limit", "1", NAVICERT_HOME=str(office.home))
    assert (run.returncode, "Entity List" in run.stdout) == (0, True)
    run = navicert("decisions", "show", "1", NAVICERT_HOME=str(office.home))
    assert (run.returncode, run.stderr) == (2, "navicert: There is no decision 1. See `navicert decisions list`.\n")


def test_screen_shows_what_a_hit_means_and_where_it_stands(office: Office, tmp_path: Path) -> None:
    page = office.types("screen", "Huawei Technologies", "--country", "cn", "--limit", "2").stdout
    for words in ("Entity List", "kept by", "Licence requirement", "Searched:", "Nothing else was searched"):
        assert words in page
    assert "实体清单" in office.types("screen", "Huawei Technologies", "--lang", "zh", "--limit", "1").stdout
    none = office.types("screen", "Zqxv Wkjhy Bvnm", "--json")
    assert json.loads(none.stdout)["hits"] == []
    assert "not a clearance" in office.types("screen", NASTY).stdout.replace("\n", " ")


def test_a_party_of_the_rules_shows_where_its_measures_stand(office: Office) -> None:
    desks = Desks(office.settings)
    party = next(p for p in desks.book.parties if p.list == "control" and p.timeline)
    said = json.loads(office.types("screen", party.name["en"], "--json", "--on", "2026-11-21").stdout)
    hit = next(h for h in said["hits"] if h["id"] == party.id or party.id in {a["id"] for a in h["also"]})
    assert hit["list"].startswith("CN-") or hit["also"]
    if hit["id"] == party.id:
        assert hit["status"] in {"in_force", "suspended", "suspension_lapsed", "repealed"}
        assert hit["since"] == min(m.start for m in party.timeline).isoformat()
