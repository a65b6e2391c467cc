"""Numbers that are kept, because counting them takes too long, and the triggers that keep them.

A row adds itself to its totals and takes itself away again, so whoever writes need not know of them.
Nothing happens where an update changes no total, which is nearly always: hence their conditions.
`userreg/totals.py` says what is counted; here it stands as it was when this version was written.

Chats are written before the memberships, by a statement of its own: what the change of a chat does to
the confirmed members in it is counted anew.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

# Of a row that may be OLD, NEW or m.
_IN = "((R.is_member OR R.status_at IS NULL OR R.last_seen_at > R.status_at) IS TRUE)"
_TOLD = "((R.is_member AND R.evidence = 'confirmed' AND NOT R.is_carried_over) IS TRUE)"
# Of such a row, in a chat that may be NEW or c.
_VALID = (
    "(C.bot_is_member IS NULL OR C.bot_is_member) AND (C.added_at IS NULL OR R.status_at >= C.added_at)"
)


def _of(row: str, text: str, chat: str = "c") -> str:
    return text.replace("R.", f"{row}.").replace("C.", f"{chat}.")


_CONFIRMED_IN_NEW = (
    "SELECT count(*) FROM memberships AS m WHERE m.chat_id = NEW.id"
    f" AND {_of('m', _TOLD)} AND {_of('m', _VALID, 'NEW')}"
)
_CONFIRMED_BEFORE = (
    "SELECT coalesce(sum(t.amount), 0) FROM totals AS t"
    " WHERE t.chat_id = K AND t.name = 'confirmed' AND t.day = '1970-01-01'"
)
_IN_M = _of("m", _IN)
# Of all rows, and of some: no plan for many may read all chats when it is used again for a few.
_ALL_CONFIRMED = _of("m", f"JOIN chats AS c ON c.id = m.chat_id WHERE {_TOLD} AND {_VALID}")
_CONFIRMED = _of("m", f"WHERE {_TOLD} AND (SELECT {_VALID} FROM chats AS c WHERE c.id = m.chat_id)")

# What rows of each table, all of them or some, amount to.
_COUNTS = {
    "users": """
SELECT 0 AS chat_id, 'people' AS name, EVER AS day, count(*) AS amount FROM ROWS AS m WHERE NOT m.is_bot
UNION ALL SELECT 0, 'people', DAY, count(*) FROM ROWS AS m WHERE NOT m.is_bot AND DAY >= SINCE GROUP BY DAY
""",
    "memberships": f"""
SELECT 0 AS chat_id, 'members' AS name, EVER AS day, count(*) AS amount FROM ROWS AS m WHERE {_IN_M}
UNION ALL SELECT m.chat_id, 'members', EVER, count(*) FROM ROWS AS m WHERE {_IN_M} GROUP BY m.chat_id
UNION ALL SELECT m.chat_id, 'members', DAY, count(*) FROM ROWS AS m
WHERE {_IN_M} AND DAY >= SINCE GROUP BY m.chat_id, DAY
UNION ALL SELECT 0, 'confirmed', EVER, count(*) FROM ROWS AS m {_CONFIRMED}
UNION ALL SELECT m.chat_id, 'confirmed', EVER, count(*) FROM ROWS AS m
{_CONFIRMED} GROUP BY m.chat_id
""",
    "chats": """
SELECT 0 AS chat_id, 'chats.' || coalesce(c.type, 'unknown') AS name, EVER AS day, count(*) AS amount
FROM ROWS AS c WHERE c.migrated_to_id IS NULL GROUP BY c.type
""",
}
_WORDS = {
    "postgres": {
        "EVER": "'1970-01-01'::date",
        "DAY": "(m.last_seen_at AT TIME ZONE 'UTC')::date",
        "SINCE": "(now() AT TIME ZONE 'UTC')::date - 31",
    },
    "sqlite": {
        "EVER": "'1970-01-01'",
        "DAY": "substr(m.last_seen_at, 1, 10)",
        "SINCE": "date('now', '-31 days')",
    },
}


def _counts(table: str, rows: str, dialect: str) -> str:
    text = _COUNTS[table].replace("ROWS", rows)
    for word, meaning in _WORDS[dialect].items():
        text = text.replace(word, meaning)
    return text


def _fill(dialect: str) -> str:
    """Count once. With the triggers there already: they keep writers away until the commit."""
    return "".join(
        f"INSERT INTO totals (chat_id, name, day, amount) {_counts(table, table, dialect)};".replace(
            _CONFIRMED, _ALL_CONFIRMED
        )
        for table in _COUNTS
    )


# PostgreSQL: what comes and goes is counted by the statement, what changes by the row.

_OF_NEW_CHATS = f"""
UNION ALL SELECT e.id, 'confirmed', '1970-01-01', n.amount FROM (
    SELECT c.id, (SELECT count(*) FROM memberships AS m WHERE m.chat_id = c.id
                  AND {_of("m", _TOLD)} AND {_of("m", _VALID)}) AS amount
    FROM rows AS c) AS n, LATERAL (VALUES (0), (n.id)) AS e (id)
