"""HTML, eCFR XML, Formex, other XML and JSON, on small documents of our own."""

import json

import pytest

from ingest.document import Block
from ingest.readers import read
from ingest.reasons import Quarantined, Reason


def _said(data: str) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, block.text) for block in read(data.encode()).blocks]


PAGE = """<!DOCTYPE html><html lang="fr"><head><title>Un acte</title><script>var x = "<p>no</p>";</script></head><body>
<nav><a href="/">Accueil</a></nav><ul class="menu"><li><a href="/a">A</a></li></ul>
<main><h1>Un acte</h1><p>Premier alinéa,<br>suite de l'alinéa.</p><p>Un.<br>Deux.</p>
<ol><li>premier<ul><li>dedans</li></ul></li></ol><p>10<sup>6</sup> kg de H<sub>2</sub>O</p></main>
<footer>Mentions légales</footer></body></html>"""


def test_html_without_the_furniture() -> None:
    document = read(PAGE.encode())
    assert (document.language, document.title) == ("fr", "Un acte")
    assert _said(PAGE) == [
        ("heading", 1, "Un acte"),
        ("paragraph", 0, "Premier alinéa, suite de l'alinéa."),
        ("paragraph", 0, "Un."),
        ("paragraph", 0, "Deux."),
        ("list_item", 1, "premier"),
        ("list_item", 2, "dedans"),
        ("paragraph", 0, "10⁶ kg de H2O"),
    ]


def test_eurlex_layout_tables_are_numbered_paragraphs() -> None:
    row = '<table width="100%" border="0"><col width="4%"/><tr><td><p class="oj-normal">{}</p></td><td><p class="oj-normal">{}</p>{}</td></tr></table>'
    inner = row.format("(a)", "first point;", "")
    page = f'<html><body><div class="eli-subdivision" id="art_1"><p class="oj-ti-art">Article 1</p>{row.format("(1)", "A paragraph:", inner)}</div></body></html>'
    document = read(page.encode())
    assert [block.text for block in document.blocks] == ["Article 1", "(1) A paragraph:", "(a) first point;"]
    assert document.blocks[0].attributes["class"] == "oj-ti-art"
    assert {block.attributes["eli"] for block in document.blocks} == {"art_1"}


def test_html_data_table_with_spans() -> None:
    page = """<table border="1"><tr><th>Code</th><th colspan="2">Limits</th></tr><tr><th></th><th>low</th><th>high</th></tr>
    <tr><td rowspan="2">1A</td><td>5</td><td>9</td></tr><tr><td>6</td><td>10</td></tr></table>"""
    rows = read(f"<html><body><p>Text</p>{page}</body></html>".encode()).blocks[1:]
    assert [row.text for row in rows] == [
        "Code: 1A; Limits low: 5; Limits high: 9",
        "Code: 1A; Limits low: 6; Limits high: 10",
    ]


def test_deep_nesting_is_read_or_refused_and_never_empty() -> None:
    page = "<html><body>" + "<div>" * 20_000 + "The exporter shall apply." + "</div>" * 20_000
    assert "The exporter shall apply." in read(page.encode()).text


ECFR = """<?xml version="1.0"?><DIV5 N="9" TYPE="PART"><HEAD>PART 9—SAMPLE</HEAD>
<AUTH><HED>Authority:</HED><PSPACE>1 U.S.C. 1.</PSPACE></AUTH>
<DIV8 N="9.1" TYPE="SECTION"><HEAD>§ 9.1 Scope.</HEAD><P>(a) <I>General.</I> Items up to 10<E T="51">6</E> hertz.</P>
<FP-1><I>Reason for Control:</I> NS
</FP-1><NOTE><HED>Note 1:</HED><P>See part 8.</P></NOTE>
<DIV width="100%"><TABLE><THEAD><TR><TH>Control(s)</TH><TH>Country<br></br>chart</TH></TR></THEAD>
<TBODY><TR><TD>NS applies</TD><TD>NS Column 1</TD></TR></TBODY></TABLE></DIV>
<CITA>[1 FR 1]</CITA></DIV8></DIV5>"""


def test_ecfr() -> None:
    document = read(ECFR.encode())
    assert document.media_type == "application/vnd.ecfr+xml"
    assert _said(ECFR) == [
        ("heading", 5, "PART 9—SAMPLE"),
        ("note", 0, "Authority: 1 U.S.C. 1."),
        ("heading", 8, "§ 9.1 Scope."),
        ("paragraph", 0, "(a) General. Items up to 10⁶ hertz."),
        ("paragraph", 1, "Reason for Control: NS"),
        ("note", 0, "Note 1: See part 8."),
        ("table_row", 0, "Control(s): NS applies; Country chart: NS Column 1"),
        ("note", 0, "[1 FR 1]"),
    ]
    assert dict(document.blocks[2].attributes) == {"tag": "HEAD", "N": "9.1", "TYPE": "SECTION"}


