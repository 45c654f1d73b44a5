"""What a qualifier is about, in a small closed vocabulary: enough to ask the right question without the official wording."""

import re

_ABOUT = (
    ("civil_telecom", r"civil telecommunications"),
    ("civil_use", r"\bcivil (?:end|use|applic|auto)|non-?military"),
    ("usable_in_missiles", r"missile|rocket|space launch|\bUAVs?\b|unmanned aerial|\brange of at least"),
    ("military_use", r"military"),
    ("meets_parameters", r"(?:meet|meets|exceed|exceeds|satisf\w+|met or exceeded)\b.{0,60}(?:parameter|criteri|characteristic|requirement|\d[A-E]\d{3})|(?:parameters|accuracies).{0,40}(?:are )?met|having the characteristics of|characteristics? (?:listed|described)? ?in"),
    ("mt_controlled_part", r"\bMT\b|MTCR"),
    ("controlled_for_reason", r"controlled for (?:\w\w )?(?:[A-Z]{2}|reasons)|unless controlled for|EI controlled"),
    ("police_use", r"police|law enforcement|finger-?print"),
    ("dimensions", r"barrel length|diameter|\b(?:length|lengths|width)\b.{0,30}\d"),
    ("performance_limit", r"\b(?:APP|Weighted TeraFLOPS|WT|GFLOPS|processing performance|total impulse|frequency|maximum rated|output power|capacity|pressure)\b.{0,80}\d|\bexceeding\b.{0,40}\d|(?:less|greater) than.{0,30}\d"),
    ("datacenter_use", r"data ?cent(?:er|re)s?"),
    ("space_station", r"International Space Station|\bISS\b"),
    ("space_use", r"space.qualified|spacecraft"),
    ("airborne_use", r"airborne|aircraft"),
    ("real_time_use", r"real.time"),
    ("nuclear_effects", r"nuclear effects"),
    ("production_facilities", r"production facilities"),
    ("munitions_list_item", r"USML|Munitions List|\bITAR\b"),
    ("end_use_certificate", r"End.Use Certificate"),
    ("reexport", r"\breexports?\b.{0,80}\bfrom a State"),
    ("destination", r"Country Group|countries|destinations?\b|Country Chart|ultimate destination"),
    ("end_user", r"end.user"),
    ("as_heading_says", r"\bheading\b"),
    ("formerly_classified", r"immediately prior to|formerly"),
    ("mixture_or_form", r"in the form of|mixtures?"),
    ("for_listed_items", r"\bfor (?:\w+ ){0,4}(?:ECCNs? )?\d[A-E]\d{3}|“?(?:technology|software)”? (?:for|required)"),
    ("development_or_production", r"development|production"),
    ("use_or_maintenance", r"(?<!for )\buse\b|operation|maintenance|repair|installation|overhaul"),
    ("specially_designed", r"specially designed"),
    ("parts_and_components", r"\bparts\b|components"),
    ("systems_and_equipment", r"systems and equipment"),
)  # fmt: skip
_COMPILED = tuple((tag, re.compile(pattern, re.IGNORECASE)) for tag, pattern in _ABOUT)
_EXCEPT = re.compile(r"^\W*(?:except|excluding|other than|unless|N/A)\b", re.IGNORECASE)
VOCABULARY = (*(tag for tag, _ in _ABOUT), "kind_of_item", "other")
"""Every tag there is; "except:" before one says that what meets it is not reached."""


def tags(qualifier: str, descriptive: bool = False) -> tuple[str, ...]:
    """The tags of a qualifier as printed; at least one for every qualifier that is not empty.

    `descriptive`: it names a kind of item ("police-model infrared viewers") rather than stating a condition.
    """
    if not qualifier.strip():
        return ()
    found = [tag for tag, pattern in _COMPILED if pattern.search(qualifier)]
    prefix = "except:" if _EXCEPT.match(qualifier) else ""
    return tuple(prefix + tag for tag in (found or ["kind_of_item" if descriptive else "other"]))
