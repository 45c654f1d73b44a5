"""Which stored answers a change of the law's texts may flip: what leans on the changed places, held against the index of the alerts."""

from collections.abc import Iterator
from datetime import date

from bot.change_view import Flips
from knowledge.alerts.changes import Change, touch
from knowledge.alerts.needs import key
from knowledge.alerts.state import of_book
from knowledge.rulebook.book import RuleBook
from knowledge.store.alerts import Alerts
from knowledge.store.database import Database
from knowledge.store.leaning import Leaning


def may_flip(database: Database, book: RuleBook, home: str, on: date) -> Flips:
    """Numbers of the stored answers, newest first, that could come out otherwise if the entries, rules and parties that lean
    on the changed places did. Answers that nobody looks after any more do not count."""
    parts = of_book(book, on, home).parts

    def changed(leaning: Leaning) -> Iterator[Change]:
        ids = [f"entry:{code}" for code in leaning.entries] + [f"rule:{name}" for name in leaning.rules]
        ids += [f"party:{name}" for kind, name in leaning.others if kind == "party"]
        yield from (Change("changed", i, parts[i].need, parts[i]) for i in ids if i in parts)
        for code in leaning.entries:  # a compiled list's: it is kept by entries, not by paragraphs
            if f"entry:{code}" not in parts:
                yield Change("changed", f"us:{code[:5]}", key(f"us:{code[:5]}"))

    def flips(leaning: Leaning) -> tuple[int, ...]:
        found = tuple(changed(leaning))
        return tuple(sorted(Alerts(database).touched(touch(found)), reverse=True)) if found else ()

    return flips
