"""What was found to be wrong, or well, with what the registry lives on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """The result of one check. A finding that is not ok says what it costs and how to mend it."""

    name: str
    level: Level
    found: str
    cost: str = ""
    remedy: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Webhook:
    """How Telegram sees its deliveries. It keeps its last error for ever."""

    pending: int
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True)
class Diagnosis:
    """All findings, in the order in which one would mend them; `webhook` is None where Telegram
    could not be asked."""

    at: datetime
    findings: tuple[Finding, ...]
    webhook: Webhook | None

    @property
    def wrong(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level != "ok"]

    def is_wrong(self, name: str) -> bool:
        return any(finding.name == name for finding in self.wrong)
