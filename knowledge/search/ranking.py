"""What was learned from the development sets, as data: `ranking.json` and `adapters.npz`, made by `train_ranking`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from knowledge.lexis.postings import Scores
from knowledge.lexis.terms import number
from knowledge.search.features import NAMES


@dataclass(frozen=True)
class Learned:
    """For questions in one group of languages.

    `weights` by feature, and `weights_by_words` where no model is used; `terms` multiplies the weight of a question's word
    by its number ("requirements" says little about which passage is meant); `down` and `up` turn a question's vector
    towards the passages that answer such questions: v + (v @ down) @ up.
    """

    weights: Scores
    weights_by_words: Scores
    terms: Mapping[int, float]
    down: Scores
    up: Scores


@dataclass(frozen=True)
class Ranking:
    """Learned data by group of languages."""

    groups: Mapping[str, Learned]

    def of(self, group: str) -> Learned:
        """The group's own, else that of English."""
        return self.groups.get(group, self.groups["en"])


@lru_cache(maxsize=1)
def ranking() -> Ranking:
    """The bundled data."""
    here = files("knowledge.search")
    data = json.loads(here.joinpath("ranking.json").read_text(encoding="utf-8"))
    with np.load(BytesIO(here.joinpath("adapters.npz").read_bytes()), allow_pickle=False) as matrices:
        arrays = {name: matrices[name].astype(np.float32) for name in matrices.files}
    return Ranking({group: _learned(group, part, arrays) for group, part in data.items()})


def _learned(group: str, part: Mapping[str, Mapping[str, float]], arrays: Mapping[str, Scores]) -> Learned:
    near, plain = (
        np.array([part[name][feature] for feature in NAMES], np.float32) for name in ("weights", "weights_by_words")
    )
    words = {number(word): weight for word, weight in part["terms"].items()}
    return Learned(near, plain, words, arrays[f"{group}_down"], arrays[f"{group}_up"])
