"""ask(): question in, Answer out. The one way through: read, determine, look for signs, compose, verify."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from knowledge import compose
from knowledge.case import merge, opens_new
from knowledge.citing import Citations, Official
from knowledge.classified import with_candidates
from knowledge.compose import DECREE, LAW, Draft
from knowledge.determine import Determined, determine
from knowledge.errors import BadInput, NavicertError
from knowledge.model import (
    Answer,
    Behaviour,
    Good,
    Lang,
    Missing,
    Outcome,
    RedFlag,
    Reference,
    Section,
    Transaction,
)
from knowledge.openlaw.answer import Told, asks_since, beside, changed, told
from knowledge.openlaw.model import Searched, Texts
from knowledge.openlaw.routing import (
    ASKS,
    PERHAPS,
    SURE,
    SURELY,
    chance_of_law,
    described,
    is_the_answer,
    stands_beside,
)
from knowledge.parties import with_parties
from knowledge.reading.chemistry import parse
from knowledge.reading.codes import numbered
from knowledge.reading.evasion import SHADY, asks_for_evasion
from knowledge.reading.facts import wanted_fact
from knowledge.reading.intent import Intent, intent, names_a_deal, of_the_field, of_the_law
from knowledge.reading.read import Reader, Reading, reader
from knowledge.redflags import signs
from knowledge.rulebook import RuleBook, load
from knowledge.rulebook.book import ControlEntry
from knowledge.settings import Settings
from knowledge.verify import Evidence, engine_facts, gate
from knowledge.verify.stored import held as held_texts

if TYPE_CHECKING:
    from knowledge.classify.desk import Desk
    from knowledge.screening.service import Screening

OPEN = frozenset((Intent.LAW, Intent.DEFINITION, Intent.PROCEDURE, Intent.PENALTY, Intent.ENFORCEMENT, Intent.CHANGE))
"""What is answered from the law's own words."""
FAR = 0.8
"""Likelihood that a passage must have to answer a question with no word of the field in it."""

_OF_GOODS = frozenset(("elements", "kinds", "forms", "formula", "groups"))

NOTHING_INGESTED = "0"
"""The generation of an index that holds no document: the bundled digests alone answer."""

_LAW_OF_EVASION = {
    "CN": (
        Reference(LAW, "34"),
        Reference(DECREE, "39"),
        Reference(LAW, "20"),
        Reference(DECREE, "41"),
        Reference(LAW, "43"),
    ),
    "US": (
        Reference("US-EAR-764", "764.2(h)"),
        Reference("US-EAR-764", "764.2(g)"),
        Reference("US-EAR-764", "764.2"),
    ),
    "EU": (Reference("EU-2021-821", "3"),),
}
_ROUND_THE_SANCTIONS = Reference("EU-833-2014", "12")


