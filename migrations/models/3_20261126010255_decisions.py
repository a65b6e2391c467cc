from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE TABLE IF NOT EXISTS "administrators" (
    "user_id" BIGINT NOT NULL PRIMARY KEY,
    "added_by_id" BIGINT,
    "added_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "administrators" IS 'An administrator of this bot, beside those of the setting ADMIN_IDS.';
CREATE TABLE IF NOT EXISTS "audit" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor_id" BIGINT,
    "actor_hash" VARCHAR(64),
    "action" VARCHAR(32) NOT NULL,
    "subject_id" BIGINT,
    "subject_hash" VARCHAR(64),
    "detail" VARCHAR(256)
);
CREATE INDEX IF NOT EXISTS "audit_actor_id" ON "audit" ("actor_id");
CREATE INDEX IF NOT EXISTS "audit_subject_id" ON "audit" ("subject_id");
COMMENT ON TABLE "audit" IS 'Somebody used more rights than everybody has. Of the forgotten only a keyed hash stays.';
CREATE TABLE IF NOT EXISTS "forgotten" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "hash" VARCHAR(64) NOT NULL UNIQUE,
    "at" TIMESTAMPTZ NOT NULL,
    "updates" BIGINT NOT NULL
);
COMMENT ON TABLE "forgotten" IS 'Somebody who wants to be forgotten: how to know them again, and no more.';
CREATE TABLE IF NOT EXISTS "keys" (
    "name" VARCHAR(32) NOT NULL PRIMARY KEY,
    "value" VARCHAR(128) NOT NULL
);
COMMENT ON TABLE "keys" IS 'A secret that the registry made for itself, because no setting gives it one.';
CREATE TABLE IF NOT EXISTS "one_time_codes" (
    "digest" VARCHAR(64) NOT NULL PRIMARY KEY,
    "purpose" VARCHAR(16) NOT NULL,
    "user_id" BIGINT,
    "expires_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "one_time_codes" IS 'A code that works once; only its digest is kept.';
CREATE TABLE IF NOT EXISTS "phrases" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "key" VARCHAR(64) NOT NULL,
    "locale" VARCHAR(16) NOT NULL,
    "category" VARCHAR(8) NOT NULL,
    "version" INT NOT NULL,
    "text" TEXT NOT NULL,
    "updated_by_id" BIGINT,
    "updated_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_phrases_key_07ce44" UNIQUE ("key", "locale", "category", "version")
);
COMMENT ON TABLE "phrases" IS 'One version of a text in one language. The highest version is the one that is said; version';
CREATE TABLE IF NOT EXISTS "preferences" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "locale" VARCHAR(16),
    "is_hidden" BOOL NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "preferences" IS 'What a person, or a group, wants of the bot. `id` is the chat''s, a person''s own too.';
    """,
    "sqlite": """
