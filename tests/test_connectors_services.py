"""The connectors of data services against answers in the services' own form, made up here, through the real fetcher."""

import json as json_
from urllib.parse import quote

import pytest

from ingest.connectors import SourceError
from ingest.connectors.bis_violations import BisViolations
from ingest.connectors.cellar import Cellar, instrument, newest, number
from ingest.connectors.csl import ScreeningList
from ingest.connectors.ecfr import Ecfr
from ingest.connectors.egov_jp import EGovJp
from ingest.connectors.federal_register import FederalRegister
from ingest.connectors.law_go_kr import LawGoKr
from ingest.fetch import BadStatus
from knowledge.errors import BadInput
from tests.replay import Answer, Asked, FakeTime, Replay, fetcher, html, json, xml

TITLES = '{"titles":[{"number":15,"latest_issue_date":"2031-03-04","reserved":false},{"number":35,"latest_issue_date":null,"reserved":true}]}'
STRUCTURE = {
    "type": "title",
    "identifier": "15",
    "children": [
        {"type": "chapter", "identifier": "VII", "children": [
            {"type": "part", "identifier": "744", "reserved": False},
            {"type": "part", "identifier": "732", "reserved": False},
            {"type": "part", "identifier": "733", "reserved": True},
            {"type": "part", "identifier": "734-735", "reserved": True},
            {"type": "part", "identifier": "900", "reserved": False},
        ]},
        {"type": "part", "identifier": "731", "children": None},
    ],
}  # fmt: skip


def ecfr(asked: Asked) -> Answer:
    if asked.path == "/api/versioner/v1/titles.json":
        return json(TITLES)
    if asked.path == "/api/versioner/v1/structure/2031-03-04/title-15.json":
        return json(json_.dumps(STRUCTURE))
    if asked.path.startswith("/api/versioner/v1/full/") and asked.query.get("part") == "774":
        return xml(f'<?xml version="1.0"?><DIV9 N="{asked.query.get("appendix", "")}" TYPE="APPENDIX"/>')
    if asked.path == "/api/versioner/v1/versions/title-15.json":
        row = {"identifier": "744.11", "name": "x", "type": "section", "amendment_date": "2031-01-01", "removed": False}
        return json(
            json_.dumps(
                {"content_versions": [row] if asked.query == {"part": "744", "issue_date[gte]": "2031-01-01"} else []}
            )
        )
    if asked.query.get("part") == "1":
        return html("<html>we are busy</html>")
    return Answer(404)


def test_ecfr_asks_for_a_supplement_by_its_full_label_and_the_latest_issue() -> None:
    with Replay(ecfr) as server:
        (item,) = Ecfr(server.url("")).items("15/774/supp-1", fetcher(server))
        assert len(server.asked) == 1  # the text itself is not fetched yet
        assert b"Supplement No. 1 to Part 774" in item.fetch()
    assert server.asked[1].path == "/api/versioner/v1/full/2031-03-04/title-15.xml"
    assert server.asked[1].query == {"part": "774", "appendix": "Supplement No. 1 to Part 774"}
    assert item.metadata["instrument"] == "US-EAR-774-S1"
    assert item.metadata["version_date"] == "2031-03-04"
    assert (
        item.url
        == "https://www.ecfr.gov/on/2031-03-04/title-15/part-774/appendix-Supplement%20No.%201%20to%20Part%20774"
    )


@pytest.mark.parametrize(
    ("spec", "query", "instrument_id"),
    [
        ("15/part-774@2030-01-02", {"part": "774"}, "US-EAR-774"),
        ("15/774.1@2030-01-02", {"part": "774", "section": "774.1"}, "US-EAR-774"),
        ("15/774/section-774.1@2030-01-02", {"part": "774", "section": "774.1"}, "US-EAR-774"),
        ("40/774/app-I@2030-01-02", {"part": "774", "appendix": "Appendix I to Part 774"}, "US-40CFR-774-I"),
        ("40/774/app-viii@2030-01-02", {"part": "774", "appendix": "Appendix VIII to Part 774"}, "US-40CFR-774-VIII"),
    ],
)
def test_ecfr_units_and_dates(spec: str, query: dict[str, str], instrument_id: str) -> None:
    with Replay(ecfr) as server:
        (item,) = Ecfr(server.url("")).items(spec, fetcher(server))
        item.fetch()
    (asked,) = server.asked
    assert asked.path.split("/")[5] == "2030-01-02"
    assert asked.query == query
    assert item.metadata["instrument"] == instrument_id


