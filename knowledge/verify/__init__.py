"""The last check before an answer leaves: nothing is quoted, counted, dated, named or claimed that its sources do not bear."""

from knowledge.verify.evidence import Evidence, Source, engine_facts, source
from knowledge.verify.gate import Gated, Stored, Unverified, gate
from knowledge.verify.ground import Problem
from knowledge.verify.quotes import QuoteCheck, QuoteState, check_quote
from knowledge.verify.spans import sentences
from knowledge.verify.support import problems

__all__ = [
    "Evidence", "Gated", "Problem", "QuoteCheck", "QuoteState", "Source", "Stored", "Unverified", "check_quote", "engine_facts", "gate", "problems", "sentences", "source",
]  # fmt: skip
