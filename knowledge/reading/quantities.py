"""Numbers with units: purities and grades, sizes, strengths, amounts. What they belong to is decided in goods.py."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from knowledge.model import Quantity
from knowledge.reading.text import fold

_NUMBER = r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,12})?|\d{1,15}(?:[.,]\d{1,12})?"
_BEFORE = re.compile(
    r"(>=|=>|≥|≧|<=|=<|≤|≦|>|<|＞|＜|~|at least|min(?:imum|\.)?|not less than|no less than|more than|over|above|greater than|"
    r"exceeding|at most|max(?:imum|\.)?|not more than|no more than|up to|less than|under|below|finer than|smaller than|coarser than|larger than|bigger than|thinner than|thicker than|about|approx\.?|around|ca\.?|"
    r"不低于|不小于|至少|大于等于|大于|高于|超过|不超过|不高于|不大于|小于等于|小于|低于|约|más de|mas de|menos de|al menos|"
    r"mindestens|uber|unter|plus de|moins de|au moins|более|менее|не менее|свыше)\s*$"
)
_AFTER = re.compile(
    r"^\s*(\+|min\b|minimum|and above|or more|or higher|and up|plus\b|max\b|maximum|or less|and below|以上|及以上|以下|以内|未満|以上)"
)
_LOW_INCLUSIVE = {">=", "=>", "≥", "≧", "at least", "min", "minimum", "min.", "not less than", "no less than", "不低于", "不小于",
                  "至少", "大于等于", "al menos", "mindestens", "au moins", "не менее", "+", "and above", "or more", "or higher",
                  "and up", "plus", "以上", "及以上"}  # fmt: skip
_LOW_STRICT = {">", "＞", "more than", "over", "above", "greater than", "exceeding", "大于", "高于", "超过", "más de", "mas de",
               "uber", "plus de", "более", "свыше"}  # fmt: skip
_HIGH_INCLUSIVE = {"<=", "=<", "≤", "≦", "at most", "max", "maximum", "max.", "not more than", "no more than", "up to", "不超过",
                   "不高于", "不大于", "小于等于", "or less", "and below", "以下", "以内"}  # fmt: skip
_HIGH_STRICT = {
    "finer than",
    "smaller than",
    "thinner than",
    "<",
    "＜",
    "less than",
    "under",
    "below",
    "小于",
    "低于",
    "menos de",
    "unter",
    "moins de",
    "менее",
    "未満",
}

# Written unit -> (unit as pint has it, property it measures by itself; "" where the words around must tell).
_UNITS: tuple[tuple[str, str, str], ...] = (
    (r"wt\.?\s?%|wt-?%|mass\s?%|%\s?wt|%|percent|per cent|pct|por ciento|процент\w*|prozent", "percent", "percent"),
    (r"ppm", "ppm", "ppm"),
    (r"um|microns?|micrometers?|micrometres?|微米|микрон\w*|мкм|micras?|마이크론|ไมครอน", "micrometer", "grain_size"),
    (r"nm|nanomet(?:er|re)s?|纳米|нм", "nanometer", "nanometres"),
    (r"(?:-|\+)?\s?mesh|目|меш", "mesh", "mesh"),
    (
        r"g\s?/\s?cm\s?(?:\^?3|\*\*3|³)|g\s?/\s?cc|g\s?/\s?ml|g\.?cm-3|г/см3|克/立方厘米|g/立方厘米",
        "gram/centimeter**3",
        "density",
    ),
    (r"kg/m(?:\^?3|³)", "kilogram/meter**3", "density"),
    (r"mpa|兆帕|мпа", "megapascal", "strength"),
    (r"n/mm(?:\^?2|²)", "newton/millimeter**2", "strength"),
    (r"gpa|吉帕|гпа", "gigapascal", "pressure"),
    (r"psi", "psi", "strength"),
    (r"wh\s?/\s?kg|瓦时/千克|вт[·*]?ч/кг", "watt_hour/kilogram", "energy_density"),
    (r"mah\s?/\s?g", "milliampere_hour/gram", "capacity"),
    (r"kw|千瓦|квт", "kilowatt", "power"),
    (r"mhz|兆赫", "megahertz", "frequency"),
    (r"ghz|吉赫", "gigahertz", "frequency"),
    (
        r"(?:个|条|根|pits?)?\s?/\s?(?:cm\s?(?:\^?2|\*\*2|²)|平方厘米)|(?:per|each) cm2|cm-2",
        "1/centimeter**2",
        "dislocation_density",
    ),
    (r"mm|millimet(?:er|re)s?|毫米|мм|milimetros?|millimetri", "millimeter", "length"),
    (r"cm|centimet(?:er|re)s?|厘米|公分|см", "centimeter", "length"),
    (r"inch(?:es)?|\"|英寸|寸|pouces?|zoll|дюйм\w*", "inch", "length"),
    (r"metric tons?|tonnes?|tons?|toneladas?|тонн\w*|吨|公吨|mt|톤|トン|tấn|ตัน|t", "metric_ton", "mass"),
    (r"kgs?|kilos?|kilograms?|公斤|千克|кг|килограмм\w*|킬로그램|キロ|กิโลกรัม|กก", "kilogram", "mass"),
    (r"grams?|gr|g|克|гр?|그램|グラム|กรัม", "gram", "mass"),
    (r"lbs?|pounds?|磅", "pound", "mass"),
    (r"pcs|pieces?|units?|sets?|个|件|台|套|片|支|只|шт|piezas|stk|stuck|개|個|cái|ชิ้น", "count", "count"),
    (r"layers?|层", "count", "layers"),
    (r"usd|eur|rmb|cny|yuan|元|美元|人民币|dollars?|euros?", "money", "money"),
    (r"liters?|litres?|升", "liter", "volume"),
    (r"oz", "ounce", "mass"),
)
_UNIT = "|".join(f"(?P<u{i}>{pattern})" for i, (pattern, _, _) in enumerate(_UNITS))
_QUANTITY = re.compile(
    rf"(?<![\w.])(?P<sign>-)?(?P<n>{_NUMBER})\s*(?:-\s*(?P<n2>{_NUMBER})\s*)?(?:{_UNIT})(?![a-z0-9])(?!\w*\d\w*/)"
)
_QUANTITY_CJK = re.compile(
    rf"(?<![\d.])(?P<sign>-)?(?P<n>{_NUMBER})\s*(?:[-~至到]\s*(?P<n2>{_NUMBER})\s*)?(?:{_UNIT})(?![a-z0-9])"
)
_NINES = re.compile(
    r"(?<![a-z0-9.])([2-9])\s?n\s?([1-9])?(?![a-z0-9])(?:\s*(\+))?|([二三四五六七八九两])个?[9九](?![\d.])"
)
_BARE_PURITY = re.compile(
    r"(?<![\d.,x*])(9\d\.\d+|99)(?![\d.,]*\d|\s*(?:x|\*|kg|kgs|mm|pcs|tons?|t\b|%|usd|mpa|gpa|wh|layers?|um\b|x))"
)
_DIMENSIONS = re.compile(
    rf"(?P<dia>ø|φ|phi|dia\.?|diameter|直径)?\s*(?P<a>{_NUMBER})\s*(?P<ua>mm|cm|inch|英寸|毫米|厘米)?\s*(?:[x*]|by|乘)\s*(?P<lb>[a-z]{{0,2}})?(?P<b>{_NUMBER})\s*(?P<ub>mm|cm|inch|毫米|厘米)?"
    rf"(?:\s*(?:[x*]|by|乘)\s*[a-z]{{0,2}}(?P<c>{_NUMBER})\s*(?P<uc>mm|cm|inch|毫米|厘米)?)?"
)
_DIAMETER_BEFORE = re.compile(
    r"(?:ø|φ|phi|dia\.?|diameter|diam\.?|直径|durchmesser|diametro|диаметр\w*|od|外径)\s*(?:of|:|=|为|is)?\s*$"
)
_SIZE_BEFORE = re.compile(
    r"(?:particle size|grain size|particle diameter|d50|粒度|粒径|晶粒)\s*(?:of|:|=|为)?\s*(?:<|>|≤|≥)?\s*$"
)
_DIAMETER_AFTER = re.compile(r"^\s*(?:dia\b|diameter|diam\b|直径|od\b)")
_LENGTHS = {
    "cylinder": re.compile(
        r"(?:cylinder|bore|缸径|油缸(?:直径)?|缸体(?:直径)?|缸)\s*(?:diameter|dia\.?|直径)?\s*(?:of|:|=|为)?\s*$"
    ),
    "thickness": re.compile(r"(?:thick(?:ness)?|厚度?|wall|壁厚)\s*(?:of|:|=|为)?\s*$"),
    "length": re.compile(r"(?:length|long|长度?)\s*(?:of|:|=|为)?\s*$"),
    "width": re.compile(r"(?:width|wide|宽度?)\s*(?:of|:|=|为)?\s*$"),
    "height": re.compile(r"(?:height|high|高度?)\s*(?:of|:|=|为)?\s*$"),
}
_LENGTHS_AFTER = {
    "cylinder": re.compile(r"^\s*(?:cylinder|bore|缸)"),
    "thickness": re.compile(r"^\s*(?:thick|wall|厚(?!\s*度?\s*\d))"),
    "length": re.compile(r"^\s*(?:long|length|长(?!\s*度?\s*\d))"),
    "width": re.compile(r"^\s*(?:wide|width|宽(?!\s*度?\s*\d))"),
    "height": re.compile(r"^\s*(?:high|height|高(?!\s*度?\s*\d))"),
}
# ASTM E11: opening of a sieve in micrometres by mesh number.
_SIEVES = {10: 2000, 12: 1700, 14: 1400, 16: 1180, 18: 1000, 20: 850, 25: 710, 30: 600, 35: 500, 40: 425, 45: 355, 50: 300,
           60: 250, 70: 212, 80: 180, 100: 150, 120: 125, 140: 106, 170: 90, 200: 75, 230: 63, 270: 53, 325: 45, 400: 38,
           450: 32, 500: 25, 635: 20}  # fmt: skip
_STRENGTHS = (
    ("flexural_strength", re.compile(r"flex\w*|bend\w*|抗折|抗弯|弯曲")),
    ("tensile_strength", re.compile(r"tensile|uts|抗拉|拉伸")),
    ("elastic_limit", re.compile(r"elastic|yield|弹性极限|屈服")),
    ("pressure", re.compile(r"pressure|压力|设计压力")),
)


@dataclass(frozen=True)
class Measured:
    """A quantity in the text. `property` is what it measures, as far as unit and neighbouring words tell."""

    start: int
    end: int
    property: str
    quantity: Quantity
    dimensions: tuple[Quantity, ...] = ()


def find(text: str) -> list[Measured]:
    """Every quantity in the cleaned text, in order, without overlaps."""
    folded = fold(text)
    found: list[Measured] = []
    for reader in (_dimensions, _units, _nines, _named, _bare_purity):
        for item in reader(folded):
            if not any(f.start < item.end and item.start < f.end for f in found):
                found.append(item)
    return sorted(found, key=lambda f: f.start)


def _decimal(text: str, *, decimal_comma: bool = False) -> Decimal | None:
    """The number; a comma before three digits groups thousands, except where a percentage over 100 would come out."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", text) and not decimal_comma:
        text = text.replace(",", "")
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


