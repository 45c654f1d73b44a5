"""Names in a question that look like a firm, an institute or a person and should be screened.

A legal form or a word such as "Institute" marks a name; so do the words around it ("end user: X", "sold to X", "卖给X").
Ordinary goods and places are no names: what follows such words counts only where it is written as a name.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.screening import mentions_cjk
from knowledge.screening.places import is_place as known_place

MOST = 20
"""Names of one text that are given."""
LIMIT = 20_000
"""Characters of the text that are read."""
_LOOKED_AT = 400
"""Runs of capitalised words that are looked at."""
_RUN_WORDS = 12

By = Literal["form", "head", "cue", "title"]


@dataclass(frozen=True)
class Mention:
    """A name in the text at `start`:`end`; `by` what it was known: a legal form, a head word, words around it, a title."""

    start: int
    end: int
    name: str
    by: By


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str

    @property
    def bare(self) -> str:
        return re.sub(r"[^\w&]", "", self.text).lower()

    @property
    def capital(self) -> bool:
        return (
            any(c.isupper() for c in self.text[:3])
            or self.text == "&"
            or (self.text[:1].isdigit() and len(self.text) < 5)
        )


_CJK_LETTER = "\u3005\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3"
_TOKEN = re.compile(rf"&|(?:(?![{_CJK_LETTER}])[\w]){{1,40}}(?:['’.\-/&](?:(?![{_CJK_LETTER}])\w){{1,40}}){{0,4}}\.?")
_LINKS = frozenset("of and for the de del la di du des und van von al bin ibn y e".split())
_FORMS = frozenset(
    "co ltd limited inc incorporated corp corporation company llc llp plc gmbh ag kgaa kg se nv bv sas sarl sa spa srl spzoo "
    "sro doo as asa aps oy oyj ab kk gk pte pty pvt sdn bhd tbk fze fzco fzllc fzc dmcc wll pjsc ojsc cjsc jsc ooo oao pao zao ao "
    "sti sirketi kft zrt".split()
)
_FORM_HEADS = frozenset(
    "group holding holdings industries technologies systems aerospace electronics shipping dynamics robotics semiconductor "
    "semiconductors avionics airlines airways instruments laboratories enterprises logistics trading pharma pharmaceuticals".split()
)
_HEADS = frozenset(
    "university institute academy laboratory laboratories ministry bureau arsenal shipyard shipyards foundation consortium bank "
    "hospital college factory plant navy army universität università université universidad institut".split()
)
_NOT_NAMES = frozenset(
    "i we our you it they he she this that the a an what which when where who whom whose why how do does did can could should would will "
    "is are was were may must shall need no not yes please if then and or but also under after before from to for with in on at by as of "
    "export exports import imports licence license licensed controlled control permit eccn ear itar hs cas usd eur cny rmb kg pcs dual use "
    "military civil civilian research production school laboratory factory plant customer customers buyer buyers user users end company "
    "companies firm manufacturer distributor university institute hospital government state ministry army navy air force monday tuesday "
    "wednesday thursday friday saturday sunday january february march april may june july august september october november december "
    "eu us usa uk uae un nato prc china's chinese japanese german american russian korean indian french italian european asian taiwanese "
    "category annex article regulation regulations list part section supplement chapter schedule arrangement directive question "
    "iranian turkish israeli british dutch swiss new our repair testing resale personal commercial industrial medical use".split()
)
_ROLES = (
    r"(?:end[- ]?users?|(?:ultimate |intermediate )?consignees?|buyers?|customers?|purchasers?|clients?|importers?|distributors?|"
    r"recipients?|counterpart(?:y|ies)|(?:freight )?forwarders?|resellers?|suppliers?|vendors?|part(?:y|ies))"
)
_BEFORE = re.compile(
    rf"(?:\b{_ROLES}\s*(?:\(?in [A-Z]\w+\)?\s*)?(?:is|are|was|will be|would be|named|called|company|[:=,–-])*\s*(?:the (?:company|firm) )?(?:called|named)?"
    r"|\b(?:named|called|on behalf of|owned by|subsidiary of|known as|c/o|to the order of|screen|screening of|die Firma|Endverwender|Käufer|destinataire|"
    r"покупатель|получатель|компании|компания|фирме)\s*:?"
    r"|\b(?:sell|sold|sale|sales|ship|shipped|shipping|shipment|shipments|export|exports|exported|exporting|deliver|delivered|delivery|"
    r"supply|supplied|provide|send|sent|selling|transfer|re-?exports?|re-?exported|licen[cs]e)\b[^.;:?!\n]{0,100}?\s(?:to|for)(?: the)?(?: (?:company|firm|customer|buyer|end[- ]user))?"
    r"|(?:卖给|售给|销售给|出口给|提供给|供应给|交付给|发给|寄给|转让给|运给|转售给|再出口给|(?:最终用户|用户|收货人|买方|采购方|客户|对方|进口商|经销商|代理商)\s*(?:是|为|：|:))"
    r")[\s\"“«‘']*$",
    re.I,
)
_TO = re.compile(r"\b(?:to|for|with|by|from)\s+[\"“«]?$")
_IN = re.compile(r"[\"”»]?\s*,?\s+(?:in|based in|located in)\s+(?:the\s+)?(?=[A-Z])")
_TITLES = frozenset("mr mrs ms dr prof professor general colonel capt".split())
_RUSSIAN = re.compile(
    r"(?:ООО|ОАО|ЗАО|ПАО|АО|НПО|НПП|ФГУП|OOO|OAO|ZAO|PAO)\s{1,3}(?:[«\"“„][^«»\"”“\n]{2,60}[»\"”“]|[А-ЯЁA-Z][\w-]{1,40}(?:\s[А-ЯЁA-Z][\w-]{1,40}){0,3})"
)


def mentions(text: str, is_place: Callable[[str], bool] = known_place) -> tuple[Mention, ...]:
    """Names in the text, in order, no two overlapping, at most `MOST`. `is_place` tells the names of places (lower case)."""
    text = text[:LIMIT]
    taken: list[Mention] = []
    for mention in _all(text, is_place):
        if len(taken) < MOST and not any(m.start < mention.end and mention.start < m.end for m in taken):
            taken.append(mention)
    return tuple(sorted(taken, key=lambda m: m.start))


def _all(text: str, place: Callable[[str], bool]) -> Iterator[Mention]:
    for m in _RUSSIAN.finditer(text):
        yield Mention(m.start(), m.end(), m.group(), "form")
    for run in _runs(text):
        found = _named(text, run, place)
        if found:
            yield found
    for start, end, by in mentions_cjk.found(text, place):
        yield Mention(start, end, text[start:end], "form" if by == "form" else "cue")


def _runs(text: str) -> list[list[_Token]]:
    """Stretches of capitalised words; small words go on where another capital follows."""
    tokens = [_Token(m.start(), m.end(), m.group()) for m in _TOKEN.finditer(text)]
    runs: list[list[_Token]] = []
    i = 0
    while i < len(tokens) and len(runs) < _LOOKED_AT:
        if not tokens[i].capital or tokens[i].text == "&":
            i += 1
            continue
        run = [tokens[i]]
        i += 1
        while i < len(tokens) and len(run) < _RUN_WORDS:
            gap = text[run[-1].end : tokens[i].start]
            if tokens[i].capital and _goes_on(gap, tokens[i], run):
                run.append(tokens[i])
                i += 1
            elif (n := _link(text, tokens, i, run)) and len(run) + n < _RUN_WORDS:
                run += tokens[i : i + n + 1]
                i += n + 1
            elif (
                tokens[i].bare in _FORMS
                and gap in (" ", ", ")
                and len(tokens[i].text) > 2
                and "." in tokens[i].text + text[tokens[i].end : tokens[i].end + 1]
            ):
                run.append(tokens[i])  # "s.r.o.", "a.s."
                i += 1
            else:
                break
        runs.append(run)
    return runs


def _goes_on(gap: str, token: _Token, run: list[_Token]) -> bool:
    form = token.bare in _FORMS
    if run[-1].text.endswith(".") and run[-1].bare not in _FORMS and len(run[-1].bare) > 3:
        return False  # the sentence ended there
    ended = run[-1].bare in _FORMS
    return gap in (" ", "") if not form else gap in (" ", ", ", " ,", " (", "") if not ended or form else False


def _link(text: str, tokens: list[_Token], i: int, run: list[_Token]) -> int:
    """How many small words stand between the run and a capital that belongs to it; 0 where none does.

    "of" and "for" belong to institutes and the like: "Institute of Technology" but "Dubai for Al Noor".
    """
    headed = any(
        t.bare in _HEADS or t.bare in ("bank", "corporation", "department", "society", "centre", "center") for t in run
    )
    for n in (1, 2):
        words = tokens[i : i + n]
        after = tokens[i + n] if i + n < len(tokens) else None
        if not after or not after.capital or text[run[-1].end : after.start].count(" ") != n + 1:
            continue
        bare = [w.bare for w in words]
        if text[run[-1].end : after.start].strip() != " ".join(w.text for w in words) or not all(
            b in _LINKS for b in bare
        ):
            continue
        if bare[0] in ("of", "for", "the") and not headed:
            continue
        return n
    return 0


def _named(text: str, run: list[_Token], place: Callable[[str], bool]) -> Mention | None:
    """The name in a run of capitalised words; None where it is a place, an ordinary word at the start of a sentence, goods."""
    titled = run[0].bare in _TITLES and len(run) > 1
    while run and _sentence_word(run):
        run = run[1:]
    if not run:
        return None
    forms = [n for n, t in enumerate(run) if n and t.bare in _FORMS]
    if forms:  # what follows the form belongs to the sentence
        last = forms[-1]
        return _mention(text, run[: last + 1], "form") if any(t.bare not in _FORMS for t in run[:last]) else None
    if (
        len(run) > 1
        and run[-1].bare in _FORM_HEADS
        and not all(place(t.bare) or t.bare in _NOT_NAMES for t in run[:-1])
    ):
        return _mention(text, run, "form")
    if titled:
        return _mention(text, run[:4], "title")
    headed = [t for t in run if t.bare in _HEADS]
    others = [t for t in run if t.bare not in _HEADS and t.bare not in _LINKS and t.bare not in _NOT_NAMES]
    if headed and len(run) > 1 and others:
        return _mention(text, run, "head")
    return _by_cue(text, run, place)


def _sentence_word(run: list[_Token]) -> bool:
    """Whether the run's first word has its capital from the sentence: "Is Huawei", "Buyer Bosch", "The Institute"."""
    first, more = run[0], run[1] if len(run) > 1 else None
    if first.text.islower() or first.bare in _TITLES or re.fullmatch(_ROLES, first.text, re.I):
        return True
    if first.bare not in _NOT_NAMES or (more and first.bare in _HEADS | _NATIONS):
        return False
    if more and first.bare == "no" and more.bare.isdigit():
        return False
    return not (first.text.isupper() and len(first.text) > 1 and more and more.bare in _FORMS)


