"""What a language model was asked for, by day and person, in the database: one budget for every process."""

from sqlalchemy import Connection, text

from knowledge.llm.budget import ALL
from knowledge.store.database import Database

# One statement that looks and counts, on SQLite and PostgreSQL alike: two processes cannot both take the last of it.
_TAKE = text(
    "INSERT INTO model_usage (day, person, calls, tokens) VALUES (:day, :person, 1, :tokens) "
    "ON CONFLICT (day, person) DO UPDATE SET calls = model_usage.calls + 1, tokens = model_usage.tokens + :tokens "
    "WHERE model_usage.tokens + :tokens <= :most"
)
_ADJUST = text(
    "UPDATE model_usage SET tokens = CASE WHEN tokens + :by < 0 THEN 0 ELSE tokens + :by END "
    "WHERE day = :day AND person = :person"
)


class _OverBudget(Exception):
    """Undoes the transaction."""


class DatabaseUsage:
    """The Usage of knowledge.llm.budget in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, day: str, person: str, tokens: int, most: int, most_all: int) -> bool:
        """Count for the person and for all, or for nobody. Raises StoreError."""
        try:
            with self._database.write() as connection:
                # Everybody's row first: those who wait for it then wait in one order.
                for who, limit in ((ALL, most_all), (person, most)):
                    _take(connection, day, who, tokens, limit)
        except _OverBudget:
            return False
        return True

    def adjust(self, day: str, person: str, by: int) -> None:
        """Put a count right. Raises StoreError."""
        with self._database.write() as connection:
            for who in (ALL, person):
                connection.execute(_ADJUST, {"day": day, "person": who, "by": by})


def _take(connection: Connection, day: str, who: str, tokens: int, limit: int) -> None:
    said = {"day": day, "person": who, "tokens": tokens, "most": limit}
    if tokens > limit or connection.execute(_TAKE, said).rowcount == 0:
        raise _OverBudget
