"""One process a bot: two that answer for the same token would share its messages out between them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from knowledge.errors import Busy
from knowledge.store.database import Database
from knowledge.store.owner import Held, only


@contextmanager
def sole(home: Path, database: Database, bot_id: int) -> Iterator[Held]:
    """Be the one process that answers for this bot over this folder and this database, while the block runs.

    Yields what tells whether that is still so: with PostgreSQL the lock goes with its connection, and a process that has
    lost it is to end. A killed process lets go by itself. Raises Busy where another one answers.
    """
    with ExitStack() as stack:
        try:
            held = stack.enter_context(only(home, database, f"bot-{bot_id}", "navicert serve"))
        except Busy as busy:
            raise Busy(
                f"another navicert serve answers for this bot: {busy}. Stop that one, or give this one another token."
            ) from None
        yield held
