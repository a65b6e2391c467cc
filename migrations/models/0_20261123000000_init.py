from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE TABLE "chats" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "type" VARCHAR(16),
    "title" VARCHAR(256),
    "username" VARCHAR(64),
    "is_forum" BOOL NOT NULL,
    "profile_at" TIMESTAMPTZ,
    "profile_update_id" BIGINT,
    "first_seen_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ,
    "bot_status" VARCHAR(16),
    "bot_is_member" BOOL,
    "bot_status_at" TIMESTAMPTZ,
    "bot_status_update_id" BIGINT,
    "added_by_id" BIGINT,
    "added_at" TIMESTAMPTZ,
    "member_count" BIGINT,
    "member_count_at" TIMESTAMPTZ,
    "migrated_to_id" BIGINT,
    "migrated_at" TIMESTAMPTZ
);
COMMENT ON TABLE "chats" IS 'A chat the bot is or was in. A private chat has its person''s id; `kicked` = blocked.';
CREATE TABLE "claimed_updates" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "bot_id" BIGINT NOT NULL,
    "update_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_claimed_upd_bot_id_033044" UNIQUE ("bot_id", "update_id")
);
COMMENT ON TABLE "claimed_updates" IS 'An update that has had its effect; kept for 48 hours, twice as long as Telegram retries.';
CREATE TABLE "daily_activity" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "chat_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "day" DATE NOT NULL,
    "messages" BIGINT NOT NULL,
    CONSTRAINT "uid_daily_activ_chat_id_960486" UNIQUE ("chat_id", "user_id", "day")
);
COMMENT ON TABLE "daily_activity" IS 'Messages of one person in one chat on one day (UTC).';
CREATE TABLE "dead_letters" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "body" BYTEA NOT NULL,
    "size" INT NOT NULL,
    "error" VARCHAR(512) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "dead_letters" IS 'A body that could not be recorded, kept for seven days to be looked at and replayed.';
CREATE TABLE "memberships" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "status" VARCHAR(16),
    "is_member" BOOL,
    "evidence" VARCHAR(16),
    "status_at" TIMESTAMPTZ,
    "status_update_id" BIGINT,
    "joined_at" TIMESTAMPTZ,
    "left_at" TIMESTAMPTZ,
    "first_seen_at" TIMESTAMPTZ,
    "last_seen_at" TIMESTAMPTZ,
    "messages" BIGINT NOT NULL,
    CONSTRAINT "uid_memberships_user_id_fd3de3" UNIQUE ("user_id", "chat_id")
);
CREATE INDEX "memberships_chat_id" ON "memberships" ("chat_id", "user_id");
COMMENT ON TABLE "memberships" IS 'What is known of one account in one chat.';
CREATE TABLE "membership_events" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "chat_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "update_id" BIGINT NOT NULL,
    "old_status" VARCHAR(16),
    "new_status" VARCHAR(16) NOT NULL,
    "evidence" VARCHAR(16) NOT NULL,
    "actor_id" BIGINT,
    "invite_link" VARCHAR(256),
    CONSTRAINT "uid_membership__chat_id_4e1ad6" UNIQUE ("chat_id", "user_id", "at", "update_id")
);
CREATE INDEX "membership_events_user_id" ON "membership_events" ("user_id", "at");
COMMENT ON TABLE "membership_events" IS 'The timeline: each change of a membership, as it was told.';
CREATE TABLE "users" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "first_name" VARCHAR(256) NOT NULL,
    "last_name" VARCHAR(256),
    "username" VARCHAR(64),
    "is_bot" BOOL NOT NULL,
    "is_premium" BOOL NOT NULL,
    "profile_at" TIMESTAMPTZ,
    "profile_update_id" BIGINT,
    "language_code" VARCHAR(35),
    "language_at" TIMESTAMPTZ,
    "language_update_id" BIGINT,
    "first_seen_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ
);
CREATE INDEX "users_username_lower" ON "users" ((LOWER("username")));
COMMENT ON TABLE "users" IS 'A Telegram account: a person or a bot.';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
    """,
    "sqlite": """
