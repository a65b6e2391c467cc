from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE TABLE IF NOT EXISTS "known_names" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "name" VARCHAR(520) NOT NULL,
    "first_at" TIMESTAMPTZ NOT NULL,
    "last_at" TIMESTAMPTZ NOT NULL,
    "last_update_id" BIGINT NOT NULL,
    "last_is_dated" BOOL NOT NULL,
    CONSTRAINT "uid_known_names_user_id_bd5de3" UNIQUE ("user_id", "kind", "name")
);
CREATE INDEX IF NOT EXISTS "known_names_name" ON "known_names" ("name", "kind");
COMMENT ON TABLE "known_names" IS 'A name or a username under which an account was seen, and from when to when.';
ALTER TABLE "membership_events" ADD "via_chat_folder_invite_link" BOOL NOT NULL DEFAULT False;
ALTER TABLE "membership_events" ADD "was_member" BOOL;
ALTER TABLE "membership_events" ADD "is_carried_over" BOOL NOT NULL DEFAULT False;
ALTER TABLE "membership_events" ADD "via_join_request" BOOL NOT NULL DEFAULT False;
ALTER TABLE "membership_events" ADD "is_member" BOOL;
ALTER TABLE "users" ADD "language_is_dated" BOOL NOT NULL DEFAULT True;
ALTER TABLE "users" ADD "profile_is_dated" BOOL NOT NULL DEFAULT True;
ALTER TABLE "users" ADD "is_gone" BOOL NOT NULL DEFAULT False;
UPDATE "membership_events" SET
    "is_member" = CASE WHEN "new_status" <> 'restricted' THEN "new_status" NOT IN ('left', 'kicked') END,
    "was_member" = CASE WHEN "old_status" <> 'restricted' THEN "old_status" NOT IN ('left', 'kicked')
                        WHEN "old_status" IS NULL THEN "new_status" IN ('left', 'kicked') END,
    "is_carried_over" = EXISTS (SELECT 1 FROM "chats" AS c WHERE c."migrated_to_id" = "membership_events"."chat_id"
                                AND c."migrated_at" >= "membership_events"."at");
UPDATE "users" SET "is_gone" = TRUE
WHERE "first_name" = '' AND "username" IS NULL AND "profile_at" IS NOT NULL;
INSERT INTO "known_names" ("user_id", "kind", "name", "first_at", "last_at", "last_update_id", "last_is_dated")
SELECT "id", 'username', lower("username"), "profile_at", "profile_at", "profile_update_id", TRUE
FROM "users" WHERE "username" IS NOT NULL AND "profile_at" IS NOT NULL;
INSERT INTO "known_names" ("user_id", "kind", "name", "first_at", "last_at", "last_update_id", "last_is_dated")
SELECT "id", 'name', trim("first_name" || ' ' || coalesce("last_name", '')), "profile_at", "profile_at", "profile_update_id", TRUE
FROM "users" WHERE "first_name" <> '' AND "profile_at" IS NOT NULL;
UPDATE "users" SET "username" = NULL WHERE "username" IS NOT NULL AND EXISTS (
    SELECT 1 FROM "users" AS o WHERE lower(o."username") = lower("users"."username") AND o."id" <> "users"."id"
    AND (o."profile_at", o."profile_update_id") > ("users"."profile_at", "users"."profile_update_id"));
    """,
    "sqlite": """
