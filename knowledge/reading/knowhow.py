"""Technology: when a message hands over knowledge of a process rather than the goods the process makes."""

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.model import Good
from knowledge.reading.chemistry import parse
from knowledge.reading.lexicon import Hit
from knowledge.taxonomy import Taxonomy

_CARRIER = re.compile(
    r"\b(?:know-?how|technolog\w*|training|train (?:our|their|the|your|local)?\s?(?:engineers?|staff|team|workers|people)|teach\w*|drawings?|blueprints?|recipes?|(?:process|sintering|production) (?:parameters?|data|documents?|description|manual)"
    r"|parameters?|technical (?:data|documents?|support|assistance)|zoom|webinar|commission(?:ing)? (?:a|an|the|our|of)|lecture)\b"
    r"|技术|工艺|图纸|培训|诀窍|参数|安装调试|技術|図面|ノウハウ|기술|도면|노하우|технолог\w*|чертеж\w*|tecnolog\w*|planos|zeichnung\w*|know-how|công nghệ|bản vẽ|เทคโนโลยี",
    re.IGNORECASE,
)
_MAKING = re.compile(
    r"produc\w*|mak(?:e|ing)|manufactur\w*|synthes\w*|smelt\w*|refin\w*|prepar\w*|grow\w*|生产|制造|合成|制备|冶炼|加工|工艺|提纯|製造|생산|제조|производств\w*|получени\w*|herstell\w*|fabricat\w*|fabricac\w*|sản xuất|ผลิต",
    re.IGNORECASE,
)
_PROCESSES = (
    (
        "magnet_technology",
        re.compile(
            r"sinter\w*|jet.?mill\w*|strip.?cast\w*|hydrogen decrepitation|grain.?boundary|magnet(?:ic material)? (?:making|manufactur\w*|production|preparation)|烧结|气流磨|甩带|氢破|晶界扩散|制粉|磁体制|磁材制|制备|焼結|소결|спекан\w*|sinteriz\w*|frittage",
            re.IGNORECASE,
        ),
    ),
    (
        "rare_earth_recycling_technology",
        re.compile(r"recycl\w*|recover\w*|回收|再生|リサイクル|재활용|переработ\w*|recicl\w*", re.IGNORECASE),
    ),
    (
        "rare_earth_smelting_technology",
        re.compile(r"smelt\w*|electrolys\w*|molten.?salt|冶炼|电解|熔盐|製錬|제련|выплав\w*|schmelz\w*", re.IGNORECASE),
    ),
    (
        "rare_earth_separation_technology",
        re.compile(
            r"separat\w*|solvent.?extract\w*|extraction|refin\w*|分离|萃取|分離|분리|разделен\w*|экстракц\w*|separac\w*|trennung\w*",
            re.IGNORECASE,
        ),
    ),
    (
        "rare_earth_mining_technology",
        re.compile(r"min(?:ing|e plan)|leach\w*|采矿|开采|浸取|選鉱|採掘|добыч\w*", re.IGNORECASE),
    ),
)
_FIELDS = (
    (frozenset({"Sb"}), "antimony_technology"),
    (frozenset({"W"}), "tungsten_technology"),
    (frozenset({"Bi"}), "bismuth_technology"),
    (frozenset({"Te"}), "tellurium_technology"),
    (frozenset({"Mo"}), "molybdenum_technology"),
    (frozenset({"In"}), "indium_phosphide_technology"),
)


_USED = re.compile(
    r"(?:\b(?:using|with|by|through)\s+(?:[\w-]+\s+){0,4}|采用\w{0,4}|使用\w{0,4}|利用\w{0,4})$", re.IGNORECASE
)
_BY_KIND = (
    (("dcpcvd_equipment",), "dcpcvd_technology"),
    (
        ("diamond", "cubic_boron_nitride", "six_sided_press", "mpcvd_equipment"),
        "superhard_technology",
    ),
    (("battery_material", "li_ion_battery", "battery_equipment"), "battery_technology"),
    (("tungsten_heavy_alloy", "apt", "hardmetal"), "tungsten_technology"),
)


def technology(text: str, goods: Sequence[Good], hits: Sequence[Hit], taxonomy: Taxonomy) -> list[Good]:
    """The goods, with those read as technology that the message hands over as knowledge of a process.

    `hits` are all names in the text, also those after "for" ("know-how for antimony smelting").
    """
    found = list(goods)
    if not _CARRIER.search(text):
        return found
    made_with = [g for g in found if not (taxonomy.is_a(g.kind, "technology") and _USED.search(text[: g.span[0]]))]
    if made_with and len(made_with) < len(found):
        return made_with  # "magnets made using Chinese sintering technology": the magnets are the goods
    exact = [g for g in found if taxonomy.is_a(g.kind, "technology") and g.kind != "technology"]
    if exact:
        return exact
    kind = _kind(text, found, hits, taxonomy)
    if kind is None:
        return found
    first = next((g for g in found if g.kind == "technology"), found[0] if found else Good(name=text[:60]))
    return [replace(first, kind=kind, forms=(), parts=(), properties={})]


def _kind(text: str, goods: Sequence[Good], hits: Sequence[Hit], taxonomy: Taxonomy) -> str | None:
    elements = {h.value for h in hits if h.section == "elements"} | {e for g in goods for e in g.may_contain}
    elements |= {e for h in hits if h.section == "formula" and (f := parse(h.value)) for e in f.elements}
    elements |= {e for h in hits if h.section == "groups" for e in taxonomy.groups[h.value]}
    kinds = [h.value for h in hits if h.section == "kinds"] + [g.kind for g in goods]
    about_magnets = any(taxonomy.is_a(k, "magnet") for k in kinds)
    generic = any(g.kind == "technology" for g in goods)
    if about_magnets or elements & taxonomy.groups["rare_earth"]:
        for kind, process in _PROCESSES:
            if process.search(text):
                return kind
        if generic or _MAKING.search(text):
            return "magnet_technology" if about_magnets else "rare_earth_technology"
        return None
    if not generic and not _MAKING.search(text):
        return None
    for ancestors, kind in _BY_KIND:
        if any(taxonomy.is_a(k, a) for k in kinds for a in ancestors):
            return kind
    for symbols, kind in _FIELDS:
        if elements & symbols:
            return kind
    return None
