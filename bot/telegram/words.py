"""Words of others fit to be shown, what Telegram would make of them, moments, and lists cut where there is no room. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.locales import say
from bot.rich import Rich, clean, code
from knowledge.model import Lang

EXCERPT = 600
"""Characters of a description, question or note that a page shows."""
_ALIVE = re.compile(r"(?<=[@#/])(?<![\w<][@#/])(?=\w)|(?<=\w\.)(?=[A-Za-z]{2})|(?<=:)(?=//)")
"""Where a word would become a command, a mention, a tag or a link."""
_COMMAND = re.compile(r"`navicert (\w+)[^`]*`")
"""What to type at a terminal; here the command of that name does the same."""


def one_line(said: str, most: int = 120) -> str:
    """Words of a document, a file's name or a person, fit to be shown, on one line of at most `most` characters."""
    plain = " ".join(clean(said).split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def flat(said: str) -> str:
    """A sentence of an answer on one line, all of it, with the chat's commands in place of a terminal's."""
    return " ".join(_COMMAND.sub(r"/\1", clean(said)).split())


def alive(said: str) -> bool:
    """Would Telegram make a link or a command of something in it?"""
    return _ALIVE.search(said) is not None


def line(said: str, most: int = EXCERPT) -> str:
    """Words of others inside a sentence of ours, on one line of at most `most` characters: nothing in them becomes a command,
    a mention or a link that a tap would follow."""
    return defused(one_line(said, most))


def defused(said: str) -> str:
    """The words with their line breaks, of which nothing becomes a command, a mention or a link that a tap would follow."""
    return _ALIVE.sub("\u200c", said)


def block(said: str, most: int = EXCERPT * 4) -> Rich:
    """Somebody's words with their line breaks, in at most `most` characters; in a fixed font where Telegram would make a
    command or link of them."""
    kept = clean(said).strip()
    kept = kept if len(kept) <= most else f"{kept[: most - 1].rstrip()}…"
    return code(kept) if alive(kept) else Rich(kept)


def moment(at: datetime | None, none: str = "") -> str:
    """A moment in UTC to the minute; `none` where there is none."""
    if at is None:
        return none
    known = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{known.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def spoken(lang: str) -> Lang:
    """The language of a member as the rules name it."""
    return "zh" if lang.lower().startswith("zh") else "en"


def comma(lang: str) -> str:
    """What stands between the items of a list."""
    return "、" if lang == "zh" else ", "


def listed(lang: str, items: Sequence[str], most: int) -> str:
    """The first `most` items as a list, and how many more there are."""
    more = [say(lang, "card.too_many", count=len(items) - most)] if len(items) > most else []
    return comma(lang).join([*items[:most], *more])
