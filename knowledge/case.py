"""A conversation's case: the transaction so far, changed by what a follow-up names."""

import re
from dataclasses import replace
from typing import Any

from knowledge.model import Good, Transaction
from knowledge.reading.read import Reading

YES, NO = "yes", "no"
_TRUTHS = ("chinese_origin", "chinese_technology", "us_origin", "us_technology")
_USES = ("civil", "military")


def settle(case: Transaction, fact: str, value: str) -> Transaction:
    """The case with the answer to one missing fact, as pressed rather than written: `fact` as a Missing names it
    ("contains:Dy,Tb"), `value` an option of it ("Dy", "none"), or yes or no. Unchanged where that settles nothing."""
    name, _, options = fact.partition(":")
    offered = tuple(options.split(",")) if options else ()
    if name in _TRUTHS and value in (YES, NO):
        changed: dict[str, Any] = {name: value == YES}
        return replace(case, **changed)
    if name in ("end_use", "end_user") and value in _USES:
        return replace(case, end_use=value)
    if not case.goods:
        return case
    last = _settled(case.goods[-1], name, offered, value)
    return replace(case, goods=(*case.goods[:-1], last))


def _settled(good: Good, name: str, offered: tuple[str, ...], value: str) -> Good:
    if name == "contains" and value == "none":
        return replace(good, elements={**good.elements, **dict.fromkeys(offered, False)})
    if value not in offered:
        return good
    if name == "contains":
        return replace(good, elements={**good.elements, value: True})
    if name == "kind":
        return replace(good, kind=value)
    if name == "part":
        return replace(good, parts=tuple(dict.fromkeys((*good.parts, value))))
    if name == "form":
        return replace(good, forms=tuple(dict.fromkeys((*good.forms, value))))
    return good


def opens_new(case: Transaction, read: Reading) -> bool:
    """Is the message a whole new question rather than a change of the case?"""
    return bool(_named(case, read)) and not _continues(read)


def _named(case: Transaction, read: Reading) -> tuple[Good, ...]:
    """The goods that the message names in the place of those of the case."""
    return tuple(
        g
        for g in read.transaction.goods
        if not _amends(g, case, read.text) and not (case.goods and _is_use(g, read.text))
    )


_ARTICLE = r"\s*(?:(?:an?|the|our|their|his|her|some|all|new)\s+)?(?:[\w-]+\s+){0,3}[一-鿿]{0,4}$"
_USED = re.compile(
    r"(?:\b(?:used|meant|intended|destined|needed|wanted|goes?|going|put|built|installed)\s+(?:for|in|into|inside)"
    r"|\b(?:it|they|this|that|these|those|goods|material|which)\s*(?:is|are|'s|'re|’s|’re|will be|would be)\s+(?:only\s+)?for"
    r"|\bend[- ]?use\b\s*(?:[:=]|is|in|for)?|\buse\s+(?:it|them|this)\s+(?:for|in|to\s+(?:make|build))"
    r"|\b(?:makes?|making|produces?|producing|builds?|building|manufactur\w+)"
    r"|用于|用在|用来(?:做|生产|制造)?|用作|拿去做|拿来做|做成|制成|装在|装到|装进|用途(?:[:：]|是|为)?|生产|制造|客户做)"
    + _ARTICLE,
    re.IGNORECASE,
)
_FOR = re.compile(r"(?<!\band)(?<!\babout)(?<!\bhow)(?:^|\W)for" + _ARTICLE, re.IGNORECASE)


_HOLDS = re.compile(
    r"\b(?:contain\w*|with(?:out)?|has|have|had|no|includ\w+|hold\w*|made (?:of|from|with)|alloyed|doped|free|traces?|percent)\b"
    r"|[%含有掺带加无没]|不含|成分",
    re.IGNORECASE,
)


def _is_use(good: Good, text: str) -> bool:
    """Is it what the goods of the case are for ("it is for electric motors", 用于雷达), rather than other goods?

    To take the motor for the goods would drop the rule on what goes into it.
    """
    before = text[: good.span[0]]
    if _USED.search(before):
        return True
    material = any(good.elements.values()) or good.codes or good.hs
    return not material and bool(_FOR.search(before))


def merge(case: Transaction, read: Reading) -> Transaction:
    """The case with what the new message says put in: other goods replace the old ones, amendments change them.

    A whole new question opens a new case. Who buys, what for and whose goods they are stays until the message says
    otherwise, so that "and gallium?" after a listed buyer is not asked of nobody.
    """
    new = read.transaction
    if opens_new(case, read):
        return new
    named = _named(case, read)
    uses = tuple(g for g in new.goods if case.goods and _is_use(g, read.text))
    goods = new.goods if named else case.goods
    for amendment in () if named else (g for g in new.goods if g not in uses):
        goods = (*goods[:-1], _amended(goods[-1], amendment)) if goods else (amendment,)
    return replace(
        case,
        goods=goods,
        origin=case.origin if new.origin_assumed else new.origin,
        origin_assumed=case.origin_assumed and new.origin_assumed,
        destination=new.destination or case.destination,
        transit=new.transit or case.transit,
        parties=new.parties or case.parties,
        named_parties=new.named_parties or case.named_parties,
        possible_parties=new.possible_parties or case.possible_parties,
        end_use=new.end_use or case.end_use,
        end_use_text=new.end_use_text or ", ".join(g.name for g in uses) or case.end_use_text,
        when=new.when or case.when,
        chinese_origin=case.chinese_origin if new.chinese_origin is None else new.chinese_origin,
        chinese_content=new.chinese_content or case.chinese_content,
        chinese_technology=case.chinese_technology if new.chinese_technology is None else new.chinese_technology,
        # A licence names its goods: it does not pass to others.
        licence_held=new.licence_held if named else new.licence_held or case.licence_held,
        transfer=new.transfer if new.goods else case.transfer,
        us_origin=case.us_origin if new.us_origin is None else new.us_origin,
        us_content=new.us_content or case.us_content,
        us_technology=case.us_technology if new.us_technology is None else new.us_technology,
        us_terms=new.us_terms or case.us_terms,
        value=new.value or case.value,
        ownership=new.ownership or case.ownership,
        broker_in=new.broker_in or case.broker_in,
        concerns=new.concerns or case.concerns,
        release_to=new.release_to or case.release_to,
    )


def _continues(read: Reading) -> bool:
    """ "and dysprosium oxide?": other goods on the same route."""
    return (
        read.text[:4].lower().startswith(("and ", "what", "how ")) or read.text[:1] in "那和换再" or len(read.text) < 30
    )


def _amends(good: Good, case: Transaction, text: str) -> bool:
    """Numbers, forms, absences, or an element told of goods named before ("it contains Dy", "it's 99.9%")."""
    if good.kind == "material" and not good.codes and not good.hs:
        return True
    if not case.goods:
        return False
    # "and gallium?" asks of other goods; "it contains dysprosium" tells of these.
    return (
        bool(_HOLDS.search(text))
        and good.kind == "metal"
        and "metal" in good.assumed
        and case.goods[-1].kind not in ("metal", "material")
        and not good.properties
    )


def _amended(good: Good, change: Good) -> Good:
    return replace(
        good,
        elements={**good.elements, **change.elements},
        shares={**good.shares, **change.shares},
        properties={**good.properties, **change.properties},
        forms=tuple(dict.fromkeys((*good.forms, *change.forms))),
        dimensions=change.dimensions or good.dimensions,
    )
