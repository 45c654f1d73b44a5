"""The classification desk: what is read of a description, how numbers are compared, what comes first, and what it survives."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knowledge.classify import facts
from knowledge.classify.bounds import bounds, holds
from knowledge.classify.classify import classify
from knowledge.classify.desk import Desk, load
from knowledge.classify.measures import find
from knowledge.classify.model import Classification, Verdict
from knowledge.classify.paragraphs import paragraphs
from knowledge.classify.text import LIMIT, glossary, normal
from knowledge.reading.read import Reader
from knowledge.rulebook import load as load_rules
from tests.bench_classify import DATA, calibration_error, share, tried


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("classify")
    yield load(reader=Reader(load_rules(), folder), cache=folder)


def codes(found: Classification, regime: str = "US", first: int = 5) -> list[str]:
    return [c.code for c in found.of(regime)[:first]]


@pytest.mark.parametrize(
    ("text", "dimension", "low", "high"),
    [
        ("12-bit converter", "bit", 12, 12),
        ("4 GSPS", "sample_rate", 4e9, 4e9),
        ("2.5 giga samples per second", "sample_rate", 2.5e9, 2.5e9),
        ("8-12 GHz band", "frequency", 8e9, 12e9),
        ("output 50 mW", "power", 0.05, 0.05),
        ("output 50 MW", "power", 5e7, 5e7),
        ("bias 0.01 deg/hr", "angle_rate", 0.01, 0.01),
        ("bias 0.01 degrees per hour", "angle_rate", 0.01, 0.01),
        ("640 x 512 focal plane array", "pixel", 327680, 327680),
        ("from -54 °C", "temperature", -54, -54),
        ("at 4 K", "temperature", -269.15, -269.15),
        ("五轴加工中心", "axis", 5, 5),
        ("厚度12微米", "length", 12e-6, 12e-6),
        ("密度17.6克/立方厘米", "density", 17.6, 17.6),
        ("3 x 10^5 Gy", "dose", 3e5, 3e5),
        ("1,500 MPa", "pressure", 1.5e9, 1.5e9),
        ("TPP 4992", "tpp", 4992, 4992),
    ],
)
def test_quantities_are_read_in_one_unit(text: str, dimension: str, low: float, high: float) -> None:
    found = [m for m in find(normal(text)[0]) if m.dimension == dimension]
    assert len(found) == 1
    assert (found[0].low, found[0].high) == pytest.approx((low, high))


@pytest.mark.parametrize("text", ["model H100", "M8 screws", "grade 304", "ISO 9001", "RS-485"])
def test_names_are_no_quantities(text: str) -> None:
    assert find(normal(text)[0]) == []


def test_conditions_of_a_list_are_read_with_their_comparison() -> None:
    text = "A resolution of 12 bit or more, but less than 14 bit, at a rate greater than 400 MSPS, not exceeding 3 W"
    assert [(b.dimension, b.comparator, b.value) for b in bounds(text)] == [
        ("bit", ">=", 12),
        ("bit", "<", 14),
        ("sample_rate", ">", 4e8),
        ("power", "<=", 3),
    ]


def test_a_range_that_straddles_a_limit_is_open() -> None:
    bound = bounds("a frequency exceeding 10 GHz")[0]
    assert [holds(bound, m) for m in find("11 GHz 9 GHz 8-12 GHz 10 GHz")] == [True, False, None, False]


def test_conditions_below_all_of_the_following_are_asked_together() -> None:
    rows = [
        ("", "e", "Pumps, as follows"),
        (
            "a",
            "e/a",
            "a. Pumps having all of the following:\na.1. A flow exceeding 5 m3/h; and\na.2. A mass less than 3 kg;",
        ),
        (
            "b",
            "e/b",
            "b. Pumps having any of the following:\nb.1. A mass less than 2 kg; or\nb.2. A power exceeding 4 W",
        ),
    ]
    assert {i.path: len(i.bounds) for i in paragraphs(rows)} == {"": 0, "a": 2, "b": 0, "b.1": 1, "b.2": 1}


def test_bundled_facts_hold_words_and_no_sentences() -> None:
    raw = json.loads(facts.FILE.read_text("utf-8"))
    assert all(" " not in w for w in raw["words"])
    assert len(raw["entries"]) > 600
    longest = max(len(b[5].split()) for v in raw["entries"].values() for row in v[1] for b in row[4])
    assert longest <= 3


def test_chinese_terms_become_the_words_of_the_list() -> None:
    assert {"gyro", "fiber", "optic"} <= set(glossary().words("光纤陀螺仪").stems)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("16-bit analog-to-digital converter chip sampling at 1 GSPS", "3A001"),
        ("riflescope 5-25x56 with illuminated reticle", "0A504"),
        ("police handcuffs, nickel plated steel", "0A982"),
        ("光纤陀螺，零偏稳定性0.005°/h", "7A002"),
        ("T800 carbon fibre epoxy prepreg, unidirectional", "1C010"),
    ],
)
def test_a_plain_description_finds_its_entry(desk: Desk, text: str, code: str) -> None:
    assert code in codes(classify(text, desk))


def test_numbers_are_compared_with_the_limits_of_the_entry(desk: Desk) -> None:
    found = classify("12-bit analog-to-digital converter, 2 GSPS", desk)
    adc = next(c for c in found.of("US") if c.code == "3A001")
    assert any(p.verdict is Verdict.MEETS and p.given == "2 GSPS" for p in adc.parameters)
    assert any(i.path.startswith("a.5.a") for i in adc.items)


def test_missing_the_limit_moves_the_strict_entry_down_and_its_loose_neighbour_up(desk: Desk) -> None:
    def chances(text: str) -> dict[str, float]:
        return dict(classify(text, desk, limit=50).outcomes)

    fast = chances("14-bit analog-to-digital converter integrated circuit, 3 GSPS")
    slow = chances("14-bit analog-to-digital converter integrated circuit, 200 MSPS")
    assert slow["3A001"] < fast["3A001"]
    assert slow["3A991"] > fast["3A991"]


def test_everyday_goods_are_not_listed_and_it_says_why(desk: Desk) -> None:
    for text in ("wooden office desk with drawers", "家用微波炉 20升"):
        found = classify(text, desk)
        assert found.outcomes[0][0] == "EAR99"
        assert any(key == "ordinary_goods" for key, _ in found.not_listed.reasons)


def test_chinese_entries_come_from_the_conditions_of_the_rule_book(desk: Desk) -> None:
    found = classify("钕铁硼磁体，含镝1.5%", desk)
    assert codes(found, "CN", 1) == ["1C905.a.4"]
    assert found.language == "zh"


def test_entries_of_one_number_that_differ_are_said_to(desk: Desk) -> None:
    found = classify(
        "tungsten heavy alloy W-Ni-Fe, density 17.6 g/cm3, elastic limit 850 MPa, UTS 1300 MPa, elongation 10%", desk
    )
    alloy = next(c for c in found.of("US") if c.code == "1C004")
    assert ("CN", "1C004") in [(k.regime, k.code) for k in alloy.correspondences]
    assert any(p.verdict is Verdict.MISSES and p.wanted == "880 MPa" for p in alloy.parameters)
    assert not any(c.confirmed for c in found.of("EU"))


def test_what_would_decide_is_asked(desk: Desk) -> None:
    found = classify("analog-to-digital converter integrated circuit, 12 bit", desk)
    assert any(q.code == "3A001" and "SPS" in q.wanted for q in found.missing)


def test_chances_add_up_and_ranks_are_in_order(desk: Desk) -> None:
    found = classify("five-axis machining centre", desk, limit=1000)
    assert sum(p for _, p in found.outcomes) == pytest.approx(1, abs=1e-3)
    assert [c.rank for c in found.of("US")] == list(range(1, len(found.of("US")) + 1))
    assert classify("five-axis machining centre", desk, limit=3) == classify(
        "five-axis machining centre", desk, limit=3
    )


def test_a_long_data_sheet_is_read_in_part_and_says_so(desk: Desk) -> None:
    filler = "\n".join(
        f"Section {i}: our company was founded with care and serves customers everywhere" for i in range(4000)
    )
    found = classify(f"Fiber optic gyroscope\n{filler}\nBias stability 0.005 deg/h", desk)
    assert found.truncated
    assert "7A002" in codes(found)
    assert any("0.005" in q for q in found.read.quantities)


@pytest.mark.parametrize(
    "text",
    ["", " \n\t ", "\0\x01\x02", "a" * 10_000_000, "1" * 1_000_000, "9" * 400 + " GHz", "阀" * 1_000_000, "5 x 10^99 GHz 1e99 W",
     "-" * 500_000, "1-2-3-" * 200_000, "\ud800 laser", "(" * 100_000, "1 x " * 100_000, ".\n" * 300_000],
    ids=lambda t: f"{t[:6]!r}x{len(t)}",
)  # fmt: skip
def test_hostile_text_is_answered_in_bounded_time(desk: Desk, text: str) -> None:
    start = time.process_time()
    found = classify(text, desk)
    assert time.process_time() - start < 5
    assert all(np.isfinite(p) for _, p in found.outcomes)
    assert found.truncated == (len(normal(text)[0]) >= LIMIT or len(text) > 200_000) or not found.truncated


@pytest.mark.skipif(not list(DATA.glob("*.tsv")), reason="no labelled descriptions")
def test_the_labelled_descriptions_stay_above_their_floors(desk: Desk) -> None:
    some = tried(desk, "test")
    assert share(some, 5) >= 0.80
    assert share(some, 1) >= 0.55
    assert calibration_error(some) <= 0.15


def test_a_second_start_reads_what_the_first_derived(tmp_path: Path) -> None:
    load(cache=tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    again = load(cache=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert classify("police handcuffs", again).of("CN") == ()
