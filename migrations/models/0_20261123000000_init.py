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
    "added_update_id" BIGINT,
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
    "received_at" TIMESTAMPTZ NOT NULL,
    "buried_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "dead_letters" IS 'A body that could not be recorded, kept for seven days to be looked at and replayed.';
CREATE TABLE "memberships" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "status" VARCHAR(16),
    "is_member" BOOL,
    "evidence" VARCHAR(16),
    "is_carried_over" BOOL,
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
    "added_update_id" BIGINT,
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
    "received_at" TIMESTAMP NOT NULL,
    "buried_at" TIMESTAMP NOT NULL
) /* A body that could not be recorded, kept for seven days to be looked at and replayed. */;
CREATE TABLE "memberships" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "status" VARCHAR(16),
    "is_member" INT,
    "evidence" VARCHAR(16),
    "is_carried_over" INT,
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
    "eJztXdty2zgS/RWUXtau0rps+bpJ7YOceGc85ctUokwmM56iIBKSMKIAhYCkaLP59wVAUb"
    "wIpElYtmkZT6aAPiR9Gmg0Gg3we2NMPeSzvXdDyBtvwPcGgWMkLlLlTdCAk0lcKgs47PlK"
    "0BUSqgT2GA+gK2/Thz5DoshDzA3whGNKpGgbSGHAhwj0KAeYARqAOWQAkz3QBpMAzyBHod"
    "BQFnMGJihglPxD/PDegu4IuyPkdcG/Qc+n8nJPPtmjrng0JoPHfMiU4K9T5HA6QOLegXjU"
    "n3+JYkw89A2x6Odk5PQx8r0Ul9iTN1DlDl9MVNk5HlwS/h8lK/+FnuNSfzomsfxkwYeUrA"
    "CYKEUMEEGB+Ae8BM1k6vtLdURF4duKAh5M0eo1vbjAQ3049aWyJDp8g7is4Tg3tx3n40XH"
    "cRpriowQCdqXRS4lshGId2WKgYF8hX/+q9U6PDxt7R+enB0fnZ4en+2fCVn1vutVpz/Cl4"
    "npCm+lSLv86fKmI1+IipYWtj9Z8ENhIIchSmkjpl8xuKYA0bIDPf2RfEYB4h8roYAlvSv+"
    "I5FYAXHneAoNjOE3x0dkwIfi58FJAbm/tT+8+7n9YefgZDfN8M2ypqWqJNcJbjH3q5EbAb"
    "aP3dZxGXqFVC6/qi5N8JShQF1X4DiJ2T6aT45KsHxylEuyrEpzjJnTp8F0rLHSlPoIkhwz"
    "nYBlaO4JnIm1LkP0quQRmC6yvbe3V/LOY8a++qExzljim0/X5xfCfijmhRDmKQMd8z0JaB"
    "/7yAldizTj7wVbHI+RnvI0MkO6t4TuRRcvr6UX8N+5vL742Glf/5pSwvt250LWtFTpIlO6"
    "kzU1q5uAz5edn4H8Cf64vblQbFLGB4F6YizX+aMh3wlOOXUInTvQS3ISFUdFWi1PJ1IfTl"
    "UnSAs38olqpuOndIpibfRxwLjDECIG3W4NvIGeZ2T7bNcr1fV8aK7rLNYa2TprWkxxHcYh"
    "n7IqDmIatX0u4ubnOZIx4e+N0biHgop+4hrWzFmsGeNP4yrGLdXAlK2BrS17GbbM1GfMu4"
    "N1G03dRqE+5Dm9RWVVZIBWAw/TQHXjl8RZu1dnuxdqytDkacC2r5n2tdBFE+xOiaa/Fakh"
    "i7Q62IQODMyeBm6tX52t3xgPFPGOkKlq/Naxtt8Z97uIS4M+l4ba/la3/iYzE/qjxOK4LO"
    "hBdzSHgees1dAWzZNdrxq3xtkSSOBAKUmyKd8zSibxoVC/90k5Kw1dtklKoFmYdhKKLj2f"
    "sgkoBITygEfpH0PoqRQQ1O8jl78FIzThoE8DcHQGhnQasCbgc+wiIGR9Sgbybwf5SLT4MQ"
    "iQaDeIaZJQHvFBmkSUP8MYk+qZsSv413Pnpyx7sU1PKUxPiVVXLdCxySyhVzniGc64Hj7X"
    "svTLEoOQhl17tP5FgX/xHmJ/0XY5nmG+0PkXaYFC/8KTog5Myt7rXlwjxsSbMUD7gBK0TC"
    "sFmKhfKuOUhtceXICdT513u+uug+lNtG6BFI/8AiamxeGlAFrnoE5GMd85SCiwvAoSIDs+"
    "mbsHcYep4BzEIEu9MfXSQGl9Az3pS/Eix+AFUl/Aohzo18Km4bBRNWwdo56uve6/+MZaF4"
    "cHQe8Kca6G+3VvJ64tdnWEnOMrwdIbeXrUW4SxDZdOfQ8QykEPgQC5NPCQ14zDGwzNEJG+"
    "CgOcShmf0hHygIBC4gnExIcL/Uaex3lIDTfyWF+ojC/kYWGpNJPG/Dy3GGGU41YzJTzyLg"
    "jZ23TNm8BgkReF8nQDb2+xDMhuz4B7fnV7npqACx7PL2/aH77sXLd/303Nwq9ub36K5JOT"
    "6/MvnYt2hnOG/6vZ2ZNrTyLxbXItWwdHp0dnhydHK1uyKikyIetOIwoCqknNzLcOK8BmjM"
    "Nz05kyD8cHrRL2QUjlGghVl2ZYDLwIz4yWCDNQG8OrXQwvNRRMA2yk5hTQKrl2Sq7JvOVa"
    "JemwIZ40NPOWRG3hvGW8kis5bfkspxKYgZGghETxVeiqXKFkgHV9LlIaeUfuSGdOxaxFIB"
    "mAAQonKXACA/4GzOV9Vqu6DGJP3kyeVRCmLYOdbnjRBXfT1n7rBHSz+czd3aac09yReXTM"
    "QfQenrjbTje5f6e7uwe6ouPIteOumAVBj8lDEYYgmvzkR44TgawonJgNGX9vxOrWRZqlOP"
    "o2EU2WCQWsWkU60Uupz0mgI3PRUGihUfXjh52T1XJOZoOkzxYktUsDz0Z99R13drddld12"
    "pjvt7C67NMVld9mhGfYQcSsdMpLE2DZdqk27MFDTIzozadlZtG3fpdu38Q5Su3u01tNZjY"
    "4Nk/rsrtFN+kd/U0yM4kcpoO1vde5vPuqb7M9KwKx+66zf2h0YZHVtzwuymn7obkubJvb6"
    "0sTiBZWLGSLac56zIs1yCy+OzLsqe/xzZ4iAtAC+8PHeAATdoVwzIQMk10AgiO/aBOpcZn"
    "VqM6e+JjfsYbeqkCof2rT8PXWpNZA0rvTyx5JEJwG3iyB168rNgkUQG4m3Sfqvj3q7f28r"
    "PUS7K/ZZe5XwUQwO9Eyj7HLM/csxBM0NeE6jtjBvdPNEP8va4msjWcy7aHU/KImyix2mFh"
    "uTGRYjn5iKjqq08Qxs+2z2xj6HUpMoyiem32anyptF8RI53yi9s26VHbpM63wDYHQGAA3E"
    "dY9q8lPLw+7f/ZYMaWhiGI2r288XH3buVl+ZuWvsNpKBDfXfOlGt49N5yE9dYhr13+hVi6"
    "BGuIRT9dNDadTTjd2NxsuyaWurL1WJToHs4GG/pVWTXaSYOWKo0Vjue7LbliD7Ha0KaW2C"
    "NjE0j7HJl8sSQMu5/XaZDYJqtWy/XVaHGbYPyWAqJmWCYa+ik5QBbt8IfnhcYgQ/PM4dwW"
    "VVDtsmuUApqLVxdbZxK2UZGjk93lo5UytXu4TLugXRt6vz2YzL7dV0TSLWbRRgd9jQxKyX"
    "Nc2iqDWMZe4LW+crdsOHrb2WhLYHHoqUH9WdoUBG8qs40QnIFq7Fto7LONBCqiDQuOZCy0"
    "5VgeGl+Baye7C/X2ape38/f61b1mUOPqCEI90Hun75eHuTk2wZQ7KjJXY5+B/wMXuJOUoF"
    "5EoyUmNkxOnqxLoE3e8059XJG5w/9/Lrj/8DDyc7aw=="
)
