"""The terminal chat: the same answers, with a case that follow-ups change."""

from collections.abc import Iterator
from datetime import date

from rich.console import Console

from bot import render
from knowledge.answer import Advisor
from knowledge.errors import BadInput
from knowledge.model import Behaviour, Lang, Transaction
from knowledge.wording import say

_QUIT = {"/quit", "/exit", "exit", "quit", "退出", "再见"}


def converse(advisor: Advisor, on: date, lang: Lang | None, console: Console) -> None:
    """Reads lines until the end of input; `/new` drops the case, `/undo` takes the last message back, `/why` shows the trace."""
    cases: list[Transaction] = []
    spoken: Lang = lang or "en"
    last = None
    console.print(say(spoken, "chat.hello"))
    for line in _lines(console):
        word = line.strip()
        if word.lower() in _QUIT:
            break
        if word == "/new":
            cases, last = [], None
            console.print(say(spoken, "chat.new"))
        elif word == "/undo":
            cases = cases[:-1]
            console.print(say(spoken, "chat.undone" if cases else "chat.new"))
        elif word == "/why":
            console.print(render.trace(last) if last else say(spoken, "chat.nothing"))
        elif word.startswith("/"):
            console.print(say(spoken, "chat.commands"))
        elif word:
            try:
                last = advisor.ask(line, on, lang=lang, case=cases[-1] if cases else None)
            except BadInput as error:
                console.print(str(error))
                continue
            spoken = last.lang
            if last.behaviour in (Behaviour.ANSWER, Behaviour.ASK):
                cases.append(last.transaction)
            console.print(render.page(last))


def _lines(console: Console) -> Iterator[str]:
    while True:
        try:
            yield console.input("\n> ")
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
