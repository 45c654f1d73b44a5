"""The conditions of a trace in the answer's language. The rules word them in English only, in a few fixed ways. Pure."""

import re

from bot.locales import catalogue
from bot.telegram.page import Page, called
from bot.telegram.words import flat, listed
from knowledge import naming, wording

_WORDS = {
    r"goods on the list": "on_list",
    r"goods on the list \((?P<codes>.+)\)": "on_list_of",
    r"destination or end user in: (?P<places>.+)": "destined",
    r"destination: (?P<places>.+)": "place_named",
    r"exported from: (?P<places>.+)": "from",
    r"exporter: china": "from_china",
    r"exporter: abroad": "from_abroad",
    r"military end user or end use": "military",
    r"end use: not stated": "use_open",
    r"end use: (?P<use>.+)": "use",
    r"stated use": "use_stated",
    r"military use; whether the country is under an arms embargo is not held": "embargo_open",
    r"party on the (?P<list>.+) list": "party",
    r"a party of Annex IV outside Russia": "annex_four_party",
    r"goods of Chinese origin": "chinese",
    r"Chinese rare-earth value share (?P<bound>.+)": "chinese_share",
    r"made with Chinese rare-earth technology": "chinese_technology",
    r"transfer of technology": "transfer",
    r"owned by (?P<list>.+) parties, (?P<share>.+) % or more": "owned",
    r"item: reason:(?P<reason>\w+)": "item_reason",
    r"item: (?P<item>\w+)": "item",
    r"named by its code or customs number": "by_code",
    r"covers the item": "covers",
    r"bites at the destination": "bites",
    r"(?P<code>\S+) (?P<reason>[A-Z]+) (?P<asks>destinations|all|section|none|unread)": "row",
    r"alloy of (?P<alloys>.+)": "alloy",
    r"read as (?P<kind>\w+)": "read_as",
    r"read on (?P<day>[\d-]+)": "read_on",
    r"kind: (?P<kind>\w+)": "kind",
    r"part: (?P<kind>\w+)": "part",
    r"form: (?P<form>\w+)": "form",
    r"contains: (?P<element>\w+)": "contains",
    r"share of (?P<element>\w+) (?P<bound>[≥>≤<] .+)": "share_of",
    r"(?P<property>[a-z_]+) (?P<bound>[≥>≤<] .+)": "property",
    r"large enough for (?P<size>[\d. x]+) mm": "encloses",
    r"stated: none": "stated_none",
    r"stated: (?P<bound>(?:=|>=|<=|>|<) .+)": "stated",
    r"stated: (?P<bound>.+)": "stated",
    r"(?P<code>\S+): taken for an entry of Annex I": "annex_one",
    r"(?P<code>\S+): taken for an entry of Annex I by its number": "annex_one_number",
    r"(?P<name>\S+): (?P<listing>listed|fits|foreign|inferred_out|unremarkable|unknown)": "listing",
    r"leaves the customs territory; every destination": "leaves",
    r"inside the customs territory; Annex IV is not held": "inside",
    r"EU customs territory": "customs_territory",
    r"(?P<movement>export|inside|open|transit|brokering|none): (?P<from>\S+) to (?P<to>\S+)": "movement",
    r"destination Russia": "to_russia",
    r"destination not Russia": "not_to_russia",
    r"destination not stated|not stated": "not_stated",
    r"destination": "destination",
    r"passes through Russia; later packages are not held": "through_russia",
    r"2022-06-04 tables": "old_tables",
    r"not modelled": "not_modelled",
    r"(?P<to>[A-Z]{2})": "country",
    r"(?P<word>all|any|not)": "word",
}
"""How a condition is worded, and its key below `card.condition`. The first that fits counts."""
_TOLD = re.compile(r"(.*?): (?:yes|no|not known)(?: \((.*)\))?")
_PLACES = 6
_UNITS = {
    "percent": "%",
    "micrometer": "µm",
    "millimeter": "mm",
    "megapascal": "MPa",
    "gigapascal": "GPa",
    "kilowatt": "kW",
    "gram/centimeter**3": "g/cm³",
    "1/centimeter**2": "cm⁻²",
    "milliampere_hour/gram": "mAh/g",
    "watt_hour/kilogram": "Wh/kg",
}
_NAMED = ("use", "item", "asks", "listing", "movement")
"""Fields whose value has a name of its own in the catalogue: `card.use_civil`."""


def said(page: Page, label: str) -> str:
    """A condition of the trace in the answer's language; as it stands where it is none of those that the rules use."""
    label = flat(label)
    if told := _TOLD.fullmatch(label):
        parts = [said(page, part) for part in told.groups() if part]
        return ("; " if page.lang == "en" else "；").join(parts)
    for pattern, key in _WORDS.items():
        if found := re.fullmatch(pattern, label):
            return _filled(page, key, {k: v for k, v in found.groupdict().items() if v is not None})
    return label


def _filled(page: Page, key: str, values: dict[str, str]) -> str:
    if key == "word":
        return page.say(f"condition.{values['word']}")
    shown = {name: _value(page, name, value) for name, value in values.items()}
    for name in ("kind", "form", "element"):
        if name in shown:
            shown["name"] = shown[name]
    if key == "listing":
        shown["name"] = called(page.lang, "kind", values["name"])
    return page.say(f"condition.{key}", **shown)


def _value(page: Page, name: str, value: str) -> str:
    """A value in words."""
    lang = page.lang
    if name in ("kind", "form", "element"):
        return called(lang, "contains" if name == "element" else name, value)
    if name == "property":
        return re.sub(r"（.*）| \(.*\)", "", naming.quantity(lang, value))
    if name == "bound":
        return _bound(value)
    if name == "places":
        words = value.split(", ")
        usual = re.compile(r"[\u4e00-\u9fff]+" if lang == "zh" else r"[ -~]+")
        own = [w for w in words if usual.fullmatch(w)]  # regions are given by their names in many languages
        return listed(lang, [_place(page, w) for w in own or words], _PLACES)
    if name in ("from", "to"):
        return _place(page, value)
    if name == "alloys":
        return ("或" if lang == "zh" else " or ").join(value.split(" or "))
    if name == "list":
        return _list(page, value)
    key = f"card.{name}_{value.replace(' ', '_')}"
    return catalogue(lang)[key] if name in _NAMED and key in catalogue(lang) else value


def _place(page: Page, code: str) -> str:
    if re.fullmatch(r"[A-Z]{2}", code):
        return naming.country(page.lang, code)
    return code.upper() if len(code) <= 3 else code.capitalize()


def _list(page: Page, code: str) -> str:
    if wording.known(page.lang, f"list.{code}"):
        return page.word(f"list.{code}")
    key = f"card.list_{code}"
    return catalogue(page.lang).get(key, code)


def _bound(value: str) -> str:
    """A bound or a stated value: "≥ 99.99 percent" -> "≥ 99.99 %"."""
    *number, unit = value.removeprefix("= ").split(" ")
    number = [{">=": "≥", "<=": "≤"}.get(part, part) for part in number]
    return " ".join([*number, _UNITS.get(unit, unit)])
