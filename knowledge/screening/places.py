"""Names of countries and large places in English, Chinese and Japanese: a place is no party."""

from functools import cache


def is_place(name: str) -> bool:
    """Whether the name is that of a country or a well-known city, in any case."""
    return name.lower() in _places()


@cache
def _places() -> frozenset[str]:
    from babel import Locale  # 20 ms: only where something looks like a name

    names: set[str] = set()
    for code in ("en", "zh", "ja"):
        names |= {n.lower() for n in Locale(code).territories.values()}
    words = {w for n in names if n.isascii() and " " in n for w in n.split() if len(w) > 4}
    return frozenset(names | words | _MORE)


_MORE = frozenset(
    "usa uk uae eu dubai moscow shanghai beijing shenzhen guangzhou tokyo osaka seoul taipei hamburg berlin munich frankfurt rotterdam "
    "amsterdam antwerp london paris milan rome madrid istanbul ankara tehran kyiv minsk almaty tashkent baku tbilisi yerevan delhi mumbai "
    "bangalore karachi lahore hanoi bangkok jakarta manila sydney melbourne toronto vancouver houston chicago boston texas california "
    "new york los angeles europe asia africa america korea holland england scotland crimea xinjiang tibet hong kong macau taiwan "
    "北京 上海 深圳 广州 天津 重庆 香港 澳门 台湾 欧洲 欧盟 亚洲 非洲 北美 美洲 中东 迪拜 莫斯科 东京 大阪 首尔 柏林 慕尼黑 汉堡 鹿特丹 伦敦 巴黎 新疆 西藏 朝鲜 韩国 英国 美国 中国大陆 东南亚".split()
)
