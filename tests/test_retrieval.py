"""Search: literals, terms, the lexical index, and the ranking over a small collection written here."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.errors import IndexDamaged
from knowledge.lexis.postings import postings
from knowledge.lexis.terms import stem, terms
from knowledge.numerals import chinese
from knowledge.search.find import Searcher
from knowledge.search.literals import literals, own_literals
from knowledge.search.model import Filters, IndexPassage
from knowledge.search.outline import headings, parent_of
from knowledge.search.passages import LONGEST, passages, split
from knowledge.store.lexical import FILE, LexicalIndex


def passage(text: str, locator: str = "art-1", **fields: object) -> IndexPassage:
    base = IndexPassage("", f"p-{locator}", text, (), "Test act", "en", "ACT", locator, 1)
    return passages(replace(base, **fields))[0]  # type: ignore[arg-type]


ACT = [
    passage("An exporter shall keep records of each shipment for five years.", "art-1", heading=("Article 1",)),
    passage("Magnets of grade N42 need an individual licence when sent abroad.", "art-2", heading=("Article 2",)),
    passage("Items described in 1C905.a.4 are controlled.", "art-3", heading=("Article 3",), position=3),
    passage("The duty under § 744.21(b) applies to military end users.", "art-4", heading=("Article 4",), position=4),
    passage("Oxides fall under tariff line 2846.90.15.00.", "art-12", heading=("Article 12",), position=12),
    passage(
        "出口经营者应当保存合同五年。",
        "art-12",
        heading=("第十二条",),
        language="zh",
        instrument="LAW",
        provision="z12",
    ),
    passage(
        "依照商务部公告2025年第18号办理许可。",
        "art-7",
        heading=("第七条",),
        language="zh",
        instrument="LAW",
        provision="z7",
    ),
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    made = LexicalIndex(tmp_path / "lexical")
    made.add(ACT)
    made.commit()
    return made


def first(index: LexicalIndex, query: str) -> str:
    return Searcher(index).find(query, 1)[0].provision


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1C905.a.4", {"code:1c905.a.4", "code:1c905.a", "code:1c905"}),
        ("HS 2846901500", {"hs:2846901500", "hs:28469015", "hs:284690"}),
        ("2846.90.15.00", {"hs:2846901500", "hs:28469015", "hs:284690"}),
        ("§ 744.21(b)(1)", {"num:744.21(b)(1)", "num:744.21(b)", "num:744.21"}),
        ("第十二条", {"art:12"}),
        ("Article 12", {"art:12"}),
        ("第一百二十条之一", {"art:120-1"}),
        ("公告2025年第18号", {"no:2025-18", "no:18"}),
        ("Announcement No. 18 of 2025", {"no:2025-18", "no:18"}),
        ("Regulation (EU) 2021/821", {"no:2021-821", "no:821"}),
        ("Rule \u200e6.2.1(a)(i)", {"num:6.2.1", "num:6.2.1(a)", "num:6.2.1(a)(i)"}),
        ("nothing of the kind", set()),
    ],
)
def test_literals_of_every_kind_in_one_spelling(text: str, expected: set[str]) -> None:
    assert expected <= set(literals(text))
    assert expected or not literals(text)


def test_a_place_names_itself_and_what_holds_it() -> None:
    assert {"num:740.2", "num:740.2(a)", "num:740.2(a)(1)"} <= set(own_literals("", "", "sec-740.2/a/1"))
    assert "art:12" in own_literals("", "", "art-12/par-2")
    assert "num:8.3.2(1)" in own_literals("", "", "8.3.2.(1)")


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("二十一", 21), ("一百零三", 103), ("一千二百六十", 1260), ("15", 15)]
)
def test_chinese_numbers(text: str, value: int) -> None:
    assert chinese(text) == value


@pytest.mark.parametrize(
    "text", ["", "\0", "第", "第条", "1C", "§", "()" * 500, "9" * 5000, "第" + "十" * 50 + "条", "\ud800"]
)
def test_odd_text_is_read(text: str) -> None:
    literals(text)
    terms(text, spelt=True)
    assert split(text) is not None


def test_stems_meet_and_pairs_tell_order() -> None:
    assert stem("licences") == stem("licence")
    a, b = terms("end user control"), terms("control user end")
    assert sorted(a.words) == sorted(b.words)
    assert sorted(a.pairs) != sorted(b.pairs)
    assert "稀土" in terms("稀土出口", spelt=True).spelt


def test_rare_words_weigh_more_and_long_texts_less() -> None:
    texts = [terms(t).words for t in ("common rare", "common other", "common " + "filler " * 200 + "rare", "common")]
    made = postings(texts)
    scores = made.scores(terms("common rare").words)
    assert scores[0] > scores[2] > scores[1] > 0
    assert not made.scores(terms("absent").words).any()


@pytest.mark.parametrize(
    ("query", "provision"),
    [
        ("How long must exporters keep shipment records?", "p-art-1"),
        ("is 1C905.a.4 controlled", "p-art-3"),
        ("1c905", "p-art-3"),
        ("744.21", "p-art-4"),
        ("2846901500", "p-art-12"),
        ("Article 2", "p-art-2"),
        ("第七条", "z7"),
        ("公告2025年第18号", "z7"),
        ("合同保存多少年", "z12"),
    ],
)
def test_found_by_words_and_by_exact_numbers(index: LexicalIndex, query: str, provision: str) -> None:
    assert first(index, query) == provision


def test_why_names_words_and_numbers(index: LexicalIndex) -> None:
    why = Searcher(index).find("is 1C905.a.4 controlled", 1)[0].why
    assert "controlled" in why.words
    assert "code:1c905.a.4" in why.literals
    assert why.dense is None


def test_only_live_passages_of_the_wanted_instruments(index: LexicalIndex) -> None:
    searcher = Searcher(index)
    live = {p.id for p in ACT} - {ACT[2].id}
    assert "p-art-3" not in {h.provision for h in searcher.find("1C905.a.4 controlled", 10, live)}
    assert "p-art-3" not in {h.provision for h in searcher.find("1C905.a.4 controlled", 10, live.__contains__)}
    only = searcher.find("出口 export", 10, filters=Filters(instruments=frozenset({"LAW"})))
    assert {h.provision for h in only} == {"z12", "z7"}
    assert {h.provision for h in searcher.find("export", 9, filters=Filters(languages=frozenset({"en"})))} <= {
        p.provision for p in ACT if p.language == "en"
    }


def test_a_long_provision_is_listed_once(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    text = " ".join(f"Sentence {i} speaks of magnets and licences." for i in range(200))
    long = passages(IndexPassage("", "long", text, (), "", "en", "A", "1", 1))
    assert len(long) > 3
    assert all(len(p.text) <= LONGEST for p in long)
    assert len({p.id for p in long}) == len(long)
    index.add([*long, *ACT])
    index.commit()
    hits = Searcher(index).find("magnets licences", 10)
    assert [h.provision for h in hits].count("long") == 1
    assert len(hits) > 1


@pytest.mark.parametrize("query", ["", "  ", "\0", "?", "的", "x" * 100_000, "\ud800"])
def test_odd_questions_are_answered(index: LexicalIndex, query: str) -> None:
    assert isinstance(Searcher(index).find(query), tuple)


def test_an_empty_index_answers_nothing(tmp_path: Path) -> None:
    assert Searcher(LexicalIndex(tmp_path)).find("anything") == ()


def test_commit_rollback_replace_delete(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    index.add(ACT[:2])
    index.add(ACT[:1])
    index.commit()
    assert index.count() == 2
    index.add(ACT[2:4])
    index.rollback()
    assert index.ids() == {p.id for p in ACT[:2]}
    index.delete([ACT[0].id, "never there"])
    index.commit()
    assert index.search("records shipment", 5) == []
    assert [i for i, _ in index.search("magnets", 5)] == [ACT[1].id]
    index.close()
    assert LexicalIndex(tmp_path).ids() == {ACT[1].id}


def test_a_search_follows_a_commit(index: LexicalIndex) -> None:
    searcher = Searcher(index)
    assert searcher.find("zeppelin") == () or searcher.find("zeppelin")[0].why.words == ()
    index.add([passage("A zeppelin is an aircraft.", "art-99")])
    index.commit()
    assert searcher.find("zeppelin", 1)[0].provision == "p-art-99"
    index.delete([passage("A zeppelin is an aircraft.", "art-99").id])
    index.commit()
    assert "p-art-99" not in {h.provision for h in searcher.find("zeppelin")}


KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge.search.model import IndexPassage
from knowledge.store.lexical import LexicalIndex
index = LexicalIndex(Path(sys.argv[1]))
make = lambda i: IndexPassage(f"id{i}", f"p{i}", f"text {i}", (), "", "en", "A", str(i), i)
index.add(make(i) for i in range(50)); index.commit()
index.add(make(i) for i in range(50, 90))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_kill_keeps_what_was_committed_and_nothing_else(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=Path(__file__).parents[1], check=False)
    assert died.returncode == -signal.SIGKILL
    index = LexicalIndex(tmp_path)
    assert index.count() == 50
    assert len(index.search("text", 100)) == 50


def test_damage_is_told(tmp_path: Path, index: LexicalIndex) -> None:
    index.close()
    path = tmp_path / "lexical" / FILE
    whole = path.read_bytes()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(IndexDamaged, match="index again"):
        LexicalIndex(tmp_path / "lexical")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IndexDamaged):
        LexicalIndex(tmp_path / "lexical")
    path.write_bytes(whole)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'format'")
    with pytest.raises(IndexDamaged, match="format 0"):
        LexicalIndex(tmp_path / "lexical")


def test_section_numbers_tell_who_is_above() -> None:
    texts = {
        "8.": "DILIGENCE",
        "8.3": "Requirements",
        "8.3.2": "",
        "8.3.2.(1)": "A person must.",
        "8.3.2.Guidance.1.": "See.",
    }
    known = {s: i for i, s in enumerate(texts)}
    parents: dict[str, str] = {s: parent_of(s, known) for s in texts}
    assert parents == {"8.": "", "8.3": "8.", "8.3.2": "8.3", "8.3.2.(1)": "8.3.2", "8.3.2.Guidance.1.": "8.3.2"}
    assert headings("8.3.2.(1)", texts, parents) == ("DILIGENCE", "Requirements")