def test_ecfr_lists_the_parts_that_are_there() -> None:
    with Replay(ecfr) as server:
        items = list(Ecfr(server.url("")).items("15/parts-730-774", fetcher(server)))
        assert [item.metadata["part"] for item in items] == ["731", "732", "744"]
        with pytest.raises(SourceError, match="no such part"):
            list(Ecfr(server.url("")).items("15/parts-800-810", fetcher(server)))


@pytest.mark.parametrize(("spec", "cause"), [("35/part-1", "reserved"), ("77/part-1", "does not exist")])
def test_ecfr_titles_without_text(spec: str, cause: str) -> None:
    with Replay(ecfr) as server, pytest.raises(SourceError, match=cause):
        list(Ecfr(server.url("")).items(spec, fetcher(server)))


@pytest.mark.parametrize(
    ("spec", "cause"), [("15/part-999@2030-01-01", "no such part"), ("15/part-1@2030-01-01", "no XML")]
)
def test_ecfr_answers_without_text(spec: str, cause: str) -> None:
    with Replay(ecfr) as server:
        (item,) = Ecfr(server.url("")).items(spec, fetcher(server))
        with pytest.raises(SourceError, match=cause):
            item.fetch()


def test_ecfr_changes_since() -> None:
    with Replay(ecfr) as server:
        rows = Ecfr(server.url("")).changes(15, "744", "2031-01-01", fetcher(server))
    assert [row["identifier"] for row in rows] == ["744.11"]


def register(asked: Asked) -> Answer:
    def row(number: int) -> dict[str, object]:
        return {
            "document_number": f"2031-{number:05}",
            "title": "Chalk  Controls",
            "type": "Rule",
            "citation": f"96 FR {number}",
            "publication_date": "2031-02-03",
            "effective_on": "2031-03-01",
            "agencies": [{"name": "Commerce Department"}, {"raw_name": "BUREAU"}],
            "html_url": "https://www.federalregister.gov/d/x",
            "body_html_url": f"http://{asked.headers['host']}/body.html",
        }

    if asked.path == "/api/v1/documents.json":
        assert asked.query["conditions[agencies][]"] == "industry-and-security-bureau"
        page = int(asked.query["page"])
        numbers = [[1, 2], [2, 3], [4]][page - 1]  # one moved to the next page meanwhile
        count = 4 if asked.query["conditions[publication_date][gte]"] == "2031-01-01" else 9
        return json(json_.dumps({"count": count, "total_pages": 3, "results": [row(n) for n in numbers]}))
    if asked.path == "/api/v1/documents/2031-00007.json":
        return json(json_.dumps(row(7)))
    if asked.path == "/api/v1/documents/2031-00008.json":
        return json(json_.dumps(row(9)))
    return html("<p>text</p>") if asked.path == "/body.html" else Answer(404)


def test_a_federal_register_document() -> None:
    with Replay(register) as server:
        (item,) = FederalRegister(server.url("")).items("2031-00007", fetcher(server))
        assert item.fetch() == b"<p>text</p>"
    said = item.metadata
    assert (said["instrument"], said["citation"], said["kind"]) == ("US-96FR7", "96 FR 7", "regulation")
    assert (said["title"], said["issuers"]) == ("Chalk Controls", "Commerce Department; BUREAU")
    assert (said["announced"], said["effective"]) == ("2031-02-03", "2031-03-01")
    assert (item.key, item.name) == ("fr:2031-00007", "2031-00007.html")


