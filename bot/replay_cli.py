"""`navicert audit replay`: old answers worked out again, on their own rules and library and on those of now."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.clock import day, today
from bot.library_services import Json, store_of_settings
from bot.rich import clean
from knowledge.errors import BadInput
from knowledge.settings import settings

NAMED = 8
"""Provisions that are named behind one difference."""
SHOWN = 40
"""Causes that are printed; --json has all."""


def register(audit: typer.Typer) -> None:
    """Add the command to `navicert audit`."""
    audit.command("replay")(replay)


def replay(
    numbers: Annotated[list[int] | None, typer.Argument(metavar="N...", help="Numbers of questions, as the chat and `navicert reviews` show them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every answer that is kept, on its own state.")] = False,
    as_of: Annotated[str | None, typer.Option("--on", help="Read today's law on this day (YYYY-MM-DD); default the day that was asked for.")] = None,
    on_today: Annotated[bool, typer.Option("--today", help="Read today's law on today's day.")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Work out kept answers again on their own rules, library and day, then on today's, and say what differs and why.

    Ends with 1 where an answer is not what it was on its own state, or that state is gone.
    """
    from knowledge.replay import Place
    from knowledge.replaying import moved, present
    from knowledge.replaying import replay as replayed
    from knowledge.store.cases import Cases

    if on_today and as_of:
        raise BadInput("--today and --on are both given. Keep one of them.")
    if bool(numbers) == every:
        raise BadInput("Name the questions to replay, or write --all.")
    when = today() if on_today else (day(as_of) if as_of else None)
    sound = True
    with store_of_settings() as store:
        place = Place(settings(), store.database)
        wanted = Cases(store.database).numbers() if every else tuple(numbers or ())
        current = None if every and when is None else present(place)
        for found in replayed(wanted, place):
            now = moved(found.asked, place, when, current) if current is not None else None
            sound = sound and found.identical
            if as_json:
                print(json.dumps(_json(found, now), ensure_ascii=False))
            elif not every or not found.identical:
                print(_page(found, now))
        if every and not as_json:
            print(f"{len(wanted)} answers replayed; {'all are what they were' if sound else 'see those above'}")
    if not sound:
        raise typer.Exit(1)


def _page(found: Any, now: Any) -> str:
    asked = found.asked
    lines = [
        f"Question {asked.id}, {asked.asked_at:%Y-%m-%d %H:%M} UTC, law of {asked.answer.on}: {_line(asked.text)}",
        f"  answered {asked.verdict}; rules {asked.rulebook[:12]}, library {asked.generation}",
        f"On its own state: {_verdict(found)}",
        *_differences(found.differs),
        *(f"  note: {said}" for said in found.caveats),
    ]
    if now is not None:
        state = f"rules {now.state.rulebook[:12]}, library {now.state.generation}, law of {now.answer.on}"
        told = "the same answer" if not now.differs else f"{now.answer.verdict}, {_counted(now.differs)}"
        lines += [f"On today's state ({state}): {told}", *_differences(now.differs)]
        lines += [f"  because: {_cause(c)}" for c in now.causes[:SHOWN]]
        if len(now.causes) > SHOWN:
            lines.append(f"  and {len(now.causes) - SHOWN} more; --json names all")
    return "\n".join(lines)


def _verdict(found: Any) -> str:
    if found.gone:
        return f"cannot be worked out: {found.gone}"
    return "identical" if found.identical else _counted(found.differs)


def _counted(differs: tuple[Any, ...]) -> str:
    from knowledge.compare import flips

    kind = "the outcome differs" if flips(differs) else "the outcome is the same, its grounds or words differ"
    return f"{kind} ({len(differs)})"


def _differences(differs: tuple[Any, ...]) -> list[str]:
    """A line each; what is cited otherwise on two lines; the provisions behind a regime's outcome once."""
    lines, told = [], set()
    for one in differs:
        if one.what == "citation":
            continue
        under = ", ".join(f"{r.instrument} {r.provision}" for r in one.causes[:NAMED])
        more = f" and {len(one.causes) - NAMED} more" if len(one.causes) > NAMED else ""
        shown = f" [{under}{more}]" if under and one.causes not in told and one.what != "quote" else ""
        told.add(one.causes)
        where = f"{one.regime} " if one.regime else ""
        lines.append(f"  {where}{one.what}: {_line(one.before)} -> {_line(one.after)}{shown}")
    for heading, names in (
        ("no longer cited", [d.before for d in differs if d.what == "citation" and d.before]),
        ("cited besides", [d.after for d in differs if d.what == "citation" and d.after]),
    ):
        if names:
            lines.append(f"  {heading}: {_line(', '.join(names))}")
    return lines


def _cause(cause: Any) -> str:
    what = " ".join(part for part in (cause.kind, cause.name, cause.field) if part)
    if not cause.before:
        return f"{what} was added: {_line(cause.after)}"
    if not cause.after:
        return f"{what} was removed: {_line(cause.before)}"
    return f"{what}: {_line(cause.before)} -> {_line(cause.after)}"


def _line(text: str) -> str:
    """On one line, and without what would steer a terminal."""
    said = " ".join(clean(text).split())
    return (said[:300] + "…" if len(said) > 300 else said) or "nothing"


def _json(found: Any, now: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "number": found.asked.id,
        "on": found.asked.answer.on.isoformat(),
        "verdict": found.asked.verdict,
        "state": asdict(found.state),
        "identical": found.identical,
        "gone": found.gone,
        "notes": list(found.caveats),
        "differs": [asdict(d) for d in found.differs],
    }
    if now is not None:
        said["today"] = {
            "on": now.answer.on.isoformat(),
            "verdict": str(now.answer.verdict),
            "state": asdict(now.state),
            "differs": [asdict(d) for d in now.differs],
            "causes": [asdict(c) for c in now.causes],
        }
    return said
