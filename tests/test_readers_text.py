"""Encodings, cleaning, languages, and the plain readers: text, Markdown, CSV."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import BlockKind
from ingest.readers import csv_table, markdown
from ingest.readers import text as plain
from ingest.readers.lines import paragraphs
from ingest.text import clean, decode, language

CHINESE = "第三条 出口经营者应当依法申请许可证，未经许可不得出口管制物项。"
TRADITIONAL = "第三條 出口人應當依法申請許可證，未經許可不得出口管制貨品，違者處罰。"
JAPANESE = "貨物を輸出しようとする者は、経済産業大臣の許可を受けなければならない。"
KOREAN = "전략물자를 수출하려는 자는 산업통상자원부장관의 허가를 받아야 한다."
RUSSIAN = "Экспорт контролируемых товаров осуществляется на основании разовых лицензий."
GREEK = "Η εξαγωγή ειδών διπλής χρήσης απαιτεί άδεια της αρμόδιας αρχής."
TURKISH = (
    "İhracatçı, izin belgesi olmadan çift kullanımlı eşyayı yurt dışına gönderemez; aykırılık hâlinde işlem yapılır."
)

ENCODED = [
    *[(CHINESE, name) for name in ("utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be")],
    *[(TRADITIONAL, name) for name in ("big5", "utf-8-sig", "gb18030")],
    *[(JAPANESE, name) for name in ("shift_jis", "euc_jp", "iso2022_jp", "utf-16-le")],
    *[(KOREAN, name) for name in ("euc_kr", "cp949", "utf-16-be")],
    *[(RUSSIAN, name) for name in ("koi8-r", "cp1251", "cp866", "iso8859-5", "utf-16-le")],
    *[(GREEK, name) for name in ("cp1253", "iso8859-7")],
    (TURKISH, "cp1254"),
    ("Die Ausfuhr der Güter bedarf der Genehmigung; § 8 gilt für Rüstungsgüter.", "cp1252"),
    ("The exporter shall apply for a licence.", "utf-16-le"),
    ("The exporter shall apply for a licence.", "ascii"),
]


@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_undeclared_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    ("label", "encoding"), [("gb2312", "gb18030"), ("shift_jis", "cp932"), ("ks_c_5601-1987", "cp949")]
)
def test_declared_encoding_is_honoured(label: str, encoding: str) -> None:
    short = {"gb18030": "许可", "cp932": "許可", "cp949": "허가"}[encoding]
    page = f'<html><head><meta charset="{label}"></head><body>{short}</body></html>'
    assert short in decode(page.encode(encoding))[0]


def test_a_wrong_declaration_is_overruled() -> None:
    page = f'<?xml version="1.0" encoding="iso-8859-1"?><a>{CHINESE}</a>'
    text, encoding, _ = decode(page.encode("utf-8"))
    assert (CHINESE in text, encoding) == (True, "utf-8")
    text, _, warning = decode(page.encode("gb18030"))
    assert CHINESE in text
    assert warning
    assert "iso" in warning or "cp1252" in warning


def test_utf8_with_one_character_beyond_ascii() -> None:
    assert decode("See § 7 of the act.".encode())[:2] == ("See § 7 of the act.", "utf-8")


@given(st.binary(max_size=200))
def test_decode_never_raises_and_clean_text_can_be_stored(data: bytes) -> None:
    text = clean(decode(data)[0])
    text.encode("utf-8")
    assert not any(ord(char) < 32 and char not in "\n\t" for char in text)


def test_clean_keeps_what_was_published() -> None:
    assert clean("a\x00b\ud800c\r\nd\x0ce\u2028f\ufeff") == "abc\nd\ne\nf"
    assert clean("ＡＢＣ　①㎏") == "ＡＢＣ　①㎏"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHINESE, "zh"),
        (JAPANESE, "ja"),
        (KOREAN, "ko"),
        (RUSSIAN, "ru"),
        (GREEK, "el"),
        ("The exporter shall apply for a licence to the authority.", "en"),
        ("Die Ausfuhr der Güter bedarf der Genehmigung nach dem Gesetz.", "de"),
        ("L'exportation des biens est soumise à une autorisation dans les conditions de la loi.", "fr"),
        ("1234 5678", "und"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected


def test_hard_wrapped_text_is_rejoined() -> None:
    said = "An exporter shall keep the records of every ship-\nment for five years from the day on which the\ngoods left.\n\n(a) This holds for agents too, in so far as they\nhold the records.\n(b) It does not hold for carriers.\n"
    blocks = [block.text for block in plain.read(said.encode()).blocks]
    assert blocks == [
        "An exporter shall keep the records of every shipment for five years from the day on which the goods left.",
        "(a) This holds for agents too, in so far as they hold the records.",
        "(b) It does not hold for carriers.",
    ]


def test_a_hyphen_that_belongs_stays() -> None:
    lines = [
        "All dual-use items are listed, and so are dual-",
        "use services and CAS numbers such as 3590-07-",
        "6 in the annex.",
    ]
    assert paragraphs(lines) == [
        "All dual-use items are listed, and so are dual-use services and CAS numbers such as 3590-07-6 in the annex."
    ]


def test_chinese_lines_join_without_a_space() -> None:
    assert paragraphs(["第五条 出口经营者应当建立健全内部合规制", "度，并保存有关资料。"]) == [
        "第五条 出口经营者应当建立健全内部合规制度，并保存有关资料。"
    ]


MARKDOWN = """---
title: Sample Act
issued: 2024-05-01
---
<!-- INFO END -->
# Sample Act

## 第一章 总则

第一条 为了测试。
　　第二款在此。

      § 7.1   An indented paragraph is no code.

1. First item
2. Second *item*
   - nested

| Code | Name |
|------|------|
| 1A | Pump <b>small</b> |
"""


def test_markdown() -> None:
    document = markdown.read(MARKDOWN.encode())
    assert (document.title, document.metadata["issued"]) == ("Sample Act", "2024-05-01")
    said = [(block.kind.value, block.level, block.text) for block in document.blocks]
    assert ("heading", 2, "第一章 总则") in said
    assert ("paragraph", 0, "第一条 为了测试。") in said
    assert ("paragraph", 0, "第二款在此。") in said
    assert ("paragraph", 0, "§ 7.1 An indented paragraph is no code.") in said
    assert ("list_item", 1, "2. Second item") in said
    assert ("list_item", 2, "nested") in said
    row = document.blocks[-1]
    assert row.text == "Code: 1A; Name: Pump small"
    assert row.attributes["cell:Code"] == "1A"
    assert "INFO" not in document.text


def test_csv_rows_read_by_themselves() -> None:
    document = csv_table.read('\ufeffcode,description\n0101,"Horses, asses"\n0102,Cattle\n'.encode())
    assert [block.text for block in document.blocks] == [
        "code: 0101; description: Horses, asses",
        "code: 0102; description: Cattle",
    ]
    assert all(block.kind is BlockKind.TABLE_ROW for block in document.blocks)
    headless = csv_table.read(b"X1A,ACTIVE,4\nX1B,ACTIVE,4\n")
    assert [block.text for block in headless.blocks] == ["X1A; ACTIVE; 4", "X1B; ACTIVE; 4"]
