"""The key that the forgotten are hashed with is made and kept, or set; whoever was forgotten before
it was set stays forgotten."""

import asyncio
import hmac
from dataclasses import replace

import pytest

from tests import updates
from tests.conftest import rows
from tests.eve import EVE, KEY, later, receive, whole_database
from tests.updates import ANN, BOB, CID, GROUP
from userreg import forgotten
from userreg.db import open_database
from userreg.decisions import Forgotten, Key
from userreg.models import User
from userreg.registry import Registry


async def test_without_a_setting_one_key_is_made_and_kept(replicas: list[Registry]) -> None:
    people = [EVE["id"], ANN["id"], BOB["id"], CID["id"]]
    await asyncio.gather(*(replicas[i % 2].forget(id_) for i, id_ in enumerate(people)))

    (key,) = [one.value for one in await Key.filter(name="security")]
    expected = {hmac.new(key.encode(), str(p).encode(), "sha256").hexdigest() for p in people}
    assert {one.hash for one in await Forgotten.all()} == expected


async def test_a_key_that_is_set_later_knows_those_of_before(replicas: list[Registry]) -> None:
    await replicas[0].forget(EVE["id"])
    database = replace(replicas[0]._database, security_key=KEY)
    async with open_database(database), Registry(database, updates.BOT["id"]).running() as registry:
        assert await registry.is_forgotten(EVE["id"])
        await registry.forget(EVE["id"])
        assert await Forgotten.all().count() == 1, "as she was"

        await registry.forget(CID["id"])
        await receive(registry, updates.message(EVE, GROUP), updates.message(CID, GROUP))
        assert await rows(User) == []

        hashes = [one.hash for one in await Forgotten.all().order_by("id")]
        digits = str(CID["id"]).encode()
        assert hashes[1] == hmac.new(KEY.encode(), digits, "sha256").hexdigest()
        await registry.remember_again(EVE["id"])
        assert not await registry.is_forgotten(EVE["id"])


async def test_with_a_setting_no_key_is_kept(replicas: list[Registry]) -> None:
    database = replace(replicas[0]._database, security_key=KEY)
    async with open_database(database), Registry(database, updates.BOT["id"]).running() as registry:
        await registry.forget(EVE["id"])
        assert await Key.filter(name="security") == []
        assert KEY not in await whole_database(database)


async def test_while_nobody_is_forgotten_nothing_is_hashed(
    replicas: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise AssertionError("hashed")

    monkeypatch.setattr(forgotten, "hash_of", fail)
    await receive(replicas[0], *(u for u in later().values() if isinstance(u, dict)))
    assert EVE["id"] in {user["id"] for user in await rows(User)}