@dataclass(frozen=True)
class Advisor:
    """The rule book with the settings of this process; the date of every question is a parameter."""

    settings: Settings
    book: RuleBook = field(default_factory=load)
    official: Official | None = None  # the ingested texts, where there are any
    screens: "Callable[[], Screening] | None" = None  # screening with an ingested list; None: the bundled ones
    texts: Callable[[], Texts] | None = None  # where the law's own words are searched; None: topics alone are explained

    @cached_property
    def screening(self) -> "Screening":
        """Every list of parties; nothing of them is read before a question names one."""
        if self.screens is not None:
            return self.screens()
        from knowledge.screening.service import Screening

        return Screening(self.book, self.settings.home / "cache")

    @cached_property
    def desk(self) -> "Desk":
        """The classification desk, for goods that carry no control code."""
        from knowledge.classify.desk import load as load_desk

        return load_desk(self.book.compiled, self.reader, self.settings.home / "cache")

    @cached_property
    def reader(self) -> Reader:
        """The reader of the rule book."""
        return reader(self.book, self.settings.home / "cache")

    def ask(self, question: str, on: date, *, lang: Lang | None = None, case: Transaction | None = None) -> Answer:
        """The answer to a question put on the day `on`, in `lang` or in the question's own language.

        `case` is the transaction of the conversation so far; a follow-up changes what it names and keeps the rest.
        Raises BadInput for a question without any text.
        """
        self._refresh()
        read = self.reader.read(question, on, self.settings.home_country)
        if not read.text:
            raise BadInput("The question is empty. Write what you ship, from where to where, and for whom.")
        spoken: Lang = lang or ("zh" if read.lang == "zh" else "en")
        answer = self._asked(question, read, on, spoken, case)
        return replace(answer, continues=case is not None and not opens_new(case, read))

    def again(self, before: Answer, on: date, *, deal: Transaction | None = None, lang: Lang | None = None) -> Answer:
        """The question of `before` once more: on another day, in another language, or with its deal changed to `deal`.

        A shipping day that the question gives is dropped where another day is asked for. What was refused or declined stays so.
        """
        self._refresh()
        spoken = lang or before.lang
        read = self.reader.read(before.question, on, self.settings.home_country)
        changed = deal if deal is not None else before.transaction
        if on != before.on and deal is None:
            changed = replace(changed, when=None)
        determined = before.behaviour in (Behaviour.ANSWER, Behaviour.ASK) and before.intent == Intent.LICENCE
        if determined and (changed.goods or changed.destination):
            quoted = deal is None and any(s.key == "law" for s in before.sections)
            found = self._law_on(read, on, self._chance_of_law(read, Intent.LICENCE)) if quoted else None
            answer = self._answer(before.question, read, changed, on, spoken, (), found)
        else:
            answer = self._asked(before.question, read, on, spoken, None)
        return replace(answer, continues=True)

    def _refresh(self) -> None:
        if self.official is not None:
            self.official.refresh()

    def _asked(self, question: str, read: Reading, on: date, spoken: Lang, case: Transaction | None) -> Answer:
        if not read.text.strip():  # nothing in it speaks of a deal or of law: orders to the assistant, other matters
            return self._decline(question, case or read.transaction, on, spoken)
        goods = [(h.start, h.end) for h in read.hits if h.section in _OF_GOODS]
        named = with_parties(read.transaction, read.text, self.screening, on, [*goods, *read.codes.spans])
        read = replace(read, transaction=named)
        deal = _without_leftovers(merge(case, read) if case is not None else named)
        wanted = intent(read, follow_up=case is not None)
        chance = self._chance_of_law(read, wanted) if case is None else 0.0
        found = self._law_on(read, on, chance) if wanted is Intent.LICENCE else None
        if found is not None and is_the_answer(chance, found):
            wanted = of_the_law(read)
        shady = asks_for_evasion(
            read.masked,
            read.cues,
            follow_up=case is not None,
            of_law=wanted in OPEN or (found is not None and chance >= ASKS),
            known=chance >= SURE,
        )
        if (read.false_declaration or shady) and self._could_be_evaded(deal, read):
            return self._refuse(question, read, deal, on, spoken)
        topics = tuple(dict.fromkeys(h.value for h in read.hits if h.section == "topic"))
        if self.texts is not None and wanted in OPEN:
            return self._of_law(question, read, deal, on, spoken, wanted, topics, chance, found)
        asks_law = topics or read.codes.announcements or _hypothetical_list(read)
        if asks_law and not any(_specific(g) for g in deal.goods) and not (deal.destination and deal.goods):
            return self._explain(question, read, deal, on, spoken, topics)
        stated_route = deal.destination is not None and not deal.origin_assumed
        if not self._concerns(deal, read) and not (deal.destination and (deal.goods or stated_route)):
            answer = self._decline(question, deal, on, spoken)
        else:
            answer = self._answer(question, read, deal, on, spoken, topics, found)
        after_all = wanted is Intent.LICENCE and case is None and self.texts is not None
        if after_all and undetermined(read, answer):
            return self._of_law_after_all(question, read, deal, on, spoken, found) or answer
        return answer

    def _of_law_after_all(
        self, question: str, read: Reading, deal: Transaction, on: date, lang: Lang, found: Searched | None
    ) -> Answer | None:
        """What the texts say, where no regime had anything to say of the message and they surely answer it."""
        found = found or self.lawtexts.find(read.text, on, Intent.LAW, countries=self.reader.countries(read.text))
        if found.likelihood < SURELY:
            return None
        return self._of_law(question, read, deal, on, lang, Intent.LAW, (), found=found)

    def _law_on(self, read: Reading, on: date, chance: float) -> Searched | None:
        """What the texts say on a message that names a deal in part, where that is its answer or stands beside a
        determination. `chance` is that it asks what the law says."""
        if chance < PERHAPS:
            return None
        found = self.lawtexts.find(read.text, on, of_the_law(read), countries=self.reader.countries(read.text))
        return found if is_the_answer(chance, found) or stands_beside(chance, found) else None

    def _chance_of_law(self, read: Reading, wanted: Intent) -> float:
        """That it asks what the law says; 0 where there is no telling, or no need: a deal that is described is determined."""
        if self.texts is None or wanted is Intent.SMALLTALK or (wanted is Intent.LICENCE and described(read)):
            return 0.0
        near = self.lawtexts.nearness(read.text)
        return chance_of_law(read, near) if near is not None else 0.0

    def _classified(self, deal: Transaction, read: Reading) -> Transaction:
        """With codes from the desk where United States or Union law needs one and the question gives none."""
        home = self.settings.home_country
        return with_candidates(deal, read.described, lambda: self.desk, home, self.book.taxonomy)

    def _could_be_evaded(self, deal: Transaction, read: Reading) -> bool:
        """Small talk and recipes are no requests for evasion, whatever their words."""
        return self._concerns(deal, read) or bool(SHADY & set(read.cues))

    def _concerns(self, deal: Transaction, read: Reading) -> bool:
        """Does the message speak of trade, or of goods that are more than everyday ones?"""
        tax = self.book.taxonomy
        special = any(not tax.flagged(g.kind, "common") or any(g.elements.values()) for g in deal.goods)
        return special or _about_trade(read)

    # ------------------------------------------------------------ the kinds of answer

    def _answer(
        self,
        question: str,
        read: Reading,
        deal: Transaction,
        on: date,
        lang: Lang,
        topics: tuple[str, ...],
        found: Searched | None = None,
    ) -> Answer:
        """A deal determined; `found`: passages to quote beside it."""
        deal = self._classified(deal, read)
        determined = determine(deal, self.book, on, home=self.settings.home_country, domestic=read.domestic)
        draft = self._draft(deal, determined.on, lang)
        red = signs(deal, read.hits, determined.verdict, self.book)
        missing = determined.missing if determined.verdict is Outcome.NEEDS_MORE_INFO else _caveats(determined, deal)
        if determined.verdict is Outcome.NEEDS_MORE_INFO and not deal.destination and determined.determinations:
            missing = (*missing, Missing("destination", decides=False))
        asked = compose.questions(draft, missing)
        held = beside(draft, found, of_the_law(read)) if found is not None else None
        sections = [compose.verdict_line(draft, f"verdict.{determined.verdict}"), *(held.sections if held else ())]
        sections.append(compose.why(draft, determined))
        for determination in determined.determinations:
            sections += [
                compose.deal_rules(draft, determination),
                compose.licence(draft, determination),
                compose.papers(draft, determination),
            ]
        sections.append(compose.parties_abroad(draft, {d.regime for d in determined.determinations}))
        needed = Section("missing", tuple(text for _, text in asked))
        if determined.verdict is Outcome.NEEDS_MORE_INFO:
            sections.insert(1, needed)  # the question comes before its grounds
        else:
            sections.append(needed)
        sections += [
            compose.flags(draft, red),
            Section(
                "not_checked", (*_owned_up(draft, determined, read), *compose.not_checked(draft, determined).lines)
            ),
        ]
        self._topic_lines(draft, sections, topics, {d.regime for d in determined.determinations})
        nothing_said = determined.verdict is Outcome.NEEDS_MORE_INFO and not any(
            g.elements or g.codes for g in deal.goods
        )
        behaviour = Behaviour.ASK if nothing_said or _only_questions(determined) else Behaviour.ANSWER
        return self._finish(
            question, deal, draft, behaviour, determined.verdict, determined, red, asked, sections, held
        )

    def _refuse(self, question: str, read: Reading, deal: Transaction, on: date, lang: Lang) -> Answer:
        determined = determine(deal, self.book, on, home=self.settings.home_country)
        draft = self._draft(deal, determined.on, lang)
        lines = [draft.say("refuse.why")]
        seen: set[str] = set()
        for index, good in enumerate(deal.goods):
            for entry in self._entries_named(good)[:3]:
                if entry.code in seen:
                    continue
                seen.add(entry.code)
                description = entry.description[lang].rstrip(" .。")
                n = draft.marks.cite(entry.reference)
                lines.append(
                    draft.say("refuse.goods", good=draft.good(index), code=entry.code, description=description, n=n)
                )
        named = {h.value for h in read.hits if h.section == "elements"}
        named |= {e for h in read.hits if h.section == "formula" and (f := parse(h.value)) for e in f.elements} - {"O"}
        for symbol in sorted(named - {e for c in seen for e in self.book.by_code[c].elements}):
            # Goods that the sentence hides behind others ("solder paste on the papers for the Dy powder").
            metal = next((e for e in self.book.entries if symbol in e.elements and e.kinds & {"metal"}), None)
            if metal is not None:
                description = metal.description[lang].rstrip(" .。")
                n = draft.marks.cite(metal.reference)
                lines.append(draft.say("refuse.element", code=metal.code, description=description, n=n))
        regimes = [d.regime for d in determined.determinations] or ["CN"]
        broken = [r for regime in regimes for r in _LAW_OF_EVASION[regime]]
        if "EU" in regimes and deal.destination is not None and deal.destination.country == "RU":
            broken.append(_ROUND_THE_SANCTIONS)
        law = [draft.say("refuse.law", text=draft.marks.text(r), n=draft.marks.cite(r)) for r in broken]
        lawful = []
        if "CN" in regimes:
            lawful.append(draft.say("refuse.lawful", n=draft.cite(DECREE, "16"), m=draft.cite(LAW, "31")))
        if "US" in regimes:
            apply, disclose = draft.cite("US-EAR-738", "738.4"), draft.cite("US-EAR-764", "764.5")
            lawful.append(draft.say("refuse.lawful_us", n=apply, m=disclose))
        if "EU" in regimes:
            lawful.append(draft.say("refuse.lawful_eu", n=draft.cite("EU-2021-821", "3")))
        red = signs(deal, read.hits, Outcome.PROHIBITED, self.book)
        sections = [
            Section("verdict", (draft.say("verdict.refuse"),)),
            Section("why", (*lines, *law)),
            Section("lawful", (*lawful, draft.say("refuse.twin"))),
            compose.flags(draft, red),
        ]
        return self._finish(
            question, deal, draft, Behaviour.REFUSE_EVASION, Outcome.PROHIBITED, determined, red, (), sections
        )

    def _entries_named(self, good: Good) -> list[ControlEntry]:
        """The control entries that the good fits, else those that share an element with it."""
        tax = self.book.taxonomy
        fits = [e for e in self.book.entries if e.goods.test(good, tax).truth is True]
        holds = {e for e, there in good.elements.items() if there and e != "O"} | tax.holds(good.kind)
        holds |= {e for p in good.parts for e in tax.holds(p)}
        parts = [
            e for e in self.book.entries for p in good.parts if e.goods.test(replace(good, kind=p, parts=()), tax).truth
        ]
        named = [e for c in good.codes for e in self.book.under(c)]
        return fits or named or parts or [e for e in self.book.entries if e.elements & holds and e.elements <= holds]

    def _explain(
        self, question: str, read: Reading, deal: Transaction, on: date, lang: Lang, topics: tuple[str, ...]
    ) -> Answer:
        draft = self._draft(deal, on, lang)
        sections = [Section("verdict", (draft.say("verdict.topic"),))]
        self._topic_lines(draft, sections, topics)
        lines = [compose.passage(draft, reference) for reference in self._announced(read)]
        for match in deal.parties:
            if match.party.instrument:
                lines += compose.party_lines(draft)
                break
        sections += [Section("why", tuple(lines)), Section("not_checked", (draft.say("not_checked.advice"),))]
        return self._finish(question, deal, draft, Behaviour.ANSWER, Outcome.OUT_OF_SCOPE, None, (), (), sections)

    def _of_law(
        self,
        question: str,
        read: Reading,
        deal: Transaction,
        on: date,
        lang: Lang,
        wanted: Intent,
        topics: tuple[str, ...],
        chance: float = 0.0,
        found: Searched | None = None,
    ) -> Answer:
        """A question about the law itself: quotes of what answers it, or the plain word that nothing held does."""
        draft = self._draft(deal, on, lang)
        countries = self.reader.countries(read.text)
        found = found or self.lawtexts.find(read.text, on, wanted, countries=countries)
        fact = wanted_fact(read.text)
        general = [r for r in self._topic_references(topics) if fact.held(self._said(r))]
        references = (*general, *self._announced(read))
        if not of_the_field(read) and chance < SURE and not references and found.likelihood < FAR:
            return self._decline(question, deal, on, lang)
        named_change = wanted is Intent.CHANGE and bool(read.codes.announcements)
        if named_change:
            found = replace(found, passages=(), likelihood=0.0, answers=False)  # the timeline of what it names answers
        held = told(draft, found, wanted, references)
        sections = list(held.sections)
        behaviour = Behaviour.ANSWER
        if wanted is Intent.CHANGE and (held.silent or named_change or asks_since(read, on)):
            opening = Section("verdict", (draft.say("verdict.topic"), draft.say("open.as_of", on=on)))
            section, facts = changed(draft, read)
            sections = [opening, section, *(() if held.silent else held.sections[1:])]
            held = replace(held, silent=False, facts=(*held.facts, *facts))
        if held.silent:
            behaviour = Behaviour.DECLINE_TOPIC
        answer = self._finish(question, deal, draft, behaviour, Outcome.OUT_OF_SCOPE, None, (), (), sections, held)
        return replace(answer, intent=str(wanted))

    def _topic_references(self, topics: tuple[str, ...]) -> tuple[Reference, ...]:
        return tuple(r for topic in self.book.topics if topic.id in topics for r in topic.references)

    def _said(self, reference: Reference) -> str:
        """The rule book's own words on a provision, in every language."""
        found = self.book.find(reference)
        return "\n".join(found.text.values()) if found is not None else ""

    def _announced(self, read: Reading) -> tuple[Reference, ...]:
        """The provisions of the announcements that the question names by number."""
        return tuple(
            Reference(p.instrument, p.id)
            for number, year in read.codes.announcements
            for instrument in self.book.instruments.values()
            if numbered(instrument.id, number, year)
            for p in instrument.provisions[:4]
        )

    @cached_property
    def lawtexts(self) -> Texts:
        """Where the law's own words are searched; opened at the first question that needs it."""
        if self.texts is None:
            raise NavicertError("no search of the law's texts was given to this advisor")
        return self.texts()

    def _decline(self, question: str, deal: Transaction, on: date, lang: Lang) -> Answer:
        draft = self._draft(deal, on, lang)
        sections = [Section("verdict", (draft.say("verdict.decline"), draft.say("decline.what")))]
        return self._finish(
            question, deal, draft, Behaviour.DECLINE_TOPIC, Outcome.OUT_OF_SCOPE, None, (), (), sections
        )

    # ------------------------------------------------------------ pieces

    def _draft(self, deal: Transaction, on: date, lang: Lang) -> Draft:
        return Draft(self.book, lang, deal, on, Citations(self.book, lang, on, self.official))

    def _topic_lines(
        self, draft: Draft, sections: list[Section], topics: tuple[str, ...], regimes: Collection[str] = ()
    ) -> None:
        """What the law says on the topics asked about; of the `regimes` that have a say, where any has."""
        lines = []
        for topic in self.book.topics:
            if topic.id in topics:
                for reference in topic.references:
                    if not regimes or self.book.instruments[reference.instrument].regime in regimes:
                        lines.append(compose.passage(draft, reference))
        if not lines:
            return
        there = next((n for n, section in enumerate(sections) if section.key == "law"), None)
        if there is None:
            sections.insert(-1 if len(sections) > 2 else len(sections), Section("law", tuple(dict.fromkeys(lines))))
        else:  # passages that a search brought stand first
            sections[there] = Section("law", tuple(dict.fromkeys((*sections[there].lines, *lines))))

    def _finish(
        self, question: str, deal: Transaction, draft: Draft, behaviour: Behaviour, verdict: Outcome,
        determined: Determined | None, red: tuple[RedFlag, ...], asked: tuple[tuple[Missing, str], ...], sections: list[Section],
        found: Told | None = None,
    ) -> Answer:  # fmt: skip
        """The answer, with what its sources do not bear left out. `found`: what a search brought in."""
        determinations = determined.determinations if determined else ()
        brought = found or Told((), False)
        facts = (*engine_facts(deal, determinations, draft.on, self.book), *brought.facts)
        stored = held_texts(self.book, draft.lang, self.official, draft.on, lambda c: brought.texts.get(c.sha256))
        checked = gate(
            tuple(s for s in sections if s.lines),
            draft.marks.all(),
            Evidence(question=question, verdict=verdict, facts=facts),
            stored,
        )
        kept, citations, text = checked.sections, checked.citations, checked.text
        return Answer(
            question=question,
            lang=draft.lang,
            on=draft.on,
            behaviour=behaviour,
            verdict=verdict,
            determinations=determinations,
            transaction=deal,
            red_flags=red,
            missing=tuple(m for m, _ in asked),
            questions=tuple(text for _, text in asked),
            citations=citations,
            text=text,
            sections=kept,
            rulebook=self.book.hash,
            generation=self.official.generation if self.official else NOTHING_INGESTED,
            checks=checked.checks,
        )


