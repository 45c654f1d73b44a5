"""Nothing leaves with a quote that is not in the stored text, or a mark that leads nowhere."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge.model import Answer, Citation
from knowledge.rulebook import RuleBook
from knowledge.verify import Unverified, verify
from tests.conftest import TODAY, ask

ON = date.fromisoformat(TODAY)


@pytest.fixture(scope="module")
def answer() -> Answer:
    """An answer with citations."""
    return ask("5 kg dysprosium oxide from Shanghai to Stuttgart")


def test_an_answer_as_made(answer: Answer, book: RuleBook) -> None:
    verify(answer.text, answer.citations, book, answer.lang, None, ON)
    assert len(answer.citations) > 3


def tampered(citation: Citation) -> list[Citation]:
    """The citation, wrong in one thing at a time."""
    return [
        replace(citation, quote=citation.quote.replace("o", "0", 1)),
        replace(citation, quote=citation.quote + " It needs no licence."),
        replace(citation, start=citation.start + 1),
        replace(citation, end=citation.end - 1),
        replace(citation, sha256="0" * 64),
        replace(citation, provision="no-such"),
        replace(citation, instrument="CN-1999-1"),
    ]


@pytest.mark.parametrize("which", range(7))
def test_a_tampered_citation(which: int, answer: Answer, book: RuleBook) -> None:
    first, *rest = answer.citations
    with pytest.raises(Unverified):
        verify(answer.text, (tampered(first)[which], *rest), book, answer.lang, None, ON)


def test_a_mark_without_its_citation(answer: Answer, book: RuleBook) -> None:
    with pytest.raises(Unverified, match="without a citation"):
        verify(answer.text + " And more [99].", answer.citations, book, answer.lang, None, ON)
    with pytest.raises(Unverified):
        verify(answer.text, answer.citations[1:], book, answer.lang, None, ON)


def test_the_other_language_is_another_text(answer: Answer, book: RuleBook) -> None:
    with pytest.raises(Unverified):
        verify(answer.text, answer.citations, book, "zh", None, ON)
