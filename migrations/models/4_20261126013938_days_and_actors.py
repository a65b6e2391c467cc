from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE INDEX IF NOT EXISTS "chats_added_by_id" ON "chats" ("added_by_id");
CREATE INDEX IF NOT EXISTS "daily_activity_day" ON "daily_activity" ("day", "chat_id");
CREATE INDEX IF NOT EXISTS "membership_events_at" ON "membership_events" ("at");
CREATE INDEX IF NOT EXISTS "membership_events_actor_id" ON "membership_events" ("actor_id");
    """,
    "sqlite": """
BEGIN;
CREATE INDEX IF NOT EXISTS "chats_added_by_id" ON "chats" ("added_by_id");
CREATE INDEX IF NOT EXISTS "daily_activity_day" ON "daily_activity" ("day", "chat_id");
CREATE INDEX IF NOT EXISTS "membership_events_at" ON "membership_events" ("at");
CREATE INDEX IF NOT EXISTS "membership_events_actor_id" ON "membership_events" ("actor_id");
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP INDEX IF EXISTS "membership_events_actor_id";
DROP INDEX IF EXISTS "membership_events_at";
DROP INDEX IF EXISTS "daily_activity_day";
DROP INDEX IF EXISTS "chats_added_by_id";
    """,
    "sqlite": """
