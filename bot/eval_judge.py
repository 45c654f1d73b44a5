"""Who judges whether an answer says more than its sources: the verifier, and the library's own text of each quote."""

import re
from collections.abc import Callable, Iterator

from bot.evaluation import Judge
from knowledge.model import Answer, Citation, Reference
from knowledge.settings import settings

SUMMARY = "summary"
"""The section that a language model words."""
_MARK = re.compile(r"\[\d+\]")


def judge() -> Judge:
    """Judges answers with the verifier, and each quote against the library's own text of its passage."""
    from knowledge.verify import Evidence, engine_facts, problems, sentences, source

    stored, digest = _texts(), _digests()

    def judged(answer: Answer) -> tuple[str, ...]:
        texts = {c.n: stored(c) for c in answer.citations}
        wrong = [
            f"[{c.n}] does not stand in {c.instrument} {c.provision} as quoted: {c.quote[:120]}"
            for c in answer.citations
            if c.stored and texts[c.n][c.start : c.end] != c.quote
        ]
        evidence = Evidence(
            sources={c.n: source(c, [texts[c.n], c.quote, *digest(c)]) for c in answer.citations},
            question=answer.question,
            verdict=answer.verdict,
            facts=engine_facts(answer.transaction, answer.determinations, answer.on),
        )
        for said, composed in _claims(answer, sentences):
            if found := problems(said, evidence, composed=composed):
                wrong.append(f"{'; '.join(f'{p.kind}: {p.words}' for p in found)}: {said}")
        return tuple(wrong)

    return judged


def _claims(answer: Answer, sentences: Callable[[str], tuple[str, ...]]) -> Iterator[tuple[str, bool]]:
    """What the answer says that must be borne out, and whether the engine composed it: every line that leans on a
    passage, and every sentence that a language model wrote, whether it names its source or not."""
    for section in answer.sections:
        for line in section.lines:
            if section.key == SUMMARY:
                yield from ((sentence, False) for sentence in sentences(line))
            elif _MARK.search(line):
                yield line, True


def _texts() -> Callable[[Citation], str]:
    """The stored text that a citation's offsets refer to; its quote where the library does not keep it."""
    own = settings()
    if not own.holds_documents:
        return lambda citation: str(citation.quote)
    from knowledge.store.database import open_database
    from knowledge.store.library import Library

    library = Library(open_database(own.home, own.database))

    def text(citation: Citation) -> str:
        if not citation.stored:
            return str(citation.quote)
        found = library.passages([citation.stored])
        return found[citation.stored].text if citation.stored in found else ""

    return text


def _digests() -> Callable[[Citation], tuple[str, ...]]:
    """The rule book's own summary of a passage, in every language: the engine's lines are made of it."""
    from knowledge.rulebook import load

    book = load()

    def digest(citation: Citation) -> tuple[str, ...]:
        provision = book.find(Reference(citation.instrument, citation.provision))
        return tuple(provision.text.values()) if provision is not None else ()

    return digest