BEGIN;
CREATE TABLE IF NOT EXISTS "administrators" (
    "user_id" BIGINT NOT NULL PRIMARY KEY,
    "added_by_id" BIGINT,
    "added_at" TIMESTAMP NOT NULL
) /* An administrator of this bot, beside those of the setting ADMIN_IDS. */;
CREATE TABLE IF NOT EXISTS "audit" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "actor_id" BIGINT,
    "actor_hash" VARCHAR(64),
    "action" VARCHAR(32) NOT NULL,
    "subject_id" BIGINT,
    "subject_hash" VARCHAR(64),
    "detail" VARCHAR(256)
) /* Somebody used more rights than everybody has. Of the forgotten only a keyed hash stays. */;
CREATE INDEX IF NOT EXISTS "audit_actor_id" ON "audit" ("actor_id");
CREATE INDEX IF NOT EXISTS "audit_subject_id" ON "audit" ("subject_id");
CREATE TABLE IF NOT EXISTS "forgotten" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "hash" VARCHAR(64) NOT NULL UNIQUE,
    "at" TIMESTAMP NOT NULL,
    "updates" BIGINT NOT NULL
) /* Somebody who wants to be forgotten: how to know them again, and no more. */;
CREATE TABLE IF NOT EXISTS "keys" (
    "name" VARCHAR(32) NOT NULL PRIMARY KEY,
    "value" VARCHAR(128) NOT NULL
) /* A secret that the registry made for itself, because no setting gives it one. */;
CREATE TABLE IF NOT EXISTS "one_time_codes" (
    "digest" VARCHAR(64) NOT NULL PRIMARY KEY,
    "purpose" VARCHAR(16) NOT NULL,
    "user_id" BIGINT,
    "expires_at" TIMESTAMP NOT NULL
) /* A code that works once; only its digest is kept. */;
CREATE TABLE IF NOT EXISTS "phrases" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    "locale" VARCHAR(16) NOT NULL,
    "category" VARCHAR(8) NOT NULL,
    "version" INT NOT NULL,
    "text" TEXT NOT NULL,
    "updated_by_id" BIGINT,
    "updated_at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_phrases_key_07ce44" UNIQUE ("key", "locale", "category", "version")
) /* One version of a text in one language. The highest version is the one that is said; version */;
CREATE TABLE IF NOT EXISTS "preferences" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "locale" VARCHAR(16),
    "is_hidden" INT NOT NULL,
    "updated_at" TIMESTAMP NOT NULL
) /* What a person, or a group, wants of the bot. `id` is the chat's, a person's own too. */;
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP TABLE IF EXISTS "audit";
DROP TABLE IF EXISTS "keys";
DROP TABLE IF EXISTS "one_time_codes";
DROP TABLE IF EXISTS "preferences";
DROP TABLE IF EXISTS "administrators";
DROP TABLE IF EXISTS "forgotten";
DROP TABLE IF EXISTS "phrases";
    """,
    "sqlite": """
