"""What a message is after: a deal to determine, or the law itself, a term, a procedure, a penalty, a case, a change.

Cue phrases (rules/lexicon/asks.yaml) and the shape of the question decide. In doubt it is LICENCE: a question about a deal
that is answered from the texts alone would lose its verdict. Where no deal is described, a learned model (`of_law.py`) has a
say too: people ask about the law in more ways than phrases can list.
"""

import re
from enum import StrEnum

from knowledge.model import Good
from knowledge.reading.asks import classes, words
from knowledge.reading.facts import wanted_fact
from knowledge.reading.lexicon import UNSPACED
from knowledge.reading.of_law import about_the_law
from knowledge.reading.read import Reading

LOOKED_AT = 1_500
"""Characters that are looked at; a longer message describes a deal, and what it asks stands near its beginning."""


class Intent(StrEnum):
    """What the asker wants to know."""

    LICENCE = "licence"  # does this deal need a licence; anything that a regime determines
    LAW = "law"  # what a law says, whether something counts
    DEFINITION = "definition"  # what a term means
    PROCEDURE = "procedure"  # how, where, how long, with which papers, who decides
    PENALTY = "penalty"  # what breaking the law costs
    ENFORCEMENT = "enforcement"  # what happened in a case
    CHANGE = "change"  # what is new, what still stands
    SMALLTALK = "smalltalk"  # nothing of the field


_PLAIN = {
    "case": Intent.ENFORCEMENT,
    "change": Intent.CHANGE,
    "text": Intent.LAW,
    "penalty": Intent.PENALTY,
    "procedure": Intent.PROCEDURE,
    "define": Intent.DEFINITION,
}
"""Cues that tell by themselves, the most telling first."""
_LOOSE = {
    "papers": Intent.PROCEDURE,
    "still": Intent.CHANGE,
    "law": Intent.LAW,
    "what_is": Intent.DEFINITION,
    "how": Intent.PROCEDURE,
}
"""Cues that tell only where no deal is described."""
_OF_THE_LAW = frozenset(("named", "article", "measure"))
WIDE = frozenset(("material", "metal", "alloy", "mixture", "compound", "oxide", "ore", "equipment", "technology"))
"""Kinds of goods too wide to be determined by themselves."""


_OF_A_CHANGE = frozenset(("how", "wants", "own"))
"""Cues that a change of the open case may hold too ("改发日本呢")."""


def intent(read: Reading, *, follow_up: bool = False) -> Intent:
    """The intent of a reading. `follow_up`: a case is open, and a bare "yes", "99.9 %" or place belongs to it.

    A question about nothing that is known here is LAW, not SMALLTALK: the texts decide whether they answer it. Where they
    do not, `of_the_field` tells whether to say so or to decline the topic.
    """
    found = _by_rule(read, follow_up)
    if found is not Intent.LICENCE or follow_up:
        return found
    said = cues(read)
    deal = read.transaction
    if "wants" in said or (deal.goods and deal.destination):
        return found
    if not wanted_fact(read.text).demands and (concrete(read) or not about_the_law(read.masked)):
        return found  # a price, a rate, a count of last year: no regime determines that, whatever the goods
    return of_the_law(read)


def of_the_law(read: Reading) -> Intent:
    """What is asked of the law, in a message that is known to be about it."""
    said = cues(read)
    return next((i for cue, i in (*_PLAIN.items(), *_LOOSE.items()) if cue in said), Intent.LAW)


def _by_rule(read: Reading, follow_up: bool) -> Intent:
    if not read.text.strip():
        return Intent.SMALLTALK  # all of it was left out: orders to the assistant, other matters
    said = cues(read)
    if _small_talk(read, said, follow_up):
        return Intent.SMALLTALK
    if follow_up and (read.transaction.goods or read.transaction.destination) and said <= _OF_A_CHANGE:
        return Intent.LICENCE  # "send it to Japan instead": the case goes on
    plain = next((i for cue, i in _PLAIN.items() if cue in said), None)
    deal, sent_to = read.transaction, toward(read)
    placed = sent_to or (deal.destination and plain is None)
    if concrete(read) or (deal.goods and (said & {"wants", "may"} or placed)):
        return _over_a_deal(read, said, plain)
    if plain is not None:
        return plain
    if "wants" in said and (sent_to or "own" in said or not said & {"concept", "law", *_OF_THE_LAW}):
        return Intent.LICENCE
    sent = sent_to or (deal.destination is not None and not deal.origin_assumed)
    of_law = _WHICH.search(read.text) or _OPENS_AS_QUESTION.search(read.text)
    if (sent and not of_law) or (sent_to and said & {"own", "may"} and not _WHICH.search(read.text)):
        return Intent.LICENCE
    if "state" in said and said & _OF_THE_LAW:
        return Intent.CHANGE
    loose = next((i for cue, i in _LOOSE.items() if cue in said), None)
    if loose is not None:
        return loose
    if deal.parties or follow_up:
        return Intent.LICENCE
    asks = said & _OF_THE_LAW or _ASKS.search(read.text) or _a_sentence(read.text)
    return Intent.LAW if asks and not (deal.goods and "own" in said) else Intent.LICENCE


def names_a_deal(read: Reading) -> bool:
    """Does it ask whether something may be sent, or name goods closely enough to be determined?"""
    return "wants" in cues(read) or concrete(read)


def cues(read: Reading) -> frozenset[str]:
    """The classes of cue phrases in a reading (asks.yaml says what each means), with `article` where one is numbered."""
    text = _signs(read)
    found = classes(text) | (classes(words(read.text[:LOOKED_AT])) & _SPELLED_OUT)
    if _NUMBERED.search(text) or read.codes.announcements:
        found.add("article")
    return frozenset(found)