def undetermined(read: Reading, answer: Answer) -> bool:
    """Was a message without a deal in it taken for one, so that no regime had anything to say of it?"""
    if names_a_deal(read):
        return False
    nothing = answer.verdict is Outcome.NO_LICENCE_FOUND and not answer.transaction.goods
    return nothing or answer.verdict is Outcome.OUT_OF_SCOPE


def _without_leftovers(deal: Transaction) -> Transaction:
    """Numbers and absences that belong to no goods are no goods."""
    kept = tuple(g for g in deal.goods if not loose(g))
    return replace(deal, goods=kept) if len(kept) != len(deal.goods) else deal


def loose(good: Good) -> bool:
    """Only a number, a form or an absence: it says something of goods named before."""
    return (
        good.kind == "material"
        and not any(good.elements.values())
        and not good.may_contain
        and not good.codes
        and not good.hs
    )


def _specific(good: Good) -> bool:
    """Named closely enough to determine, not "controlled metal" or "rare earths" at large."""
    vague = good.kind in (
        "material",
        "metal",
        "alloy",
        "mixture",
        "compound",
        "oxide",
        "ore",
        "equipment",
        "technology",
    )
    return bool(any(good.elements.values()) or good.codes or good.hs) or not vague


def _about_trade(read: Reading) -> bool:
    return any(h.section == "intent" for h in read.hits) or bool(read.codes.announcements or read.transaction.parties)


