"""The words of the field as frozen types. Plain data: nothing here reads a file, a clock or the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from knowledge.logic import Truth

Lang = Literal["en", "zh"]
Text = Mapping[str, str]
"""The same statement by language: {"en": ..., "zh": ...}."""


class Status(StrEnum):
    """Where a measure stands on a date."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    SUSPENSION_LAPSED = "suspension_lapsed"  # back in force on the text; no act confirming or extending was found
    NOT_YET_EFFECTIVE = "not_yet_effective"
    REPEALED = "repealed"


class Outcome(StrEnum):
    """What a regime says of a transaction. `no_licence_found` never means "allowed"."""

    PROHIBITED = "prohibited"
    LICENCE_REQUIRED = "licence_required"
    NEEDS_MORE_INFO = "needs_more_info"
    NO_LICENCE_FOUND = "no_licence_found"
    OUT_OF_SCOPE = "out_of_scope"

    @property
    def gravity(self) -> int:
        """Higher is graver; the gravest outcome of several is the answer's verdict."""
        return len(Outcome) - list(Outcome).index(self)


class Behaviour(StrEnum):
    """How the answer treats the question."""

    ANSWER = "answer"
    ASK = "ask"
    REFUSE_EVASION = "refuse_evasion"
    DECLINE_TOPIC = "decline_topic"


class Confidence(StrEnum):
    """Whether a fact was seen in an official or a second independent text. Unconfirmed shows on the user's screen."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


# ---------------------------------------------------------------- the law


@dataclass(frozen=True)
class Reference:
    """Where a dated value is laid down: an instrument and a provision of it."""

    instrument: str
    provision: str


@dataclass(frozen=True)
class Measure:
    """A status that begins on a day and lasts until the next measure of the same timeline begins."""

    start: date
    status: Status
    reference: Reference
    confidence: Confidence = Confidence.CONFIRMED


@dataclass(frozen=True)
class Provision:
    """A citable passage. `text` is our own digest until the official text has been ingested.

    `sha256` gives, by language, the hash of that language's text in UTF-8.
    """

    instrument: str
    id: str
    text: Text
    sha256: Text
    confidence: Confidence = Confidence.CONFIRMED
    digest: bool = True


@dataclass(frozen=True)
class Instrument:
    """A law, regulation, announcement, list or notice, with its own timeline."""

    id: str
    regime: str
    number: Text
    title: Text
    kind: str
    issuers: tuple[str, ...]
    announced: date
    effective: date | None
    url: str
    timeline: tuple[Measure, ...]
    provisions: tuple[Provision, ...]
    confidence: Confidence
    evidence: str


# ---------------------------------------------------------------- the question


@dataclass(frozen=True)
class Quantity:
    """A magnitude with a unit as pint writes it, and how the question bounds it (`= >= > <= <`).

    `upper` is set for a range ("99.95-99.995 %"): the value lies from `magnitude` to `upper`.
    """

    magnitude: Decimal
    unit: str
    bound: Literal["=", ">=", ">", "<=", "<"] = "="
    upper: Decimal | None = None


@dataclass(frozen=True)
class CodeCandidate:
    """A control code that a description may fall under: `regime`, `code` ("EAR99" for none of the list), how likely
    (0 to 1, calibrated), and whether the code is that of a product known by its name."""

    regime: str
    code: str
    probability: float
    known_product: bool = False


@dataclass(frozen=True)
class Good:
    """One of the goods in a question, as far as the question tells.

    `elements` maps a chemical symbol to True (there), False (stated absent). An element not in the map is absent
    unless the kind leaves it open. `shares` gives stated mass shares in per cent. `parts` are kinds of which the
    good is made or which it holds ("charger with GaN chips").
    """

    name: str
    kind: str = "material"
    elements: Mapping[str, bool] = field(default_factory=dict)
    may_contain: frozenset[str] = frozenset()
    complete: bool = False  # the elements given are all there are ("DyFe alloy", a formula)
    shares: Mapping[str, Quantity] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    properties: Mapping[str, Quantity] = field(default_factory=dict)
    dimensions: tuple[Quantity, ...] = ()
    hs: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()  # readings the answer must own up to ("dysprosium" read as the metal)
    candidates: tuple["CodeCandidate", ...] = ()  # codes the classification desk finds likely, best first
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Place:
    """A place of the route: ISO 3166-1 alpha-2 country, and the words that named it."""

    country: str
    name: str


@dataclass(frozen=True)
class ListedParty:
    """A party on an official list, or (list `military_user`) one known to serve armed forces."""

    id: str
    name: Text
    aliases: tuple[str, ...]
    country: str
    list: str
    instrument: str
    timeline: tuple[Measure, ...]
    confidence: Confidence


@dataclass(frozen=True)
class PartyMatch:
    """A party the question names. `score` is 100 for the listed name or an alias itself, lower for a close one."""

    name: str
    party: ListedParty
    score: float
    counts: bool = False  # so close that it counts as the party, which the answer still asks to have identified


@dataclass(frozen=True)
class Span:
    """A stretch of days; one day where `first == last`."""

    first: date
    last: date


@dataclass(frozen=True)
class Ownership:
    """A share in a party that the question states: per cent where a number is given, and whether the owner is listed."""

    share: Quantity | None = None
    listed_owner: Truth = None
    lists: tuple[str, ...] = ()  # the lists the owner is on, as far as stated or found: EL, MEU, SDN


@dataclass(frozen=True)
class Transaction:
    """What the question says of the deal. None and empty mean: not said."""

    goods: tuple[Good, ...] = ()
    origin: Place | None = None
    origin_assumed: bool = False  # no origin in the words: the asker's home country was taken
    destination: Place | None = None
    transit: tuple[Place, ...] = ()
    parties: tuple[PartyMatch, ...] = ()
    named_parties: tuple[str, ...] = ()  # end users and consignees named but found on no list
    possible_parties: tuple[PartyMatch, ...] = ()  # listed parties that a name may be: shown, never deciding
    end_use: str | None = None  # civil, military, wmd
    end_use_text: str = ""
    when: Span | None = None
    chinese_origin: Truth = None  # goods outside China that came from China
    chinese_content: Quantity | None = None  # value share of Chinese controlled rare earths, per cent
    chinese_technology: Truth = None
    licence_held: str | None = None  # individual, general
    transfer: bool = False  # technology or data handed over, not goods moved
    us_origin: Truth = None  # goods of United States origin, wherever they are
    us_content: Quantity | None = None  # value share of controlled United States content, per cent
    us_technology: Truth = None  # made abroad with controlled United States technology, software or plant
    us_terms: bool = False  # asked in the words of the EAR ("EAR99", "BIS licence")
    value: Quantity | None = None  # of the shipment, in US dollars
    ownership: Ownership | None = None  # of the consignee or end user
    broker_in: Place | None = None  # where the broker sits, if said
    release_to: Place | None = None  # the country of a person to whom technology is released
    concerns: tuple[str, ...] = ()  # end uses that part 744 names: supercomputer, advanced_node, military_intelligence


# ---------------------------------------------------------------- the answer


@dataclass(frozen=True)
class Step:
    """One rule tried: what it asked, what came out and why. `children` are the conditions below it."""

    label: str
    truth: Truth
    why: str = ""
    children: tuple["Step", ...] = ()


@dataclass(frozen=True)
class Missing:
    """A fact that decides and that the question does not give. `fact` is a stable key such as `contains:Dy`."""

    fact: str
    why: str = ""
    decides: bool = True
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Licence:
    """The licence a determination calls for. `kind` is individual, general_possible or special_approval."""

    kind: str
    authority: str
    provisions: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One rule of a regime that matters to the answer: it applies, might apply, or was considered and does not."""

    rule: str  # control code or restriction id
    truth: Truth
    status: Status | None
    outcome: Outcome
    reference: Reference
    measure: Measure | None = None
    good: int | None = None
    missing: tuple[Missing, ...] = ()
    confidence: Confidence = Confidence.CONFIRMED
    because: str = ""  # key of a sentence in the message catalogue, where the rule needs one of its own


