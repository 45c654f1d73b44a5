"""Official data in JSON: statutes by article, Federal Register documents, screening lists, eCFR lists; any other as records."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.document import Block, BlockKind, Document
from ingest.readers.json_laws import is_law, law_blocks
from ingest.reasons import Quarantined, Reason
from ingest.text import clean, decode, language, squeeze

MAX_BLOCKS = 500_000
_DEEP = 40  # levels below which nothing is a document
_PROSE = ("abstract", "action", "dates", "summary", "body", "text", "content", "excerpt")
_INDEX = re.compile(
    r"^(?P<name>\w+)\s*(?:\((?:index into|indices into|list of indexes into)\s+(?:tables\.)?(?P<table>\w+)\))?"
)


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """A record a block: TABLE_ROW "key: value; ..." with `cell:<key>` attributes; statutes and notices as headings and text.

    Scalars at the top become metadata. Raises Quarantined with UNREADABLE where it does not parse, OVER_LIMIT for more
    than half a million records.
    """
    text, _, warning = decode(data, declared)
    try:
        root = json.loads(clean(text), strict=False)
    except RecursionError as cause:
        raise Quarantined(Reason.OVER_LIMIT, "the JSON is nested too deeply to be a document") from cause
    except ValueError as cause:
        raise Quarantined(Reason.UNREADABLE, f"the JSON does not parse ({cause}); download it again, whole") from cause
    root = _expanded(root)
    blocks: list[Block] = []
    for block in law_blocks(root) if is_law(root) else _blocks(root):
        blocks.append(block)
        if len(blocks) > MAX_BLOCKS:
            raise Quarantined(Reason.OVER_LIMIT, f"more than {MAX_BLOCKS} records; send the list in parts")
    metadata = _scalars(root)
    heading = next((block.text for block in blocks[:5] if block.kind is BlockKind.HEADING), "")
    return Document(
        media_type="application/json",
        title=next(
            (metadata[key] for key in ("title", "citation", "lawName", "description") if metadata.get(key)),
            heading or name,
        ),
        language=language("\n".join(block.text for block in blocks[:300])),
        blocks=tuple(blocks),
        metadata=metadata,
        warnings=(warning,) if warning else (),
    )


def _blocks(root: Any) -> Iterator[Block]:
    if isinstance(root, dict) and _is_notice(root):
        yield from _notice(root)
        return
    counter = [0]
    yield from _walk(root, "", counter, 0)


def _is_notice(node: Mapping[str, Any]) -> bool:
    """A Federal Register document: it has a number or a citation, a date and a title."""
    return bool(node.get("title")) and "publication_date" in node and ("document_number" in node or "citation" in node)


def _notice(node: Mapping[str, Any]) -> Iterator[Block]:
    """A Federal Register document: its title as heading, what it says as paragraphs, the rest as attributes."""
    attributes = {
        key: said
        for key, value in node.items()
        if key not in {"title", *_PROSE} and (said := _said(value)) and len(said) < 300
    }
    yield Block(BlockKind.HEADING, squeeze(str(node["title"])), level=1, attributes=attributes)
    for key in _PROSE:
        if said := _said(node.get(key)):
            yield Block(BlockKind.PARAGRAPH, f"{key.capitalize()}: {said}", attributes={"field": key})
    if not any(node.get(key) for key in _PROSE):
        yield _row(node, "document", 1, 1)


def _walk(node: Any, path: str, counter: list[int], depth: int) -> Iterator[Block]:
    """Arrays and mappings of records as tables, named by their path; other values as "key: value" paragraphs."""
    if depth >= _DEEP and isinstance(node, dict | list):
        raise Quarantined(Reason.OVER_LIMIT, "the JSON is nested too deeply to be a document")
    if isinstance(node, dict):
        if _is_table(node):
            yield from _rows([{"name": key, **value} for key, value in node.items()], path, counter)
            return
        for key, value in node.items():
            if str(key).startswith("$"):
                continue
            below = f"{path}.{key}" if path else str(key)
            if isinstance(value, dict | list) and value and not _plain(value):
                yield from _walk(value, below, counter, depth + 1)
            elif said := _said(value):
                yield Block(BlockKind.PARAGRAPH, f"{below}: {said}", attributes={"path": below})
    elif isinstance(node, list):
        records = [item for item in node if isinstance(item, dict)]
        if len(records) == len(node) and all(_is_notice(record) for record in records):
            for record in records:
                yield from _notice(record)
        elif len(records) == len(node):
            yield from _rows(records, path, counter)
        else:
            for index, item in enumerate(node):
                yield from _walk(item, f"{path}[{index}]", counter, depth + 1)
    elif said := _said(node):
        yield Block(BlockKind.PARAGRAPH, f"{path}: {said}" if path else said, attributes={"path": path} if path else {})


def _rows(records: list[dict[str, Any]], path: str, counter: list[int]) -> Iterator[Block]:
    """Each record as a row; records inside a record (a title's chapters) follow it as rows of their own."""
    counter[0] += 1
    table = counter[0]
    for index, record in enumerate(records, 1):
        nested = {
            key: value
            for key, value in record.items()
            if isinstance(value, list) and value and all(isinstance(item, dict) and len(item) > 2 for item in value)
        }
        flat = {key: value for key, value in record.items() if key not in nested}
        if flat:
            yield _row(flat, path, table, index)
        for key, value in nested.items():
            yield from _walk(value, f"{path}[{index - 1}].{key}" if path else str(key), counter, 1)


def _row(record: Mapping[str, Any], path: str, table: int, row: int) -> Block:
    attributes = {"table": str(table), "row": str(row), **({"path": path} if path else {})}
    said: list[str] = []
    for key, value in record.items():
        if text := _said(value):
            attributes[f"cell:{key}"] = text
            said.append(f"{key}: {text}")
    return Block(BlockKind.TABLE_ROW, "; ".join(said) or "(empty record)", attributes=attributes)


def _is_table(node: Mapping[str, Any]) -> bool:
    """A mapping from names to records of one shape ({"Albania": {"marks": [...]}, ...})."""
    if len(node) < 3 or not all(isinstance(value, dict) and value for value in node.values()):
        return False
    shapes = [frozenset(value) for value in node.values()]
    return len(frozenset.intersection(*shapes)) >= 1


def _plain(value: Any) -> bool:
    """A list of scalars: said on one line."""
    return isinstance(value, list) and all(not isinstance(item, dict | list) for item in value)


def _said(value: Any, depth: int = 0) -> str:
    """A value as text: lists by commas, records by their fields."""
    if value is None or depth > 6:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key} {said}" for key, item in value.items() if (said := _said(item, depth + 1)))
    if isinstance(value, list):
        return (
            "; ".join(said for item in value if (said := _said(item, depth + 1)))
            if any(isinstance(item, dict | list) for item in value)
            else ", ".join(said for item in value if (said := _said(item, depth + 1)))
        )
    return squeeze(str(value))


