"""The database that is the truth: SQLite in the data folder, or PostgreSQL by address. Opens it and keeps its schema."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from knowledge.errors import StoreError
from knowledge.settings import DATABASE_FILE
from knowledge.store.schema import meta

MIGRATIONS = Path(__file__).parent / "migrations"
_LAST = "navicert.last"
HEAD = "0008"
"""The newest migration. A test holds it to the folder."""


Write = Callable[[Connection], object]
"""One change, made in the transaction of whoever commits it; so that several changes are kept together or not at all."""


class Database:
    """Connections to one database whose schema is current."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite lets those who wait for the one writer poll; threads of one process take turns instead.
        self._turn = threading.RLock() if self.embedded else nullcontext()

    @property
    def embedded(self) -> bool:
        """SQLite in the data folder rather than a server."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that changes nothing."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing."""
        with (
            self._told(),
            self._turn,
            self.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            kept = connection.info  # held on to: a connection that is lost has none
            last: list[Write] = kept.setdefault(_LAST, [])
            try:
                yield connection
                for write in last:
                    write(connection)
            finally:
                kept.pop(_LAST)

    def commit(self, writes: Iterable[Write]) -> None:
        """Make all changes in one transaction."""
        with self.write() as connection:
            for write in writes:
                write(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise StoreError(f"{self._where()}: {_first_line(error)}. Is the disk full, or the server away?") from error
        except DatabaseError as error:
            raise StoreError(f"{self._where()}: {_first_line(error)}. `navicert doctor` tells more.") from error

    def _where(self) -> str:
        return f"the database {self.engine.url.render_as_string(hide_password=True)}"

    def value(self, key: str) -> str | None:
        """A setting kept in the database itself, such as the folder of the current index."""
        with self.read() as connection:
            return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def at_end(connection: Connection, write: Write) -> None:
    """Have a change made as the last of the transaction of `connection`, which is one of `Database.write`.

    What every transaction wants to lock is locked there: before it, two that lock other things in another order could
    wait for each other.
    """
    connection.info[_LAST].append(write)


def put_value(connection: Connection, key: str, value: str) -> None:
    """Set a value in the transaction of `connection`."""
    changed = connection.execute(meta.update().where(meta.c.key == key).values(value=value))
    if changed.rowcount == 0:
        connection.execute(meta.insert().values(key=key, value=value))


def address(home: Path, url: str | None) -> str:
    """The address to open: `url` where one is set, else SQLite in `home`."""
    return url or f"sqlite:///{home / DATABASE_FILE}"


def open_database(home: Path, url: str | None = None) -> Database:
    """The database, created or brought to the newest schema first.

    Raises StoreError where it cannot be opened, is not ours, or is of a newer Navicert.
    """
    where = address(home, url)
    try:
        parsed = make_url(where)
    except SQLAlchemyError as error:
        raise StoreError(
            f"NAVICERT_DATABASE: {_first_line(error)}. Write it like postgresql+psycopg://user@host/name."
        ) from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        _make_folder(home)
    engine = _engine(parsed.render_as_string(hide_password=False))
    database = Database(engine)
    try:
        with database._told():
            _migrate(engine)
    except ModuleNotFoundError as error:
        raise StoreError(f"NAVICERT_DATABASE needs {error.name}. Install navicert[postgres].") from None
    return database


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the data folder {home} cannot be made: {error.strerror}. Set NAVICERT_HOME to a folder you may write."
        ) from None


def _engine(where: str) -> Engine:
    # Values are hidden in errors: they may be what a person wrote.
    try:
        if not where.startswith("sqlite"):
            return create_engine(where, pool_pre_ping=True, hide_parameters=True)
        engine = create_engine(where, connect_args={"timeout": 30}, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise StoreError(f"NAVICERT_DATABASE needs the package {error.name}. Install navicert[postgres].") from None

    @event.listens_for(engine, "connect")
    def _pragmas(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # SQLAlchemy, not the driver, begins
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")  # readers go on while one writes
        cursor.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives the power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that writes takes its turn at once: one that began by reading could find the turn gone.
        immediate = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    """Bring the schema to HEAD; two processes that start at once do it one after the other."""
    with engine.connect() as connection:
        current = _revision(connection)
    if current == HEAD:
        return
    if current is not None and current > HEAD:
        raise StoreError(
            f"the database is of a newer Navicert (schema {current}, this one knows {HEAD}). Upgrade Navicert."
        )
    from alembic import command
    from alembic.config import Config

    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7262438)"))  # any number, as long as it is ours
        if _revision(connection) != HEAD:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(".")
