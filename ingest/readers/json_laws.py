"""Statutes in JSON: by article, as law.go.kr's interface gives them (raw, or gathered with `laws` and `articles`)."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.document import Block, BlockKind
from ingest.text import clean, squeeze

_UNITS = (("항", "항번호", "항내용"), ("호", "호번호", "호내용"), ("목", "목번호", "목내용"))  # paragraph, item, point


def is_law(root: Any) -> bool:
    """Whether the value is one statute, a mapping of statutes under `laws`, or law.go.kr's own `법령`."""
    return any(True for _ in _laws(root))


def law_blocks(root: Any) -> Iterator[Block]:
    """For each statute its name as heading, then every article: a heading, and its paragraphs a block each."""
    for name, law in _laws(root):
        facts = {
            key: squeeze(str(value))
            for key, value in law.items()
            if isinstance(value, str | int) and len(str(value)) < 300
        }
        yield Block(BlockKind.HEADING, squeeze(name), level=1, attributes=facts)
        for article in law["articles"]:
            if isinstance(article, dict):
                yield from _article(article)


def _laws(root: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(root, dict):
        return
    if isinstance(root.get("법령"), dict):
        yield from _official(root["법령"])
    elif _has_articles(root):
        yield str(root.get("lawName") or root.get("title") or root.get("name") or ""), root
    elif isinstance(root.get("laws"), dict | list):
        laws = root["laws"]
        named = (
            laws.items()
            if isinstance(laws, dict)
            else ((str(law.get("lawName", "")), law) for law in laws if isinstance(law, dict))
        )
        for key, law in named:
            if isinstance(law, dict) and _has_articles(law):
                yield str(law.get("lawName") or key), law


def _has_articles(node: Mapping[str, Any]) -> bool:
    articles = node.get("articles")
    return (
        isinstance(articles, list)
        and bool(articles)
        and all(isinstance(one, dict) and "text" in one for one in articles[:5])
    )


def _article(article: Mapping[str, Any]) -> Iterator[Block]:
    attributes = {
        key: squeeze(str(value))
        for key, value in article.items()
        if key != "text" and value is not None and not isinstance(value, dict | list)
    }
    lines = [squeeze(line) for line in clean(str(article["text"])).split("\n")]
    for line in lines:
        if line:
            yield Block(BlockKind.PARAGRAPH, line, attributes=attributes)


def _official(law: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """law.go.kr's `lawService` answer: 기본정보 (facts) and 조문 / 조문단위 (articles with nested 항, 호, 목)."""
    facts = law.get("기본정보")
    units = law.get("조문")
    units = units.get("조문단위") if isinstance(units, dict) else units
    if not isinstance(facts, dict) or not isinstance(units, list):
        return
    articles = []
    for unit in units:
        if isinstance(unit, dict):
            number, branch = str(unit.get("조문번호", "")), str(unit.get("조문가지번호") or "")
            label = f"제{number}조" + (f"의{branch}" if branch not in {"", "0"} else "")
            text = "\n".join(_lines(unit.get("조문내용")) + _below(unit, 0))
            articles.append(
                {"label": label, "title": unit.get("조문제목"), "effectiveDate": unit.get("조문시행일자"), "text": text}
            )
    name = facts.get("법령명_한글") or facts.get("법령명한글") or ""
    yield str(name), {**facts, "articles": articles}


def _below(unit: Mapping[str, Any], depth: int) -> list[str]:
    if depth >= len(_UNITS):
        return []
    key, _, content = _UNITS[depth]
    parts = unit.get(key)
    parts = parts if isinstance(parts, list) else [parts]
    out: list[str] = []
    for part in parts:
        if isinstance(part, dict):
            out += _lines(part.get(content)) + _below(part, depth + 1)
    return out


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [line for item in value for line in _lines(item)]
    return [str(value)] if value else []
