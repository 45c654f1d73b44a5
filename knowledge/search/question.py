"""A question as search reads it: its language, terms, numbers and vectors."""

import numpy as np

from knowledge.lexis.terms import terms
from knowledge.search.languages import language_of
from knowledge.search.literals import literals
from knowledge.search.model import Question
from knowledge.search.ranking import Ranking
from knowledge.store.embed import Vectors


def question(text: str, vector: Vectors | None, ranking: Ranking) -> Question:
    """Reads a question; `vector` is None where no model is used."""
    tongue = language_of(text)
    found = terms(text, spelt=True)
    learned = ranking.of(tongue)
    weights = np.array([learned.terms.get(int(t), 1.0) for t in found.words], np.float32)
    tuned = vector
    if vector is not None and len(vector) == len(learned.down):  # learned for the bundled model; another has no adapter
        tuned = (vector + (vector @ learned.down) @ learned.up).astype(np.float32)
    return Question(text, tongue, found, weights, literals(text), vector, tuned)