_NATIONS = frozenset(
    "chinese japanese german american russian korean indian french italian european asian iranian turkish british dutch swiss".split()
)


def _by_cue(text: str, run: list[_Token], place: Callable[[str], bool]) -> Mention | None:
    before = text[max(0, run[0].start - 160) : run[0].start]
    after = text[run[-1].end : run[-1].end + 40]
    whole = " ".join(t.bare for t in run)
    real = [t for t in run if t.bare not in _NOT_NAMES and t.bare not in _LINKS and not t.bare.isdigit()]
    if (
        not real
        or place(whole)
        or all(place(t.bare) for t in real)
        or not _like_a_name(text[run[0].start : run[-1].end])
    ):
        return None
    # "for CNC lathes", "to ASTM standards": letters that stand before an ordinary noun say what kind, not who.
    noun = re.match(r"[ -]([a-z]{3,})", after)
    letters = all(sum(c.isupper() for c in t.text) > 1 and len(t.text) < 6 for t in run)
    if (len(run) == 1 or letters) and noun and noun.group(1) not in AFTER_NAMES:
        return None
    said = _BEFORE.search(before) or (_TO.search(before) and _IN.match(after))
    return _mention(text, run, "cue") if said else None


AFTER_NAMES = frozenset(
    "and with who which that from for under through via its has will have may can should the when where without because but also "
    "would does need using into use after before next this located based not".split()
)
"""Small words that follow a name and do not make it an adjective of goods."""


def _mention(text: str, run: list[_Token], by: By) -> Mention:
    start, end = run[0].start, run[-1].end
    if text[end - 1] == "." and run[-1].bare not in _FORMS:
        end -= 1
    return Mention(start, end, text[start:end], by)


def _like_a_name(name: str) -> bool:
    """Not a code, a measure or a formula: most of it is letters."""
    letters = sum(c.isalpha() for c in name)
    return (
        letters >= 2
        and letters > sum(c.isdigit() for c in name) * 2
        and not re.fullmatch(r"(?:[A-Z][a-z]?\d*){2,}\d", name)
    )
