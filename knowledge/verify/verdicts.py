"""The verdict is the engine's: a sentence may not clear, ban or bind a deal otherwise than the engine did."""

import re

from knowledge.model import Outcome
from knowledge.verify.atoms import readable
from knowledge.verify.ground import Problem

_FREE = re.compile(
    r"\bno (?:\w+ ){0,3}licen[cs]es? (?:\w+ )?(?:is |are )?(?:needed|required|necessary)|\bno need (?:for|of) (?:a|any|an) (?:\w+ )?licen[cs]e|\b(?:without|needs? no|requires? no) (?:an? |any )?(?:\w+ ){0,2}licen[cs]e|"
    r"\b(?:not|n't) (?:need|require|call for|needed|required)(?: an?| any)?(?: \w+){0,2} (?:licen[cs]e|permit)|licen[cs]e (?:\w+ ){0,2}(?:is|are) (?:not|n't|un)(?: )?(?:required|needed|necessary)|licen[cs]e-free|"
    r"\b(?:free|cleared|safe|fine|ok|okay|good|allowed|permitted|legal|lawful|able|entitled|clear) to (?:ship|export|send|go|sell|proceed|deliver|supply|move)|\b(?:may|can) (?:now |therefore |then |freely |legally |lawfully |safely |go ahead and )*(?:ship|export|send|proceed|be (?:freely )?(?:shipped|exported|sent|sold)|sell|go ahead)|"
    r"\bgo ahead\b|\b(?:is|are) (?:perfectly |entirely |fully )?(?:allowed|permitted|legal|lawful|unrestricted|uncontrolled|not controlled|not restricted|exempt|free of controls?)\b|\bno restrictions?\b|"
    r"(?:不|无|毋|没有必要)(?:需要|需|须|必|用)(?:\w{0,4})(?:许可|申请|审批|批准)|免(?:于|除)?(?:申请)?\w{0,2}许可|没有许可(?:证)?要求|可以?(?:直接|自由|合法|正常|放心)?(?:出口|发货|发运|装运|出货|运往|销售|放行|交付)|合法|不受(?:\w{0,4})(?:管制|限制)|允许(?:出口|发货)|不属于管制|可放行|不在管制",
    re.IGNORECASE,
)
_BAN = re.compile(
    r"\b(?:is|are|be|it's) (?:strictly |absolutely |completely )?(?:prohibited|banned|forbidden|illegal|unlawful|not (?:allowed|permitted))\b|\b(?:must not|may not|cannot|can't|can not|shall not) (?:be )?(?:ship|export|send|sell|proceed)\w*|"
    r"禁止(?:出口|发货|装运|交易|运往|对)|不得(?:出口|发货|发运|装运|运往)|不(?:允许|准|许|能|可)(?:以)?(?:出口|发货|发运)|违法",
    re.IGNORECASE,
)
_BIND = re.compile(
    r"\b(?:licen[cs]es?|permits?) (?:\w+ ){0,3}(?:is|are|will be) (?:\w+ ){0,2}(?:required|needed|necessary|mandatory)|\b(?:need|needs|require|requires|must (?:have|get|obtain|apply for)|have to (?:get|obtain|apply for)|necessary) (?:an? |the |to (?:get|obtain|have) an? )?(?:\w+ ){0,3}licen[cs]e|\blicen[cs]e required|"
    r"(?<!不)(?<!无)(?:需要?|须|应当?|必须)(?:\w{0,6})(?:许可|审批)",
    re.IGNORECASE,
)
_NONE_FOUND = re.compile(
    r"no licen[cs]e requirement (?:was |has been )?found|没?未?(?:查到|发现)(?:任何)?许可(?:证)?要求", re.IGNORECASE
)
_NOT = re.compile(r"\b(?:not|no|never|isn't|aren't)\b[^,.;]{0,24}$|[不未非无][^，。；]{0,4}$", re.IGNORECASE)
_THIS_DEAL = re.compile(
    r"\b(?:you|your|yours|this (?:shipment|deal|export|transaction|sale|order|case|consignment|good|item|product)|these (?:goods|items|products)|the (?:deal|shipment|transaction|answer|verdict|conclusion))\b|[您你贵]|本(?:次|批|笔|交易|单)|这(?:批|笔|次|些|个|种)|该(?:批|笔|次|货物|交易|产品)|此(?:次|批|笔|项交易)|结论",
    re.IGNORECASE,
)

_SAYS = ((_FREE, "free"), (_BAN, "ban"), (_BIND, "bind"))
_MEANS = {Outcome.PROHIBITED: "ban", Outcome.LICENCE_REQUIRED: "bind"}


def verdicts(sentence: str, verdict: Outcome | None, *, cited: bool) -> list[Problem]:
    """Words that decide, where the engine decided otherwise.

    A sentence with a mark that does not speak of this deal tells what a passage says, which the passage answers for; so does
    one where the engine gave no verdict. That nothing was found is never told as leave to ship.
    """
    text = readable(sentence)
    if verdict is None and cited:
        return []
    if cited and not _THIS_DEAL.search(text):
        return []
    plain = _NONE_FOUND.sub(" ", text) if verdict is Outcome.NO_LICENCE_FOUND else text
    found = []
    for pattern, says in _SAYS:
        m = pattern.search(plain)
        if m is None or (verdict is not None and _MEANS.get(verdict) == says):
            continue
        if (
            says == "bind"
            and (verdict is Outcome.PROHIBITED or _FREE.search(plain))
            and verdict is not Outcome.PROHIBITED
        ):
            continue  # told once, as what frees
        found.append(Problem("verdict", m[0]))
    return found
