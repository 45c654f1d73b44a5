"""Hostile and odd documents, made here: each ends as its whole text or in quarantine with a true reason, and costs little."""

import json
import os
import time
import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot import library_pages
from ingest.connectors.file import Files
from ingest.document import Block, BlockKind, Document
from ingest.fetch import Fetcher
from ingest.readers import read
from ingest.reasons import Quarantined, Reason
from ingest.structure import structure
from ingest.structure.numerals import chinese
from ingest.worker import Limits, read_isolated
from tests.documents import W, docx, line_at, paragraph, pdf

LAW = "The exporter shall apply for a licence before the goods leave the country."
ZH = "第一条 为了规范出口管制，维护国家安全，制定本条例。\n第二条 本条例适用于两用物项的出口。\n"
XML = '<?xml version="1.0"?>'
HTML = "<!DOCTYPE html><html><head><title>Rule</title></head><body>"


def _laughs(inside: str) -> bytes:
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10)
    )
    return f"{XML}<!DOCTYPE d [{entities}]><law>{inside}</law>".encode()


def _numbered(start: str, form: str = "lowerRoman") -> bytes:
    lists = (
        f'<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    )
    return docx(paragraph(LAW, '<w:numPr><w:ilvl w:val="²"/><w:numId w:val="1"/></w:numPr>'), numbering=lists)


def _many_pages(count: int) -> bytes:
    return pdf([[LAW]]).replace(b"/Count 1/", f"/Count {count}/".encode()).replace(b"5 0 R]", b"5 0 R " * count + b"]")


REFUSED: dict[str, tuple[Reason, Callable[[], bytes]]] = {
    "entities that blow up": (Reason.OVER_LIMIT, lambda: _laughs(f"<p>{LAW}</p>&a9;")),
    "XML nested too deeply": (Reason.OVER_LIMIT, (XML + "<a>" * 5_000 + LAW + "</a>" * 5_000).encode),
    "XML elements never closed": (Reason.OVER_LIMIT, (f"{XML}<law>" + f"<p>{LAW}" * 3_000).encode),
    "XML cut off": (Reason.UNREADABLE, f"{XML}<law><p>{LAW}</p><p>{LAW}</p>".encode),
    "Word nested too deeply": (Reason.OVER_LIMIT, lambda: docx("<w:tbl><w:tr><w:tc>" * 200 + paragraph(LAW))),
    "a table of 300 columns": (
        Reason.OVER_LIMIT,
        f"{HTML}<table border=1><tr>{'<td>law' * 300}</tr><tr>{'<td>law' * 300}</tr></table>".encode,
    ),
    "JSON nested too deeply": (Reason.OVER_LIMIT, lambda: b'{"a":' * 900 + json.dumps(LAW).encode() + b"}" * 900),
    "page numbers of a scan": (Reason.NO_TEXT, lambda: pdf([line_at(f"Page {n} of 9", 300, 30) for n in range(1, 10)])),
    "a scanner's mark": (Reason.NO_TEXT, lambda: pdf([line_at("Scanned with FineScanner", 9, 9)] * 3)),
    "a page that a script draws": (
        Reason.EMPTY,
        lambda: b"<html><body><script>var law = 1</script><noscript>Enable it</noscript></body></html>",
    ),
    "two encodings in one page": (
        Reason.GARBLED,
        lambda: f"{HTML}<p>{ZH}</p>".encode() + f"<p>{ZH}</p>".encode("gbk"),
    ),
    "an Excel workbook named .docx": (Reason.WRONG_TYPE, lambda: _zipped({"[Content_Types].xml": "", "xl/w.xml": ""})),
}


def _zipped(parts: dict[str, str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_for_a_true_reason(name: str) -> None:
    reason, make = REFUSED[name]
    with pytest.raises(Quarantined) as caught:
        read(make(), "law.docx" if "Excel" in name else "")
    assert caught.value.reason is reason, caught.value.detail
    assert "failed" not in caught.value.detail
    assert len(caught.value.detail) > 20


WHOLE: dict[str, tuple[int, Callable[[], bytes]]] = {  # how often the sentence of law has to be found
    "HTML nested 5,000 deep": (1, (HTML + "<div>" * 5_000 + LAW).encode),
    "HTML tags never closed": (3_000, (HTML + f"<p>{LAW}<td><tr><li>" * 3_000).encode),
    "a picture of 11 MB in the page": (
        1,
        f"{HTML}<img src='data:image/png;base64,{'A' * 11_000_000}'><p>{LAW}".encode,
    ),
    "10 MB in one paragraph": (140_000, (f"{HTML}<p>" + f"{LAW} " * 140_000).encode),
    "references to forbidden characters": (1, f"{XML}<law><p>&#xD800;&#0;&#x1b; {LAW}</p></law>".encode),
    "text boxes in text boxes": (
        1,
        lambda: docx("<w:p><w:r><w:txbxContent>" * 60 + paragraph(LAW) + "</w:txbxContent></w:r></w:p>" * 60),
    ),
    "styles that inherit without end": (
        1,
        lambda: docx(
            paragraph(LAW, '<w:pStyle w:val="S1"/>'),
            styles="".join(f'<w:style w:styleId="S{n}"><w:basedOn w:val="S{n + 1}"/></w:style>' for n in range(5_000)),
        ),
    ),
    "a list that starts nowhere": (1, lambda: _numbered("9" * 5_000)),
    "an outline level that is no figure": (1, lambda: docx(paragraph(LAW, '<w:outlineLvl w:val="²"/>'))),
    "a repaired Word file": (
        1,
        lambda: _zipped(
            {
                "_rels/.rels": "",
                "word/document3.xml": f'<w:document xmlns:w="{W}"><w:body>{paragraph(LAW)}</w:body></w:document>',
            }
        ),
    ),
    "Markdown quoted 50 deep": (400, ("# Rule\n\n" + f"{'>' * 50} {LAW}\n\n" * 400).encode),
    "Markdown lists 300 deep": (
        300,
        ("# Rule\n\n" + "".join(f"{'  ' * n}- {LAW}\n" for n in range(300))).encode,
    ),
    "a title of 1 MB": (1, f"<html><head><title>{'T（修正' * 200_000}</title></head><body><p>{LAW}".encode),
    "spans over everything": (
        500,
        (
            f"{HTML}<table border=1><tr>{'<td rowspan=10000 colspan=200>x' * 100}</tr></table>" + f"<p>{LAW}</p>" * 500
        ).encode,
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_is_lost(name: str) -> None:
    count, make = WHOLE[name]
    document = read(make())
    assert document.text.count(LAW) == count, document.warnings
    assert len(document.title) <= 600


def test_what_is_not_whole_is_said() -> None:
    document = read(f'{XML}<!DOCTYPE d [<!ENTITY eu "the Union">]><law><p>{LAW} &eu; A</p></law>'.encode())
    assert any("entities" in warning for warning in document.warnings)
    document = read(f"{XML}<law><p>A & B {LAW}</p></law>".encode())
    assert any("faulty" in warning for warning in document.warnings)


def test_a_claimed_language_is_a_language() -> None:
    document = read(f"---\nlang: \x1b[0m[/]\ntitle: Rule\n---\n# Rule\n\n{LAW}\n".encode())
    assert document.language == "en"


def test_pages_beyond_the_limit_are_not_cut_off_by_the_second_reader() -> None:
    with pytest.raises(Quarantined) as caught:
        read_isolated(_many_pages(5_001), "a.pdf")
    assert caught.value.reason is Reason.OVER_LIMIT
    assert "5001 pages" in caught.value.detail


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(lines=3), "5 paragraphs"),
        (Limits(rows=3), "5 rows"),
        (Limits(characters=100), "characters"),
        (Limits(result_bytes=200), "longer"),
    ],
)
def test_the_parent_gets_no_more_than_it_can_hold(limits: Limits, said: str) -> None:
    rows = "<tr><td>code<td>name</tr>" + "".join(f"<tr><td>1A{n}<td>item</tr>" for n in range(1, 6))
    data = f"{HTML}<table border=1>{rows}</table>" if limits.rows == 3 else HTML + f"<p>{LAW}</p>" * 5
    with pytest.raises(Quarantined) as caught:
        read_isolated(data.encode(), limits=limits)
    assert caught.value.reason is Reason.OVER_LIMIT
    if "characters" not in said:
        assert said in caught.value.detail or limits.rows == 3


HEADS = {
    "zh": ["出口管制条例", "第一条 为了规范出口管制，制定本条例。", "第二条 本条例适用于两用物项。"],
    "en": ["PART 744—CONTROL POLICY", "§ 744.1 General.", "(a) Scope. The exporter."],
    "eu": ["REGULATION (EU) 2021/821", "HAVE ADOPTED THIS REGULATION:", "Article 1", "This Regulation establishes.", "Article 2"],
}  # fmt: skip
RUNS = [("zh", "关于修改《a"), ("zh", "《ab《c"), ("zh", "《ab〈"), ("zh", "《ab》废止。"), ("zh", "自2025年1月1日起"), ("zh", "2025年1号"),
        ("zh", "第"), ("zh", "一"), ("zh", "（"), ("en", "( a ) "), ("en", "1."), ("en", "§"), ("en", "("), ("en", "aaaa."), ("en", "a. "),
        ("en", "Part 744 is repealed 1 January 2025 "), ("eu", "(1) OJ "), ("eu", "amending "), ("eu", "►M1 a ◄ ")]  # fmt: skip


def _lines(language: str, texts: list[str]) -> Document:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in [*HEADS[language], *texts])
    return Document("text/plain", "t", "zh" if language == "zh" else "en", blocks)


@pytest.mark.parametrize(("language", "unit"), RUNS)
def test_no_pattern_runs_away(language: str, unit: str) -> None:
    start = time.process_time()
    records = structure(_lines(language, [unit * (300_000 // len(unit)) + "废止"]), {}, {})
    assert time.process_time() - start < 3  # about 0.1; a quadratic pattern takes minutes
    assert max(len(p.text) for record in records for p in record.provisions) <= 8_000


@pytest.mark.slow
@pytest.mark.parametrize(("language", "unit"), RUNS)
def test_five_megabytes(language: str, unit: str) -> None:
    start = time.process_time()
    assert structure(_lines(language, [unit * (5_000_000 // len(unit))]), {}, {})
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "第" + "9" * 5_000 + "条 出口经营者应当申请。"),
        ("zh", "第" + "九" * 5_000 + "条 出口经营者应当申请。"),
        ("zh", "本法自" + "9" * 14 + "年1月1日起施行。"),
        ("zh", "（" + "9" * 12 + "年1月1日国务院公布）"),
        ("en", "§ " + "9" * 5_000 + ".1 Scope."),
        ("en", "PART " + "9" * 200 + "—CONTROL"),
        ("eu", "Article " + "9" * 5_000),
    ],
)
def test_numbers_beyond_reason(language: str, line: str) -> None:
    records = structure(_lines(language, [line, "（" + "9" * 20 + "年9月9日公布）"]), {}, {})
    assert any(record.provisions for record in records)


def test_a_number_of_a_law_is_short() -> None:
    assert chinese("一百五十一") == 151
    assert chinese("9" * 5_000) is None
    assert chinese("九" * 5_000) is None


def _printed(page: object) -> str:
    out = StringIO()
    Console(file=out, width=200, force_terminal=True, color_system="truecolor").print(page)
    return out.getvalue()


def test_a_name_paints_nothing_on_the_terminal() -> None:
    name = "[bold red]a[/] [/] \x1b[2J\x9b31m\u202etxt.\nfake: all is well"
    row = {
        "instrument": name, "language": "en", "kind": "law", "provision_count": 1, "version_date": None, "effective": None,
        "state": "live", "title": name, "name": name, "amended_by": (), "repealed_by": "", "standing": "", "until": None,
    }  # fmt: skip
    said = _printed(library_pages.documents([row]))
    assert "\\x1b[2J" in said
    assert "[bold red]" in said
    assert not {"\x1b[2J", "\x9b", "\u202e"} & {said[at : at + n] for at in range(len(said)) for n in (1, 4)}
    assert "\nfake" not in said


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    folder = os.fsencode(str(tmp_path))
    Path(os.fsdecode(folder + b"/bad\xff.txt")).write_bytes(LAW.encode())
    (item,) = Files().items(str(tmp_path), Fetcher.__new__(Fetcher))
    assert item.name.encode() == b"bad\\xff.txt"
    assert item.key.encode()
    assert item.get().body == LAW.encode()