FORMEX = """<ACT><BIB.INSTANCE><LG.DOC>EN</LG.DOC><DATE ISO="20240501">x</DATE></BIB.INSTANCE>
<TITLE><TI><P><HT TYPE="UC">Regulation</HT> (EU) 2024/1</P></TI></TITLE>
<PREAMBLE><GR.CONSID><CONSID><NP><NO.P>(1)</NO.P><TXT>A reason.</TXT></NP></CONSID></GR.CONSID></PREAMBLE>
<ENACTING.TERMS><DIVISION><TITLE><TI><P>CHAPTER I</P></TI></TITLE><?PAGE NO="2"?>
<ARTICLE IDENTIFIER="001"><TI.ART>Article 1</TI.ART><PARAG IDENTIFIER="001.001"><NO.PARAG>1.</NO.PARAG><ALINEA><P>It applies<NOTE NOTE.ID="E1"><P>OJ L 1.</P></NOTE> to:</P>
<LIST TYPE="alpha"><ITEM><NP><NO.P>(a)</NO.P><TXT><QUOT.START CODE="2018"/>goods<QUOT.END CODE="2019"/>;</TXT></NP></ITEM></LIST></ALINEA></PARAG></ARTICLE>
<TBL COLS="2"><CORPUS><ROW TYPE="HEADER"><CELL COL="1">CN code</CELL><CELL COL="2">Good</CELL></ROW>
<ROW><CELL COL="1">0101</CELL><CELL COL="2">Horses</CELL></ROW></CORPUS></TBL></DIVISION></ENACTING.TERMS></ACT>"""


def test_formex() -> None:
    document = read(FORMEX.encode())
    assert (document.title, document.language, document.metadata["date"]) == (
        "REGULATION (EU) 2024/1",
        "en",
        "2024-05-01",
    )
    assert _said(FORMEX) == [
        ("heading", 1, "REGULATION (EU) 2024/1"),
        ("paragraph", 0, "(1) A reason."),
        ("heading", 2, "CHAPTER I"),
        ("heading", 3, "Article 1"),
        ("paragraph", 0, "1. It applies to:"),
        ("note", 0, "OJ L 1."),
        ("list_item", 1, "(a) ‘goods’;"),
        ("table_row", 0, "CN code: 0101; Good: Horses"),
    ]
    assert document.blocks[3].page == 2
    assert document.blocks[6].attributes["IDENTIFIER"] == "001.001"


def test_xml_entities_are_neither_expanded_nor_fetched(tmp_path: object) -> None:
    attack = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yyyyyyyy">]><a><t>Some words &x;&y; remain.</t></a>'
    assert read(attack.encode()).text == "Some words remain."


@pytest.mark.parametrize("data", ["<a><b></a>" * 3, "<?xml version='1.0'?>\n<a>"])
def test_broken_xml_is_read_or_quarantined(data: str) -> None:
    with pytest.raises(Quarantined):
        read(data.encode())


def test_deep_xml_is_refused() -> None:
    with pytest.raises(Quarantined) as caught:
        read(("<?xml version='1.0'?>" + "<a>" * 100_000).encode())
    assert caught.value.reason in {Reason.OVER_LIMIT}


def test_json_statute() -> None:
    law = {
        "laws": {
            "표본법": {
                "lawName": "표본법",
                "articles": [
                    {"label": "제1조", "title": "목적", "text": "제1조(목적) 이 법은 표본이다.\n① 첫째 항이다."}
                ],
            }
        }
    }
    blocks = read(json.dumps(law, ensure_ascii=False).encode()).blocks
    assert [block.text for block in blocks] == ["표본법", "제1조(목적) 이 법은 표본이다.", "① 첫째 항이다."]
    assert blocks[2].attributes["label"] == "제1조"


def test_json_statute_as_the_interface_gives_it() -> None:
    unit = {
        "조문번호": "2",
        "조문제목": "정의",
        "조문내용": "제2조(정의)",
        "항": [{"항번호": "①", "항내용": "① 물품이란", "호": [{"호내용": "1. 기계"}]}],
    }
    law = {"법령": {"기본정보": {"법령명_한글": "표본법", "시행일자": "20240101"}, "조문": {"조문단위": [unit]}}}
    blocks = read(json.dumps(law, ensure_ascii=False).encode()).blocks
    assert [block.text for block in blocks] == ["표본법", "제2조(정의)", "① 물품이란", "1. 기계"]
    assert blocks[0].attributes["시행일자"] == "20240101"


def _rows(value: object) -> list[Block]:
    return list(read(json.dumps(value).encode()).blocks)


def test_json_records() -> None:
    rows = _rows(
        {
            "results": [
                {
                    "name": "Example Trading",
                    "alt_names": ["ET", "Ex Co"],
                    "addresses": [{"country": "XX", "city": "Town"}],
                    "source": "A List",
                    "empty": None,
                }
            ]
        }
    )
    assert (
        rows[0].text == "name: Example Trading; alt_names: ET, Ex Co; addresses: country XX, city Town; source: A List"
    )
    assert rows[0].attributes["cell:name"] == "Example Trading"


def test_json_compacted_list_is_written_out() -> None:
    value = {
        "fieldKey": {"n": "name", "s": "source (index into tables.sources)"},
        "tables": {"sources": ["First list", "Second list"]},
        "entries": [{"n": "Example", "s": 1}],
    }
    assert _rows(value)[0].text == "name: Example; source: Second list"


def test_json_notice() -> None:
    rows = _rows(
        {
            "title": "A rule",
            "document_number": "2024-1",
            "publication_date": "2024-05-01",
            "abstract": "It changes things.",
        }
    )
    assert [row.text for row in rows] == ["A rule", "Abstract: It changes things."]
    assert rows[0].attributes["document_number"] == "2024-1"


def test_json_mapping_of_records() -> None:
    rows = _rows({"countries": {name: {"marks": ["NS 1"]} for name in ("Aland", "Bland", "Cland")}})
    assert rows[1].text == "name: Bland; marks: NS 1"


@pytest.mark.parametrize("data", ['{"a": ', '{"a": 1,}', '{"a":' + "[" * 200_000])
def test_broken_json(data: str) -> None:
    with pytest.raises(Quarantined) as caught:
        read(data.encode())
    assert caught.value.reason in {Reason.UNREADABLE, Reason.OVER_LIMIT}
