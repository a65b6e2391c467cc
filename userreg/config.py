"""The settings: environment variables, and `.env` beside them for development."""

import os
import re
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, unquote

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from userreg.errors import SettingInvalid

DEFAULT_DATABASE_URL: Final = "sqlite://userreg.sqlite3"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,256}")
_ADDRESS: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/%-]*)?"
    r"|https?://\[[0-9a-fA-F:.]+\](:\d+)?(/[A-Za-z0-9._~/%-]*)?"
)
#: Where browsers keep a cookie that wants HTTPS.
_KEEPS_COOKIES: Final = re.compile(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)")
_TOKEN: Final = re.compile(r"\d{1,16}:[A-Za-z0-9_-]+")


class Settings(BaseSettings):
    """Everything an operator can choose. The names are those of the environment, in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    bot_token: SecretStr | None = None
    webhook_url: str | None = None
    webhook_path: str = "/webhook"
    webhook_secret: SecretStr | None = None
    webhook_secret_old: SecretStr | None = None
    database_url: SecretStr | None = None
    pg_name: str | None = None
    pg_user: str | None = None
    pg_password: SecretStr | None = None
    pg_host: str = "localhost"
    pg_port: int = 5432
    host: str = "0.0.0.0"  # noqa: S104  a web service listens where it is put
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_concurrency: Annotated[int, Field(ge=1, le=100)] | None = None
    telegram_api_url: str = "https://api.telegram.org"
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    default_language: str = "en"
    pages_url: str | None = None
    operator_contact: str | None = None
    commands_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    security_key: SecretStr | None = None
    metrics_token: SecretStr | None = None
    sentry_dsn: SecretStr | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("bot_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("looks like no token of @BotFather (123456:ABC-DEF…)")
        return value

    @field_validator("webhook_secret", "webhook_secret_old", "security_key", "metrics_token")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("has to be 32 to 256 characters of A-Z a-z 0-9 _ -")
        return value

    @field_validator("webhook_path")
    @classmethod
    def _check_path(cls, value: str) -> str:
        if not re.fullmatch(r"/[A-Za-z0-9_./-]*", value):
            raise ValueError("has to begin with / and be a path of letters, digits and _ . -")
        if re.match(r"/(livez|readyz|metrics|admin)(/|$)", value):
            raise ValueError("names a page of the bot itself: choose another one, like /webhook")
        return value

    @field_validator("webhook_url", "telegram_api_url", "pages_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError(
                "has to be an address like https://bot.example.org, without a user or a query"
            )
        return value and value.rstrip("/")

    @field_validator("pages_url")
    @classmethod
    def _check_pages(cls, value: str | None) -> str | None:
        if value is not None and not _KEEPS_COOKIES.match(value):
            raise ValueError(
                "has to begin with https:// (http:// is for localhost alone): "
                "browsers keep no session otherwise"
            )
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _check_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        ids = re.split(r"[\s,]+", value.strip(" ,"))
        if not all(re.fullmatch(r"[1-9]\d{0,15}", one) for one in ids):
            raise ValueError("has to be user ids with commas between them, like 101,202")
        return frozenset(map(int, ids))

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def token(self) -> str:
        """The bot's token. Raises `SettingInvalid` when there is none."""
        if self.bot_token is None:
            raise SettingInvalid(
                "BOT_TOKEN is not set: get a token from @BotFather and set it, "
                "or try userreg demo, which needs none."
            )
        return self.bot_token.get_secret_value()

    @property
    def bot_id(self) -> int:
        """The bot's own user id, which its token begins with. Raises `SettingInvalid`."""
        return int(self.token.partition(":")[0])

    def cannot_listen(self, error: OSError) -> SettingInvalid:
        """What to say of HOST and PORT then."""
        known = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno) if known and error.errno else error.strerror
        return SettingInvalid(
            f"HOST {self.host} and PORT {self.port} cannot be listened on: {reason}."
        )

    @property
    def webhook_address(self) -> str:
        """Where Telegram is to send updates. Raises `SettingInvalid` when WEBHOOK_URL is unset."""
        if self.webhook_url is None:
            raise SettingInvalid("WEBHOOK_URL is not set: set it to the bot's public address.")
        return self.webhook_url + self.webhook_path

    @property
    def pages_address(self) -> str:
        """Where administrators reach the pages: PAGES_URL, else where Telegram reaches the bot,
        else this computer."""
        return (self.pages_url or self.webhook_url or f"http://localhost:{self.port}") + "/admin"

    @property
    def mini_app_address(self) -> str | None:
        """What a button opens within Telegram; None where Telegram would not, without HTTPS."""
        address = f"{self.pages_address}/login/app"
        return address if address.startswith("https://") else None

    @property
    def webhook_secrets(self) -> list[str]:
        """The secret, then the old one that is still accepted. Raises `SettingInvalid`."""
        if self.webhook_secret is None:
            raise SettingInvalid(
                "WEBHOOK_SECRET is not set: set it to 32 or more random characters of "
                "A-Z a-z 0-9 _ -, for example from: openssl rand -hex 32"
            )
        both = (self.webhook_secret, self.webhook_secret_old)
        return [secret.get_secret_value() for secret in both if secret is not None]

    @property
    def database(self) -> str:
        """DATABASE_URL, or what the PG_* parts say, or the embedded default."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.pg_name is None:
            return DEFAULT_DATABASE_URL
        user = quote(self.pg_user or "", safe="")
        password = quote(self.pg_password.get_secret_value(), safe="") if self.pg_password else ""
        host = f"[{self.pg_host}]" if ":" in self.pg_host else quote(self.pg_host, safe="[].")
        return f"postgres://{user}:{password}@{host}:{self.pg_port}/{quote(self.pg_name, safe='')}"

    @property
    def hash_key(self) -> str | None:
        """SECURITY_KEY as it is."""
        return self.security_key.get_secret_value() if self.security_key else None

    @property
    def secrets(self) -> list[str]:
        """Everything that must never be seen in a log."""
        values = [
            self.bot_token, self.webhook_secret, self.webhook_secret_old, self.pg_password,
            self.security_key, self.metrics_token, self.sentry_dsn,
        ]  # fmt: skip
        found = [value.get_secret_value() for value in values if value is not None]
        # As it stands in the address (of which it may be a broken part), and as it is meant.
        credentials = self.database.partition("://")[2].rpartition("@")[0]
        password = credentials.partition(":")[2]
        return [*found, *{password, unquote(password)}] if password else found


def load_settings() -> Settings:
    """Read the environment. Raises `SettingInvalid` in one sentence that shows no secret."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "The settings"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingInvalid(f"{name} cannot be used: it {_as_sentence(reason)}.") from None
    except (OSError, UnicodeDecodeError):
        raise SettingInvalid(".env cannot be read: it has to be a text file in UTF-8.") from None
    if "DYNO" in os.environ and settings.database.startswith("sqlite"):
        raise SettingInvalid(
            "DATABASE_URL names SQLite, but this dyno's disk is thrown away at each restart: "
            "add a PostgreSQL add-on, or set DATABASE_URL to one."
        )
    return settings


def _as_sentence(reason: str) -> str:
    wanted = reason.partition(", unable to")[0]  # how it was read is for programmers
    return wanted.replace("Input should", "should", 1).rstrip(".")
