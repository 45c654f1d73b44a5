"""One pass over the pieces of a question in order: each belongs to the good at hand, makes it more exact, turns it into a
part of something, or begins the next one. In doubt an element counts as there: the reading may tighten a verdict, not
loosen it.
"""

import re
from dataclasses import replace

from knowledge.elements import RARE_EARTHS
from knowledge.model import Quantity
from knowledge.reading.chemistry import Formula, mass_shares, parse
from knowledge.reading.draft import Draft
from knowledge.reading.lexicon import Hit
from knowledge.reading.phrases import (
    ALL_BEFORE,
    AMOUNT_AFTER,
    AMOUNT_BEFORE,
    AND_BEFORE,
    ASIDE,
    BREAK,
    EITHER,
    FACILITY,
    FACILITY_BEFORE,
    FIGURE_AFTER,
    FIRM_AFTER,
    FREE_AFTER,
    GENERIC,
    GRADE_AFTER,
    HARD_BREAK,
    HEARSAY_BEFORE,
    JOIN,
    LAW_AFTER,
    LAW_BEFORE,
    LICENCE_FOR,
    LIKE_BEFORE,
    LIST_GAP,
    NAME_GAP,
    NOT_BEFORE,
    PACKED,
    PART_AFTER,
    PART_BEFORE,
    PURE,
    SEPARATE,
    UNSURE_AFTER,
    UNSURE_BEFORE,
    USE_AFTER,
)
from knowledge.reading.quantities import Measured
from knowledge.reading.text import fold
from knowledge.taxonomy import Taxonomy


