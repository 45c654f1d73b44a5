"""From names, symbols and numbers in a row to goods: "1.5% Dy magnets", "氧化镝", "GaN chargers", "magnets, no Dy/Tb".

One pass over the hits in order. A good is under construction; what follows either belongs to it (an element that it
contains, a form, a property), makes it more exact ("magnets ... NdFeB"), turns it into a part of something ("GaN
chargers"), or begins the next one. In doubt an element counts as there: the reading may tighten a verdict, not loosen it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from knowledge.model import Good, Quantity
from knowledge.reading.chemistry import mass_shares, parse
from knowledge.reading.lexicon import Hit
from knowledge.reading.quantities import Measured
from knowledge.reading.text import fold
from knowledge.taxonomy import Taxonomy

# "N52", "42SH", "N38EH": grades of sintered NdFeB (two or three letters on the number tell the working temperature).
_GRADE = re.compile(
    r"(?<![A-Za-z0-9])(?:N\s?-?(?:2[7-9]|3\d|4\d|5[0-8])\s?(?:SH|UH|EH|AH|TH|VH|H|M)?|(?:2[7-9]|3\d|4\d|5[0-8])(?:SH|UH|EH|AH|TH))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"[?!;。？！；\n]|\.(?=\s|$)|,(?!\d)|、|，|\band\b|\bor\b|\bplus\b|\by\b|\bund\b|\bet\b|\bи\b|[和与及跟或&+]"
)
_HARD_BREAK = re.compile(r"[?!;。？！；\n]|\.(?:\s|$)")
_FACILITY = re.compile(
    r"^\s*(?:的\s?)?(?:factor(?:y|ies)|plants?|makers?|manufacturers?|compan(?:y|ies)|customers?|suppliers?|producers?|industry|mills?|works|shops?|traders?|growers?|stores?|"
    r"ltd|co\.|inc|corp|gmbh|divisions?|departments?|users?|exhibition|trade fair|business|firms?|buyers?|importers?|distributors?|"
    r"厂|工厂|公司|客户|企业|制造商|生产商|行业|集团|车间|工业|买家|供应商|用户|贸易|展|メーカー|工場|会社|제조|공장|업체)"
)
_FACILITY_BEFORE = re.compile(
    r"(?:\binto (?:an? )?|\b(?:empresa|fabrica|compania|fabricante|societe|entreprise|fabricant|firma|hersteller|fabrik|завод\\w*|производител\\w+|компани\\w+|фирм\\w+)\s+(?:de|d'|von|fur|por|по)?\s*)$"
)
_PACKED = re.compile(
    r"(?:\b(?:in|into|inside|within|packed in|packaged in|filled in|packing:?|en|dans|в|во|in je|verpackt in)\s+(?:\w+\s+){0,3}|[装裝](?:在|于|入)?[\w]{0,6}|用)$"
)
_UNSURE_BEFORE = re.compile(
    r"(?:\b(?:whether|if|not sure|unsure|don'?t know|do not know|no idea|unclear)\b[^.;,]{0,30}|không (?:rõ|biết)|chưa rõ|liệu|не знаем|неизвестно|no sabemos|on ne sait pas|nicht bekannt|wissen nicht|わからない|不明|是否|不知道|不清楚|不确定|有没有)(?:\s*(?:it|they|there|the magnets?|含|有|is|are|any|some|contains?|has|have|里面|có|si|ob|ли|есть|hay)\s*)*$"
)
_UNSURE_AFTER = re.compile(
    r"^[\s/]*(?:\w+\s+){0,2}(?:content|share|level|含量|成分)?\s*(?:is\s|are\s)?(?:unknown|not known|not tested|untested|not measured|to be confirmed|tbc|tbd|unclear|not sure|not stated|\?|未知|未检测|未测|待检|不明|不清楚|不详|不确定|неизвест\w*|unbekannt|desconocid\w*|inconnue?)"
)
_FIRM_AFTER = re.compile(r"^[㐀-鿿]{0,5}?(?:公司|集团|股份)")
_LAW_AFTER = re.compile(
    r"^\s*(?:licen[cs]e|permit|rules?|controls?|ban|list|announcement|许可|管制|限制|公告|出口许可|両用|许可证)"
)
_LAW_BEFORE = re.compile(
    r"(?:licen[cs](?:e|ia)|permit|permiso|autorisation|genehmigung|лицензи\w*|许可|管制)\s*(?:for\s|de\s|des\s|du\s|fur\s|на\s)?$"
)
_AND_BEFORE = re.compile(r"(?:\b(?:and|other|plus|und|y|et|и)\s+(?:other\s)?|[和及与]其?他?)$")
_LIKE_BEFORE = re.compile(
    r"(?:\b(?:like|similar to|same as|compared (?:to|with)|unlike|wie|como el|comme)\s+(?:the\s|an?\s)?|像|类似)$"
)
_HEARSAY_BEFORE = re.compile(r"(?:\b(?:all|any|every|such|these|those|which)\s+|所有|全部|这些|这种)$")
_PART_BEFORE = re.compile(r"(?:用(?:的是)?|采用|里面?有?|内有?|内置|inside:?|uses?|using|based on|made with)\s*$")
_PART_AFTER = re.compile(
    r"^\s*(?:uses?\b|contains?\b|has\b|have\b|holds?\b|is made|里面?有|里的?|内有|用的是|用(?!于|途|户))"
)
_PURE = 90
_ASIDE = 80
"""How far, in characters, the description of a part of an article may reach."""
_GENERIC = frozenset({"metal", "oxide", "alloy", "compound", "mixture", "material"})
_LIST_GAP = re.compile(
    r"[\s,，、/&+:：]*(?:(?:jeweils|each|sind|ist|を|が|は|も|および|이|가|은|는|도|과|와|and|or|both|all|were|was|is|are|und|y|et|и|和|与|及|或|均|都|全部|also|as well as|content|含量)[\s,，]*)*"
)
_GRADE_AFTER = re.compile(r"^\s*(?:grade|级|quality)")
_FREE_AFTER = re.compile(r"^[\s-]?free\b")
_NOT_BEFORE = re.compile(
    r"(?:\b(?:not|non|isn't|nicht|kein|pas de|не|rather than|instead of)\s+(?:any\s)?|不是|并非|而非|非)$"
)
_USE_AFTER = re.compile(
    r"^(?:\s*(?:parts?|components?|applications?|use)\b|材料|领域|行业|用(?:途|的|于)?|专用|に(?!つ)|向け|용(?:으로)?)"
)
_NAME_GAP = 14
_JOIN = re.compile(r"^[\s\-/·()（）]*(?:of|de|del|d'|из|von|aus|du|des|的|の)?[\s\-/·()（）\"']*$")
_LICENCE_FOR = re.compile(
    r"(?:licen[cs]e|permit|rules?|controls?|quote|ban|need|apply|papers?|permission|certificate|authori[sz]ation|许可|许可证)\s*(?:needed|required)?\s*$"
)


@dataclass
class _Draft:
    """A good being put together."""

    start: int
    end: int
    kind: str | None = None
    elements: dict[str, bool] = field(default_factory=dict)
    may: set[str] = field(default_factory=set)
    complete: bool = False
    shares: dict[str, Quantity] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    properties: dict[str, Quantity] = field(default_factory=dict)
    dimensions: tuple[Quantity, ...] = ()
    last_element: str | None = None
    joined: bool = False  # elements written together: "Dy-Fe"
    name_end: int = 0  # where the words end that name the goods, without what they are free of

    @property
    def empty(self) -> bool:
        return self.kind is None and not any(self.elements.values()) and not self.may


class _Assembler:
    def __init__(self, text: str, taxonomy: Taxonomy) -> None:
        self.text, self.taxonomy = text, taxonomy
        self.done: list[_Draft] = []
        self.draft: _Draft | None = None
        self.pending: list[Measured] = []
        self.pending_elements: dict[str, bool] = {}
        self.pending_forms: list[str] = []
        self.polarity: bool | None = None
        self.polarity_end = 0
        self.purpose = False
        self.unsure_end = 0
        self.negated_end = 0
        self.into: _Draft | None = None  # the article whose part is being described
        self.symbols: list[tuple[str, int]] = []  # where symbols and names of elements stand
        self.heads: dict[int, bool] = {}  # where an element is followed by a word for goods of its own
        self.mentions: list[tuple[str, int, int]] = []
        self.end_use: list[str] = []
        self.purposes: list[str] = []  # the kinds of goods that the goods are for

    # ---------------------------------------------------------------- stream

    def gap(self, start: int) -> str:
        return self.text[self.draft.end : start] if self.draft else ""

    def flush(self) -> None:
        draft = self.draft
        if draft is not None and draft.kind is None and self.done and self._content_of(draft, self.done[-1]):
            # "magnets, Dy content below 0.1 %": an element by itself, after goods that may hold it, tells of those goods.
            before = self.done[-1]
            before.elements.update(draft.elements)
            before.may |= draft.may
            before.shares.update(draft.shares)
        elif draft is not None and not draft.empty:
            self.done.append(draft)
        elif draft is not None:
            # Only absences so far ("no Dy, no Tb"): they speak of the goods before, or of those to come.
            target = self.done[-1].elements if self.done else self.pending_elements
            for element, there in draft.elements.items():
                target.setdefault(element, there)
        self.draft = None

    def _content_of(self, draft: _Draft, before: _Draft) -> bool:
        kind = before.kind
        if kind is None or draft.forms or not draft.elements or not self.taxonomy.is_a(kind, "magnet"):
            return False
        return all(self.taxonomy.may_hold(kind, e) for e in draft.elements)

    def open(self, start: int, end: int) -> _Draft:
        self.flush()
        self.draft = _Draft(start, end, name_end=end)
        self.draft.elements.update(self.pending_elements)
        self.draft.forms.extend(self.pending_forms)
        self.pending_elements, self.pending_forms = {}, []
        for measured in self.pending:
            if measured.property != "percent" or measured.quantity.magnitude >= _PURE:
                self._measure(self.draft, measured)
        # A share waits for its element ("75% W").
        self.pending = [m for m in self.pending if m.property == "percent" and m.quantity.magnitude < _PURE]
        return self.draft

    def cue(self, hit: Hit) -> None:
        if hit.value == "free_of" and fold(hit.text) in ("free", "frei"):
            return  # "Dy-free" is read with the element; "free" by itself ("free sample") means nothing here
        if hit.value == "free_of" and re.search(r"[ぁ-ヿ가-힣]", hit.text):
            self._not_detected(hit)  # Japanese and Korean say it after the list
            return
        if hit.value == "containing" and re.search(r"[ぁ-ヿ가-힣]", hit.text):
            return
        if hit.value in ("containing", "free_of"):
            self.purpose = False
            self.polarity = hit.value == "containing"
            self.polarity_end = hit.end
        elif hit.value == "not_detected":
            self._not_detected(hit)
        elif hit.value == "purpose":
            before = self.text[max(0, hit.start - 24) : hit.start].lower()
            if self.draft is not None and not self.draft.empty and not _LICENCE_FOR.search(before):
                self.purpose = True

    def compound(self, hit: Hit) -> None:
        """The tail of "dysprosiumfrei", "terbiumhaltig": says of the element just before whether it is there."""
        if not self.mentions:
            return
        element = self.mentions[-1][0]
        there = hit.value == "containing"
        if self.draft is not None and self.draft.kind is None and list(self.draft.elements) == [element]:
            self.draft = None
            target = (
                self.done[-1]
                if self.done and _HARD_BREAK.search(self.text[self.done[-1].end : hit.start]) is None
                else None
            )
            (target.elements if target else self.pending_elements)[element] = there
        elif self.draft is not None:
            self.draft.elements[element] = there

    def _not_detected(self, hit: Hit) -> None:
        """ "Dy, Tb not detected": the elements listed just before are absent; one with a figure of its own is there."""
        target = self.draft.elements if self.draft is not None else self.pending_elements
        at = hit.start
        for element, start, end in reversed(self.mentions):
            if end > at:
                continue
            if not _LIST_GAP.fullmatch(self.text[end:at].lower()):
                break
            target[element] = False
            at = start

    # ---------------------------------------------------------------- elements

    def _for_use(self, start: int) -> bool:
        """After "for", up to the next break: what the goods are for, not the goods."""
        if self.purpose and self.draft is not None and _BREAK.search(self.gap(start)):
            self.purpose = False
        return self.purpose and self.draft is not None

    def _of_the_law(self, hit: Hit) -> bool:
        """ "the gallium licence", "licence terres rares", "镓明贸易公司": the rule's or a firm's name, not goods."""
        after = self.text[hit.end : hit.end + 16].lower()
        if _FIRM_AFTER.match(after):
            return True
        if self.draft is None and not self.done:
            return False
        return bool(_LAW_AFTER.match(after) or _LAW_BEFORE.search(fold(self.text[max(0, hit.start - 24) : hit.start])))

    def element(self, hit: Hit) -> None:
        if self._for_use(hit.start) and self._polarity_at(hit) is None:
            return
        if self._of_the_law(hit):
            return
        if _FREE_AFTER.match(self.text[hit.end : hit.end + 6].lower()):
            self.mentions.append((hit.value, hit.start, hit.end))
            self._ruled_out(hit)
            return
        if self.negated_end and _JOIN.match(self.text[self.negated_end : hit.start]):
            self.negated_end = hit.end
            return
        if _NOT_BEFORE.search(self.text[max(0, hit.start - 16) : hit.start].lower()) and self._polarity_at(hit) is None:
            self.negated_end = hit.end
            if self.draft is not None:
                self._absent(hit)
            return
        self.mentions.append((hit.value, hit.start, hit.end))
        if self._unsure(hit):
            return
        polarity = self._polarity_at(hit)
        if polarity is False:
            self._absent(hit)
            return
        draft = self.draft
        if (
            draft is not None
            and draft.elements.get(hit.value)
            and not _HARD_BREAK.search(self.gap(hit.start))
            and not self.heads.get(hit.start)
        ):
            draft.last_element = hit.value  # named again, with its share
            self._settle_shares(draft)
            return
        if draft is None or (self._broken(hit.start) and polarity is None and not self._lists_on(hit)):
            if self.polarity is True and draft is None:
                self.pending_elements[hit.value] = True
                self._extend_polarity(hit)
                return
            draft = self.open(hit.start, hit.end)
        elif draft.last_element and re.fullmatch(r"[\s\-/·]*", self.gap(hit.start)) and draft.kind is None:
            draft.joined = True
        draft.elements[hit.value] = True
        draft.last_element = hit.value
        draft.end = max(draft.end, hit.end)
        if len(self.text[draft.name_end : hit.start]) < _NAME_GAP:
            draft.name_end = max(draft.name_end, hit.end)
        self._settle_shares(draft)
        self._extend_polarity(hit)

    def _settle_shares(self, draft: _Draft) -> None:
        waiting = [m for m in self.pending if m.property == "percent"]
        for measured in waiting:
            self._percent(draft, measured.quantity)
        self.pending = [m for m in self.pending if m.property != "percent"]

    def _unsure(self, hit: Hit) -> bool:
        """ "Dy content unknown", "whether it has Dy": may be there, must be asked."""
        before = self.text[max(0, hit.start - 48) : hit.start].lower()
        goes_on = self.unsure_end and re.fullmatch(
            r"\s*(?:[,/、&+]|and|or|和|或|與)?\s*", self.text[self.unsure_end : hit.start]
        )
        if not (
            goes_on or _UNSURE_AFTER.match(self.text[hit.end : hit.end + 40].lower()) or _UNSURE_BEFORE.search(before)
        ):
            return False
        self.unsure_end = hit.end
        target = self.draft or (self.done[-1] if self.done else None)
        if target is None:
            return False
        target.may.add(hit.value)
        target.elements.pop(hit.value, None)
        return True

    def _ruled_out(self, hit: Hit) -> None:
        """ "dysprosium-free": of the good at hand or the one just before, else of the one to come."""
        target = self.draft or (
            self.done[-1] if self.done and not _HARD_BREAK.search(self.text[self.done[-1].end : hit.start]) else None
        )
        (self.pending_elements if target is None else target.elements)[hit.value] = False
        if target is not None:
            target.end = max(target.end, hit.end)

    def _absent(self, hit: Hit) -> None:
        draft = self.draft
        target = draft.elements if draft is not None else self.pending_elements
        if target.get(hit.value) is not True or draft is not None:
            target[hit.value] = False
        if draft is not None:
            draft.end = max(draft.end, hit.end)
        self._extend_polarity(hit)

    def _extend_polarity(self, hit: Hit) -> None:
        if self.polarity is not None:
            self.polarity_end = hit.end

    def _polarity_at(self, hit: Hit) -> bool | None:
        """Inside a "containing ..." or "free of ..." list? The list goes on over commas, "and", "or" and slashes."""
        if self.polarity is None:
            return None
        gap = self.text[self.polarity_end : hit.start]
        if re.fullmatch(
            r"[\s,，、/&+\-]*(?:(?:and|or|nor|und|oder|y|e|o|et|ou|ni|и|или|va|và|และ|および|及び|และ|any|no|of|the|also|neither|non|trace|traces of|和|与|及|或|、|也|任何|有|little|some|a|bit|small|about|at least|amounts? of|[\d.]+\s?(?:wt)?\s?%|the|elements?|like)[\s,，]*)*",
            gap.lower(),
        ):
            return self.polarity
        self.polarity = None
        return None

    def _lists_on(self, hit: Hit) -> bool:
        """A further element of a list: "Dy, Tb", "oxide of terbium and dysprosium", "(80% W, 2% Ag, 18% Ni)"; an element
        with a word for goods of its own after it begins other goods instead."""
        draft = self.draft
        if draft is None or draft.last_element is None or self.heads.get(hit.start):
            return False
        return bool(
            re.fullmatch(
                r"[\s,/、&+(]*(?:[\d.,]+\s?(?:wt)?\.?\s?%)?[\s,/、&+(]*(?:and|und|y|et|и|或|和|与|及|or)?\s*(?:[\d.,]+\s?(?:wt)?\.?\s?%\s*)?(?:of\s)?",
                self.gap(hit.start),
            )
        )

    def group(self, hit: Hit) -> None:
        if self._of_the_law(hit):
            return
        members = self.taxonomy.groups[hit.value]
        if self._polarity_at(hit) is False:
            target = self.draft.elements if self.draft else self.pending_elements
            for element in members:
                target.setdefault(element, False)
            self._extend_polarity(hit)
            return
        draft = self.draft
        if draft is None or self._broken(hit.start):
            draft = self.open(hit.start, hit.end)
        draft.may |= members
        draft.end = hit.end

    # ---------------------------------------------------------------- kinds

    def kind(self, hit: Hit) -> None:
        before = fold(self.text[max(0, hit.start - 24) : hit.start])
        if (
            _FACILITY_BEFORE.search(before)
            or _FACILITY.match(self.text[hit.end :])
            or _USE_AFTER.match(self.text[hit.end :])
        ):
            self.end_use.append(hit.text)
            return
        if self.purpose and self.draft is not None and not _HARD_BREAK.search(self.gap(hit.start)):
            self.end_use.append(hit.text)
            self.purposes.append(hit.value)
            return
        self.purpose = False
        if self.negated_end and _JOIN.match(self.text[self.negated_end : hit.start]):
            return  # "not dysprosium oxide": the whole name is ruled out
        if _LIKE_BEFORE.search(before):
            self.negated_end = hit.end
            return  # "controlled like indium phosphide?"
        polarity = self._polarity_at(hit)
        draft = self.draft
        if draft is not None and not draft.empty and self.taxonomy.is_article(hit.value) and _PACKED.search(before):
            return  # what the goods are packed in
        if polarity is None and _NOT_BEFORE.search(before):
            self.negated_end = hit.end
            return
        if polarity is False:
            self._extend_polarity(hit)
            return
        if draft is None or (self._broken(hit.start) and not self._refines(draft, hit)):
            draft = self.open(hit.start, hit.end)
            draft.kind = hit.value
            return
        if polarity is True and draft.kind != hit.value and (draft.kind or self.polarity_end > draft.start):
            draft.parts.append(hit.value)
            draft.end = hit.end
            self._extend_polarity(hit)
            return
        self._head(draft, hit)

    def _aside(self, hit: Hit, before: str) -> bool:
        """A word for goods that tells of goods already named: a part of an article, the family they belong to, hearsay."""
        earlier = (
            self.draft if self.draft is not None and not self.draft.empty else (self.done[-1] if self.done else None)
        )
        if earlier is None or earlier.kind is None or not self._later(hit.start, earlier):
            return False
        gap = self.text[earlier.end : hit.start]
        article = self.taxonomy.is_article(earlier.kind)
        if (
            article
            and not _HARD_BREAK.search(gap)
            and (_PART_BEFORE.search(before) or _PART_AFTER.match(self.text[hit.end : hit.end + 12]))
        ):
            earlier.parts.append(hit.value)
            self.into = earlier
            return True
        own = bool(self.pending_elements) or any(0 <= start - hit.end <= 4 for _, start in self.symbols)
        if hit.value in _GENERIC and not own and not self.heads_before(hit.start):
            return True
        return bool(_HARD_BREAK.search(gap) and _HEARSAY_BEFORE.search(before) and not own)

    def _into(self, start: int) -> bool:
        """Is the part of an article still being described?"""
        if self.into is None:
            return False
        if _HARD_BREAK.search(self.text[self.into.end : start]) or len(self.text[self.into.end : start]) > _ASIDE:
            self.into = None
        return self.into is not None

    def heads_before(self, start: int) -> bool:
        """Does an element stand just before, so that the word belongs to it ("indium phosphide")?"""
        return any(
            _JOIN.match(self.text[end:start]) for _, _, end in self.mentions if end <= start and start - end <= 4
        )

    def _later(self, start: int, earlier: _Draft) -> bool:
        """Has a comma or a stop come between?"""
        return _BREAK.search(self.text[earlier.end : start]) is not None

    def _refines(self, draft: _Draft, hit: Hit) -> bool:
        """After a comma or "and": the same goods named more exactly ("magnets, NdFeB, 5 kg"), not further goods."""
        if draft.kind is None or _HARD_BREAK.search(self.gap(hit.start)) is not None:
            return False
        return hit.value != draft.kind and self.taxonomy.is_a(hit.value, draft.kind) and draft.kind != "material"

    def _head(self, draft: _Draft, hit: Hit) -> None:
        kind, tax = hit.value, self.taxonomy
        if draft.kind is None:
            draft.kind = kind
        elif kind in ("finished_article", "equipment"):
            pass  # "SmCo magnets, spare parts": tells nothing of what they are
        elif self._bracketed(hit.start):
            if not tax.is_a(kind, draft.kind):
                draft.parts.append(kind)
            else:
                draft.kind = kind
        elif tax.is_a(kind, draft.kind):
            draft.kind = kind
        elif tax.is_a(draft.kind, kind):
            pass
        elif len(self.gap(hit.start)) > 30 and not tax.is_article(kind):
            self.open(hit.start, hit.end).kind = kind
            return
        elif (tax.is_article(draft.kind) and not tax.is_article(kind)) or self._of(hit.start):
            draft.parts.append(kind)
        else:
            # "GaN chargers", "oxide target", "alloy magnets": the last noun says what it is.
            draft.parts.append(draft.kind)
            draft.kind = kind
        draft.end = max(draft.end, hit.end)
        if len(self.text[draft.name_end : hit.start]) < _NAME_GAP:
            draft.name_end = max(draft.name_end, hit.end)

    def _bracketed(self, start: int) -> bool:
        """Inside brackets that opened after the good began: says what it holds, not what it is."""
        gap = self.text[self.draft.start if self.draft else 0 : start]
        return gap.count("(") > gap.count(")") and not self.text[:start].endswith("(finished")

    def _of(self, start: int) -> bool:
        return bool(re.search(r"\b(?:of|de|del|из|von|aus|du|with|w/)\s*$", self.gap(start).lower()))

    def formula(self, hit: Hit) -> None:
        found = parse(hit.value)
        if found is None or (self._for_use(hit.start) and self._polarity_at(hit) is None):
            return
        if self._into(hit.start):
            self.into.parts.append(found.kind)  # type: ignore[union-attr]
            self.into.elements.update(dict.fromkeys(found.elements, True))  # type: ignore[union-attr]
            return
        if self._polarity_at(hit) is False:
            for element in found.elements:
                self.mentions.append((element, hit.start, hit.end))
            self._absent(replace(hit, value=found.elements[0]))
            return
        for element in found.elements:
            self.mentions.append((element, hit.start, hit.end))
        draft = self.draft
        present = {e for e, there in draft.elements.items() if there} if draft else set()
        if (
            draft is not None
            and draft.kind
            and present == set(found.elements)
            and not _HARD_BREAK.search(self.gap(hit.start))
        ):
            draft.shares.update(mass_shares(hit.value))  # "tungsten copper alloy W80Cu20": the same goods by formula
            draft.last_element = found.elements[0]
            return
        if (
            draft is not None
            and draft.kind
            and not self._broken(hit.start)
            and (
                self.taxonomy.is_article(draft.kind)
                or self.taxonomy.is_a(draft.kind, "magnet")
                or draft.kind in ("target", "material", "mixture")
            )
        ):
            if found.kind != "metal":
                draft.parts.append(found.kind)
        elif draft is None or self._broken(hit.start) or draft.kind is not None:
            draft = self.open(hit.start, hit.end)
            draft.kind = found.kind
            draft.complete = True
        else:
            draft.kind = found.kind
        for element in found.elements:
            draft.elements[element] = True
        draft.shares.update(mass_shares(hit.value))
        draft.last_element = found.elements[0]
        draft.joined = True
        draft.end = max(draft.end, hit.end)
        draft.name_end = max(draft.name_end, hit.end)

    def form(self, hit: Hit) -> None:
        if self.purpose or _NOT_BEFORE.search(self.text[max(0, hit.start - 12) : hit.start].lower()):
            return
        if self.draft is not None and not _HARD_BREAK.search(self.gap(hit.start)) and len(self.gap(hit.start)) < 24:
            if not (self.draft.forms and re.search(r"\band\b|和|与", self.gap(hit.start))):
                self.draft.forms.append(hit.value)
                self.draft.end = max(self.draft.end, hit.end)
                self.draft.name_end = max(self.draft.name_end, hit.end)
        else:
            self.pending_forms.append(hit.value)

    def grade(self, start: int, end: int) -> None:
        """ "N42SH": sintered NdFeB, of the good at hand where that may be one."""
        draft = self.draft
        if draft is not None and draft.kind and self.taxonomy.is_a("ndfeb_magnet", draft.kind):
            draft.kind = "ndfeb_magnet"
            draft.end = max(draft.end, end)
        elif draft is None or self._broken(start) or draft.kind is None:
            if draft is None or self._broken(start):
                draft = self.open(start, end)
            draft.kind = "ndfeb_magnet"

    # ---------------------------------------------------------------- numbers

    def measured(self, item: Measured, next_start: int | None) -> None:
        follows = next_start is not None and _JOIN.match(self.text[item.end : next_start]) is not None
        if item.property == "percent" and self._share_of_next(item):
            self.pending.append(item)
            return
        if self.draft is None or (
            follows and (self._broken(item.start) or (self.draft.kind is None and not self.draft.elements))
        ):
            self.pending.append(item)
            return
        if follows and item.property == "percent" and item.quantity.magnitude < 90:
            self.pending.append(item)  # "magnets 1.5% Dy": the share of what comes next
            return
        self._measure(self.draft, item)

    def _share_of_next(self, item: Measured) -> bool:
        """ "79% W": the share of the symbol right after it."""
        return any(
            section in ("elements",) and start >= item.end and self.text[item.end : start] in ("", " ")
            for section, start in self.symbols
        )

    def _measure(self, draft: _Draft, item: Measured) -> None:
        name, quantity = item.property, item.quantity
        if name == "percent":
            self._percent(draft, quantity)
        elif name == "dimensions":
            draft.dimensions = item.dimensions
            if item.dimensions and draft.kind and self.taxonomy.is_a(draft.kind, "six_sided_press"):
                draft.properties.setdefault("cylinder", item.dimensions[0])
        elif (
            name == "grain_size"
            and draft.kind == "diamond_wire_saw"
            and not re.search(r"grain|grit|粒|砂", self.text[max(0, item.start - 16) : item.start].lower())
        ):
            draft.properties.setdefault("diameter", quantity)
        elif name == "extent":
            draft.dimensions = (*draft.dimensions, quantity)
        elif name == "strength":
            for guess in ("flexural_strength", "tensile_strength"):
                draft.properties.setdefault(guess, quantity)
        elif name not in ("mass", "count", "money", "volume", "nanometres", "layers"):
            draft.properties.setdefault(name, quantity)
        elif name == "nanometres":
            draft.properties.setdefault("grain_size", Quantity(quantity.magnitude / 1000, "micrometer", quantity.bound))

    def _percent(self, draft: _Draft, quantity: Quantity) -> None:
        element = draft.last_element
        if quantity.magnitude >= 90:
            draft.properties.setdefault("purity", quantity)
            if element is not None and draft.kind not in ("oxide",):
                draft.shares.setdefault(element, quantity)
        elif element is not None:
            draft.shares.setdefault(element, quantity)
            if quantity.magnitude == 0 and quantity.bound == "=":
                draft.elements[element] = False

    # ---------------------------------------------------------------- helpers

    def settle(self) -> None:
        """What was left waiting goes to the last good; with no goods at all it becomes one of its own, for a follow-up."""
        self.flush()
        exact = [d for d in self.done if d.kind is not None or any(d.elements.values())]
        if exact:  # "... is a rare-earth licence needed?": a family's name by itself beside real goods
            self.done = [
                d for d in self.done if d in exact or _AND_BEFORE.search(self.text[max(0, d.start - 12) : d.start])
            ]
        if not (self.pending or self.pending_elements or self.pending_forms):
            return
        if not self.done:
            self.done.append(_Draft(0, 0))
        last = self.done[-1]
        for item in self.pending:
            self._measure(last, item)
        for element, there in self.pending_elements.items():
            last.elements.setdefault(element, there)
        last.forms.extend(f for f in self.pending_forms if not last.forms)

    def _broken(self, start: int) -> bool:
        return self.draft is not None and _BREAK.search(self.gap(start)) is not None


def find(
    text: str, hits: Sequence[Hit], measured: Sequence[Measured], taxonomy: Taxonomy
) -> tuple[list[Good], list[str]]:
    """The goods in the cleaned text, in order, and the words after "for": what they are for."""
    events: list[tuple[int, int, object]] = []
    wanted = ("elements", "groups", "kinds", "forms", "formula", "words", "compound")
    grades = [
        m.span()
        for m in _GRADE.finditer(text)
        if not any(q.start < m.end() and m.start() < q.end and q.property == "percent" for q in measured)
    ]
    relevant = [h for h in hits if h.section in wanted]
    for hit in _longest(relevant):
        events.append(
            (
                hit.start,
                {"words": 0, "compound": 0, "elements": 1, "groups": 1, "formula": 1, "kinds": 2, "forms": 3}[
                    hit.section
                ],
                hit,
            )
        )
    magnets = any(h.section == "kinds" and taxonomy.is_a(h.value, "magnet") for h in relevant)
    for start, end in grades:
        token = text[start:end].upper()
        if (
            magnets
            or (token.startswith("N") and re.search(r"\d(?:SH|UH|EH|AH|TH|H|M)$", token))
            or re.search(r"\d\dSH$|\dUH$|\dEH$", token)
        ):
            events.append((start, 4, (start, end)))
    for item in measured:
        if not any(start <= item.start < end for start, end in grades) and not any(
            h.start <= item.start and item.end <= h.end and h.section == "formula" for h in relevant
        ):
            events.append((item.start, 5, item))
    events.sort(key=lambda e: (e[0], e[1]))
    assembler = _Assembler(text, taxonomy)
    starts = [e[0] for e in events if e[1] in (1, 2, 4)]
    nouns = [e[2].start for e in events if isinstance(e[2], Hit) and e[2].section in ("kinds", "forms")]
    assembler.symbols = [
        (e[2].section, e[2].start) for e in events if isinstance(e[2], Hit) and e[2].section == "elements"
    ]
    for _, _, event in events:
        if isinstance(event, Hit) and event.section in ("elements", "groups"):
            assembler.heads[event.start] = any(n >= event.end and _JOIN.match(text[event.end : n]) for n in nouns)
    for _, _, event in events:
        if isinstance(event, Measured):
            assembler.measured(event, next((s for s in starts if s >= event.end), None))
        elif isinstance(event, tuple):
            assembler.grade(*event)
        elif isinstance(event, Hit):
            handler = {"words": assembler.cue, "elements": assembler.element, "groups": assembler.group, "formula": assembler.formula,
                       "kinds": assembler.kind, "forms": assembler.form, "compound": assembler.compound}[event.section]  # fmt: skip
            handler(event)
    assembler.settle()
    goods = [_finish(d, text, taxonomy) for d in assembler.done]
    if any(k in assembler.purposes for k in ("diamond_jewellery",)):
        goods = [replace(g, kind="diamond_jewellery") if taxonomy.is_a(g.kind, "diamond") else g for g in goods]
    return _same(goods, taxonomy), assembler.end_use


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Drops a hit that lies inside a longer one of another stretch ("gallium" inside "trimethylgallium")."""
    hits = list(hits)
    return [
        h for h in hits
        if not any(o.start <= h.start and h.end <= o.end and o.end - o.start > h.end - h.start for o in hits)
    ]  # fmt: skip


