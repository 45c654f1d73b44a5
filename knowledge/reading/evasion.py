"""Does a message ask for a way round the law? A linear model over letter and word n-grams, in ten languages.

The same words serve smugglers and honest exporters ("split", "relabel", "via Singapore"), so single words decide
nothing: the weights were learned from the labelled questions in `rules/red_flags/corpus/` by `make evasion-model`, and
stand in `rules/red_flags/evasion_model.json`. No library is needed to apply them.
"""

import base64
import json
import math
import re
import zlib
from array import array
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from knowledge.reading.lexicon import UNSPACED
from knowledge.reading.text import clean, fold

MODEL = Path(__file__).resolve().parent.parent / "rules" / "red_flags" / "evasion_model.json"
BITS = 16
CUE_WEIGHT = 0.5
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_WINDOW = 600
_SURE = 0.75
_FEW = 6
_SIGN = re.compile(r"\b[A-Z]{2}\b")
_HAN = re.compile(r"[\u4e00-\u9fff]")
SHADY = frozenset(
    "hide mix_in smuggle channel declare_as relabel origin_wash omit fake_document "
    "backdate small_parcel hand_carry without_licence customs lax_control bribe shell_front borrow_licence".split()
)
"""Cues of concealment, whatever else a message says."""


_EVERYDAY = frozenset("customs channel small_parcel lax_control omit smuggle not_noticed".split())
"""Cues that questions about the law are full of; one of them alone conceals nothing."""
_OF_LAW = 0.7
"""Score from which a question about the law's own words counts: it speaks of penalties, smugglers and customs by nature."""
_KNOWN = 0.95
"""The same of one that some provision is known to answer."""


@dataclass(frozen=True)
class Model:
    """Weights by hashed feature, the bias, and the score from which a message counts as evasion."""

    weights: array  # type: ignore[type-arg]
    bias: float
    threshold: float


@lru_cache(maxsize=2)
def model(path: Path = MODEL) -> Model:
    """The shipped weights of that file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    weights = array("b")
    weights.frombytes(zlib.decompress(base64.b64decode(data["weights"])))
    scale = float(data["scale"])
    return Model(array("f", (w * scale for w in weights)), float(data["bias"]), float(data["threshold"]))


def features(text: str, cues: Collection[str] = ()) -> dict[int, float]:
    """The hashed features of a masked text and its cues, with their weight.

    Words, word pairs and letter n-grams (shorter ones where words are not spaced) are of one language; cues and pairs
    of cues are shared by all languages and weigh more.
    """
    folded = _DIGITS.sub("0", fold(clean(text)))
    found: set[str] = set()
    words = re.findall(r"[^\W_]+", folded)
    spaced = [w for w in words if not UNSPACED.search(w)]
    found.update("w" + w for w in spaced)
    found.update(f"t{a} {b} {c}" for a, b, c in zip(spaced, spaced[1:], spaced[2:], strict=False))
    found.update(f"p{a} {b}" for a, b in pairwise(spaced))
    found.update(f"s{a} {c}" for a, _, c in zip(spaced, spaced[1:], spaced[2:], strict=False))
    for word in words:
        if UNSPACED.search(word):
            found.update("c" + word[i : i + n] for n in (1, 2, 3, 4) for i in range(len(word) - n + 1))
        else:
            padded = f"<{word}>"
            found.update("g" + padded[i : i + n] for n in (4, 5) for i in range(len(padded) - n + 1))
    mask = (1 << BITS) - 1
    plain = 1 / math.sqrt(max(1, len(found)))
    result = {zlib.crc32(f.encode()) & mask: plain for f in found}
    concepts = sorted(set(cues))
    shared = [f"k{c}" for c in concepts] + [f"q{a}+{b}" for i, a in enumerate(concepts) for b in concepts[i + 1 :]]
    strong = CUE_WEIGHT / math.sqrt(max(1, len(shared)))
    result.update({zlib.crc32(f.encode()) & mask: strong for f in shared})
    return result


def score(text: str, cues: Collection[str] = (), using: Model | None = None) -> float:
    """How surely the masked text asks for evasion, 0 to 1."""
    m = using or model()
    weighed = features(text, cues)
    if not weighed:
        return 0.0
    total = sum(m.weights[h] * w for h, w in weighed.items()) + m.bias
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _own_words(text: str) -> int:
    """Words, or Chinese characters, besides the signs that stand for goods, places and amounts."""
    plain = _SIGN.sub(" ", text)
    return len(_HAN.findall(plain)) or len(re.findall(r"[^\W\d_]+", plain))


def asks_for_evasion(
    text: str, cues: Collection[str], *, follow_up: bool = False, of_law: bool = False, known: bool = False
) -> bool:
    """True where the message asks for help with evasion; `text` as masked and `cues` as found by read().

    A message without a single cue, and a follow-up in a conversation, must score higher. A follow-up of a few words, none
    of which conceals anything ("and gallium?", 换成氧化镓), says too little to be judged at all. `of_law`: it asks what the law
    says ("can they sell my cargo?"); it must score higher too, and one everyday word is not a wish to get round the law.
    `known`: it comes very near a question that some provision answers.
    """
    if follow_up and not SHADY.intersection(cues) and _own_words(text) <= _FEW:
        return False
    if of_law and len(set(cues)) < 2 and _EVERYDAY.issuperset(cues):
        return False
    needed = max(
        model().threshold,
        _SURE if follow_up or not cues else 0.0,
        _OF_LAW if of_law else 0.0,
        _KNOWN if of_law and known else 0.0,
    )
    return score(text[:_WINDOW], cues) >= needed
