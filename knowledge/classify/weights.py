"""The learned weights: features to chances. Trained by `train.py` on descriptions whose entry is known."""

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from knowledge.classify import DATA
from knowledge.classify.index import Floats


@dataclass(frozen=True)
class Weights:
    """One weight a feature; `temper` divides the sums so that chances come true as often as they say; `learned` are
    numbers of words by code from the training descriptions."""

    values: Floats
    temper: float
    learned: dict[str, list[int]]

    def chances(self, rows: Floats) -> Floats:
        """The chance of every row, adding up to 1."""
        sums = rows @ self.values / np.float32(self.temper)
        e = np.exp(sums - sums.max())
        out: Floats = (e / e.sum()).astype(np.float32)
        return out


FILE = DATA / "weights.json"


@lru_cache(maxsize=1)
def bundled() -> Weights:
    """The weights in the package."""
    raw = json.loads(FILE.read_text("utf-8"))
    return Weights(np.array(raw["values"], np.float32), float(raw["temper"]), raw["learned"])
