from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = {
    "postgres": """
CREATE INDEX IF NOT EXISTS "memberships_administrators" ON "memberships" ("chat_id", "user_id") WHERE "status" IN ('creator','administrator');
    """,
    "sqlite": """
BEGIN;
CREATE INDEX IF NOT EXISTS "memberships_administrators" ON "memberships" ("chat_id", "user_id") WHERE "status" IN ('creator','administrator');
COMMIT;
    """,
}

DOWNGRADE = {
    "postgres": """
DROP INDEX IF EXISTS "memberships_administrators";
    """,
    "sqlite": """
BEGIN;
DROP INDEX IF EXISTS "memberships_administrators";
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
    "eJztXetT4zgS/1dU+QJU5SgmPIabqfsQZthdbgfYmsnc7IMtR4mVRBvHyloOmdzc/O+nlq"
    "34bWQTwAR9AuRu2fzaanWrH/7WmjGbOHz/3QT7rTfoW8vFMyJ+SYy3UQvP59EoDPh44EjC"
    "oaCQI3jAfQ8PYZoRdjgRQzbhQ4/OfcpcIO0iIEb+hKAB8xHliHloiTmi7j7qorlHb7FPAq"
    "IJDPsczYnHmbsj/rDfov6UDqfE7qN/oYHD4Nd9uLPNhuLW1B0/5E0WLv17QSyfjYmY2xO3"
    "+uNPMUxdm3wlHP781hpR4tjy9xa2bWJbg5VF7RbQka9zj3AukOCKVUEtEbTiDIDvai4vti"
    "SvAFb+8R345lNL3ighr4BLjluK94yOL1z/B0kLMA2sIXMWMzein6/8CXPXDNSVwh4Tl3gC"
    "JDsmSnfhOKHI1VCAiBjwvQVZQ2FHAzYZ4YUDLwRwB08QjbUs6+q6Z30671lWK/OyKI6YaM"
    "OhoYBQ4CGelUsExvAI//hnp3N4+LpzcHhyenz0+vXx6cGpoJXPm730+nvwMBFcwVQStIsf"
    "L6568EBMvM3BOw4D3yUP9rEVSTmCXyKYEYBYPV4+/Io+JQDxj2kIIIR3jb8iiQQQLcDHkM"
    "AMf7Uc4o79ifjz1UkJuP/pfnz3U/fj7quTvSTCV+GVjrwEWMewpb5TDVzFsH3odo514BVU"
    "hfjKa0mAF5x48vcKGMd5tg/mkyMNlE+OCkGGS0mMKbdGzFvMcrQ0Yw7BboGajrGlYB4Ivj"
    "raWgfo9cgDIF2me6+vP8DMM87/dgJlnNLEV58vz86F/pDICyLqJxR0hPfcYyPqECswX5KI"
    "vxdo+XRG8iFPcqZAt0PWffXL83vTS/DvXVyef+p1L39JCOF9t3cOVzpydJUa3U2rmvUk6M"
    "tF7ycEf6Lfr6/OJZqM+2NP3jGi6/3egmfCC59ZLluCJRTDRA2roVwpL+YgD6uqEZTLXssm"
    "apiMH9MoiqQxoh73LU6IW2PZZZg3sPJq6T6z9LSWnoPryzrNa5RskyUt3GiL+9hf8CoGYp"
    "Jr+0zEzfs5gJiw92ZkNiBeRTsxw1vPWGwY4o9jKkZvag1VlmE2uux56LK6NmPRDMZsrGs2"
    "pk4+9UWRYjQSuJ8Eqiu/OJ/Re03We4Gkaqq8HGaz1uqutcBEE+gu3Jz1ViaGNKeRwSZkUE"
    "Pt5bAb7ddk7TejYwm8JWiqKr8sr1l3tdedwrLGmkuymvXWtPUGmQmjaSw4DgMDPJwusWdb"
    "mSusw4pos5dmnVl6BLt4LIUEaMJzqoQVBwvx25+lsdLKy2hJELRLU1sC0tDy0U1ycVFAj3"
    "yVYjLBtkwzIaMRGfpv0ZTMfTRiHjo6RRO28Hgb+Us6JEjQOswdw88ecYh442fII+K9ITwn"
    "0eUBb5ST7PJHcMYkV2ZkCv6ZyoF59PyUcBWb9JTS9JRIdNUOOjaZJfQid7yaHtf9fS0DP4"
    "zUONIwsUdjX5TYF+8xdVbdoU9vqb/Ksy+SBKX2hQ2kFo7T3mleXBLOxZNxxEaIuSRMXUXU"
    "lX/JrFYW/G7jFdr93Hu3lzUd6k6SaxYAubILuHCLg18FY8Y4SCTIAkEbrbnvyJFNQmWFzE"
    "1JkjVGiI4REntR9EUQYzL7YH0zJFqYFYyQiMlAXxv6UFVlbZB80EPyMgPkGUJfgiIYFJnj"
    "2WB7qno8HnE93vt68Oxf1qYYVgTbH4jvS7Mia1VFV8tNKkFnOZJQuyhpwOxVcIYyZAvHRi"
    "7z0YAgjwyZZxO7HR2jcHJLXLCJOPIZ0DiMTYmNBCt2bcExd/AqvyjpYW5yd1GSsYUaaQvZ"
    "VGiqHOe0OJ8u4qiVS9cwITxwtQWstrzX28Xequi0y87beAer8OB3ezbcsw/XZwlHX+B4dn"
    "HV/fjb7mX3172Et//h+upHRR934s9+6513U5hz+t+cCqJCfaLIt8m07Lw6en10enhytNYl"
    "65EyFZI1GonnsZwU0GLtsGbYjHJ4ajgT6uH4VUdDPwiqQgUhryURFhsvobe1QpEpVnNW2L"
    "izwsRWsPBoLTEnGI2QGyfkhvgtP4tncq+Cly3jtkQXS72WKZBZwKvttAAxdDbASFXiooV4"
    "jzy0nNDhRHgKCA9lgpLsfQC1Nm3pPow8NhM0wsMQzgX8zHNWNjf5jXvj9mW5D/b7cNwMfR"
    "nkhNIXouAEYY8Ld2iJxgxOpOUxdP+zuO9+VInZfyOeJXTww0eBibiY6MaV0y09Kiw1cKsm"
    "4t9AwhkixUfWsZOtqVh98FMKrvTAWlU7S447jqtjArUUnzmsfk4OmjkxfbITU7UkdW1fRb"
    "+Fpu+phuF7Wmj2nqaN3qpNHu7V4KHZyB53DnScis5BsVMB1/IKoOvWPhtLs6GWZqbsuWbF"
    "sxHwcxFwzbStLK8xA2qbARJMyi1bApWVQ1k5dIb3EXvnKFv5WdVDN8SZvpSVNXxC560cbz"
    "p2tV3mTs/WdJru9Bfpi3Ik3TaVFKVc3FhWVNZX1uYER7i3ZEi6pxxhjwQRPzzHnv9GOMti"
    "nnUqNsfUVs5yUGuMdvvBL310s+gcdE5QP12E3N+TTviNu1T9D9Vz2GK23X686UZ/bx/1xS"
    "sNCd995BFsc+iWOEHKT9bynde5W2Vuc0562B3Oc0x8Voy7wH8GlbGx22F7Rl0Kr4vPggBy"
    "7l3Rl5/OP56jm1Ygg5sWurhCuztDAaTg22nvJObZ2TNevvHyzfae3N5NNuCTQV+9mY9p5F"
    "OlkU/dJj6mgY++wZqIlt9Sm7jDSkdbcR7zTmu900PsyYgou63zZqe5zfut/X7Xbk5lGlM9"
    "m2On+zWlMg2pNmkf/cWoWytlJMFo1luT15tDRrXO8SM2I98my7dxvYiNrE0rYiPp+zZyMp"
    "VhL68yLAr7nN8SN/czVWmStl54yIJSK92vV/UmBIEGcISN9wYRPJxAZMcdE4jUQHaimrWN"
    "5GelZG6kz5yccrD7TVWhCj/QacXtehKhkySfdtQkBNGKseuFaurcJPiHNOcf+qxaAGh9F8"
    "VZfC8T0GlkQMdEFUyPgZcHvWlztJXWrmke9qSrSthbNb57kuQyoaW7Q0suWdbAOcm1hRnq"
    "mwdaeBH1AtNJRhO5047cmUyAF5AJ8NLUSNw71rdK4lwmNFnXJqHurXj5LYe60yrveIpt+6"
    "ySB/ku8i3FFoR0LY+IfzmvXU+pEs9jN9/wraDNAUB5NjMSRjWcE5S9/HeKomQmI5VqNk0T"
    "MsFeEPoNicP0mI+dVk70JbjQLou5+ECi39xiAbZv2CKCy0KZNhqQIV5wgmRNC/R4oD7y8Z"
    "RAZITJzxnktrKoOZWs1/HoeEw8rkpx4NR5gDlU7pC54Gmj5YSRW+iLEXSf2OWESMrgayXi"
    "/9nbR11BvkIzvEITfEtkez8POzeux5ZcziAm5IsZPJ1sjiEf+E1wT7iGg9m98Amhokj+Ny"
    "6TPQUF0gRNhFor/HKDZnWOKvaWnZvbpRGTQJrVi3P0pzYNnhtrjJrgS2NEYTo75LgChzrd"
    "4g6Lm8UdZnrFmRbOlVs441n17xtGPEYRPMc8HejZlWceyvFS6xCiwNrG4bpKOixvhtZg4Q"
    "csZMuyAcup09Znq2ZA5VgzrQ/XX4Qpf9NSvdNuWnutuIkj/1tLXbUctgzwaYqxo7O2jLUT"
    "JglX3XiTXI+3/bZaj7L5Psg5nMzRrQp0gskceGoBrXRSFZzjPNsH8+Zbk1Nuia2m+qlZyG"
    "QOy6odVYqteUYXs+p4xxgN5tUwHzM3R4XcBbjiMmhXQDtqkZvvoRZnACY5TdlLkxMBlaxq"
    "JgTmspsYfN2zNgVnzd50eeymPZ2+ynOwO17gMRGQ2hU9ghTj9pmrh8c6Z5/HxWefx1nfKw"
    "StTmllgtVsMU3eYtbCqt36NI/fbDJ1N5k1nrU7oObwm21Gf5tpXAOBpsU3tkv7mQ4C2yvp"
    "hsTHuvGmsK2cQFmSoF0WMcs2qtUInbkowRakGFHZ+Rdyoji1SZhzpHoPE1+mR3XfX15cWR"
    "fvP+UE1jY06T2+ZNqMwlMTERMvpU1sa7CqXhuQZDRWY12rMQCyRjlwjM+YKmYDK9jAFjb1"
    "z13fW+XuXtHV8q0L6PR2rE9sRmSSq9DWNpoxjyCPjic+ZMpiF0Em7Upen2C+j66D/WXEvD"
    "HzfQLN950VwpB+K7gFyQSa6a94dhN7wPtUzMfV7VkiQdTpU5LKwOWLwV9k6GvfIUZffA+T"
    "jtvM7dh0hdiWDcCUXzbEvpIogoqvEnhIcm1f1GHzSTICMXiiahiHHCalXSOlPbmv66uRJJ"
    "9RJHUVicKxqipJ8xllcrcysYmPqVMF5Yhj+/DdWOJoQ5zSH5Qb1srxSaOL7TKXdJQg03dL"
    "lxOGltgFP5GhQcwlfIMmbAmD8F048BZnCI+FQILPpLtM+pglfugGJr7Hgapx257Sbau6Jd"
    "xrK2iYAB7arDQe8TZ6xEHKScWm4DEm0xP82dUa/kxyz6BhuHSnn5KVdqEhJ0OP+EGzBTjw"
    "9cgYopzQy8GWWzKiPifOKOonIfZfFd0c01siW3czN2ej3/Tk99jsn7ZyvEHbzaac7OKd/R"
    "Y7i0pYrxm28EzjVedUA29BVdyZDq41RiNdu6QnTIF3kFuco5nil0s1lFjSFtgUMktZW1cB"
    "caBMlsybQpeYIXkbBKaEHkE2HRO+boCTp4+qT3APnRPMVskjX3Nsnd7ZlJlbrHfmC0+YXJ"
    "U0T4xlG3XPxntiPkkOUtPOmZ7kJJV8nVPhS9RIeklyGh+vcT5eQ3b2XyYe5rmbenildD+f"
    "SxrNjVxYCeiWeJCQEXwKyCdfxa7ryq5vKqV/H8H3gyZ0PIEtWZGH7ePW7eHE3xxT+60iyO"
    "z5D3ivG/cAxpbKuZkLOYjJEHxjhwdHlcH3jgQN9SfCwij+sNE0cOkcNsSOhHooFuCYBVlG"
    "6n9Lf9fIHG028mgzlKWuERKSb6EBsvmjzWh96KIbcWwhwJu38OJqRxfiOM/WtfrRcd+Lnf"
    "fTTLPtaJtKwluom2McW3OC23l19Pro9PDkaK2X1yNl6jhrFsNmnsWyJ0bzwVT0W6ELygzf"
    "8197CZtXvZK7l91f9xJ274frqx8VeewVfvfh+izt/clYQq3Shwyr8QTreoIKyuqeYJLTeI"
    "LGEyzwBD0yIp78WEyeNxhdbZd6hGs6Ta/wC/hRqltlO2hXOfbYYt4Ok0TCyjpoYYn61O4r"
    "Bw16K++AwxXy7gjSpQtNzrNHwA91kwbmoTT/gLgR3tqjuxRN28Ue2KOg3JpQ2yY5Nu9dvd"
    "IiPtMtrUJPB2MhGAvhYS2ET0E1XZ55oC6V2gZcVeNpGQaZ4nvIG3UYm3K0PnkdEx7GceUn"
    "TII4rtjL1eEs9dAAPkVCvNhXRMpL/Dd1l4q1kSpcdkfhooJQ44P0JkDdjAB1Mzo4PLW58S"
    "RO89AjNbfEJKfZEhu3JSbqjer1NjIdrJ6LgE0axNaKuSGmbZd4dDjJs2zDK6WGLY5o7jJr"
    "iwW74bOklxL1v2dQqSShuShmV5LSXBi0e56hpnRxpU4DXkFVUlyZacELi6oCwiH5FqL76u"
    "BA5wzu4KD4EA6upQxg5vok71Nl//50fVVg+UYs6e2SDn30P+RQ/hw9kBJwAYzysGk6Qpra"
    "/GCCs6fO1v/+f3GonVc="
)