@dataclass(frozen=True)
class Remark:
    """A sentence that a regime wants said: a key of the message catalogue, the values in it, the passages under it.

    `section` is the part of the answer it belongs to: why, deal, licence, papers or not_checked. A value may be a plain
    string, the same in both languages, or a Text. The catalogue's message has a field `marks` where the numbers of the
    references go, in their order.
    """

    section: str
    key: str
    values: Mapping[str, str | Text] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Determination:
    """One regime's outcome, with everything needed to explain and to recompute it.

    `remarks` is the reasoning of a regime that words its own (US, EU), in the order an officer would write it.
    """

    regime: str
    outcome: Outcome
    status: Status
    entries: tuple[str, ...]
    instruments: tuple[str, ...]
    licence: Licence | None
    missing: tuple[Missing, ...]
    findings: tuple[Finding, ...]
    trace: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class RedFlag:
    """A warning sign read from the question: it raises a question and never decides."""

    id: str
    why: Text
    reference: Reference


@dataclass(frozen=True)
class Citation:
    """A numbered quote: `text[start:end] == quote` in the stored provision whose hash is `sha256`."""

    n: int
    instrument: str
    provision: str
    title: str
    url: str
    quote: str
    sha256: str
    start: int
    end: int
    effective_from: date | None
    effective_to: date | None
    confidence: Confidence
    digest: bool = True
    page: int | None = None
    label: str = ""  # what the official text calls the place ("第十二条"); empty for a digest
    language: str = ""  # of the quote: an official text is quoted as it was published
    stored: str = ""  # id of the library's provision, where the passage was found by search rather than by a rule
    kind: str = ""  # of its instrument, where found by search: law, regulation, ..., guidance, news
    standing: str = (
        ""  # of its instrument on the day, where found by search: in_force, repealed, not_yet_effective, undated
    )


@dataclass(frozen=True)
class Section:
    """A part of the answer's text: what it is about (a key of the message catalogue) and its lines."""

    key: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Checks:
    """What the verifier found in one answer, counted. Quotes: as stored, put right, another passage's, nowhere.
    `dropped`: sentences that their sources do not bear and that were left out."""

    verified: int = 0
    repaired: int = 0
    misattributed: int = 0
    not_found: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Wording:
    """A language model's part in an answer: its name, the hash of the prompts it was given, and what it did, of
    `read` (slots of the transaction), `reworded` (the text) and `summarised` (passages)."""

    model: str
    prompts: str
    did: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The whole answer; `bot.render` turns it into a terminal page, a chat message or JSON."""

    question: str
    lang: Lang
    on: date
    behaviour: Behaviour
    verdict: Outcome
    determinations: tuple[Determination, ...]
    transaction: Transaction
    red_flags: tuple[RedFlag, ...]
    missing: tuple[Missing, ...]
    questions: tuple[str, ...]
    citations: tuple[Citation, ...]
    text: str
    sections: tuple[Section, ...]
    rulebook: str
    generation: str
    id: str | None = None
    continues: bool = False  # it changed the case that was given, rather than opening a new one
    intent: str = "licence"  # what was asked for: a value of knowledge.reading.intent.Intent
    checks: Checks = Checks()
    wording: Wording | None = None  # None: no language model had a part in it
