"""HTML and XHTML pages, EUR-Lex layouts among them: the law's text without the page's furniture."""

import re
from collections.abc import Mapping
from html import unescape

from ingest.document import Block, BlockKind, Document
from ingest.readers.flow import MARKER, Context, GridOfCells, Vocabulary, blocks_of, superscript
from ingest.readers.markup import RESOURCE_LIMIT, Element, grid, local_name, number, words
from ingest.readers.tables import looks_like_header, merged_header
from ingest.reasons import Quarantined, Reason
from ingest.text import clean, decode, language, squeeze

_BLOCKS = frozenset(
    "address article blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form header "
    "hgroup hr legend li main ol p pre section summary table tbody td tfoot th thead tr ul html txt_te option".split()
)
_DROPPED = frozenset(
    "script style noscript nav iframe object embed svg canvas template button select textarea map audio video head input".split()
)
_FURNITURE = frozenset(
    "nav navbar navigation menu breadcrumb breadcrumbs cookie cookies cookie-banner footer site-footer sidebar share social "
    "banner skip-link skiplink pagination toolbar sr-only visually-hidden".split()
)
_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "menu", "menubar", "toolbar"))
_TITLE_CLASSES = frozenset(("oj-doc-ti", "doc-ti", "title-doc-first", "title-doc-last", "eli-main-title"))
_RUNNING = frozenset(
    "oj-hd-date oj-hd-lg oj-hd-ti oj-hd-oj hd-date hd-lg hd-ti hd-oj".split()
)  # a page head of the Official Journal
_HEADING_CLASSES = {
    "oj-doc-ti": 1, "doc-ti": 1, "title-doc-first": 1, "oj-ti-section-1": 2, "ti-section-1": 2, "title-division-1": 2, "oj-ti-section-2": 2,
    "ti-section-2": 2, "title-division-2": 2, "oj-ti-art": 3, "ti-art": 3, "title-article-norm": 3, "oj-sti-art": 3, "sti-art": 3,
    "stitle-article-norm": 3, "oj-ti-annotation": 3, "oj-ti-grseq-1": 3, "ti-grseq-1": 3, "title-gr-seq-level-1": 3, "title-annex-1": 2,
    "title-annex-2": 2, "oj-ti-grseq-2": 4, "title-gr-seq-level-2": 4,
}  # fmt: skip
_NOTE_CLASSES = frozenset(("oj-note", "note", "footnote", "oj-footnote"))
_BREAKS = frozenset("br p div li td tr th".split())
_EMBEDDED = re.compile(r"data:[\w.+/-]{0,80};base64,[A-Za-z0-9+/=%\s]*")  # pictures: megabytes of no text


def read(data: bytes, name: str = "", declared: str | None = None, media_type: str = "text/html") -> Document:
    """The page's blocks; headings, lists, table rows and notes told apart, classes and ELI ids kept as attributes.

    Raises Quarantined with UNREADABLE where no markup can be had from the bytes.
    """
    text, _, warning = decode(data, declared)
    text = _EMBEDDED.sub("data:,", clean(text)) if ";base64," in text else clean(text)
    root, whole = _root(text, media_type)
    warnings = [warning] if warning else []
    if whole:
        blocks = blocks_of(_content(root), _VOCABULARY)
        if not blocks:
            blocks = blocks_of(root, Vocabulary(context=_context, drop=_never_text, table=_cells, inline=_inline))
    else:
        blocks = [Block(BlockKind.PARAGRAPH, line) for line in _stripped(text)]
        warnings.append("the markup is nested too deeply to be followed: read as plain text")
    metadata = _metadata(root)
    return Document(
        media_type=media_type,
        title=_title(root, blocks, metadata, name),
        language=_language(root, metadata) or language("\n".join(block.text for block in blocks)),
        blocks=tuple(blocks),
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _root(text: str, media_type: str) -> tuple[Element, bool]:
    """The page's root, and whether all of the page is below it: libxml2 drops what is nested too deeply."""
    import lxml.html
    from lxml import etree

    if media_type == "application/xhtml+xml":
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            return etree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode(), parser), True
        except etree.XMLSyntaxError:
            pass  # served as XHTML and not well-formed: browsers show it, so is it read
    try:
        # HTML has no entities to blow up: huge_tree only lets elements nest 2,048 deep and text run over 10 MB
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
        root = lxml.html.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8", "replace"), parser=parser
        )
        return root, not any(error.type == RESOURCE_LIMIT for error in parser.error_log)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as cause:
        detail = f"the page cannot be parsed ({str(cause)[:120]}); save it again from its official address"
        raise Quarantined(Reason.UNREADABLE, detail) from cause


