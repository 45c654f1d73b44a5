"""Word files: headings, numbers as printed, tables, notes, bombs."""

import io
import zipfile

import pytest

from ingest.readers import read
from ingest.reasons import Quarantined, Reason
from tests.documents import docx, paragraph

STYLES = '<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="Sub"><w:name w:val="Own"/><w:basedOn w:val="H1"/></w:style>'
NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
)


def _item(text: str, level: int = 0, list_id: int = 1) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def _row(*cells: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in cells) + "</w:tr>"


def test_word() -> None:
    body = (
        paragraph("Scope", '<w:pStyle w:val="Sub"/>')
        + _item("first")
        + _item("inner", 1)
        + _item("inner too", 1)
        + _item("second")
        + _item("目的", 0, 2)
        + _item("范围", 0, 2)
        + "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:footnoteReference w:id='3'/></w:r></w:p>"
        + f"<w:tbl>{_row('Code', 'Name')}{_row('1A', 'Pump')}</w:tbl>"
    )
    note = f'<w:footnote w:id="3">{paragraph("See the annex.")}</w:footnote>'
    document = read(docx(body, styles=STYLES, numbering=NUMBERING, footnotes=note))
    assert [(block.kind.value, block.level, block.text) for block in document.blocks] == [
        ("heading", 1, "Scope"),
        ("list_item", 1, "1. first"),
        ("list_item", 2, "(a) inner"),
        ("list_item", 2, "(b) inner too"),
        ("list_item", 1, "2. second"),
        ("list_item", 1, "第一条 目的"),
        ("list_item", 1, "第二条 范围"),
        ("paragraph", 0, "Kept[3]"),
        ("table_row", 0, "Code: 1A; Name: Pump"),
        ("note", 0, "[3] See the annex."),
    ]


def test_text_boxes_are_read_once() -> None:
    box = f"<w:p><w:r><w:t>Outside</w:t></w:r><w:r><w:txbxContent>{paragraph('Inside')}</w:txbxContent></w:r></w:p>"
    assert read(docx(box)).text == "Outside\n\nInside"


def test_a_word_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for number in range(5):
            archive.writestr(f"word/part{number}.xml", b"\0" * 50_000_000)
    with pytest.raises(Quarantined) as caught:
        read(out.getvalue())
    assert caught.value.reason is Reason.OVER_LIMIT


def test_damaged_and_empty_word_files() -> None:
    whole = docx(paragraph("Some words of law."))
    with pytest.raises(Quarantined) as caught:
        read(whole[: len(whole) // 2])
    assert caught.value.reason is Reason.UNREADABLE
    with pytest.raises(Quarantined) as caught:
        read(docx(paragraph("")))
    assert caught.value.reason is Reason.NO_TEXT


def test_an_archive_is_not_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("one.txt", "words")
    with pytest.raises(Quarantined) as caught:
        read(out.getvalue(), "laws.zip")
    assert caught.value.reason is Reason.UNSUPPORTED
    assert "files inside" in caught.value.detail
