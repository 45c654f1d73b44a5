"""Ours beside the usual pipeline and plain BM25: `python -m tests.bench_retrieval [--home DIR] [--rows N]` prints a table.

Sets: every folder of the shared `bench` with a corpus, queries and judgements. The first run embeds each corpus twice, as
ours and as theirs, half an hour or more on two idle cores; the home (default: the tests' own) keeps the vectors.
`--rows N` keeps the first N rows of each corpus and the queries that they answer whole: quicker, easier, the same for all.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from knowledge.search.bench import read, run
from tests.conftest import SHARED, home
from tests.naive_retrieval import bm25, milliseconds, naive

K = 10
Run = Mapping[str, list[str]]


def judgements(path: Path) -> dict[str, set[str]]:
    """The rows that answer each query."""
    wanted: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        query, row, grade = line.split()
        if int(grade) > 0:
            wanted.setdefault(query, set()).add(row)
    return wanted


def figures(found: Run, wanted: Mapping[str, set[str]]) -> tuple[float, float]:
    """Recall@10 and MAP@10, over all answers of each query; a query that was not run counts 0."""
    recall, precision = [], []
    for query, answers in wanted.items():
        hits = [row in answers for row in found.get(query, [])[:K]]
        recall.append(sum(hits) / len(answers))
        precision.append(sum(sum(hits[: n + 1]) / (n + 1) for n, hit in enumerate(hits) if hit) / len(answers))
    return float(np.mean(recall)), float(np.mean(precision))


def sets(bench: Path) -> Iterator[tuple[str, Path, Path, Path]]:
    """Name, corpus, queries and judgements of each set that is there."""
    for corpus in sorted(bench.glob("*/corpus.jsonl")):
        for queries in sorted(corpus.parent.glob("queries.*.jsonl")):
            split = queries.name.split(".")[1]
            yield f"{corpus.parent.name} {split}", corpus, queries, corpus.parent / f"qrels.{split}.tsv"


def main(folder: Path, most: int | None) -> None:
    """Prints the table."""
    print("| set | retrieval | Recall@10 | MAP@10 | cpu-ms a query, p50 | p95 |\n|---|---|---|---|---|---|")
    for name, corpus, queries, judged in sets(SHARED / "bench"):
        kept = folder / name.replace(" ", "-")
        kept.mkdir(parents=True, exist_ok=True)
        wanted, rows, asked = judgements(judged), read(corpus, ("_id", "text")), read(queries, ("_id", "text"))
        if most is not None:
            rows = rows[:most]
            there = {row["_id"] for row in rows}
            wanted = {query: answers for query, answers in wanted.items() if answers <= there}
            asked = [query for query in asked if query["_id"] in wanted]
            name = f"{name}, first {most} rows, {len(asked)} queries"
            corpus, queries = _written(kept / "corpus.jsonl", rows), _written(kept / "queries.jsonl", asked)
        result = run(corpus, queries, kept / "ours.trec", K, kept)
        ours: dict[str, list[str]] = {}
        for line in (kept / "ours.trec").read_text(encoding="utf-8").splitlines():
            ours.setdefault(line.split()[0], []).append(line.split()[1])
        _line(name, "Navicert", ours, wanted, (result.query_ms_p50, result.query_ms_p95))
        for label, make in (("BM25 (tantivy)", bm25), ("LangChain + Chroma, 1000/200", naive)):
            found, spent = milliseconds(make(rows, K, kept), asked)
            p50, p95 = np.percentile(spent, [50, 95])
            _line(name, label, found, wanted, (float(p50), float(p95)))


def _written(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _line(name: str, label: str, found: Run, wanted: Mapping[str, set[str]], spent: tuple[float, float]) -> None:
    recall, precision = figures(found, wanted)
    print(f"| {name} | {label} | {recall:.3f} | {precision:.3f} | {spent[0]:.0f} | {spent[1]:.0f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=home() / "bench-retrieval")
    parser.add_argument("--rows", type=int)
    given = parser.parse_args()
    main(given.home, given.rows)