BEGIN;
CREATE TABLE IF NOT EXISTS "known_names" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "name" VARCHAR(520) NOT NULL,
    "first_at" TIMESTAMP NOT NULL,
    "last_at" TIMESTAMP NOT NULL,
    "last_update_id" BIGINT NOT NULL,
    "last_is_dated" INT NOT NULL,
    CONSTRAINT "uid_known_names_user_id_bd5de3" UNIQUE ("user_id", "kind", "name")
) /* A name or a username under which an account was seen, and from when to when. */;
CREATE INDEX IF NOT EXISTS "known_names_name" ON "known_names" ("name", "kind");
ALTER TABLE "membership_events" ADD "via_chat_folder_invite_link" INT NOT NULL DEFAULT 0;
ALTER TABLE "membership_events" ADD "was_member" INT;
ALTER TABLE "membership_events" ADD "is_carried_over" INT NOT NULL DEFAULT 0;
ALTER TABLE "membership_events" ADD "via_join_request" INT NOT NULL DEFAULT 0;
ALTER TABLE "membership_events" ADD "is_member" INT;
ALTER TABLE "users" ADD "language_is_dated" INT NOT NULL DEFAULT 1;
ALTER TABLE "users" ADD "profile_is_dated" INT NOT NULL DEFAULT 1;
ALTER TABLE "users" ADD "is_gone" INT NOT NULL DEFAULT 0;
UPDATE "membership_events" SET
    "is_member" = CASE WHEN "new_status" <> 'restricted' THEN "new_status" NOT IN ('left', 'kicked') END,
    "was_member" = CASE WHEN "old_status" <> 'restricted' THEN "old_status" NOT IN ('left', 'kicked')
                        WHEN "old_status" IS NULL THEN "new_status" IN ('left', 'kicked') END,
    "is_carried_over" = EXISTS (SELECT 1 FROM "chats" AS c WHERE c."migrated_to_id" = "membership_events"."chat_id"
                                AND c."migrated_at" >= "membership_events"."at");
UPDATE "users" SET "is_gone" = TRUE
WHERE "first_name" = '' AND "username" IS NULL AND "profile_at" IS NOT NULL;
INSERT INTO "known_names" ("user_id", "kind", "name", "first_at", "last_at", "last_update_id", "last_is_dated")
SELECT "id", 'username', lower("username"), "profile_at", "profile_at", "profile_update_id", TRUE
FROM "users" WHERE "username" IS NOT NULL AND "profile_at" IS NOT NULL;
INSERT INTO "known_names" ("user_id", "kind", "name", "first_at", "last_at", "last_update_id", "last_is_dated")
SELECT "id", 'name', trim("first_name" || ' ' || coalesce("last_name", '')), "profile_at", "profile_at", "profile_update_id", TRUE
FROM "users" WHERE "first_name" <> '' AND "profile_at" IS NOT NULL;
UPDATE "users" SET "username" = NULL WHERE "username" IS NOT NULL AND EXISTS (
    SELECT 1 FROM "users" AS o WHERE lower(o."username") = lower("users"."username") AND o."id" <> "users"."id"
    AND (o."profile_at", o."profile_update_id") > ("users"."profile_at", "users"."profile_update_id"));
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
ALTER TABLE "membership_events" DROP COLUMN "via_chat_folder_invite_link";
ALTER TABLE "membership_events" DROP COLUMN "was_member";
ALTER TABLE "membership_events" DROP COLUMN "is_carried_over";
ALTER TABLE "membership_events" DROP COLUMN "via_join_request";
ALTER TABLE "membership_events" DROP COLUMN "is_member";
ALTER TABLE "users" DROP COLUMN "language_is_dated";
ALTER TABLE "users" DROP COLUMN "profile_is_dated";
ALTER TABLE "users" DROP COLUMN "is_gone";
DROP TABLE IF EXISTS "known_names";
    """,
    "sqlite": """
