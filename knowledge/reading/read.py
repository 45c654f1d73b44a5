"""read(): the whole reading, one way through. Pure but for the gazetteer file; the date comes in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.cache import kept
from knowledge.conditions.deal import EXACT
from knowledge.controllists.customs import export_codes
from knowledge.logic import Truth
from knowledge.model import CodeCandidate, Good, PartyMatch, Place, Quantity, Span, Transaction
from knowledge.reading import chemistry, codes, dates, goods, places, quantities
from knowledge.reading.attend import Means, attended
from knowledge.reading.falsename import swapped, undeclared, understated
from knowledge.reading.knowhow import technology
from knowledge.reading.lexicon import Hit, Lexicon, compile_names
from knowledge.reading.nexus import nexus
from knowledge.reading.products import KnownProduct, Products
from knowledge.reading.text import LIMIT, clean, fold, language
from knowledge.rulebook.book import RuleBook
from knowledge.screening import Screener, organisations

_NEGATED = re.compile(
    r"(?:\b(?:no|not|non|never|without|isn't|is not|aren't|nothing|neither|nor|any|rather than|instead of|not for|kein\w*|nicht|sin|no es|pas|sans|не|нет)\W+(?:\w+\W+){0,2}|[非无不没未]\w?\w?)$"
)
_SHARE = re.compile(
    r"(?<![\d.])(\d+(?:\.\d+)?)\s*%[^.;。；]{0,40}?(?:value|worth|价值|of the price|stoimosti|стоимост|wert)|(?:value share|价值占比|价值比例|value)[^.;。；%]{0,30}?(\d+(?:\.\d+)?)\s*%"
)
_NO_CHINESE = re.compile(
    r"\b(?:no|without|zero|non)[\s-]*chinese(?!\s+(?:\w+\s+)?(?:licen|permit|laws?\b|approval|rules?\b|buyer|customer|client|compan|firm|part(?:y|ies)\b|end|user|bank|authorit|government|control|trader|owner))|chinese[\s-]*(?:material|content|origin|input)?[\s-]*free|(?:不含|没有|无|非)(?:任何)?中国|0\s*% chinese|not (?:of )?chinese|no (?:material|input|content|rare earths?) from china|原料(?:全部)?非中国",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"chinese[\s-]*(?:origin|made|source|material|rare|content|magnet|gallium|dy|tb|re\b|sm|oxide|metal|goods|raw|smco|ndfeb|germanium|graphite)|(?:from|of|bought in|purchased in|imported from|made in|sourced from|stock from) china\b|中国(?:产|原产|稀土|来源|原料|出产|制造|进口)|原产(?:于)?中国|产自中国|来自中国|从中国(?:进口|采购|买)|chinesisch\w*|de origen chino|origine chinoise|китайск\w+|中国産|중국산|xuất xứ trung quốc",
    re.IGNORECASE,
)
_CHINESE_MADE = re.compile(
    r"chinese[\s-]*(?:origin[\s-]*)?made|made in china|中国(?:产|制造|生产)|중국산|中国産", re.IGNORECASE
)
_MADE = re.compile(
    r"(?<!not )(?<!in china )\bmade\b(?! in china| of| from| by| with)|\b(?:manufactured|produced|hecho|fabricado|hergestellt|fabriqu\w+) (?:in|en|a)\b(?! china)|制造的|生产的|所产",
    re.IGNORECASE,
)
_CHINESE_TECH = re.compile(
    r"chinese\s+(?:[\w-]+\s+){0,4}?(?:tech\b|technolog\w*|know-?how|process\b|techniques?)|中国(?:的)?(?:稀土|冶炼|分离|磁材|烧结)*(?:技术|工艺)",
    re.IGNORECASE,
)
_HELD = re.compile(r"(general|individual|single|通用|单项)[\s-]*(?:export\s*)?(?:licen[cs]e|许可)", re.IGNORECASE)
_HELD_ANY = re.compile(
    r"(?:have|has|holding|hold|got|with)\s+(?:a|an|the|our|already|valid|mofcom|export|dual.use|\s)*licen[cs]e|licen[cs]e\s+(?:already\s+)?(?:in hand|obtained|granted|issued|for \d)|许可证?(?:已经?)?(?:拿到|到手|批了|办好|办下来|在手|下来)|已(?:有|取得|办理?|拿到|获得)[^,，。]{0,10}许可",
    re.IGNORECASE,
)
_NOT_EXPORT = re.compile(
    r"\b(?:domestic(?:ally)?(?!\s+(?:suppl|produc|ma[dk]e|sourc|purchas|bought|origin|min(?:e|ing)|manufact|raw|material|factor|vendor))|within china|inside china|inside mainland|not exporting(?! from))\b|国内(?:销售|贸易|客户(?!委托)|买卖|运输)|内销|不出口",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """What was read, with the pieces that other steps look at again."""

    text: str
    lang: str
    transaction: Transaction
    hits: tuple[Hit, ...]
    codes: codes.Codes
    truncated: bool
    domestic: bool
    described: str
    """The text without places, dates, parties and codes: what is left describes the goods."""
    masked: str
    """The text with goods, places, dates, amounts and parties replaced by a sign for their sort."""
    cues: tuple[str, ...]
    """Concepts that requests for evasion and their honest twins are made of: hide, relabel, without_licence, comply..."""
    false_declaration: bool
    """The message would declare goods as other goods, or less than is loaded."""
    left_out: tuple[str, ...] = ()
    """Parts of the message that were not read as facts: orders to the assistant, tasks of other fields, notices."""


class Reader:
    """Everything that reading needs, built once from the rule book."""

    def __init__(self, book: RuleBook, folder: Path) -> None:
        self.book = book
        tax = book.taxonomy
        exact = [
            k
            for k in tax.kinds
            if not (tax.is_article(k) or tax.flagged(k, "common") or tax.flagged(k, "not_modelled"))
        ]
        self._lexicon = Lexicon(kept(folder, "names", book.hash, lambda: compile_names(_names(book))), exact)
        self._cues = Lexicon(kept(folder, "cues", book.hash, lambda: compile_names(book.cues.items())))
        self._places = places.places(book.places, folder)
        self.screener = Screener(book.parties)
        self._products = Products(book.products)
        self._hs = frozenset(h for e in book.entries for h in e.hs_reference)
        self._kinds = frozenset(k for e in book.entries for k in e.kinds) - {"finished_article"}
        self._means = Means(
            find=self._lexicon.find,
            where=lambda text, hits: [(m.start, m.end, m.sort) for m in self._places.find(text, hits)],
            cues=lambda text: [h.value for h in self._cues.find(text)],
            coded=self._is_coded,
            listed=lambda text: bool(self.screener.find(text)),
            controlled=self._is_controlled,
        )

    def countries(self, text: str) -> frozenset[str]:
        """The countries (ISO 3166-1 alpha-2) that a cleaned text names, in whatever part they play."""
        return frozenset(m.country for m in self._places.find(text, []))

    def read(self, question: str, on: date, home_country: str) -> Reading:
        """The question read on the day `on`; `home_country` is the origin where the words name none."""
        whole = clean(question)
        heard = attended(whole, self._means)
        text = heard.text
        hits = self._lexicon.find(text)
        known = self._hs | export_codes() if _LONG_NUMBER.search(text) else self._hs
        found_codes = codes.find(text, known)
        found_dates = dates.find(text, hits, on)
        parties = self.screener.find(text)
        taken = [Hit(s, e, "date", "") for s, e, _ in found_dates] + [
            Hit(s, e, "code", "") for s, e in found_codes.spans
        ]
        taken += [Hit(s, e, "party", m.party.id, text[s:e]) for s, e, m in parties]
        taken += [Hit(s, e, "party", "", text[s:e]) for s, e in organisations(text)]
        hits = [
            h
            for h in hits
            if h.section in ("words", "words.months") or not any(t.start <= h.start and h.end <= t.end for t in taken)
        ]
        hits = _without(hits)
        mentions = self._places.find(text, [*hits, *taken])
        cut = [
            h
            for h in hits
            if any(
                m.start < h.end and h.start < m.end and not (h.start <= m.start and m.end <= h.end) for m in mentions
            )
        ]
        if any(h.section == "words" for h in cut):
            # A cue that took in a piece of a place's name ("Nhật Bản cho"): look again with the places out of the way.
            blank = list(text)
            for m in mentions:
                blank[m.start : m.end] = " " * (m.end - m.start)
            again = [h for h in self._lexicon.find("".join(blank)) if h.section == "words"]
            hits = sorted({*(h for h in hits if h not in cut or h.section != "words"), *_without(again)})
        place_spans = [Hit(m.start, m.end, "place", m.country) for m in mentions]
        tax = self.book.taxonomy
        near = [
            h for h in hits if h.section in ("forms", "words") or (h.section == "kinds" and not tax.is_article(h.value))
        ]
        formulas = chemistry.find(text, near, [*taken, *place_spans])
        hits = sorted(
            [
                *[
                    h
                    for h in hits
                    if not any(
                        p.start <= h.start and h.end <= p.end and p.end - p.start > h.end - h.start for p in place_spans
                    )
                ],
                *formulas,
            ]
        )
        route = places.route(text, mentions, hits)
        measured = [q for q in quantities.find(text) if not any(t.start < q.end and q.start < t.end for t in taken)]
        found_goods, purposes = goods.find(text, hits, measured, self.book.taxonomy)
        found_goods = self._coded(
            technology(text, found_goods, hits, self.book.taxonomy),
            found_codes,
        )
        found_goods = _with_products(found_goods, self._products.find(text), text)
        transaction = self._transaction(text, hits, route, found_goods, purposes, found_dates, parties, home_country)
        cues = tuple(h.value for h in self._cues.find(text))
        return Reading(
            text,
            language(text if text.strip() else whole),
            transaction,
            tuple(hits),
            found_codes,
            len(question) > LIMIT,
            bool(_NOT_EXPORT.search(text)),
            _described(
                text,
                [(m.start, m.end) for m in mentions]
                + [(t.start, t.end) for t in taken]
                + [(h.start, h.end) for h in hits if h.section == "intent" or h.value in _ROUTE_WORDS],
            ),
            self._masked(text, hits, mentions, taken, measured),
            cues,
            swapped(text, hits, cues) or understated(text, cues) or undeclared(text, cues),
            heard.left_out,
        )

    def _is_controlled(self, kind: str) -> bool:
        """Is it a kind of goods that a Chinese entry names? Everyday goods and machines at large are not."""
        tax = self.book.taxonomy
        return not tax.flagged(kind, "common") and any(tax.is_a(kind, k) for k in self._kinds)

    def _is_coded(self, text: str) -> bool:
        found = codes.find(text, self._hs | export_codes() if _LONG_NUMBER.search(text) else self._hs)
        return bool(set(found.control) - {"EAR99"} or found.hs or found.announcements)  # EAR99 is no entry: it frees

    def _masked(
        self,
        text: str,
        hits: Sequence[Hit],
        mentions: Sequence[places.Mention],
        taken: Sequence[Hit],
        measured: Sequence[quantities.Measured],
    ) -> str:
        tax = self.book.taxonomy
        marks: list[tuple[int, int, str]] = [
            (m.start, m.end, " PP " if m.sort != "demonym" else " PD ") for m in mentions
        ]
        marks += [(h.start, h.end, {"date": " DD ", "code": " KK ", "party": " CC "}[h.section]) for h in taken]
        marks += [(q.start, q.end, " NN ") for q in measured]
        for h in hits:
            if h.section in ("elements", "formula", "groups"):
                marks.append((h.start, h.end, " GG "))
            elif h.section == "kinds":
                marks.append((h.start, h.end, " OO " if tax.flagged(h.value, "common") else " GG "))
            elif h.section == "forms":
                marks.append((h.start, h.end, " FF "))
        out, at = [], 0
        for start, end, sign in sorted(marks, key=lambda m: (m[0], -m[1])):
            if start >= at:
                out += [text[at:start], sign]
                at = end
        return re.sub(r"(?: ?(?:GG|FF) ){2,}", " GG ", "".join([*out, text[at:]]))

    def _coded(self, found: list[Good], found_codes: codes.Codes) -> list[Good]:
        if not found_codes.control and not found_codes.hs:
            return found
        if not found:
            return [
                Good(
                    name=", ".join((*found_codes.control, *found_codes.hs)),
                    codes=found_codes.control,
                    hs=found_codes.hs,
                )
            ]
        return [replace(found[0], codes=found_codes.control, hs=found_codes.hs), *found[1:]]

    def _transaction(
        self, text: str, hits: Sequence[Hit], route: places.Route, found: list[Good], purposes: list[str],
        found_dates: list[dates.Found], parties: Sequence[tuple[int, int, PartyMatch]], home: str,
    ) -> Transaction:  # fmt: skip
        tie = nexus(text)
        origin, assumed = route.origin, False
        chinese = route.chinese_origin
        made_elsewhere = (
            origin is not None
            and origin.country != "CN"
            and bool(_MADE.search(text))
            and not _CHINESE_MADE.search(text)
        )
        claimed = _NO_CHINESE.sub(" ", text)  # what is left says that something is Chinese, whatever else is not
        said = _CHINESE.search(claimed) is not None or _chinese_goods(route, hits)
        if made_elsewhere or (claimed != text and not _CHINESE.search(claimed)):
            chinese = False
        elif chinese is not True and said and origin is not None and origin.country != "CN":
            chinese = True
        if origin is None:
            assumed = True
            foreign = next((h.value for h in hits if h.section == "foreign"), "US" if tie.us_terms else home)
            origin = Place(foreign, "")
        destination = route.destination
        buyers = {m.party.country for _, _, m in parties if m.score >= EXACT and m.party.country != "CN"}
        if origin.country in buyers and (destination is None or destination.country in (origin.country, "CN")):
            # A listed party buys; the place beside its name is where the goods go.
            destination, origin, assumed = origin, Place(home, ""), True
        matches = tuple(m for _, _, m in parties)
        if destination is None and matches:
            listed = next((m for m in matches if m.party.country != origin.country), None)
            if listed is not None:
                destination = Place(listed.party.country, "")
        use, use_text = _end_use(text, hits, purposes)
        held = _HELD.search(text)
        if held and not re.search(r"have|got|hold|with|under|use|using|有|持|用|凭|already", text, re.IGNORECASE):
            held = None
        return Transaction(
            goods=tuple(found),
            origin=origin,
            origin_assumed=assumed,
            destination=destination,
            transit=route.transit,
            parties=matches,
            end_use=use,
            end_use_text=use_text,
            when=_shipment(text, found_dates),
            chinese_origin=chinese,
            chinese_content=_content(text),
            chinese_technology=_technology_of_china(text),
            licence_held=(
                ("general" if held.group(1).lower() in ("general", "通用") else "individual")
                if held
                else "individual"
                if _HELD_ANY.search(text)
                else None
            ),
            transfer=any(
                self.book.taxonomy.is_a(g.kind, "technology") or any(map(_INTANGIBLE.match, g.codes)) for g in found
            ),
            us_origin=tie.us_origin,
            us_content=tie.us_content,
            us_technology=tie.us_technology,
            us_terms=tie.us_terms,
            value=tie.value,
            ownership=tie.ownership,
            broker_in=route.broker,
            concerns=tie.concerns,
            release_to=_released_to(text, route),
        )


_LONG_NUMBER = re.compile(r"\d{4}[. ]?\d{2}[. ]?\d{2}")
_INTANGIBLE = re.compile(r"\d[DE]\d{3}")  # product groups D and E: software and technology
_NATIONAL = re.compile(r"^[\s-]*(?:foreign\s)?(?:nationals?|citizens?|passport)\b|^(?:籍|国籍|公民)", re.IGNORECASE)


def _released_to(text: str, route: places.Route) -> Place | None:
    """ "a Chinese national in our lab": the country of a person to whom technology is handed."""
    found = next((m for m in route.mentions if _NATIONAL.match(text[m.end : m.end + 24])), None)
    return Place(found.country, found.name) if found else None


def _described(text: str, away: Sequence[tuple[int, int]]) -> str:
    left, at = [], 0
    for start, end in sorted(away):
        left.append(text[at : max(at, start)])
        at = max(at, end)
    return " ".join(" ".join([*left, text[at:]]).split())


_ROUTE_WORDS = frozenset(("origin", "destination", "transit"))


def _with_products(found: list[Good], products: Sequence[KnownProduct], text: str) -> list[Good]:
    """Goods named by a product name carry its codes as candidates; a stated code is not touched."""
    if not products:
        return found
    codes = tuple(dict.fromkeys(c for p in products for c in p.codes))
    candidates = tuple(CodeCandidate("US", c, 1.0, known_product=True) for c in codes)
    first = products[0]
    if not found:
        return [Good(name=text[first.start : first.end], kind="integrated_circuit", candidates=candidates)]
    if found[0].codes:
        return found
    return [replace(found[0], candidates=candidates), *found[1:]]


def _chinese_goods(route: places.Route, hits: Sequence[Hit]) -> bool:
    """ "Chinese samarium cobalt magnets": the word for the country right before a name of goods."""
    named = [h.start for h in hits if h.section in ("elements", "formula", "kinds", "groups", "forms")]
    return any(
        m.country == "CN" and m.sort == "demonym" and any(0 <= at - m.end <= 12 for at in named) for m in route.mentions
    )


def _names(book: RuleBook) -> list[tuple[str, Mapping[str, Any]]]:
    """Every name of the lexicon with its language; a file "en-trade" is English."""
    sources = [*book.lexicon.items(), *book.intents.items()]
    return [*((name[:2], names) for name, names in sources), *_phrases(book)]


def _phrases(book: RuleBook) -> list[tuple[str, dict[str, dict[str, list[str]]]]]:
    """The words of law topics and warning signs, as lexicon sections `topic` and `sign`."""
    found = []
    for topic in book.topics:
        found += [(lang, {"topic": {topic.id: list(words)}}) for lang, words in topic.words.items()]
    for sign in book.signs:
        found += [(lang, {"sign": {sign.id: list(words)}}) for lang, words in sign.words.items()]
    return found


def _technology_of_china(text: str) -> Truth:
    match = _CHINESE_TECH.search(text)
    if match is None:
        return False if _NO_CHINESE.search(text) else None
    return not re.search(
        r"(?:\b(?:no|not|without|any)\s+|没有|未|不)$", text[max(0, match.start() - 10) : match.start()].lower()
    )


def _without(hits: list[Hit]) -> list[Hit]:
    """Set phrases ("target price") and longer names swallow what lies inside them; cue words stay."""
    blockers = [h for h in hits if h.section == "words" and h.value == "not_goods"]
    kept = []
    for hit in hits:
        if hit.section == "words" and hit.value == "not_goods":
            continue
        if any(b.start <= hit.start and hit.end <= b.end and b.end - b.start > hit.end - hit.start for b in blockers):
            continue
        kept.append(hit)
    return kept


def _end_use(text: str, hits: Sequence[Hit], purposes: list[str]) -> tuple[str | None, str]:
    found: dict[str, str] = {}
    words = [h for h in hits if h.section == "words" and h.value in ("military", "civil", "wmd")]
    for hit in words:
        if any(o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start for o in words):
            continue
        value = hit.value
        if value in ("military", "wmd") and _NEGATED.search(fold(text[max(0, hit.start - 24) : hit.start])):
            value = "civil"
        found.setdefault(value, hit.text)
    for value in ("wmd", "military", "civil"):
        if value in found:
            return value, found[value]
    return None, ", ".join(purposes)


_SHIPS = re.compile(
    r"ship|deliver|etd|depart|leav|left|load|sail|export|转卖|卖给|sold|sell|resell|resold|发货|装船|出运|起运|出口|发运|交货|船期|出货|报关|b/l|bill of lading|embarq|enviad|envi|versend|versand|liefer|exped|отгруз|отправ"
)
_NO_SHIPMENT = re.compile(
    r"(?:\b(?:signed|contract|order(?:ed)?|po|invoice|quote[d]?|agreed|paid|payment|published|announced|issued)\b|合同|签约|签订|下单|付款|发票|公布)[^,;，；]{0,16}$"
)
_SHIPS_AFTER = re.compile(r"^\s*(?:出|发|装|报关|shipment|delivery|export|etd)")
_A_LIMIT = re.compile(r"\b(?:before|prior to|until|till|by|up to|since)\s+$")


def _shipment(text: str, found: Sequence[dates.Found]) -> Span | None:
    """The date of shipment among the dates named: the one beside a word for shipping, else the first that may be one.

    A date that only sets a limit ("before 1 August 2023") or belongs to a contract or payment is taken last.
    """
    best: tuple[int, Span] | None = None
    begin = 0
    for start, end, span in found:
        before = fold(text[max(begin, start - 30) : start])
        begin = end
        rank = 1
        if (
            re.match(r"\s*(?:之?前|以前|まで)", text[end : end + 4])
            or _A_LIMIT.search(before)
            or _NO_SHIPMENT.search(before)
        ):
            rank = 0
        elif _SHIPS.search(before) or _SHIPS_AFTER.match(fold(text[end : end + 12])):
            rank = 2
        if best is None or rank > best[0]:
            best = (rank, span)
    return best[1] if best else None


def _content(text: str) -> Quantity | None:
    match = _SHARE.search(fold(text))
    if match is None:
        return None
    return Quantity(Decimal(match.group(1) or match.group(2)), "percent", "=")


@lru_cache(maxsize=4)
def reader(book: RuleBook, folder: Path) -> Reader:
    """The reader of a rule book, built once a process."""
    return Reader(book, folder)
