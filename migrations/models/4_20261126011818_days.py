from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE INDEX IF NOT EXISTS "daily_activity_day" ON "daily_activity" ("day", "chat_id");
CREATE INDEX IF NOT EXISTS "membership_events_at" ON "membership_events" ("at");
    """,
    "sqlite": """
BEGIN;
CREATE INDEX IF NOT EXISTS "daily_activity_day" ON "daily_activity" ("day", "chat_id");
CREATE INDEX IF NOT EXISTS "membership_events_at" ON "membership_events" ("at");
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP INDEX IF EXISTS "membership_events_at";
DROP INDEX IF EXISTS "daily_activity_day";
    """,
    "sqlite": """
BEGIN;
DROP INDEX IF EXISTS "membership_events_at";
DROP INDEX IF EXISTS "daily_activity_day";
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
    "eJztXetz2zYS/1cw+lJ7Ruex5Ud8ydwHOXFbX/3oJMqlD3coSIRE1BSgEpAUXS//+2FBUi"
    "TFh0latmkZnyyDuyD5W2Cxu1gs/25NuE1csffewbL1Fv3dYnhC1I9Eexu18HQatUKDxANX"
    "Ew4VhW7BAyE9PIRuRtgVRDXZRAw9OpWUMyDtIiBG0iFowCWiAnEPLbBAlO2hLpp6dI4l8Y"
    "kcaJYCTYknOPtO/WO/Q/07Orwjdh/9Cw1cDj/34M42H6pbUzZ+zJvMGP1rRizJx0T17alb"
    "/f6HaqbMJl+JCP+d3lkjSlw7gSW1oQPdbsnlVLed0fEFk99rWniFgTXk7mzCIvrpUjqcrR"
    "go04IYE0Y89QJ2DGY2c91AHGGT/7SqQXozsnpMO2qwyQjPXBAWcPtPELW1LOv6pmd9Ou9Z"
    "VislyJAjBnvQNOQMBoF6VqERGMMj/OOfnc7h4ZvO/uHJ6fHRmzfHp/unilY/b/rSm2/+w0"
    "Rw+V1p0C5+uLjuwQNxNdL88QcN3zQPltjn0tKI4NcIpgSgRraXDX9IvyYA9WIlBBDAu8I/"
    "JIkEEE2Op5DABH+1XMLG0lH/HpwUgPuf7sf3P3Y/7hyc7CYRvg6udPQlwDqGLZVuNXBDhu"
    "1Dt3NcBl5FlYuvvpYEeCaIp39XwDjOs30wnxyVQPnkKBdkuJTEmAprxL3ZJENLc+4SzHLU"
    "dIxtDeaB4qujrcsAvWp5BKSLdO/NzSX0PBHiL9dXxmua+Prz1dm50h8aeUVEZUJBR3hPPT"
    "6iLrF80yKJ+AeFlqQTkg15knMNdDtg3Qt/vLyRXoB/7+Lq/FOve/VzQggfur1zuNLRrcu1"
    "1p11VbPqBH256P2I4F/02831uUaTCzn29B0jut5vLXgmPJPcYnxhYTuOSdgcNmVKeTYFeV"
    "hVjaBM9lo2UcNk/JRGUSSNEfWEtAQhrMa0SzFvYObV0n1m6pWaei6uL+t1XqNkmyxp5eJa"
    "QmI5E1UMxCTX9pmIm/dzADFl703IZEC8inZiireesdgwxJ/GVIxGag1VlmI2uuxl6LK6Nm"
    "NeD8ZsrGs2KvER2xosK4tijdFI4GESqK784nxG7zVZ7/mSqqnyMpjNXKs713wTTaE7Yxnz"
    "rUgM65xGBpuQQQ21l8FutF+Ttd+EjjXwlqKpqvzSvGbe1Z53IZY15lyS1cy3ps03yEwY3c"
    "U2x6FhgId3C+zZVuoK7/A82vSlSWey3oIZHmshAZrwnGEyiYuV+O3P2lhpZWWbJAjahWkn"
    "Pmlg+ZRNQGHIp0cyTP9wsK1TQMhoRIbyHbojU4lG3ENHp8jhM0+0kVzQIUGK1uVsDH97xC"
    "VqxE+QR9S4ISIjCeURb5SRiPK7H2PSMzMyBf947vyUYBab9JTC9JRIdNUCHZvMEnqVK15N"
    "j+vhvpaBH1pqhDTM3qOxLwrsiw+YusvuUNI5lcss+yJJUGhf2EBq4TjtvebFFRFCPZlAfI"
    "Q4I0FaKaJM/6czTrn/28ZLtPO59343bTrU7STTLADy0C4Qyi32fyrGlHHwdysCWRO00Yob"
    "SMnXqRokQr3pSg4huEmorIA5nJ8tzayQ0/98M0ZII42Q2EApL4IYk1kH65sh0cSsYIRETA"
    "b62tAHqiptg2SDHpAXGSAvEPoCFMGgSIVn/eWpang84nq68br/4gdrUwwrgu1LIqU2K9JW"
    "VXS12KRSdJarCUsfGBpwe+nHUIZ85tqIcYkGBHlkyD2b2O0ojCLInDCwiQSSHGhczu+IjR"
    "QrZrbimLp4mX1g6HFu0sADQ8YWKmML2VRpqgznND+fLuKolUvXMCE88mkLmG1Zw5thb5kX"
    "7bKzFt7BMgj8bs+Ce3Z5c5Zw9BWOZxfX3Y+/7lx1f9lNePuXN9c/hPRxJ/7s1955dw1zQf"
    "+bcYIoV5+E5NtkWnYOjt4cnR6eHK10yaqlSIWkjUbieTwjBTRfO6wYNqMcnhvOhHo4PuiU"
    "0A+KKldB6GtJhNXCS+i81lbkGquJFTYuVphYCmYerSXmBKMRcuOE3BC/5Sf1TOzaH2wpty"
    "W6WOi13AGZBbylnRYghqoDGIUncdFMjSMPLRw6dJSngPBQJyjpugRw1qat3YeRxyeKRnkY"
    "yrmAv1nOyuY6v2W3rK+P+2DZh3Az1EzQHWpfiIIThD2h3KEFGnOISOswdP+zuu9edBKz/1"
    "Y9S+DgB48CHQnV0S3T3S08qiw1cKsc9RpIOUMkP2Qdi2zdqdkHf7XgCgPW4WlnzXFPuDom"
    "UCvkM8Hql+SgmYjps0VMwylZ1vYN6bfQ9D0tYfie5pq9p+tGb9UiDw8q8NBsZI87+2Wcis"
    "5+vlMB17IOQNc9+2wszYZamqljzzVPPBsBvxQB10zbSvMaM6C2GaDBpMKyNVBpORQdh07x"
    "PmHtnNBWflHnoRviTF/pkzXCodNWhjcdu9oucqcnK7qS7vQX7YsKpN22MCkqdHFjWVFpX7"
    "k0JzjCvQVH2j0VCHvE3/HDU+zJt8pZVv2sUrEFpnboLPtnjdFO3//RR7ezzn7nBPXXDyH3"
    "d7UTfssWYW3C8Dls1dtOP150o7+7h/pqSEPCdx95BNsCKhk6KPSTS/nOq9ytIrc5Iz3sHu"
    "c5Jj4rxm385+Zpa+M/N0YUJs+uAdBXL5NjSuRUKZFTtzyOKY1T3hRM7EPPqU3YsFLQKM5j"
    "xnSpMT3Ent5r5PM6I3ud24zv0uO7dtknU/LpxQR0HlbuyZR62qR99CenrFYyRoLRzLcmzz"
    "eXjGpFyCM2I98my7dxVX6NrE2RXyPph5ZIMmeuXt+Zq2hD5XxOWObHmdZJ2uU2Xiw4xFT2"
    "m009hyDQAK6y8d4igocO7JmwMYE9EMj7C3ttI/0xJZ11KLmbcdDqYV1VON/u67T8QjiJPZ"
    "AkX+ntjwBEK8aeswkCMzl2vzo38V/IbLI0TVW0CzZZTKTfnKh/fdCboj5baYGaUlnPOquU"
    "DVTjKx9JLrPdc/92DyOLGjgnubYwH3vzQCvLvt5mcZLR7KaV3k0zu/OvYHf+takRPJS8uq"
    "Uf5zLbhXVtEsrmavBbLmV3Vcb4Gtv2WSWP8hXgOcUWbLNaHlGvnFWcplCJZ7GbL9ZW0OYA"
    "oI7NjJRRDXGCosF/rygKejJSqWbTNCE76xWh35C9kR6X2G1l7Ij4F9pF+yASSMqXcpiB7R"
    "sURBD6WEgbDcgQzwRB+gQHVDSgEkl8R2C3guvi/ZmFG2p2pU+neHQ8Jp4ID55A1HmABZxT"
    "IVPF00YLh5M5VIHway3sCEI0pf9tDvU+u3uoq8iXaIKXyMFzoovZedi9ZR5fCN2D6lDMJv"
    "B0uhSEfuC3/j3hGvZ794InhPMz+m0Y1xX0FNIEOUqt5X6noORZlPBos65T3C7cK/GlWeIo"
    "ytouTPmuTTnjxhqjZvOlMaIwdQwyXIHDMrXRDvNLox2mKqOZgsWVCxbjSfWv+UU8RhG8xN"
    "wZqFCVZR7q9kLrEHaBSxuHqzPBwWFeKIQVfK5BF+ga8IxTyeXZqhlQGdZM6/LmizLlb1th"
    "pbDb1m4rbuLot7XCq5bLFz4+TTF2yswtY+0EibtVF94k19Mtv63Wkyy+jxKH03mzVYFOMJ"
    "mAZymgQ51UBec4z/bBvPlC3FRYaqmpHjULmEywrFqoUi3NEzqbVMc7xmgwr4b5mLMMFXIf"
    "4CGXQbsC2lFB2GwPNT8DMMlpjqI0OREwlFXNhMBMdrMHXzfWFsJZsxJbFrspxlZe5bmYjW"
    "d4TBSkdkWPYI1x+8zVw+Mysc/j/Njncdr3CkCrc9wxwWqWmCYvMSth1S70mcVvFpm6i8wK"
    "z9r1PjP4zTJTfplp3KH+pu1vbJf2M6f6t1fSDdkf69oTyigAK3nmRlmSoF20Y4bjpGW3zh"
    "hKsPkpRlTXuYWcKEFtEuQchZV2idTpUd0PVxfX1sWHTxkbaxvq9AHf7WzGwVOzI6YGpU1s"
    "a7CsfjYgyWisxrpWow9kjePAMT5jqpgFLGcBm9lUnjPpLTNXr+hq8dIFdOVWrE98QnSSq9"
    "LWNppwjyCPjh0JmbKYIcikXerrDhZ76MZfX0bcG3MpCZSad5cIQ/qt4lYkDpSOX4r0IvaI"
    "96mYj7s6JXVPmqwG0YqfqSqXgStmgz/JUJa+Q4w+/x4mHbeZy7GpCrEtC4A5ftkQ+0qjCC"
    "q+ysZDkmv7dh02nySjEIMnqoZxwGFS2kuktCfX9fJqJMlnFEldRRLiWFWVrPMZZXK/MrGJ"
    "xNStgnLEsX34bixxtCFO6fehG9bK8Emji+0il3SUICvvli4cjhaYgZ/I0SDmEr5FDl9AI3"
    "wFDbzFCcJjJRD/o+CMax+zwA/dQMcPCKgat+053baqS8KDloKGCeCxzUrjEW+jR+ynnFQs"
    "1B1jMnW6X9xZw59IZgwamgtX+juyLH3QUJChR6RfbAECvh4Zwy4n1HKw9ZKMqBTEHUX1JN"
    "T6G+5ujumc6HLanGUs9Jvu/AGL/fOeHG/QcrMpJzt/ZZ9jd1YJ6xXDFsY0DjqnJfBWVPmV"
    "6eBaYzTSDSM9ZQq8h9ziDM0Uv1yoodSUtsCm0FnKpXUVEPvKZMG9O6gSMyTv/I0ppUeQTc"
    "dErArgZOmj6h08QOf4vVXyyFccW6d3NmXm5uud6cxTJlclzRNj2Ubds/GamM+Sg9S0ONOz"
    "RFLJ1ylVvkSNpJckp/HxGufjNWRl/9nxsMhc1IMrhev5VNOUXMiVlYDmxIOEDP/zPJJ8Va"
    "su01XfwpT+PQTf9HHo2IElOSQPysetysOp/wWm9ruQILXmP+K9btk+tC1C52aq5KA6Q/B1"
    "HeGHKv1vECkaKh1lYeR/bOjOd+lcPsSuhnqoJuCY+1lG4butf2vIhDYbGdoMZFnWCAnIt9"
    "AA2XxoM5ofZdGNOLYQ4M1beHG1UxbiOM/Wlfop477nO++nqWLb0TKVhDdXN8c4tiaC2zk4"
    "enN0enhytNLLq5YidZw2i2ExT2PZU63ZYIb0W6ELigzf8196CZs3HJI7V91fdhN27+XN9Q"
    "8heWwIv7+8OVv3/vReQq2jDylW4wnW9QRDKKt7gklO4wkaTzDHE/TIiHj6YzFZ3mB0tV3o"
    "Ea7oSnqFX8CPCqtVtv1ylWOPz6btIEkkOFkHJSxRn9r90EGD2srfgcMV8H6nSBcMipynQ8"
    "CPdZMG5qE0P0DcCG/tyV2Kpq1ij+xRUGE51LZJhs17X620iM9US6tQ08FYCMZCeOQjksSj"
    "QyfLOgiuFFoGOKK5zyjIF+yGF9zXEhp9oOddkPWRF9goyPvIjWy8TH98PQO9TJUyRVWQgZ"
    "6qUwaTqgLCAfkWonuwv1/GUNnfz7dU4Npa8JMzSbK+5/DvTzfXObHPiGV9uaRDif6HXCpe"
    "4mcdCsAFMIpjS+thpLXFDzo4e+6Upm//B3OKq30="
)