def test_a_federal_register_list_is_read_to_its_end() -> None:
    with Replay(register) as server:
        items = list(FederalRegister(server.url("")).items("bis@2031-01-01", fetcher(server)))
        assert [item.key for item in items] == [f"fr:2031-0000{n}" for n in (1, 2, 3, 4)]
        assert len(server.asked) == 3
        with pytest.raises(SourceError, match="9 documents were announced and 4 came"):
            list(FederalRegister(server.url("")).items("bis@2030-01-01", fetcher(server)))


@pytest.mark.parametrize(("number_", "cause"), [("2031-00008", "not about"), ("2031-99999", "no document")])
def test_federal_register_answers_that_are_wrong(number_: str, cause: str) -> None:
    with Replay(register) as server, pytest.raises(SourceError, match=cause):
        list(FederalRegister(server.url("")).items(number_, fetcher(server)))


def sparql(*consolidations: str) -> str:
    rows = [
        {"title": {"value": "Regulation on chalk"}, "doc_date": {"value": "2021-05-20"}, "cons_celex": {"value": c}}
        for c in consolidations
    ]
    return json_.dumps({"head": {}, "results": {"bindings": rows or [{"title": {"value": "Regulation on chalk"}}]}})


def cellar(asked: Asked) -> Answer:
    if asked.path == "/webapi/rdf/sparql":
        if '"32099R0001"' in asked.query["query"]:
            return json('{"results":{"bindings":[]}}')
        if '"32098R0001"' in asked.query["query"]:
            return json("{}")
        assert asked.headers["accept"] == "application/sparql-results+json"
        return json(sparql("02021R0821-20230112", "02021R0821-20990101", "02021R0821-20251115", "02014R0833-20260717"))
    accept, language = asked.headers["accept"], asked.headers["accept-language"]
    if asked.path.endswith("/32022R0576"):
        return {"application/xhtml+xml": Answer(406), "text/html": Answer(404)}.get(accept, xml("<ACT/>"))
    if asked.path.endswith("/32022R0577"):
        return Answer(300)
    if asked.path.endswith("/32022R0578"):
        return Answer(403)
    return html(f"{asked.path} {language} {accept}")


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("32021R0821", "02021R0821-20251115 eng"),  # not the one dated 2099
        ("32021R0821/de", "02021R0821-20251115 deu"),
        ("32021R0821@2024-06-30", "02021R0821-20230112 eng"),
        ("32021R0821@2022-01-01", "32021R0821 eng"),  # before the first consolidation
        ("32021R0821@original", "32021R0821 eng"),
        ("02021R0821-20230112", "02021R0821-20230112 eng"),
    ],
)
def test_the_right_text_of_an_eu_act(spec: str, path: str) -> None:
    with Replay(cellar) as server:
        (item,) = Cellar(server.url("")).items(spec, fetcher(server))
        assert item.fetch().decode() == f"/resource/celex/{path} application/xhtml+xml"
    celex = path.split(maxsplit=1)[0]
    assert item.metadata["instrument"] == "EU-2021-821"
    assert item.metadata["celex"] == celex
    assert item.url.endswith(f"CELEX:{celex}")
    if "original" not in spec and spec.startswith("3"):
        assert item.metadata["title"] == "Regulation on chalk"


def test_another_format_is_taken_where_the_first_is_missing() -> None:
    with Replay(cellar) as server:
        fetch = fetcher(server)
        (item,) = Cellar(server.url("")).items("32022R0576@original", fetch)
        assert item.fetch() == b"<ACT/>"
        (item,) = Cellar(server.url("")).items("32022R0577@original", fetch)
        with pytest.raises(SourceError, match="no text in eng"):
            item.fetch()
        (item,) = Cellar(server.url("")).items("32022R0578@original", fetch)
        with pytest.raises(BadStatus):
            item.fetch()
        for unknown, cause in (("32099R0001", "no such act"), ("32098R0001", "no SPARQL")):
            with pytest.raises(SourceError, match=cause):
                list(Cellar(server.url("")).items(unknown, fetch))