class Assembler:
    def __init__(self, text: str, taxonomy: Taxonomy) -> None:
        self.text, self.taxonomy = text, taxonomy
        self.done: list[Draft] = []
        self.draft: Draft | None = None
        self.pending: list[Measured] = []
        self.pending_elements: dict[str, bool] = {}
        self.pending_forms: list[str] = []
        self.polarity: bool | None = None
        self.polarity_end = 0
        self.purpose = False
        self.unsure_end = 0
        self.negated_end = 0
        self.separate = SEPARATE.search(fold(text)) is not None
        self.into: Draft | None = None  # the article whose part is being described
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

    def _content_of(self, draft: Draft, before: Draft) -> bool:
        kind = before.kind
        if kind is None or draft.forms or not draft.elements or not self.taxonomy.is_a(kind, "magnet"):
            return False
        if AMOUNT_AFTER.match(self.text[draft.end : draft.end + 40]) or AMOUNT_BEFORE.search(
            self.text[max(0, draft.start - 24) : draft.start]
        ):
            return False  # "gallium 5 kg": weighed by itself
        return all(self.taxonomy.may_hold(kind, e) for e in draft.elements)

    def open(self, start: int, end: int) -> Draft:
        self.flush()
        self.draft = Draft(start, end, name_end=end)
        self.draft.elements.update(self.pending_elements)
        self.draft.forms.extend(self.pending_forms)
        self.pending_elements, self.pending_forms = {}, []
        for measured in self.pending:
            if measured.property != "percent" or measured.quantity.magnitude >= PURE:
                self._measure(self.draft, measured)
        # A share waits for its element ("75% W").
        self.pending = [m for m in self.pending if m.property == "percent" and m.quantity.magnitude < PURE]
        return self.draft

    def cue(self, hit: Hit) -> None:
        if hit.value == "free_of" and fold(hit.text) in ("free", "frei"):
            return  # "Dy-free" is read with the element; "free" by itself ("free sample") means nothing here
        if hit.value == "free_of" and (
            re.search(r"[ぁ-ヿ가-힣]", hit.text) or ALL_BEFORE.search(self.text[max(0, hit.start - 2) : hit.start])
        ):
            self._not_detected(hit)  # Japanese and Korean say it after the list, as does Chinese with "都没有"
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
            if self.draft is not None and not self.draft.empty and not LICENCE_FOR.search(before):
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
                if self.done and HARD_BREAK.search(self.text[self.done[-1].end : hit.start]) is None
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
            if not LIST_GAP.fullmatch(self.text[end:at].lower()):
                break
            target[element] = False
            at = start

    # ---------------------------------------------------------------- elements

    def _for_use(self, start: int) -> bool:
        """After "for", up to the next break: what the goods are for, not the goods."""
        if self.purpose and self.draft is not None and BREAK.search(self.gap(start)):
            self.purpose = False
        return self.purpose and self.draft is not None

    def _of_the_law(self, hit: Hit) -> bool:
        """ "the gallium licence", "licence terres rares", "镓明贸易公司": the rule's or a firm's name, not goods."""
        after = self.text[hit.end : hit.end + 16].lower()
        if FIRM_AFTER.match(after):
            return True
        if self.draft is None and not self.done:
            return False
        return bool(LAW_AFTER.match(after) or LAW_BEFORE.search(fold(self.text[max(0, hit.start - 24) : hit.start])))

    def element(self, hit: Hit) -> None:
        if self._for_use(hit.start) and self._polarity_at(hit) is None:
            return
        if self._of_the_law(hit):
            return
        if FREE_AFTER.match(self.text[hit.end : hit.end + 6].lower()):
            self.mentions.append((hit.value, hit.start, hit.end))
            self._ruled_out(hit)
            return
        if self.negated_end and JOIN.match(self.text[self.negated_end : hit.start]):
            self.negated_end = hit.end
            return
        if NOT_BEFORE.search(self.text[max(0, hit.start - 16) : hit.start].lower()) and self._polarity_at(hit) is None:
            self.negated_end = hit.end
            if self.draft is not None:
                self._absent(hit)
            return
        before = fold(self.text[max(0, hit.start - 24) : hit.start])
        if LIKE_BEFORE.search(before):
            self.negated_end = hit.end
            return  # "controlled like indium phosphide?"
        self.mentions.append((hit.value, hit.start, hit.end))
        if self._unsure(hit):
            return
        polarity = self._polarity_at(hit)
        if polarity is False:
            self._absent(hit)
            return
        article = self._into(hit.start) or self._held_by(before, hit.start)
        if article is not None:
            article.elements[hit.value] = True
            return
        draft = self.draft
        if (
            draft is not None
            and draft.elements.get(hit.value)
            and not HARD_BREAK.search(self.gap(hit.start))
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
        if len(self.text[draft.name_end : hit.start]) < NAME_GAP:
            draft.name_end = max(draft.name_end, hit.end)
        self._settle_shares(draft)
        self._extend_polarity(hit)

    def _settle_shares(self, draft: Draft) -> None:
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
            goes_on or UNSURE_AFTER.match(self.text[hit.end : hit.end + 40].lower()) or UNSURE_BEFORE.search(before)
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
            self.done[-1] if self.done and not HARD_BREAK.search(self.text[self.done[-1].end : hit.start]) else None
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
        if self.polarity is False and FIGURE_AFTER.match(self.text[hit.end : hit.end + 32].lower()):
            self.polarity = None
            return None
        gap = self.text[self.polarity_end : hit.start]
        if self.polarity is False and self._further_goods(hit, gap.lower()):
            self.polarity = None
            return None
        if re.fullmatch(
            r"[\s,，、/&+\-]*(?:(?:and|or|nor|und|oder|y|e|o|et|ou|ni|и|или|va|và|และ|および|及び|และ|any|no|of|the|also|neither|non|trace|traces of|和|与|及|或|、|也|任何|有|little|some|a|bit|small|about|at least|amounts? of|[\d.]+\s?(?:wt)?\s?%|the|elements?|like)[\s,，]*)*",
            gap.lower(),
        ):
            return self.polarity
        self.polarity = None
        return None

    def _further_goods(self, hit: Hit, gap: str) -> bool:
        """ "no Dy, no Tb, SmCo rings", "no gallium, germanium lenses": after a list of absences, goods again."""
        if (
            not gap.strip()
            or EITHER.search(gap)
            or not re.search(r"[,，;；&+]|\b(?:and|und|y|et|also|и|va)\b|[和及]", gap)
        ):
            return False
        if hit.section == "kinds":
            return hit.value not in GENERIC
        if hit.section == "formula":
            return True
        own = self.heads.get(hit.start, False)
        amount = AMOUNT_AFTER.match(self.text[hit.end : hit.end + 40]) is not None
        # A last rare earth may stand just before the name or the amount of the magnets that it is absent from.
        return own and amount if hit.value in RARE_EARTHS else own or amount

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
        article = self._into(hit.start)
        if article is not None:
            article.parts.append(hit.value)
            return
        if self._aside(hit, before) or (self._everyday(hit.value) and GRADE_AFTER.match(self.text[hit.end :])):
            return  # "pigment grade": of what quality, not what
        if (
            FACILITY_BEFORE.search(before)
            or FACILITY.match(self.text[hit.end :])
            or USE_AFTER.match(self.text[hit.end :])
        ):
            self.end_use.append(hit.text)
            return
        if self.purpose and self.draft is not None and not HARD_BREAK.search(self.gap(hit.start)):
            self.end_use.append(hit.text)
            self.purposes.append(hit.value)
            return
        self.purpose = False
        if self.negated_end and JOIN.match(self.text[self.negated_end : hit.start]):
            return  # "not dysprosium oxide": the whole name is ruled out
        if LIKE_BEFORE.search(before):
            self.negated_end = hit.end
            return  # "controlled like indium phosphide?"
        polarity = self._polarity_at(hit)
        draft = self.draft
        if draft is not None and not draft.empty and self.taxonomy.is_article(hit.value) and PACKED.search(before):
            return  # what the goods are packed in
        if polarity is None and NOT_BEFORE.search(before):
            self.negated_end = hit.end
            return
        if polarity is False:
            self._extend_polarity(hit)
            return
        fitted = self._fitted(draft, hit, polarity)
        if draft is None or (self._broken(hit.start) and not fitted and not self._refines(draft, hit)):
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
        article = self.taxonomy.is_article(earlier.kind) and not self.separate
        if (
            article
            and not HARD_BREAK.search(gap)
            and (PART_BEFORE.search(before) or PART_AFTER.match(self.text[hit.end : hit.end + 12]))
        ):
            earlier.parts.append(hit.value)
            self.into = earlier
            return True
        own = bool(self.pending_elements) or any(0 <= start - hit.end <= 4 for _, start in self.symbols)
        if hit.value in GENERIC and not own and not self.heads_before(hit.start):
            return True
        return bool(HARD_BREAK.search(gap) and HEARSAY_BEFORE.search(before) and not own)

    def _into(self, start: int) -> Draft | None:
        """The article whose part is still being described, if any."""
        if self.into is None:
            return None
        if HARD_BREAK.search(self.text[self.into.end : start]) or len(self.text[self.into.end : start]) > ASIDE:
            self.into = None
        return self.into

    def _held_by(self, before: str, start: int) -> Draft | None:
        """ "the sensor, inside gadolinium": the finished article just named, where the words say that this is in it."""
        earlier = self.draft or (self.done[-1] if self.done else None)
        if self.separate or earlier is None or earlier.kind is None or not PART_BEFORE.search(before):
            return None
        if not self.taxonomy.is_article(earlier.kind) or HARD_BREAK.search(self.text[earlier.end : start]):
            return None
        self.into = earlier
        return earlier

    def heads_before(self, start: int) -> bool:
        """Does an element stand just before, so that the word belongs to it ("indium phosphide")?"""
        return any(JOIN.match(self.text[end:start]) for _, _, end in self.mentions if end <= start and start - end <= 4)

    def _later(self, start: int, earlier: Draft) -> bool:
        """Has a comma or a stop come between?"""
        return BREAK.search(self.text[earlier.end : start]) is not None

    def _refines(self, draft: Draft, hit: Hit) -> bool:
        """After a comma or "and": the same goods named more exactly ("magnets, NdFeB, 5 kg"), not further goods."""
        if draft.kind is None or HARD_BREAK.search(self.gap(hit.start)) is not None:
            return False
        return hit.value != draft.kind and self.taxonomy.is_a(hit.value, draft.kind) and draft.kind != "material"

    def _fitted(self, draft: Draft | None, hit: Hit, polarity: bool | None) -> bool:
        """ "servo motors, 750 W, complete with encoder": what a finished article comes with is part of it."""
        if self.separate or draft is None or draft.kind is None or polarity is not True:
            return False
        return self.taxonomy.is_article(draft.kind) and not HARD_BREAK.search(self.gap(hit.start))

    def _head(self, draft: Draft, hit: Hit) -> None:
        kind, tax = hit.value, self.taxonomy
        if draft.kind is None:
            draft.kind = kind
        elif tax.is_a(draft.kind, "magnet") and self._everyday(kind):
            draft.parts.append(kind)  # "alnico guitar rods"
        elif self._everyday(draft.kind) and not (self._everyday(kind) or tax.is_article(draft.kind)):
            draft.parts.append(draft.kind)  # an everyday material never hides one that a rule may name
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
        if len(self.text[draft.name_end : hit.start]) < NAME_GAP:
            draft.name_end = max(draft.name_end, hit.end)

    def _everyday(self, kind: str) -> bool:
        return self.taxonomy.flagged(kind, "common")

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
        article = self._into(hit.start)
        if article is not None:
            article.parts.append(found.kind)
            article.elements.update(dict.fromkeys(found.elements, True))
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
        by_shares = found.kind == "alloy" and draft is not None and self._named_alloy(draft, present, found, hit.start)
        if (
            draft is not None
            and draft.kind
            and (present == set(found.elements) or by_shares)
            and not HARD_BREAK.search(self.gap(hit.start))
        ):
            draft.elements.update(dict.fromkeys(found.elements, True))
            shares = mass_shares(hit.value)  # "tungsten copper alloy W80Cu20": the same goods by formula
            draft.shares.update(shares)
            draft.complete = draft.complete or bool(shares)  # the shares make up the whole of it
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

    def _named_alloy(self, draft: Draft, present: set[str], found: Formula, start: int) -> bool:
        """ "tungsten heavy alloy, 90W-7Ni-3Fe": the alloy just named, by its shares."""
        return (
            draft.kind is not None
            and self.taxonomy.is_a(draft.kind, "alloy")
            and present <= set(found.elements)
            and len(self.gap(start)) < 24
        )

    def form(self, hit: Hit) -> None:
        if self.purpose or NOT_BEFORE.search(self.text[max(0, hit.start - 12) : hit.start].lower()):
            return
        if self.draft is not None and not HARD_BREAK.search(self.gap(hit.start)) and len(self.gap(hit.start)) < 24:
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
        follows = next_start is not None and JOIN.match(self.text[item.end : next_start]) is not None
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

    def _measure(self, draft: Draft, item: Measured) -> None:
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
        elif name == "purity":
            self._purity(draft, quantity)
        elif name not in ("mass", "count", "money", "volume", "nanometres", "layers"):
            draft.properties.setdefault(name, quantity)
        elif name == "nanometres":
            draft.properties.setdefault("grain_size", Quantity(quantity.magnitude / 1000, "micrometer", quantity.bound))

    def _percent(self, draft: Draft, quantity: Quantity) -> None:
        element = draft.last_element
        if quantity.magnitude >= 90:
            self._purity(draft, quantity)
            if element is not None and draft.kind not in ("oxide",):
                draft.shares.setdefault(element, quantity)
        elif element is not None:
            draft.shares.setdefault(element, quantity)
            if quantity.magnitude == 0 and quantity.bound == "=":
                draft.elements[element] = False

    def _purity(self, draft: Draft, quantity: Quantity) -> None:
        """Two figures for one good ("sells a 99.8 and a 4N8 grade") leave the purity open: it must be asked."""
        named = draft.properties.get("purity")
        if named is not None and (named.magnitude, named.unit) != (quantity.magnitude, quantity.unit):
            draft.disputed.add("purity")
            del draft.properties["purity"]
        elif "purity" not in draft.disputed:
            draft.properties["purity"] = named or quantity

    # ---------------------------------------------------------------- helpers

    def settle(self) -> None:
        """What was left waiting goes to the last good; with no goods at all it becomes one of its own, for a follow-up."""
        self.flush()
        exact = [d for d in self.done if d.kind is not None or any(d.elements.values())]
        if exact:  # "... is a rare-earth licence needed?": a family's name by itself beside real goods
            self.done = [
                d for d in self.done if d in exact or AND_BEFORE.search(self.text[max(0, d.start - 12) : d.start])
            ]
        if not (self.pending or self.pending_elements or self.pending_forms):
            return
        if not self.done:
            self.done.append(Draft(0, 0))
        last = self.done[-1]
        for item in self.pending:
            self._measure(last, item)
        for element, there in self.pending_elements.items():
            last.elements.setdefault(element, there)
        last.forms.extend(f for f in self.pending_forms if not last.forms)

    def _broken(self, start: int) -> bool:
        return self.draft is not None and BREAK.search(self.gap(start)) is not None
