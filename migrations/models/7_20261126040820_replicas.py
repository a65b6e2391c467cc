from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE TABLE IF NOT EXISTS "replicas" (
    "name" VARCHAR(80) NOT NULL PRIMARY KEY,
    "started_at" TIMESTAMPTZ NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL,
    "version" VARCHAR(32) NOT NULL,
    "mode" VARCHAR(32) NOT NULL
);
COMMENT ON TABLE "replicas" IS 'A process that runs, or ran lately and did not end in good order.';
    """,
    "sqlite": """
BEGIN;
CREATE TABLE IF NOT EXISTS "replicas" (
    "name" VARCHAR(80) NOT NULL PRIMARY KEY,
    "started_at" TIMESTAMP NOT NULL,
    "seen_at" TIMESTAMP NOT NULL,
    "version" VARCHAR(32) NOT NULL,
    "mode" VARCHAR(32) NOT NULL
) /* A process that runs, or ran lately and did not end in good order. */;
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP TABLE IF EXISTS "replicas";
    """,
    "sqlite": """
BEGIN;
DROP TABLE IF EXISTS "replicas";
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
    "eJztXdty2zgS/RWUXmJXaV2OfIk3qX2QE8+Md3yZSpTNXDxFQSQkYUQRGoCyos3m3xcNki"
    "IpXgzSsk3LeLJMdoPSabJxutFofmtNmUNcsfd+jP3WW/St5eEpkR9Sx9uohWez+Cgc8PHA"
    "VYK2lFBH8ED4HNswzBC7gshDDhE2pzOfMg9EuwiEkT8maMB8RAViHC2wQNTbQ1004/QW+y"
    "QQGsNhX6AZ4YJ5r+Q/zjvUn1B7Qpw++hcauAw+7sGVHWbLS1Nv9JAXmXv07zmxfDYicmwu"
    "L/XHn/Iw9RzylQj491trSInrqM8t7DjEsQZLizotkCNfZ5wIIZEQkWoEtULQSioAvsuZOt"
    "lSuhJY9c930JtNLHWhlL0CLXXcinRP6ejc839QsgDTwLKZO596sfxs6Y+Zt1KgnjL2iHiE"
    "S5CchCm9ueuGJo8OBYjIAz6fkxUUTnzAIUM8d+GGAO3gG8THWpZ1dd2zPp31LKuVuVkijY"
    "Rpw0O2hFDiIb+rUAiM4Cv845+dzsHBm87+wfHJ0eGbN0cn+ydSVn3f7Kk334MvE8MVDKVA"
    "O//x/KoHX4jJuzm4x+HAd6WDfWzFVo7hVwhmDCCfHp4PfyS/ZgD5wzQMEMK7wj8SiQ0QP4"
    "CPYYEp/mq5xBv5Y/nv6+MScP/T/fj+p+7HndfHu2mEr8IzHXUKsE5gS323GriRwvah2znS"
    "gVdKFeKrzqUBngvC1ecKGCd1tg/m40MNlI8PC0GGU2mMqbCGjM+nOV6aMZdgr8BNJ9TWYB"
    "5IvTreWgfo1ZEHQLrM915fX8DIUyH+dgNnvOaJrz5fnp5J/6GQl0LUTznoGO8ZZ0PqEiug"
    "L2nEP0i0fDol+ZCnNddAd0LVvejD87vTS/DvnV+efep1L39JGeFDt3cGZzrq6HLt6M66q1"
    "kNgr6c935C8C/6/frqTKHJhD/i6oqxXO/3FnwnPPeZ5bEFMKEEJtHh6FCuleczsIdVlQTl"
    "qtfiRA2z8WOSotgaQ8qFbwlCvBqPXUZ5A09eLd9nHj2tR8/F9W29rmucbJMtLcNoS/jYn4"
    "sqBDGttX0UcfNxDiAm+d6UTAeEV+SJGd16ZLFhiD8OVYzv1BquLKNsfNnz8GV1OWPRCIY2"
    "1qWNa5lPfVOsKRoL3M8C1Z1fUs/4vSb7vcBSNV1ejrJ51uo+awFFk+jOvZznrcwM65rGBp"
    "uwQQ23l6NuvF+Tvd+UjhTwlpSp6vyyuua5q/3cRVjWeObSquZ5a9rzBpUJw0licRwODLA9"
    "WWDuWJkzrMOKZLOnpp3p+hHs4ZEyEqAJ3zMqWHGxNL/zWZGVVl5FS0qgXVraEoiGzEe3yM"
    "VDgTzyoxKTMXZUmQkZDontv0MTMvPRkHF0eILGbM5FG/kLahMkZV3mjeBvj7hE3vFTxIm8"
    "b4jIKXR5wAvlFLv8EeSY1JMZU8E/12pgHr0+JXyKTXlKaXlKbLpqiY5NVgm9yBmvZsR1/1"
    "jLwA9HaqQ0zNqj4Rcl/OIDpu6ya/v0lvrLPH6RFijlFw6IWjgpeye9uCRCyG8mEBsi5pGw"
    "dBVRT/2nqlpZ8NnBS7Tzufd+N0sd6g6SSwtAPOIFQobFwUepmCEHqQJZEGijlfYdNbJpqK"
    "xQuSlFsoaE6JCQxI2ib4KEkpkH69OQ+MGsQEJiJQN9behDV5XlIPmgh+JlBOQZQl+CIhCK"
    "THo2mJ6qpsdjrce7X/ef/c3aFGJFsHNBfF/Riiyris+WUyopZ7lKUHtT0oA5yyCHYrO56y"
    "CP+WhAECc24w5x2nEaRZBb4gEnEshnIOMyNiEOkqrYc6TGzMXL/E1JD3ORuzclGS7USC7k"
    "UOmpcoLT4nq6WKNWLV3DjPDAuy3gacu7vT3Ml0XZLidv4h0sw8Tv9ky4pxfXp6lAX+J4en"
    "7V/fjbzmX3191UtH9xffVjJJ8M4k9/65111zAX9L85O4gK/Ukkvk3UsvP68M3hycHx4cqX"
    "rI6UuZAsaSScs5wS0GLvsFLYjHN4ajhT7uHodUfDP0ipQgehzqURlhMvobe1liLXVE2usH"
    "G5wtRUMOe0lplTisbIjTNyQ+KWn+V38q6Cmy0TtsQnS6OWCYhZoKsdtIAwdDbAKNqJi+by"
    "PuJoMab2WEYKCNuqQEn1PoC9Nm0VPgw5m0oZGWHI4AL+5gUrmxv8xrvx+mq7D/b7kG6Gvg"
    "xqQBULUQiCMBcyHFqgEYOMtEpD9z/L6+7FOzH7b+V3CQP88KvAQEIOdOOp4RacSqYGYdVY"
    "/gwkgyFSnLJOZLYm8umDv8pwpQnraLez0rgjXZ0wqBXpmWT1cwrQTMb0yTKm0SOpy30j+S"
    "2kvicaxPekkPaerJPeqk0e7tXgodnIHnX2dYKKzn5xUAHn8jZA1937bJhmQ5lmZttzzR3P"
    "xsDPxcA1y7ayuoYG1KYBCkwqLEcBlbVD2XbojO4j9s6JuPKz2g/dkGD6Uu2sEWM6a+VE04"
    "mz7bJwerqS0wynv6hYVCAVtkVFUVGIm6iKysbK2poQCPcWDKnwVCDMSbDih2eY+29lsCzH"
    "WZViC0ydKFgO9hqjnX7woY9u5p39zjHqr29C7u+qIPzGW0T9D6Pv4cjRdvrJphv93T3Ul7"
    "c0FHz3ESfYEdAtcYyiOFkrdl7VbpWFzTnlYXcEzwnzWQntgvgZXMbGLoedKfUo3C4+CxaQ"
    "c6+Kvvx09vEM3bQCG9y00PkV2nllSyCl3qv2q9Q4r3ZNlG+ifDO9p6d3Uw34ZNBXb+ZjGv"
    "lUaeRTt4mPaeCjT1hTq+W31CGeXSm1ldQx97TWPW1jrlZE2W2dO3td29zf2vd37eZUpjHV"
    "s0k73a8plWlItUl+9BejXq2SkZSied6a/Ly5ZFgrjx+rGfs22b6N60VsbG1aERtL37eRk9"
    "kZ9vJ2hsXLPme3xMt9TdW6SFtveciCrVa6b6/qjQkCD+BKjvcWEWyPYWXHGxFYqYHqxGjU"
    "NlKvlVK1kT5zc7aD3W+oCrvwA59W3K4ntXSS1tNeNQlBtBLqeks1dS4S/CDN8W2fVVsAWl"
    "0l0iy+llnQaeSCjllVMD0GXh70ps3RVrJd0zzsSZ8qybdqvPckrWWWlu5eWvLIogbOaa0t"
    "rFDfPNAyiqi3MJ1WNCt32it3phLgBVQCvDQ3koyO9VlJUsssTdblJNS7lTe/5VJvUuUeX1"
    "PbPlbyIO9FvqXYgiVdixP5k/Pa9ZQ68Tx18w7fCt4cAFS5maEk1ZAnKLv57zRFyUjGKtU4"
    "TRMqwV4Q+g1Zh+kxH7utnNWX4ES7bM3FBxH95hZz4L5hiwihNsq00YDYeC4IUntaoMcD9Z"
    "GPJwRWRph6nUFuK4uaQ6n9OpyORoSLaCsOZJ0HWMDOHTKTOm20GDNyC30xgu4TO4IQJRm8"
    "rUT+nt091JXiSzTFSzTGt0S19+PYvfE4Wwg1ghxQzKfw7VRzDPWF3wbXhHM4GJ2H3xB2FK"
    "lf4zHVU1AiTdBYurXCNzdo7s6JNnurzs3t0hWTwJrVN+foD20aPDeWjJrFl8aYwnR2yAkF"
    "DnS6xR0UN4s7yPSKMy2cK7dwxtPq7zeMdYwjeI51OtCzK48equOl7BBWgbXJ4WqXdLi9GV"
    "qDhS+wUC3LBixnn7a+WjUClcNmWhfXXySVv2lFvdNuWrutJMVRv9aKzlouWwT4NIXs6Dxb"
    "hu2ERcJVJ9601uNNv63Wo0y+D5KHUzW6VYFOKZmEpxbQkU+qgnNSZ/tg3nxrciosOdVUz5"
    "qFSiZZVi1VKafmKZ1Pq+OdUDSYV8N8xLwcF3IX4JGWQbsC2nGL3PwItbgCMK1ptr00uRAw"
    "slXNgsBcdbMGXzfXFsFZszddnrppT6fv8lzsjeZ4RCSkTsWIYE1x++jqwZFO7vOoOPd5lI"
    "29QtDqbK1MqZoppslTzMpYtVuf5umbSabuJLPCs3YH1Bx9M83oTzONayDQtPWN7fJ+poPA"
    "9lq6Ietj3WRT2FbOQllaoF22YpZtVKuxdOahlFpQYkRV51+oiRLUIWHNUdR7mPiqPKr74f"
    "L8yjr/8ClnYW1Dg97jTabN2HhqVsTkTekQxxosq+8NSCsa1liXNQZA1tgOnNAzVMVMYAUT"
    "2Nyh/pnn82Xu7BWfLZ+6QE5vxvrEpkQVuUpv7aAp4wRxOhr7UCmLPQSVtEt1fozFHroO5p"
    "ch4yPm+wSa77tLhKH8VmpLkTE001+K7CT2gNepWI+r27NEgajTp2StAlfMB38R29e+QkK+"
    "+BqmHLeZ07HpCrEtE4DZftkQfqVQBBdfZeEhrbV9qw6bL5KRiME3qoZxqGFK2jVK2tPzur"
    "4bSesZR1LXkUQ4VnUl63rGmdztTBziY+pWQTnW2D58N1Y42pCg9IcoDGvlxKTxyXZZSDpM"
    "iemHpYsxQwvsQZzI0CAREr5FY7aAg/BeOIgWpwiPpEGC16R7TMWYJXHoBga+R0LVhG1PGb"
    "ZVnRLuNRU0zAAPTStNRLyNEXFQclKxKXhCyfQEf3Z7DX8muTloOFw600/IUnujoSA2J37Q"
    "bAESvpyMYJUTejk4akpG1BfEHcb9JOT8G61ujugtUa27mZcz0W968HtM9k+7c7xB082mgu"
    "zimf0Wu/NKWK8UtjCn8bpzooG3lCruTAfnGuORrj3Sk1TgPdQW53im5OlSDyUfaQs4hapS"
    "1vZVIBw4kwXjE+gSY5N3wcKU9CPIoSMiVg1w8vxR9QHu4XOC0SpF5CuNrfM7m6K5xX5nNu"
    "eSclXyPAmVbfQ9G++J+SQ1SE3LMz1JJpV8nVEZS9QoeklrmhivcTFeQ2b2X8Yci9xJPTxT"
    "Op/PlIzmRC5ZArolHAoyglcB+eSrnHU91fUtKunfQ/D+oDEdjWFKjsTD9nGr9nDyf4Gp8y"
    "4SyMz5D3itG28fji2i4GYm7SAHQ/COHRGkKoP3HUkZ6o8lwyh+sdEkCOlcZmNXQW3LB3DE"
    "giqj6Letv9fIpDYbmdoMbalLQkLxLSQgm09txs+HLrqxxhYCvHmGl3Q7uhAndbau1Y9O+F"
    "4cvJ9kmm3H01Qa3kLfnNDYmgxu5/Xhm8OTg+PDlV9eHSlzx1laDJN5FsuePJoPZiS/Fb6g"
    "jPie/dpLcd7olty57P66m+K9F9dXP0biiVv4/cX16Xr0p9YSam19yKiaSLBuJBhBWT0STG"
    "uaSNBEggWRICdDwtXLYvKiwfhsuzQiXMlpRoVfII6KulW2g3aVI87ms3ZYJBLurIMWlqhP"
    "nX4UoEFv5VcQcIW6r6TowoMm59kU8ENdpIF1KM1PEDciWnv0kKJps9gDRxRUWGPqOCSH89"
    "7VKy3WM93SKvR0MAzBMISHZQgfycylNs6jB9GpUm7AAyHtdd8ZZ5JGiCANy+eeUDM3xx5y"
    "5b0H2xI9BzkUSkN9RORn6qERY46UcgjPWwjewIimGmUD2ZV9nfTKfnF+Zf+uVWHhY17PGa"
    "Y1jTNsnDNM7TSp19XG9C56LgYuTJyW1JUVZk6fZ77voXfLTSt2mpzep8HkSwC3IWztU9D7"
    "II+tRadK2ZqIeifosbX1Vkmwy8dlbCLQap18RERYdadeOBdU3bHhaimdcjSAF8cRnnjnW3"
    "lDpk1dpWIni6i4CWRK2kxEEFqJYqiqbSZMOeGjlhM2o9/WU3vFJ1nisDmpmcBIaxpK12hK"
    "Zzj7lhvYFK1urZkbQm27hFN7nMdswzOlxBbHMnfR2mLDbnjl76XUaN6zBKhk+5lJFKy3wt"
    "B5XYKUKmmFkXlhAjxUFRAOxbcQ3df7OilsKVW8ZLq/n6nCZJ5P8l4s++9P11cFzDdWWZ8u"
    "qe2j/yGXiucYgZSAC2Ck5shMkdt6Pdva5AcDnD51nub7/wFuD7Yb"
)
