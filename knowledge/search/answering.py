"""How likely a passage answers a question: what speaks for it, weighed by weights learned from questions with known answers.

Unlike the ranking's scores, which order the passages of one question, the likelihood means the same from question to
question, so that a threshold can say "nothing here answers this" (`python -m knowledge.search.train_answering`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.search.likeness import NOT_ALIKE, Alike

Scores = npt.NDArray[np.floating[Any]]
WORDS = "-words"
"""Ends the name of a library that is searched by words only, without a model of meaning."""
ENOUGH = {"held": 0.45, "digests": 0.5, "held-words": 0.45, "digests-words": 0.5}
"""Chance that anything found answers, from which it is given as an answer: where texts are held, and where digests alone are.
Chosen on the development questions of `train_answering`: higher loses right answers, lower answers what nothing answers."""
STANDS_OUT = 0.15
"""Likelihood that the best passage must have besides: many that may answer a little are a sign that none does."""

_CUES: Mapping[str, re.Pattern[str]] = {
    "penalty": re.compile(
        r"罚款|罚金|有期徒刑|拘役|没收|处罚|处分|责任|吊销|撤销|\bfine|imprison|penalt|forfeit|civil|criminal|sanction|denial", re.I
    ),
    "definition": re.compile(r"是指|本法所称|本条例所称|包括|\bmeans?\b|\brefers? to\b|\bdefin|\bincludes?\b|\bis (?:a|an|any)\b", re.I),
    "procedure": re.compile(
        r"申请|提交|日内|工作日|受理|审查|办理|备案|登记|批准|\bappl(?:y|ic)|\bsubmit|\bdays?\b|\brequest|\bfile[ds]?\b|\bnotif|\bform\b", re.I
    ),
    "enforcement": re.compile(r"查获|判处|案|走私|通报|\bcases?\b|smuggl|seiz|convict|sentenc|charged|investigat", re.I),
    "change": re.compile(r"施行|废止|修改|修订|同时|effective|amend|repeal|supersed|revis", re.I),
}  # fmt: skip
_MONEY = r"元|美元|韩元|원|\$|€|£|\bUSD\b|\bEUR\b|\bdollars?\b|\beuros?\b|倍|multiple|times the"
FACTS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "contact": (
        re.compile(r"电话|热线|邮箱|网址|地址|\bphone\b|\bhotline\b|\be-?mail\b|\bwebsite\b|\baddress\b|\burl\b", re.I),
        re.compile(r"\d{3}[-)]\s?\d{3}|@|https?:|www\.|\d{5,}|\bAvenue\b|\bStreet\b", re.I),
    ),
    "rate": (
        re.compile(r"税率|费率|百分之几|几个点|比例|\b(?:tax|duty|interest|exchange) rates?\b|\bwhat per ?cent|\bpercentage\b|\brate\b", re.I),
        re.compile(r"%|％|百分之|万分之|千分之|per ?cent|比例|\brate", re.I),
    ),
    "money": (
        re.compile(
            r"多少钱|费用|收费|手续费|几万|罚多少|罚几|多少元|价格|运费|奖金|注册资本|\bfees?\b|\bcosts?\b|\bprice\b|\bhow much (?:is|are|does|do|can|would|money|in)\b|\bfines?\b|\bpremium\b", re.I
        ),
        re.compile(_MONEY, re.I),
    ),
    "time": (
        re.compile(
            r"多久|几天|多少天|几年|多少年|期限|什么时候|哪天|何时|几日|多长时间|\bhow long\b|\bhow many (?:days|years|months|working)\b|\bwhen\b|\bdeadline\b|\btime limit\b|\bturnaround\b", re.I
        ),
        re.compile(r"日|天|年|月|期|\bdays?\b|\byears?\b|\bmonths?\b|\bhours?\b|\bdate\b|\b(?:19|20)\d\d\b|일|년", re.I),
    ),
    "count": (
        re.compile(r"多少吨|几吨|多少公斤|几个|多少个|多少家|\bhow many\b|\bquota\b|\bhow heavy\b|指标", re.I),
        re.compile(r"\d|[一二三四五六七八九十百千万]", re.I),
    ),
}  # fmt: skip
"""Sorts of facts: how a question asks for one, and what a passage that gives one holds. The first that fits counts."""
_NEWS = ("enforcement_notice", "news")
NAMES = (
    *("bias", "coverage", "heading", "meaning", "above", "first", "rank"),
    *("other_coverage", "other_heading", "other_meaning", "other_above", "other_first", "other_rank"),
    *("digest", "digest_coverage", "digest_heading", "digest_first"),
    *("crossing", "literal", "act_named", "act_other", "act_unknown", "place_named", "place_other", "both"),
    *("cue", "uncued", "news", "news_asked", "ended", "tiny", "long", "country", "country_other", "title"),
    *("coverage_squared", "above_squared", "lead"),
    *("within", "within_first", "within_rank", "within_coverage", "within_above", "regime_first", "regime_rank"),
    *("regime_coverage", "regime_above", "formal_first", "formal_rank", "formal_coverage", "formal_above", "core"),
    *("subject", "subject_first", "subject_rank", "subject_coverage", "subject_squared", "agreement"),
    *("fact_there", "fact_lacking", "unknown", "unheld_country", "unknown_first", "length_of_question"),
    *("about_first", "about_rank", "about_coverage"),
    *("like", "like_closeness", "like_squared", "like_first", "like_rank", "like_lead", "like_lead_root"),
    *("like_within", "like_within_first"),
)


@dataclass(frozen=True)
class Run:
    """What one search says of a passage: `place` from 1 (0: it did not come up), and the reasons of `search.model.Why`."""

    place: int = 0
    coverage: float = 0.0
    heading: float = 0.0
    meaning: float = 0.0
    above: float = 0.0
    literals: int = 0


@dataclass(frozen=True)
class Clues:
    """What speaks for and against one passage.

    `own`: the search with the question's words; `other`: with its translation; `digest`: in the rule book's digests;
    `within`: in the act that the question names; `regime`: in the law of a country that it names; `formal`: with the words
    of law for its everyday ones; `subject`: in the subject index; `about`: in
    its lines on the acts or countries that the question names; `alike`: by meaning, among the questions of that index.
    `act` and `place` are 1 where the question names the passage's act or place, -1 where it names others, 0 where none;
    `country` likewise for the countries it names. `lead`: how far its best coverage lies above that of the next act.
    """

    own: Run = Run()
    other: Run = Run()
    digest: Run = Run()
    within: Run = Run()
    formal: Run = Run()
    regime: Run = Run()
    subject: Run = Run()
    about: Run = Run()
    core: bool = False  # an act that the rule book knows
    crossing: bool = False  # the passage is in another language than the question
    act: int = 0
    unknown_act: bool = False
    place: int = 0
    country: int = 0
    kind: str = ""
    ended: bool = False
    length: int = 0
    text: str = ""
    intent: str = ""
    asks: str = ""  # the sort of fact that is asked for: a key of FACTS
    unknown: int = 0  # words of the question that no text held and no list of terms knows
    unheld_country: bool = False  # it asks of a country none of whose law is held
    words: int = 0  # of the question
    alike: Alike = NOT_ALIKE  # to the questions that the subject index has for it

    @property
    def _runs(self) -> tuple[Run, ...]:
        return self.own, self.other, self.digest, self.within, self.formal, self.regime, self.subject

    def features(self) -> tuple[float, ...]:
        """One number a name of NAMES."""
        there = self.asks != "" and bool(FACTS[self.asks][1].search(self.text))
        cue = _CUES.get(self.intent)
        agrees = bool(cue and cue.search(self.text))
        literal = min(3, max(self.own.literals, self.other.literals, self.digest.literals)) / 3
        best = max(r.coverage for r in self._runs)
        above = max(r.above for r in self._runs)
        return (
            *(1.0, self.own.coverage, self.own.heading, 4 * self.own.meaning, self.own.above),
            *(float(self.own.place == 1), _rank(self.own.place)),
            *(self.other.coverage, self.other.heading, 4 * self.other.meaning, self.other.above),
            *(float(self.other.place == 1), _rank(self.other.place)),
            *(float(self.digest.place > 0), self.digest.coverage, self.digest.heading, float(self.digest.place == 1)),
            *(float(self.crossing), literal, float(self.act > 0), float(self.act < 0), float(self.unknown_act)),
            *(float(self.place > 0), float(self.place < 0), float(self.act > 0 and self.place > 0)),
            *(float(agrees), float(cue is not None and not agrees), float(self.kind in _NEWS)),
            *(float(self.kind in _NEWS and self.intent == "enforcement"), float(self.ended)),
            *(float(self.length < 12), min(2.0, self.length / 1500), float(self.country > 0), float(self.country < 0)),
            *(float(self.own.heading > 0.3 or self.other.heading > 0.3), best * best, above * above, best * above),
            *(float(self.within.place > 0), float(self.within.place == 1), _rank(self.within.place)),
            *(self.within.coverage, self.within.above),
            *(float(self.regime.place == 1), _rank(self.regime.place), self.regime.coverage, self.regime.above),
            *(float(self.formal.place == 1), _rank(self.formal.place), self.formal.coverage, self.formal.above),
            float(self.core),
            *(float(self.subject.place > 0), float(self.subject.place == 1), _rank(self.subject.place)),
            *(self.subject.coverage, self.subject.coverage**2),
            float(sum(0 < r.place <= 5 for r in self._runs)) / 3,
            *(float(there), float(self.asks != "" and not there), min(3, self.unknown) / 3, float(self.unheld_country)),
            *(float(self.unknown > 0 and self.subject.place != 1), min(40, self.words) / 40),
            *(float(self.about.place == 1), _rank(self.about.place), self.about.coverage),
            *(float(self.alike.place > 0), self.alike.closeness, self.alike.closeness**2),
            *(float(self.alike.place == 1), _rank(self.alike.place), self.alike.lead, max(0.0, self.alike.lead) ** 0.5),
            *(_rank(self.alike.within), float(self.alike.within == 1)),
        )


def _rank(place: int) -> float:
    return 1 / place if place else 0.0


@dataclass(frozen=True)
class Answering:
    """The learned weights, one a name of NAMES."""

    weights: tuple[float, ...]

    def likelihoods(self, clues: Sequence[Clues]) -> list[float]:
        """Of each candidate of one question, from 0 to 1; what is missing to 1 is the chance that none of them answers."""
        scores = [sum(w * x for w, x in zip(self.weights, c.features(), strict=True)) for c in clues]
        return [float(p) for p in likelihoods(np.array(scores))]


def likelihoods(scores: Scores) -> Scores:
    """Scores to chances, beside the chance that none is right, whose score is 0."""
    if not len(scores):
        return scores
    top = max(0.0, float(scores.max()))
    weights = np.exp(scores - top)
    out: Scores = weights / (weights.sum() + np.exp(-top))
    return out


@lru_cache(maxsize=4)
def answering(of: str) -> Answering:
    """The bundled weights for a library ("held") or for a fresh install ("digests"), with a model of meaning or by WORDS."""
    data = json.loads(files("knowledge.search").joinpath("answering.json").read_text(encoding="utf-8"))
    return Answering(tuple(float(data[of][name]) for name in NAMES))


def asked_fact(question: str) -> str:
    """The sort of fact that a question asks for, "" where none of FACTS."""
    return next((sort for sort, (asks, _) in FACTS.items() if asks.search(question)), "")