BEGIN;
CREATE TABLE "chats" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "type" VARCHAR(16),
    "title" VARCHAR(256),
    "username" VARCHAR(64),
    "is_forum" INT NOT NULL,
    "profile_at" TIMESTAMP,
    "profile_update_id" BIGINT,
    "first_seen_at" TIMESTAMP NOT NULL,
    "last_seen_at" TIMESTAMP,
    "bot_status" VARCHAR(16),
    "bot_is_member" INT,
    "bot_status_at" TIMESTAMP,
    "bot_status_update_id" BIGINT,
    "added_by_id" BIGINT,
    "added_at" TIMESTAMP,
    "member_count" BIGINT,
    "member_count_at" TIMESTAMP,
    "migrated_to_id" BIGINT,
    "migrated_at" TIMESTAMP
) /* A chat the bot is or was in. A private chat has its person's id; `kicked` = blocked. */;
CREATE TABLE "claimed_updates" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "update_id" BIGINT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_claimed_upd_bot_id_033044" UNIQUE ("bot_id", "update_id")
) /* An update that has had its effect; kept for 48 hours, twice as long as Telegram retries. */;
CREATE TABLE "daily_activity" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "day" DATE NOT NULL,
    "messages" BIGINT NOT NULL,
    CONSTRAINT "uid_daily_activ_chat_id_960486" UNIQUE ("chat_id", "user_id", "day")
) /* Messages of one person in one chat on one day (UTC). */;
CREATE TABLE "dead_letters" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "body" BLOB NOT NULL,
    "size" INT NOT NULL,
    "error" VARCHAR(512) NOT NULL,
    "at" TIMESTAMP NOT NULL
) /* A body that could not be recorded, kept for seven days to be looked at and replayed. */;
CREATE TABLE "memberships" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "status" VARCHAR(16),
    "is_member" INT,
    "evidence" VARCHAR(16),
    "status_at" TIMESTAMP,
    "status_update_id" BIGINT,
    "joined_at" TIMESTAMP,
    "left_at" TIMESTAMP,
    "first_seen_at" TIMESTAMP,
    "last_seen_at" TIMESTAMP,
    "messages" BIGINT NOT NULL,
    CONSTRAINT "uid_memberships_user_id_fd3de3" UNIQUE ("user_id", "chat_id")
) /* What is known of one account in one chat. */;
CREATE INDEX "memberships_chat_id" ON "memberships" ("chat_id", "user_id");
CREATE TABLE "membership_events" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "update_id" BIGINT NOT NULL,
    "old_status" VARCHAR(16),
    "new_status" VARCHAR(16) NOT NULL,
    "evidence" VARCHAR(16) NOT NULL,
    "actor_id" BIGINT,
    "invite_link" VARCHAR(256),
    CONSTRAINT "uid_membership__chat_id_4e1ad6" UNIQUE ("chat_id", "user_id", "at", "update_id")
) /* The timeline: each change of a membership, as it was told. */;
CREATE INDEX "membership_events_user_id" ON "membership_events" ("user_id", "at");
CREATE TABLE "users" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "first_name" VARCHAR(256) NOT NULL,
    "last_name" VARCHAR(256),
    "username" VARCHAR(64),
    "is_bot" INT NOT NULL,
    "is_premium" INT NOT NULL,
    "profile_at" TIMESTAMP,
    "profile_update_id" BIGINT,
    "language_code" VARCHAR(35),
    "language_at" TIMESTAMP,
    "language_update_id" BIGINT,
    "first_seen_at" TIMESTAMP NOT NULL,
    "last_seen_at" TIMESTAMP
) /* A Telegram account: a person or a bot. */;
CREATE INDEX "users_username_lower" ON "users" ((LOWER("username")));
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSON NOT NULL
);
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP TABLE IF EXISTS "chats";
DROP TABLE IF EXISTS "claimed_updates";
DROP TABLE IF EXISTS "daily_activity";
DROP TABLE IF EXISTS "dead_letters";
DROP TABLE IF EXISTS "membership_events";
DROP TABLE IF EXISTS "memberships";
DROP TABLE IF EXISTS "users";
    """,
    "sqlite": """
