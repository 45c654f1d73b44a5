"""Memos: everything that has to be in them is, in every format; the pages are tagged and extract cleanly; and nothing that a
person wrote acts in them, hides or gets lost."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pdfplumber
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.locales import say
from bot.memo import fonts
from bot.memo.issue import Order, issue, of_question
from bot.memo.markdown import escaped
from bot.memo.model import FORMATS, Grid, Heading, Lines, Source
from bot.memo.text import marked, visible, words
from knowledge import wording
from knowledge.errors import BadInput, NavicertError
from knowledge.store.cases import Cases
from knowledge.store.database import Database
from tests.conftest import ask
from tests.memos import AT, DAY, QUESTIONS, decided, filled, kept


@dataclass(frozen=True)
class World:
    """A database with an answer of each kind."""

    database: Database
    numbers: dict[str, int]

    def memo(self, name: str, format_: str = "pdf", **more: Any) -> Any:
        return issue(self.database, Order(self.numbers[name], format_, AT, **more))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    database, numbers = filled(tmp_path_factory.mktemp("memos"))
    decided(database, numbers["licence"], "confirmed", "Checked against the announcement.")
    decided(database, numbers["prohibited"], "overridden", "需要核实最终用户的具体部门。", "needs_more_info")
    yield World(database, numbers)
    database.close()


def flat(text: str) -> str:
    """Text as it is compared: however lines and spaces fall, and spaces between Chinese and Latin aside."""
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFKC", text))


def text_of(data: bytes, format_: str) -> str:
    """What a reader of the file reads."""
    if format_ == "pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    if format_ == "docx":
        body = docx.Document(io.BytesIO(data)).element.body
        return "".join(
            (node.text or "") if node.tag.endswith("}t") else "\n"
            for node in body.iter()
            if node.tag.endswith(("}t", "}p", "}br"))
        )
    if format_ == "md":
        return "".join(t.content for token in MarkdownIt("commonmark").enable("table").parse(data.decode()) for t in token.children or ())  # fmt: skip
    return Page(data).text


class Page(HTMLParser):
    """The text, the tags and the addresses of an HTML page."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.text, self.tags, self.links, self.ids, self.attributes = (
            "",
            set[str](),
            list[str](),
            set[str](),
            set[str](),
        )
        self._skipped = False
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        said = dict(attrs)
        self.links += [said["href"] or ""] if "href" in said else []
        self.ids |= {said["id"] or ""} if "id" in said else set()
        self._skipped = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._skipped = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._skipped else data


# ---------------------------------------------------------------- what is in it


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_memo_says_all_that_it_has_to(world: World, name: str, format_: str) -> None:
    asked = Cases(world.database).question(world.numbers[name])
    assert asked is not None
    made, answer = world.memo(name, format_), asked.answer
    text = flat(text_of(made.data, format_))
    wanted = [asked.text, asked.rulebook, made.memo.code, say(answer.lang, "memo.disclaimer"), "2026-11-22 14:00:05"]
    wanted += [line for section in answer.sections for line in section.lines]
    for citation in answer.citations:
        wanted += [citation.quote, citation.sha256, citation.title, citation.url, f"[{citation.n}]"]
    for determination in answer.determinations:
        wanted += [*determination.entries, *(f.rule for f in determination.findings if f.truth is not False)]
    missing = [w for w in wanted if flat(visible(w)) not in text]
    assert len(wanted) > 10
    assert not missing


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_mark_resolves(world: World, name: str) -> None:
    page = Page(world.memo(name, "html").data)
    inner = [link for link in page.links if link.startswith("#")]
    assert len(inner) >= 1
    assert {link.removeprefix("#") for link in inner} <= page.ids
    reader = pypdf.PdfReader(io.BytesIO(world.memo(name).data))
    annotations: list[Any] = [a.get_object() for p in reader.pages for a in p.get("/Annots") or ()]
    jumps = [a for a in annotations if "/Dest" in a or a.get("/A", {}).get("/S") == "/GoTo"]
    assert len(jumps) == len(inner)
    web = {a["/A"]["/URI"] for a in annotations if a.get("/A", {}).get("/S") == "/URI"}
    asked = Cases(world.database).question(world.numbers[name])
    assert asked is not None
    assert web == {c.url for c in asked.answer.citations if c.url}