BEGIN;
ALTER TABLE "membership_events" DROP COLUMN "via_chat_folder_invite_link";
ALTER TABLE "membership_events" DROP COLUMN "was_member";
ALTER TABLE "membership_events" DROP COLUMN "is_carried_over";
ALTER TABLE "membership_events" DROP COLUMN "via_join_request";
ALTER TABLE "membership_events" DROP COLUMN "is_member";
ALTER TABLE "users" DROP COLUMN "language_is_dated";
ALTER TABLE "users" DROP COLUMN "profile_is_dated";
ALTER TABLE "users" DROP COLUMN "is_gone";
DROP TABLE IF EXISTS "known_names";
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
    "eJztXW1z4jgS/isqvlxSxaUS8rqzdR/ITG43dwm5mmFubnezZYQtQIeRWFvAsHPz30+Sbf"
    "wmO7ZCEofoEyB3y+ZpqdWtbrW/tWbUQa5/8H4CWesd+NYicIb4l1R7G7TgfB63igYGh64k"
    "tDmFbIFDn3nQFt2MoOsj3uQg3/bwnGFKBGkXCGLAJggMKQPYB9QDK+gDTA5AF8w9vIQMBU"
    "QT0cx8MEeeT8lf+A/nRzCYYnuKnAH4Gxi6VHw9EHd2qM1vjcn4KW+yIPiPBbIYHSPet8dv"
    "9dvvvBkTB31FfvRzPrVGGLlOCkvsiA5ku8XWc9l2icfXhP1d0oq/MLRs6i5mJKafr9mEkg"
    "0DJlIQY0SQx/+Ak4CZLFw3FEfUFDwtb2DeAm0e04kbHDSCC1cIS3AHTxC3tSyrd9e3Pl31"
    "LauVE2TEkYA9bLIpEYOAP6svERiLR/jrD53O8fF55/D47OL05Pz89OLwgtPK581fOv8ePE"
    "wMV9CVBO36p+teXzwQ5SMtGH+i4bvkgQwGXFIaMfwSwZwA+Mj21PBH9BkB8D9WQQAhvBv8"
    "I5JYAPHkeA4JzOBXy0VkzCb859FZCbj/7n58/3P3497R2X4a4V54pSMvCawT2GLm1gM3Yt"
    "g9dDunVeDlVIX4ymtpgBc+8uT3GhgneXYP5rOTCiifnRSCLC6lMca+NaLeYqbQ0pS6CJIC"
    "NZ1gy8A85Hw62roK0JuWJ0C6TPfe3d2Inme+/4cbKOOMJu59vr284vpDIs+JMEsp6BjvuU"
    "dH2EVWYFqkEf/A0WJ4htSQpzkzoDsh60H05fWN9BL8+9e3V5/63dt/pYTwodu/Elc6snWd"
    "ad3LqppNJ+DLdf9nIH6CX+96VxJN6rOxJ+8Y0/V/bYlnggtGLUJXFnSSmETNUZNSyou5kI"
    "dV1whSsmvZRA2T8XMaRbE0RtjzmeUjRDSmXY55CzNPS/eZqVdp6rlQX9ZZXqNkmyxp7uJa"
    "PoNs4dcxENNcu2cibt/PEYhxe2+GZkPk1bQTc7x6xmLDEH8eUzEeqRqqLMdsdNnr0GW6Nm"
    "NRD8Zs1DUbufiQYw3XtUWRYTQSeJwE6iu/JJ/Re03We4GkNFWegtnMNd25FphoHN0FUcy3"
    "MjFkOY0MtiEDDbWnYDfar8nab4bHEniL09RVfnleM++0512EpcacS7Oa+da0+SYyE0bTRH"
    "BcNAyhPV1Bz7FyV2iHFtHmL806s2wLJHAshSTQFM8ZJZO4kIvf+SyNlZYq2yRF0C5NOwlI"
    "Q8unagIKAQE9YFH6xwQ6MgUEjUbIZj+CKZozMKIeOLkAE7rw/DZgK2wjwGldSsbis49cxE"
    "f8DHiIjxvkK5JQnvBGikSU34I9JjkzY1Pw95fOTwlnsUlPKU1PiUVXb6Njm1lCb3LF0/S4"
    "Hu9rGfhFi8aWhok9GvuixL74ALG77toMLzFbq+yLNEGpfeEIUgsmaR80L26R7/Mn8wEdAU"
    "pQmFYKMJG/ZMYpDb47cA32Pvff7+dNB91OlGaBII/sAp+7xcFXzmiMgyYpxWLjICHA6iJI"
    "MJn1Sd88iCdMDeMgZjLQa0MvFJTSNlCDHpKXGQavEPoSFMVCn9s2DZaNutvWMdfzjdfDVz"
    "9Ym2LwIOjcIMbkcp+3duKr5aYOp7NcSVj5IM+QOutgb8OmC9cBhDIwRMBDNvUc5LTj7Q0f"
    "LRERtooPGBU0LqVT5ADOConDOeYuXKsP8jzNTRp4kMfYQlVsIQdzTaVwGovz3GIOrRy3hg"
    "nhiU9BiNmmGt4EeuuiXShHtfAO1+GG7O4suJc3d5cpB5zjeHnd6378Ze+2+5/9lBd+c9f7"
    "KaJPOteXv/SvuhnMffyn4mRPoT6JyHfJtOwcnZyfXByfnWx0yaalTIXkjUbkeVSRmlmsHT"
    "YM21EOLw1nSj2cHnUq6AdOVagg5LU0wnzhRXipFSLMsJo9vMbt4aWWgoWHtcScYjRCbpyQ"
    "G+K3/JM/E+kFgy3ntsQXS72WqSCzBG9lp0UQi2oAEEQnZMGCjyMPrCbYnnBPAUBbJg7Jeg"
    "HiDExbug8jj844DfcwuHMhPlXOyvY6vyf3ZCCP4UA2ENvAopaB7FD6Qlg4QdDzuTu0AmMq"
    "dorl9vDgM7/vQXxCcvCOP0vo4IePIjryeUf3RHa38jC31IRbNeF/A3BnCBVvJSd2tqZ89o"
    "lPKbjsRvK3VjwIWtEpZMkhCNHXOR/CPhfJZpRE4k8I1Ir4It3RkqxcwPLHd+OgNdJBMzum"
    "L7ZjGk3JqrZvRL+Dpu9FBcP3otDsvcgavXWLLzyq8EKzkT3tHFZxKjqHxU6FuKY6mKx7Jt"
    "lYmg21NHPHkTVPIhsBvxYBa6ZT5XmNGaBtBkgwsW85Eqi8HMqOKed4n7GmTWQrv6pzyg1x"
    "pm/liRd/gucthTeduNouc6dnG7qK7vQX6Yv6QLptUbJS5OImspXyvnJlTuEI91cUSPfUB9"
    "BDQcQPzqHH3nFnmfezSZH2IXYiZzk4Awz2BsGXAbhfdA47Z2CQPRw82JdO+D1ZRTUDo+dw"
    "eG97g2QxjMH+ARjwIS0SsQfAQ9DxRYXBCYj85Eq+c5SbU+o2K9K2HnCeE+KzEtzGf26etj"
    "b+c2NEYfLsGgB9/fI1pnRNndI1umVrTMma6qZgKg69xA4idq1NoySPGdOVxrQNPRlrpEud"
    "kZ3lNuO78vjWLsdkSjG9mg2dx5VhMiWYtmkf/ZdiopWMkWI0863J881FI60d8pjNyLfJ8m"
    "1c9V0ja1N810j6saWLzJmrt3fmKg6oXC0RUb40KUvSrhZ4scQhpqrvUupPEBAawOU23juA"
    "oD0RMRMyRiIGIvL+ol7bQL7kSGYdMuoqDlo9rqsa584DnVZcoCYVA0nzVQ5/hCBaCXYTBG"
    "naVG6XBEHMTrw58f72oDfFcHbSQjQlpl50VnEbRePtGGkuE455OBxD0EoD5zTXDuZLbx9o"
    "bnnrBXPTjCbaVTnaZaLnbyB6/tbUCLQZrW/pJ7lMOE/XJsFkyQe/5WIyrTPGM2y7Z5U8yd"
    "tzlxhaIgxqeYj/ZVXxmFIlrmI3b3qtoc0FgHJvZsSNarFPUDb4HxRFSU9GKvVsmiZkT70h"
    "9BsSuxAVAlqKgIVsb5dFKcQuX+U6C5szGeFhClGIICxjKwskDKniVEh1tocLuCUDCYrIQe"
    "vm7gsX1f3mRen3rf1WMpwg/60VXbVcugrwaUokocpkMqGEMHGi7gHuNNfz+ROt1uu1s2Te"
    "Ql2gU0zGoK0EdKST6uCc5Nk9mLdfCJEbOHypqW8VhUzGGKpnivKleYYXs/p4JxgN5vUwH1"
    "OiUCEPAR5xGbRroB0X5MoDXh7hTXOaVMAmB3ojWWkGfJXsZo9Vd481glOzEoaK3RTDqK7y"
    "XEjGCzhGHFKnpkeQYdw9c/X4tIK5enxaaK6KSwVo66Sbp1jNEtPkJWYjLO1CSyp+s8joLj"
    "IbPLXrLSn4zTJTfZlp3KGqpqUR7Jb2M6eqdlfSDYmPdZGH7UlLESELr7TLYmQwpnkoSFYs"
    "2C2/neitHFp55FtEimNIS+SJuGEdLybBsoPZaJ3TKh4MpyoJa+R8GDGpaiAcku8gukeHVU"
    "osc6ribL/DXIllfkcWnkNMI/yPT3e9ggNVMUt2tcQ2A/8DLvZf4zmEEnAFGKk1MsJ084qn"
    "BNzvFS94Eh1cvnSyx/f/A8xj55M="
)
