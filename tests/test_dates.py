"""Dates in many formats and languages, read on 21 November 2026, and which of several is the shipment's."""

from datetime import date

import pytest

from tests.conftest import ask

DAY = date(2026, 11, 20)


def shipped(question: str) -> tuple[str, str] | None:
    """First and last day of the shipment, as the whole pipeline reads it."""
    when = ask(question).transaction.when
    return (when.first.isoformat(), when.last.isoformat()) if when else None


@pytest.mark.parametrize(
    "text",
    [
        "gallium metal to Germany, shipped 2026-11-20",
        "gallium metal to Germany, shipped 2026/11/20",
        "gallium metal to Germany, shipped 20.11.2026",
        "gallium metal to Germany, shipped 11/20/2026",
        "gallium metal to Germany, ETD 20261120",
        "gallium metal to Germany, shipped 20 Nov 2026",
        "gallium metal to Germany, shipped Nov 20th, 2026",
        "gallium metal to Germany, shipped 20-Nov-26",
        "gallium metal to Germany, shipped on the 20th of November",
        "gallium metal to Germany, shipped yesterday",
        "金属镓2026年11月20日发往德国",
        "金属镓 11月20日 发往德国",
        "昨天发往德国的金属镓",
        "galio metálico a Alemania, enviado el 20 de noviembre de 2026",
        "Wir haben Gallium am 20. November 2026 nach Deutschland versendet",
        "металлический галлий в Германию, отгрузка 20 ноября 2026",
        "le gallium est expédié de Chine vers la France le 20 novembre 2026",
        "2026年11月20日にガリウムをドイツへ出荷",
        "2026년 11월 20일 독일로 갈륨 금속 수출",
        "xuất khẩu gali kim loại từ Trung Quốc sang Đức ngày 20 tháng 11 năm 2026",
        "ส่งออกแกลเลียมจากจีนไปเยอรมนี วันที่ 20 พฤศจิกายน 2569",
        "shipment of gallium to Germany one day ago",
    ],
)
def test_a_day(text: str) -> None:
    assert shipped(text) == (DAY.isoformat(), DAY.isoformat())


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("tomorrow", "2026-11-22", "2026-11-22"),
        ("next week", "2026-11-23", "2026-11-29"),
        ("next month", "2026-12-01", "2026-12-31"),
        ("next Monday", "2026-11-23", "2026-11-23"),
        ("in two weeks", "2026-12-05", "2026-12-05"),
        ("3 days ago", "2026-11-18", "2026-11-18"),
        ("in December", "2026-12-01", "2026-12-31"),
        ("early December", "2026-12-01", "2026-12-10"),
        ("in October", "2026-10-01", "2026-10-31"),
        ("in Dec 2025", "2025-12-01", "2025-12-31"),
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("下周", "2026-11-23", "2026-11-29"),
        ("下个月", "2026-12-01", "2026-12-31"),
        ("2026年12月上旬", "2026-12-01", "2026-12-10"),
        ("завтра", "2026-11-22", "2026-11-22"),
    ],
)
def test_a_stretch(words: str, first: str, last: str) -> None:
    text = (
        f"金属镓{words}发往德国"
        if "一" <= words[0] <= "鿿" or "年" in words
        else f"gallium metal to Germany, shipped {words}"
    )
    assert shipped(text) == (first, last)


@pytest.mark.parametrize("text", ["we may ship gallium metal to Germany", "gallium metal to Germany", "gallium metal 99.99% 20.11 kg to Germany", "shipped 30/02/2026: gallium metal to Germany"])  # fmt: skip
def test_no_date(text: str) -> None:
    assert shipped(text) is None


def test_the_shipment_and_not_the_contract() -> None:
    text = "contract signed 2025-10-01, gallium metal to Germany, shipped 2026-11-20"
    assert shipped(text) == (DAY.isoformat(), DAY.isoformat())
    assert shipped("gallium metal to Germany, ETD 2026-11-20, payment 2026-12-24") == (DAY.isoformat(), DAY.isoformat())


def test_the_law_is_read_on_the_day_of_shipment() -> None:
    answer = ask("gallium metal to Germany, shipped 31 July 2023")
    assert answer.on == date(2023, 7, 31)
    assert answer.verdict == "no_licence_found"
