"""The dense index: one chromadb collection of passage vectors. The only importer of chromadb.

One process owns the folder (the caller holds a file lock): a second writer would silently lose vectors. Every call is
idempotent, so that a batch repeated after a kill changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from knowledge.errors import NavicertError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

Vectors = npt.NDArray[np.float32]
COLLECTION = "passages"
BATCH = 2000  # chromadb 1.5.9 refuses more than 5461 rows a call
PAGE = 500  # rows read at once: embeddings come back in double precision, and memory is counted


class ModelMismatch(NavicertError):
    """The index was made with another embedding model."""


class DenseIndex:
    """Vectors by passage id, compared by cosine.

    `model` and `dimension` are stored with the collection. Raises ModelMismatch where it was made with others: vectors
    of two models share no space, and mixing them would return nonsense without an error.
    """

    def __init__(self, folder: Path, model: str, dimension: int) -> None:
        import chromadb
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.model, self.dimension = folder, model, dimension
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        self._client = cast("Client", chromadb.PersistentClient(str(folder), settings=settings))
        self._collection: Collection = self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,  # the default one would download a model
            metadata={"hnsw:space": "cosine", "model": model, "dimension": dimension},
        )
        made = self._collection.metadata or {}
        if (made.get("model"), made.get("dimension")) != (model, dimension):
            raise ModelMismatch(
                f"{folder}: the dense index was made with {made.get('model')} ({made.get('dimension')} dimensions), "
                f"not {model} ({dimension}). Rebuild the index, or set the model that it was made with."
            )

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Stores a vector an id; an id that is there is replaced. Raises ValueError for another shape."""
        vectors = np.asarray(vectors, np.float32)
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"{len(ids)} ids need vectors of shape {(len(ids), self.dimension)}, not {vectors.shape}")
        unique = dict(zip(ids, vectors, strict=True))  # chromadb refuses an id twice in one call
        for some in _batches(unique, BATCH):
            self._collection.upsert(ids=some, embeddings=np.stack([unique[i] for i in some]))

    def delete(self, ids: Iterable[str]) -> None:
        """Removes these ids; one that is not there is no error."""
        for some in _batches(ids, BATCH):
            self._collection.delete(ids=some)

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """The `k` nearest (id, cosine), best first. Approximate (HNSW)."""
        k = min(k, self.count())
        if k <= 0:
            return []
        found: Any = self._collection.query(
            query_embeddings=np.asarray(vector, np.float32)[None, :], n_results=k, include=["distances"]
        )
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def count(self) -> int:
        """How many vectors there are."""
        return int(self._collection.count())

    def ids(self) -> set[str]:
        """Every id."""
        return set(self._collection.get(include=[])["ids"])

    def get(self, ids: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of these ids that are there."""
        out: dict[str, Vectors] = {}
        for some in _batches(ids, PAGE):
            page: Any = self._collection.get(ids=some, include=["embeddings"])
            out.update(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))
        return out

    def close(self) -> None:
        """Lets go of the folder."""
        self._client.close()


def _batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
