"""The only reader of the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import BadInput


@dataclass(frozen=True)
class Settings:
    """`home` holds what Navicert keeps; `home_country` is taken as the origin where a question names none."""

    home: Path
    home_country: str


def settings() -> Settings:
    """The settings of this process. Raises BadInput for a home country that is no ISO 3166-1 alpha-2 code."""
    home = os.environ.get("NAVICERT_HOME")
    country = os.environ.get("NAVICERT_HOME_COUNTRY", "CN").strip().upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise BadInput(
            f"NAVICERT_HOME_COUNTRY is {country!r}, which is no country code. Write two letters, such as CN or DE."
        )
    return Settings(Path(home).expanduser() if home else _default_home(), country)


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("navicert", appauthor=False)