def test_eu_numbers() -> None:
    assert (number("32021R0821"), instrument("02014R0833-20260717")) == ("2021/821", "EU-833-2014")
    assert (number("62019CJ0001"), instrument("nonsense")) == ("", "")
    assert newest(["02021R0821-20230112", "bad"], "20220101") is None


def listed(name: str, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "source": "Entity List (EL)",
        "addresses": [{"country": "cn"}, {"country": None}],
        "alt_names": ["A  B"],
        **more,
    }


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ([listed("x")] * 3, ""),
        ([listed("x")] * 1, "1 entries"),
        ([listed("x")] * 9, "9 entries"),
        ([listed("x"), listed(""), listed("y")], "no name"),
    ],
)
def test_the_screening_list_is_counted(rows: list[object], cause: str) -> None:
    with Replay(lambda _: json(json_.dumps({"results": rows}))) as server:
        source = ScreeningList(server.url("/consolidated.json"), least=2, most=5)
        (item,) = source.items("", fetcher(server))
        if cause:
            with pytest.raises(SourceError, match=cause):
                item.fetch()
        else:
            party = source.parties(item.get())[0]
            assert (party.name, party.aliases, party.countries, party.list_name) == (
                "x",
                ("A B",),
                ("CN",),
                "Entity List (EL)",
            )


@pytest.mark.parametrize("text", ["[]", "{}", '{"results": 5}', "<html>", "", "[" * 100_000])
def test_what_is_no_screening_list_is_an_error(text: str) -> None:
    with Replay(lambda _: json(text)) as server:
        (item,) = ScreeningList(server.url("/consolidated.json")).items("", fetcher(server))
        with pytest.raises(SourceError):
            item.fetch()


VIOLATIONS = """<table class="nav"><tr><td>Menu</td></tr></table>
<table><thead><tr><th>Case ID</th><th>Case Name</th><th>Order Date</th></tr></thead><tbody>
<tr><td><a href="/media/e1">E1234</a></td><td>Chalk Works GmbH;  Anna Chalk</td><td>04/25/2031</td></tr>
<tr><td><a href="https://media.bis.gov/e 2.pdf">E1235</a></td><td>Slate Ltd.</td><td>12/01/2030</td></tr>
<tr><td><a href="javascript:x()">E1</a></td><td>No link</td><td>12/01/2030</td></tr><tr><td>E2</td><td>No date</td><td></td></tr></tbody></table>"""


def test_the_index_of_violations() -> None:
    with Replay(lambda asked: html(VIOLATIONS) if asked.path == "/list" else Answer(body=b"%PDF")) as server:
        source = BisViolations(server.url("/list"), least=2)
        first, second = source.items("", fetcher(server))
        assert first.fetch() == b"%PDF"
        (later,) = source.items("2031", fetcher(server))
    assert first.url == later.url == server.url("/media/e1")
    assert first.metadata["party"] == "Chalk Works GmbH; Anna Chalk"
    assert (first.metadata["announced"], first.metadata["number"]) == ("2031-04-25", "E1234")
    assert first.metadata["kind"] == "enforcement_notice"
    assert second.name == "e 2.pdf"


@pytest.mark.parametrize(
    "page", ["<p>checking your browser</p>", VIOLATIONS * 2, VIOLATIONS.replace("Order Date", "When")]
)
def test_another_page_is_not_taken_for_the_index(page: str) -> None:
    with Replay(lambda _: html(page)) as server, pytest.raises(SourceError):
        list(BisViolations(server.url("/"), least=1).items("", fetcher(server)))


def test_too_short_an_index_is_an_error() -> None:
    with Replay(lambda _: html(VIOLATIONS)) as server, pytest.raises(SourceError, match="2 cases"):
        list(BisViolations(server.url("/")).items("", fetcher(server)))


