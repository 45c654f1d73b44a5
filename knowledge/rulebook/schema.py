"""The shape of the rule files, checked by pydantic. Every key is named here; an unknown one is an error."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from knowledge.model import Confidence, Outcome, Status


class Strict(BaseModel):
    """No unknown keys, no changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _both_languages(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"en", "zh"} and all(value.values()):
        return value
    raise ValueError("a text needs both languages: {en: ..., zh: ...}")


Words = Annotated[dict[str, str], BeforeValidator(_both_languages)]
Flag = Annotated[bool, BeforeValidator(lambda v: {"true": True, "false": False}.get(v, v))]


class ReferenceRow(Strict):
    """Where a value is laid down."""

    instrument: str
    provision: str


class MeasureRow(Strict):
    """A dated status."""

    start: date = Field(alias="from")
    status: Status
    reference: ReferenceRow
    confidence: Confidence = Confidence.CONFIRMED


class ProvisionRow(Strict):
    """A digest in our own words."""

    id: str
    text: Words
    confidence: Confidence = Confidence.CONFIRMED


class EntryRow(Strict):
    """A control entry."""

    code: str
    description: Words
    goods: dict[str, Any]
    outcome: Outcome = Outcome.LICENCE_REQUIRED
    hs_reference: list[str] = []
    hs_exact: Flag = False
    confidence: Confidence = Confidence.CONFIRMED
    note: Words | None = None
    timeline: list[MeasureRow] | None = None


class RestrictionRow(Strict):
    """A rule on the deal."""

    id: str
    provision: str
    outcome: Outcome
    when: dict[str, Any]
    summary: Words
    confidence: Confidence = Confidence.CONFIRMED
    decides: Flag = True
    timeline: list[MeasureRow] | None = None


class Review(Strict):
    """Who compared the file with what, and when."""

    by: str
    on: date
    against: str


class InstrumentFile(Strict):
    """rules/<regime>/instruments/<id>.yaml: one instrument and all that it lays down."""

    id: str
    number: Words
    title: Words
    kind: str
    issuers: list[str]
    announced: date
    effective: date | None = None
    url: str
    evidence: str
    confidence: Confidence = Confidence.CONFIRMED
    reviewed: Review
    timeline: list[MeasureRow]
    provisions: list[ProvisionRow] = []
    entries: list[EntryRow] = []
    restrictions: list[RestrictionRow] = []


class PartyRow(Strict):
    """One listed party."""

    name: dict[str, str]
    aliases: list[str] = []
    country: str
    role: str | None = None
    timeline: list[dict[str, str]] | None = None
    confidence: Confidence | None = None
    note: Words | None = None


class PartyFile(Strict):
    """rules/<regime>/parties/*.yaml: the parties one announcement lists."""

    list_: str = Field(alias="list")
    instrument: str | None = None
    announced: date | None = None
    issuer: str | None = None
    url: str | None = None
    evidence: str | None = None
    confidence: Confidence
    complete: Flag = True
    expected_count: int | None = None
    note: Words | None = None
    timeline: list[dict[str, str]] = []
    parties: list[PartyRow]


class NeighbourRow(Strict):
    """Goods that are not dual-use but may need other papers."""

    id: str
    goods: dict[str, Any]
    searched: list[ReferenceRow]
    papers: list[ReferenceRow] = []
    note: Words


class CoverageRow(Strict):
    """A line of the registry of what is modelled."""

    id: str
    regime: str
    area: Words
    modelled: Flag
    instruments: list[str] = []
    note: Words | None = None


class TopicRow(Strict):
    """A question of law and where its answer stands."""

    id: str
    words: dict[str, list[str]]
    references: list[ReferenceRow]


class SplitRow(Strict):
    """When several small consignments to one buyer are a sign: how many within how many days, and what small is."""

    days: int = Field(gt=0)
    consignments: int = Field(gt=1)
    kilograms: Decimal = Field(gt=0)
    dollars: Decimal = Field(gt=0)


class SignRow(Strict):
    """A warning sign: words that carry it, what is computed from the deal, or from the asker's deals together."""

    id: str
    reference: ReferenceRow
    why: Words
    words: dict[str, list[str]] = {}
    transit: Flag = False
    controlled_only: Flag = False
    destinations: list[str] = []
    elements: list[str] = []
    split: SplitRow | None = None


class ProductRow(Strict):
    """Products known by name and the control codes the trade gives them."""

    names: list[str]
    context: list[str] = []
    codes: list[str]


class KindRow(Strict):
    """A node of the tree of goods."""

    id: str
    parent: str | None = None
    contains: list[str] = []
    may_contain: list[str] | None = None
    open: Flag = False
    article: Flag = False
    borderline: list[str] = []
    common: Flag = False
    not_modelled: Flag = False


class FormRow(Strict):
    """A shape."""

    id: str
    parent: str | None = None


class RefineRow(Strict):
    """What more facts make of a kind."""

    kind: str
    contains: str | None = None
    part: str | None = None
    becomes: str


class KindsFile(Strict):
    """rules/lexicon/kinds.yaml."""

    kinds: list[KindRow]
    forms: list[FormRow]
    groups: dict[str, list[str]]
    refine: list[RefineRow] = []
