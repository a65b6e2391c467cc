"""The function that writes a usual batch in one round trip. `userreg/record_batch.py` makes it from
the models, and tells what it is for; SQLite needs none.

And no plan for one total shall read all totals of a day: of a table that is empty when the plan is
made, PostgreSQL cannot tell which index is the better one.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
DROP INDEX IF EXISTS "totals_day";
CREATE INDEX IF NOT EXISTS "totals_day" ON "totals" ("day") WHERE "day" > '1970-01-01';
CREATE OR REPLACE FUNCTION record_batch(json, json, json, json, json, json, text) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    written int;
    has_moved boolean;
    to_name bigint[];
    usernames text[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7461, 1);
    IF coalesce((SELECT value FROM keys WHERE name = 'forgotten'), '') <> $7 THEN
        RETURN false;
    END IF;

    IF $1 IS NOT NULL THEN
        INSERT INTO "claimed_updates" AS t ("bot_id", "update_id", "at")
SELECT "bot_id", "update_id", "at" FROM json_to_recordset($1::json) AS e("bot_id" BIGINT, "update_id" BIGINT, "at" TIMESTAMPTZ)
ON CONFLICT ("bot_id", "update_id") DO NOTHING;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written < json_array_length($1) THEN  -- one of them is a duplicate
            RAISE SQLSTATE 'UR001';
        END IF;
    END IF;

    IF $2 IS NOT NULL THEN
        WITH chat AS (INSERT INTO "chats" AS t ("id", "type", "title", "username", "is_forum", "profile_at", "profile_update_id", "first_seen_at", "last_seen_at", "bot_status", "bot_is_member", "bot_status_at", "bot_status_update_id", "added_by_id", "added_at", "added_update_id", "member_count", "member_count_at", "migrated_to_id", "migrated_at")
SELECT "id", "type", "title", "username", COALESCE("is_forum", 'False'), "profile_at", "profile_update_id", "first_seen_at", "last_seen_at", "bot_status", "bot_is_member", "bot_status_at", "bot_status_update_id", "added_by_id", "added_at", "added_update_id", "member_count", "member_count_at", "migrated_to_id", "migrated_at" FROM json_to_recordset($2::json) AS e("id" BIGINT, "type" VARCHAR(16), "title" VARCHAR(256), "username" VARCHAR(64), "is_forum" BOOL, "profile_at" TIMESTAMPTZ, "profile_update_id" BIGINT, "first_seen_at" TIMESTAMPTZ, "last_seen_at" TIMESTAMPTZ, "bot_status" VARCHAR(16), "bot_is_member" BOOL, "bot_status_at" TIMESTAMPTZ, "bot_status_update_id" BIGINT, "added_by_id" BIGINT, "added_at" TIMESTAMPTZ, "added_update_id" BIGINT, "member_count" BIGINT, "member_count_at" TIMESTAMPTZ, "migrated_to_id" BIGINT, "migrated_at" TIMESTAMPTZ)
ON CONFLICT ("id") DO UPDATE SET
"profile_at" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) THEN excluded."profile_at" ELSE t."profile_at" END,
"profile_update_id" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) THEN excluded."profile_update_id" ELSE t."profile_update_id" END,
"type" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) THEN excluded."type" ELSE t."type" END,
"title" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) THEN excluded."title" ELSE t."title" END,
"username" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) THEN excluded."username" ELSE t."username" END,
"is_forum" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) THEN excluded."is_forum" ELSE t."is_forum" END,
"bot_status_at" = CASE WHEN (excluded."bot_status_at" IS NOT NULL AND (t."bot_status_at" IS NULL OR (excluded."bot_status_at", excluded."bot_status_update_id") > (t."bot_status_at", t."bot_status_update_id"))) THEN excluded."bot_status_at" ELSE t."bot_status_at" END,
"bot_status_update_id" = CASE WHEN (excluded."bot_status_at" IS NOT NULL AND (t."bot_status_at" IS NULL OR (excluded."bot_status_at", excluded."bot_status_update_id") > (t."bot_status_at", t."bot_status_update_id"))) THEN excluded."bot_status_update_id" ELSE t."bot_status_update_id" END,
"bot_status" = CASE WHEN (excluded."bot_status_at" IS NOT NULL AND (t."bot_status_at" IS NULL OR (excluded."bot_status_at", excluded."bot_status_update_id") > (t."bot_status_at", t."bot_status_update_id"))) THEN excluded."bot_status" ELSE t."bot_status" END,
"bot_is_member" = CASE WHEN (excluded."bot_status_at" IS NOT NULL AND (t."bot_status_at" IS NULL OR (excluded."bot_status_at", excluded."bot_status_update_id") > (t."bot_status_at", t."bot_status_update_id"))) THEN excluded."bot_is_member" ELSE t."bot_is_member" END,
"added_at" = CASE WHEN (excluded."added_at" IS NOT NULL AND (t."added_at" IS NULL OR (excluded."added_at", excluded."added_update_id") > (t."added_at", t."added_update_id"))) THEN excluded."added_at" ELSE t."added_at" END,
"added_update_id" = CASE WHEN (excluded."added_at" IS NOT NULL AND (t."added_at" IS NULL OR (excluded."added_at", excluded."added_update_id") > (t."added_at", t."added_update_id"))) THEN excluded."added_update_id" ELSE t."added_update_id" END,
"added_by_id" = CASE WHEN (excluded."added_at" IS NOT NULL AND (t."added_at" IS NULL OR (excluded."added_at", excluded."added_update_id") > (t."added_at", t."added_update_id"))) THEN excluded."added_by_id" ELSE t."added_by_id" END,
"member_count_at" = CASE WHEN (excluded."member_count_at" IS NOT NULL AND (t."member_count_at" IS NULL OR (excluded."member_count_at", excluded."member_count") > (t."member_count_at", t."member_count"))) THEN excluded."member_count_at" ELSE t."member_count_at" END,
"member_count" = CASE WHEN (excluded."member_count_at" IS NOT NULL AND (t."member_count_at" IS NULL OR (excluded."member_count_at", excluded."member_count") > (t."member_count_at", t."member_count"))) THEN excluded."member_count" ELSE t."member_count" END,
"first_seen_at" = COALESCE(LEAST(t."first_seen_at", excluded."first_seen_at"), t."first_seen_at", excluded."first_seen_at"),
"migrated_at" = COALESCE(LEAST(t."migrated_at", excluded."migrated_at"), t."migrated_at", excluded."migrated_at"),
"migrated_to_id" = COALESCE(LEAST(t."migrated_to_id", excluded."migrated_to_id"), t."migrated_to_id", excluded."migrated_to_id"),
"last_seen_at" = COALESCE(GREATEST(t."last_seen_at", excluded."last_seen_at"), t."last_seen_at", excluded."last_seen_at")
WHERE (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id"))) OR (excluded."bot_status_at" IS NOT NULL AND (t."bot_status_at" IS NULL OR (excluded."bot_status_at", excluded."bot_status_update_id") > (t."bot_status_at", t."bot_status_update_id"))) OR (excluded."added_at" IS NOT NULL AND (t."added_at" IS NULL OR (excluded."added_at", excluded."added_update_id") > (t."added_at", t."added_update_id"))) OR (excluded."member_count_at" IS NOT NULL AND (t."member_count_at" IS NULL OR (excluded."member_count_at", excluded."member_count") > (t."member_count_at", t."member_count"))) OR (excluded."first_seen_at" < t."first_seen_at" OR t."first_seen_at" IS NULL AND excluded."first_seen_at" IS NOT NULL) OR (excluded."migrated_at" < t."migrated_at" OR t."migrated_at" IS NULL AND excluded."migrated_at" IS NOT NULL) OR (excluded."migrated_to_id" < t."migrated_to_id" OR t."migrated_to_id" IS NULL AND excluded."migrated_to_id" IS NOT NULL) OR (excluded."last_seen_at" > t."last_seen_at" OR t."last_seen_at" IS NULL AND excluded."last_seen_at" IS NOT NULL) OR t."migrated_to_id" IS NOT NULL RETURNING migrated_to_id)
        SELECT bool_or(migrated_to_id IS NOT NULL) INTO has_moved FROM chat;
        IF has_moved THEN
            RAISE SQLSTATE 'UR001';
        END IF;
    END IF;

    IF $3 IS NOT NULL THEN
        -- locked: whoever is being erased is nobody, or would come back without a name;
        -- and usernames are sorted as Python sorts them, for all lock them in one order
        SELECT array_agg(e.id), array_agg(DISTINCT e.known_username COLLATE "C")
            FILTER (WHERE e.known_username <> '')
        INTO to_name, usernames
        FROM json_to_recordset($3) AS e(id bigint, first_seen_at timestamptz,
                profile_at timestamptz, profile_update_id bigint, profile_is_dated boolean,
                known_name text, known_username text) LEFT JOIN LATERAL (
            SELECT profile_at FROM users WHERE id = e.id FOR UPDATE
        ) AS t ON true
        WHERE t.profile_at IS NULL OR e.first_seen_at < t.profile_at;

        INSERT INTO "users" AS t ("id", "first_name", "last_name", "username", "is_bot", "is_premium", "is_gone", "profile_at", "profile_update_id", "profile_is_dated", "language_code", "language_at", "language_update_id", "language_is_dated", "first_seen_at", "last_seen_at")
SELECT "id", COALESCE("first_name", ''), "last_name", "username", COALESCE("is_bot", 'False'), COALESCE("is_premium", 'False'), COALESCE("is_gone", 'False'), "profile_at", "profile_update_id", COALESCE("profile_is_dated", 'True'), "language_code", "language_at", "language_update_id", COALESCE("language_is_dated", 'True'), "first_seen_at", "last_seen_at" FROM json_to_recordset($3::json) AS e("id" BIGINT, "first_name" VARCHAR(256), "last_name" VARCHAR(256), "username" VARCHAR(64), "is_bot" BOOL, "is_premium" BOOL, "is_gone" BOOL, "profile_at" TIMESTAMPTZ, "profile_update_id" BIGINT, "profile_is_dated" BOOL, "language_code" VARCHAR(35), "language_at" TIMESTAMPTZ, "language_update_id" BIGINT, "language_is_dated" BOOL, "first_seen_at" TIMESTAMPTZ, "last_seen_at" TIMESTAMPTZ)
ON CONFLICT ("id") DO UPDATE SET
"profile_at" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."profile_at" ELSE t."profile_at" END,
"profile_update_id" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."profile_update_id" ELSE t."profile_update_id" END,
"first_name" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."first_name" ELSE t."first_name" END,
"last_name" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."last_name" ELSE t."last_name" END,
"username" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."username" ELSE t."username" END,
"is_bot" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."is_bot" ELSE t."is_bot" END,
"is_premium" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."is_premium" ELSE t."is_premium" END,
"is_gone" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."is_gone" ELSE t."is_gone" END,
"profile_is_dated" = CASE WHEN (excluded."profile_at" IS NOT NULL AND (t."profile_at" IS NULL OR CASE WHEN (excluded."profile_is_dated" AND t."profile_is_dated") OR excluded."profile_update_id" = 0 OR t."profile_update_id" = 0 OR (excluded."profile_at" - t."profile_at" >= interval '2 days' OR excluded."profile_at" - t."profile_at" <= interval '-2 days') THEN (excluded."profile_at", excluded."profile_update_id") > (t."profile_at", t."profile_update_id") ELSE excluded."profile_update_id" > t."profile_update_id" END)) THEN excluded."profile_is_dated" ELSE t."profile_is_dated" END,
"language_at" = CASE WHEN (excluded."language_at" IS NOT NULL AND (t."language_at" IS NULL OR CASE WHEN (excluded."language_is_dated" AND t."language_is_dated") OR excluded."language_update_id" = 0 OR t."language_update_id" = 0 OR (excluded."language_at" - t."language_at" >= interval '2 days' OR excluded."language_at" - t."language_at" <= interval '-2 days') THEN (excluded."language_at", excluded."language_update_id") > (t."language_at", t."language_update_id") ELSE excluded."language_update_id" > t."language_update_id" END)) THEN excluded."language_at" ELSE t."language_at" END,
"language_update_id" = CASE WHEN (excluded."language_at" IS NOT NULL AND (t."language_at" IS NULL OR CASE WHEN (excluded."language_is_dated" AND t."language_is_dated") OR excluded."language_update_id" = 0 OR t."language_update_id" = 0 OR (excluded."language_at" - t."language_at" >= interval '2 days' OR excluded."language_at" - t."language_at" <= interval '-2 days') THEN (excluded."language_at", excluded."language_update_id") > (t."language_at", t."language_update_id") ELSE excluded."language_update_id" > t."language_update_id" END)) THEN excluded."language_update_id" ELSE t."language_update_id" END,
"language_code" = CASE WHEN (excluded."language_at" IS NOT NULL AND (t."language_at" IS NULL OR CASE WHEN (excluded."language_is_dated" AND t."language_is_dated") OR excluded."language_update_id" = 0 OR t."language_update_id" = 0 OR (excluded."language_at" - t."language_at" >= interval '2 days' OR excluded."language_at" - t."language_at" <= interval '-2 days') THEN (excluded."language_at", excluded."language_update_id") > (t."language_at", t."language_update_id") ELSE excluded."language_update_id" > t."language_update_id" END)) THEN excluded."language_code" ELSE t."language_code" END,
"language_is_dated" = CASE WHEN (excluded."language_at" IS NOT NULL AND (t."language_at" IS NULL OR CASE WHEN (excluded."language_is_dated" AND t."language_is_dated") OR excluded."language_update_id" = 0 OR t."language_update_id" = 0 OR (excluded."language_at" - t."language_at" >= interval '2 days' OR excluded."language_at" - t."language_at" <= interval '-2 days') THEN (excluded."language_at", excluded."language_update_id") > (t."language_at", t."language_update_id") ELSE excluded."language_update_id" > t."language_update_id" END)) THEN excluded."language_is_dated" ELSE t."language_is_dated" END,
"first_seen_at" = COALESCE(LEAST(t."first_seen_at", excluded."first_seen_at"), t."first_seen_at", excluded."first_seen_at"),
"last_seen_at" = COALESCE(GREATEST(t."last_seen_at", excluded."last_seen_at"), t."last_seen_at", excluded."last_seen_at")
WHERE t.profile_at IS NULL OR excluded.first_name = t.first_name
                AND excluded.last_name IS NOT DISTINCT FROM t.last_name
                AND excluded.username IS NOT DISTINCT FROM t.username;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written < json_array_length($3) THEN  -- somebody is called otherwise
            RAISE SQLSTATE 'UR001';
        END IF;

        IF to_name IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(usernames) AS name;
            INSERT INTO "known_names" AS t ("user_id", "kind", "name", "first_at", "last_at", "last_update_id", "last_is_dated")
SELECT e.id, n.kind, n.name, e.first_seen_at, e.profile_at, e.profile_update_id,
                   e.profile_is_dated
            FROM json_to_recordset($3) AS e(id bigint, first_seen_at timestamptz,
                profile_at timestamptz, profile_update_id bigint, profile_is_dated boolean,
                known_name text, known_username text), LATERAL (VALUES
                ('name', e.known_name), ('username', e.known_username)
            ) AS n(kind, name)
            WHERE e.id = ANY(to_name) AND n.name <> '' ORDER BY 1, 2, 3
ON CONFLICT ("user_id", "kind", "name") DO UPDATE SET
"last_at" = CASE WHEN (excluded."last_at" IS NOT NULL AND (t."last_at" IS NULL OR CASE WHEN (excluded."last_is_dated" AND t."last_is_dated") OR excluded."last_update_id" = 0 OR t."last_update_id" = 0 OR (excluded."last_at" - t."last_at" >= interval '2 days' OR excluded."last_at" - t."last_at" <= interval '-2 days') THEN (excluded."last_at", excluded."last_update_id") > (t."last_at", t."last_update_id") ELSE excluded."last_update_id" > t."last_update_id" END)) THEN excluded."last_at" ELSE t."last_at" END,
"last_update_id" = CASE WHEN (excluded."last_at" IS NOT NULL AND (t."last_at" IS NULL OR CASE WHEN (excluded."last_is_dated" AND t."last_is_dated") OR excluded."last_update_id" = 0 OR t."last_update_id" = 0 OR (excluded."last_at" - t."last_at" >= interval '2 days' OR excluded."last_at" - t."last_at" <= interval '-2 days') THEN (excluded."last_at", excluded."last_update_id") > (t."last_at", t."last_update_id") ELSE excluded."last_update_id" > t."last_update_id" END)) THEN excluded."last_update_id" ELSE t."last_update_id" END,
"last_is_dated" = CASE WHEN (excluded."last_at" IS NOT NULL AND (t."last_at" IS NULL OR CASE WHEN (excluded."last_is_dated" AND t."last_is_dated") OR excluded."last_update_id" = 0 OR t."last_update_id" = 0 OR (excluded."last_at" - t."last_at" >= interval '2 days' OR excluded."last_at" - t."last_at" <= interval '-2 days') THEN (excluded."last_at", excluded."last_update_id") > (t."last_at", t."last_update_id") ELSE excluded."last_update_id" > t."last_update_id" END)) THEN excluded."last_is_dated" ELSE t."last_is_dated" END,
"first_at" = COALESCE(LEAST(t."first_at", excluded."first_at"), t."first_at", excluded."first_at")
WHERE (excluded."last_at" IS NOT NULL AND (t."last_at" IS NULL OR CASE WHEN (excluded."last_is_dated" AND t."last_is_dated") OR excluded."last_update_id" = 0 OR t."last_update_id" = 0 OR (excluded."last_at" - t."last_at" >= interval '2 days' OR excluded."last_at" - t."last_at" <= interval '-2 days') THEN (excluded."last_at", excluded."last_update_id") > (t."last_at", t."last_update_id") ELSE excluded."last_update_id" > t."last_update_id" END)) OR (excluded."first_at" < t."first_at" OR t."first_at" IS NULL AND excluded."first_at" IS NOT NULL);
            IF (SELECT count(*) FROM known_names WHERE kind = 'username' AND name = ANY(usernames))
                > cardinality(usernames)
            THEN  -- somebody else bears one of these, or bore it
                RAISE SQLSTATE 'UR001';
            END IF;
        END IF;
    END IF;

    IF $4 IS NOT NULL THEN
        INSERT INTO "memberships" AS t ("user_id", "chat_id", "status", "is_member", "evidence", "is_carried_over", "status_at", "status_update_id", "joined_at", "left_at", "first_seen_at", "last_seen_at", "messages")
SELECT "user_id", "chat_id", "status", "is_member", "evidence", "is_carried_over", "status_at", "status_update_id", "joined_at", "left_at", "first_seen_at", "last_seen_at", COALESCE("messages", '0') FROM json_to_recordset($4::json) AS e("user_id" BIGINT, "chat_id" BIGINT, "status" VARCHAR(16), "is_member" BOOL, "evidence" VARCHAR(16), "is_carried_over" BOOL, "status_at" TIMESTAMPTZ, "status_update_id" BIGINT, "joined_at" TIMESTAMPTZ, "left_at" TIMESTAMPTZ, "first_seen_at" TIMESTAMPTZ, "last_seen_at" TIMESTAMPTZ, "messages" BIGINT)
ON CONFLICT ("user_id", "chat_id") DO UPDATE SET
"status_at" = CASE WHEN (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) THEN excluded."status_at" ELSE t."status_at" END,
"evidence" = CASE WHEN (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) THEN excluded."evidence" ELSE t."evidence" END,
"status_update_id" = CASE WHEN (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) THEN excluded."status_update_id" ELSE t."status_update_id" END,
"status" = CASE WHEN (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) THEN excluded."status" ELSE t."status" END,
"is_member" = CASE WHEN (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) THEN excluded."is_member" ELSE t."is_member" END,
"is_carried_over" = CASE WHEN (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) THEN excluded."is_carried_over" ELSE t."is_carried_over" END,
"first_seen_at" = COALESCE(LEAST(t."first_seen_at", excluded."first_seen_at"), t."first_seen_at", excluded."first_seen_at"),
"last_seen_at" = COALESCE(GREATEST(t."last_seen_at", excluded."last_seen_at"), t."last_seen_at", excluded."last_seen_at"),
"joined_at" = COALESCE(GREATEST(t."joined_at", excluded."joined_at"), t."joined_at", excluded."joined_at"),
"left_at" = COALESCE(GREATEST(t."left_at", excluded."left_at"), t."left_at", excluded."left_at"),
"messages" = t."messages" + excluded."messages"
WHERE (excluded."status_at" IS NOT NULL AND (t."status_at" IS NULL OR (excluded."status_at", excluded."evidence", excluded."status_update_id") > (t."status_at", t."evidence", t."status_update_id"))) OR (excluded."first_seen_at" < t."first_seen_at" OR t."first_seen_at" IS NULL AND excluded."first_seen_at" IS NOT NULL) OR (excluded."last_seen_at" > t."last_seen_at" OR t."last_seen_at" IS NULL AND excluded."last_seen_at" IS NOT NULL) OR (excluded."joined_at" > t."joined_at" OR t."joined_at" IS NULL AND excluded."joined_at" IS NOT NULL) OR (excluded."left_at" > t."left_at" OR t."left_at" IS NULL AND excluded."left_at" IS NOT NULL) OR excluded."messages" <> 0;
    END IF;
    IF $5 IS NOT NULL THEN
        INSERT INTO "membership_events" AS t ("chat_id", "user_id", "at", "update_id", "old_status", "new_status", "was_member", "is_member", "evidence", "actor_id", "invite_link", "via_join_request", "via_chat_folder_invite_link", "is_carried_over")
SELECT "chat_id", "user_id", "at", "update_id", "old_status", "new_status", "was_member", "is_member", "evidence", "actor_id", "invite_link", COALESCE("via_join_request", 'False'), COALESCE("via_chat_folder_invite_link", 'False'), COALESCE("is_carried_over", 'False') FROM json_to_recordset($5::json) AS e("chat_id" BIGINT, "user_id" BIGINT, "at" TIMESTAMPTZ, "update_id" BIGINT, "old_status" VARCHAR(16), "new_status" VARCHAR(16), "was_member" BOOL, "is_member" BOOL, "evidence" VARCHAR(16), "actor_id" BIGINT, "invite_link" VARCHAR(256), "via_join_request" BOOL, "via_chat_folder_invite_link" BOOL, "is_carried_over" BOOL)
ON CONFLICT ("chat_id", "user_id", "at", "update_id") DO NOTHING;
    END IF;
    IF $6 IS NOT NULL THEN
        INSERT INTO "daily_activity" AS t ("chat_id", "user_id", "day", "messages")
SELECT "chat_id", "user_id", "day", COALESCE("messages", '0') FROM json_to_recordset($6::json) AS e("chat_id" BIGINT, "user_id" BIGINT, "day" DATE, "messages" BIGINT)
ON CONFLICT ("chat_id", "user_id", "day") DO UPDATE SET
"messages" = t."messages" + excluded."messages"
WHERE excluded."messages" <> 0;
    END IF;
    RETURN true;
EXCEPTION WHEN SQLSTATE 'UR001' THEN
    RETURN false;
END $$;
    """,
    "sqlite": """
BEGIN;
DROP INDEX IF EXISTS "totals_day";
CREATE INDEX IF NOT EXISTS "totals_day" ON "totals" ("day") WHERE "day" > '1970-01-01';
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP FUNCTION "record_batch";
DROP INDEX IF EXISTS "totals_day";
CREATE INDEX IF NOT EXISTS "totals_day" ON "totals" ("day");
    """,
    "sqlite": """
BEGIN;
DROP INDEX IF EXISTS "totals_day";
CREATE INDEX IF NOT EXISTS "totals_day" ON "totals" ("day");
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
    "eJztXXtz4jgS/yoq/klSxaUIee5M3VWRmexubifJ1gxzs49sGYEFaDEWK5kw3N5891PLNr"
    "bxI7JDEoeoKlUBuVs2v5Za3a1W++/GlNnEEfvvxthrvEF/N1w8JfJDor2JGng2i1qhwcN9"
    "RxEOJIVqwX3hcTyAbobYEUQ22UQMOJ15lLlA2kFAjLwxQX3mISoQ42iBBaLuPuqgGad32C"
    "M+0RiaPYFmhAvm7sgv9lvUm9DBhNg99E/Udxh83Ic722wgb03d0WPeZO7Sv+bE8tiIyL65"
    "vNXvf8hm6trkKxHw9e/GkBLHVp8b2LaJbfWXFrUbQEe+zjgRQiIhQtYQaoWgFWcAfJczdb"
    "GheCWw6ss34JtNLHWjhLx8LtVuhbzndHTpet8rWoCpbw2YM5+6Ef1s6Y2Zu2KgrhL2iLiE"
    "S5DsmCjdueMEIg+bfERkg8fnZAWFHTXYZIjnDgwI4PafIGprWNb1Tdf6dNG1rEZqsIQcMd"
    "EGTQMJocRDPqtQCIzgEf7xXbt9eHjabh2enB0fnZ4en7XOJK163vSl02/+w0Rw+V0p0C5/"
    "uLzuwgMxOZr9MQ4N3xQP9rAVSTmCXyGYEoCcPTwb/pB+TQDyh2kIIIB3hX9IEgkgmoBPIY"
    "Ep/mo5xB15Y/n14KQA3P90Pr77sfNx9+BkL4nwdXClrS4B1jFsqeeUAzdk2D5028c68Eqq"
    "XHzVtSTAc0G4+lwC4zjP9sF8cqSB8slRLshwKYkxFdaQ8fk0Q0sz5hDs5qjpGNsazH3JV0"
    "Vb6wC9ankEpIt0783NB+h5KsRfjq+M1zTx9eer8wupPxTykoh6CQUd4T3jbEgdYvnmSxLx"
    "9xItj05JNuRJzjXQ7YB1P/zw8kZ6Af7dy6uLT93O1c8JIbzvdC/gSlu1Ltdad9dVzaoT9O"
    "Wy+yOCr+i3m+sLhSYT3oirO0Z03d8a8Ex47jHLZQuwhGKYhM1hU6aU5zOQh1XWCMpkr2QT"
    "1UzGT2kURdIYUi48SxDiVph2KeYNzLxKus9MPa2p5+Dqsl7nNUq2zpKWbrQlPOzNRRkDMc"
    "m1fSbi5v0cQEzae1My7RNe0k5M8VYzFmuG+NOYitFIraDKUsxGl70MXVbVZszrwZiNVc3G"
    "tcinvijWGI0EHiaB8sovzmf0Xp31ni+piiovg9nMtapzzTfRJLpzN2O+FYlhndPIYBMyqK"
    "D2MtiN9quz9pvSkQLekjRllV+a18y7yvMuxLLCnEuymvlWt/kGmQnDSWxzHBr6eDBZYG5b"
    "qSuszfJo05em7el6C3bxSAkJ0ITnDBNWHCzFb39WxkojK6MlQdAsTG3xSQPLRzfJxUU+Pf"
    "LCFJMxtlWaCRkOycB7iyZk5qEh4+joDI3ZnIsm8hZ0QJCkdZg7gv9d4hA54qeIEzluiMhI"
    "dHnEG2Uku/zux5jUzIxMwT/WcmCePD8lmMUmPaUwPSUSXblAxyazhF7lilfR43q4r2Xgh5"
    "YKIQ2z92jsiwL74j2mzrIz8Ogd9ZZZ9kWSoNC+sIHUwnHae82LKyKEfDKB2BAxlwSpq4i6"
    "6pvKamX+Zxsv0e7n7ru9tOlQtZNMswDIQ7tASLfY/ygZU8ZBIkEWCJpoxX1PjmwSKitgrk"
    "uSrDFCdIyQ2EDRF0GMyayD1c2QaGKWMEIiJgN9ZegDVZW2QbJBD8iLDJAXCH0BimBQpMKz"
    "/vJUNjwecT3deG29+MFaF8OKYPsD8TxlVqStquhqsUkl6SxHEWofSuoze+nHUAZs7tjIZR"
    "7qE8TJgHGb2M0ojCLIHXHBJhLIY0DjMDYhNpKs2LUlx8zBy+xDSY9zk/sPJRlbqJa2kE2l"
    "pspwTvPz6SKOSrl0NRPCI5+2gNmWNbxdzJd50S47a+HtL4PA7/YsuOcfbs4Tjr7E8fzyuv"
    "Px192rzi97CW//w831DyF93Ik//7V70VnDXND/ZpwgytUnIfk2mZbtg6PTo7PDk6OVLlm1"
    "FKmQtNFIOGcZKaD52mHFsBnl8NxwJtTD8UFbQz9IqlwFoa4lEZYLL6F3lbYi11hNrLB2sc"
    "LEUjDntJKYE4xGyLUTck38lp/kM7nX/mBLuS3RxUKvZQJkFvBqOy1ADJUNMApP4qK5HEcc"
    "LcZ0MJaeAsIDlaCkah/AWZumch+GnE0ljfQwpHMB/7Oclc11fuveuj113Ad7PQg3Q10G1a"
    "HyhSg4QZgL6Q4t0IhBRFqFoXuf5X33o5OYvTfyWQIHP3gU6EjIjm5d1d2CU2mpgVs1lj8D"
    "SWeI5IesY5GtiZx98F8JrjBgHZ52Vhz3hKtjArVCPhOsfkkOmomYPlvENJySurZvSL+Fpu"
    "+ZhuF7lmv2nq0bvWWLPDyowEO9kT1ut3ScinYr36mAa1kHoKuefTaWZk0tzdSx54onno2A"
    "X4qAK6ZtpXmNGVDZDFBgUmHZCqi0HIqOQ6d4n7B2Tmgrv6jz0DVxpq/UyRoxprNGhjcdu9"
    "oscqenKzpNd/qL8kUFUm5bmBQVurixrKi0r6zNCY5wd8GQck8Fwpz4O354hrn3RjrLsp9V"
    "KrbA1A6dZf+sMdrt+R966HbebrVPUG/9EHJvTznht+4irH8YPocte9vtxYtu9Pb2UU8OaU"
    "j47iFOsC2gWuIYhX6ylu+8yt0qcpsz0sPucZ5j4rNi3Dn+M6iMjd0O21PqUhguHvM3kDPv"
    "ir78ePHxAt02fBncNtDlNdrdGUggJd9OcyfRz86e8fKNl2+W9+TybrIBnw368sV8TCGfMo"
    "V8qhbxMQV89A3WxG75HbWJOygV2orzmDGtNaYHmKsdUXZXZWSvc5vxrT2+KxenMoWpXkzY"
    "6WFFqUxBqk3aR38y6lZKGUkwmvlW5/nmkGGlOH7EZuRbZ/nWrhaxkbUpRWwk/dBCTuZk2O"
    "s7GRZt+1zcETfzNVXrJE297SELjlrpvr2qOyYINIAjbbw3iODBGHZ23BGBnRrITgx7bSL1"
    "WimVG+kxJ+M42MO6KnEK39dp+eV6ElsnST7tXZMARCvGrrdVU+Um/g/S7H/gsXIbQKu7hJ"
    "z59zIbOrXc0DG7CqbGwOuD3pQ52kpr1xQPe9ZZJe2tCu89SXKZraX7t5ZcsqiAc5JrCzPU"
    "Nw+09CKqbUwnGc3OnfbOnckEeAWZAK9NjcS9Y32rJM5ltiar2iTUvZOD33KoOykzxtfYts"
    "8qeZT3It9RbMGWrsWJ/MlZ5XoKlXgWu3mHbwltDgCq2MxQGtUQJyga/PeKoqAnI5VyNk0d"
    "MsFeEfo12YfpMg87jYzdF/9Cs2jPxQMS/eIWc7B9gxIRQh2UaaI+GeC5IEidaYEaD9RDHp"
    "4Q2Blh6nUGmaUsKnalzutwOhoRLsKjOBB17mMBJ3fITPI00WLMyB3UxfCrT+wKQhSl/7YS"
    "+Xv29lFHki/RFC/RGN8RVd6PY+fW5WwhVA+yQzGfwtOp4hjqgd/494Rr2O+dB08IJ4rUr3"
    "GZqikokSZoLNVa7psbNE/nhIe9VeXmZuGOiS/N8odz9LsuKvC8On0jiW4b6F9o5+C709Y/"
    "Wgfyb8fszJidmRq7Zs/iNJiyDys/4VCnlNxhfiW5w1QhOVPfuXR9Zzwt//LDiMcogpeYxA"
    "MFvbJsR9VeaDrCFrG25bg6Qh2cfYa6YcHbLVQ9sz7LOMStz1bOusowdRofbr5IO/+2ERZW"
    "u23sNeL2j/q1VnjVctjCx6cuaSg6c8tYO0EGcdmFN8n1dMtvo/Eki++jBOlUAm9ZoBNMJh"
    "qqBXSok8rgHOfZPpg3X7ecCksuNeVDagGTiaSVi2PKpXlK59PyeMcYDeblMB8xN0OF3Ad4"
    "yGXQLoF2VD8320PNTw9McpozMXXOEgxlVTFbMJPdbNBXjbWFcFYsXJfFbmrX6as8B7ujOR"
    "4RCald0iNYY9w+c/XwWCf2eZwf+zxO+14BaFXOXSZYzRJT5yVmJazKdVGz+M0iU3WRWeFZ"
    "uTxqBr9ZZvSXmdpVF6jb/sZ2aT9TXmB7JV2T/bFOvGJsI2OjLEnQLNoxS1ex1dg6c1GCzc"
    "8/oqosMCRMCWqTICEpLExMPJU71Xl/dXltXb7/lLGxtqFOH/Ca03qcSjU7YnJQ2sS2+svy"
    "BweSjMZqrGo1+kBWOCsc4zOmilnAchawuU29C9fjy8zVK7pavHQBnd6K9YlNicqAldraRl"
    "PGCeJ0NPYgjRa7CNJsl+r6GIt9dOOvL0PGR8zzCFTmd5YIQ26u5JYkY6i0vxTpRewR71My"
    "WVe3oIkCUaeIyVp6rpj3/yQDT/sOMfr8e5h03Houx6ZkxLYsAOZsZk3sK4UiqPgyGw9Jru"
    "3bddh8koxEDJ6oHMYBh0lp10hpT67r+mokyWcUSVVFEuJYVpWs8xllcr8ysYmHqVMG5Yhj"
    "+/DdWOJoTZzS70M3rJHhk0YXm0Uu6TBBpu+WLsYMLbALfiJD/ZhL+AaN2QIa4aVx4C1OER"
    "5JgfjvUHeZ8jEL/NANdPyAgKpx257TbSu7JDxoKaiZAB7brDQe8TZ6xH7KScmK4TEmUzD8"
    "xZ01/IlkxqChuXCln5Cl9kFDQQaceH4lBgj4cjKCXU4o9GCrJRlRTxBnGBWbkOtvuLs5on"
    "dE1fVmbsZCv+nOH7DYP+/J8RotN5tysvNX9jvszEthvWLYwpjGQftMA29JlV+2Dq7VRiPd"
    "uKQrTYF3kFucoZnilws1lJzSFtgUKktZW1cBsa9MFoxPoITMgLz1N6akHkE2HRGxqo6TpY"
    "/Kd/AAneP3VsojX3Fsnd7ZlJmbr3dmcy5NrlKaJ8ayjbpn4wUznyUHqW5xpmeJpJKvMyp9"
    "iQpJL0lO4+PVzserycr+85hjkbmoB1cK1/OZotFcyKWVgO4Ih4QM/z1BHvkqV11XlYQLU/"
    "r3EbxcaExHY1iSQ/Kgttyqdpz8LjC134YEqTX/Ee9167agbRE6NzMpB9kZghfwCD9U6b8M"
    "SdJQbywtjPy3Hk18l85hA+woqAdyAo6Yn2UU/rb1lx6Z0GYtQ5uBLHWNkIB8Cw2QzYc2o/"
    "mhi27EsYUAb97Ci6sdXYjjPFtX6kfHfc933s9SlbijZSoJb65ujnFsTQS3fXB0enR2eHK0"
    "0surliJ1nDaLYTFPY9mVrdlghvRboQuKDN+LX7oJmzcckrtXnV/2Enbvh5vrH0Ly2BB+9+"
    "HmfN37U3sJlY4+pFiNJ1jVEwyhLO8JJjmNJ2g8wRxPkJMh4epNMlneYHS1WegRrug0vcIv"
    "4EeF1SqbfrnKEWfzWTNIEglO1kEJS9Sjdi900KC28g44XAHvjiRduFABPR0Cfqyb1DAPpf"
    "4B4lp4a0/uUtRtFXtkj4IKa0xtm2TYvPfVSov4TLW0EjUdjIVgLITHtRA+kplDBzjLPAgv"
    "FdoG3CfS3vedcSbNCOGHYfncFWrl5thFjhx7cCzRtZFNITXUQ0R+pi4aMWZLKpvwrI3gDf"
    "RoslE2EF1p6YRXWvnxldZ9u8LCw7yaMkxyGmVYO2WYOGlSraqNqV30UgScGzgtyCvLjZy+"
    "zHjfY5+Wm5asNDl9SIHJ1wBuTay1T37tgyxrLbxUaK2JsHaCnrW2XioJTvk4jE0EWu2Tj4"
    "gIsu7U2+j8rDs2XG2lU4768FY5wmMvhCsuyLSpu5SsZBEmNwFNQZmJEEIrlgxVtsyESSd8"
    "0nTCetTbem6t+CxbHANOKgYwkpzGpKu1SWds9i0XsEla3Vox18S07RBOB+Msyza4UmjY4o"
    "jmPrM2X7Ab3vl7LTmaD0wBKjh+ZgIF66UwdF6XIKkKSmGkXpgAk6oEwgH5FqJ70NIJYUuq"
    "/C3TViuVhclcj2S9WPbfn26ucyzfiGV9uaQDD/0POVS8RA+kAFwAI7FGppLc1vPZ1hY/6O"
    "D8ueM03/4PZRS8yQ=="
)