"""


def _postgres_triggers(table: str, more: str = "") -> str:
    return f"""
CREATE FUNCTION "count_new_or_old_{table}"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    IF EXISTS (SELECT FROM rows) THEN
        PERFORM add_to_total(t.chat_id, t.name, t.day, sign * t.amount) FROM (
{_counts(table, "rows", "postgres")}{more}        ) AS t;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "totals_insert" AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS rows
FOR EACH STATEMENT EXECUTE FUNCTION "count_new_or_old_{table}"();
CREATE TRIGGER "totals_delete" AFTER DELETE ON "{table}" REFERENCING OLD TABLE AS rows
FOR EACH STATEMENT EXECUTE FUNCTION "count_new_or_old_{table}"();
"""


_POSTGRES_TRIGGERS = f"""
CREATE FUNCTION "add_to_total"(of_chat bigint, of_name text, of_day date, more bigint) RETURNS void
LANGUAGE plpgsql STRICT AS $$  -- of a row without a day, or of no chat, nothing
BEGIN
    IF more = 0 OR of_day > '1970-01-01' AND of_day < (now() AT TIME ZONE 'UTC')::date - 31 THEN
        RETURN;  -- nobody asks for a day so long ago
    END IF;
    -- Of the rows of a key one that nobody else holds: no writer waits for another, or deadlocks.
    UPDATE totals SET amount = amount + more WHERE id = (
        SELECT id FROM totals WHERE chat_id = of_chat AND name = of_name AND day = of_day
        LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO totals (chat_id, name, day, amount) VALUES (of_chat, of_name, of_day, more);
    END IF;
END $$;
{_postgres_triggers("users")}
{_postgres_triggers("memberships")}
{_postgres_triggers("chats", _OF_NEW_CHATS)}
CREATE FUNCTION "count_changed_user"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_day date := CASE WHEN NOT OLD.is_bot THEN (OLD.last_seen_at AT TIME ZONE 'UTC')::date END;
    new_day date := CASE WHEN NOT NEW.is_bot THEN (NEW.last_seen_at AT TIME ZONE 'UTC')::date END;
BEGIN
    PERFORM add_to_total(0, 'people', '1970-01-01', OLD.is_bot::int - NEW.is_bot::int);
    IF old_day IS DISTINCT FROM new_day THEN
        PERFORM add_to_total(0, 'people', old_day, -1), add_to_total(0, 'people', new_day, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "totals_update" AFTER UPDATE ON users
FOR EACH ROW WHEN (OLD.is_bot <> NEW.is_bot OR OLD.last_seen_at IS DISTINCT FROM NEW.last_seen_at
    AND (OLD.last_seen_at AT TIME ZONE 'UTC')::date
    IS DISTINCT FROM (NEW.last_seen_at AT TIME ZONE 'UTC')::date)
EXECUTE FUNCTION count_changed_user();

CREATE FUNCTION "count_changed_membership"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_in boolean := {_of("OLD", _IN)};
    is_in boolean := {_of("NEW", _IN)};
    old_day date := CASE WHEN was_in THEN (OLD.last_seen_at AT TIME ZONE 'UTC')::date END;
    new_day date := CASE WHEN is_in THEN (NEW.last_seen_at AT TIME ZONE 'UTC')::date END;
    was_told boolean := {_of("OLD", _TOLD)};
    is_told boolean := {_of("NEW", _TOLD)};
    more bigint := is_in::int - was_in::int;
BEGIN
    IF more <> 0 THEN
        PERFORM add_to_total(0, 'members', '1970-01-01', more),
                add_to_total(NEW.chat_id, 'members', '1970-01-01', more);
    END IF;
    IF old_day IS DISTINCT FROM new_day THEN
        PERFORM add_to_total(NEW.chat_id, 'members', old_day, -1),
                add_to_total(NEW.chat_id, 'members', new_day, 1);
    END IF;
    IF was_told <> is_told OR is_told AND OLD.status_at <> NEW.status_at THEN
        SELECT (is_told AND {_of("NEW", _VALID)})::int - (was_told AND {_of("OLD", _VALID)})::int
        INTO more FROM chats AS c WHERE c.id = NEW.chat_id;
        PERFORM add_to_total(0, 'confirmed', '1970-01-01', more),
                add_to_total(NEW.chat_id, 'confirmed', '1970-01-01', more);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "totals_update" AFTER UPDATE ON memberships
FOR EACH ROW WHEN (OLD.last_seen_at IS DISTINCT FROM NEW.last_seen_at
    AND ((OLD.last_seen_at AT TIME ZONE 'UTC')::date
        IS DISTINCT FROM (NEW.last_seen_at AT TIME ZONE 'UTC')::date
        OR (OLD.last_seen_at > OLD.status_at) IS DISTINCT FROM (NEW.last_seen_at > NEW.status_at))
    OR (OLD.is_member, OLD.evidence, OLD.is_carried_over, OLD.status_at)
    IS DISTINCT FROM (NEW.is_member, NEW.evidence, NEW.is_carried_over, NEW.status_at))
EXECUTE FUNCTION count_changed_membership();

CREATE FUNCTION "count_changed_chat"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_name text := CASE WHEN OLD.migrated_to_id IS NULL THEN 'chats.' || coalesce(OLD.type, 'unknown') END;
    new_name text := CASE WHEN NEW.migrated_to_id IS NULL THEN 'chats.' || coalesce(NEW.type, 'unknown') END;
    more bigint;
BEGIN
    IF old_name IS DISTINCT FROM new_name THEN
        PERFORM add_to_total(0, old_name, '1970-01-01', -1), add_to_total(0, new_name, '1970-01-01', 1);
    END IF;
    IF (OLD.bot_is_member, OLD.added_at) IS DISTINCT FROM (NEW.bot_is_member, NEW.added_at) THEN
        more := ({_CONFIRMED_IN_NEW}) - ({_CONFIRMED_BEFORE.replace("K", "NEW.id")});
        PERFORM add_to_total(0, 'confirmed', '1970-01-01', more),
                add_to_total(NEW.id, 'confirmed', '1970-01-01', more);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "totals_update" AFTER UPDATE ON chats
FOR EACH ROW WHEN ((OLD.type, OLD.migrated_to_id, OLD.bot_is_member, OLD.added_at)
    IS DISTINCT FROM (NEW.type, NEW.migrated_to_id, NEW.bot_is_member, NEW.added_at))
EXECUTE FUNCTION count_changed_chat();
"""

# SQLite has no functions: a view whose trigger adds what is inserted into it takes the place of one.

_SQLITE_ADD = """
CREATE VIEW "total_changes" AS SELECT chat_id, name, day, amount FROM totals;
CREATE TRIGGER "add_to_total" INSTEAD OF INSERT ON "total_changes"
WHEN NEW.amount <> 0 AND (NEW.day = '1970-01-01' OR NEW.day >= date('now', '-31 days'))
BEGIN
    UPDATE totals SET amount = amount + NEW.amount
    WHERE chat_id = NEW.chat_id AND name = NEW.name AND day = NEW.day;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT NEW.chat_id, NEW.name, NEW.day, NEW.amount WHERE changes() = 0;
END;
"""
# What a row adds to the totals, or takes away; AMOUNT is 1 or -1.
_SQLITE_CHANGES = {
    "users": """
    INSERT INTO total_changes SELECT 0, 'people', '1970-01-01', AMOUNT WHERE NOT R.is_bot
    UNION ALL SELECT 0, 'people', substr(R.last_seen_at, 1, 10), AMOUNT WHERE NOT R.is_bot;
""",
    "memberships": f"""
    INSERT INTO total_changes SELECT 0, 'members', '1970-01-01', AMOUNT WHERE {_IN}
    UNION ALL SELECT R.chat_id, 'members', '1970-01-01', AMOUNT WHERE {_IN}
    UNION ALL SELECT R.chat_id, 'members', substr(R.last_seen_at, 1, 10), AMOUNT WHERE {_IN};
    INSERT INTO total_changes SELECT e.id, 'confirmed', '1970-01-01', AMOUNT
    FROM chats AS c JOIN (SELECT 0 AS id UNION ALL SELECT R.chat_id) AS e
    WHERE c.id = R.chat_id AND {_TOLD} AND {_VALID};
""",
    "chats": """
    INSERT INTO total_changes SELECT 0, 'chats.' || coalesce(R.type, 'unknown'), '1970-01-01', AMOUNT
    WHERE R.migrated_to_id IS NULL;
""",
}
_SQLITE_CHANGED = {
    "users": (
        "OLD.is_bot <> NEW.is_bot"
        " OR substr(OLD.last_seen_at, 1, 10) IS NOT substr(NEW.last_seen_at, 1, 10)"
    ),
    "memberships": (
        "substr(OLD.last_seen_at, 1, 10) IS NOT substr(NEW.last_seen_at, 1, 10)"
        " OR (OLD.last_seen_at > OLD.status_at) IS NOT (NEW.last_seen_at > NEW.status_at)"
        " OR (OLD.is_member, OLD.evidence, OLD.is_carried_over, OLD.status_at)"
        " IS NOT (NEW.is_member, NEW.evidence, NEW.is_carried_over, NEW.status_at)"
    ),
    "chats": "(OLD.type, OLD.migrated_to_id) IS NOT (NEW.type, NEW.migrated_to_id)",
}


def _sqlite_triggers(table: str) -> str:
    less = _of("OLD", _SQLITE_CHANGES[table]).replace("AMOUNT", "-1")
    more = _of("NEW", _SQLITE_CHANGES[table]).replace("AMOUNT", "1")
    return f"""
CREATE TRIGGER "{table}_totals_insert" AFTER INSERT ON "{table}" BEGIN {more} END;
CREATE TRIGGER "{table}_totals_update" AFTER UPDATE ON "{table}"
WHEN {_SQLITE_CHANGED[table]} BEGIN {less} {more} END;
CREATE TRIGGER "{table}_totals_delete" AFTER DELETE ON "{table}" BEGIN {less} END;
"""


def _sqlite_confirmed(event: str, row: str, now: str) -> str:
    """The total of the chat is compared with, so it is the last to change."""
    more = f"({now}) - ({_CONFIRMED_BEFORE.replace('K', f'{row}.id')})"
    return f"""
CREATE TRIGGER "chats_confirmed_{event.partition(" ")[0].lower()}" AFTER {event} BEGIN
    INSERT INTO total_changes SELECT 0, 'confirmed', '1970-01-01', {more};
    INSERT INTO total_changes SELECT {row}.id, 'confirmed', '1970-01-01', {more};
END;
"""


_SQLITE_TRIGGERS = (
    _SQLITE_ADD
    + "".join(_sqlite_triggers(table) for table in _SQLITE_CHANGES)
    + _sqlite_confirmed('INSERT ON "chats"', "NEW", _CONFIRMED_IN_NEW)
    + _sqlite_confirmed(
        'UPDATE ON "chats" WHEN (OLD.bot_is_member, OLD.added_at)'
        " IS NOT (NEW.bot_is_member, NEW.added_at)",
        "NEW", _CONFIRMED_IN_NEW,
    )
    + _sqlite_confirmed('DELETE ON "chats"', "OLD", "0")
)

# Room in each page for the next version of its rows: then no index has to learn of it (HOT).
_FILLED = (("users", 85), ("chats", 85), ("memberships", 85), ("daily_activity", 90), ("totals", 50))
UPGRADE = {
    "postgres": """
CREATE TABLE IF NOT EXISTS "totals" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "chat_id" BIGINT NOT NULL,
    "name" VARCHAR(32) NOT NULL,
    "day" DATE NOT NULL,
    "amount" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "totals_chat_id" ON "totals" ("chat_id", "name", "day");
CREATE INDEX IF NOT EXISTS "totals_day" ON "totals" ("day");
COMMENT ON TABLE "totals" IS 'A number that is kept, because counting it takes too long.';
"""
    + "".join(
        f'ALTER TABLE "{table}" SET (fillfactor = {percent});\n' for table, percent in _FILLED
    )
    + _POSTGRES_TRIGGERS
    + _fill("postgres"),
    "sqlite": """
BEGIN;
CREATE TABLE IF NOT EXISTS "totals" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "name" VARCHAR(32) NOT NULL,
    "day" DATE NOT NULL,
    "amount" BIGINT NOT NULL
) /* A number that is kept, because counting it takes too long. */;
CREATE INDEX IF NOT EXISTS "totals_chat_id" ON "totals" ("chat_id", "name", "day");
CREATE INDEX IF NOT EXISTS "totals_day" ON "totals" ("day");
"""
    + _SQLITE_TRIGGERS
    + _fill("sqlite")
    + "COMMIT;",
}

_TABLES = ("users", "chats", "memberships")
DOWNGRADE = {
    "postgres": "".join(
        f'DROP TRIGGER "totals_{verb}" ON "{table}";\n'
        for table in _TABLES
        for verb in ("insert", "update", "delete")
    )
    + """
DROP FUNCTION "count_new_or_old_users", "count_new_or_old_memberships", "count_new_or_old_chats",
    "count_changed_user", "count_changed_membership", "count_changed_chat", "add_to_total";
"""
    + "".join(f'ALTER TABLE "{table}" RESET (fillfactor);\n' for table, _ in _FILLED)
    + """
DROP TABLE IF EXISTS "totals";
    """,
    "sqlite": "BEGIN;\n"
    + "".join(
        f'DROP TRIGGER "{table}_totals_{verb}";\n'
        for table in _TABLES
        for verb in ("insert", "update", "delete")
    )
    + "".join(f'DROP TRIGGER "chats_confirmed_{verb}";\n' for verb in ("insert", "update", "delete"))
    + """
DROP VIEW "total_changes";
DROP TABLE IF EXISTS "totals";
COMMIT;
    """,
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UPGRADE[_dialect(db)]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE[_dialect(db)]


def _dialect(db: BaseDBAsyncClient | None) -> str:
    return "postgres" if db is None else db.capabilities.dialect  # Aerich may ask with None


MODELS_STATE = (
    "eJztXW1z27gR/isYfak9o3oc+SW+3PSDnLh3bmO7kyhN7843FERCEioK0BGgFF2a/14AJE"
    "VSBGkSfgkt45MkcBekngUWu8Du8mtnTj3ks4O3U8g7b8DXDoFzJL7k2rugAxeLtFU2cDjy"
    "FaErKFQLHDEeQFd2M4Y+Q6LJQ8wN8IJjSiRpH0hiwKcIjCgHmAEagBVkAJMD0AeLAC8hRx"
    "HRVDZzBhYoYJT8RfzwfgTDGXZnyBuCv4GRT+XXA3lnj7ri1phMHvMmIcF/hMjhdIJE34G4"
    "1W+/i2ZMPPQFseTnYuaMMfK9HJbYkx2odoevF6rtHE8uCf+7opV/YeS41A/nJKVfrPmUkg"
    "0DJkoQE0RQIP6Al4GZhL4fiyNpip5WNPAgRJvH9NIGD41h6EthSe7oCdK2juNc3wycjxcD"
    "x+kUBJlwZGCPm1xK5CAQz8oUAhP5CH/9odc7OnrdOzw6PTs5fv365OzwTNCq5y1eev0tep"
    "gUrqgrBdrlT5fXA/lAVIy0aPzJhm+KB3IYcSlppPArBAsCECM70MOf0G8JQPyxGgKI4d3g"
    "n5CkAkgnx1NIYA6/OD4iEz4VP1+dVoD77/6Htz/3P+y9Ot3PI3wdX+mpSxLrDLaY+83ATR"
    "h2D93eSR14BVUpvupaHuCQoUB9b4Bxlmf3YD49roHy6XEpyPJSHmPMnDENwrlGS1PqI0hK"
    "1HSGbQvmkeAz0dZ1gN60PALSVbr35ua97HnO2B9+pIy3NPH1p6vzC6E/FPKCCPOcgk7xXg"
    "R0jH3kRKZFHvF3Ai2O50gPeZ5zC3QvZj1Ivjy/kV6B/+Dy6uLjoH/1r5wQ3vUHF/JKT7Wu"
    "t1r3tlXNphPw+XLwM5A/wa831xcKTcr4JFB3TOkGv3bkM8GQU4fQlQO9LCZJc9KklXK4kP"
    "JwmhpBWnYjm6hlMn5KoyiVxhgHjDsMIWIw7QrMDzDzjHSfnXq1pp4PzWW9zWuVbJslLVxc"
    "h3HIQ9bEQMxz7Z6J+PB+jkRM2HtzNB+hoKGdWOA1MxZbhvjTmIrpSDVQZQVmq8uehy4ztR"
    "nLerBmo6nZKMSHPGe0biyKLUYrgftJoLnyy/JZvddmvRdJylDlaZjtXDOda5GJJtANiWa+"
    "VYlhm9PK4CFkYKD2NOxW+7VZ+83xRAHvCJqmyq/Ia+ed8bxLsDSYc3lWO9/aNt9kZMJ4lj"
    "kclw0j6M5WMPCcwhXao2W0xUvz3ny7BRI4UUKSaMrnTIJJfCjE731SxkpHF22SI+hWhp1E"
    "pLHlUzcAhYCIHvAk/GMKPRUCgsZj5PIfwQwtOBjTAByfgSkNA9YFfIVdBAStT8lEfg6Qj8"
    "SIn4MAiXGDmCYI5RFvpAlE+S3aY1IzMzUFf//e8SnxLLbhKZXhKanomm10PGSU0Itc8Qw9"
    "rvv7WhZ+2WKwpWHPHq19UWFfvIPYX/ddjpeYr3X2RZ6g0r7wJKkDs7R3mhdXiDHxZAzQMa"
    "AExWGlABP1S0Wc0ui7B9dg79Pg7X7RdDDtRGsWSPLELmDCLY6+CkZrHLRJKZYbBxkB1hdB"
    "hsmuT+bmQTphGhgHKZOF3hh6qaC0toEe9Ji8yjB4htBXoCgX+sK2abRsNN22TrmebrwePv"
    "vB2haDB0HvPeJcLfdFaye9Wm3qCDrHV4S1E3lG1FtHexsuDX0PEMrBCIEAuTTwkNdNtzcY"
    "WiIibRUGOJU0PqUz5AHBCoknOBY+XOsTeR7nJi1M5LG2UB1byMNCU2mcxvI4t5TDKMatZU"
    "J45CwIOdt0w5vAYF22C+XpFt7ROt6Q3Z0F9/z9zXnOARc4nl9e9z/8snfV/89+zgt/f3P9"
    "U0Kfda7Pfxlc9LcwZ/hPTWZPqT5JyHfJtOy9On59fHZ0erzRJZuWKhVSNBpREFBNaGa5dt"
    "gwPIxy+N5w5tTDyateDf0gqEoVhLqWR1gsvAgvjY4It1jtHl7r9vByS0EYYCMx5xitkFsn"
    "5Jb4Lf8Uz0Suo8FWcFvSi5Vey0ySOZK3ttMiiWU1AAiSDFkQinEUgNUUu1PhKQDoqsAhVS"
    "9A5sB0lfswDuhc0AgPQzgX8lPnrDxc57fklgxVGg7kQ7kNLGsZqA6VL4SlEwQDJtyhFZhQ"
    "uVOstoeHn8R9D9IMyeEb8Syxgx8/iuyIiY5uiepuFWBhqUm3air+BhDOECrfSs7sbM3E7J"
    "OfSnDbG8lfO+kg6CRZyIpDEqIvCzGEmRDJZpQk4s8I1En4Et3RUaxCwOrHN+ugtdJBszum"
    "323HNJmSdW3fhH4HTd+zGobvWanZe7Zt9DYtvnCvwgvtRvakd1jHqegdljsV8pouMdk0J9"
    "lami21NAvpyIaZyFbAz0XAhuFURV5rBhibAQpMzBxPAVWUQ1WacoH3CWvaJLbys8pTbokz"
    "faUyXtgULzoabzpztVvlTs83dDXd6c/KF2VAuW1JsFLi4mailYq+cm1O6QgPVhQo95QBGK"
    "DoxA8uYMDfCGdZ9LMJkWYQe4mzHOUAg71h9GUIbsPeYe8UDLeTg4f7ygm/JaukZmDyHJ7o"
    "bW+YLYYx3D8AQzGkZSD2EAQIekxWGJyCxE+u5TsnsTmVbrMmbOsO5zkjPifDbf3n9mlr6z"
    "+3RhQ2zq4F0DcvX2NL1zQpXWNatsaWrKlvCubOoZfYQ8RttGmU5bFjutaYdmGgzhrp0mRk"
    "b3Pb8V17fBuXY7KlmJ7Nhs79yjDZEkwPaR/9l2JiFIyRY7Tzrc3zzUdjox3ylM3Kt83ybV"
    "31XStrW3zXSvq+pYtsztXLy7lKD1QulohoX5q0TdKtd/DiyCSmuu9SGkwRkBrAFzbeG4Cg"
    "O5VnJmSC5BmIjPtLeu0C9ZIjFXXIqa9JtLpfVw3yziOdVl6gJncGkuerffwRg+hk2O0hSN"
    "umcrfiEMTuxNuM95cHvS2Gs5MWoi0x9V1nlbBRDN6OkeeyxzF3H8cQtDLAOc+1g/HSDw+0"
    "sLzNDnPzjPa0q/Zplz09fwGn5y9NjUCX0+aWfpbLHueZ2iSYLMXgd3xMZk3G+Bbb7lklj/"
    "L23CWGjjwGdQIk/rKueEylEtex2ze9NtDmEkC1NzMWRrXcJ6ga/HeKoqInK5VmNk0boqde"
    "EPotObsYUA79jubEIrrQrTqn4JKkfqmFUNq+ccECptI2umCEXBgyBFSGhaw4gDngcIbkaQ"
    "JVRe+1hRUMu1LZIwGeTFDAksQQues8gkzmkaCF4OmC1ZSipazSENVC2GMIKcronRbi/+wf"
    "gL4gX4M5XIMpXCJVbC6A/i0J6IqpHkSHLJzLp1OlGtQDv4nuKa/BqPcgfkKZ36L+DaGqwp"
    "1AGoGpUGul9f1r5ookqceqvm+38sAkkmaNVBGpNzJ3q991XJTTHr60zxi1hy+tEYWtM6Bx"
    "BY7q1C47Ki9ddlSoXGYLCjcuKAznzd+Cl/JYRfAcY1tkBSmdeajaK61DeQpc2zjc5OzGyb"
    "ayUFX8mgNVQGtENVnD9dmaGVAaa6bz/uazMOVvO0klr9vOfidr4qh/6yRXHZ+uInzaYuzU"
    "mVvW2okDa5suvHmup1t+O50nWXwfZR9OxbU2BTrHZDc8awGd6KQmOGd5dg/mhy+UjZkjlp"
    "rmu2Yxk90sa7ZVKZbmOQ7nzfHOMFrMm2E+oUSjQu4CPOGyaDdAOy3YqvdQyyMA85w2VaTN"
    "gYCJrAwDArXs9gzedK8tgdOwUpqO3RZLq6/yfEgmIZwgAanX0CPYYtw9c/XopM7e50n53u"
    "dJ0feKQTNJR8yx2iWmzUvMRljGhTh1/HaRMV1kNnga1+PU8Ntlpv4y07qk+7adb+yW9rNZ"
    "97sr6Zacj/VRgN1pR3NCFl/pVp2RwZTmrkOycsE+8NsrX0pczT3fMld+hrREgTw3bOLFZF"
    "h2MHijd1LHgxFUFccaBR9GTqoGCMfkO4juq8M6r+AQVOXZIIeFV3CIO3Kki/X4x8eb65KY"
    "r5Rle7XELgf/Az5mzzHkowJcCUZujUww3bwCNAP3W80LQGUH59872OPb/wFNdh3y"
)