def _content(root: Element) -> Element:
    """The element that holds the text proper: `main` or the only `article` where most of the text is in it."""
    whole = len(words(root, _never_text))
    found = [node for node in root.iter() if local_name(node) in {"main", "article"} or _is_main(node)]
    for node in found[:5]:
        if len(words(node, _never_text)) > 0.4 * whole:
            return node
    return root


def _is_main(node: Element) -> bool:
    return bool(local_name(node)) and (node.get("role") == "main" or node.get("id") in {"TexteOnly", "document1"})


def _classes(node: Element) -> frozenset[str]:
    return frozenset((node.get("class") or "").lower().split())


def _never_text(node: Element) -> bool:
    return local_name(node) in _DROPPED - {"nav"}


def _furniture(node: Element) -> bool:
    """Scripts, navigation, banners, footers and what is not shown."""
    name = local_name(node)
    if name in _DROPPED or node.get("role") in _ROLES or node.get("hidden") is not None:
        return True
    style = (node.get("style") or "").replace(" ", "").lower()
    if "display:none" in style or "visibility:hidden" in style:
        return True
    if name in {"footer", "aside"} or (
        name == "header" and not node.xpath(".//*[local-name()='h1' or local-name()='h2']")
    ):
        return True
    classes = _classes(node)
    if name not in {"body", "html"} and (classes & _FURNITURE or (node.get("id") or "").lower() in _FURNITURE):
        return True
    if name == "table" and any(_classes(cell) & _RUNNING for cell in node.iter("{*}p")):
        return not node.xpath("count(.//*[local-name()='p']) > 8")
    return name == "ul" and _only_links(node)


def _only_links(node: Element) -> bool:
    """A list whose every item is one short link: a menu. Fewer than three items are left alone."""
    items = [child for child in node if local_name(child) == "li"]
    if len(items) < 3:
        return False
    for item in items:
        links = [
            link for link in item.iter() if local_name(link) == "a" and not (link.get("href") or "#").startswith("#")
        ]
        said = words(item)
        if not links or len(said) > 60 or len("".join(words(link) for link in links)) < 0.8 * len(said):
            return False
    return True


def _inline(node: Element) -> str | None:
    name = local_name(node)
    if name == "br":
        return "\v"
    if name == "sup" and len(node) == 0:
        return superscript(node.text or "")
    return None


def _context(node: Element, around: list[Context]) -> Context | None:
    name = local_name(node)
    heading = re.fullmatch(r"h([1-6])", name)
    if not heading and name not in _BLOCKS:
        return None
    own = {key: node.get(key) for key in ("class", "id") if node.get(key)}
    classes = _classes(node)
    attributes = {"eli": own["id"]} if "id" in own and any(one.startswith("eli-") for one in classes) else {}
    if heading:
        return Context(BlockKind.HEADING, int(heading[1]), attributes, own)
    level = next((_HEADING_CLASSES[one] for one in classes if one in _HEADING_CLASSES), 0)
    if level and name in {"p", "div"} and not any(local_name(child) in _BLOCKS for child in node):
        return Context(BlockKind.HEADING, level, attributes, own)
    if classes & _NOTE_CLASSES:
        return Context(BlockKind.NOTE, 0, attributes, own)
    if name in {"ul", "ol"}:
        depth = 1 + sum(1 for context in around if context.attributes.get("list"))
        return Context(None, depth, {**attributes, "list": str(depth)})
    if name in {"li", "dd"}:
        depth = max([1, *(int(context.attributes.get("list", "1")) for context in around)])
        return Context(BlockKind.LIST_ITEM, depth, attributes, own)
    return Context(None, 0, attributes, own, cell=name in {"td", "th"}, row=name == "tr")