def test_staff_and_machine_stand_beside_each_other(world: World) -> None:
    text = flat(text_of(world.memo("prohibited").data, "pdf"))
    assert flat("人员决定 还需要更多信息 (Ana Müller (第8号人员)，世界时2026-11-22 14:00)") in text
    assert flat("机器结论 禁止") in text
    assert flat("需要核实最终用户的具体部门。") in text
    assert flat("please look at this") in text


def test_flags_are_not_cleared_by_silence(world: World) -> None:
    text = flat(text_of(world.memo("flags").data, "pdf"))
    assert flat(say("en", "memo.flags_not_cleared")) in text
    number = kept(world.database, ask(QUESTIONS["flags"], DAY), 90)
    decided(world.database, number, "dismissed", "not needed")
    assert flat(say("en", "memo.flags_not_cleared")) in flat(_pdf_text(world.database, number))
    decided(world.database, number, "confirmed", "end user named and screened")
    after = flat(_pdf_text(world.database, number))
    assert flat(say("en", "memo.flags_not_cleared")) not in after
    assert flat("end user named and screened") in after


def _pdf_text(database: Database, number: int) -> str:
    return text_of(issue(database, Order(number, "pdf", AT)).data, "pdf")


def test_unconfirmed_and_own_summaries_are_marked(world: World) -> None:
    parts = world.memo("prohibited").memo.parts
    sources = [p for p in parts if isinstance(p, Source)]
    assert len(sources) == 9
    asked = Cases(world.database).question(world.numbers["prohibited"])
    assert asked is not None
    for source, citation in zip(sources, asked.answer.citations, strict=True):
        assert (source.kind == say("zh", "memo.digest")) == source.digest == citation.digest
        assert (source.standing == say("zh", "memo.unconfirmed")) == (citation.confidence == "unconfirmed")
        assert source.unconfirmed == (citation.confidence == "unconfirmed")
    assert any(say("zh", "memo.unconfirmed") in words(row[2]) for p in parts if isinstance(p, Grid) for row in p.rows)


def test_an_answer_of_another_person_s_rulebook_keeps_its_words(world: World) -> None:
    held = of_question(world.database, world.numbers["licence"], "zh", lambda asked, lang: None)
    assert held is not None
    assert (held.lang, held.answer.lang, held.reworded) == ("zh", "en", False)
    text = flat(text_of(issue(world.database, Order(held.asked.id, "pdf", AT, "zh")).data, "pdf"))
    assert flat(say("zh", "memo.not_translated")) in text
    assert flat("Apply to MOFCOM through the commerce department") in text


def test_a_missing_answer_or_format_is_said(world: World) -> None:
    for order in (Order(99999, "pdf", AT), Order(2**70, "pdf", AT), Order(1, "odt", AT)):
        with pytest.raises(BadInput):
            issue(world.database, order)


# ---------------------------------------------------------------- the pages


@pytest.mark.parametrize("name", ["licence", "prohibited"])
def test_the_pdf_is_tagged_and_carries_its_fonts(world: World, name: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(world.memo(name).data))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] in ("en-GB", "zh-CN")
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None and reader.metadata.title
    found: dict[str, Any] = {}
    for page in reader.pages:
        resources: Any = page["/Resources"]
        found |= {str(f.get_object()["/BaseFont"]): f.get_object() for f in resources["/Font"].values()}
    assert all("/ToUnicode" in font for font in found.values())
    assert all("NotoSans" in base and base[7] == "+" for base in found)  # "/ABCDEF+NotoSans": a subset in the file


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_memo_is_the_same_bytes(world: World, format_: str) -> None:
    first, second = (world.memo("prohibited", format_).data for _ in range(2))
    assert first == second
    later = issue(world.database, Order(world.numbers["prohibited"], format_, AT + timedelta(seconds=1))).data
    assert later != first


