"""Which instrument a text is taken for, and which it must not be taken for."""

from datetime import date

import pytest

from ingest.structure import dates, identity, numerals
from ingest.structure.ladder import Rung, place, readings
from knowledge.rulebook import load

KNOWN = load().instruments


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("中华人民共和国出口管制法", "CN-ECL-2020"),
        ("《出口管制法》", "CN-ECL-2020"),
        ("Export Control Law of the People’s Republic of China", "CN-ECL-2020"),
        ("中华人民共和国两用物项出口管制条例", "CN-DUR-792"),
        ("中华人民共和国海关法（2017年修正）", "CN-CUSTOMS"),
        ("最高人民法院、最高人民检察院关于办理走私刑事案件适用法律若干问题的解释", "CN-CRIM-INT"),
        ("两用物项和技术进出口许可证管理目录（2026年）", "CN-CAT-2026"),
        ("两用物项和技术进出口许可证管理目录（2019年）", ""),
        ("两用物项和技术进出口许可证管理目录", ""),
        ("两用物项出口管制条例释义", ""),
        ("有关化学品及相关设备和技术出口管制办法", ""),
        ("管制", ""),
        ("", ""),
    ],
)
def test_by_title(title: str, expected: str) -> None:
    assert identity.by_title(title, KNOWN) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("商务部 海关总署公告2025年第18号 公布对部分物项实施出口管制的决定", "CN-2025-18"),
        ("商务部、海关总署公告二〇二五年第十八号", "CN-2025-18"),
        ("MOFCOM Announcement No. 61 of 2025", "CN-2025-61"),
        ("商务部公告2026年第21号", "CN-BLOCK"),
        ("商务部公告2099年第5号", "CN-2099-5"),
        ("不可靠实体清单工作机制公告2025年第3号", "CN-UEL-2025-3"),
        ("海关总署公告2025年第18号", "CN-GACC-2025-18"),
        ("解读商务部公告2025年第18号", "CN-解读商务部公告2025年第18号"),
        ("关于暂停商务部公告2025年第18号的说明", "CN-关于暂停商务部公告2025年第18号的说明"),
    ],
)
def test_an_announcement_by_its_own_number(title: str, expected: str) -> None:
    assert identity.chinese(title, (), "", KNOWN)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02014R0833-20220604_consolidated_EN.pdf", ("EU-833-2014", "20220604")),
        ("32022R0576_OJ_EN.pdf", ("EU-2022-576", "")),
        ("uri=CELEX:32021R0821", ("EU-2021-821", "")),
        ("52021PC0206", None),
        ("no number", None),
    ],
)
def test_celex(text: str, expected: tuple[str, str] | None) -> None:
    assert identity.celex(text) == expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (("833", "2014"), "EU-833-2014"),
        (("2021", "821"), "EU-2021-821"),
        (("2009", "65"), "EU-65-2009"),
        (("95", "46"), "EU-46-1995"),
    ],
)
def test_european_ids(numbers: tuple[str, str], expected: str) -> None:
    assert identity.eu_id(*numbers) == expected


@pytest.mark.parametrize(
    ("part", "supplement", "title", "expected"),
    [
        ("745", "", "15", "US-EAR-745"),
        ("774", "1", "15", "US-EAR-774-S1"),
        ("781", "", "15", "US-15CFR-781"),
        ("261", "I", "40", "US-40CFR-261-I"),
        ("745", "", "40", "US-40CFR-745"),
    ],
)
def test_federal_ids(part: str, supplement: str, title: str, expected: str) -> None:
    assert identity.federal(part, supplement, title) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二〇二五年四月四日", date(2025, 4, 4)),
        ("2024年12月1日", date(2024, 12, 1)),
        ("昭和二十四年十二月一日", date(1949, 12, 1)),
        ("8 April 2022", date(2022, 4, 8)),
        ("Oct. 1, 2025", date(2025, 10, 1)),
        ("04.06.2022", date(2022, 6, 4)),
        ("31 February 2020", None),
        ("Part 744.21", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    assert dates.first(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("一百五十一", 151), ("十", 10), ("二十", 20), ("二〇二五", 2025), ("一千零三", 1003), ("１２", 12), ("甲", None)],
)
def test_chinese_numbers(text: str, expected: int | None) -> None:
    assert numerals.chinese(text) == expected


def test_roman_and_letters() -> None:
    assert [numerals.roman(t) for t in ("iv", "xiv", "iiii", "b")] == [4, 14, None, None]
    assert [numerals.letters(t) for t in ("a", "z", "aa", "ab")] == [1, 26, 27, None]


def rungs(*marks: str) -> list[Rung]:
    """The open levels, each read as its first reading."""
    return [readings(mark, ")")[0] for mark in marks]


@pytest.mark.parametrize(
    ("mark", "stack", "ahead", "depth", "style"),
    [
        ("i", ["h"], ["j"], 0, "lower)"),
        ("i", ["h", "1"], ["ii"], 2, "roman-lower)"),
        ("i", ["h", "2"], ["j"], 0, "lower)"),
        ("v", ["u"], [], 0, "lower)"),
        ("b", ["a", "2"], [], 0, "lower)"),
        ("A", ["a", "1"], [], 2, "upper)"),
    ],
)
def test_the_sequence_decides_what_a_letter_is(
    mark: str, stack: list[str], ahead: list[str], depth: int, style: str
) -> None:
    found = place(readings(mark, ")"), rungs(*stack), [readings(a, ")") for a in ahead])
    assert found is not None
    assert (found[0], found[1].style) == (depth, style)
