"""The same goods and places in English and Chinese, for tests that combine them."""

GOODS = [
    ("dysprosium oxide", "氧化镝"),
    ("terbium oxide", "氧化铽"),
    ("samarium metal", "金属钐"),
    ("gadolinium chloride", "氯化钆"),
    ("yttrium oxide", "氧化钇"),
    ("scandium metal", "金属钪"),
    ("lutetium oxide", "氧化镥"),
    ("neodymium oxide", "氧化钕"),
    ("praseodymium metal", "金属镨"),
    ("lanthanum carbonate", "碳酸镧"),
    ("cerium oxide", "氧化铈"),
    ("holmium oxide", "氧化钬"),
    ("erbium metal", "金属铒"),
    ("ytterbium oxide", "氧化镱"),
    ("europium oxide", "氧化铕"),
    ("NdFeB magnets", "钕铁硼磁体"),
    ("NdFeB magnets containing dysprosium", "含镝的钕铁硼磁体"),
    ("NdFeB magnets without dysprosium and terbium", "不含镝和铽的钕铁硼磁体"),
    ("samarium-cobalt magnets", "钐钴磁体"),
    ("ferrite magnets", "铁氧体磁体"),
    ("dysprosium-iron alloy", "镝铁合金"),
    ("scandium-aluminium alloy", "钪铝合金"),
    ("terbium sputtering targets", "铽靶材"),
    ("gallium metal", "金属镓"),
    ("gallium arsenide wafers", "砷化镓晶片"),
    ("gallium nitride", "氮化镓"),
    ("germanium dioxide", "二氧化锗"),
    ("germanium metal", "金属锗"),
    ("antimony ingots", "锑锭"),
    ("antimony trioxide", "三氧化二锑"),
    ("antimony ore", "锑矿"),
    ("tungsten carbide powder", "碳化钨粉"),
    ("ammonium paratungstate", "仲钨酸铵"),
    ("tellurium metal", "金属碲"),
    ("bismuth metal", "金属铋"),
    ("molybdenum powder", "钼粉"),
    ("indium phosphide", "磷化铟"),
    ("natural flake graphite", "天然鳞片石墨"),
    ("copper wire", "铜线"),
    ("synthetic diamond powder", "人造金刚石粉"),
    ("electric motors", "电动机"),
    ("titanium dioxide", "二氧化钛"),
]

PLACES = [
    ("Germany", "德国"),
    ("Japan", "日本"),
    ("the United States", "美国"),
    ("South Korea", "韩国"),
    ("Vietnam", "越南"),
    ("Hong Kong", "香港"),
    ("Taiwan", "台湾"),
    ("Mexico", "墨西哥"),
    ("Thailand", "泰国"),
    ("India", "印度"),
    ("Rotterdam", "鹿特丹"),
    ("Singapore", "新加坡"),
]

ELEMENTS = [
    "neodymium",
    "lanthanum",
    "cerium",
    "iron",
    "aluminium",
    "cobalt",
    "copper",
    "gallium",
    "dysprosium",
    "yttrium",
]
KINDS = ["{} metal", "{} oxide", "{} alloy", "{} sputtering target", "{} carbonate"]
MAGNETS = [
    "magnets",
    "NdFeB magnets",
    "permanent magnets",
    "SmCo magnets",
    "ferrite magnets",
    "sintered rare-earth magnets",
]
CONTROLLED = ["dysprosium", "terbium", "samarium", "gadolinium", "lutetium", "scandium", "yttrium"]
SYMBOLS = {"dysprosium": "Dy", "terbium": "Tb", "samarium": "Sm", "gadolinium": "Gd", "lutetium": "Lu", "scandium": "Sc", "yttrium": "Y"}  # fmt: skip
CHINESE = {"dysprosium": "镝", "terbium": "铽", "samarium": "钐", "gadolinium": "钆", "lutetium": "镥", "scandium": "钪", "yttrium": "钇"}  # fmt: skip


def in_english(good: str, place: str) -> str:
    """The plain question."""
    return f"Do we need a licence for {good} from Shanghai to {place}"


def in_chinese(good: str, place: str) -> str:
    """The same question."""
    return f"从上海出口{good}到{place}需要许可证吗"