def _bound(text: str, start: int, end: int) -> str:
    before, after = _BEFORE.search(text[max(0, start - 24) : start]), _AFTER.match(text[end : end + 16])
    for match in (before, after):
        word = match.group(1).strip() if match else ""
        for sign, words in ((">=", _LOW_INCLUSIVE), (">", _LOW_STRICT), ("<=", _HIGH_INCLUSIVE), ("<", _HIGH_STRICT)):
            if word in words:
                return sign
    return "="


def _quantity(value: Decimal, unit: str, bound: str) -> Quantity:
    return Quantity(value, unit, bound)  # type: ignore[arg-type]


def _units(text: str) -> list[Measured]:
    found = []
    for m in [*_QUANTITY.finditer(text), *_QUANTITY_CJK.finditer(text)]:
        index = next(i for i in range(len(_UNITS)) if m.group(f"u{i}"))
        _, unit, name = _UNITS[index]
        low, high = (_decimal(m.group(g) or "", decimal_comma=unit == "percent") for g in ("n", "n2"))
        value = low
        if value is None or low is None:
            continue
        bound = _bound(text, m.start(), m.end())
        if high is not None:
            # A range: what it surely is lies between; the lower end counts as "at least" where it is open upwards.
            found.append(
                Measured(m.start(), m.end(), name if unit != "mesh" else "grain_size", _range(low, high, unit))
            )
            continue
        if unit == "mesh":
            found.append(_mesh(m, value, text))
            continue
        if name in ("strength", "pressure"):
            name = _strength(text, m.start(), m.end(), unit)
        elif name == "length":
            name = _length(text, m.start(), m.end())
        elif name == "grain_size" and _DIAMETER_BEFORE.search(text[max(0, m.start() - 24) : m.start()]):
            name = "diameter"
        elif name == "density" and re.search(
            r"compact\w*|压实|tap(?:ped)?\s*density", text[max(0, m.start() - 24) : m.start()]
        ):
            name = "compaction_density"
        elif name == "percent" and re.search(
            r"(?:elongation|延伸率|伸长率)\D{0,8}$", text[max(0, m.start() - 20) : m.start()]
        ):
            name = "elongation"
        found.append(Measured(m.start(), m.end(), name, _quantity(value, unit, bound)))
    return found