BEGIN;
DROP TABLE IF EXISTS "chats";
DROP TABLE IF EXISTS "claimed_updates";
DROP TABLE IF EXISTS "daily_activity";
DROP TABLE IF EXISTS "dead_letters";
DROP TABLE IF EXISTS "membership_events";
DROP TABLE IF EXISTS "memberships";
DROP TABLE IF EXISTS "users";
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
    "eJztXdty2zYQ/RWMXmrPqB5bvjaZPsiJm7rjSydRmiZxhoIISEJFAQoBWVHT/HsBUBQvAm"
    "mSvtEynkwBuyB9FlgcLBbk98aYIezxrVdDKBovwPcGhWMsLxLlTdCAk0lUqgoE7Hla0JUS"
    "ugT2uPChq5rpQ49jWYQwd30yEYRRJdoGShiIIQY9JgDhgPlgBjkgdAu0wcQn11DgQGioig"
    "UHE+xzRn+SP9BL0B0Rd4RRF/wKeh5Tl1vqzoi58taEDu7zJlNKvk6xI9gAy7Z9eavPX2Qx"
    "oQh/wzz8ORk5fYI9lMCSINWALnfEfKLLjsnglIrftKz6F3qOy7zpmEbyk7kYMrpUIFQbYo"
    "Ap9uU/gGIw06nnLcwRFgVPKwuEP8XLx0RRAcJ9OPWUsZR28ARRWcNxLi47zruTjuM0VgwZ"
    "asRgXxS5jKpOIJ+VawQG6hF+/qXV2t09bG3vHhzt7x0e7h9tH0lZ/byrVYc/goeJ4Aqa0q"
    "Cdvjm96KgHYrKnBf1PFfzQOlDAQEtbI4JfI7hiANmzfTP8oXzKAPIfK2CABbxL/EORyADR"
    "4HgIC4zhN8fDdCCG8ufOQQ64f7Xfvvq9/XZj52AzifDFoqalqxTWMWyJ8MqBGyqsH7qt/S"
    "LwSqlMfHVdEuApx76+LoFxXGf9YD7YK4DywV4myKoqiTHhTp/507HBSzPmYUgz3HRMLQVz"
    "T+pV8dZFgF6W3APSeb738vJMtTzm/KsXOOOUJ754f358Iv2HRl4KEZFw0BHeE5/1iYedgF"
    "okEX8t0RJkjM2QJzVToKOF6lZ48fR6eg7+ndPzk3ed9vmfCSO8bndOVE1Ll85TpRtpV7Ns"
    "BHw47fwO1E/w6fLiRKPJuBj4+o6RXOdTQz0TnArmUDZzIIpjEhaHRUYrTyfKHk5ZEmRUr8"
    "SJambjhyRFkTX6xOfC4RjTCsNuRfkORl4l32eHXqGh58Hqtk7rWidbZ0vLJa7DBRRTXoYg"
    "JrXWjyLe/TpHISb53hiPe9gvyRNXdKuRxZoh/jBUMeqpFVzZirL1ZU/Dl1XljFktWNpYlT"
    "ZK82Hk9OalTZFStBa4nQXKO7+4nvV7dfZ7ATGQpptSg5XzBlla046yqqMsjmSFwWZQt2Ou"
    "1mOODDTwjpQpO7Wt6tpxV3nchVhWGHNJVTve6jbe1H54fxTbklUFPeiOZtBHzkoNa7Es2d"
    "WqcWucLoEUDrSRFJrqOcMUBg9K86P3ekHQMOU4JASauckOgehidVE07YGCQB6IMOlgCJFO"
    "PMD9PnbFSzDCEwH6zAd7R2DIpj5vAjEjLgZS1mN0oP52sIdljx8DH8t+g7kh9eEeb2RIf/"
    "gcRDb0yIyWW18eOytiMYptUkRuUkRkunLL67vMTXmWM17F0Mbt4xkWflVSYSFtd7wsv8jh"
    "F68h8eZtV5BrIuYmfpEUyOUXSIk6MC57I704x5zLJ+OA9QGjeJHMCAjVv3SeIwuuEZyDjf"
    "edV5ur1KFqI0ZaoMRDXsDlsji4lIqWHNTJKWaTg5gBi5sgpmTnp+r0IBowJchBpGShrwy9"
    "clBGbmAGfSGeRwyeIPQ5KKqJfiVsGkwbZcPWkdbD9dftJ99Z60J4MERnWAg93a+ynag2n+"
    "pIOcfTgoWPj/QYmgexDZdNPQQoE6CHgY9d5iOMmlF4g+NrTBVX4UAwJeMxNsIISFVIkdSY"
    "eHBuPj5yPzep4fERy4WKcCFEpKcyLBqzs6sijUqZVTUzwj3n3qvRZureFPrzrCgUMk28vf"
    "kiILs+E+7x2eVxYgEucTw+vWi//bhx3v57M7EKP7u8eBPKxxfXxx87J+0U5pz8azhPkulP"
    "QvF1opatnb3DvaPdg72lL1mW5LmQVdKIfZ8ZEgKzvcNS4W6cw2PDmXAP+zutAv5BSmU6CF"
    "1nI3Y2YnefBPZcZ2vwIZmYCGysNpfAjpdyBfnrB8UpCQcjCQkNA23Q1Ukj8UjbKiktrHlF"
    "r2hnxiR9lZocQB8HbBVOoC9egJlqZ7m9xyFBqjF1VDrImgQb3eCiC66mre3WAeim0ym7m0"
    "1Fbq/oLDxlHT4Hkq1tdOPHB7qbW6ArB47aROxKOgwRV2eyhyBkwdkhxFhEI4wrpWOH3xuR"
    "uU0hRyWOv01kl+XSAMtekcz40eZzYtqhu2hobWlR/eOHJee1JOc2WvZo0TIbI3406Msf+L"
    "GHfcoc9ql60Mce8klCXPSQD74mCFO31DsO4jq2T9/cpysforIHqGq9pDLYuGKGkT04dZdz"
    "9D+M0EppzQlFO97qPN483K9yWCSmZu1bZ/vW7p0Z1tb2lRnW0rc+bmlzVp5dzkoU1D+5xt"
    "T4qtO0SLNY8N9RSSBF34DaGWKgPIAnOd4LgKE7VHF7OsAqDg9B1GoT6FeT6heXCuYZElVu"
    "11SJvN3Ap2Uf8EnE4ZN6hUPwCxCdmLoNxNdtKDdzAvE2Gmwzhp8f9DY1YS0Zoj2i96ijSn"
    "KUCu+0S2rZLYGbtwQonlXAOam1hklsdw/0o+xvPTeQ5bqLledBcS272VHVYxN6TeTMJ5ei"
    "ozJ9PKW2fj77zr4IUJMoyntuPvOjy5t58RK13ih8zGeZobhILXwBYHggmfnyuscMOZLF1W"
    "4+ihMPaRhiGI2zyw8nbzeulh9auGpsNuKBDf3fOmGt47FZgE9dYhr1P3VSi6BGsIVT9usb"
    "Sa2Hm7sbjafl01Z2X8oCnVCyk4f9nExNjrQR7sipxuC5b8gdXCjZT8mUSB2UsMmpeUyqfL"
    "wnpmgxt5/vsUFQo5Xt53vqsML2IB1M5aJMIoxKkqSU4vrN4Lv7BWbw3f3MGVxVZaBdJRco"
    "oWp9XJ193NJYFZ2cWd96uapernYJl3ULoq/X4LMZl+tr6ZpErNvYJ+6wYYhZL2qaeVFrGM"
    "ncFLbONuwdv/npuSS03fINLdlR3Wvsq0h+GRIdU1nDvdjWfhECLaVyAo0rFFoNqhIIL8TX"
    "EN2d7e0iW93b29l73aoudfieUYFNXwv6493lRUayZaSSni2JK8B/wCP8KeYo5YCrwEjMkS"
    "Gmy9dnxeB+ZXh5lmrg+LG3X3/8D3Dnpcc="
)
