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
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.reading.lexicon import UNSPACED
from knowledge.reading.text import clean, fold

MODEL = Path(__file__).resolve().parent.parent / "rules" / "red_flags" / "evasion_model.json"
BITS = 16
_SENTENCE = re.compile(r"[.?!;。？！；\n]+(?:\s|$|(?=[^\d]))")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_WINDOW = 600


@dataclass(frozen=True)
class Model:
    """Weights by hashed feature, the bias, and the score from which a message counts as evasion."""

    weights: array  # type: ignore[type-arg]
    bias: float
    threshold: float


@lru_cache(maxsize=1)
def model() -> Model:
    """The shipped weights."""
    data = json.loads(MODEL.read_text(encoding="utf-8"))
    weights = array("b")
    weights.frombytes(zlib.decompress(base64.b64decode(data["weights"])))
    scale = float(data["scale"])
    return Model(array("f", (w * scale for w in weights)), float(data["bias"]), float(data["threshold"]))


def features(text: str) -> set[int]:
    """The hashed features of a text: words, word pairs, and letter n-grams (shorter ones where words are not spaced)."""
    folded = _DIGITS.sub("0", fold(clean(text)))
    found: set[str] = set()
    words = re.findall(r"[^\W_]+", folded)
    spaced = [w for w in words if not UNSPACED.search(w)]
    found.update("w" + w for w in spaced)
    found.update(f"t{a} {b} {c}" for a, b, c in zip(spaced, spaced[1:], spaced[2:], strict=False))
    found.update(f"p{a} {b}" for a, b in zip(spaced, spaced[1:], strict=False))
    found.update(f"s{a} {c}" for a, _, c in zip(spaced, spaced[1:], spaced[2:], strict=False))
    for word in words:
        if UNSPACED.search(word):
            found.update("c" + word[i : i + n] for n in (1, 2, 3, 4) for i in range(len(word) - n + 1))
        else:
            padded = f"<{word}>"
            found.update("g" + padded[i : i + n] for n in (4, 5) for i in range(len(padded) - n + 1))
    mask = (1 << BITS) - 1
    return {zlib.crc32(f.encode()) & mask for f in found}


def score(text: str, using: Model | None = None) -> float:
    """How surely the text asks for evasion, 0 to 1."""
    m = using or model()
    hashed = features(text)
    if not hashed:
        return 0.0
    total = sum(m.weights[h] for h in hashed) / math.sqrt(len(hashed)) + m.bias
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def asks_for_evasion(text: str) -> bool:
    """True where the message, or a sentence of a longer one, asks for help with evasion; `text` as masked by read()."""
    m = model()
    if score(text[:_WINDOW], m) >= m.threshold:
        return True
    if len(text) <= 120:
        return False
    # Half-hidden in an otherwise plain message: each sentence by itself, with a stricter mark.
    parts = [p.strip() for p in _SENTENCE.split(text) if len(p.strip()) > 12][:40]
    return len(parts) > 1 and any(score(p[:_WINDOW], m) >= (1 + m.threshold) / 2 for p in parts)
