"""Does a sentence say anything that its cited passages, or the question, do not?"""

import re
from collections.abc import Sequence
from functools import lru_cache

from knowledge.verify.atoms import Atom, exact
from knowledge.verify.evidence import Evidence, Source
from knowledge.verify.fold import fold
from knowledge.verify.ground import Problem, bears, ungrounded_atoms, ungrounded_words
from knowledge.verify.modality import modality
from knowledge.verify.near import changed
from knowledge.verify.order import swapped_numbers, swapped_roles
from knowledge.verify.quotes import find
from knowledge.verify.spans import Span, spans
from knowledge.verify.tokens import Read, read
from knowledge.verify.verdicts import verdicts
from knowledge.wording import catalogue

_MARK = re.compile(r"\s*\[(\d+)\]")
_QUOTE = re.compile(r"“([^“”]*)”|「([^「」]*)」|『([^『』]*)』|\"([^\"]*)\"")
_TITLE = re.compile(r"《([^《》]*)》")
_ELLIPSIS = re.compile(r"\.\.\.|…|\[…\]|\. \. \.")
_OTHER_SCRIPT = re.compile(r"[぀-ヿ가-힯Ѐ-ӿ฀-๿؀-ۿऀ-ॿ֐-׿Ͱ-Ͽ]")
_LETTER = re.compile(r"[^\W\d_]")
_TRIED = 4
_COUNTS = re.compile(
    r"\d|[一二三四五六七八九十百]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|hundred)\b",
    re.IGNORECASE,
)


def problems(sentence: str, evidence: Evidence, *, composed: bool = False) -> tuple[Problem, ...]:
    """What the sentence says without support; empty where all of it is borne.

    The sentence carries marks [n] of `evidence.sources`. With `composed` it is a line of the engine's own templates, which
    may use the engine's facts and is held to marks, quotes and exact things only.
    """
    cited = tuple(dict.fromkeys(int(n) for n in _MARK.findall(sentence)))
    missing = [n for n in cited if n not in evidence.sources]
    if missing:
        return tuple(Problem("mark", f"[{n}]") for n in missing)
    plain = _MARK.sub("", sentence).strip()
    sources = [evidence.sources[n] for n in cited]
    quoted = _quotes(plain, sources, evidence) or (_joined(plain, sources) if not composed else [])
    if quoted or composed:
        return tuple(quoted or _composed(plain, sources, evidence))
    if _verbatim(plain, sources):
        return tuple(verdicts(plain, evidence.verdict, cited=True))
    if _foreign(plain):
        return (Problem("language", plain[:60]),)
    decided = verdicts(plain, evidence.verdict, cited=bool(cited))
    if decided:
        return tuple(decided)
    if not any(t.sort != "glue" for t in read(plain).tokens) and not read(plain).atoms:
        return ()
    lines = [line for line in evidence.composed if _leans(line, cited)]
    if not sources and not lines:
        return (Problem("mark", "no source"),)
    return tuple(_unsupported(plain, sources, lines, evidence))


def _leans(line: str, cited: Sequence[int]) -> bool:
    """A composed line bears a sentence that carries all of its marks; one without marks bears any."""
    return {int(n) for n in _MARK.findall(line)} <= set(cited)


def _unsupported(plain: str, sources: Sequence[Source], lines: Sequence[str], evidence: Evidence) -> list[Problem]:
    known = [read(fact) for s in sources for fact in s.facts]
    spare = [read(evidence.question), *map(read, evidence.facts)]
    found: list[Problem] = []
    segments = spans(plain)
    for i, segment in enumerate(segments):
        claim = segment.core
        pool = [(span, n) for n, s in enumerate(sources) for text in s.texts for span in spans(text)]
        pool += [(span, -1) for line in lines for span in spans(_MARK.sub("", line))]
        ranked = sorted(pool, key=lambda p: -_likeness(claim, p[0]))
        best: list[Problem] | None = None
        for span, n in ranked[:_TRIED]:
            extra = _others(claim, ranked, n)
            tried = _against(claim, span, extra, known, spare)
            if best is None or len(tried) < len(best):
                best = tried
            if not tried:
                break
        found += best if best is not None else [Problem("mark", f"part {i + 1}")]
    return list(dict.fromkeys(found))


def _against(
    claim: Read, span: Span, extra: Sequence[Read], known: Sequence[Read], spare: Sequence[Read]
) -> list[Problem]:
    core, context = span.core, span.context
    found = ungrounded_atoms(claim, [core, context, *extra], known, spare)
    found += ungrounded_words(claim, [core, context, *extra], known, spare)
    found += modality(claim, core)
    if not found:
        found += swapped_roles(claim, core)
        found += swapped_numbers(claim, read(span.whole))
        found += changed(claim, core)
    return found


