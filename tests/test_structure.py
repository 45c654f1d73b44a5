"""Legal structure: the cases under tests/structure, and what holds of every document whatever it says."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.document import Block, BlockKind, Document
from ingest.structure import structure
from ingest.structure.assemble import all_text
from ingest.structure.lines import lines
from knowledge.rulebook import load
from knowledge.store.records import KINDS, InstrumentRecord

CASES = Path(__file__).parent / "structure"


def document(text: str, title: str, language: str, media_type: str = "text/plain") -> Document:
    """A document of one block a line: "# " a heading, "> " a note, "| a | b" a table row ("| column=cell")."""
    blocks: list[Block] = []
    row = 0
    for line in text.splitlines():
        if not line.strip():
            continue
        row = row + 1 if line.startswith("|") else 0
        if line.startswith("|"):
            cells = [cell.strip().partition("=") for cell in line.strip("| ").split("|")]
            named = {f"cell:{name if equals else i}": value or name for i, (name, equals, value) in enumerate(cells, 1)}
            said = "; ".join(named.values())
            blocks.append(Block(BlockKind.TABLE_ROW, said, attributes={"table": "1", "row": str(row), **named}))
        elif line.startswith("# "):
            blocks.append(Block(BlockKind.HEADING, line[2:], level=1))
        elif line.startswith("> "):
            blocks.append(Block(BlockKind.NOTE, line[2:]))
        else:
            blocks.append(Block(BlockKind.PARAGRAPH, line))
    return Document(media_type, title, language, tuple(blocks))


@lru_cache(maxsize=1)
def known() -> Mapping[str, Any]:
    return load().instruments


def cases() -> list[Any]:
    found: list[Any] = []
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.load(path.read_bytes(), Loader=yaml.BaseLoader):
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def read(case: Mapping[str, Any]) -> tuple[InstrumentRecord, ...]:
    return structure(document(case["text"], case["title"], case["language"]), case.get("hints", {}), known())


@pytest.mark.parametrize("case", cases())
def test_a_case(case: Mapping[str, Any]) -> None:
    records = read(case)
    record = records[0]
    by_locator = {p.locator: p for p in record.provisions}
    assert list(by_locator) == list(case["provisions"])
    for locator, expected in case["provisions"].items():
        provision = by_locator[locator]
        assert provision.text.startswith(expected["begins"])
        for key in ("label", "kind"):
            assert getattr(provision, key) == expected.get(key, getattr(provision, key))
        assert list(provision.heading) == expected.get("heading", list(provision.heading))
        parts = {part.locator: provision.text[part.start : part.end] for part in provision.parts}
        for name, words in expected.get("parts", {}).items():
            assert parts.get(name) == words
    assert [r.id for r in records] == case.get("instruments", [r.id for r in records])
    assert record.id == case.get("instrument", record.id)
    assert record.id != case.get("not_instrument")
    for key in ("kind", "number", "regime"):
        assert getattr(record, key) == case.get(key, getattr(record, key))
    for key in ("announced", "effective", "version_date"):
        assert key not in case or str(getattr(record, key)) == case[key]
    if "omitted" in case:
        assert case["omitted"] in record.metadata["omitted"]
    if "relations" in case:
        said = [[r.kind, r.target, r.provision, str(r.on) if r.on else "null"] for r in record.relations]
        assert said == case["relations"]
    if "enforcement" in case:
        assert len(record.enforcement) == len(case["enforcement"])
        for found, wanted in zip(record.enforcement, case["enforcement"], strict=True):
            assert {key: getattr(found, key) for key in wanted} == wanted


@pytest.mark.parametrize("case", cases())
def test_nothing_is_lost_or_comes_twice(case: Mapping[str, Any]) -> None:
    holds(document(case["text"], case["title"], case["language"]), read(case))


def squeezed(text: str) -> str:
    """Letters that count: no white space, no colon after a heading, no marks of consolidation."""
    return re.sub(r"[▼►]\s*(?:B|[MC]\d+)\s?|◄|[\s:：]", "", text)


def holds(source: Document, records: tuple[InstrumentRecord, ...]) -> None:
    """What must be true of every document: no text lost or doubled, unique locators, parts within their provisions."""
    said = [squeezed(line.text) for line in lines(source.blocks)]
    if not said:
        assert records == ()
        return
    assert records and all(record.provisions for record in records)
    kept = squeezed("\n".join(all_text(record) for record in records))
    missing = [line for line in said if line not in kept]
    assert sum(map(len, missing)) <= 0.01 * sum(map(len, said)), missing
    body = sum(len(squeezed(p.text)) for r in records for p in r.provisions)
    assert body <= sum(map(len, said))
    for record in records:
        locators = [p.locator for p in record.provisions] + [q.locator for p in record.provisions for q in p.parts]
        assert len(locators) == len(set(locators))
        for provision in record.provisions:
            assert provision.kind in KINDS
            assert provision.text.strip() and provision.label
            assert all(0 <= part.start < part.end <= len(provision.text) for part in provision.parts)


POOL = {
    "zh": [
        "第一章 总则", "第二条 货物应当申报。", "第三条之一 另有规定的除外：", "（一）甲类；", "（十二）乙类；", "1. 一号；", "前款规定适用。",
        "一、总体要求", "附件1", "附表", "1C901.a.1 金属", "目录", "2025年4月4日", "商务部公告2025年第18号", "没有标点的半句", "①圈一",
        "附件：清单.docx", "版权所有", "暂停实施以下公告：", "本公告自公布之日起正式实施。",
    ],
    "en": [
        "(a) First.", "(1) One.", "(i) Roman or letter.", "(ii) Two.", "(A) Upper.", "§ 740.2 Restrictions.", "PART 740—EXCEPTIONS", "Subpart B—More",
        "Article 1", "Article 1a", "1. Paragraph.", "(1) OJ L 1, 2.3.2004, p. 5.", "ANNEX IV", "Whereas:", "HAS ADOPTED THIS REGULATION:", "▼M2",
        "►M1 marked ◄ text", "1C350 Chemicals, as follows:", "a. an item;", "a.1. deeper;", "License Requirements", "Items:", "Note: beware.",
        "‘Article 9", "is amended as follows:", "lower case goes on", "— a dash", "[61 FR 1, Mar. 1, 1996]", "7208 10 00 Sheets", "CHAPTER II",
        "ARTICLE 5 - NAME", "Section 2. Name.", "SCHEDULE", "I. Top", "(I) 3C990.a.1. Metal;", "Category 2 – Things", "Items: a. thing;",
    ],
    "ko": ["제1조(목적) 이 법은.", "①항", "1. 호", "가. 목", "제3조의2(허가) 문장.", "부칙", "제2장 벌칙"],
    "ja": ["第一条　規定する。", "（見出し）", "２　項。", "一　号", "イ　細目", "附　則", "第二章　罰則", "別表第一"],
}  # fmt: skip
KIND = st.sampled_from(
    [BlockKind.PARAGRAPH] * 6 + [BlockKind.HEADING, BlockKind.NOTE, BlockKind.TABLE_ROW, BlockKind.LIST_ITEM]
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    language = draw(st.sampled_from(sorted(POOL)))
    texts = st.sampled_from(POOL[language]) | st.text(min_size=1, max_size=30).filter(lambda t: t.strip() != "")
    drawn = draw(st.lists(st.tuples(KIND, texts, st.integers(0, 3)), min_size=1, max_size=25))
    # every block is told apart from the others, so that doubled text shows
    blocks = tuple(
        Block(kind, f"{text} {i}x" if i % 3 else text, level=level) for i, (kind, text, level) in enumerate(drawn)
    )
    return Document("text/plain", draw(st.sampled_from(["A title", "某某条例", "x.txt"])), language, blocks)


@settings(max_examples=200, deadline=None)
@given(documents())
def test_no_text_is_lost_whatever_the_lines(source: Document) -> None:
    holds(source, structure(source, {}, {}))


def test_a_long_article_is_divided_and_a_short_one_is_not() -> None:
    body = "\n".join(f"（{n}）{'测' * 200}；" for n in "一二三四五六七八九十")
    record = structure(document(f"第一条 列名如下：\n{body}\n第二条 短。", "测试条例", "zh"), {}, {})[0]
    locators = [p.locator for p in record.provisions]
    assert locators == ["art-1", *(f"art-1/item-{n}" for n in range(1, 11)), "art-2"]
    assert record.provisions[1].heading == ("第一条 列名如下：",)


def test_an_empty_document_has_no_instrument() -> None:
    assert structure(Document("text/plain", "x", "en", ()), {}, {}) == ()
