"""Names in a question that look like a firm, an institute or a person and should be screened.

A legal form or a word such as "Institute" marks a name; so do the words around it ("end user: X", "sold to X", "卖给X").
Ordinary goods and places are no names: what follows such words counts only where it is written as a name.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

MOST = 20
"""Names of one text that are given."""
LIMIT = 20_000
"""Characters of the text that are read."""

By = Literal["form", "head", "cue", "title"]


@dataclass(frozen=True)
class Mention:
    """A name in the text at `start`:`end`; `by` what it was known: a legal form, a head word, words around it, a title."""

    start: int
    end: int
    name: str
    by: By


_UP = r"(?:[A-ZÀ-ÞА-ЯЁ0-9][\w&'’.\-]*|[a-z]?[A-Z][\w&'’.\-]*)"
_LINK = r"(?:of|and|for|the|de|del|la|di|du|des|und|van|von|al|bin|ibn|y|e|&|-)"
_CHAIN = rf"{_UP}(?:,?\s+(?:{_LINK}\s+){{0,2}}{_UP}){{0,7}}"
_FORM = (
    r"(?:Co\b\.?,?\s*(?:Ltd|Limited|Inc|LLC)\.?|Ltd\.?|Limited|Inc\.?|Incorporated|Corp\.?|Corporation|Company|L\.?L\.?C\.?|LLP|PLC|"
    r"GmbH(?:\s*&\s*Co\.?\s*KG)?|AG|KGaA|KG|SE|N\.?V\.?|B\.?V\.?|S\.?A\.?S\.?|S\.?A\.?R\.?L\.?|SARL|S\.?A\.?(?:\s+de\s+C\.?V\.?)?|S\.?p\.?A\.?|"
    r"S\.?r\.?l\.?|Sp\.?\s?z\s?o\.?o\.?|s\.r\.o\.|d\.o\.o\.|a\.s\.|A\.Ş\.|A\.S\.|Ltd\.?\s*(?:Sti|Şti)\.?|Oyj?|AB|AS|ASA|ApS|A/S|K\.?K\.?|G\.?K\.?|"
    r"Pte\.?(?:\s*Ltd\.?)?|Pty\.?(?:\s*Ltd\.?)?|Pvt\.?(?:\s*Ltd\.?)?|Sdn\.?\s*Bhd\.?|Bhd|Tbk|FZE|FZCO|FZ-LLC|FZC|DMCC|WLL|W\.L\.L\.|PJSC|OJSC|CJSC|JSC|"
    r"OOO|OAO|PAO|AO|Group|Holdings?|Industries|Technologies|Systems|Aerospace|Electronics|Shipping)"
)
_FIRM = re.compile(
    rf"\b{_UP}(?:\s+(?:{_LINK}\s+)?{_UP}){{0,7}}?(?:,?\s+\([A-Z][\w ]{{1,20}}\))?,?\s+{_FORM}(?:,?\s+{_FORM})?(?![\w])"
)
_RUSSIAN = re.compile(
    r"(?:ООО|ОАО|ЗАО|ПАО|АО|НПО|НПП|ФГУП|OOO|OAO|ZAO|PAO|JSC|LLC)\s+(?:[«\"“„][^«»\"”“\n]{2,60}[»\"”“]|[А-ЯЁA-Z][\w-]+(?:\s+[А-ЯЁA-Z][\w-]+){0,3})"
)
_HEADS = (
    "University|Institute|Academy|Laboratory|Laboratories|Ministry|Bureau|Arsenal|Shipyard|Foundation|Consortium|Navy|Army|"
    "Air Force|Design Bureau|Research Cent(?:er|re)|Plant|Factory|Works|Bank|Airlines|Airways|Hospital|College"
)
_HEAD = re.compile(
    rf"\b(?:{_UP}\s+(?:{_LINK}\s+)?){{1,6}}(?:{_HEADS})\b(?:\s+(?:of|for)\s+(?:the\s+)?{_UP}(?:\s+(?:and\s+|of\s+)?{_UP}){{0,5}})?"
)
_HEAD_OF = re.compile(
    rf"\b(?:{_HEADS})\s+(?:of|for)\s+(?:the\s+)?{_UP}(?:\s+(?:and\s+|of\s+|for\s+)?{_UP}){{0,5}}|\bNo\.?\s?\d+\s+(?:{_UP}\s+){{0,4}}(?:{_HEADS})"
)
_ROLE = (
    r"(?:end[- ]?users?|ultimate consignees?|consignees?|buyers?|customers?|purchasers?|clients?|importers?|distributors?|"
    r"intermediate consignees?|recipients?|counterpart(?:y|ies)|forwarders?|freight forwarders?|agents?|resellers?|partners?|suppliers?|vendors?|parties|party)"
)
_CUE = re.compile(
    rf"(?:\b{_ROLE}(?:\s+(?:is|are|was|will be|would be|named|called|company|in [A-Z]\w+(?: is|:|,)?))?\s*[:=,–-]?\s*(?:is\s+)?"
    r"|\b(?:named|called|on behalf of|owned by|subsidiary of|known as|c/o|to the order of)\s+"
    r"|\b(?:screen|check|screening of|does|is)\s+(?:the\s+(?:name|company|firm|party|person)\s+)?(?=[A-ZÀ-ÞА-ЯЁ\"“«])"
    r"|\b(?:sell|sold|sale|sales|ship|shipped|shipping|export|exported|exporting|deliver|delivered|supply|supplied|provide|send|sent|selling|transfer|re-?export(?:ed)?)\b[^.;:?!\n]{0,80}?\s(?:to|for)\s+(?:the\s+)?(?:company\s+|firm\s+|customer\s+|buyer\s+|end[- ]user\s+)?)"
    rf"[\"“«‘']?(?P<name>{_CHAIN})[\"”»’']?",
)
_TO_IN = re.compile(
    rf"\b(?:to|for|with|by|from|at)\s+[\"“«]?(?P<name>{_CHAIN})[\"”»]?\s*,?\s+(?:in|of|based in|located in)\s+(?:the\s+)?[A-Z]\w+"
)
_TITLE = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|General|Colonel|Capt)\b\.?\s+(?P<name>{_UP}(?:\s+(?:al-|bin\s+|de\s+|van\s+)?{_UP}){{0,3}})"
)

_CJK = r"\u3005\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3A-Za-z0-9·・&ー（）()\-"
_CJK_TAIL = (
    "股份有限公司|有限责任公司|集团有限公司|有限公司|株式会社|株式會社|合同会社|有限会社|公司|集团|研究所|研究院|研究中心|大学|學院|学院|实验室|"
    "工業|工业|重工|製作所|制作所|電機|银行|海军|空军|国防部|주식회사|전자|산업|대학교"
)
_CJK_FIRM = re.compile(
    rf"(?:株式会社|주식회사|㈱|\(株\)|\(주\))\s?[{_CJK}]{{1,20}}?(?=[はがをにのへとで、。,\s]|向け|$)|[{_CJK}]{{2,30}}?(?:{_CJK_TAIL})(?:第?[一二三四五六七八九十\d]{{1,3}}(?:研究)?所)?"
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
    r"(?:是否|需要|需不需要|用于|用来|要不要|可以|能否|能不能|会不会|应该|作为|位于|在|的|吗|呢|么|是|并|以|进行|来|です|ですが|だ|である|に|へ|を|が|は|の|で).*$"
)
_CJK_START = re.compile(
    r"^.*(?:卖给|售给|出售给|销售给|出口给|出口到|提供给|供应给|交付给|发给|发往|运往|寄给|转让给|运给|交给|客户是|用户是|用户为|用户：|买方是|收货人是|"
    r"收货人为|购买方是|对方是|位于|我们公司|我公司|我司|本公司|一家|这家|那家|某家|该|请问|和|与|及|或|从|向|给|由|对|被|将|把|是|为|在|は|が|を|に|の|へ|と|で|から)"
)
_FAMOUS_INSIDE = re.compile(
    r"华为|中和|和平|共和|永和|大和|三和|和田|联合|正和|和利|有为|对外|为民|从化|东南|海为|和光|昭和|豊和|向日葵|与时"
)
_NOT_NAMES = frozenset(
    "i we our you it they he she this that the a an what which when where who whom whose why how do does did can could should would will "
    "is are was were may must shall need no not yes please if then and or but also under after before from to for with in on at by as of "
    "export exports import imports licence license licensed controlled control permit eccn ear itar hs cas usd eur cny rmb kg pcs dual use "
    "military civil civilian research production school laboratory factory plant customer customers buyer buyers user users end company "
    "companies firm manufacturer distributor university institute hospital government state ministry army navy air force monday tuesday "
    "wednesday thursday friday saturday sunday january february march april may june july august september october november december "
    "eu us usa uk uae un nato prc china's chinese japanese german american russian korean indian french italian european asian taiwanese "
    "iranian turkish israeli british dutch swiss new our repair testing resale personal commercial industrial medical use".split()
)
_SMALL = frozenset("我们 我 你 他 她 他们 你们 谁 哪里 对方 客户 用户 买方 第三方 军方 军队 政府 国外 海外 境外 国内 外国 最终用户 个人 公司 该公司 本公司 贵公司 我公司 一家公司 这家公司 某公司 大学 "
                   "研究所 研究院 学院 集团 外国公司 国外公司 工业 军工 银行 実験室 当社 弊社 同社 自社 顧客".split())  # fmt: skip
_GENERIC_HAN = re.compile(
    r"^(?:一[家个所间]|某[家个]?|这[家个]|那[家个]|两家|几家|其他|别的|任何|所有|当地|本地|私营|国有|民用|军用|民营|军工|贸易|汽车|电子|半导体|芯片|制药|化工|航空|航天|机器人|"
    r"无人机|医疗|科研|大型|小型|知名|上市|外贸|物流|货运|快递|物理|化学|材料|技术|科技|的)*(?:公司|集团|大学|研究所|研究院|研究中心|学院|实验室|工业|银行|海军|空军|国防部|企业|厂)?$"
)


def mentions(text: str, is_place: Callable[[str], bool] | None = None) -> tuple[Mention, ...]:
    """Names in the text, in order, no two overlapping, at most `MOST`. `is_place` tells the names of places (lower case);
    without it countries, their adjectives and large cities are known."""
    text = text[:LIMIT]
    place = is_place or _place
    taken: list[Mention] = []
    for mention in _all(text, place):
        if len(taken) < MOST and not any(m.start < mention.end and mention.start < m.end for m in taken):
            taken.append(mention)
    return tuple(sorted(taken, key=lambda m: m.start))


def _all(text: str, place: Callable[[str], bool]) -> Iterator[Mention]:
    for pattern, by in ((_RUSSIAN, "form"), (_FIRM, "form"), (_HEAD, "head"), (_HEAD_OF, "head")):
        for m in pattern.finditer(text):
            found = _spaced(text, m.start(), m.end(), by, place)
            if found:
                yield found
    for m in _CJK_FIRM.finditer(text):
        found = _unspaced(text, m.start(), m.end(), "form", place)
        if found:
            yield found
    for m in _TITLE.finditer(text):
        yield Mention(*m.span("name"), m.group("name"), "title")
    for pattern in (_CUE, _TO_IN):
        for m in pattern.finditer(text):
            found = _spaced(text, *m.span("name"), "cue", place)
            if found:
                yield found
    for m in _CJK_CUE.finditer(text):
        group = m.lastgroup or "a"
        found = _unspaced(text, *m.span(group), "cue", place)
        if found:
            yield found


def _spaced(text: str, start: int, end: int, by: By, place: Callable[[str], bool]) -> Mention | None:
    """The stretch without words at its edges that belong to the sentence; None where no name is left."""
    words = [(m.start() + start, m.end() + start, m.group()) for m in re.finditer(r"[^\s,]+", text[start:end])]
    while words and _common(words[0][2], text, words[0][0]):
        words.pop(0)
    while words and _bare(words[-1][2]) in _NOT_NAMES and words[-1][2].islower():
        words.pop()
    if not words:
        return None
    bare = [_bare(w) for _, _, w in words]
    own = [w for w in bare if w and w not in _NOT_NAMES and not w.isdigit()]
    if by == "head":
        own = [w for w in own if not re.fullmatch(_HEADS.lower(), w)]
    if by == "form":
        own = own[:-1] or own if len(words) > 1 else []
    name = text[words[0][0] : words[-1][1]].strip(' ,;:"“”«»')
    if by == "cue" and (
        place(" ".join(bare)) or all(place(w) or w in _NOT_NAMES for w in bare) or not _like_a_name(name)
    ):
        return None
    if not own or sum(map(len, own)) < 2 or (by == "head" and len(words) < 2):
        return None
    at = text.index(name, words[0][0]) if name else -1
    return Mention(at, at + len(name), name, by) if name else None


def _common(word: str, text: str, at: int) -> bool:
    """A word of the sentence, not of the name: a small one, or a capital only because the sentence begins there."""
    return _bare(word) in _NOT_NAMES and not (
        word.isupper() and len(word) > 1 and _bare(word) not in ("eccn", "ear", "hs")
    )


def _bare(word: str) -> str:
    return re.sub(r"[^\w&]", "", word).lower()


def _like_a_name(name: str) -> bool:
    """Not a code, a measure or a formula: most of it is letters, with more than one of them in a row."""
    letters = sum(c.isalpha() for c in name)
    return (
        letters >= 3
        and letters > sum(c.isdigit() for c in name) * 2
        and not re.fullmatch(r"(?:[A-Z][a-z]?\d*){2,}\d", name)
    )


def _unspaced(text: str, start: int, end: int, by: By, place: Callable[[str], bool]) -> Mention | None:
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
    if len(name) < 2 or name in _SMALL or _GENERIC_HAN.match(name) or place(name) or _national(bare, place):
        return None
    if by == "cue" and (re.match(r"[A-Za-z0-9 ]*$", name) and not _like_a_name(name)):
        return None
    at = text.index(name, start)
    return Mention(at, at + len(name), name, by)


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


def _place(name: str) -> bool:
    return name.lower() in _places()


_held: list[frozenset[str]] = []


def _places() -> frozenset[str]:
    """Countries in English, Chinese and Japanese with their usual short names; large places of transit by hand."""
    if not _held:
        from babel import Locale  # 20 ms: only where something looks like a name

        names: set[str] = set()
        for code in ("en", "zh", "ja"):
            names |= {n.lower() for n in Locale(code).territories.values()}
        words = {w for n in names if n.isascii() and " " in n for w in n.split() if len(w) > 4}
        _held.append(frozenset(names | words | _MORE_PLACES))
    return _held[0]


_MORE_PLACES = frozenset(
    "usa uk uae eu dubai moscow shanghai beijing shenzhen guangzhou tokyo osaka seoul taipei hamburg berlin munich frankfurt rotterdam "
    "amsterdam antwerp london paris milan rome madrid istanbul ankara tehran kyiv minsk almaty tashkent baku tbilisi yerevan delhi mumbai "
    "bangalore karachi lahore hanoi bangkok jakarta manila sydney melbourne toronto vancouver houston chicago boston texas california "
    "new york los angeles europe asia africa america korea holland england scotland crimea xinjiang tibet hong kong macau taiwan "
    "北京 上海 深圳 广州 天津 重庆 香港 澳门 台湾 欧洲 欧盟 亚洲 非洲 北美 美洲 中东 迪拜 莫斯科 东京 大阪 首尔 柏林 慕尼黑 汉堡 鹿特丹 伦敦 巴黎 新疆 西藏 朝鲜 韩国 英国 美国 中国大陆 东南亚".split()
)
