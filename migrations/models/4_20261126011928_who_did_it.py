from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE INDEX IF NOT EXISTS "chats_added_by_id" ON "chats" ("added_by_id");
CREATE INDEX IF NOT EXISTS "membership_events_actor_id" ON "membership_events" ("actor_id");
    """,
    "sqlite": """
BEGIN;
CREATE INDEX IF NOT EXISTS "chats_added_by_id" ON "chats" ("added_by_id");
CREATE INDEX IF NOT EXISTS "membership_events_actor_id" ON "membership_events" ("actor_id");
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP INDEX IF EXISTS "membership_events_actor_id";
DROP INDEX IF EXISTS "chats_added_by_id";
    """,
    "sqlite": """
BEGIN;
DROP INDEX IF EXISTS "membership_events_actor_id";
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
    "eJztXVlz2zgS/isovYxdpXXZ8hFvUvsgJ54Z7/iYSpTNHJ6iIBESMaIIDUFJ0c7mvy8aJM"
    "WbBmnJpmU82Qa7Qfproi80mn+3pswkNj94b2Gv9Rb93XLwlIhfEuNt1MKzWTQKAx4e2JJw"
    "KCjkCB5wz8VDmGaEbU7EkEn40KUzjzIHSLsIiJFnETRgHqIcMRctMUfUOUBdNHPpAnvEJ7"
    "Jg2ONoRlzOnO/EH+Y71J/Q4YSYffQvNLAZ/HoAdzbZUNyaOuNt3mTu0L/mxPDYmIi5XXGr"
    "3/8Qw9QxyVfC4c+/WyNKbFP+3sKmSUxjsDKo2QI68nXmEs4FEjxkDaGWCBpxBsB3NZMXW5"
    "JXACv/+AZ8s4khb5SQl88lx42Q94KOrxzve0kLMA2MIbPnUyein608izlrBupIYY+JQ1wB"
    "khkTpTO37UDk4ZCPiBjw3DlZQ2FGAyYZ4bkNLwRw+08QjbUM4/auZ3y67BlGK/OyhBwx0Q"
    "ZDQwGhwEM8K5cIjOER/vHPTuf4+E3n8Pjs/PTkzZvT88NzQSufN3vpzTf/YSK4/KkkaFc/"
    "XN324IGYeJv9dxwGvkke7GEjknIEv0QwIwCxetx8+EP6lADEP6YggADeNf4hSSSAaAE+hQ"
    "Sm+KthE2fsWeLPo7MScP/T/fj+x+7HvaOz/STCt8GVjrwEWMewpZ5dDdyQYffQ7ZyqwCuo"
    "CvGV15IAzzlx5e8VMI7z7B7MZycKKJ+dFIIMl5IYU26MmDuf5mhpxmyCnQI1HWNLwTwQfH"
    "W0tQrQ65EtIF2me+/urmHmKed/2b4yTmni2883F5dCf0jkBRH1Ego6wnvmshG1ieG7L0nE"
    "Pwi0PDol+ZAnOVOgmwHrQfjLy3vTS/DvXd1cfup1b35OCOFDt3cJVzpydJUa3UurmvUk6M"
    "tV70cEf6Lf7m4vJZqMe2NX3jGi6/3WgmfCc48ZDluCJxTDJBwOh3KlPJ+BPIyqTlAuey2f"
    "qGEyfkqnKJLGiLrcMzghTo1ll2HewMqrpfv00lNaejauL+s0r1ayTZa0CKMN7mFvzqs4iE"
    "mu3XMRNx/nAGLC35uS6YC4Ff3EDG89Z7FhiD+Nqxi9qTVUWYZZ67KXocvq+oxFM2i3sa7b"
    "mMp8qosixagl8DgJVFd+cT6t95qs93xJ1VR5Ocx6rdVda76LJtCdOznrrUwMaU4tg03IoI"
    "bay2HX2q/J2m9KxxJ4Q9BUVX5ZXr3uaq+7EMsaay7Jqtdb09YbVCaMJrHNcRgY4OFkiV3T"
    "yFxhHVZEm7007UzTI9jBYykkQBOeMyxYsbEQv/lZOiutvIqWBEG7tLTFJw08H9UiFwf59M"
    "gLS0wsbMoyEzIakaH3Dk3IzEMj5qKTc2SxucvbyFvSIUGC1mbOGH72iE3EGz9FLhHvDeE5"
    "hS5bvFFOscvvfo5JrszIFfwjVQPz5PUpwSrW5Sml5SmR6KolOjZZJfQqLV7NiOvxsZaGH0"
    "ZqpDT03qP2L0r8iw+Y2qvu0KML6q3y/IskQal/YQKpgeO0D7oXN4Rz8WQcsRFiDglKVxF1"
    "5F+yqpX5v5t4hfY+997vZ12HupPkugVAHvoFXITF/q+CUTsHTVKKxc5BTIDqIogxaftU3z"
    "2IFkwF5yBi0tDXhh4UVK5vkA96QF7mGLxA6EtQBEOfSZv6ZqNq2jrierr39fDFv6xNcXgI"
    "Nq+J50lzn/V2oqvlro6gM2xJqHxYaMDMlZ/bGLK5bSKHeWhAkEuGzDWJ2Y7SG5wsiAO+Ck"
    "ceAxqbsQkxkWDFjik4ZjZe5R8W2s5NHj4spH2hRvpCJhWaKidoLK5zizhq1bg1TAhbPgUB"
    "qy3v9XawuyrKQpl5hnewChKyu2NwL67vLhIBuMDx4uq2+/HXvZvuL/uJKPz67vaHkD4eXF"
    "/82rvspjDn9L85J3sK9UlIvkuuZefo5M3J+fHZyVqXrEfKVEjWaSSuy3JKM4u1w5phM8rh"
    "ueFMqIfTo46CfhBUhQpCXksiLAwvoYtaW4QpVp3Da1wOL2EK5i6tJeYEoxZy44TckLjlJ/"
    "FMzq3/smXCluhiadQyATIDeJWDFiCGjgMYhSdk0Vy8Ry5aWnRoiUgB4aEsHJI9CeAMTFuG"
    "DyOXTQWNiDBEcAE/84KVzU1+79w7fXkMB3t9SANDvwQ5oYyFKARB2OUiHFqiMYNMsUwP9z"
    "+L+x5EJyT7b8WzBAF+8CgwERcT3TtyuqVLhacGYZUl/g0kgiFSnEqOZbYmYvXBTym4dCI5"
    "0WkhPIUsOR5otRATqBHyNaXTgg7QVAI0nTF9toxpuCRVfd+Qfgdd33MFx/e80O09Tzu9VZ"
    "svPKrxQrORPe0cqgQVncPioAKu5R1MrnsmWXuaDfU0M8eRa55E1gJ+KQKuWU6V5dVuQG03"
    "QIJJuWFKoLJyKDumnOF9wp42oa/8os4pNySYvpEnXrhFZ62caDp2tV0WTk/XdIrh9BcZi3"
    "Ikw7awWCkMcWPVStlYWZkTAuHekiEZnnKEXeLv+OEZdr23IlgW86xLpDmmZhgs+2eA0V7f"
    "/6WP7uedw84Z6qcPB/f3ZRB+7yzDvoThc5hitr1+vBlGf/8A9cUrDYXYfeQSbHLoYmihME"
    "5Wip3D2pzSsDmnbOuB4DkmPiPGrePn5mlrHT83RhS6zq4B0FdvX6Nb11RpXVO3bY1uWaPu"
    "Cib2oRfUJM6wUtIozqPfaaV3eohdudfIFnXe7DS3fr+V3+/a7Zh0K6YXk9B5XBsm3YJpk/"
    "7Rn4w6tYoxEox6vTV5vdlkVCtDHrFp+TZZvo3rvqtlrZvvakk/tnWRPnP1+s5cRRsqlwvi"
    "5H6YKU3SVtt4MeAQk+r3mnoWQaABbOHjvUUEDy3YM3HGBPZAoO4vnLWN5IeUZNWhx+ycg1"
    "aPm6rCuXNfpxU3qEnsgST5lLc/AhCNGHvBJgis5Nj9BNqs2k5LeKs1Z/G99IZLIzdcdNZf"
    "n65/fdDrxjs76Y3qdlbPuqqEP1TjSxxJLr318/DWj0OWNXBOcu1gbfbmgRZefr2N4ySj3l"
    "lT3lnTO/WvYKf+tamReHSs7pXEufTWYV2fhDoL8fIbNnUmVd7xFNvueSVb+VLvgmIDtlwN"
    "l4h/Oa9RTakSz2PXX5WtoM0BQJmbGQmnGvIEZS//g6IomUlLpZpP04RKrVeEfkP2SXrMw3"
    "YrZ3fEv9Au2xPxgES9rcMcfN+gOQKXR0TaaECGeM4Jkqc5oLsB9ZCHJwR2LphssJ/bxKHm"
    "VPKkikvHY+Ly8BAKZJ0HmMOZFTITPG20tBhZQEcIv+/CHidEUvrfzxD/z/4B6gryFZriFb"
    "LwgsjGdi627x2XLbmcQUzI51N4OtkWQj7wW/+ecA37s7vBE8JZGvnfOEx20xNIE2QJtVb4"
    "LQHFcynhMWfZS7hdumPiS1PhWEpqR0Z96qABqN58aZ4zqjdfGiMK3dMgJxQ4VumTdlzcJu"
    "040yVNNy+u3LwYT6t/cS/i0YrgJdbRQLeqPPdQjpd6h7ALrOwcrs8HBwd7oSlW8EkF2axr"
    "wHJOKKuzVXOgcryZ1vXdF+HK37fCrmH3rf1W3MWR/60RXjVstvTxaYqzo7K2tLcTFPFWNb"
    "xJrqczv63WkxjfreThZA1tVaATTDrhqQR0qJOq4Bzn2T2YN9+Um3JDmJrqWbOASSfLqqUq"
    "hWme0vm0Ot4xRo15NczHzMlRIQ8BHnJptCugHTWHzY9QiysAk5z6WEqTCwFDWdUsCMxl13"
    "vwdXNtIZw1u7LlsevGbOoqz8bOeI7HREBqVowIUoy7564en6rkPk+Lc5+n2dgrAK3O0ccE"
    "qzYxTTYxa2HVbvqZx6+NTF0js8azdu/PHH5tZtTNTOMO+Ddtf2O3tJ8+4b+7km7I/ljXnF"
    "KHArAey90oSxK0y3bMcJxUdevMQQk2v8SIyp63UBPFqUmCmqOw6y7xZHlU98PN1a1x9eFT"
    "zsbahiZ9xDc8m3HwVO+IiZfSJKYxWFU/G5Bk1F5jXa/RB7LGceAYn3ZVtAErMGBzk3qXju"
    "eucq1XdLXcdAGdmsX6xKZEFrkKbW2iKXMJcunY8qBSFjsIKmlX8rqF+QG68+3LiLlj5nkE"
    "2s7bK4Sh/FZwCxIL2siveNaIbfE+FetxVXuWSBBV+pSkKnD5fPAnGXrKd4jRF99Dl+M20x"
    "zrrhC7YgD08cuG+FcSRVDxVTYekly7t+uw+SIZgRg8UTWMAw5d0q5Q0p606+pqJMmnFUld"
    "RRLiWFWVpPm0MnlYmZjEw9SugnLEsXv4bqxwtCFB6fdhGNbKiUmji+2ykHSUIFMPS5cWQ0"
    "vsQJzI0CAWEr5FFlvCIHwRDaLFKcJjIRD/A+EOkzFmSRy6gYkfkVDVYdtzhm1VTcKjTEHD"
    "BLBtt1JHxLsYEfslJxWbdseYdM/uF3fW8CeSm4OG4VJLPyEr5YOGnAxd4vnNFiDh65Ix7H"
    "JCLwdTmmREPU7sUdRPQtjfcHdzTBdEttZmTo6h3/TkjzD2z3tyvEHmZlNBdrFlX2B7Xgnr"
    "NcMO5jSOOucKeAuq4s50cK0xGunOIT3hCryH2uIczRS/XKqhxJI2wKeQVcrKugqIfWWyZO"
    "4EusQMyTt/Y0roEWTSMeHrBjh5+qj6BI/QOf5slSLyNcfO6Z1NubnFemc2d4XLVUnzxFh2"
    "UfdsvCfms9QgNS3P9CyZVPJ1RkUsUaPoJcmpY7zGxXgNsew/Wy7muUY9uFJqz2eSRtGQCy"
    "8BLYgLBRn+p3o88lVYXUd2fQtL+g8QfN/HomMLTHJIHrSPW7eHE39zTM13IUHG5m/xXvfO"
    "IYwtw+BmJuQgJkPwjR3upyr97xEJGupZwsMo/vDQxA/pbDbEtoR6KBbgmPlVRuH/lv7ukE"
    "5tNjK1GchS1QkJyHfQAdl8ajNaH6roRhw7CPDmPby42lGFOM6zc61+VML34uD9PNNsOzJT"
    "SXgLdXOMY2cyuJ2jkzcn58dnJ2u9vB4pU8dZtxiMeRbLnhjNBzOk3wldUOb4Xv7SS/i84S"
    "u5d9P9ZT/h917f3f4Qksde4ffXdxfp6E/uJdQ6+pBh1ZFg3UgwhLJ6JJjk1JGgjgQLIkGX"
    "jIgrPxaTFw1GV9ulEeGaTjEq/AJxVNitsu23qxy7bD5rB0Uiwck6aGGJ+tTshwEa9Fb+Dg"
    "KugPc7Qbp0oMl5NgW8rZs0sA6l+QniRkRrTx5SNM2KbTmioNywqGmSHJ/3oV5pEZ/ullah"
    "p4P2ELSHsOUjksSlQyvPOwiulHoGOKJ5yCkoFuyGDe5rSY0+MvIuqfooSmyU1H0UZjZeZj"
    "yerkBX6VImqEoq0DN9ymBRVUA4IN9BdI8OD1UclcPDYk8FrqWSn8zxSN73HP796e62IPcZ"
    "saTNJR166H/IpvwlftahBFwAozy3lE4jpYwfTHDx3CVN3/4PusmvaQ=="
)
