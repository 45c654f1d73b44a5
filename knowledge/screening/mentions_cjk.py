"""Names of firms and persons in Chinese, Japanese and Korean questions, which leave no space around them."""

import re
from collections.abc import Callable, Iterator

Found = tuple[int, int, str]
"""Start, end, and what the name was known by: "form" or "cue"."""

_CJK = r"\u3005\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3A-Za-z0-9·・&ー（）()\-"
_CJK_TAIL = (
    "股份有限公司|有限责任公司|集团有限公司|有限公司|株式会社|株式會社|合同会社|有限会社|公司|集团|研究所|研究院|研究中心|大学|學院|学院|实验室|"
    "工業|工业|重工|製作所|制作所|電機|银行|海军|空军|国防部|주식회사|전자|산업|대학교"
)
_CJK_FIRM = re.compile(
    rf"(?:株式会社|주식회사|㈱|\(株\)|\(주\))\s?[{_CJK}]{{1,20}}?(?=[はがをにのへとで、。,\s]|向け|$)"
    rf"|[{_CJK}]{{2,30}}?(?:{_CJK_TAIL})(?:[^\W和与及跟或的给是为在]{{0,8}}?(?:{_CJK_TAIL})){{0,3}}"
    r"(?:第?[一二三四五六七八九十\d]{1,3}(?:研究)?所)?"
)
_CJK_CUE = re.compile(
    r"(?:最终用户|最終用戶|最终使用者|用户|收货人|收件人|收货方|买方|买家|买主|购买方|采购方|客户|进口商|经销商|代理商|对方|交易对手|中间商|货代)"
    r"(?:公司)?(?:的?名称|名字)?\s*(?:是|为|叫|名为|：|:)\s*(?P<a>[^\s，。；,;？?！!、\n]{2,30})"
    r"|(?:卖给|售给|出售给|销售给|出口给|提供给|供应给|交付给|发给|发往|寄给|转让给|运给|转售给|再出口给|交给)(?P<b>[^\s，。；,;？?！!、\n]{2,30})"
    r"|(?:最終需要者|エンドユーザー|需要者|顧客|買主|荷受人|取引先|販売先|輸出先)\s*(?:は|:|：|が)\s*(?P<c>[^\s、。，,？?\n]{2,30})"
    r"|(?P<d>[" + _CJK + r"]{2,24}?)(?:社)?(?:向け|宛て?)(?=に|の|で|、|$)"
    r"|(?P<e>[" + _CJK + r"]{2,20}?)(?:先生|女士)(?=[，。,、的是在\s？?]|$)"
)
_CJK_END = re.compile(
    r"(?:是否|做|搞|需要|需不需要|用于|用来|要不要|可以|能否|能不能|会不会|应该|作为|位于|在|的|吗|呢|么|是|并|以|进行|来|です|ですが|だ|である|に|へ|を|が|は|の|で).*$"
)
_CJK_START = re.compile(
    r"^.*(?:卖给|售给|出售给|销售给|出口给|出口到|提供给|供应给|交付给|发给|发往|运往|寄给|转让给|运给|交给|客户是|用户是|用户为|用户：|买方是|收货人是|"
    r"收货人为|购买方是|对方是|位于|我们公司|我公司|我司|本公司|一家|这家|那家|某家|该|请问|和|与|及|或|从|向|给|由|对|被|将|把|是|为|在|は|が|を|に|の|へ|と|で|から)"
)
_FAMOUS_INSIDE = re.compile(
    r"华为|中和|和平|共和|永和|大和|三和|和田|联合|正和|和利|有为|对外|为民|从化|东南|海为|和光|昭和|豊和|从事|向日葵|与时"
)
_SMALL = frozenset("我们 我 你 他 她 他们 你们 谁 哪里 对方 客户 用户 买方 第三方 军方 军队 政府 国外 海外 境外 国内 外国 最终用户 个人 公司 该公司 本公司 贵公司 我公司 一家公司 这家公司 某公司 大学 "
                   "研究所 研究院 学院 集团 外国公司 国外公司 工业 军工 银行 実験室 当社 弊社 同社 自社 顧客".split())  # fmt: skip
_GENERIC_HAN = re.compile(
    r"^(?:一[家个所间]|某[家个]?|这[家个]|那[家个]|两家|几家|其他|别的|任何|所有|当地|本地|私营|国有|民用|军用|民营|军工|贸易|汽车|电子|半导体|芯片|制药|化工|航空|航天|机器人|"
    r"无人机|医疗|科研|大型|小型|知名|上市|外贸|物流|货运|快递|物理|化学|材料|技术|科技|的)*(?:公司|集团|大学|研究所|研究院|研究中心|学院|实验室|工业|银行|海军|空军|国防部|企业|厂)?$"
)


def found(text: str, place: Callable[[str], bool]) -> Iterator[Found]:
    """Stretches that are names, by their form first. `place` tells the names of places."""
    for m in _CJK_FIRM.finditer(text):
        if span := _name(text, m.start(), m.end(), "form", place):
            yield span
    for m in _CJK_CUE.finditer(text):
        if span := _name(text, *m.span(m.lastgroup or "a"), "cue", place):
            yield span


def _name(text: str, start: int, end: int, by: str, place: Callable[[str], bool]) -> Found | None:
    name = text[start:end]
    guarded = _FAMOUS_INSIDE.sub(lambda m: "〇" * len(m.group()), name)
    cut = _CJK_START.match(guarded)
    if cut and cut.end() < len(name) - 1:
        start, guarded = start + cut.end(), guarded[cut.end() :]
    name = text[start:end]
    if by == "cue":
        tail = _CJK_END.search(guarded, 2)
        name = name[: tail.start()] if tail else name
    name = name.strip(" ()（）")
    bare = re.sub(r"(?:股份|有限|责任|集团)*公司$", "", name)
    if re.match(r"从事|一[家个]", name) or re.search(
        r"的(?:[大小子分总母]?公司|集团|大学|研究所|研究院|企业|工业)$", name
    ):
        return None
    if len(name) < 2 or name in _SMALL or _GENERIC_HAN.match(name) or place(name) or _national(bare, place):
        return None
    if re.match(r"[A-Za-z0-9 -]*$", name):
        return None  # Latin letters only: the reader of those names looks at them
    at = text.index(name, start)
    return at, at + len(name), by


def _national(name: str, place: Callable[[str], bool]) -> bool:
    """A firm that is only called by its country or trade: "德国", "日本客户", "美国大学"."""
    for size in range(2, min(6, len(name)) + 1):
        if place(name[:size]) and (
            size == len(name)
            or _GENERIC_HAN.match(name[size:].lstrip("的国"))
            or re.match(
                r"^的?(?:客户|用户|买家|军方|政府|朋友|伙伴|进口商|经销商|同行|子公司|母公司|分公司|工厂|企业)$",
                name[size:],
            )
        ):
            return True
    return False