def _range(low: Decimal, high: Decimal, unit: str) -> Quantity:
    """A range as a quantity; of two mesh numbers the coarser sieve bounds the size."""
    if unit == "mesh":
        return Quantity(Decimal(_opening(min(low, high))), "micrometer", "=")
    return Quantity(low, unit, "=", high) if low != high else Quantity(low, unit, "=")


def _opening(mesh: Decimal) -> int:
    """The sieve opening in micrometres of a mesh number; between two of the table, by proportion."""
    nearest = min(_SIEVES, key=lambda n: abs(n - mesh))
    return _SIEVES[nearest] if nearest == mesh else int(_SIEVES[nearest] * nearest / max(Decimal(1), mesh))


def _mesh(m: re.Match[str], value: Decimal, text: str) -> Measured:
    opening = _opening(value)
    # "-200 mesh" passes the sieve; "+200 mesh" stays on it; a bare number is taken as passing.
    stays = text[max(0, m.start() - 1) : m.start()] == "+"
    quantity = Quantity(Decimal(opening), "micrometer", ">=" if stays else "<=")
    return Measured(m.start(), m.end(), "grain_size", quantity)


def _strength(text: str, start: int, end: int, unit: str) -> str:
    if unit == "gigapascal":
        return "pressure"
    before, after = text[max(0, start - 28) : start], text[end : end + 20]
    best: tuple[int, str] | None = None
    for name, pattern in _STRENGTHS:
        for m in pattern.finditer(before):
            distance = len(before) - m.end()
            if not re.search(r"\d", before[m.end() :]):
                best = min(best, (distance, name)) if best else (distance, name)
    if best is None:
        for name, pattern in _STRENGTHS:
            m2 = pattern.search(after)
            if m2 and not re.search(r"[,;，、]", after[: m2.start()]):
                best = min(best, (m2.start(), name)) if best else (m2.start(), name)
    return best[1] if best else "strength"