def _finish(draft: _Draft, text: str, taxonomy: Taxonomy) -> Good:
    for part in draft.parts:
        for element in taxonomy.holds(part):
            draft.elements.setdefault(element, True)
    present = [e for e, there in draft.elements.items() if there]
    kind, assumed, complete = draft.kind, [], draft.complete
    if kind is None:
        if len(present) > 1 and draft.joined:
            kind, complete = "alloy", True
        elif present:
            kind = "metal"
            if not draft.forms:
                assumed.append("metal")
        else:
            kind = "material"
    if kind == "metal" and len(present) > 1 and draft.joined:
        kind = "alloy"
    if kind in ("alloy", "target") and len(present) > 1 and draft.joined:
        complete = True
    kind = taxonomy.refined(kind, draft.elements, draft.parts)
    if kind == "smco_magnet" and {"Fe", "N"} <= set(present):
        kind = "smfen_magnet"
    may = (
        frozenset(draft.may - set(draft.elements))
        if not present or kind == "mixture" or len(draft.may) < 4
        else frozenset()
    )
    return Good(
        name=_name(text[draft.start : max(draft.name_end, draft.start) or draft.end]),
        kind=kind,
        elements=dict(draft.elements),
        may_contain=may,
        complete=complete,
        shares=dict(draft.shares),
        parts=tuple(dict.fromkeys(draft.parts)),
        forms=tuple(dict.fromkeys(draft.forms)),
        properties=dict(draft.properties),
        dimensions=draft.dimensions,
        assumed=tuple(assumed),
        span=(draft.start, draft.end),
    )