def _others(claim: Read, ranked: Sequence[tuple[Span, int]], own: int) -> list[Read]:
    """The likest statement of every other cited passage: a sentence with two marks leans on both."""
    seen = {own}
    found = []
    for span, n in ranked:
        if n not in seen and n >= 0 and _likeness(claim, span):
            seen.add(n)
            found.append(span.core)
    return found


def _likeness(claim: Read, span: Span) -> float:
    """How much of what the sentence speaks of the statement speaks of too; of equals the shorter is the likelier."""
    keys = span.core.keys | span.context.keys
    words = [t for t in claim.tokens if t.sort != "glue"]
    hits = sum(bool(t.keys & keys) or bool(t.parts and all(p & keys for p in t.parts)) for t in words)
    atoms = {k for a in span.core.atoms for k in a.keys}
    hits += sum(2 for a in claim.atoms if set(a.keys) & atoms)
    return hits - 0.001 * len(span.core.text)


def _quotes(plain: str, sources: Sequence[Source], evidence: Evidence) -> list[Problem]:
    """Words between quotation marks stand in a cited passage, or in the question; a title stands in what is known of the act."""
    found = []
    for m in _QUOTE.finditer(plain):
        quote = next(g for g in m.groups() if g is not None)
        texts = [t for s in sources for t in (*s.texts, *s.facts)]
        if not any(_holds(quote, t) for t in (*texts, evidence.question, *evidence.facts)):
            found.append(Problem("quote", quote))
    for m in _TITLE.finditer(plain):
        texts = [t for s in sources for t in (*s.texts, *s.facts)]
        if not any(_holds(m[1], t) for t in (*texts, evidence.question, *evidence.facts)):
            found.append(Problem("act", m[1]))
    return found


def _joined(plain: str, sources: Sequence[Source]) -> list[Problem]:
    """Words joined by an ellipsis are nobody's, unless a passage has it."""
    m = _ELLIPSIS.search(plain)
    if m is None or any(_ELLIPSIS.search(t) for s in sources for t in s.texts):
        return []
    return [Problem("quote", m[0])]


def _holds(quote: str, text: str) -> bool:
    """The quote stands in the text; a full stop or comma that the sentence needs inside its quotation marks is not part of it."""
    wanted = fold(quote.strip().rstrip(".,;，。；")).text
    return any(c.isalnum() for c in wanted) and bool(find(wanted, text))


def _verbatim(plain: str, sources: Sequence[Source]) -> bool:
    """The sentence is one or more whole sentences of a cited passage, as they stand there."""
    wanted = fold(plain.rstrip(".。;；")).text
    for text in (t for s in sources for t in s.texts):
        for start, end in find(wanted, text):
            opens = re.search(r"(?:^|[。；！？\n]|[.;!?]\s)\s*$", text[:start])
            closes = re.match(r"\s*(?:$|[。；;.！？!?\n])", text[end:])
            if opens and closes:
                return True
    return False


def _foreign(plain: str) -> bool:
    """Neither English nor Chinese: what such a sentence denies or allows cannot be judged."""
    letters = len(_LETTER.findall(plain))
    if len(_OTHER_SCRIPT.findall(plain)) * 4 > letters:
        return True
    if read(plain).chinese:
        return False
    told = read(plain)
    known = sum(t.sort == "glue" or any(k.startswith(("w:", "place:")) for k in t.keys) for t in told.tokens)
    return len(told.tokens) >= 4 and (known + len(told.markers)) * 3 < len(told.tokens) + len(told.markers)


# ---------------------------------------------------------------- the engine's own lines


def _composed(plain: str, sources: Sequence[Source], evidence: Evidence) -> list[Problem]:
    """The exact things of a line that the engine filled from a template: each stands in a cited passage, in the engine's
    facts, in the question or in the templates themselves."""
    claim = exact(plain)
    if not claim.atoms:
        return []
    held = [a for s in sources for text in (*s.texts, *s.facts) for a in exact(text).atoms]
    held += [a for text in (evidence.question, *evidence.facts) for a in exact(text).atoms]
    keys = {k for a in held for k in a.keys}
    left = [a for a in claim.atoms if a.keys[0] not in keys and not any(_filled(h, a) for h in held)]
    templates = _template_atoms() if left else []
    return [Problem(a.kind, claim.text[a.start : a.end]) for a in left if not any(_filled(h, a) for h in templates)]


def _filled(held: Atom, said: Atom) -> bool:
    """Borne, or a bare number of the engine's that the template gives its unit."""
    if held.number is not None and said.number is not None and not held.number.unit:
        return held.number.value == said.number.value
    return bears(held, said, bounds=False)


@lru_cache(maxsize=1)
def _template_atoms() -> list[Atom]:
    return [
        a
        for lang in ("en", "zh")
        for message in catalogue(lang).values()
        if _COUNTS.search(message)
        for a in exact(message).atoms
    ]