KR_LIST = """<?xml version="1.0" encoding="UTF-8"?><LawSearch><totalCnt>3</totalCnt>
<law id="1"><법령일련번호>11</법령일련번호><현행연혁코드>연혁</현행연혁코드><법령명한글><![CDATA[분필관리법]]></법령명한글><시행일자>20290101</시행일자></law>
<law id="2"><법령일련번호>22</법령일련번호><현행연혁코드>현행</현행연혁코드><법령명한글>분필관리법</법령명한글><법령ID>000777</법령ID>
<공포일자>20310102</공포일자><공포번호>1234</공포번호><소관부처명>분필부</소관부처명><법령구분명>법률</법령구분명><시행일자>20310701</시행일자></law>
<law id="3"><법령일련번호>33</법령일련번호><법령명한글>분필관리법 시행령</법령명한글></law></LawSearch>"""
KR_LAW = """<?xml version="1.0" encoding="UTF-8"?><법령 법령키="1"><기본정보><법령명_한글><![CDATA[분필관리법]]></법령명_한글></기본정보><조문>
<조문단위><조문번호>1</조문번호><조문여부>전문</조문여부><조문내용><![CDATA[        제1장 총칙]]></조문내용></조문단위>
<조문단위><조문번호>1</조문번호><조문여부>조문</조문여부><조문내용><![CDATA[제1조(목적) 이 법은 분필을 관리한다.]]></조문내용></조문단위>
<조문단위><조문번호>2</조문번호><조문여부>조문</조문여부><조문내용>제2조(허가)</조문내용><항><항번호>①</항번호><항내용>① 분필은 허가를 받는다.</항내용>
<호><호번호>1.</호번호><호내용>1.  흰 분필</호내용><목><목번호>가.</목번호><목내용>가. 긴 것</목내용></목></호></항></조문단위></조문>
<부칙><부칙단위><부칙내용>부칙 시행한다.</부칙내용></부칙단위><부칙단위><부칙내용>따로 정한다.</부칙내용></부칙단위></부칙></법령>"""


def korea(asked: Asked) -> Answer:
    if asked.query.get("OC") != "my id":
        return xml("<Response><result>사용자 정보 검증에 실패하였습니다.</result></Response>")
    return xml(KR_LIST if asked.path == "/DRF/lawSearch.do" else KR_LAW)


def test_a_korean_law_by_its_name() -> None:
    with Replay(korea) as server:
        source = LawGoKr("my id", server.url(""))
        (item,) = source.items("분필관리법", fetcher(server))
        text = item.fetch().decode()
        shown = f"{item} {item.get()} {source}"
    assert server.asked[1].query["MST"] == "22"
    assert text.split("\n\n") == [
        "분필관리법",
        "제1장 총칙",
        "제1조(목적) 이 법은 분필을 관리한다.",
        "제2조(허가)",
        *("① 분필은 허가를 받는다.", "1. 흰 분필", "가. 긴 것", "부칙 시행한다.", "부칙", "따로 정한다.\n"),
    ]
    assert (item.metadata["instrument"], item.metadata["kind"]) == ("KR-분필관리법", "law")
    assert (item.metadata["announced"], item.metadata["effective"]) == ("2031-01-02", "2031-07-01")
    assert "my id" not in shown
    assert quote("my id") not in shown


def test_korea_says_what_is_wrong() -> None:
    with Replay(korea) as server:
        fetch = fetcher(server)
        with pytest.raises(BadInput, match="NAVICERT_LAW_GO_KR_OC"):
            list(LawGoKr("", server.url("")).items("분필관리법", fetch))
        with pytest.raises(SourceError, match="near names: 분필관리법") as caught:
            list(LawGoKr("my id", server.url("")).items("분필", fetch))
        assert "my id" not in str(caught.value)
        with pytest.raises(SourceError, match="account") as caught:
            list(LawGoKr("stolen", server.url("")).items("분필관리법", fetch))
        assert "stolen" not in str(caught.value)
        (item,) = LawGoKr("stolen", server.url("")).items("mst/22", fetch)
        with pytest.raises(SourceError, match="no law came"):
            item.fetch()