def _length(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - 24) : start], text[end : end + 12]
    if _SIZE_BEFORE.search(before):
        return "grain_size"
    for name, pattern in _LENGTHS.items():
        if pattern.search(before):
            return name
    if _DIAMETER_BEFORE.search(before):
        return "diameter"
    for name, pattern in _LENGTHS_AFTER.items():
        if pattern.match(after):
            return name
    return "diameter" if _DIAMETER_AFTER.match(after) else "extent"


_NAMED = (
    ("density", "gram/centimeter**3", r"density|密度|плотност\w*|dichte|densidad|densite"),
    ("flexural_strength", "megapascal", r"flexural(?: strength)?|flexure|bending strength|抗折(?:强度)?|抗弯(?:强度)?"),
    ("tensile_strength", "megapascal", r"tensile(?: strength)?|uts|抗拉(?:强度)?"),
    ("elastic_limit", "megapascal", r"elastic limit|yield(?: strength)?|弹性极限|屈服(?:强度)?"),
    ("elongation", "percent", r"elongation|延伸率|伸长率"),
    ("purity", "percent", r"purity|assay|纯度|含量|чистот\w*|reinheit|pureza|purete|純度"),
    ("dislocation_density", "1/centimeter**2", r"dislocation(?: density)?|位错密度|epd"),
    ("energy_density", "watt_hour/kilogram", r"energy density|能量密度"),
    ("compaction_density", "gram/centimeter**3", r"compact(?:ed|ion)? density|压实密度|压实"),
    ("capacity", "milliampere_hour/gram", r"克容量|比容量|specific capacity"),
    ("cylinder", "millimeter", r"缸径|油缸直径|cylinder (?:bore|diameter|dia)|bore diameter"),
)
_NAMED_PATTERN = re.compile(
    "|".join(
        rf"(?P<p{i}>{words})\s*(?:of|is|:|=|为|是|约|>|≥)?\s*(?P<v{i}>{_NUMBER})(?!\d|\.\d|\s?(?:x|\*))"
        for i, (_, _, words) in enumerate(_NAMED)
    )
)


