"""What runs, and with which key: against what it should be."""

from collections.abc import Sequence
from datetime import datetime

from userreg.config import Settings
from userreg.decisions import Replica
from userreg.findings import Finding
from userreg.replicas import is_stale


def check_replicas(replicas: Sequence[Replica], now: datetime) -> Finding:
    at_work = [each for each in replicas if not is_stale(each, now)]
    versions = sorted({each.version for each in at_work})
    found = f"{len(at_work)} at work" + (f", version {', '.join(versions)}" if versions else "")
    if silent := len(replicas) - len(at_work):
        found += f"; {silent} ended without a word within a day"
    if len(versions) < 2:
        return Finding("replicas", "ok", found)
    return Finding(
        "replicas", "warning", found,
        "an older one does not know what a newer one has brought, as who is to be forgotten",
        "if no restart is under way, restart the older ones with the new version",
        tuple(f"{each.name} ({each.mode}, {each.version})" for each in at_work),
    )  # fmt: skip


def check_security_key(settings: Settings) -> Finding:
    if settings.security_key is not None:
        return Finding("security_key", "ok", "set")
    return Finding(
        "security_key", "warning", "SECURITY_KEY is unset",
        "the key to the hashes of the forgotten lies beside them: whoever gets the database can "
        "try ids, and find out who wanted to be forgotten",
        "set SECURITY_KEY to the output of `openssl rand -hex 32`, the same for all replicas and "
        "commands, and keep it: without it the forgotten would not be known again",
    )  # fmt: skip
