"""Ada, an administrator by the settings, and `few`, with ten commands a minute. A test module
imports the fixtures: `from tests.ada import settings_fixture as settings_fixture`."""

from typing import Any

import pytest

from tests.conftest import Talk
from tests.stage import meet
from userreg.config import Settings
from userreg.sandbox.telegram import LocalTelegram

ADA: dict[str, Any] = {"id": 900, "is_bot": False, "first_name": "Ada", "language_code": "en"}


@pytest.fixture(name="settings")
def settings_fixture(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    more = getattr(request, "param", {})
    return settings.model_copy(update={"admin_ids": frozenset({900})} | more)


@pytest.fixture(name="ada")
def ada_fixture(talk: Talk, telegram: LocalTelegram):
    meet(telegram.world, ADA)
    return talk(ADA)


few = pytest.mark.parametrize("settings", [{"commands_per_minute": 10}], indirect=True)