BEGIN;
DROP INDEX IF EXISTS "membership_events_actor_id";
DROP INDEX IF EXISTS "membership_events_at";
DROP INDEX IF EXISTS "daily_activity_day";
DROP INDEX IF EXISTS "chats_added_by_id";
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
    "eJztXetz4jgS/1dUfNmkiksl5DG5mboPZCa7m9s8tmaYm31kywgssBZjsZaB4fbmfz+1bO"
    "O3IzuQOESfAKlbNr+2Wt2tVvvv1pSZxOYH7y3std6iv1sOnhLxJdHeRi08m0Wt0ODhgS0J"
    "h4JCtuAB91w8hGFG2OZENJmED1068yhzgLSLgBh5FkED5iHKEXPREnNEnQPURTOXLrBHfC"
    "ILmj2OZsTlzPlO/DDfof6EDifE7KN/oYHN4OsBXNlkQ3Fp6oy3eZG5Q/+aE8NjYyLGdsWl"
    "fv9DNFPHJF8Jh59/t0aU2Kb83sKmSUxjsDKo2QI68nXmEs4FEjxkDaGWCBpxBsB3NZOdLc"
    "krgJU/vgHfbGLICyXk5XPJdiPkvaDjK8f7XtICTANjyOz51InoZyvPYs6agTpS2GPiEFeA"
    "ZMZE6cxtOxB52OQjIho8d07WUJhRg0lGeG7DAwHc/h1EbS3DuL3rGZ8ue4bRyjwsIUdMtE"
    "HTUEAo8BD3yiUCY7iFf/yz0zk+ftM5PD47Pz158+b0/PBc0Mr7zXa9+ebfTASXP5QE7eqH"
    "q9se3BATT7P/jEPDN8mDPWxEUo7glwhmBCBmj5sPf0ifEoD4YwoCCOBd4x+SRAKIJuBTSG"
    "CKvxo2ccaeJX4enZWA+5/ux/c/dj/uHZ3tJxG+DXo6sguwjmFLPbsauCHD7qHbOVWBV1AV"
    "4iv7kgDPOXHl9woYx3l2D+azEwWUz04KQYauJMaUGyPmzqc5Wpoxm2CnQE3H2FIwDwRfHW"
    "2tAvS6ZQtIl+neu7trGHnK+V+2r4xTmvj2883FpdAfEnlBRL2Ego7wnrlsRG1i+OZLEvEP"
    "Ai2PTkk+5EnOFOhmwHoQfnl5T3oJ/r2rm8tPve7NzwkhfOj2LqGnI1tXqda9tKpZD4K+XP"
    "V+RPAT/XZ3eynRZNwbu/KKEV3vtxbcE557zHDYEiyhGCZhc9iUK+X5DORhVDWCctlr2UQN"
    "k/FTGkWRNEbU5Z7BCXFqTLsM8wZmXi3dp6ee0tSzcX1Zp3m1km2ypIUbbXAPe3NexUBMcu"
    "2eibh5PwcQE/belEwHxK1oJ2Z46xmLDUP8aUzF6EmtocoyzFqXvQxdVtdmLBpBm411zcZU"
    "5FNdFClGLYHHSaC68ovzab3XZL3nS6qmysth1nOt7lzzTTSB7tzJmW9lYkhzahlsQgY11F"
    "4Ou9Z+TdZ+UzqWwBuCpqryy/LqeVd73oVY1phzSVY935o23yAzYTSJbY5DwwAPJ0vsmkam"
    "h3VYEW22a9qZpluwg8dSSIAm3GeYsGJjIX7zszRWWnkZLQmCdmlqi08aWD6qSS4O8umRF6"
    "aYWNiUaSZkNCJD7x2akJmHRsxFJ+fIYnOXt5G3pEOCBK3NnDF89ohNxBM/RS4Rzw3hOYku"
    "W7xQTrLL736MSc7MyBT8I5UD8+T5KcEs1ukppekpkeiqBTo2mSX0Kle8mh7X430tDT+01A"
    "hp6L1HbV+U2BcfMLVX3aFHF9Rb5dkXSYJS+8IEUgPHaR80L24I5+LOOGIjxBwSpK4i6shf"
    "MquV+d9NvEJ7n3vv97OmQ91Bcs0CIA/tAi7cYv+rYMwYB4kEWSBoozX3AzmySaiMgLkpSb"
    "LaCFExQmIPiroIYkx6HaxvhkQTs4IREjFp6GtDH6iqrA2SD3pAXmaAvEDoS1AEgyITnvWX"
    "p6rh8Yjr6Z7Xwxf/sDbFsCLYvCaeJ82KrFUV9ZabVILOsCWh8qGkATNXfgxlyOa2iRzmoQ"
    "FBLhky1yRmOwqjcLIgDthEHHkMaGzGJsREghU7puCY2XiVfyhpOxd5+FCStoUaaQuZVGiq"
    "HOe0OJ8u4qiVS9cwIWz5tAXMtrzH28HuqijaZeYtvINVEPjdnQX34vruIuHoCxwvrm67H3"
    "/du+n+sp/w9q/vbn8I6eNO/MWvvctuCnNO/5tzgqhQn4Tku2Rado5O3pycH5+drHXJuqVM"
    "hWSNRuK6LCcFtFg7rBk2oxyeG86Eejg96ijoB0FVqCBkXxJhsfASuqi1FZli1bHCxsUKE0"
    "vB3KW1xJxg1EJunJAb4rf8JO7JufUftozbEnWWei0TIDOAV9lpAWKobIBReBIXzcVz5KKl"
    "RYeW8BQQHsoEJVn7AM7atKX7MHLZVNAID0M4F/CZ56xsbvB7597py+M+2OtDuBnqMsgBpS"
    "9EwQnCLhfu0BKNGUSkZRi6/1lc9yA6idl/K+4lcPCDW4GBuBjo3pHDLV0qLDVwqyzxN5Bw"
    "hkhxyDoW2ZqI2QefUnClAevwtLPkeCBcHROoEfLpYPVLctB0xPTZIqbhlFS1fUP6HTR9zx"
    "UM3/NCs/c8bfRWLfLwqAIPzUb2tHOo4lR0DoudCujLOwBd9+yztjQbamlmjj3XPPGsBfxS"
    "BFwzbSvLq82A2maABJNyw5RAZeVQdhw6w/uEtXNCW/lFnYduiDN9I0/WcIvOWjnedKy3Xe"
    "ZOT9d0iu70F+mLciTdtjApKnRxY1lRWV9ZmRMc4d6SIemecoRd4u/44Rl2vbfCWRbjrFOx"
    "OaZm6Cz7Z43RXt//0kf3885h5wz104eQ+/vSCb93lmH9w/A+TDHaXj9edKO/f4D64pGGhO"
    "8+cgk2OVRLtFDoJyv5zuvcrTK3OSc97AHnOSY+I8at/efmaWvtPzdGFDrPrgHQVy+To0vk"
    "VCmRU7c8ji6No24KJvahF9QkzrBS0CjOo59ppWd6iF2518gWdZ7sNLd+vpWf79pln3TJpx"
    "cT0HlcuSdd6mmT9tGfjDq1kjESjHq+NXm+2WRUK0IesWn5Nlm+javyq2Wti/xqST+2RJI+"
    "c/X6zlxFGyqXC+LkvgAqTdJW23gx4BCT6nuhehZBoAFsYeO9RQQPLdgzccYE9kAg7y8ctY"
    "3kC5tk1qHH7JyDVo8bqsL5dl+nFRfCSeyBJPmUtz8CEI0Ye8EmCMzk2PXqXMT/Q4rjDz1W"
    "bSdnfZWQs/haekOnkRs6eldBn95/fdDrAkI7ae3qslzPOquEvVXjjSJJLr219PDWkkOWNX"
    "BOcu1g7vfmgRZeRL2N6SSj3rlT3rnTmQCvIBPgtamRuHesbpXEufTWZF2bhDoL8fAbNnUm"
    "VZ7xFNvuWSVbeePwgmIDtnQNl4i/nFcIp1SJ57Hrt+NW0OYAoIzNjIRRDXGCsof/QVGUjK"
    "SlUs2maUIm2CtCvyH7MD3mYbuVs/vid7TL9lw8IFEvGzEH2zcovsDlEZQ2GpAhnnOC5GkR"
    "qJ5APeThCYGdESZfFJBbJKLmUPIkjEvHY+Ly8JALRJ0HmMOZGDITPG20tBhZQMUJv67DHi"
    "dEUvrvARH/Z/8AdQX5Ck3xCll4QWThPBfb947LllyOIAbk8yncnSw7IW/4rX9N6MP+6G5w"
    "h3BWR/4bh8lqfQJpgiyh1grfiaB47iU8Ri1rIrdLd0x8aSoce0ntyKgPrUsnN9YY1ZsvjR"
    "GFrpmQ4wocq9RhOy4uw3acqcKmiyNXLo6Mp9XfHBjxaEXwEvN0oBpWnnko20utQ9gFVjYO"
    "1+ePg4PDUHQreDWELAY2YDknoNXZqhlQOdZM6/ruizDl71thVbL71n4rbuLIf2uEvYbNlj"
    "4+TTF2VOaWtnaCJOGqC2+S6+mW31brSRbfrcThZI5uVaATTDrgqQR0qJOq4Bzn2T2YN1/0"
    "m3JDLDXVo2YBkw6WVQtViqV5SufT6njHGDXm1TAfMydHhTwEeMil0a6AdlR8Nt9DLc4ATH"
    "LqYy9NTgQMZVUzITCXXe/B1421hXDWrPqWx64Lv6mrPBs74zkeEwGpWdEjSDHunrl6fKoS"
    "+zwtjn2eZn2vALQ6RysTrHqJafISsxZW7aKiefx6kam7yKzxrF1bNIdfLzPqy0zjCgg0bX"
    "9jt7SfriCwu5JuyP5Y15xShwKwHsvdKEsStMt2zHCcVHXrzEEJNj/FiMqaupATxalJgpyj"
    "sKov8WR6VPfDzdWtcfXhU87G2oYGfcQ7Qptx8FTviImH0iSmMVhVPxuQZNRWY12r0Qeyxn"
    "HgGJ82VfQCVrCAzU3qXTqeu8pdvaLe8qUL6NRWrE9sSmSSq9DWJpoylyCXji0PMmWxgyCT"
    "diX7LcwP0J2/voyYO2aeR6Csvb1CGNJvBbcgsaBM/YpnF7EtXqdiPq5qzRIJokqdklQGLp"
    "8P/iRDT/kKMfria+h03GYux7oqxK4sAPr4ZUPsK4kiqPgqGw9Jrt3bddh8koxADO6oGsYB"
    "h05pV0hpT67r6mokyacVSV1FEuJYVZWk+bQyeViZmMTD1K6CcsSxe/huLHG0IU7p96Eb1s"
    "rxSaPOdplLOkqQqbulS4uhJXbAT2RoEHMJ3yKLLaER3rgG3uIU4bEQiP8CcodJH7PED93A"
    "wI8IqGq37TndtqpLwqOWgoYJYNtmpfaId9Ej9lNOKhYFjzHpmuAv7qzhTyQ3Bg3NpSv9hK"
    "yUDxpyMnSJ5xdbgICvS8awywm1HEy5JCPqcWKPonoSYv0NdzfHdEFk6W7m5Cz0mx78EYv9"
    "854cb9Bysyknu3hlX2B7XgnrNcMOxjSOOucKeAuq4sp00NcYjXTnkJ4wBd5DbnGOZop3l2"
    "ooMaUNsClklrKyrgJiX5ksmTuBKjFD8s7fmBJ6BJl0TPi6AE6ePqo+wCN0jj9aJY98zbFz"
    "emdTZm6x3pnNXWFyVdI8MZZd1D0br4n5LDlITYszPUsklXydUeFL1Eh6SXJqH69xPl5DVv"
    "afLRfz3EU96Cldz2eSRnEhF1YCWhAXEjL8VwF55KtYdR1Z9S1M6T9A8P4gi44tWJJD8qB8"
    "3Lo8nPjNMTXfhQSZNX+L17p3DqFtGTo3MyEHMRiCd+xwP1Tpv+9I0FDPEhZG8YuNJr5LZ7"
    "MhtiXUQzEBx8zPMgr/W/q9Rjq02cjQZiBLVSMkIN9BA2Tzoc1ofqiiG3HsIMCbt/DiakcV"
    "4jjPzpX6UXHfi53380yx7WiZSsJbqJtjHDsTwe0cnbw5OT8+O1nr5XVLmTrOmsWwmGex7I"
    "nWfDBD+p3QBWWG7+UvvYTNGz6SezfdX/YTdu/13e0PIXnsEX5/fXeR9v7kXkKtow8ZVu0J"
    "1vUEQyire4JJTu0Jak+wwBN0yYi48mUxed5g1Nsu9QjXdIpe4Rfwo8JqlW2/XOXYZfNZO0"
    "gSCU7WQQlL1KdmP3TQoLbyd+BwBbzfCdKlA0XOsyHgbV2kgXkozQ8QN8Jbe3KXommr2JY9"
    "CsoNi5omybF5H6qVFvHpamkVajpoC0FbCFs+IklcOrTyrIOgp9QywBHNQ0ZBsWA3vOC+lt"
    "DoIz3vkqyPosBGSd5HYWTjZfrj6Qx0lSplgqokAz1TpwwmVQWEA/IdRPfo8FDFUDk8LLZU"
    "oC8V/GSOR/Le5/DvT3e3BbHPiCW9XNKhh/6HbMpf4msdSsAFMMpjS+kwUmrxgwEunjul6d"
    "v/AYtH7fI="
)