def _scalars(root: Any) -> dict[str, str]:
    if not isinstance(root, dict):
        return {}
    found = {
        str(key): _said(value)[:1000]
        for key, value in root.items()
        if isinstance(value, str | int | float) and _said(value)
    }
    source = root.get("source")
    if isinstance(source, dict):
        found |= {f"source.{key}": _said(value)[:500] for key, value in source.items() if _said(value)}
    return found


def _expanded(root: Any) -> Any:
    """A compacted list written out: short field names by `fieldKey`, numbers that point into `tables` by what they point to."""
    if not (isinstance(root, dict) and isinstance(root.get("fieldKey"), dict) and isinstance(root.get("tables"), dict)):
        return root
    names: dict[str, tuple[str, list[Any] | None]] = {}
    for short, meaning in root["fieldKey"].items():
        found = _INDEX.match(str(meaning))
        if found:
            table = root["tables"].get(found["table"]) if found["table"] else None
            names[short] = (found["name"], table if isinstance(table, list) else None)

    def full(record: Any) -> Any:
        if not isinstance(record, dict):
            return record
        return {
            names.get(key, (key, None))[0]: _pointed(value, names.get(key, (key, None))[1])
            for key, value in record.items()
        }

    kept = {key: value for key, value in root.items() if key not in {"fieldKey", "tables"}}
    return {key: [full(item) for item in value] if isinstance(value, list) else value for key, value in kept.items()}


def _pointed(value: Any, table: list[Any] | None) -> Any:
    if table is None:
        return value
    if isinstance(value, list):
        return [_pointed(item, table) for item in value]
    return table[value] if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(table) else value
