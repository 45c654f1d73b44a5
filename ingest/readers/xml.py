"""XML of a kind no other reader knows: every element with text of its own is a block, named by its tag."""

from ingest.document import BlockKind, Document
from ingest.readers.flow import Context, Vocabulary, blocks_of
from ingest.readers.markup import Element, local_name, parse_xml
from ingest.reasons import Quarantined, Reason
from ingest.text import language

_INLINE = frozenset("b i em strong sub sup a span u emph hi italic bold ref br code tt".split())
_MARKED = 40  # a title is no longer than this many elements away


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """Blocks with attributes `tag` and the element's own; titles and headings by their names.

    Entities are not expanded: a document that hides its text in them comes back without it. Raises Quarantined with
    UNREADABLE.
    """
    warnings: list[str] = []
    root = parse_xml(data, declared=declared, warnings=warnings)
    blocks = blocks_of(root, Vocabulary(context=_context))
    if not blocks and b"<!ENTITY" in data:
        detail = "its text is in entities, which are never expanded (they can hide an attack); send it with the text written out"
        raise Quarantined(Reason.UNREADABLE, detail)
    said = language("\n".join(block.text for block in blocks[:200]))
    declared_language = root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("lang") or ""
    heading = next((block.text for block in blocks[:_MARKED] if block.kind is BlockKind.HEADING), "")
    return Document(
        media_type="application/xml",
        title=heading or name,
        language=declared_language or said,
        blocks=tuple(blocks),
        metadata={"root": local_name(root)},
        warnings=tuple(warnings),
    )


def _context(node: Element, around: list[Context]) -> Context | None:
    name = local_name(node)
    if name.lower() in _INLINE and around:
        return None
    own = {
        "tag": name,
        **{str(key).rpartition("}")[2]: str(value)[:500] for key, value in list(node.attrib.items())[:20]},
    }
    lower = name.lower()
    if lower in {"title", "head", "heading", "header", "h1", "h2", "h3"}:
        return Context(BlockKind.HEADING, min(6, 1 + len(around)), own=own)
    if lower in {"note", "footnote"}:
        return Context(BlockKind.NOTE, own=own)
    return Context(BlockKind.LIST_ITEM, 1, own=own) if lower in {"item", "li"} else Context(own=own)