BEGIN;
DROP TABLE IF EXISTS "audit";
DROP TABLE IF EXISTS "keys";
DROP TABLE IF EXISTS "one_time_codes";
DROP TABLE IF EXISTS "preferences";
DROP TABLE IF EXISTS "administrators";
DROP TABLE IF EXISTS "forgotten";
DROP TABLE IF EXISTS "phrases";
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
    "eJztHWtz4jjyr6j4skkVl0rIY3IzdR/ITHY3t3lszTA3+8iWEVhgbYzEWgKG25v/fmrZxj"
    "Z+xHZI4hB9AuRu2XRL/VJ3++/WhNvEFXvvHSxbb9HfLYYnRH1JjLdRC0+n0SgMSDxwNeBQ"
    "QegRPBDSw0OYZoRdQdSQTcTQo1NJOQPQLgJgJB2CBlwiKhD30AILRNke6qKpR+dYEh/IgW"
    "Ep0JR4grPv1A/7Herf0eEdsfvoX2jgcvi6B3e2+VDdmrLxY95kxuhfM2JJPiZqbk/d6vc/"
    "1DBlNvlKRPhzemeNKHHtBC2pDRPocUsup3rsjI4vmPxew8JfGFhD7s4mLIKfLqXD2QqBMs"
    "2IMWHEU3/AjpGZzVw3YEc45D+tGpDejKwe044GbDLCMxeYBdj+E0RjLcu6vulZn857ltVK"
    "MTLEiJE9GBpyBotAPavQFBjDI/zjn53O4eGbzv7hyenx0Zs3x6f7pwpWP2/60ptv/sNE5P"
    "Kn0kS7+OHiugcPxNVK89cfDHzTOFhiH0tzIyK/pmCKAWple9nkD+HXGKD+WAkGBORd0T8E"
    "iRgQbY6n4MAEf7VcwsbSUT8PTgqI+5/ux/c/dj/uHJzsJil8HVzp6EtA6xhtqXSrETdE2D"
    "7qdo7LkFdB5dJXX0sSeCaIp79XoHEcZ/vIfHJUgsonR7lEhktJGlNhjbg3m2RIac5dglmO"
    "mI6hrZF5oPDqSOsyhF6NPAKli2Tvzc0lzDwR4i/XF8Zrkvj689XZuZIfmvIKiMqEgI7oPf"
    "X4iLrE8k2LJMU/KGpJOiHZJE9irhHdDlD3wi8vb6UX0L93cXX+qde9+jnBhA/d3jlc6ejR"
    "5drozrqoWU2Cvlz0fkTwE/12c32uqcmFHHv6jhFc77cWPBOeSW4xvrCwHadJOBwOZXJ5Ng"
    "V+WFWNoEz0WjZRw3j8lEZRxI0R9YS0BCGsxrZLIW9g59WSfWbrldp6Lq7P63VcI2SbzGnl"
    "4lpCYjkTVQzEJNb2mYib93OAYsrem5DJgHgV7cQUbj1jsWEUfxpTMVqpNURZCtnIspchy+"
    "rajHkzGLOxrtmo2Edsa7CszIo1RMOBh3GguvCL4xm512S553OqpsjLQDZ7re5e8000Rd0Z"
    "y9hvRWxYxzQ82AQPaoi9DHQj/Zos/SZ0rAlvKZiqwi+Na/Zd7X0X0rLGnkuimv3WtP0GmQ"
    "mju9jhOAwM8PBugT3bSl3hHZ4Hm7406UzWRzDDY80koCY8Z5hM4mLFfvuzNlZaWdkmCYB2"
    "YdqJDxpYPmUTUBjy4ZEM0z8cbOsUEDIakaF8h+7IVKIR99DRKXL4zBNtJBd0SJCCdTkbw2"
    "ePuESt+AnyiFo3RGQkoTzijTISUX73Y0x6Z0am4B/PnZ8S7GKTnlKYnhKxrlqgY5NZQq9S"
    "49X0uB7uaxnyw0iNkIY5ezT2RYF98QFTd9kdSjqncpllXyQBCu0LG0AtHIe917y4IkKoJx"
    "OIjxBnJEgrRZTpXzrjlPvfbbxEO59773fTpkPdSTLNAgAP7QKh3GL/q0I0xkGThGK+cRBj"
    "YHkWxJCMfqpvHkQbpoJxECEZ0tcmPQioTNsgm+gBeJFh8AJJX0BFUPSpsKmvNqqGrSOsp1"
    "uv+y9+sTbF4CHYviRSanWftnaiq8WmjoKzXA1YupBnwO2lH9sY8plrI8YlGhDkkSH3bGK3"
    "o/CGIHPCwFYRSHKAcTm/IzZSqJjZCmPq4mV2Ic/j3KSBhTzGFipjC9lUSaoMpzE/zy3CqJ"
    "Xj1jAmPHIVBOy2rOXNsLfMi0LZWYp3sAwCstujcM8ub84SDrii49nFdffjrztX3V92E174"
    "5c31DyF83Lk++7V33l2juaD/zajsyZUnIfg2mZadg6M3R6eHJ0crWbIaKRIhaaOReB7PSM"
    "3Mlw4rhM0Ih+cmZ0I8HB90SsgHBZUrIPS1JIWV4iV0XuuIcA3VxPAaF8NLqIKZR2uxOYFo"
    "mNw4JjfEb/lJPRO79hdbym2JLhZ6LXcAZgFuaacFgKEbAEZhhSyaqXXkoYVDh47yFBAe6s"
    "Qh3S8AamDa2n0YeXyiYJSHoZwL+MxyVjY3+S27ZX1dhoNlH8LA0MtAT6h9IQpOEPaEcocW"
    "aMwhUqzDw/3P6r57UYVk/616lsDBDx4FJhJqolump1t4VFlq4FY56m8g5QyR/FByLLJ1p3"
    "YffGrGrQeS/25Fi6AVViFrDAAkX6dqCQvFktUqCdkfY6gV4oWyo6VRFYP1j2/GQWukg2Yi"
    "ps8WMQ23ZFnbN4TfQtP3tIThe5pr9p6uG71Vmy88qPFCsyl73Nkv41R09vOdCriWVZhcty"
    "bZWJoNtTRT5cg1K5ENg18Kg2umU6VxjRlQ2wzQxKTCsjWh0nwoKlNO4T5hT5vQVn5RdcoN"
    "caavdMWLcOi0leFNx662i9zpyQqupDv9RfuiAmm3LUxWCl3cWLZS2lcujQmOcG/BkXZPBc"
    "Ie8U/88BR78q1yltU8qxRpgakdOst+DTDa6ftf+uh21tnvnKD+enFwf1c74bdsEfYMDJ/D"
    "VrPt9OPNMPq7e6ivljQkYveRR7AtoMOgg0I/uZTvHObmFLrNGWlb9zjPMfZZMWzjPzdPWh"
    "v/uTGsMHl2DSB99fY1pnVNldY1ddvWmJY15U3BxDn0nNqEDSsFjeI4Zk2XWtND7OmzRj6v"
    "s7LXsc36Lr2+a7djMq2YXkxA52FtmEwLpk3aR39yymolYyQQzX5r8n5zyahWhDxCM/xtMn"
    "8b133X8No03zWcfmjrIlNz9fpqrqIDlfM5YZkvTVoHaZc7eLGgiKnsu5R6DkEgAVxl471F"
    "BA8dODNhYwJnIJD3F87aRvolRzrrUHI3o9DqYVNVqDv3ZVp+g5rEGUgSr/TxR0BEK4ZuDk"
    "GatpXbBYcgJhJvKt5fH+lNM5yttBBNi6ln3VXKRqnxdowkljmOuf84hpFFDTonsbYwX3rz"
    "hFaWd73D3CSiOe0qfdplTs9fwen5axMjeCh5dUs/jmWO8+raJJTN1eK3XMruqqzxNbTts0"
    "oe5e25c4otOAa1PKL+clbzmEIhnoVu3vRaQZoDAXVsZqSMaogTFC3+e1lRMJPhSjWbpgnZ"
    "U6+I+g05u+hxid1WxomFf6FddE4hAaR8q4UZ2L5BwwKhyzbaaECGeCYI0hUW0HGASiTxHY"
    "HTBK6b3mc2Vqg5la4e8eh4TDwRFoZA1HmABdSRkKnCaaOFw8kcujT4vRB2BCEa0n+nhfo/"
    "u3uoq8CXaIKXyMFzopvNedi9ZR5fCD2DmlDMJvB0ulWDfuC3/j3hGvZn94InhPoW/W8Y1x"
    "3uFKUJcpRYy+3vX7JWJCw91v1924UHJj43S5SKgNyI3a381EFTTnP40jxj1By+NIYVps9A"
    "hitwWKZ32WF+67LDVOcy01C4ckNhPKn+FrwIxwiCl5jbAh2kssxDPV5oHcIpcGnjcFWzGx"
    "TbQqOq4DUHuoHWgGdUDZdHq2ZAZVgzrcubL8qUv22FnbxuW7utuImj/60VXrVcvvDp0xRj"
    "p8zeMtZOkFhbVfEmsZ5O/bZaT6J8HyUOp/NaqxI6gWQCnqUIHcqkKnSO42wfmTffKJsKS6"
    "ma6lGzAMkEy6qFKpVqntDZpDq9Y4iG5tVoPuYsQ4TcR/AQy1C7ArWjhq3ZHmp+BmAS05SK"
    "NDkRMORVzYTATHRzBl831haSs2antCx00yytvMhzMRvP8JgoktoVPYI1xO0zVw+Py8Q+j/"
    "Njn8dp3ysgWp1yxASqUTFNVjErZtVuxJmFb5RMXSWzomftfpwZ+EbNlFczjSu6b9r5xnZJ"
    "P1N1v72cbsj5WNeeUEaBsJJnHpQlAdpFJ2Y4Dlr26IyhBJqfYkR1H1rIiRLUJkHOUdgJl0"
    "idHtX9cHVxbV18+JRxsLahSR/wXs1mFJ6aEzG1KG1iW4Nl9dqAJKKxGutajT4ha5QDx/CM"
    "qWIUWI4Cm9lUnjPpLTO1V3S1WHUBXDmN9YlPiE5yVdLaRhPuEeTRsSMhUxYzBJm0S33dwW"
    "IP3fj6ZcS9MZeSQCt4d4kwpN8qbAXiQGv3pUgrsUe8T8V83FWV1D1pspqIVrymqlwGrpgN"
    "/iRDWfoOMfj8e5h03GaqY9MVYlsUgCm/bIh9pakIIr7KwUMSa/tOHTafJKMoBk9UjcYBhk"
    "lpL5HSntTr5cVIEs8IkrqCJKRjVVGyjmeEyf3CxCYSU7cKlSOM7aPvxhJHG+KUfh+6Ya0M"
    "nzS62C5ySUcJsPJu6cLhaIEZ+IkcDWIu4Vvk8AUMwlvKwFucIDxWDPFf2s249jEL/NANTP"
    "yAgKpx257TbauqEh6kChrGgMc2K41HvI0esZ9yUrGRdgzJ9NF+cbWGP5HMGDQMF2r6O7Is"
    "XWgoyNAj0m+2AAFfj4zhlBN6OdhaJSMqBXFHUT8JpX/D080xnRPd7pqzDEW/6ckfoOyft3"
    "K8QepmU052vmafY3dWidYrhC2MaRx0TkvQW0Hld6aDa42RSDeM9JQp8B5yizMkU/xyoYRS"
    "W9oCm0JnKZeWVQDsC5MF9+6gS8yQvPMPppQcQTYdE7FqgJMlj6pP8ACZ489WySNfYWyd3N"
    "mUmZsvd6YzT5lclSRPDGUbZc/Ge2I+Sw5S0+JMzxJJJV+nVPkSNZJekpjGx2ucj9cQzf6z"
    "42GRqdSDK4X6fKphSipyZSWgOfEgIcN/fY4kX5XWZbrrW5jSv4fgnTsOHTugkkPwoH3cqj"
    "2c+i0wtd+FACmd/4j3umX7MLYInZup4oOaDMErdoQfqvTfEaRgqHSUhZH/MqA736Vz+RC7"
    "mtRDtQHH3M8yCv/b+ruATGizkaHNgJdljZAAfAsNkM2HNqP9UZa6EcYWEnjzFl5c7JQlcR"
    "xn61r9lHHf853301Sz7UhNJcmbK5tjGFsTwe0cHL05Oj08OVrJ5dVIkThOm8WgzNO07KnR"
    "bGKG8FshC4oM3/NfegmbN1ySO1fdX3YTdu/lzfUPIXhsCb+/vDlb9/70WUKt0ocUqvEE63"
    "qCISmre4JJTOMJGk8wxxP0yIh4+mUxWd5gdLVd6BGu4Ep6hV/Ajwq7Vbb9dpVjj8+m7SBJ"
    "JKisgxaWqE/tfuigQW/l78DhCnC/U6ALBk3O0yHgx7pJA/NQmh8gboS39uQuRdO02CN7FF"
    "RYDrVtkmHz3tcrLcIz3dIq9HQwFoKxEB65RJJ4dOhkWQfBlULLAEcw9xkF+YzdsMJ9LaHR"
    "B3reBVkfeYGNgryP3MjGy/TH1zPQy3QpU1AFGeipPmWwqSpQOADfQuoe7O+XMVT29/MtFb"
    "i2FvzkTJKs9zn8+9PNdU7sM0JZV5d0KNH/kEvFS3ytQwFxgRjFsaX1MNKa8oMJzp47penb"
    "/wG9nWz0"
)
