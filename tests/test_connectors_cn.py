"""MOFCOM's announcements: which one a page is, and what its pages say."""

import pytest

from ingest.connectors import SourceError, notice_key
from ingest.connectors.mofcom import Mofcom
from ingest.fetch import FetchError
from tests.replay import Answer, Asked, Replay, fetcher, html

OWN = [
    ("商务部公告2025年第18号", "CN-2025-18"),
    ("商务部 海关总署公告2025年第18号", "CN-2025-18"),
    ("商务部海关总署公告2025年第18号", "CN-2025-18"),
    ("商务部、海关总署公告2025年第18号 公布对某些物项实施管制的决定", "CN-2025-18"),
    ("商务部 海关总署公告〔2025〕第18号", "CN-2025-18"),
    ("商务部公告〔2025〕18号", "CN-2025-18"),
    ("商务部公告［2025］第18号", "CN-2025-18"),
    ("商务部公告２０２５年第１８号", "CN-2025-18"),
    ("中华人民共和国商务部公告 2025 年 第 18 号", "CN-2025-18"),
    ("商务部公告二〇二五年第十八号", "CN-2025-18"),
    ("商务部公告2025第61号 公布决定", "CN-2025-61"),
    ("2025年第18号", "CN-2025-18"),
    ("公告2025年第18号", "CN-2025-18"),
    ("《商务部公告2025年第18号》", "CN-2025-18"),
    ("关于实施管制的公告（商务部 海关总署公告2025年第18号）", "CN-2025-18"),
    ("关于调整目录的公告（2025年第18号）", "CN-2025-18"),
    ("商务部 海关总署公告2025年第70号 关于暂停实施商务部公告2025年第55号等的决定", "CN-2025-70"),
    ("工业和信息化部 商务部公告2025年第3号", "CN-2025-3"),
    ("商务部 工业和信息化部 海关总署 国家密码局公告2024年第51号", "CN-LIST-2024-51"),
    ("商务部公告2026年第21号", "CN-BLOCK"),
    ("不可靠实体清单工作机制公告2025年第1号", "CN-UEL-2025-1"),
    ("不可靠实体清单工作机制公告〔2025〕1号", "CN-UEL-2025-1"),
    ("海关总署公告2024年第46号", "CN-GACC-2024-46"),
    ("Announcement No. 18 of 2025", "CN-2025-18"),
    ("MOFCOM and GACC Announcement No. 18 of 2025", "CN-2025-18"),
    ("MOFCOM Announcement No.18 of 2025 on a decision", "CN-2025-18"),
    ("Announcement No. 18 of 2025 of the Ministry of Commerce and the General Administration of Customs", "CN-2025-18"),
    ("Ministry of Commerce Announcement [2025] No. 18", "CN-2025-18"),
    ("Announcement of the Ministry of Commerce [2025] No. 18", "CN-2025-18"),
    ("Ministry of Commerce of the People's Republic of China Announcement No. 61, 2025", "CN-2025-61"),
    ("General Administration of Customs Announcement No. 46 of 2024", "CN-GACC-2024-46"),
    (
        "公布暂停措施\n【发布单位】安全局\n【发布文号】商务部 海关总署公告2025年第70号\n【发文日期】2025年11月7日\n暂停商务部公告2025年第55号",
        "CN-2025-70",
    ),
    ("决定\n发布文号: 商务部公告2025年第58号", "CN-2025-58"),
    (
        "决定\n【发布单位】某局【发布文号】商务部公告2025年第58号【发文日期】2025年1月2日 暂停公告2025年第3号",
        "CN-2025-58",
    ),
    ("商务部 海关总署关于对若干物项实施管制的公告 2024年第33号", "CN-2024-33"),
    ("公告2024年第46号 商务部关于加强管制的公告", "CN-2024-46"),
    ("商务部 中央网信办 海关总署公告2025年第3号", "CN-2025-3"),
    ("Announcement No. 61 [2025] of MOFCOM", "CN-2025-61"),
    ("MOFCOM Announcement No. 18 of 2025 Announcing the Decision to Implement Export Controls", "CN-2025-18"),
]
CITED = [
    "关于暂停实施商务部公告2025年第55号的公告",
    "根据商务部公告2025年第18号，出口经营者应当申请",
    "商务部公告2025年第18号和第21号列明的物项",
    "商务部公告2025年第18号中规定的物项",
    "商务部公告2025年第18号附件1",
    "商务部新闻发言人就2025年第70号公告答记者问",
    "商务部公告2025年第18号答记者问",
    "一图读懂商务部公告2025年第18号",
    "商务部公告2025年第18号 政策解读",
    "新闻\n\n记者问：商务部公告2025年第18号何时施行？\n答：商务部公告2025年第18号自公布之日起施行。",
    "Suspension of MOFCOM Announcement No. 55 of 2025",
    "Pursuant to MOFCOM Announcement No. 18 of 2025, exporters shall apply",
    "Spokesperson's remarks on Announcement No. 18 of 2025",
    "Announcement No. 18 of 2025 says that exporters apply",
    "根据关于对若干物项实施管制的公告2024年第33号",
    "出口经营者应当遵守商务部 海关总署公告2025年第18号",
    "商务部令2020年第4号",
    "国务院令第792号",
    "第18号",
    "2025年第一季度",
    "",
]


@pytest.mark.parametrize(("text", "key"), OWN)
def test_an_announcement_is_known_by_its_own_number(text: str, key: str) -> None:
    assert notice_key(text) == key


@pytest.mark.parametrize("text", CITED)
def test_an_announcement_that_is_only_cited_is_not_it(text: str) -> None:
    assert notice_key(text) is None


