"""A review of the change desk as a page for a browser, whole: nothing is cut, every word of others is escaped."""

from html import escape

from bot.change_view import Place, View
from bot.locales import say
from bot.rich import clean
from bot.telegram import change_pages as pages

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
h2 { font-size: 1rem; margin: 2rem 0 .3rem; } p { white-space: pre-wrap; margin: .2rem 0; overflow-wrap: anywhere; }
ins { background: #d9f2d9; color: #0b4d0b; } del { background: #fbdcdc; color: #7a1010; }
"""


def page(found: View, lang: str) -> str:
    """The page in `en` or `zh`."""
    title = escape(say(lang, "changes.title", number=found.review.id))
    head = "".join(f"<p>{escape(line)}</p>\n" for line in pages.above(found, lang).text.split("\n"))
    parts = [f"<p>{escape(pages.entry(part, lang).text)}</p>" for part in found.parts]
    parts += [_place(found.place(n), lang) for n in range(len(found.differences))]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{head}{body}\n</body>\n</html>\n"
    )


def _place(found: Place, lang: str) -> str:
    tags = {"same": "{}", "added": "<ins>{}</ins>", "removed": "<del>{}</del>", "gap": "{}"}
    text = "".join(tags[piece.kind].format(escape(clean(piece.text))) for piece in found.pieces)
    return f"<h2>{escape(pages.heading(found, lang))}</h2>\n<p>{text}</p>"
