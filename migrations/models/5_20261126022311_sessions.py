from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE TABLE IF NOT EXISTS "sessions" (
    "digest" VARCHAR(64) NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS "sessions_user_id" ON "sessions" ("user_id");
COMMENT ON TABLE "sessions" IS 'An administrator who looks at the pages; only the digest of what their browser holds.';
    """,
    "sqlite": """
BEGIN;
CREATE TABLE IF NOT EXISTS "sessions" (
    "digest" VARCHAR(64) NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "seen_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL
) /* An administrator who looks at the pages; only the digest of what their browser holds. */;
CREATE INDEX IF NOT EXISTS "sessions_user_id" ON "sessions" ("user_id");
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP TABLE IF EXISTS "sessions";
    """,
    "sqlite": """
BEGIN;
DROP TABLE IF EXISTS "sessions";
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
    "eJztXetT4zgS/1dU+bJQlaMgPIabqfsQZthdbnlszWRu9sGWo8RKoo1jZS2HTG5v/vdTy1"
    "b8NrIJYII+AXK3bH5ttbrVD//dmjGbOHzv/QT7rbfo75aLZ0T8khhvoxaez6NRGPDxwJGE"
    "Q0EhR/CA+x4ewjQj7HAihmzChx6d+5S5QNpFQIz8CUED5iPKEfPQEnNE3T3URXOP3mGfBE"
    "QTGPY5mhOPM/c78Yf9DvWndDgldh/9Cw0cBr/uwZ1tNhS3pu74MW+ycOlfC2L5bEzE3J64"
    "1e9/iGHq2uQr4fDn360RJY4tf29h2ya2NVhZ1G4BHfk69wjnAgmuWBXUEkErzgD4rubyYk"
    "vyCmDlH9+Abz615I0S8gq45LileM/o+ML1v5e0ANPAGjJnMXMj+vnKnzB3zUBdKewxcYkn"
    "QLJjonQXjhOKXA0FiIgB31uQNRR2NGCTEV448EIAd/AE0VjLsq5vetan855ltTIvi+KIiT"
    "YcGgoIBR7iWblEYAyP8I9/djqHh286+4cnp8dHb94cn+6fClr5vNlLb74FDxPBFUwlQbv4"
    "4eK6Bw/ExNscvOMw8E3yYB9bkZQj+CWCGQGI1ePlw6/oUwIQ/5iGAEJ41/grkkgA0QJ8Cg"
    "nM8FfLIe7Yn4g/D05KwP1P9+P7H7sfdw5OdpMIX4dXOvISYB3DlvpONXAVw/ah2znWgVdQ"
    "FeIrryUBXnDiyd8rYBzn2T6YT440UD45KgQZLiUxptwaMW8xy9HSjDkEuwVqOsaWgnkg+O"
    "poax2g1yOPgHSZ7r25uYSZZ5z/5QTKOKWJrz9fnZ0L/SGRF0TUTyjoCO+5x0bUIVZgviQR"
    "/yDQ8umM5EOe5EyBboese+qXl/eml+Dfu7g6/9TrXv2cEMKHbu8crnTk6Co1upNWNetJ0J"
    "eL3o8I/kS/3VyfSzQZ98eevGNE1/utBc+EFz6zXLYESyiGiRpWQ7lSXsxBHlZVIyiXvZZN"
    "1DAZP6VRFEljRD3uW5wQt8ayyzBvYOXV0n1m6WktPQfXl3Wa1yjZJktauNEW97G/4FUMxC"
    "TX9pmIm/dzADFh783IbEC8inZihreesdgwxJ/GVIze1BqqLMNsdNnL0GV1bcaiGYzZWNds"
    "TJ186osixWgk8DAJVFd+cT6j95qs9wJJ1VR5OcxmrdVda4GJJtBduDnrrUwMaU4jg03IoI"
    "bay2E32q/J2m9GxxJ4S9BUVX5ZXrPuaq87hWWNNZdkNeutaesNMhNG01hwHAYGeDhdYs+2"
    "MldYhxXRZi/NOrP0CHbxWAoJ0ITnVAkrDhbitz9LY6WVl9GSIGiXprYEpKHlo5vk4qKAHv"
    "kqxWSCbZlmQkYjMvTfoSmZ+2jEPHR0iiZs4fE28pd0SJCgdZg7hp894hDxxs+QR8R7Q3hO"
    "ossj3ign2eX34IxJrszIFPwjlQPz5Pkp4So26Sml6SmR6KoddGwyS+hV7ng1Pa6H+1oGfh"
    "ipcaRhYo/GviixLz5g6qy6Q5/eUX+VZ18kCUrtCxtILRynvde8uCKciyfjiI0Qc0mYuoqo"
    "K/+SWa0s+N3GK7Tzufd+N2s61J0k1ywAcmUXcOEWB78KxoxxkEiQBYI2WnPfkyObhMoKmZ"
    "uSJGuMEB0jJPai6IsgxmT2wfpmSLQwKxghEZOBvjb0oarK2iD5oIfkZQbIC4S+BEUwKDLH"
    "s8H2VPV4POJ6uvd1/8W/rE0xrAi2L4nvS7Mia1VFV8tNKkFnOZJQuyhpwOxVcIYyZAvHRi"
    "7z0YAgjwyZZxO7HR2jcHJHXLCJOPIZ0DiMTYmNBCt2bcExd/AqvyjpcW5yf1GSsYUaaQvZ"
    "VGiqHOe0OJ8u4qiVS9cwITxytQWstrzX28Xequi0y87beAer8OB3ezbcs8ubs4SjL3A8u7"
    "jufvx156r7y27C27+8uf5B0ced+LNfe+fdFOac/jengqhQnyjybTItOwdHb45OD0+O1rpk"
    "PVKmQrJGI/E8lpMCWqwd1gybUQ7PDWdCPRwfdDT0g6AqVBDyWhJhsfESelcrFJliNWeFjT"
    "srTGwFC4/WEnOC0Qi5cUJuiN/yk3gm9zp42TJuS3Sx1GuZApkFvNpOCxBDZwOMVCUuWoj3"
    "yEPLCR1OhKeA8FAmKMneB1Br05buw8hjM0EjPAzhXMDPPGdlc5PfurduX5b7YL8Px83Ql0"
    "FOKH0hCk4Q9rhwh5ZozOBEWh5D9z+L++5FlZj9t+JZQgc/fBSYiIuJbl053dKjwlIDt2oi"
    "/g0knCFSfGQdO9maitUHP6XgSg+sVbWz5LjnuDomUEvxmcPql+SgmRPTZzsxVUtS1/ZV9F"
    "to+p5qGL6nhWbvadrordrk4UENHpqN7HFnX8ep6OwXOxVwLa8Aum7ts7E0G2ppZsqea1Y8"
    "GwG/FAHXTNvK8hozoLYZIMGk3LIlUFk5lJVDZ3ifsHeOspVfVD10Q5zpK1lZwyd03srxpm"
    "NX22Xu9GxNp+lOf5G+KEfSbVNJUcrFjWVFZX1lbU5whHtLhqR7yhH2SBDxw3Ps+W+Fsyzm"
    "Wadic0xt5SwHtcZopx/80ke3i85+5wT100XI/V3phN+6S9X/UD2HLWbb6cebbvR391BfvN"
    "KQ8N1HHsE2h26JE6T8ZC3feZ27VeY256SH3eM8x8RnxbiN/9w8bW3858aIwuTZNQD66m1y"
    "TIucKi1y6rbHMa1x9E3BRBz6jtrEHVY6NIrzmHda650eYk/GGtldnTc7zW3eb+33u3bbJ9"
    "Py6cUc6Dys3ZNp9bRJ++hPRt1ayRgJRrPemrzeHDKqdUIesRn5Nlm+jevya2RtmvwaST+0"
    "RZKpuXp9NVdRQOX8jri5H4BKk7T1Ai8WFDHpfheqNyEINIAjbLy3iODhBGIm7phADATy/t"
    "SsbSQ/2CSzDn3m5BRaPWyqCvXtgU4rboSTiIEk+bTDHyGIVoy9IAgCKzl2vzo3Cf4hzfmH"
    "PqsWyVnfRXEW38sEdBoZ0DFRBVO9//qgNw2EttLaNW25nnVVCXurxhdFklwmtHR/aMklyx"
    "o4J7m2MPd780ALL6JeYDrJaCJ32pE7kwnwCjIBXpsaiXvH+lZJnMuEJuvaJNS9Ey+/5VB3"
    "WuUdT7Ftn1XyKF8cvqPYgpCu5RHxL+c1wilV4nns5uu4FbQ5ACjPZkbCqIZzgrKX/15RlM"
    "xkpFLNpmlCJtgrQr8hcZge87HTyom+BBfaZTEXH0j020YswPYNmy9wWYLSRgMyxAtOkKwW"
    "ge4J1Ec+nhKIjDD5oYDcJhE1p5KVMB4dj4nHVZELnDoPMIeaGDIXPG20nDByBx0ngr4OO5"
    "wQSRl8B0T8P7t7qCvIV2iGV2iC74hsnOdh59b12JLLGcSEfDGDp5NtJ+QDvw3uCddwMLsX"
    "PiHU6sj/xmWyW59AmqCJUGuF30TQrHtRZdSyJ3K7NGISSFOj7CUVkdGf2rRObqwxaoIvjR"
    "GF6ZmQ4woc6vRhOyxuw3aY6cJmmiNXbo6MZ9W/HBjxGEXwEvN0oBtWnnkox0utQ4gCaxuH"
    "6/rjsHAYmm6Fn4aQzcAGLKcCWp+tmgGVY820Lm++CFP+tqW6kt22dltxE0f+t5a6ajlsGe"
    "DTFGNHZ20ZaydMEq668Sa5nm77bbWeZPN9lHM4maNbFegEkznw1AJa6aQqOMd5tg/mzTf9"
    "ptwSW031U7OQyRyWVTuqFFvzjC5m1fGOMRrMq2E+Zm6OCrkPcMVl0K6AdtR8Nt9DLc4ATH"
    "KaspcmJwIqWdVMCMxlNzH4umdtCs6aXd/y2E3jN32V52B3vMBjIiC1K3oEKcbtM1cPj3XO"
    "Po+Lzz6Ps75XCFqd0soEq9limrzFrIVVu6loHr/ZZOpuMms8a/cWzeE324z+NtO4BgJNi2"
    "9sl/YzHQS2V9INiY917Rl1KQDrs9xAWZKgXRYxw3FS3dCZixJsQYoRlT11ISeKU5uEOUeq"
    "qy/xZXpU98PVxbV18eFTTmBtQ5M+4BuhzSg8NREx8VLaxLYGq+q1AUlGYzXWtRoDIGuUA8"
    "f4jKliNrCCDWxhU//c9b1V7u4VXS3fuoBOb8f6xGZEJrkKbW2jGfMI8uh44kOmLHYRZNKu"
    "5PUJ5nvoJthfRswbM98n0NbeWSEM6beCW5BMoE39imc3sUe8T8V8XN2eJRJEnT4lqQxcvh"
    "j8SYa+9h1i9MX3MOm4zdyOTVeIbdkATPllQ+wriSKo+CqBhyTX9kUdNp8kIxCDJ6qGcchh"
    "Uto1UtqT+7q+GknyGUVSV5EoHKuqkjSfUSb3KxOb+Jg6VVCOOLYP340ljjbEKf1euWGtHJ"
    "80utguc0lHCTJ9t3Q5YWiJXfATGRrEXMK3aMKWMAhfXANvcYbwWAgk+AC5y6SPWeKHbmDi"
    "BxyoGrftOd22qlvCg7aChgngsc1K4xFvo0ccpJxUbAoeYzI9wV9creFPJPcMGoZLd/opWW"
    "kXGnIy9IgfNFuAA1+PjCHKCb0cbLklI+pz4oyifhJi/1XRzTG9I7J1N3NzNvpNT/6Azf55"
    "K8cbtN1sysku3tnvsLOohPWaYQvPNA46pxp4C6riznRwrTEa6cYlPWEKvIfc4hzNFL9cqq"
    "HEkrbAppBZytq6CogDZbJk3hS6xAzJuyAwJfQIsumY8HUDnDx9VH2CB+icYLZKHvmaY+v0"
    "zqbM3GK9M194wuSqpHliLNuoezbeE/NZcpCads70LCep5OucCl+iRtJLktP4eI3z8Rqys/"
    "888TDP3dTDK6X7+VzSaG7kwkpAd8SDhIzgU0A++Sp2XVd2fVMp/XsIvh80oeMJbMmKPGwf"
    "t24PJ/7mmNrvFEFmz3/Ee926+zC2VM7NXMhBTIbgGzs8OKoMvnckaKg/ERZG8YeNpoFL57"
    "AhdiTUQ7EAxyzIMlL/W/q7RuZos5FHm6EsdY2QkHwLDZDNH21G60MX3YhjCwHevIUXVzu6"
    "EMd5tq7Vj477Xuy8n2aabUfbVBLeQt0c49iaE9zOwdGbo9PDk6O1Xl6PlKnjrFkMm3kWy5"
    "4YzQdT0W+FLigzfM9/6SVsXvVK7lx1f9lN2L2XN9c/KPLYK/z+8uYs7f3JWEKt0ocMq/EE"
    "63qCCsrqnmCS03iCxhMs8AQ9MiKe/FhMnjcYXW2XeoRrOk2v8Av4UapbZTtoVzn22GLeDp"
    "NEwso6aGGJ+tTuKwcNeit/Bw5XyPudIF260OQ8ewT8WDdpYB5K8w+IG+GtPblL0bRd7JE9"
    "CsqtCbVtkmPz3tcrLeIz3dIq9HQwFoKxEB7XQvgUVNPlmQfqUqltwFU1npZhkCm+h7xRh7"
    "EpR+uT1zHhYRxXfsIkiOOKvVwdzlIPDeBTJMSLfUWkvMR/U3epWBupwmX3FC4qCDU+SG8C"
    "1M0IUDejg8NzmxvP4jQPPVJzS0xymi2xcVtiot6oXm8j08HqpQjYpEFsrZgbYtp2iUeHkz"
    "zLNrxSatjiiOY+s7ZYsBs+S3otUf8HBpVKEpqLYnYlKc2FQbuXGWpKF1fqNOAVVCXFlZkW"
    "vLCoKiAckm8hugf7+zpncPv7xYdwcC1lADPXJ3mfKvv3p5vrAss3Yklvl3Too/8hh/KX6I"
    "GUgAtglIdN0xHS1OYHE5w9d7b+t/8DHddnlw=="
)
