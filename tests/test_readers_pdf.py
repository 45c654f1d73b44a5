"""PDF: reading order, running heads, paragraphs, tables over pages, protection, scans."""

import pytest

from ingest.document import BlockKind
from ingest.readers import pdf as reader
from ingest.readers import read
from ingest.reasons import Quarantined, Reason
from tests.documents import encrypted, line_at, pdf, table, text

PROSE = [
    "Article 1",
    "",
    "An exporter shall keep the records of every ship-",
    "ment for five years from the day on which the goods",
    "left the customs territory.",
    "",
    "(a) This holds for agents too, in so far as they",
    "hold the records;",
    "",
    "(b) It does not hold for carriers.",
]


def _page(number: int, body: str) -> str:
    return line_at("Official Gazette of Nowhere", 60, 815, 9) + body + line_at(f"Page {number} of 4", 280, 30, 9)


def test_paragraphs_without_running_heads() -> None:
    others = [
        _page(number, text([f"{word} begins the page with words of its own."]))
        for number, word in ((2, "This"), (3, "That"), (4, "It"))
    ]
    pages = [_page(1, text([*PROSE, "", "Closing words."])), *others]
    document = read(pdf(pages))
    first = [(block.kind.value, block.text) for block in document.blocks if block.page == 1]
    assert first == [
        ("heading", "Article 1"),
        (
            "paragraph",
            "An exporter shall keep the records of every shipment for five years from the day on which the goods left the customs territory.",
        ),
        ("paragraph", "(a) This holds for agents too, in so far as they hold the records;"),
        ("paragraph", "(b) It does not hold for carriers."),
        ("paragraph", "Closing words."),
    ]
    assert "Gazette" not in document.text
    assert "of 4" not in document.text
    assert (document.pages, document.language) == (4, "en")


def test_a_sentence_goes_on_over_the_page_past_a_footnote() -> None:
    first = text(
        [
            "The authority shall decide within thirty days of the day",
            "on which the application was received, and shall give the",
        ]
    ) + line_at("(1) See the earlier act, p. 9.", 60, 60, 8)
    second = text(["reasons for its decision.", "", "It may ask for more."])
    blocks = read(pdf([first, second])).blocks
    assert [block.kind.value for block in blocks] == ["paragraph", "note", "paragraph"]
    assert blocks[0].text.endswith("and shall give the reasons for its decision.")


def test_pages_of_one_line_keep_it() -> None:
    document = read(pdf([[f"Clause {number} of the text"] for number in range(1, 6)]))
    assert len(document.blocks) == 5


@pytest.mark.parametrize("sides", [True, False])
def test_a_table_goes_on_over_the_page(sides: bool) -> None:
    head = ["Code", "Name of the good"]
    first = text(["List of goods covered by the measure"]) + table(
        [head, ["0101", "Horses"], ["0102", "Cattle"]], 700, sides=sides
    )
    second = table([["0103", "Swine"], ["0104", "Sheep and goats"]], 800, sides=sides) + line_at(
        "Text after the table.", 60, 600
    )
    blocks = read(pdf([first, second, ["A last page with words."]])).blocks
    rows = [block for block in blocks if block.kind is BlockKind.TABLE_ROW]
    assert [row.text for row in rows] == [
        f"Code: {code}; Name of the good: {name}"
        for code, name in (("0101", "Horses"), ("0102", "Cattle"), ("0103", "Swine"), ("0104", "Sheep and goats"))
    ]
    assert [row.page for row in rows] == [1, 1, 2, 2]
    assert {row.attributes["table"] for row in rows} == {"1"}
    assert rows[2].attributes["cell:Code"] == "0103"
    assert [block.text for block in blocks if block not in rows] == [
        "List of goods covered by the measure",
        "Text after the table.",
        "A last page with words.",
    ]


def test_superscripts_keep_their_meaning() -> None:
    drawing = line_at("Not more than 10", 60, 700) + line_at("6", 143, 705, 6) + line_at("hertz at any time.", 150, 700)
    assert "10⁶" in read(pdf([drawing])).text


def test_an_empty_password_is_no_obstacle() -> None:
    assert "exporter" in read(encrypted(pdf([PROSE]), "")).text


def test_a_password_is() -> None:
    with pytest.raises(Quarantined) as caught:
        read(encrypted(pdf([PROSE]), "secret"))
    assert caught.value.reason is Reason.ENCRYPTED
    assert "password" in caught.value.detail


def test_a_scan_has_no_text() -> None:
    with pytest.raises(Quarantined) as caught:
        read(pdf(["q 100 0 0 100 0 0 cm Q", "0 0 100 100 re f"]))
    assert caught.value.reason is Reason.NO_TEXT
    assert "OCR" in caught.value.detail


def test_some_scanned_pages_are_told() -> None:
    document = read(pdf([PROSE, "0 0 100 100 re f"]))
    assert any("1 of 2 pages" in warning for warning in document.warnings)


def test_damaged_files() -> None:
    whole = pdf([PROSE])
    assert "exporter" in read(whole.replace(b"startxref\n", b"startxref\n9")).text
    assert "exporter" in read(whole.replace(b"0000000", b"0000007")).text
    for broken in (b"%PDF-1.7", whole[:200], whole[: whole.index(b"xref")], b"%PDF-1.4\n" + bytes(range(256)) * 20):
        with pytest.raises(Quarantined) as caught:
            read(broken)
        assert caught.value.reason in {Reason.UNREADABLE, Reason.NO_TEXT}


def test_the_second_reader_reads_alone() -> None:
    document = reader.read(pdf([PROSE, ["Another page."]]), second=True)
    assert "for five years from the day" in document.text
    assert any("second reader" in warning for warning in document.warnings)


def test_a_broken_encoding_is_garbled() -> None:
    noise = "出口经营者应当依法申请许可证未经许可不得出口".encode("gbk").decode("cp1252", "ignore")
    with pytest.raises(Quarantined) as caught:
        read(pdf([[noise] * 20]))
    assert caught.value.reason is Reason.GARBLED
