"""The gate: every answer passes here before it leaves. What its sources do not bear stays behind."""

import hashlib
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.model import Checks, Citation, Section
from knowledge.verify.evidence import Evidence, Source, source
from knowledge.verify.ground import Problem
from knowledge.verify.quotes import QuoteState, check_quote
from knowledge.verify.spans import sentences
from knowledge.verify.support import problems

_log = logging.getLogger(__name__)
_MARK = re.compile(r"\[(\d+)\]")
_MARKS = re.compile(r"\s*\[(\d+)\]")
_NEVER_LOST = frozenset(("verdict", "missing", "not_checked", "flags"))

Stored = Callable[[Citation], Sequence[str]]
"""The texts held for a citation: first the one that its offsets and hash are of, then other languages; empty: not held."""


class Unverified(AssertionError):
    """An answer that cannot be put right by leaving something out: a defect of Navicert, never of the user's input."""


@dataclass(frozen=True)
class Gated:
    """What may leave. `dropped` are the sentences that stay behind, each with what nothing bears."""

    sections: tuple[Section, ...]
    citations: tuple[Citation, ...]
    checks: Checks
    dropped: tuple[tuple[str, tuple[Problem, ...]], ...]

    @property
    def text(self) -> str:
        """The answer's text as its sections give it."""
        return "\n\n".join("\n".join(s.lines) for s in self.sections)


def gate(
    sections: Sequence[Section],
    citations: Sequence[Citation],
    evidence: Evidence,
    stored: Stored,
    *,
    worded: Collection[str] = (),
) -> Gated:
    """The answer without quotes that do not stand and sentences that nothing bears.

    `worded` are the lines that a language model wrote; every other one is the engine's. Sources that `evidence` lacks are
    made from the citations. Of the engine's lines those of the verdict, the questions, the warning signs and the limits
    are never lost, only their dead marks. Marks keep their numbers; a citation that no mark leans on is left out.

    Raises Unverified where two citations share a number: which of them a mark means cannot be known.
    """
    if len({c.n for c in citations}) < len(citations):
        raise Unverified(f"two citations share a number: {sorted(c.n for c in citations)}")
    texts = {c.n: tuple(stored(c)) for c in citations}
    kept, counts = _quotes(citations, texts)
    sources: dict[int, Source] = {c.n: evidence.sources.get(c.n) or source(c, texts[c.n]) for c in kept}
    known = replace(evidence, sources=sources)
    dropped: list[tuple[str, tuple[Problem, ...]]] = []
    out = []
    for section in sections:
        lines = [_line(line, section.key, known, line in worded, dropped) for line in section.lines]
        out.append(replace(section, lines=tuple(line for line in lines if line)))
    for sentence, found in dropped:
        _log.info("left out of an answer: %s", ", ".join(sorted({p.kind for p in found})))
        _log.debug("what was left out: %r: %s", sentence, "; ".join(f"{p.kind} {p.words}" for p in found))
    used = {int(n) for s in out for line in s.lines for n in _MARK.findall(line)}
    return Gated(
        tuple(s for s in out if s.lines),
        tuple(c for c in kept if c.n in used),
        replace(counts, dropped=len(dropped)),
        tuple(dropped),
    )


def _quotes(citations: Sequence[Citation], texts: Mapping[int, Sequence[str]]) -> tuple[list[Citation], Checks]:
    """The citations whose quotes stand, offsets and hash put right, and what was found of all."""
    kept: list[Citation] = []
    counts = dict.fromkeys(QuoteState, 0)
    for citation in citations:
        held = texts[citation.n][0] if texts[citation.n] else ""
        others = {str(n): t[0] for n, t in texts.items() if n != citation.n and t}
        checked = check_quote(citation.quote, citation.start, citation.end, held, others)
        digest = hashlib.sha256(held.encode("utf-8", "surrogatepass")).hexdigest()
        state = checked.state
        if state is QuoteState.VERIFIED and digest != citation.sha256:
            state = QuoteState.REPAIRED  # the passage was stored anew since, and still says it
        counts[state] += 1
        if not checked.holds:
            _log.warning("[%d] does not quote %s %s: %s", citation.n, citation.instrument, citation.provision, state)
            continue
        if state is QuoteState.VERIFIED:
            kept.append(citation)
        else:
            right = held[checked.start : checked.end]
            kept.append(replace(citation, quote=right, start=checked.start, end=checked.end, sha256=digest))
    return kept, Checks(*(counts[s] for s in QuoteState))


def _line(line: str, key: str, evidence: Evidence, worded: bool, dropped: list[tuple[str, tuple[Problem, ...]]]) -> str:
    """The line, or what is left of it; "" where nothing is."""
    if worded:
        good = []
        for sentence in sentences(line):
            found = problems(sentence, evidence)
            if found:
                dropped.append((sentence, found))
            else:
                good.append(sentence)
        if len(good) == len(sentences(line)):
            return line
        return ("" if _unspaced(line) else " ").join(good)
    if key in _NEVER_LOST:
        return _MARKS.sub(lambda m: m[0] if int(m[1]) in evidence.sources else "", line)
    found = problems(line, evidence, composed=True)
    if found:
        dropped.append((line, found))
        return ""
    return line


def _unspaced(line: str) -> bool:
    return any("㐀" <= c <= "鿿" for c in line)
