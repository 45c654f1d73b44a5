"""The one question to put next, and what can be pressed to answer it. Pure."""

from bot.locales import say as told
from bot.telegram.page import called
from knowledge.model import Answer, Missing

_YES_NO = frozenset("chinese_origin chinese_technology us_origin transfer party annex_line russia_current".split())
_CHOICES = 12  # more is no choice but a search: then it is written


def question(answer: Answer) -> tuple[Missing, str] | None:
    """The one question to put now: the first that decides, else the first that would help."""
    asked = list(zip(answer.missing, answer.questions, strict=True))
    return next((a for a in asked if a[0].decides), asked[0] if asked else None)


def missing_buttons(answer: Answer) -> tuple[tuple[str, str, str], ...]:
    """What can be pressed to answer the question that `question` gives: (label, fact, value). Empty where it has to be
    written. Values: yes, no, unknown; civil, military; a symbol, kind, form, part or code; none; for `mixed`: part, mixed."""
    asked = question(answer)
    if asked is None:
        return ()
    fact, lang = asked[0].fact, answer.lang
    name, _, listed = fact.partition(":")
    options = list(asked[0].options)
    choices: list[tuple[str, str]] = []

    def word(key: str, **fields: str) -> str:
        return told(lang, f"card.button.{key}", **fields)

    if name in _YES_NO:
        choices = [(word("yes"), "yes"), (word("no"), "no")]
    elif name in ("end_use", "end_user"):
        choices = [(word("civil"), "civil"), (word("military"), "military")]
    elif name in ("contains", "kind", "form", "part") and listed and listed.count(",") < _CHOICES:
        choices = [(word(name, name=called(lang, name, v)), v) for v in listed.split(",")]
        choices.append((word("contains_none" if name == "contains" else "none"), "none"))
    elif name == "mixed":
        choices = [(word("no_part"), "part"), (word("mixed"), "mixed")]
    elif options:
        choices = [(o, o) for o in options]
    more = [(word("unknown"), "unknown")] if choices else []
    return tuple((label, fact, value) for label, value in (*choices, *more))
