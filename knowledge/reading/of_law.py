"""Is a message about the law itself rather than about a deal? A linear model beside the rules of `intent.py`.

The same features as those of the evasion filter, other weights: learned by `make law-model` from the questions of the subject
index (`rules/subjects/asked/`) and from the questions about deals in the evasion filter's corpus.
"""

from pathlib import Path

from knowledge.reading.evasion import model, score

MODEL = Path(__file__).resolve().parent.parent / "rules" / "lexicon" / "of_law_model.json"
_WINDOW = 600


def about_the_law(masked: str) -> bool:
    """Does the masked text read like a question about the law?"""
    learned = model(MODEL)
    return score(masked[:_WINDOW], (), learned) >= learned.threshold