_SPELLED_OUT = {"afield", "creative"}
"""Classes looked for in the words themselves too: noodles are everyday goods."""
_NUMBERED = re.compile(
    r" (?:articles?|art|sections?|sec|parts?|paragraphs?|para|annex|supplement|chapter|recital|no|nos|articulo|artikel"
    r"|стат[а-я]+|dieu) (?:no )?(?:\d|[ivx]+[a-z]? )| §|(?<= )7[3-7]\d\.\d|第\s?[\d一二三四五六七八九十百零]+\s?[条章款项节]|제\s?\d+\s?조"
    r"|มาตรา\s?\d"
)


_ASKS = re.compile(
    r"^\W*(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|may|must|should|has|have|had"
    r"|will|would|name|list|describe|explain|tell|give|show)\b|\?|[吗呢]$|会不会|是不是|要不要|什么|怎么|怎样|如何|哪|谁|多少|几|何|是否|能不能|能否|有没有",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"^\W*(?:and |so |but )?(?:(?:for|in|by|to|at|from|above|since|until|till|through|on|under) )?(?:what|which|who|whom|whose|when|where|why|how)\b"
    r"|多少|哪|谁|几[个天年倍]|怎么|怎样|如何|什么时候|何时|何种|是否适用|适用吗",
    re.IGNORECASE,
)
_OPENS_AS_QUESTION = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|may|must|should|has|have|had|will|would)\b|[吗呢]\W*$|还能|能不能|可以",
    re.IGNORECASE,
)
_TOWARD = re.compile(
    r" (?:to|into|towards?|nach|vers|para|sang|в|на) (?:\S+ ){0,4}?(?:pp|cc) "
    r"|(?:出口|出|发|发往|发到|运|运往|寄|到|去|往|至|卖给|给|卖到|供|转)\s*(?:pp|cc)\b|\b(?:pp|cc)\s*(?:客户|买家|厂商|に|へ|向け|로|으로)"
)


def _a_sentence(text: str) -> bool:
    """Is it more than a heading such as "export licence" (出口许可)?"""
    split = words(text).split()
    return len(split) >= 6 or sum(len(w) for w in split if UNSPACED.match(w)) >= 10


def _signs(read: Reading) -> str:
    """The words of the masked text: goods, places, parties, dates, amounts and codes are the signs asks.yaml names."""
    return words(read.masked[:LOOKED_AT])


def toward(read: Reading) -> bool:
    """Is a place or party said to be where something goes, rather than whose law is meant?"""
    return bool(_TOWARD.search(_signs(read)) or (read.transaction.transit and read.transaction.goods))


def _over_a_deal(read: Reading, said: frozenset[str], plain: Intent | None) -> Intent:
    """Where goods are named: the asker's own deal is determined, whatever else is asked beside it."""
    if "besides" in said and "wants" not in said and _WHICH.search(read.text):
        return Intent.LAW
    deal = read.transaction
    mine = said & {"wants", "may", "own"} or " nn " in _signs(read)
    if plain is None and not (mine or deal.destination) and said & {"law", "what_is"} and said & _OF_THE_LAW:
        return Intent.LAW if _WHICH.search(read.text) else Intent.LICENCE
    if plain is None or mine:
        return Intent.LICENCE
    routed = toward(read) or deal.parties or (concrete(read) and (deal.destination or not deal.origin_assumed))
    if (routed or read.codes.control) and not (_ASKS.search(read.text) or said & {"text", "change"}):
        return Intent.LICENCE
    if plain is Intent.ENFORCEMENT:
        return Intent.LICENCE if deal.destination and not deal.origin_assumed else plain
    if routed:
        # "What does No. 46 say of gallium to the US?" asks for the text, "has the paperwork changed" for the deal.
        return plain if plain in (Intent.LAW, Intent.CHANGE) and said & _OF_THE_LAW else Intent.LICENCE
    if plain is Intent.PENALTY and concrete(read) and not said & {"named", "article", "crime"}:
        return Intent.LICENCE  # "the penalty for exporting gallium without a licence": the verdict comes with it
    return plain


def concrete(read: Reading) -> bool:
    """Are goods of the field named closely enough to be determined?"""
    deal = read.transaction
    special = " gg " in _signs(read) or any(any(g.elements.values()) or g.codes or g.hs for g in deal.goods)
    return special and any(map(_specific, deal.goods))


def _specific(good: Good) -> bool:
    return bool(any(good.elements.values()) or good.codes or good.hs or good.candidates) or good.kind not in WIDE


def of_the_field(read: Reading) -> bool:
    """Does anything in the message belong to export control: goods of the field, codes, parties, acts, its words?"""
    deal, signs, said = read.transaction, _signs(read), cues(read)
    if said & {"named", "article", "concept", "trade", "wants", "penalty", "case", "change"}:
        return True
    if any(h.section in ("intent", "topic") for h in read.hits) or any(s in signs for s in (" gg ", " kk ", " cc ")):
        return True
    return bool(deal.destination or "own" in said) and bool(deal.goods or not deal.origin_assumed)


def _small_talk(read: Reading, said: frozenset[str], follow_up: bool) -> bool:
    deal, signs = read.transaction, _signs(read)
    if "creative" in said and not said & {"wants", "own"}:
        return True
    if "afield" in said:
        firm = said & {"named", "article"} or any(sign in signs for sign in (" gg ", " kk ", " cc "))
        abroad = deal.destination and deal.origin and deal.destination.country != deal.origin.country
        return not firm and not (abroad and deal.goods)
    if of_the_field(read):
        return False
    if "greeting" in said:
        return True
    return not follow_up and not (_ASKS.search(read.text) or _a_sentence(read.text))
