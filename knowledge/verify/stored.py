"""Where the words of a citation are kept: the rule book's digests, or the official text where it has been ingested."""

from collections.abc import Callable
from datetime import date

from knowledge.citing import Official
from knowledge.model import Citation, Lang, Reference
from knowledge.rulebook.book import RuleBook
from knowledge.verify.gate import Stored


def held(
    book: RuleBook,
    lang: Lang,
    official: Official | None,
    on: date,
    found: Callable[[Citation], str | None] | None = None,
) -> Stored:
    """The texts held for a citation of an answer in `lang` for the day `on`: the one it quotes first, then the digests.

    `found` gives the stored text of a passage that a search brought in (`Citation.stored`).
    """

    def texts(citation: Citation) -> tuple[str, ...]:
        if citation.stored:
            text = found(citation) if found is not None else None
            return (text,) if text else ()
        reference = Reference(citation.instrument, citation.provision)
        provision = book.find(reference)
        if provision is None:
            return ()
        digests = (provision.text[lang], *(t for k, t in provision.text.items() if k != lang))
        if citation.digest:
            return digests
        passage = official.passage(reference, provision.text, on) if official is not None else None
        return (passage.text, *digests) if passage is not None else ()

    return texts
