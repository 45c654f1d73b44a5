"""A memo as one HTML page with nothing outside it: no script, no font, no picture to fetch. Pure."""

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from pathlib import Path

from bot.memo import qr
from bot.memo.model import Block, Facts, Grid, Heading, Lines, Memo, Quoted, Signatures, Source
from bot.memo.text import Line

_TAGS = {"en": "en-GB", "zh": "zh-Hans"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@lru_cache(maxsize=1)
def _style() -> str:
    return (Path(__file__).parent / "memo.css").read_text(encoding="utf-8")


def html(memo: Memo) -> str:
    """The page."""
    title = escape(f"{memo.title} · {memo.subtitle}")
    first, *rest = memo.verdict
    verdict = f"<strong>{escape(first)}</strong>" + "".join(f"<p>{escape(line)}</p>" for line in rest)
    return "\n".join([
        "<!doctype html>", f'<html lang="{_TAGS[memo.lang]}">', "<head>", '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>", f"<style>\n{_style()}</style>", "</head>", "<body>", "<header>",
        f'<div><p class="maker">Navicert</p><h1>{escape(memo.title)}</h1><p>{escape(memo.subtitle)}</p></div>',
        f'<figure role="img" aria-label="{escape(memo.alt)}">{qr.svg(memo.check)}<figcaption>{memo.code}</figcaption></figure>',
        "</header>", "<main>", f'<div class="verdict {memo.tone}">{verdict}</div>', _facts(memo.summary),
        *_numbered(memo), "</main>", f"<footer>{escape(memo.footer)}</footer>", "</body>", "</html>",
    ]) + "\n"  # fmt: skip


def _numbered(memo: Memo) -> Iterator[str]:
    number = 0
    for block in memo.parts:
        if isinstance(block, Heading) and block.level == 1:
            number += 1
            yield f"<h2>{number}. {escape(block.text)}</h2>"
        else:
            yield _block(block)


def _line(line: Line) -> str:
    said = []
    for piece in line:
        text = escape(piece.text)
        text = f'<a href="#source-{piece.mark}">{text}</a>' if piece.mark else text
        said.append(f"<strong>{text}</strong>" if piece.strong else text)
    return "".join(said)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h3>{escape(block.text)}</h3>"
    if isinstance(block, Lines):
        kind = ' class="quiet"' if block.quiet else ""
        if block.bullets:
            return f"<ul{kind}>" + "".join(f"<li>{_line(line)}</li>" for line in block.lines) + "</ul>"
        return "".join(f"<p{kind}>{_line(line)}</p>" for line in block.lines)
    if isinstance(block, Facts):
        return _facts(block)
    if isinstance(block, Grid):
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in block.head)
        rows = "".join("<tr>" + "".join(f"<td>{_line(c)}</td>" for c in row) + "</tr>" for row in block.rows)
        return f'<table class="grid"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    if isinstance(block, Quoted):
        return _quoted(block)
    return _source(block) if isinstance(block, Source) else _signatures(block)


def _facts(facts: Facts) -> str:
    rows = []
    for name, values in facts.rows:
        said = "<br>".join(map(_line, values))
        rows.append(f'<tr><th scope="row">{escape(name)}</th><td>{said}</td></tr>')
    return f'<table class="facts"><tbody>{"".join(rows)}</tbody></table>'


def _quoted(block: Quoted) -> str:
    lang = f' lang="{escape(block.lang)}"' if block.lang else ""
    label = f'<p class="label"><strong>{escape(block.label)}</strong></p>' if block.label else ""
    return f'{label}<blockquote dir="auto"{lang}>{escape(block.text)}</blockquote>'


def _source(block: Source) -> str:
    url = escape(block.url)
    address = f'<p><a href="{url}" rel="noreferrer">{url}</a></p>' if block.url else ""
    kind = f'<span class="own">{escape(block.kind)}</span>' if block.digest else escape(block.kind)
    sure = f'<span class="unsure">{escape(block.standing)}</span>' if block.unconfirmed else escape(block.standing)
    return (
        f'<section class="source" id="source-{block.n}"><p><strong>[{block.n}] {escape(block.title)}</strong></p>'
        f"<p>{escape(block.about)}</p><p>{kind} · {sure}</p>{address}{_quoted(block.quote)}"
        f'<p class="hash">{escape(block.hash)}</p></section>'
    )


def _signatures(block: Signatures) -> str:
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td></td></tr>' for name in block.lines)
    return f'<table class="sign"><tbody>{rows}</tbody></table>'