JP_LAW = """<Law Era="Reiwa" Year="13" Num="77" Lang="ja"><LawNum>令和十三年法律第七十七号</LawNum><LawBody><LawTitle>白墨<Ruby>管理<Rt>かんり</Rt></Ruby>法</LawTitle>
<TOC><TOCLabel>目次</TOCLabel></TOC><MainProvision><Chapter Num="1"><ChapterTitle>第一章　総則</ChapterTitle>
<Article Num="1"><ArticleCaption>（目的）</ArticleCaption><ArticleTitle>第一条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>この法律は、白墨を管理する。</Sentence></ParagraphSentence></Paragraph></Article>
<Article Num="2"><ArticleTitle>第二条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>次の白墨とする。</Sentence></ParagraphSentence>
<Item Num="1"><ItemTitle>一</ItemTitle><ItemSentence><Column><Sentence>白い</Sentence></Column><Column><Sentence>もの</Sentence></Column></ItemSentence><Subitem1 Num="1"><Subitem1Title>イ</Subitem1Title><Subitem1Sentence><Sentence>長い</Sentence></Subitem1Sentence></Subitem1></Item></Paragraph>
<Paragraph Num="2"><ParagraphNum>２</ParagraphNum><ParagraphSentence><Sentence>前項に従う。</Sentence></ParagraphSentence></Paragraph></Article></Chapter></MainProvision>
<SupplProvision AmendLawNum="令和十四年法律第一号"><SupplProvisionLabel>附　則</SupplProvisionLabel><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>施行する。</Sentence></ParagraphSentence></Paragraph></SupplProvision>
<AppdxTable Num="1"><AppdxTableTitle>別表第一</AppdxTableTitle><RelatedArticleNum>（第二条関係）</RelatedArticleNum><TableStruct><Table><TableRow><TableColumn>白</TableColumn><TableColumn>一</TableColumn></TableRow></Table></TableStruct></AppdxTable></LawBody></Law>"""
JP_TEXT = [
    *(
        "白墨管理法",
        "令和十三年法律第七十七号",
        "第一章 総則",
        "（目的）",
        "第一条 この法律は、白墨を管理する。",
        "第二条 次の白墨とする。",
    ),
    *(
        "一 白いもの",
        "イ 長い",
        "２ 前項に従う。",
        "附則（令和十四年法律第一号）",
        "施行する。",
        "別表第一（第二条関係）",
        "白 | 一",
    ),
]


@pytest.mark.parametrize("version", [2, 1])
def test_a_japanese_law(version: int) -> None:
    def japan(asked: Asked) -> Answer:
        if asked.path == "/api/2/law_data/413AC0000000077":
            return (
                xml(f"<law_data_response><law_full_text>{JP_LAW}</law_full_text></law_data_response>")
                if version == 2
                else Answer(404)
            )
        if asked.path == "/api/1/lawdata/413AC0000000077":
            return xml(f"<DataRoot><ApplData><LawFullText>{JP_LAW}</LawFullText></ApplData></DataRoot>")
        return Answer(404)

    with Replay(japan) as server:
        (item,) = EGovJp(server.url("")).items("413AC0000000077", fetcher(server))
        text = item.fetch().decode()
    assert [line for line in text.strip().split("\n\n") if line] == JP_TEXT
    assert (item.metadata["kind"], item.metadata["regime"], item.name) == ("law", "JP", "413AC0000000077.txt")
    assert server.asked[0].query == {"response_format": "xml", "law_full_text_format": "xml"}


def test_a_japanese_law_on_a_date() -> None:
    with Replay(lambda _: Answer(404)) as server:
        (item,) = EGovJp(server.url("")).items("413AC0000000077@2031-04-01", fetcher(server, clock=FakeTime().clock()))
        with pytest.raises(BadStatus):
            item.fetch()
    assert [asked.query.get("asof") for asked in server.asked] == ["2031-04-01"]


@pytest.mark.parametrize(
    "body",
    ["", "<x", "<a/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><Law><LawBody>&b;</LawBody></Law>"],
)
def test_no_law_is_an_error_and_entities_stay_closed(body: str) -> None:
    with Replay(lambda _: xml(body)) as server:
        (item,) = EGovJp(server.url("")).items("413AC0000000077", fetcher(server))
        if "Law" in body:
            assert item.fetch().strip() == b""
        else:
            with pytest.raises(SourceError):
                item.fetch()