def _name(words: str) -> str:
    """The words that name the goods, without brackets left open and signs at the ends."""
    words = words.strip(" ,-，、:：;；")
    if words.count("(") > words.count(")"):
        words = words[: words.rindex("(")].rstrip(" ,-") or words
    return words


def _same(goods: list[Good], taxonomy: Taxonomy) -> list[Good]:
    """Merges a second, vaguer mention into the first: "NdFeB magnets ... the magnets contain no Dy"."""
    result: list[Good] = []
    for good in goods:
        for i, other in enumerate(result):
            narrower, wider = (other, good) if taxonomy.is_a(other.kind, good.kind) else (good, other)
            if not taxonomy.is_a(narrower.kind, wider.kind) or wider.kind in (
                "material",
                "metal",
                "alloy",
                "oxide",
                "compound",
                "finished_article",
                "equipment",
            ):
                continue
            clash = any(other.elements.get(e, t) != t for e, t in good.elements.items())
            if clash or (
                narrower.kind == wider.kind
                and other.elements
                and good.elements
                and set(other.elements) != set(good.elements)
            ):
                continue
            merged = replace(
                narrower,
                name=other.name,
                elements={**other.elements, **good.elements},
                shares={**other.shares, **good.shares},
                parts=tuple(dict.fromkeys((*other.parts, *good.parts))),
                forms=tuple(dict.fromkeys((*other.forms, *good.forms))),
                properties={**good.properties, **other.properties},
                dimensions=other.dimensions or good.dimensions,
                span=other.span,
            )
            result[i] = replace(merged, kind=taxonomy.refined(merged.kind, merged.elements))
            break
        else:
            result.append(good)
    return result