def _hypothetical_list(read: Reading) -> bool:
    return bool(read.transaction.parties) and not read.transaction.goods and read.transaction.destination is None


def _caveats(determined: Determined, deal: Transaction) -> tuple[Missing, ...]:
    """Facts worth asking for although the verdict stands without them."""
    facts: list[Missing] = []
    if determined.verdict is Outcome.LICENCE_REQUIRED and not deal.parties and not deal.named_parties:
        facts.append(Missing("end_user", decides=False))
    if determined.verdict is Outcome.LICENCE_REQUIRED and deal.destination is None:
        facts.append(Missing("destination", decides=False))
    facts += [m for m in determined.missing if m.fact == "date"]
    return tuple(facts)


def _only_questions(determined: Determined) -> bool:
    return (
        bool(determined.missing)
        and determined.verdict is Outcome.NEEDS_MORE_INFO
        and not any(
            f.truth and f.outcome is Outcome.NEEDS_MORE_INFO for d in determined.determinations for f in d.findings
        )
    )


def _owned_up(draft: Draft, determined: Determined, read: Reading) -> tuple[str, ...]:
    lines = compose.unconfirmed(draft, determined)
    if read.left_out:
        lines.append(draft.say("not_checked.left_out"))
    if read.truncated:
        lines.append(compose.truncated(draft))
    return tuple(lines)
