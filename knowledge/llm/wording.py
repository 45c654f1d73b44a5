"""A summary of a composed answer in a model's words, sentence by sentence: each is judged before it counts.

Two judges have to agree: `paraphrase` that the sentence only shortens a line of the answer, and the verifier that the passages
it cites bear it. Nothing composed is changed; the summary is a section of its own behind the verdict.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge import naming
from knowledge.llm import prompts
from knowledge.llm.manners import fault
from knowledge.llm.paraphrase import Line, lines, shortens, states, verdict
from knowledge.llm.seam import Message
from knowledge.model import Answer, Citation, Reference, Section
from knowledge.rulebook.book import RuleBook
from knowledge.verify import Evidence, engine_facts, problems, sentences, source
from knowledge.wording import say

KEY = "summary"
MOST = 5
"""Sentences of a summary."""
_JUDGED = 16
"""Sentences of a model that are looked at; one that talks on is cut off."""
_SHOWN = ("why", "law", "deal", "licence", "papers", "flags", "lawful")
_LINES = 24
_LINE = 1_000
_LICENCE = "licence"


@dataclass(frozen=True)
class Ground:
    """What the sentences of one summary may be made of, and what they are judged by."""

    answer: Answer
    texts: tuple[str, ...]
    verdict: str  # its words, "" where the answer decides nothing
    about_verdict: Line | None
    lines: tuple[Line, ...]
    evidence: Evidence
    whole: str

    @property
    def did(self) -> Literal["reworded", "summarised"]:
        """What a summary of this is."""
        return "reworded" if self.verdict else "summarised"


@dataclass(frozen=True)
class Summary:
    """The sentences that were borne out, in the model's order, and how many were not."""

    sentences: tuple[str, ...]
    dropped: int


def ground(answer: Answer, book: RuleBook) -> Ground | None:
    """What a summary of the answer may be made of; None where there is nothing to shorten."""
    head = next((s for s in answer.sections if s.key == "verdict"), None)
    shown = [s for s in answer.sections if s.key in _SHOWN or (answer.intent != _LICENCE and _of_law(s))]
    texts = tuple(line for s in shown for line in s.lines if len(line) <= _LINE)[:_LINES]
    if head is None or not texts or not answer.citations:
        return None
    deciding = answer.intent == _LICENCE and bool(answer.determinations)
    goods = [naming.good(book, answer.lang, g) for g in answer.transaction.goods]
    everything = tuple(line for s in answer.sections for line in s.lines)
    sources = {c.n: source(c, (c.quote, *_texts(book, Reference(c.instrument, c.provision)))) for c in answer.citations}
    evidence = Evidence(
        sources=sources,
        question="",  # what the person wrote is no ground for what the law says
        verdict=answer.verdict if deciding else None,
        facts=engine_facts(answer.transaction, answer.determinations, answer.on),
        composed=everything,
    )
    quoted = () if deciding else tuple(f"{c.quote} [{c.n}]" for c in answer.citations if _plain(c, answer))
    return Ground(
        answer=answer,
        texts=texts,
        verdict=head.lines[0] if deciding else "",
        about_verdict=verdict(head, answer.verdict, goods) if deciding else None,
        lines=lines((*texts, *quoted)),
        evidence=evidence,
        whole="\n".join(everything),
    )


def _plain(citation: Citation, answer: Answer) -> bool:
    """May its words stand without the act's name before them? Not those of a repealed act or of the news."""
    acts = ("law", "regulation", "announcement", "list")
    return citation.standing == "in_force" and citation.kind in acts and citation.language == answer.lang


def _of_law(section: Section) -> bool:
    return section.key not in ("verdict", "missing", "not_checked", KEY)


def _texts(book: RuleBook, reference: Reference) -> Sequence[str]:
    provision = book.find(reference)
    return tuple(provision.text.values()) if provision is not None else ()


def messages(ground: Ground, rng: random.Random) -> tuple[Message, ...]:
    """What asks a model for the summary."""
    answer = ground.answer
    if not ground.verdict:
        return prompts.summary(answer.lang, answer.question, ground.texts, rng)
    return prompts.wording(answer.lang, ground.verdict, ground.texts, rng)


def borne(sentence: str, ground: Ground) -> bool:
    """Is the sentence plain, made of the answer's own lines, and borne by what it cites?"""
    if fault(sentence, ground.answer.lang, ground.whole) is not None:
        return False
    own = ground.about_verdict
    if not (own is not None and shortens(sentence, own)) and not any(shortens(sentence, x) for x in ground.lines):
        return False
    return not problems(sentence, ground.evidence)


def judged(pieces: Iterator[str], ground: Ground) -> Iterator[tuple[str, bool]]:
    """The sentences of a stream as they are complete, each with whether it is borne out. The last one counts only where
    the stream came to its end."""
    text, done = "", 0
    for piece in pieces:
        text += piece
        whole = sentences(text)[:-1] if any(c in ".。!?！？\n" for c in piece) or "]" in piece else ()
        for sentence in whole[done:_JUDGED]:
            yield sentence, borne(sentence, ground)
        done = max(done, len(whole))
        if done >= _JUDGED:
            return
    for sentence in sentences(text)[done:_JUDGED]:
        yield sentence, borne(sentence, ground)


def complete(found: Sequence[str], ground: Ground) -> bool:
    """May these sentences be sent? A summary of a verdict tells it, in the engine's words, and something besides."""
    if not ground.verdict:
        return bool(found)
    return len(found) > 1 and any(states(s, ground.verdict, ground.answer.verdict) for s in found)


def inserted(ground: Ground, found: Sequence[str]) -> Answer:
    """The answer with the summary behind its verdict; everything composed stays as it is."""
    answer = ground.answer
    section = Section(KEY, (*found, say(answer.lang, "summary.note")))
    at = 1 + next(i for i, s in enumerate(answer.sections) if s.key == "verdict")
    sections = (*answer.sections[:at], section, *answer.sections[at:])
    text = "\n\n".join("\n".join(s.lines) for s in sections)
    return replace(answer, sections=sections, text=text)