def _named(text: str) -> list[Measured]:
    """ "density 1.73", "UTS 1350": a property by name with a number that has no unit; the unit usual in the trade is meant."""
    found = []
    for m in _NAMED_PATTERN.finditer(text):
        index = next(i for i in range(len(_NAMED)) if m.group(f"p{i}"))
        name, unit, _ = _NAMED[index]
        value = _decimal(m.group(f"v{index}"))
        if value is None or (name == "purity" and not 1 < value <= 100):
            continue
        start = m.start(f"v{index}")
        found.append(Measured(start, m.end(), name, _quantity(value, unit, _bound(text, start, m.end()))))
    return found


def _nines(text: str) -> list[Measured]:
    found = []
    for m in _NINES.finditer(text):
        nines = int(m.group(1)) if m.group(1) else _NUMBERS_ZH[m.group(4)]
        digits = "9" * nines + (m.group(2) or "")
        value = Decimal(digits[:2] + "." + (digits[2:] or "0"))
        bound = ">=" if m.group(3) else _bound(text, m.start(), m.end())
        found.append(Measured(m.start(), m.end(), "purity", _quantity(value, "percent", bound)))
    return found


_NUMBERS_ZH = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def _bare_purity(text: str) -> list[Measured]:
    """ "Sb2O3 99.995 purity", "tungsten rods 99.95": a number from 90 up with decimals and no unit of its own."""
    found = []
    for m in _BARE_PURITY.finditer(text):
        value = _decimal(m.group(1))
        if value is None or (
            m.group(1) == "99" and not re.search(r"purity|pure|纯度", text[max(0, m.start() - 12) : m.end() + 10])
        ):
            continue
        found.append(
            Measured(m.start(), m.end(), "purity", _quantity(value, "percent", _bound(text, m.start(), m.end())))
        )
    return found


_LENGTH_UNITS = {
    "mm": "millimeter",
    "毫米": "millimeter",
    "cm": "centimeter",
    "厘米": "centimeter",
    "inch": "inch",
    "英寸": "inch",
}


def _dimensions(text: str) -> list[Measured]:
    found = []
    for m in _DIMENSIONS.finditer(text):
        numbers = [_decimal(m.group(g)) for g in ("a", "b", "c") if m.group(g)]
        written = m.group("uc") or m.group("ub") or m.group("ua")
        dia = bool(m.group("dia")) or bool(_DIAMETER_BEFORE.search(text[max(0, m.start() - 12) : m.start("a")]))
        if not written and not dia and len(numbers) < 3:
            continue
        unit = _LENGTH_UNITS[written] if written else "millimeter"
        sizes = [Quantity(n, unit) for n in numbers if n is not None]
        if dia and len(sizes) == 2:
            sizes = [sizes[0], *sizes]
        found.append(Measured(m.start(), m.end(), "dimensions", sizes[0], tuple(sizes)))
    return found
