"""Which provisions say what a word means."""

import re
from collections.abc import Iterable
from dataclasses import replace

from knowledge.store.records import ProvisionRecord

_ZH = re.compile(
    r"(?:本[法条條例办辦规規定公告决決细細则則清单單]+(?:[^。；]{0,10}[中里])?所称|所称)[^。；]{1,60}?[，,]?\s*(?:是指|，?指|包括以下)"
    r"|^[“\"「][^”\"」]{1,40}[”\"」]\s*[，,]?\s*(?:是?指|系指)"
    r"|^[^，。；]{1,30}[，,]?是指"
)
_EN = re.compile(
    r"[‘“\"'][^’”\"']{2,80}[’”\"']\s*(?:\([^)]{1,60}\)\s*)?(?:means|shall mean|has the meaning|refers to|includes)\b"
)
_GLOSSARY = re.compile(r"^[^。；]{0,20}(?:下列|以下)(?:用语|术语|概念)[^。；]{0,12}(?:含义|定义|意义)")
_JA_KO = re.compile(r"「[^」]{1,40}」とは|[\"“][^\"”]{1,40}[\"”](?:이)?란\b")
_NUMBER = re.compile(
    r"^\s*(?:第[^\s条]{1,12}条(?:之[一二三四五六七八九十]+)?|[（(][^）)]{1,6}[）)]|\d{1,3}[.．、]|[①-⑳])\s*"
)
_NAMED = re.compile(r"\bDefinitions?\b|\bInterpretation\b|Begriffsbestimmung|定义|定義|정의", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"\b(?:is|are|to be) (?:hereby )?(?:added|inserted|replaced|amended|deleted)\b|\brevis(?:ed|ing)\b", re.IGNORECASE
)
_OPENING = (
    160  # characters in which an English definition names its word: "For the purposes of this part, “item” means"
)
_CONTAINERS = frozenset(("article", "section"))
_OPEN_KINDS = frozenset(("paragraph", "item", "article", "section"))


def defines(text: str) -> bool:
    """Whether `text` opens by saying what a word means."""
    body = _NUMBER.sub("", text)[:400]
    english = _EN.search(body)
    if english and (english.start() > _OPENING or _INSTRUCTION.search(body[: english.start()])):
        english = None  # an act that inserts a definition elsewhere, or a passage that explains a word on its way
    return bool(_GLOSSARY.search(body) or _ZH.search(body) or english or _JA_KO.search(body))


def marked(provisions: Iterable[ProvisionRecord]) -> tuple[ProvisionRecord, ...]:
    """The provisions with kind `definition` where one is nothing but a definition.

    An article of several paragraphs keeps its kind: the definition is one of its parts.
    """
    return tuple(replace(p, kind="definition") if _only_defines(p) else p for p in provisions)


def _only_defines(provision: ProvisionRecord) -> bool:
    if provision.kind not in _OPEN_KINDS or "entry-" in provision.locator:  # an item may carry a note that defines
        return False
    inside = any("/par-" in part.locator for part in provision.parts)
    if provision.kind in _CONTAINERS and provision.heading and _NAMED.search(provision.heading[-1]):
        return bool(_EN.search(provision.text)) or defines(provision.text)
    if provision.kind in _CONTAINERS and inside:
        return bool(_GLOSSARY.search(_NUMBER.sub("", provision.text)[:60]))
    return defines(provision.text)