def test_a_missing_font_is_named_and_not_drawn_as_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda package: None)
    with pytest.raises(NavicertError, match="pip install fontpkg-noto-sans"):
        fonts.files.__wrapped__()


def test_what_no_font_draws_is_written_out() -> None:
    assert fonts.shown("Dy₂O₃ ≥ 99.9 % 氧化镝 ş ğ ı Ж Ω ạ") == "Dy₂O₃ ≥ 99.9 % 氧化镝 ş ğ ı Ж Ω ạ"
    assert fonts.shown("a 🚢 b") == "a [U+1F6A2] b"
    assert fonts.shown("شركة") == "[U+0634][U+0631][U+0643][U+0629]"


# ---------------------------------------------------------------- what people write

HOSTILE = {
    "typst": 'gallium from Ningbo to Paris #panic() *bold* _x_ $y$ <src> @ref #sys.inputs ] } ```raw``` \\n #read("/etc/passwd")',
    "html": 'gallium from Ningbo to Paris </blockquote><script>alert(1)</script><img src=x onerror="a()"> &amp; &#x41; <!-- -->',
    "markdown": "# gallium\n- from [Ningbo](http://evil.example) to Paris\n\n---\n| a | b |\n```\n<b>x</b>\n\n    code ![x](y) www.evil.example",
    "sources": "gallium [1] from Ningbo [2] to Paris [99999999999999999999], buyer Acme [3] Trading Ltd",
    "direction": "gallium \u202efrom Ningbo\u202c to Paris\u200b\u00ad \ufeff",
    "control": "gallium\x00 from\x07 Ningbo\x1b[31m to\x7f Paris\ud800 \ufffe \ue000",
    "emoji": "gallium 🚢👩\u200d🔬 from Ningbo to Paris 🇫🇷 ✅",
    "marks": "gallium from Ningbo to Paris Z" + "\u0301" * 300,
    "formulae": '=HYPERLINK("http://evil") Ga₂O₃ Nd₂Fe₁₄B, α-Ga, ½ µm², from Ningbo to Paris',
    "scripts": "gallium from Ningbo to Paris for شركة التجارة, חברה, บริษัท, ООО «Ромашка», Αθήνα, ガリウム 갈륨",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    database, _ = filled(tmp_path_factory.mktemp("hostile"))
    numbers = {}
    for n, (name, text) in enumerate(HOSTILE.items(), 100):
        answer = replace(ask(QUESTIONS["licence"], DAY), question=_storable(text))
        numbers[name] = kept(database, answer, n)
        real = ask(text, DAY)
        numbers[f"{name}-read"] = kept(database, replace(real, question=_storable(text)), n + 100)
        decided(database, numbers[name], "confirmed", text)
    yield World(database, numbers)
    database.close()


def _storable(text: str) -> str:
    """What a database can hold of it."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


@pytest.mark.parametrize("read", ["", "-read"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_are_shown_and_do_nothing(hostile: World, name: str, read: str) -> None:
    text = _storable(HOSTILE[name])
    shown = visible(text)
    for format_ in FORMATS:
        data = hostile.memo(name + read, format_).data
        wanted = fonts.shown(shown) if format_ == "pdf" else shown
        assert flat(wanted) in flat(text_of(data, format_)), format_
    page = Page(hostile.memo(name + read, "html").data)
    assert page.tags <= set("html head meta title style body header div span p h1 h2 h3 figure figcaption svg path main table tbody thead tr th td strong br ul li a blockquote section footer".split())  # fmt: skip
    assert not [a for a in page.attributes if a.startswith("on")]
    assert not [link for link in page.links if "evil" in link]
    assert {link for link in page.links if link.startswith("#")} <= {f"#{i}" for i in page.ids}
    markdown = MarkdownIt("commonmark").enable("table").parse(hostile.memo(name + read, "md").data.decode())
    inner = [t for token in markdown for t in token.children or ()]
    assert not [t for t in inner if t.type == "link_open" and "evil" in str(t.attrGet("href"))]
    assert {t.content for t in inner if t.type == "html_inline"} <= {"<br>", "</a>"} | {
        f'<a id="source-{n}">' for n in range(1, 60)
    }
    assert not [t for t in markdown if t.type in ("fence", "code_block")]


def test_a_mark_that_the_asker_wrote_points_nowhere(hostile: World) -> None:
    number = hostile.numbers["sources-read"]
    held = of_question(hostile.database, number, None)
    assert held is not None
    assert any("Acme [3]" in n for n in held.answer.transaction.named_parties) or held.answer.transaction.goods
    forged = held.line("Screened without a hit: Acme [3] Trading Ltd [1].")
    names = "".join(held.answer.transaction.named_parties)
    if "[3]" in names:
        assert [p.mark for p in forged if p.mark] == [1]
    assert [p.mark for p in marked("a [1] b [77] c [99999999999999999999]", {1}.__contains__) if p.mark] == [1]


def test_ten_thousand_letters_stay_on_the_page(tmp_path: Path) -> None:
    database, _ = filled(tmp_path)
    long = "gallium from Ningbo to Paris " + "x" * 10_000 + " " + "镓" * 3000 + " " + "https://a.example/" + "y" * 500
    number = kept(database, replace(ask(QUESTIONS["licence"], DAY), question=long), 300)
    decided(database, number, "confirmed", "z" * 4000)
    for format_ in FORMATS:
        data = issue(database, Order(number, format_, AT)).data
        assert flat(text_of(data, format_)).count("x" * 10_000) == 1 or format_ == "pdf"
        if format_ == "pdf":
            with pdfplumber.open(io.BytesIO(data)) as pages:
                letters = [c for page in pages.pages for c in page.chars]
                edge = pages.pages[0].width - 50
            assert sum(c["text"] == "x" for c in letters) >= 10_000
            assert sum(c["text"] == "z" for c in letters) >= 4000
            assert max(c["x1"] for c in letters) < edge
    database.close()


@given(st.text(alphabet=st.characters(), max_size=60))
def test_visible_words_hide_nothing(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")]
    for c in set(text):
        if unicodedata.category(c)[0] in "LNPS":
            assert c in shown


@given(st.text(alphabet="ab #*_-+=`~<>[]()!|\\&:/.1\n@", max_size=60))
def test_markdown_is_escaped(text: str) -> None:
    shown = "\n".join(escaped(line) for line in visible(text).split("\n") if line.strip())
    tokens = MarkdownIt("commonmark").enable("table").parse(shown)
    assert {t.type for t in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inner = {t.type for token in tokens for t in token.children or ()}
    assert inner <= {"text", "softbreak", "hardbreak", "text_special"}


def test_the_docx_is_whole_and_holds_no_field(hostile: World) -> None:
    data = hostile.memo("formulae", "docx").data
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        assert held.testzip() is None
        document = held.read("word/document.xml").decode()
    assert "fldSimple" not in document and "instrText" not in document
    assert "HYPERLINK(" in text_of(data, "docx")


def test_parts_are_numbered_and_in_order(world: World) -> None:
    memo = world.memo("licence").memo
    heads = [p.text for p in memo.parts if isinstance(p, Heading) and p.level == 1]
    keys = ("question", "facts", "result", "reasoning", "flags", "review", "sign", "sources", "record")
    expected = [say("en", f"memo.{key}") for key in keys]
    expected[5:5] = [wording.say("en", "heading.missing"), wording.say("en", "heading.not_checked")]
    assert heads == expected
    assert all(line for p in memo.parts if isinstance(p, Lines) for line in p.lines)
