"""What keeps the registry from learning what it could, as `userreg doctor` says it."""

import asyncio
import logging
import time
from dataclasses import replace
from typing import Final

from aiohttp import web

from userreg.errors import describe
from userreg.findings import Diagnosis, Finding
from userreg.logs import redact
from userreg.web.pages import Examine, render

logger = logging.getLogger(__name__)

#: Seconds for which a diagnosis stands.
FRESH: Final = 30.0
#: Seconds for which a page waits that is about something else.
GLANCE: Final = 1.0


class Doctor:
    """Telegram and the database are asked now and then, once for all who look."""

    def __init__(self, examine: Examine) -> None:
        self._examine = examine
        self._asked_at = 0.0
        self._answer: asyncio.Task[Diagnosis] | None = None

    async def look(self) -> Diagnosis:
        return await asyncio.shield(self._ask())

    async def glance(self) -> Diagnosis | None:
        """None where it would take long."""
        answer = self._ask()
        await asyncio.wait({answer}, timeout=GLANCE)
        if not answer.done():
            return None
        if error := answer.exception():
            logger.warning("the doctor failed: %s", describe(error))
            return None
        return answer.result()

    async def stop(self, app: web.Application) -> None:
        if self._answer is not None:
            self._answer.cancel()
            await asyncio.wait({self._answer})

    def _ask(self) -> asyncio.Task[Diagnosis]:
        if self._answer is None or (self._answer.done() and self._is_old(self._answer)):
            self._asked_at = time.monotonic()
            self._answer = asyncio.create_task(self._make(), name="doctor")
        return self._answer

    def _is_old(self, answer: asyncio.Task[Diagnosis]) -> bool:
        failed = answer.cancelled() or answer.exception() is not None
        return failed or time.monotonic() - self._asked_at >= FRESH

    async def _make(self) -> Diagnosis:
        diagnosis = await self._examine()
        webhook = diagnosis.webhook
        if webhook and webhook.last_error:
            webhook = replace(webhook, last_error=redact(webhook.last_error))
        return replace(
            diagnosis, findings=tuple(map(_without_secrets, diagnosis.findings)), webhook=webhook
        )


DOCTOR: Final = web.AppKey("DOCTOR", Doctor)


async def show(request: web.Request) -> web.Response:
    return render(request, "doctor", diagnosis=await request.config_dict[DOCTOR].look())


def _without_secrets(finding: Finding) -> Finding:
    return replace(
        finding,
        found=redact(finding.found),
        cost=redact(finding.cost),
        remedy=redact(finding.remedy),
        details=tuple(map(redact, finding.details)),
    )
