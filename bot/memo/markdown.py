"""A memo as Markdown. Whatever would be markup in it is escaped. Pure."""

import re
from collections.abc import Iterator

from bot.memo.model import Block, Facts, Grid, Heading, Lines, Memo, Quoted, Signatures, Source
from bot.memo.text import Line

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_BEGINS = re.compile(r"^(\s*)([-+=]|\d{1,9}[.)])", re.MULTILINE)
_LINKED = re.compile(r"(https?|ftp|www|\w(?=@))([:.@])", re.IGNORECASE)
_INDENTED = re.compile(r"^ +", re.MULTILINE)


def markdown(memo: Memo) -> str:
    """The memo's text."""
    parts = [f"# {escaped(memo.title)}", escaped(memo.subtitle), _verdict(memo), _facts(memo.summary)]
    parts.append(f"{escaped(memo.code_name)}: **{memo.code}**\n\n`{memo.check}`")
    number = 0
    for block in memo.parts:
        if isinstance(block, Heading) and block.level == 1:
            number += 1
            parts.append(f"## {number}. {escaped(block.text)}")
        else:
            parts.append("\n".join(_block(block)))
    return "\n\n".join([*parts, f"*{escaped(memo.footer)}*"]) + "\n"


def escaped(text: str) -> str:
    """The words with nothing in them that Markdown would act upon, and no address that would become a link by itself."""
    text = _ACTIVE.sub(r"\\\1", text)
    text = _LINKED.sub(r"\1\\\2", text)
    text = _INDENTED.sub(lambda m: "&nbsp;" * len(m[0]), text)
    return _BEGINS.sub(lambda m: f"{m[1]}{m[2][:-1]}\\{m[2][-1]}", text)


def _line(line: Line) -> str:
    said = []
    for piece in line:
        text = f"[\\[{piece.mark}\\]](#source-{piece.mark})" if piece.mark else escaped(piece.text)
        said.append(f"**{text}**" if piece.strong and text.strip() else text)
    return "".join(said)


def _verdict(memo: Memo) -> str:
    first, *rest = memo.verdict
    return "\n>\n".join([f"> **{escaped(first)}**", *(f"> {escaped(line)}" for line in rest)])


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"### {escaped(block.text)}"
    elif isinstance(block, Lines):
        between = "" if block.bullets else "\n"
        yield f"{between}\n".join(("- " if block.bullets else "") + _line(line) for line in block.lines)
    elif isinstance(block, Facts):
        yield _facts(block)
    elif isinstance(block, Grid):
        yield _table([block.head, *([_line(cell) for cell in row] for row in block.rows)])
    elif isinstance(block, Quoted):
        yield _quoted(block)
    elif isinstance(block, Source):
        yield from _source(block)
    else:
        yield from _signatures(block)


def _facts(facts: Facts) -> str:
    rows = [(f"**{escaped(name)}**", "<br>".join(map(_line, values))) for name, values in facts.rows]
    return _table([("", ""), *rows])


def _table(rows: list[tuple[str, ...] | list[str]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body])


def _quoted(block: Quoted) -> str:
    head = [f"**{escaped(block.label)}**", ""] if block.label else []
    return "\n".join([*head, *(f"> {escaped(line)}  " if line.strip() else ">" for line in block.text.split("\n"))])


def _source(block: Source) -> Iterator[str]:
    yield f'<a id="source-{block.n}"></a>**\\[{block.n}\\] {escaped(block.title)}**  '
    yield f"{escaped(block.about)}  "
    sure = escaped(block.standing)
    yield f"{escaped(block.kind)} · {f'**{sure}**' if block.unconfirmed else sure}  "
    if block.url:
        yield f"<{_address(block.url)}>"
    yield ""
    yield _quoted(block.quote)
    yield ""
    yield escaped(block.hash)


def _address(url: str) -> str:
    return re.sub(r"[\s<>\\]", lambda m: f"%{ord(m[0]):02X}", url)


def _signatures(block: Signatures) -> Iterator[str]:
    yield _table([("", ""), *((f"**{escaped(name)}**", "_" * 30) for name in block.lines)])