def _cells(node: Element) -> GridOfCells | None:
    """The cells of a data table; None for other elements and for tables that only lay out numbered text."""
    if local_name(node) != "table":
        return None
    own = [row for row in node.iter() if local_name(row) == "tr" and _table_of(row) is node]
    rows: list[list[tuple[str, int, int]]] = []
    heads = 0
    for row in own:
        cells = [cell for cell in row if local_name(cell) in {"td", "th"}]
        rows.append(
            [
                (words(cell, _hidden, _BREAKS), number(cell.get("colspan")), number(cell.get("rowspan")))
                for cell in cells
            ]
        )
        in_head = local_name(row.getparent()) == "thead" or (bool(cells) and all(map(_is_head, cells)))
        heads += in_head and heads == len(rows) - 1
    if not _is_data(node, rows, bool(heads)):
        return None
    laid = grid(rows)
    caption = next((words(child) for child in node if local_name(child) == "caption"), "")
    if not heads and len(laid) > 1 and looks_like_header(laid[0], laid[1:]) and _bold(own[0]):
        heads = 1
    return GridOfCells(merged_header(laid[:heads]), laid[heads:], caption)


def _hidden(node: Element) -> bool:
    return local_name(node) in _DROPPED


def _is_head(cell: Element) -> bool:
    return local_name(cell) == "th" or any(one.endswith("tbl-hdr") for part in cell for one in _classes(part))


def _bold(row: Element) -> bool:
    return all(
        cell.xpath(".//*[local-name()='b' or local-name()='strong']") or _is_head(cell)
        for cell in row
        if local_name(cell) in {"td", "th"}
    )


def _table_of(row: Element) -> Element:
    node = row.getparent()
    while node is not None and local_name(node) != "table":
        node = node.getparent()
    return node


def _is_data(table: Element, rows: list[list[tuple[str, int, int]]], headed: bool) -> bool:
    """Layout tables put a number beside its text or a page into columns; the rest hold data."""
    if headed or _classes(table) & {"oj-table", "table", "data"}:
        return True
    wide = [row for row in rows if len(row) > 1]
    if not wide:
        return False
    numbered = sum(1 for row in wide if len(row) == 2 and (not row[0][0] or MARKER.fullmatch(row[0][0])))
    if numbered == len(wide) or any(len(text) > 3000 for row in rows for text, _, _ in row):
        return False
    bordered = (table.get("border") or "0") not in {"0", ""}
    if not bordered and table.xpath(".//*[local-name()='table']"):
        return False
    return bordered or len(wide) > 1


def _stripped(text: str) -> list[str]:
    """What is left of a page without its tags, scripts and comments; each pattern runs over the text once."""
    bare = re.sub(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", " ", text, flags=re.S | re.I)
    return [line for part in re.split(r"<[^<>]{0,2000}>", bare) if (line := squeeze(unescape(part)))]


def _metadata(root: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in root.iter():
        name = local_name(node)
        if name == "meta" and (key := node.get("name") or node.get("property")) and node.get("content"):
            found.setdefault(squeeze(key)[:100], squeeze(node.get("content"))[:1000])
        elif name == "link" and (node.get("rel") or "").lower() == "canonical" and node.get("href"):
            found["canonical"] = squeeze(node.get("href"))
        elif name == "body":
            break
    return found


def _title(root: Element, blocks: list[Block], metadata: Mapping[str, str], name: str) -> str:
    """The act's own title where the layout marks it; else `title`, the first heading, the name."""
    marked: list[str] = []
    for block in blocks[:60]:
        if frozenset(block.attributes.get("class", "").split()) & _TITLE_CLASSES:
            marked.append(block.text)
        elif marked:
            break
    if marked:
        return " ".join(marked)[:500]
    declared = next((words(node) for node in root.iter() if local_name(node) == "title"), "")
    heading = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    return declared or metadata.get("DC.title", "") or heading or name


def _language(root: Element, metadata: Mapping[str, str]) -> str:
    for claim in (
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        metadata.get("DC.language"),
    ):
        if claim and re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][\w-]+)?", claim.strip()):
            return claim.strip().split("_")[0].lower() if len(claim.strip()) <= 3 else claim.strip().replace("_", "-")
    return ""


_VOCABULARY = Vocabulary(context=_context, drop=_furniture, table=_cells, inline=_inline)
