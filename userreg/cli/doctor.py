"""`userreg doctor`."""

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from userreg.cli import prepare, run_async
from userreg.errors import CheckFailed
from userreg.logs import printable, redact, redacted

if TYPE_CHECKING:
    from userreg.findings import Finding


@click.command(short_help="Check everything that the registry lives on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool) -> None:
    """Check token, webhook, database and rights, and say how to mend what is wrong.

    Exits with 6 when it found something. Changes nothing.
    """
    settings = prepare()
    from userreg.bot.doctor import examine

    diagnosis = run_async(examine(settings))
    findings, wrong = diagnosis.findings, diagnosis.wrong
    if as_json:
        shown = [redacted(dataclasses.asdict(finding)) for finding in findings]
        click.echo(json.dumps({"healthy": not wrong, "findings": shown}))
    else:
        for finding in findings:
            _print(finding)
    if wrong:
        raise CheckFailed(f"{len(wrong)} of {len(findings)} checks found something.")


def _print(finding: "Finding") -> None:
    lines = [f"{finding.level:7}  {finding.name}: {finding.found}"]
    lines += [f"         - {detail}" for detail in finding.details]
    if finding.cost:
        lines += [f"         costs: {finding.cost}", f"         mend: {finding.remedy}"]
    for line in lines:
        click.echo(printable(redact(line)))
