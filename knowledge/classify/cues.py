"""What sort of thing a description speaks of: goods, equipment to make them, material, software, know-how; and for whom."""

import re
from dataclasses import dataclass

_GROUPS = {
    "B": r"test(?:er|ing|s)? (?:system|equipment|bench|stand|set|chamber|rig|machine)|inspection|production (?:line|equipment)|manufactur\w+ (?:equipment|line|machine|system)|machine\b|furnace|press\b|lathe|tooling|mold|mould|\bdies?\b|calibrat|lithograph|etch|deposition|bonder|prober|welding|reactor\b|fermenter|centrifuge|设备|机床|生产线|测试台|试验台|炉|压机|检测|校准|模具|机$",
    "C": r"powder|alloys?\b|compound|purity|resin|material\b|fib(?:er|re)s?\b|yarn|chemical|reagent|fluid|ingot|substrate|wafers?\b|crystal|polymer|ceramic|precursor|toxin|virus|bacteri|strain|explosive|propellant|liquid|\bcas\b|graphite|粉|合金|材料|化学品|纤维|纯度|树脂|晶体|衬底|试剂|毒素|病毒|细菌|陶瓷|石墨|液体",
    "D": r"software|firmware|source code|object code|\bapp\b|\bsdk\b|toolkit|program (?:suite|package)|compiler|simulator package|\bcode\b|plug-?in|algorithm|licen[cs]e key|软件|固件|源代码|程序|算法|代码",
    "E": r"technolog|technical (?:data|assistance|document)|know-?how|drawings?\b|blueprint|specifications? (?:for|of)|process (?:recipe|instructions?|parameters|sheets?)|recipes?\b|training (?:course|on)|manuals?\b|design (?:data|documents?|package|files?)|instructions|技术资料|技术|图纸|工艺|手册|技术文件|配方|know how",
}
_GROUP_PATTERNS = {group: re.compile(words, re.IGNORECASE) for group, words in _GROUPS.items()}
_PURPOSES = {
    "military": r"militar|\barm(?:y|ies)\b|\bnav(?:y|al)\b|weapon|warfare|combat|battle|tank\b|fighter|warship|missile|munition|mil-std|soldier|tactical|defen[cs]e|军|武器|战斗|作战|舰|弹",
    "space": r"space[- ]?(?:craft|flight|borne|grade|qualif|launch|station|vehicle|probe)|\bin space\b|satellite|\borbit|launch vehicle|cubesat|rad[- ](?:hard|tolerant)|krad|卫星|航天|宇航|太空|星载|轨道",
    "missile": r"missile|rocket|re-?entry|launch vehicle|300 ?km|500 ?kg|\buavs?\b|unmanned aerial|propellant|导弹|火箭|无人机|再入",
    "nuclear": r"nuclear|enrich|isotop|reactor|uranium|pluton|tritium|radioact|centrifuge|actinide|核|铀|钚|同位素|反应堆|氚",
    "biochemical": r"toxi|patho|virus|bacteri|chemical|biolog|ferment|vaccin|corros|acid|chlor|fluor|phosph|cyan|毒|病|菌|化工|化学|生物|腐蚀|发酵",
    "police": r"police|law enforcement|riot|crowd|restrain|prison|forensic|fingerprint|interrogat|surveil|警|防暴|监狱|取证|指纹|拘束",
    "oil": r"oil\b|gas well|drill|petrol|refiner|offshore|hydraulic fractur|石油|钻|油气|压裂|炼油",
    "civil": r"consumer|household|home use|kitchen|toy|office|school|retail|hobby|civil|commercial|industrial|medical|automotive|家用|民用|商用|厨房|玩具|办公|工业|医用|汽车",
    "crypto": r"encrypt|crypto|\baes\b|\brsa\b|\bvpn\b|\btls\b|\bssl\b|cipher|key management|加密|密码|密钥|解密",
    "part": r"\bparts?\b|component|spare|accessor|housing|bracket|replacement|gasket|blade|零件|备件|配件|附件|组件|部件",
}
_PURPOSE_PATTERNS = {name: re.compile(words, re.IGNORECASE) for name, words in _PURPOSES.items()}
_HEAD = 70


@dataclass(frozen=True)
class Cues:
    """How strongly each product group is spoken of (1 at the head of the text, less further in) and which purposes."""

    groups: dict[str, float]
    purposes: frozenset[str]


def cues(text: str) -> Cues:
    """The cues of a normalised text."""
    groups = {}
    for group, pattern in _GROUP_PATTERNS.items():
        first = pattern.search(text)
        groups[group] = 0.0 if first is None else 1.0 if first.start() < _HEAD else 0.4
    found = frozenset(name for name, pattern in _PURPOSE_PATTERNS.items() if pattern.search(text))
    return Cues(groups, found)
