"""Technology: when a message hands over knowledge of a process rather than the goods the process makes."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from knowledge.model import Good
from knowledge.taxonomy import Taxonomy

_CARRIER = re.compile(
    r"\b(?:know-?how|technolog\w*|training|train|teach\w*|drawings?|blueprints?|recipes?|parameters?|technical (?:data|documents?|support|assistance)|process (?:data|documents?|description|manual)"
    r"|manuals?|zoom|webinar|e-?mail(?:ed|ing)?|upload|usb stick|patent licen[cs]e|lecture|consult\w*|engineers? to)\b"
    r"|技术|工艺|图纸|参数|配方|培训|资料|教|诀窍|指导|讲解|技術|図面|ノウハウ|기술|도면|노하우|технолог\w*|чертеж\w*|tecnolog\w*|planos|zeichnung\w*|verfahren\w*|procede\w*|plans|công nghệ|bản vẽ|เทคโนโลยี",
    re.IGNORECASE,
)
_PROCESSES = (
    (
        "magnet_technology",
        re.compile(
            r"sinter\w*|jet.?mill\w*|strip.?cast\w*|hydrogen decrepitation|grain.?boundary|magnet(?:ic material)? (?:making|manufactur\w*|production|preparation)|烧结|气流磨|甩带|氢破|晶界扩散|制粉|磁体制|磁材制|制备|焼結|소결|спекан\w*|сintez|sinteriz\w*|frittage",
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
)


def technology(text: str, goods: Sequence[Good], named: Collection[str], taxonomy: Taxonomy) -> list[Good]:
    """The goods, with those read as technology that the message hands over as knowledge of a process.

    `named` are the elements that the message names anywhere ("know-how for antimony smelting").
    """
    found = list(goods)
    if not _CARRIER.search(text):
        return found
    exact = [g for g in found if taxonomy.is_a(g.kind, "technology") and g.kind != "technology"]
    if exact:
        return exact
    kind = _kind(text, found, frozenset(named), taxonomy)
    if kind is None or not found:
        return found
    first = next((g for g in found if g.kind == "technology"), found[0])
    return [replace(first, kind=kind, forms=())]


def _kind(text: str, goods: Sequence[Good], named: frozenset[str], taxonomy: Taxonomy) -> str | None:
    elements = (
        named
        | {e for g in goods for e, there in g.elements.items() if there}
        | {e for g in goods for e in g.may_contain}
    )
    about_magnets = any(taxonomy.is_a(k, "magnet") for g in goods for k in (g.kind, *g.parts))
    rare = bool(elements & taxonomy.groups["rare_earth"]) or about_magnets
    generic = any(g.kind == "technology" for g in goods)
    if rare:
        for kind, process in _PROCESSES:
            if process.search(text):
                return kind
        if generic:
            return "magnet_technology" if about_magnets else "rare_earth_technology"
        return None
    if not generic and not any(process.search(text) for _, process in _PROCESSES):
        return None
    for symbols, kind in _FIELDS:
        if elements & symbols:
            return kind
    parts = [k for g in goods for k in (g.kind, *g.parts)]
    for ancestor, kind in (
        ("diamond", "superhard_technology"),
        ("cubic_boron_nitride", "superhard_technology"),
        ("battery_material", "battery_technology"),
        ("li_ion_battery", "battery_technology"),
    ):
        if any(taxonomy.is_a(k, ancestor) for k in parts):
            return kind
    return None
