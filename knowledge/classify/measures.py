"""Numbers with units in the description of a product or in the text of a control list, in one unit a dimension.

Wider than `knowledge.reading.quantities`, which reads what the rule book's conditions ask of materials: here also data
rates, optics, electronics, machines. A number counts only beside a unit or a counting word that is known.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_PREFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
# dimension -> unit symbol and the prefixes it is written with
_PREFIXED = (
    ("frequency", "Hz", "mkMGT"),
    ("power", "W", "numkMG"),
    ("voltage", "V", "umkM"),
    ("current", "A", "numkM"),
    ("energy", "J", "numkM"),
    ("length", "m", "pnumk"),
    ("time", "s", "pnum"),
    ("pressure", "Pa", "mkMG"),
    ("force", "N", "mkM"),
    ("dose", "Gy", "mk"),
    ("activity", "Bq", "kMGTP"),
    ("resistance", "ohm", "mkM"),
    ("data_rate", "bps", "kMGT"),
    ("data_rate", "bit/s", "kMGT"),
    ("data_rate", "b/s", "kMGT"),
    ("bandwidth", "B/s", "kMGT"),
    ("sample_rate", "SPS", "kMG"),
    ("sample_rate", "S/s", "kMG"),
    ("operations", "FLOPS", "kMGTP"),
    ("operations", "OPS", "MGTP"),
    ("particle_energy", "eV", "kM"),
    ("storage", "B", "kMGT"),
)
_PLAIN: tuple[tuple[str, float, str], ...] = (
    ("length", 1e-6, "micron microns micrometer micrometers micrometre micrometres 微米"),
    ("length", 1e-9, "nanometer nanometers nanometre nanometres 纳米"),
    ("length", 1e-3, "millimeter millimeters millimetre millimetres 毫米"),
    ("length", 1e-2, "cm centimeter centimeters centimetre centimetres 厘米"),
    ("length", 1.0, "meter meters metre metres 米"),
    ("length", 1e3, "kilometer kilometers kilometre kilometres 公里 千米"),
    ("length", 0.0254, 'inch inches in. " 英寸'),
    ("length", 0.3048, "ft feet foot 英尺"),
    ("length", 1e-10, "Å angstrom angstroms"),
    ("length", 1852.0, "nmi"),
    ("mass", 1.0, "kg kgs kilogram kilograms 公斤 千克"),
    ("mass", 1e-3, "g gram grams 克"),
    ("mass", 1e-6, "mg"),
    ("mass", 1e3, "ton tons tonne tonnes 吨"),
    ("mass", 0.45359, "lb lbs pound pounds"),
    ("time", 1.0, "sec second seconds 秒"),
    ("time", 60.0, "min minute minutes 分钟"),
    ("time", 3600.0, "h hour hours hr hrs 小时"),
    ("time", 1e-3, "millisecond milliseconds 毫秒"),
    ("time", 1e-6, "microsecond microseconds 微秒"),
    ("time", 1e-9, "nanosecond nanoseconds 纳秒"),
    ("time", 1e-12, "picosecond picoseconds 皮秒"),
    ("time", 1e-15, "fs femtosecond femtoseconds 飞秒"),
    ("frequency", 1.0, "hertz 赫兹 赫"),
    ("frequency", 1e6, "兆赫 兆赫兹"),
    ("frequency", 1e9, "吉赫 吉赫兹"),
    ("rotation", 1.0, "rpm r/min 转/分"),
    ("frame_rate", 1.0, "fps 帧/秒 frames/s frames/second"),
    ("power", 1.0, "watt watts 瓦"),
    ("power", 1e3, "kilowatt kilowatts 千瓦"),
    ("power", 745.7, "hp 马力"),
    ("power", 1.0, "WRMS"),
    ("level", 1.0, "dBm"),
    ("ratio", 1.0, "dB decibel decibels 分贝"),
    ("phase_noise", 1.0, "dBc/Hz"),
    ("voltage", 1.0, "volt volts 伏"),
    ("voltage", 1e3, "千伏"),
    ("current", 1.0, "amp amps ampere amperes 安"),
    ("pressure", 1e5, "bar"),
    ("pressure", 1e2, "mbar"),
    ("pressure", 6894.76, "psi"),
    ("pressure", 6894760.0, "ksi"),
    ("pressure", 101325.0, "atm"),
    ("pressure", 133.322, "torr mmHg"),
    ("pressure", 1e6, "兆帕 N/mm2"),
    ("pressure", 1e9, "吉帕"),
    ("density", 1.0, "g/cm3 g/cc g/ml 克/立方厘米"),
    ("density", 1e-3, "kg/m3"),
    ("area", 1e-4, "cm2 平方厘米"),
    ("area", 1e-6, "mm2"),
    ("area", 1.0, "m2 平方米"),
    ("volume", 1e-3, "l L liter liters litre litres 升"),
    ("volume", 1e-6, "ml mL 毫升 cm3 cc"),
    ("volume", 1.0, "m3 立方米"),
    ("flow", 1.0, "m3/h/h"),
    ("flow", 0.06, "l/min L/min lpm"),
    ("speed", 1.0, "m/s 米/秒"),
    ("speed", 1e3, "km/s"),
    ("speed", 1 / 3.6, "km/h 公里/小时 kph"),
    ("speed", 0.51444, "knots knot kn 节"),
    ("speed", 340.0, "mach 马赫"),
    ("acceleration", 1.0, "ug micro-g"),
    ("specific_strength", 1.0, "N·m/kg"),
    ("angle", 1.0, "° deg degree degrees 度"),
    ("angle", 1 / 3600, "arcsec arc-second arc-seconds arcseconds 角秒"),
    ("angle", 0.0572958, "mrad"),
    ("angle_rate", 1.0, "°/h °/hr deg/h deg/hr degree/hour degree/h degrees/hour °/小时 度/小时"),
    ("angle_walk", 1.0, "°/√h °/√hr deg/√h deg/√hr"),
    ("percent", 1.0, "% percent wt% wt.% mol% vol% per-cent"),
    ("percent", 1e-4, "ppm"),
    ("concentration", 1.0, "ppb"),
    ("energy_density", 1.0, "Wh/kg 瓦时/千克"),
    ("energy_density_joule", 1.0, "J/kg"),
    ("power_density", 1.0, "W/kg"),
    ("bit", 1.0, "bit bits 位 比特"),
    ("pixel", 1.0, "pixel pixels 像素 element elements 像元"),
    ("pixel", 1e6, "MP megapixel megapixels 万像素"),
    ("axis", 1.0, "axis axes 轴"),
    ("channel", 1.0, "channel channels 通道"),
    ("qubit", 1.0, "qubit qubits 量子比特"),
    ("gain", 1.0, "dBi"),
    ("weighted_teraflops", 1.0, "WT"),
    ("tpp", 1.0, "TPP"),
    ("performance_density", 1.0, "PDENS"),
    ("energy", 3.6e6, "kWh"),
    ("energy", 3600.0, "Wh"),
    ("torque", 1.0, "N·m Nm N-m"),
    ("temperature", 1.0, "°C ℃ degC 摄氏度"),
    ("temperature_k", 1.0, "K kelvin 开尔文"),
    ("nodes", 1.0, "terminals pins"),
    ("mesh", 1.0, "mesh 目"),
    ("bandwidth_density", 1.0, "GB/s/mm2"),
    ("flux", 1.0, "n/s"),
    ("gauss", 1.0, "tesla T"),
    ("noise", 1.0, "nT pT fT"),
    ("count_layers", 1.0, "layers 层"),
    ("charge", 1.0, "mAh/g"),
)


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[str, float]]:
    units: dict[str, tuple[str, float]] = {}
    for dimension, symbol, prefixes in _PREFIXED:
        for prefix in ("", *prefixes):
            factor = _PREFIX[prefix]
            for written in {prefix, "K" if prefix == "k" else prefix}:
                units[written + symbol] = (dimension, factor)
    for dimension, factor, words in _PLAIN:
        units.update(dict.fromkeys(words.split(), (dimension, factor)))
    units |= {"GSPS": ("sample_rate", 1e9), "MSPS": ("sample_rate", 1e6), "KSPS": ("sample_rate", 1e3)}
    units |= {"Gbps": ("data_rate", 1e9), "Mbps": ("data_rate", 1e6), "Tbps": ("data_rate", 1e12)}
    units |= {"Gbit/s": ("data_rate", 1e9), "Mbit/s": ("data_rate", 1e6), "Tbit/s": ("data_rate", 1e12)}
    return units


@lru_cache(maxsize=1)
def _folded() -> dict[str, tuple[str, float]]:
    folded: dict[str, tuple[str, float]] = {}
    for written, meaning in sorted(_units().items(), key=lambda u: u[1][1], reverse=True):
        folded.setdefault(written.lower(), meaning)  # "mpa" is megapascal: nobody sells millipascals
    folded |= {"mw": ("power", 1e-3), "ma": ("current", 1e-3), "mv": ("voltage", 1e-3), "ms": ("time", 1e-3)}
    folded |= {"mj": ("energy", 1e-3), "mm": ("length", 1e-3), "nm": ("length", 1e-9), "ns": ("time", 1e-9)}
    return folded


_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,8})?"
_POWER = r"(?:\s?[x·*]\s?10\s?\^?\s?(?P<exp>-?\d{1,2})(?!\d)|[eE](?P<exp2>[+-]?\d{1,2})(?![\dA-Za-z]))?"


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = sorted({*_units(), *_folded()}, key=len, reverse=True)
    latin = "|".join(re.escape(w) for w in words if w[-1].isascii() and w[-1].isalnum())
    other = "|".join(re.escape(w) for w in words if not (w[-1].isascii() and w[-1].isalnum()))
    unit = rf"(?P<unit>(?:{latin})(?![A-Za-z0-9])|(?:{other}))"
    first = rf"(?<![A-Za-z0-9_.,-])(?P<sign>-|\+/-)?(?P<n>{_NUMBER}){_POWER}"
    upper = rf"(?:\s?(?:-|~|to|至|到|and)\s?(?P<n2>-?(?:{_NUMBER})))?"
    return re.compile(rf"{first}{upper}[\s-]?(?P<wan>万)?{unit}", re.IGNORECASE)


_GRID = re.compile(r"(?<![\d.])(\d{2,5})\s?x\s?(\d{2,5})(?![\d.]*\s?(?:mm|cm|m|um|in)\b)(?!\s?x)")
_CLAUSE = re.compile(r"[;,。，；、\n\r]|\.\s")
_CONTEXT_BEFORE, _CONTEXT_AFTER = 70, 32


@dataclass(frozen=True)
class Measure:
    """A quantity read: from `low` to `high` in the dimension's base unit, one number where it is no range.

    `before` and `after` are the words around it in its clause; `written` is how it stands in the text.
    """

    dimension: str
    low: float
    high: float
    written: str
    before: str
    after: str
    start: int = 0
    end: int = 0


def find(text: str) -> list[Measure]:
    """Every quantity in a normalised text (`text.normal`), in order."""
    found = [m for m in (_measure(text, match) for match in _pattern().finditer(text)) if m is not None]
    for grid in _GRID.finditer(text):
        around = text[max(0, grid.start() - 40) : grid.end() + 40].lower()
        if re.search(r"pixel|array|detector|fpa|resolution|focal|camera|element|像素|阵列|分辨率|探测|焦平面", around):
            size = float(grid.group(1)) * float(grid.group(2))
            found.append(_placed("pixel", size, size, grid, text))
    return sorted(found, key=lambda m: m.start)


def meaning(unit: str) -> tuple[str, float] | None:
    """The dimension of a written unit and its size in the base unit; None where it is not known."""
    return _units().get(unit) or _folded().get(unit.lower())


def _measure(text: str, match: re.Match[str]) -> Measure | None:
    known = meaning(match.group("unit"))
    if known is None:
        return None
    dimension, factor = known
    power = match.group("exp") or match.group("exp2")
    scale = factor * (10.0 ** int(power) if power else 1.0) * (1e4 if match.group("wan") else 1.0)
    low = float(match.group("n").replace(",", "")) * (-1 if match.group("sign") == "-" else 1)
    high = float(match.group("n2").replace(",", "")) if match.group("n2") else low
    if dimension == "temperature_k":
        return _placed("temperature", min(low, high) - 273.15, max(low, high) - 273.15, match, text)
    return _placed(dimension, min(low, high) * scale, max(low, high) * scale, match, text)


def _placed(dimension: str, low: float, high: float, match: re.Match[str], text: str) -> Measure:
    before = _CLAUSE.split(text[max(0, match.start() - _CONTEXT_BEFORE) : match.start()])[-1]
    after = _CLAUSE.split(text[match.end() : match.end() + _CONTEXT_AFTER])[0]
    return Measure(dimension, low, high, match.group(0).strip(), before, after, match.start(), match.end())
