"""The route: which places a question names, and which is the origin, the destination, on the way."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.model import Place
from knowledge.reading.gazetteer import Entry, Gazetteer, open_gazetteer
from knowledge.reading.lexicon import UNSPACED, WORD, Hit
from knowledge.reading.text import clean, fold, simplified

_ARROW = re.compile(r"^\s*(?:->|=>|→|>|—>|–>|⇒|到|至|＞)\s*")
_CYRILLIC_ENDINGS = ("", "а", "я", "у", "ю", "е", "и", "ы", "ом", "ем", "ой", "ей", "ью")


@dataclass(frozen=True)
class Mention:
    """A place in the text: where, which country, and how it was named."""

    start: int
    end: int
    country: str
    name: str
    sort: str  # country, region, city, demonym


@dataclass(frozen=True)
class Route:
    """The places by role. `tail` are destinations named before the last one ("to X, then to Y")."""

    origin: Place | None
    destination: Place | None
    transit: tuple[Place, ...]
    mentions: tuple[Mention, ...]
    chinese_origin: bool | None = None
    broker: Place | None = None  # where somebody sits who arranges a deal between other countries


class Places:
    """Finds places and roles. Built once from `lexicon/places.yaml` and the gazetteer."""

    def __init__(self, data: Mapping[str, Any], folder: Path) -> None:
        extra: dict[str, Entry] = {}
        self._stems: list[tuple[tuple[str, ...], str]] = []
        self._demonyms: dict[str, str] = {}
        for key, sort in (("aliases", "country"), ("ports", "city")):
            for country, names in data[key].items():
                for name in names:
                    folded = fold(clean(name))
                    if name.endswith("*"):
                        words = tuple(w.rstrip("*") for w in fold(clean(name)).split())
                        self._stems.append((words, country))
                    else:
                        extra[" ".join(WORD.findall(folded)) if not UNSPACED.search(folded) else folded] = Entry(
                            country, sort, 2 * 10**9
                        )
        for country, names in data["demonyms"].items():
            for name in names:
                self._demonyms[" ".join(WORD.findall(fold(clean(name.rstrip("*")))))] = country
        self._capitals = {
            name: country.removeprefix("LA-") for country, names in data["capitals"].items() for name in names
        }
        self._ordinary = frozenset(fold(n) for n in data["ordinary"])
        self._gazetteer: Gazetteer = open_gazetteer(folder, extra)

    def find(self, text: str, taken: Sequence[Hit]) -> list[Mention]:
        """Every place in the cleaned text. `taken` are goods and other names that a town of that name must not shadow."""
        folded = fold(text)
        found = [*self._capital(text, taken), *self._spaced(text, folded, taken), *self._unspaced(text, folded, taken)]
        found.sort(key=lambda m: (m.start, -m.end))
        kept: list[Mention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return kept

    def _capital(self, text: str, taken: Sequence[Hit]) -> list[Mention]:
        found = []
        for name, country in self._capitals.items():
            for m in re.finditer(rf"(?<![\w.]){re.escape(name)}(?![\w])", text):
                if name in ("IN", "IT", "DE", "MY", "LA", "CN", "TW", "KR") and not _slot(text[: m.start()]):
                    continue
                if self._shadowed(m.start(), m.end(), taken):
                    continue
                found.append(Mention(m.start(), m.end(), country, m.group(), "country"))
        for m in re.finditer(
            r"\b(?:the\s+us|(?:from|in|via|to)\s+us(?=\s+(?:customer|buyer|company|client|military|army|market|firm|defen[cs]e|navy|based|end|port|importer|warehouse|distributor|air))|us(?=\s+(?:military|army|navy|customer|buyer|company|firm|defen[cs]e|market|based|importer|end.?user|client|distributor)))\b",
            text.lower(),
        ):
            found.append(Mention(m.end() - 2, m.end(), "US", text[m.end() - 2 : m.end()], "country"))
        return found

    def _spaced(self, text: str, folded: str, taken: Sequence[Hit]) -> list[Mention]:
        tokens = list(WORD.finditer(folded))
        found: list[Mention] = []
        i = 0
        while i < len(tokens):
            for size in range(min(4, len(tokens) - i), 0, -1):
                start, end = tokens[i].start(), tokens[i + size - 1].end()
                mention = self._try(text, folded, [t.group() for t in tokens[i : i + size]], start, end, taken)
                if mention:
                    found.append(mention)
                    i += size - 1
                    break
            i += 1
        return found

    def _try(
        self, text: str, folded: str, words: list[str], start: int, end: int, taken: Sequence[Hit]
    ) -> Mention | None:
        if not re.fullmatch(r"[\w' .,-]+", folded[start:end]) or re.search(r",.*,|\.\s", folded[start:end]):
            return None
        name = " ".join(words)
        surface = text[start:end]
        if len(name) < 3 or name.isdigit():
            return None
        country = self._demonyms.get(name)
        if country:
            return Mention(start, end, country, surface, "demonym")
        entry = self._lookup(name, words)
        if entry is None:
            return None
        if entry.sort == "country":
            return None if self._shadowed(start, end, taken) else Mention(start, end, entry.country, surface, "country")
        capital, slot = surface[:1].isupper(), _slot(text[:start])
        if name in self._ordinary and not (capital and slot):
            return None
        if self._shadowed(start, end, taken):
            return None
        sure = (
            entry.rank >= 2 * 10**9
            or (entry.rank >= 400_000 and len(name) >= 5)
            or (capital and entry.rank >= 100_000 and len(name) >= 4)
        )
        if sure or (slot and (len(name) >= 4 or capital)):
            return Mention(start, end, entry.country, surface, entry.sort)
        return None

    def _lookup(self, name: str, words: list[str]) -> Entry | None:
        entry = self._gazetteer.find(name) or self._gazetteer.find(name.replace(" ", "-"))
        if entry:
            return entry
        for stem, country in self._stems:
            if len(stem) == len(words) and all(w.startswith(s) for w, s in zip(words, stem, strict=True)):
                return Entry(country, "country", 10**9)
        if re.fullmatch(r"[а-яё -]+", name):
            found: list[Entry] = []
            for ending in _CYRILLIC_ENDINGS:
                if ending and not name.endswith(ending):
                    continue
                base = name[: len(name) - len(ending)] if ending else name
                if len(base) < 4:
                    continue
                for nominative in (base, base + "ь", base + "а", base + "я", base + "о", base + "й"):
                    entry = self._gazetteer.find(nominative)
                    if entry:
                        found.append(entry)
            return max(found, key=lambda e: e.rank, default=None)  # "Дубае" is Dubai, not a small town "Дуба"
        return None

    def _unspaced(self, text: str, folded: str, taken: Sequence[Hit]) -> list[Mention]:
        found = []
        at = 0
        japanese = re.search(r"[ぁ-ヿ]", folded) is not None
        while at < len(folded):
            if not UNSPACED.match(folded[at]):
                at += 1
                continue
            for size in range(min(14, len(folded) - at), 0, -1):
                name = folded[at : at + size]
                if not UNSPACED.match(name[-1]) or (size == 1 and name not in "美日韩俄德港"):
                    continue
                entry = self._gazetteer.find(name) or (
                    self._gazetteer.find(simplified(name)) if japanese and size > 1 else None
                )
                if entry is None or name in self._ordinary:
                    continue
                if entry.sort != "country" and self._begins_with_country(name):
                    continue  # 古巴哈|瓦那: the country and its capital, no town of that sound
                if size == 1 and not re.search(
                    r"(?:[到往去至对在从经给销售卖发运抵向赴转出口]|^)$", folded[max(0, at - 1) : at]
                ):
                    continue
                if entry.rank < 60_000 and not _slot(text[:at]):
                    continue
                if self._shadowed(at, at + size, taken):
                    continue
                found.append(Mention(at, at + size, entry.country, text[at : at + size], entry.sort))
                at += size - 1
                break
            at += 1
        return found

    def _begins_with_country(self, name: str) -> bool:
        heads = (self._gazetteer.find(name[:n]) for n in range(2, len(name)))
        return any(e is not None and e.sort == "country" for e in heads)

    @staticmethod
    def _shadowed(start: int, end: int, taken: Sequence[Hit]) -> bool:
        return any(
            h.start < end
            and start < h.end
            and h.section in ("elements", "kinds", "forms", "formula", "party")
            and h.end - h.start >= (end - start)
            for h in taken
        )


def _slot(before: str) -> bool:
    """Does the text before end in a word after which a place is expected?"""
    return bool(
        re.search(
            r"(?:\b(?:to|from|via|in|at|into|through|ex|port of|city of|nach|aus|uber|a|de|desde|hacia|en|por|via|depuis|vers|à|из|в|через|на|до|tu|den|o|qua|từ|đến|sang|tới|ở|près)\s+(?:the\s|our\s|my\s|a\s|el\s|la\s|port\s(?:of\s)?)?"
            r"|[>→:]\s*|-\s?|[从由自到往至去在经发运抵给]|จาก|ไป|ถึง|ไปยัง|ผ่าน)$",
            before[-24:].lower(),
        )
    )


_BROKER = re.compile(
    r"\bbroker\w*\b[^.;]{0,30}?\b(?:in|from|at)\s+(?:the\s)?$|(?:中介|经纪)[^。；]{0,8}(?:在|位于)$", re.IGNORECASE
)
_ROLE_WORDS = ("origin", "destination", "transit")
_WEAK_ORIGIN = frozenset(("de", "du", "von", "des", "d", "of", "in"))


def route(text: str, mentions: Sequence[Mention], hits: Sequence[Hit]) -> Route:
    """Roles from the cue words before (or, in Japanese and Korean, after) each place, else from the order."""
    cues = [h for h in hits if h.section == "words" and h.value in _ROLE_WORDS]
    origin: Mention | None = None
    maybe_origin: Mention | None = None
    made: Mention | None = (
        None  # where the goods come from, which is where they leave from if no place is named for that
    )
    destinations: list[Mention] = []
    transit: list[Mention] = []
    unmarked: list[Mention] = []
    chinese: bool | None = None
    law = [m for m in mentions if _speaks_of_law(text, m)]
    joined = _joined(text, [m for m in mentions if m not in law])
    broker = next((m for m in joined if _BROKER.search(text[max(0, m.start - 60) : m.start])), None)
    armed = next((m for m in reversed(joined) if m.country != "CN" and _armed(m, hits)), None)
    for i, mention in enumerate(joined):
        if mention is armed or mention is broker:
            continue
        if _exporter(text, mention):
            origin = origin or mention
            continue
        if _says_origin_of_goods(text, mention):
            there = not re.search(
                r"\b(?:no|not|non|without|zero)[\s-]*$|(?:不含|非|无)$",
                text[max(0, mention.start - 8) : mention.start].lower(),
            )
            if mention.country == "CN":
                chinese = there
            elif there and made is None:
                made = mention
            continue
        role = _role(text, mention, joined[i - 1] if i else None, joined[i + 1] if i + 1 < len(joined) else None, cues)
        if role == "origin" and origin is None:
            origin = mention
        elif role == "maybe_origin":
            maybe_origin = mention
        elif role == "transit":
            transit.append(mention)
        elif role == "destination":
            destinations.append(mention)
        else:
            unmarked.append(mention)
    if armed is not None:
        destinations.append(armed)
    if origin is None and made is not None and not _leaves_from(maybe_origin, unmarked, destinations):
        origin = made
    if maybe_origin is not None:
        if origin is None and (destinations or maybe_origin.country == "CN"):
            origin = maybe_origin
        else:
            unmarked.insert(0, maybe_origin)
    origin, destinations = _by_order(unmarked, origin, destinations)
    if not destinations and origin is not None and origin.country != "CN":
        destinations = [m for m in law if m.country == "CN"][:1]  # "from usa supplier, export licence china need or no"
    if origin is None and len(destinations) > 1 and destinations[0].country == "CN":
        origin, destinations = destinations[0], destinations[1:]
    return _route(origin, destinations, transit, [*joined, *law], chinese, broker)


def _route(
    origin: Mention | None,
    destinations: Sequence[Mention],
    transit: Sequence[Mention],
    mentions: Sequence[Mention],
    chinese: bool | None,
    broker: Mention | None,
) -> Route:
    """The roles as places: the last destination is where the goods end up, those before it are on the way."""
    final = destinations[-1] if destinations else None
    on_the_way = [m for m in [*transit, *destinations[:-1]] if final is None or m.country != final.country]
    if final is not None and origin is not None and _same_place(origin, final):
        final = None  # "we are in Hamburg, Germany and export from Hamburg": one place, named twice
    return Route(
        _place(origin),
        _place(final),
        tuple(p for m in on_the_way if (p := _place(m))),
        tuple(sorted(mentions, key=lambda m: m.start)),
        chinese,
        _place(broker),
    )


_LAW_AFTER = re.compile(
    r"^(?:'s)?\s*(?:dual.use |export |customs )*(?:licen[cs]\w*|laws?\b|rules?\b|controls?\b|side\b|permits?\b|regulat\w*|authorit\w*|lists?\b|approval|need|require|want|ok\b|say|allow|permission|ban\b)"
    r"|^(?:法|的?许可|的?管制|的?规定|方面?|の許可|の法|の規制|법|의 허가|허가|정부)",
    re.IGNORECASE,
)


def _leaves_from(maybe_origin: Mention | None, unmarked: Sequence[Mention], destinations: Sequence[Mention]) -> bool:
    """Is another place than that of manufacture left for the goods to leave from ("US-origin pumps in Dubai to Oman")?"""
    if maybe_origin is not None:
        return bool(destinations or unmarked)
    places = [m for m in unmarked if m.sort != "demonym"]
    return len(places) + bool(destinations) > 1 and bool(places)


_LAWS_OF = re.compile(
    r"^(?:'s)?\s*(?:dual.use |re-?export |export |ear )*(?:licen[cs]\w*|laws?\b|rules?\b|controls\b|permits?\b|regulat\w*|authori[sz]ation)"
    r"|^(?:出口)?(?:许可|管制法?规?|法规?|规定)",
    re.IGNORECASE,
)
_LAW_BEFORE = re.compile(
    r"(?:licen[cs](?:ia|e|ing)?|lizenz|genehmigung|permiso|ley|normativa|autorisation|loi|laws?|rules?|permission|approval|лицензи\w*|закон\w*|контрол\w*|phia|ben)\s*(?:de\s|du\s|der\s|aus\s|von\s|from\s|of\s|by\s|in\s|из\s|del\s|la\s)?$"
)
_EXPORTER_BEFORE = re.compile(
    r"(?:\b(?:we(?:'re| are)(?: an?)?|i am an?|our|assembled in(?: our)?|produced (?:in|at)(?: our)?|stock in(?: our)?)\s+)$"
)
_EXPORTER_AFTER = re.compile(
    r"^[\s-]*(?:stockist|dealer|trader|distributor|reseller|wholesaler|seller|warehouse|company|firm|plant|factory)s?\b",
    re.IGNORECASE,
)
_SELLS = re.compile(
    r"^[\s-]*\w+\s+(?:re-?export|re-?s[eo]l[ld]|s[eo]l[ld]|ship|pass|will pass|wants? to sell|holds|holding)\w*",
    re.IGNORECASE,
)


def _by_order(
    unmarked: Sequence[Mention], origin: Mention | None, destinations: list[Mention]
) -> tuple[Mention | None, list[Mention]]:
    """Places that no word gives a role: China is the origin, else the first of several; the next one the destination."""
    named = [m for m in unmarked if m.sort != "demonym"]
    for mention in named:
        if origin is None and (mention.country == "CN" or (len(named) > 1 and not destinations)):
            origin = mention
        elif not destinations:
            destinations.append(mention)
    if not destinations:
        buyers = [m for m in unmarked if m.sort == "demonym" and m.country != (origin.country if origin else "CN")]
        destinations = buyers[:1]
    return origin, destinations


def _armed(mention: Mention, hits: Sequence[Hit]) -> bool:
    """ "US Navy depot", "Министерство обороны США": the country whose forces use the goods, wherever they stand."""
    return any(
        h.section == "words"
        and h.value == "military"
        and (0 <= h.start - mention.end <= 1 or 0 <= mention.start - h.end <= 1)
        for h in hits
    )


def _speaks_of_law(text: str, mention: Mention) -> bool:
    """ "licencia china", "Chinese law", "does Beijing need to approve": whose law, not a place of the route."""
    after = text[mention.end : mention.end + 28]
    whose = mention.sort in ("country", "demonym")  # a town gives no licence, but Beijing stands for the government
    capital = mention.name.lower() in ("beijing", "北京")
    if mention.country == "CN" and (whose or capital) and _LAW_AFTER.match(after):
        return True
    if whose and _LAWS_OF.match(after) and not _slot(text[: mention.start]):
        return True  # "any EU export licence", but not "to the US licence needed?"
    before = fold(text[max(0, mention.start - 28) : mention.start])
    return mention.country == "CN" and _LAW_BEFORE.search(before) is not None


def _exporter(text: str, mention: Mention) -> bool:
    """ "we are a Singapore stockist", "assembled in our Thai plant", "a German dealer re-exported": who sends the goods."""
    after = text[mention.end : mention.end + 40]
    if mention.country == "CN" or not _EXPORTER_AFTER.match(after):
        return False
    before = text[max(0, mention.start - 24) : mention.start].lower()
    return bool(_EXPORTER_BEFORE.search(before) or _SELLS.match(after)) and not re.search(
        r"\bto our\s+$|\bfor our\s+$", before
    )


def _joined(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """ "Manzanillo Mexico", "德州奥斯汀": a town with its country or region is one place, and the country decides."""
    result: list[Mention] = []
    for mention in mentions:
        last = result[-1] if result else None
        if last is not None and last.name.lower() == "georgia" and mention.country == "US":
            last = result[-1] = Mention(last.start, last.end, "US", last.name, "region")  # the state, not the country
        if last is not None and _one_place(text, last, mention):
            country = last.country if last.sort == "country" or mention.country == "EU" else mention.country
            result[-1] = Mention(last.start, mention.end, country, text[last.start : mention.end], mention.sort)
            continue
        result.append(mention)
    return result


def _one_place(text: str, last: Mention, mention: Mention) -> bool:
    if "demonym" in (last.sort, mention.sort) or not re.fullmatch(r",? ?", text[last.end : mention.start]):
        return False
    if mention.country == last.country:
        return True
    both_countries = mention.sort == "country" and last.sort == "country"
    return not both_countries and not (last.country == "CN" and mention.sort == "country")


def _place(mention: Mention | None) -> Place | None:
    return Place(mention.country, mention.name) if mention else None


_BOUGHT_IN = re.compile(
    r"\b(?:bought|purchased|procured|buys?|achet\w+|compr(?:a|an|o|ado|ada|ados|adas|amos)|gekauft|kauf(?:t|en)|купл\w+|купи\w+|закупл\w+|"
    r"покупа\w+|mua)\b[^.;!?]{0,40}?\b(?:in|from|en|a|aus|bei|в|из|tai|tu|o)\s+$"
)
_HERE = re.compile(
    r"(?:\b(?:we are|we're|i am|i'm)(?: based| located| a \w+)? in|\bмы(?: находимся)? в|\bwir (?:sind|sitzen) in|\bnous sommes (?:a|en|au|base\w* a)|"
    r"\b(?:somos de|estamos en)|我们在|我司在|\b(?:chung toi|cong ty(?: em| toi)?) o)\s*$"
)


def _says_origin_of_goods(text: str, mention: Mention) -> bool:
    """ "Chinese-origin", "made in China", "中国产": where the goods come from, not where they are."""
    before, after = fold(text[max(0, mention.start - 56) : mention.start]), text[mention.end : mention.end + 28].lower()
    if mention.country == "CN" and _BOUGHT_IN.search(before):
        return True
    return bool(
        re.search(
            r"(?:made in|product of|originat\w+ (?:in|from)|origin(?:ally)?(?:\s*[:=]|\s+(?:from|in|is))?|sourced from|原产(?:于|地)?|产自|产地(?:是|为)?|来自|生产于|hecho en|fabricado en|hergestellt in|fabrique en|произведен\w* в)\s*$",
            before,
        )
        or re.match(
            r"[\s-]*(?:origin|made|produced|material|content|rare earth|raw material|sourced)\b|(?:原[产産]|产的|产地|制造的|出产|稀土|原料|成分|来源)|(?:産)|(?:산)",
            after,
        )
    )


_HOLDER = re.compile(
    r"(?:compan(?:y|ies)|firm|customers?|buyers?|clients?|plant|factory|maker|university|univ\.?|institute|lab|office|warehouse|empresa|cliente|fabrica|planta|societe|"
    r"entreprise|usine|firma|kunden?|werk|компани\w+|покупател\w+|заказчик\w*|завод\w*|клиент\w*|фирм\w+)\s+(?:in|of|de|en|a|aus|в|из|from|based in|at)\s+(?:the\s|la\s|el\s)?$"
)
_ORDERED = re.compile(
    r"\b(?:po|order|orders|enquiry|inquiry|request|rfq|bestellung|pedido|commande)\s+(?:from|by|von|de)\b[^.;]{0,30}$"
)
_ONWARD = re.compile(
    r"^\s*(?:to|->|=>|→|>|⇒|-|到|至|往|—|–|nach|a|vers|→|发往?|出口(?:到|至)?|卖给?|ไป|đi|sang|から|에서)\s*(?:the\s|our\s|port\s|puerto\s)?",
    re.IGNORECASE,
)


def _role(
    text: str, mention: Mention, previous: Mention | None, following: Mention | None, cues: Sequence[Hit]
) -> str | None:
    between = text[previous.end : mention.start] if previous else ""
    after = text[mention.end :]
    if previous and _ARROW.match(between) and not _ARROW.sub("", between, count=1).strip():
        return "destination"
    before = fold(text[max(0, mention.start - 40) : mention.start])
    if following is not None and _HERE.search(before):
        return "maybe_origin"
    if _HOLDER.search(before) or _ORDERED.search(before):
        return "destination"
    if mention.sort == "demonym":
        towards = any(c.value == "destination" and 0 <= mention.start - c.end <= 6 for c in cues)
        return "destination" if (_is_buyer(after) or towards) and mention.country != "CN" else None
    best: tuple[int, str, str] | None = None
    for cue in cues:
        if (
            UNSPACED.search(cue.text)
            and cue.start >= mention.end
            and (cue.start - mention.end <= 2 or _same_phrase(text[mention.end : cue.start], following, cue))
            and _postposition(cue.text)
            and not _leads_on(cue, following)
        ):
            return cue.value
        if cue.end <= mention.start and mention.start - cue.end <= 22:
            stretch = text[cue.end : mention.start]
            if (
                previous
                and cue.end <= previous.start
                and not re.fullmatch(r"\s*(?:[/,&、]|and|or|或|和|及|und|y|et|и)\s*", between)
            ):
                continue
            if re.search(r"[.?!;。？！；]", stretch):
                continue
            if best is None or cue.end > best[0]:
                best = (cue.end, cue.value, fold(cue.text))
    if (
        best is None
        and following is not None
        and re.search(r"(?:\b(?:in|aus|en|в)\s+(?:our\s|the\s)?|[在于])$", before)
    ):
        return "maybe_origin"
    if best and best[1] == "origin" and best[2] in _WEAK_ORIGIN:
        best = (best[0], "maybe_origin", best[2])
    if best:
        return best[1]
    if following is not None:
        onward = _ONWARD.match(after)
        begins = re.search(r"(?:^|[,;:(–-])\s*$", text[: mention.start]) is not None  # "cameras, France to Germany"
        if onward and onward.end() >= following.start - mention.end - 3 and (mention.sort != "country" or begins):
            return "origin"
        if after.startswith("的") and not _is_buyer(after[1:]) and not _is_buyer(after):
            return "maybe_origin"  # 德国慕尼黑的放大器卖到莫斯科
        if onward and mention.country == "CN" and onward.end() >= following.start - mention.end - 12:
            return "origin"
    if _is_buyer(after):
        return "destination"
    return None


def _is_buyer(after: str) -> bool:
    return bool(
        re.match(
            r"[\s-]*(?:\w+\s)?(?:customers?|buyers?|clients?|importer|end.?users?|factory|plant|market|distributor|company|firm|consignee|partner|"
            r"subsidiary|jv|affiliate|university|toy maker|maker|office|客户|买家|公司|工厂|用户|市场|进口商|经销商|厂|大学|代理)",
            after.lower(),
        )
    )


def _same_phrase(between: str, following: Mention | None, cue: Hit) -> bool:
    """Japanese and Korean put the cue after the whole phrase: "일본 방위성 연구소로"."""
    if following is not None and following.start < cue.end:
        return False
    return (
        len(between) <= 12
        and re.search(r"[ぁ-ヿ가-힣]", cue.text) is not None
        and not re.search(r"[,.、。;?!]", between)
    )


def _same_place(origin: Mention, final: Mention) -> bool:
    named = re.search(rf"(?<!\w){re.escape(origin.name.lower())}(?!\w)", final.name.lower())
    return origin.country == final.country and origin.sort != "country" and named is not None


def _leads_on(cue: Hit, following: Mention | None) -> bool:
    """ "从阿姆斯特丹出口到印度": the word belongs to the place right after it."""
    return (
        following is not None and 0 <= following.start - cue.end <= 1 and re.search("[到往至]$", cue.text) is not None
    )


def _postposition(text: str) -> bool:
    return bool(re.search(r"[぀-ヿ가-힣]|経由|向け|宛|发|出发|产|中转|转口|转运|过境|出口到", text))


@lru_cache(maxsize=4)
def _built(folder: Path, key: int) -> Places:
    return Places(_DATA[key], folder)


_DATA: dict[int, Mapping[str, Any]] = {}


def places(data: Mapping[str, Any], folder: Path) -> Places:
    """The place finder for these names, built once a process."""
    _DATA[id(data)] = data
    return _built(folder, id(data))
