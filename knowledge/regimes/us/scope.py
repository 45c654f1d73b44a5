"""Does a row of a licence-requirement table cover an item, and does it bite at a destination? True, false or not known."""

from collections.abc import Iterable, Mapping

from knowledge.controllists.chart import CountryChart, CountryGroups
from knowledge.controllists.model import Asks, Requirement, Row, Scope
from knowledge.controllists.sections import SectionRule, Sections
from knowledge.logic import Truth, all_of, any_of, negate
from knowledge.regimes.us.item import Item

_OF_THE_ENTRY = frozenset({"for_listed_items", "development_or_production", "as_heading_says", "systems_and_equipment"})
"""Tags that only repeat what the entry or the subject already says: not asked where those are known."""


_OF_THE_ITEM = frozenset({"kind_of_item", "parts_and_components"})
"""Tags that describe the items of a paragraph ("capacitors in 3A001.e.2"): not asked of goods stated to be under it."""


def covers(scope: Scope, item: Item, said: Mapping[str, Truth], reasons: Mapping[str, frozenset[str]]) -> Truth:
    """Whether the row or exception speaks of the item. None: the paragraph or a circumstance has to be known first.

    `said` answers tags of a qualifier as far as the question does; `reasons` gives the reasons for control of other entries.
    """
    if item.subjects and (scope.entries or scope.excluded_entries or scope.reasons):
        inside = _about(scope, item.subjects, reasons)
    elif scope.whole:
        inside = _outside(scope.excluded, item.path)
    elif scope.items:
        inside = all_of([_under(scope.items, item.path), _outside(scope.excluded, item.path)])
    else:
        inside = None  # rows about "technology" for other entries, or in words alone
    if inside is not True:
        return inside
    if scope.whole and item.path and _measures_other_items(scope, item):
        return True
    told = _OF_THE_ENTRY | (_OF_THE_ITEM if item.path and scope.items else frozenset())
    asked = [t for t in scope.tags if not (t in told and (item.path or item.subjects))]
    if scope.qualifier and not scope.tags:
        asked = ["other"]
    return all_of(_met(tag, said) for tag in asked)


def _measures_other_items(scope: Scope, item: Item) -> bool:
    """Is the row's condition about other paragraphs of the entry than the item's ("except parts in 9A610.x for 9A610.b")?"""
    own = [n.partition(".")[2] for n in scope.named if n[:5] == item.code]
    return bool(own) and all(t.startswith("except:") for t in scope.tags) and _under(own, item.path) is False


def _met(tag: str, said: Mapping[str, Truth]) -> Truth:
    if tag.startswith("except:"):
        return negate(said.get(tag.removeprefix("except:")))
    return said.get(tag)


def bites(
    requirement: Requirement, country: str, chart: CountryChart, groups: CountryGroups, sections: Sections
) -> Truth:
    """Whether the row asks for a licence at the destination (ISO code). None: its words could not be settled here."""
    if requirement.asks is Asks.NONE:
        return False  # what it exempts is asked by `exempts`
    if requirement.asks is Asks.ALL and _taken_out(requirement, country, groups):
        return False
    if requirement.asks is Asks.ALL:
        rule = _rule(requirement, sections)
        if rule is None or not rule.unsettled:
            return True
        return True if _member(rule.surely, country, groups) else None
    if requirement.asks is Asks.COLUMN:
        return chart.marked(requirement.column, country)
    if requirement.asks is Asks.DESTINATIONS:
        return _stated(requirement, country, groups)
    rule = _rule(requirement, sections)
    if rule is None:
        return None
    return country not in rule.without if rule.everywhere else country in rule.countries


def exempts(requirement: Requirement, country: str, groups: CountryGroups) -> bool:
    """Whether a row that says "no licence required" speaks of the destination: everywhere it does not take out."""
    if requirement.asks is not Asks.NONE:
        return False
    stated = requirement.countries or requirement.groups
    return _stated(requirement, country, groups) if stated else not _taken_out(requirement, country, groups)


def unconfirmed(row: Row, sections: Sections) -> bool:
    """Does the row's answer lean on a section whose destinations nobody could confirm?"""
    rule = _rule(row.requirement, sections)
    return rule is not None and not rule.confirmed


def unsettled(row: Row, sections: Sections) -> bool:
    """Is the row on the books and not enforced?"""
    rule = _rule(row.requirement, sections)
    return rule is not None and rule.unsettled


def _rule(requirement: Requirement, sections: Sections) -> SectionRule | None:
    for section in requirement.sections:
        while section:
            if section in sections:
                return sections[section]
            section = section.rpartition("(")[0]
    return None


def _stated(requirement: Requirement, country: str, groups: CountryGroups) -> bool:
    row = "CN" if country == "HK" else country
    inside = row in requirement.countries or _member(requirement.groups, row, groups)
    return inside and not _taken_out(requirement, row, groups)


def _taken_out(requirement: Requirement, country: str, groups: CountryGroups) -> bool:
    return country in requirement.without_countries or _member(requirement.without_groups, country, groups)


def _member(names: Iterable[str], country: str, groups: CountryGroups) -> bool:
    return any(country in groups.members(name) for name in names)


def _about(scope: Scope, subjects: Iterable[str], reasons: Mapping[str, frozenset[str]]) -> Truth:
    """Rows for software or technology: is what it serves among the entries that the row names?"""
    truths: list[Truth] = []
    for subject in subjects:
        wanted = _under(scope.entries, subject) if scope.entries else scope.whole
        if wanted is True and scope.reasons:
            wanted = bool(reasons.get(subject[:5], frozenset()) & set(scope.reasons))
        truths.append(all_of([wanted, negate(_under(scope.excluded_entries, subject))]))
    return any_of(truths)


def _under(paths: Iterable[str], path: str) -> Truth:
    """Is `path` one of the paths or below one? None: one of them lies below `path`, so more of it has to be known."""
    found: Truth = False
    for p in paths:
        if path == p or path.startswith(p + "."):
            return True
        if not path or p.startswith(path + "."):
            found = None
    return found


def _outside(paths: Iterable[str], path: str) -> Truth:
    return negate(_under(paths, path))
