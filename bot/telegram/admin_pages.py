"""What the admin's conversations share: lengths of time, turns, rows of buttons, and a message put in the place of one."""

from bot.locales import say
from bot.rich import Rich, joined
from bot.telegram.events import Button, Event, Rows, Say, Turn
from knowledge.store.people import Known


def lasting(lang: str, seconds: float) -> str:
    """A length of time in words, coarser the longer it is: a shown clock need not change at every look."""
    whole = max(0, int(seconds))
    if whole < 60:
        return say(lang, "ingest.seconds", n=whole // 5 * 5)
    if whole < 3600:
        return say(lang, "ingest.minutes", n=whole // 60, s=whole % 60 // 15 * 15)
    return say(lang, "ingest.hours", n=whole // 3600, m=whole % 3600 // 60)


def page(event: Event, text: Rich | str, rows: Rows = (), **more: str) -> Turn:
    """A turn of one message: in the place of the one whose button was pressed, else a new one."""
    target = event.message if event.kind == "button" else None
    return Turn((Say(text if isinstance(text, Rich) else Rich(text), rows, edit=target),), **more)  # type: ignore[arg-type]


def refused(text: Rich | str, action: str, target: str = "") -> Turn:
    """A turn that says why something is not done; the trail keeps that it was asked for."""
    said = text if isinstance(text, Rich) else Rich(text)
    return Turn((Say(said),), action=action, target=target, outcome="refused")


def in_rows(buttons: list[Button], wide: int = 2) -> Rows:
    """Buttons in rows of `wide`."""
    return tuple(tuple(buttons[n : n + wide]) for n in range(0, len(buttons), wide))


def to_person(known: Known, key: str, **role: str) -> Say:
    """A message to another person's private chat, in the language they chose, else in both. `role` names one to be worded."""
    langs = (known.language,) if known.language in ("en", "zh") else ("en", "zh")
    lines = (say(own, key, **{k: say(own, f"users.role_{r}") for k, r in role.items()}) for own in langs)
    return Say(joined(lines, "\n\n"), chat=known.id)
