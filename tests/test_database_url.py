"""What DATABASE_URL and the PG_* parts mean, and what is refused in one sentence."""

import ssl

import pytest

from tests.running import make_settings
from userreg.config import load_settings
from userreg.database_url import parse_database_url
from userreg.errors import SettingInvalid


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_spellings_of_postgres_are_read(scheme: str) -> None:
    read = parse_database_url(f"{scheme}://al%40ice:p%23ss%2Fword@db.example:5433/reg")

    wanted = {"host": "db.example", "port": 5433, "user": "al@ice", "password": "p#ss/word",
              "database": "reg"}  # fmt: skip
    assert read.dialect == "postgres"
    assert wanted.items() <= read.credentials.items()
    assert read.credentials["timeout"] > 0
    assert read.credentials["command_timeout"] > 0


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("", "prefer"),
        ("?ssl=", "prefer"),
        ("?sslmode=", "prefer"),
        ("?sslmode=require", "require"),
        ("?sslmode=disable", "disable"),
        ("?ssl=true", "require"),
        ("?ssl=1", "require"),
        ("?ssl=false", "disable"),
        ("?ssl=0", "disable"),
        ("?sslmode=verify-full", "verify-full"),
        ("?sslmode=prefer&ssl=true", "prefer"),
    ],
)
def test_ssl_options_mean_what_they_say(query: str, mode: str) -> None:
    assert parse_database_url(f"postgres://u@h/d{query}").credentials["ssl"] == mode


def test_a_root_certificate_is_used_to_verify(tmp_path) -> None:
    paths = ssl.get_default_verify_paths()
    url = f"postgres://u@h/d?sslmode=verify-ca&sslrootcert={paths.cafile or '/etc/ssl/cert.pem'}"
    context = parse_database_url(url).credentials["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert not context.check_hostname


@pytest.mark.parametrize("query", ["?pgbouncer=true", "?statement_cache_size=0"])
def test_behind_pgbouncer_no_statement_is_cached(query: str) -> None:
    credentials = parse_database_url(f"postgres://u@h/d{query}").credentials
    assert credentials["statement_cache_size"] == 0


def test_timeouts_and_the_socket_folder_can_be_said() -> None:
    url = "postgres:///reg?host=/run/postgresql&user=bot&connect_timeout=7&command_timeout=2.5"
    read = parse_database_url(url).credentials
    wanted = {"host": "/run/postgresql", "user": "bot", "timeout": 7.0, "command_timeout": 2.5}
    assert wanted.items() <= read.items()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://h/d", "has to begin with"),
        ("postgresql+asyncpg://h/d", "has to begin with"),
        ("reg.db", "has to begin with"),
        ("sqlite:reg.db", "has to begin with"),
        ("postgres:/u:p@h/d", "has to begin with"),
        ("postgres://u:pa[ss@h/d", "percent-encode"),
        ("postgres://u:secret@h:port/d", "percent-encode"),
        ("postgres://u@h/d?sslmode=on", "sslmode has to be one of"),
        ("postgres://u@h/d?ssl=perhaps", "ssl has to be true or false"),
        ("postgres://u@h/d?connect_timeout=soon", "connect_timeout has to be a number"),
        ("postgres://u@h/d?connect_timeout=0", "connect_timeout has to be a number"),
        ("postgres://u@h/d?command_timeout=nan", "command_timeout has to be a number"),
        ("postgres://u@h/d?maxsize=0", "maxsize has to be a number from 1"),
        ("postgres://u@h/d?maxsize=inf", "maxsize has to be a number from 1"),
        ("postgres://u@/d?port=1e400", "port has to be a number from 1"),
        ("postgres://u@h/d?statement_cache_size=-1", "statement_cache_size has to be a number"),
        ("sqlite:///tmp", "names no file"),
        ("sqlite://a%00b", "names no file"),
        ("postgres://u@h/d?colour=red", "unknown option colour"),
        ("postgres://u@h/d?sslmode=verify-full&sslrootcert=/no/such", "cannot read sslrootcert"),
        ("sqlite://:memory:", "names no file"),
        ("sqlite://", "names no file"),
        ("sqlite:///no/such/folder/reg.db", "does not exist"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        parse_database_url(url)
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_parts_of_the_original_make_an_address() -> None:
    settings = make_settings(
        pg_name="reg", pg_user="al ice", pg_password="p@ss:/#?", pg_host="db", pg_port=5433
    )
    read = parse_database_url(settings.database).credentials
    wanted = {"host": "db", "port": 5433, "user": "al ice", "password": "p@ss:/#?",
              "database": "reg"}  # fmt: skip
    assert wanted.items() <= read.items()


@pytest.mark.parametrize(
    ("pg_host", "host"),
    [("::1", "::1"), ("/run/Postgres", "/run/Postgres"), ("db.example", "db.example")],
)
def test_the_host_may_be_an_address_or_a_folder(pg_host: str, host: str) -> None:
    settings = make_settings(pg_name="reg", pg_host=pg_host)
    assert parse_database_url(settings.database).credentials["host"] == host


def test_a_password_is_kept_secret_as_written_and_as_meant() -> None:
    settings = make_settings(database_url="postgres://u:p%40ss@h/d")
    assert {"p%40ss", "p@ss"} <= set(settings.secrets)


def test_the_originals_engine_is_accepted_and_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_ENGINE", "django.db.backends.postgresql")
    assert load_settings().database.startswith("sqlite://")


def test_sqlite_is_refused_where_the_disk_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    with pytest.raises(SettingInvalid, match="thrown away"):
        load_settings()
    monkeypatch.setenv("DATABASE_URL", "postgres://u@h/d")
    load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "no-token-at-all"),
        ("WEBHOOK_SECRET", "too-short"),
        ("WEBHOOK_SECRET", "пароль" * 10),
        ("WEBHOOK_URL", "ftp://my.bot"),
        ("WEBHOOK_PATH", "hook"),
        ("WEBHOOK_PATH", "/livez"),
        ("WEBHOOK_PATH", "/admin"),
        ("WEBHOOK_PATH", "/admin/login"),
        ("PORT", "eighty"),
        ("LOG_LEVEL", "loud"),
        ("TELEGRAM_API_URL", "localhost"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:1/{"),
        ("TELEGRAM_API_URL", "http://user:pw@host"),
        ("WEBHOOK_URL", "https://a b"),
        ("WEBHOOK_URL", "https://a.example/?x=1"),
        ("WEBHOOK_URL", "https://[::1"),
        ("PAGES_URL", "http://pages.example.org"),
        ("PAGES_URL", "http://localhost.example.org"),
    ],
)
def test_a_bad_setting_is_one_sentence_that_names_it_and_hides_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingInvalid) as refused:
        load_settings()
    sentence = str(refused.value)
    assert sentence.startswith(f"{name} cannot be used: it ")
    assert value not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "address", ["https://pages.example.org", "http://localhost:8080", "http://[::1]:8080"]
)
def test_pages_are_where_a_browser_keeps_their_session(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PAGES_URL", address)
    assert load_settings().pages_address == f"{address}/admin"
