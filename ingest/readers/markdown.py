"""Markdown, as statute collections publish it: headings, paragraphs, lists, tables; front matter as metadata."""

import re
from collections.abc import Sequence
from typing import Any

from ingest.document import Block, BlockKind, Document
from ingest.readers.tables import Table, looks_like_header, row_blocks
from ingest.readers.text import blocks_of as plain_blocks
from ingest.text import clean, decode, language, squeeze

_FRONT = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]{0,500})?/?>")
_DEEP = re.compile(r"^(?:[ \t]*>){12}|^[ \t]{30,}(?:[-*+]|\d{1,9}[.)])[ \t]", re.M)
_FULL_WIDTH = re.compile(r"^[\u3000\xa0]+", re.M)


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """Blocks by CommonMark with tables; indented text is a paragraph, not code, since statutes indent their paragraphs.

    List markers and the numbers of ordered lists stay in the text as written. HTML comments are left out, other HTML tags
    are dropped and their text kept. Front matter (`key: value` lines) becomes metadata. Never raises.
    """
    text, _, warning = decode(data, declared)
    text = clean(text)
    metadata: dict[str, str] = {}
    if front := _FRONT.match(text):
        metadata = _front_matter(front[1])
        text = text[front.end() :]
    body = _FULL_WIDTH.sub("", _COMMENT.sub("\n", text))
    deep = _DEEP.search(body)  # the parser drops what is nested deeper than it follows
    blocks = plain_blocks(body) if deep else blocks_of(body)
    warnings = [warning] if warning else []
    if deep:
        warnings.append("lists or quotations are nested too deeply to be followed: read as plain text")
    heading = next((block.text for block in blocks[:20] if block.kind is BlockKind.HEADING and block.level == 1), "")
    return Document(
        media_type="text/markdown",
        title=metadata.get("title") or heading or (blocks[0].text[:200] if blocks else name),
        language=metadata.get("lang")
        or metadata.get("language")
        or language("\n".join(block.text for block in blocks[:400])),
        blocks=tuple(blocks),
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _front_matter(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.split("\n") if re.match(r"[\w -]{1,60}:", line))
    return {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs if value.strip()}


def blocks_of(text: str) -> list[Block]:
    """The blocks of Markdown without front matter and comments."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable(["code", "entity", "lheading"])
    tokens = parser.parse(text)
    out: list[Block] = []
    lists: list[str] = []
    marker = ""
    quote = tables = index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token.type)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            marker = f"{token.info}{token.markup}" if lists and lists[-1] == "ordered_list_open" else ""
        elif token.type in {"blockquote_open", "blockquote_close"}:
            quote += 1 if token.type == "blockquote_open" else -1
        elif token.type == "table_open":
            tables += 1
            end = next(at for at in range(index, len(tokens)) if tokens[at].type == "table_close")
            out += _table(tokens[index:end], tables)
            index = end
        elif token.type == "inline":
            kind, level = _nature(tokens[index - 1], lists, quote)
            for part in _said(token):
                out.append(Block(kind, f"{marker} {part}".strip(), level=level))
                marker = ""
        elif token.type in {"fence", "html_block"}:
            out += [
                Block(BlockKind.PARAGRAPH, line)
                for raw in token.content.split("\n")
                if (line := squeeze(_TAG.sub(" ", raw)))
            ]
        index += 1
    return out


def _nature(opening: Any, lists: Sequence[str], quote: int) -> tuple[BlockKind, int]:
    if opening.type == "heading_open":
        return BlockKind.HEADING, int(opening.tag[1])
    if lists:
        return BlockKind.LIST_ITEM, len(lists)
    return (BlockKind.NOTE if quote else BlockKind.PARAGRAPH), 0


def _said(token: Any) -> list[str]:
    """A paragraph's text without marks of emphasis; a hard line break starts a new paragraph."""
    parts: list[list[str]] = [[]]
    for child in token.children or []:
        if child.type in {"hardbreak", "softbreak"}:
            if child.type == "hardbreak" or _indented(parts[-1]):
                parts.append([])
            else:
                parts[-1].append("\n")
        elif child.type == "image" or child.type != "html_inline":
            parts[-1].append(child.content)
    return [text for part in parts if (text := _one_line("".join(part)))]


def _indented(part: Sequence[str]) -> bool:
    """Whether the line before ended a sentence in Chinese: collections put one paragraph on one line."""
    return bool(part) and part[-1].rstrip()[-1:] in {"。", "；", "：", "！", "？"}


def _one_line(text: str) -> str:
    """Soft breaks become spaces, none between East Asian characters."""
    cjk = "[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
    return squeeze(re.sub(f"(?<={cjk})\n(?={cjk})", "", text))


def _table(tokens: Sequence[Any], number: int) -> list[Block]:
    rows: list[list[str]] = []
    head = 0
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "thead_close":
            head = len(rows)
        elif token.type == "inline":
            rows[-1].append(_one_line(" ".join(_said(token))))
    header = tuple(rows[0]) if head and (any(rows[0]) or looks_like_header(rows[0], rows[1:])) else ()
    return row_blocks(Table(number, header), rows[head:])
