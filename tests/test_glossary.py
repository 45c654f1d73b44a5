"""The bilingual glossary of the field: each row well formed, each script in its place, the statutory word first."""

import re
from collections import Counter
from pathlib import Path

import pytest

import knowledge.rules
from knowledge.reading.text import simplified

FILE = Path(knowledge.rules.__path__[0]) / "lexicon" / "terms_zh_en.tsv"
HAN = re.compile(r"[㐀-鿿]")
SPELLINGS = (("licence", "license"), ("authorisation", "authorization"), ("defence", "defense"), ("fibre", "fiber"))
"""British and American; a term given in one is to be found in the other too."""
OFFICIAL = ("department of defense",)
"""Names that have one spelling."""


def rows() -> list[tuple[int, str]]:
    """The rows without the comments, each with its number in the file."""
    lines = FILE.read_text("utf-8").splitlines()
    return [(n, line) for n, line in enumerate(lines, 1) if not line.startswith("#")]


def pairs() -> list[tuple[str, list[str]]]:
    """The Chinese term and its English alternatives, in the order of the file."""
    return [(zh, en.split(" | ")) for zh, _, en in (line.partition("\t") for _, line in rows())]


def test_every_row_is_a_term_a_tab_and_its_english() -> None:
    bad = [(n, line) for n, line in rows() if line.count("\t") != 1 or not all(c.strip() for c in line.split("\t"))]
    assert not bad
    ragged = [(n, line) for n, line in rows() if any(cell != cell.strip() or "  " in cell for cell in line.split("\t"))]
    assert not ragged


def test_it_covers_the_field() -> None:
    assert len(rows()) >= 1_500


def test_no_term_comes_twice_and_no_alternative_is_empty_or_repeated() -> None:
    assert not [zh for zh, n in Counter(zh for zh, _ in pairs()).items() if n > 1]
    assert not [zh for zh, en in pairs() if len(set(en)) < len(en) or any(a != a.strip() or not a for a in en)]


def test_each_cell_is_in_its_own_script() -> None:
    assert not [zh for zh, _ in pairs() if not HAN.search(zh) or re.search(r"\s", zh)]
    assert not [(zh, a) for zh, en in pairs() for a in en if HAN.search(a) or not re.search(r"[a-z]", a)]
    assert not [(zh, a) for zh, en in pairs() for a in en if a != a.lower() or re.search(r"[;，、（）|]", a)]


def test_chinese_is_simplified_as_the_reader_makes_it() -> None:
    assert not [zh for zh, _ in pairs() if simplified(zh) != zh]


@pytest.mark.parametrize(("british", "american"), SPELLINGS)
def test_both_spellings_are_there(british: str, american: str) -> None:
    for one, other in ((british, american), (american, british)):
        word = re.compile(rf"\b{one}(s?)\b")
        lacking = [
            (zh, a)
            for zh, en in pairs()
            for a in en
            if word.search(a) and not any(o in a for o in OFFICIAL) and word.sub(rf"{other}\1", a) not in en
        ]
        assert not lacking


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("export control", "出口管制"),
        ("licence", "许可"),
        ("end user", "最终用户"),
        ("re-export", "再出口"),
        ("competent authority", "主管部门"),
        ("working day", "工作日"),
        ("fine", "罚款"),
        ("imprisonment", "徒刑"),
        ("seize", "扣押"),
        ("conceal", "隐瞒"),
        ("time limit", "期限"),
        ("customs broker", "报关企业"),
        ("voluntary disclosure", "主动披露"),
    ],
)
def test_the_statutory_word_stands_above_the_everyday_one(english: str, chinese: str) -> None:
    assert next(zh for zh, en in pairs() if english in en) == chinese


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("坐牢", "imprisonment"),
        ("查扣", "seize"),
        ("找谁批", "competent authority"),
        ("批多久", "time limit for review"),
        ("货代", "freight forwarder"),
        ("改标签", "relabel"),
        ("持股百分之五十", "owned fifty percent or more"),
        ("商务部", "mofcom"),
        ("提单", "bill of lading"),
        ("未经", "without"),
        ("不得", "shall not"),
        ("应当", "shall"),
    ],
)
def test_known_terms(chinese: str, english: str) -> None:
    assert english in dict(pairs())[chinese]