BODY = (
    "<p>【发布单位】某某局</p><p>【发布文号】商务部 海关总署公告2031年第77号</p><p>【发文日期】2031年05月06日</p>"
    "<p>为了测试，依照商务部公告2030年第5号，决定对试验用白粉笔实施管理。</p><p>一、未经许可，不得出口白粉笔及其制品。</p>"
    "<p>二、本公告自公布之日起实施。</p><p>附件：<a href='/files/a.pdf'>白粉笔清单</a></p><p>商务部 海关总署</p><p>2031年5月6日</p>"
)
MODERN = f"""<html><head><meta charset="utf-8"><meta name="SiteName" content="商务部">
<meta name="ArticleTitle" content="商务部 海关总署公告2031年第77号 公布对白粉笔实施管理的决定"><meta name="PubDate" content="2031-05-07 09:00">
</head><body><div class="nav"><a href="/art/2030/art_1.html">商务部公告2030年第5号</a></div>
<div class="art-con art-con-bottonmLine">{BODY}</div><div class="foot">版权所有</div></body></html>"""
SCRIPTED = f"""<html><head><title>&#20986;口管制</title><script>var title = "公布对白粉笔实施管理的决定"; var source = "安全局";
var publishTime = "2031-05-07 10:11:12";</script></head><body><div id="zoom">{BODY}</div></body></html>"""
PLAIN = f"<html><head><title>???????</title></head><body><table><tr><td><h2>白粉笔管理</h2><div>{BODY}</div></td></tr></table></body></html>"
ENGLISH = """<html><head><title>MOFCOM and GACC Announcement No. 77 of 2031</title></head><body><div class="article-con">
<p>MOFCOM and GACC Announcement No. 77 of 2031</p><p>In accordance with Announcement No. 5 of 2030, white chalk for testing needs
a licence.</p><p>This announcement takes effect at once.</p></div></body></html>"""
QUESTION = """<html><head><meta name="ArticleTitle" content="商务部新闻发言人就白粉笔管理答记者问"></head><body><div class="art-con">
<p>问：商务部公告2031年第77号何时实施？有人说还要很久，请问是不是这样，能不能再说明一下有关情况？</p><p>答：已经实施。商务部 海关总署公告2031年第77号自公布之日起实施。</p></div></body></html>"""


def pages(asked: Asked) -> Answer:
    made = {"/modern": MODERN, "/scripted": SCRIPTED, "/plain": PLAIN, "/english": ENGLISH, "/question": QUESTION}
    if asked.path == "/gbk":
        return Answer(body=MODERN.replace("utf-8", "gb2312").encode("gb18030"), headers={"Content-Type": "text/html"})
    if asked.path == "/frame":
        return html("<html><body><div id='zoom'>[an error occurred]</div></body></html>")
    return html(made[asked.path]) if asked.path in made else Answer(404)


def test_one_announcement_under_several_addresses_is_one_instrument() -> None:
    with Replay(pages) as server:
        fetch = fetcher(server)
        found = [next(Mofcom().items(server.url(path), fetch)) for path in ("/modern", "/scripted", "/plain", "/gbk")]
        english = next(Mofcom().items(server.url("/english"), fetch))
    assert {item.key for item in found} == {"mofcom:CN-2031-77/zh"}
    assert english.key == "mofcom:CN-2031-77/en"
    for item in found:
        said = item.metadata
        assert (said["instrument"], said["kind"], said["regime"], said["language"]) == (
            "CN-2031-77",
            "announcement",
            "CN",
            "zh",
        )
        assert said["issuers"] == "MOFCOM; GACC"
        assert said["announced"] == "2031-05-06"
        assert said["number"] == "商务部 海关总署公告2031年第77号"
        assert said["attachments"] == server.url("/files/a.pdf")
    assert found[0].metadata["title"] == "商务部 海关总署公告2031年第77号 公布对白粉笔实施管理的决定"
    assert found[1].metadata["title"] == "公布对白粉笔实施管理的决定"
    assert found[2].metadata["title"] == "白粉笔管理"
    assert found[0].fetch() == MODERN.encode()
    assert len(server.asked) == 5


def test_a_page_about_an_announcement_is_not_it() -> None:
    with Replay(pages) as server:
        item = next(Mofcom().items(server.url("/question"), fetcher(server)))
    assert item.metadata["kind"] == "news"
    assert "instrument" not in item.metadata
    assert "CN-" not in item.key


def test_a_frame_without_its_article_is_an_error() -> None:
    with Replay(pages) as server, pytest.raises(SourceError, match="no article"):
        list(Mofcom().items(server.url("/frame"), fetcher(server)))


def test_a_list_page_gives_its_announcements_once() -> None:
    index = """<ul><li><a href="/qdml/art/2031/art_0a.html" title="商务部 海关总署公告2031年第77号 公布对白粉笔实施管理">…</a>
    <li><a href="/zcfb/art/2031/art_0b.html">商务部 海关总署公告2031年第77号</a><li><a href="/art/2031/art_0c.html">商务部公告2031年第78号</a>
    <li><a href="/art/2031/art_0d.html">商务部新闻发言人就公告2031年第77号答记者问</a><li><a href="http://10.0.0.1/art/2031/art_0e.html">商务部公告2031年第79号</a></ul>"""

    def respond(asked: Asked) -> Answer:
        if asked.path == "/":
            return html(index)
        return Answer(404) if asked.path.endswith("0c.html") else html(MODERN)

    with Replay(respond) as server:
        found = list(Mofcom(server.url()).items("", fetcher(server)))
        assert found[0].key == "mofcom:CN-2031-77/zh"
        assert len(found) == 3
        for lost in found[1:]:  # a missing page and a forbidden address: the others go on
            with pytest.raises(FetchError):
                lost.fetch()
