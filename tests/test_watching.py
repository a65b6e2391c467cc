"""The dashboard and the alerts ask for what there is, and the alerts fire when they should."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from userreg.tally import REPLIES, UPDATES, Tally
from userreg.web.metrics import Metrics

ROOT = Path(__file__).parent.parent
DASHBOARD = ROOT / "deploy/grafana-dashboard.json"
ALERTS = ROOT / "deploy/prometheus-alerts.yml"


def _names() -> set[str]:
    """Of all samples that there can be."""
    tally = Tally(
        queues={"updates": int}, dead_letters=1, pending_updates=1, last_error_at=1,
        is_telegram_reached=True, maintained_at=1,
    )  # fmt: skip
    text = generate_latest(Metrics(tally, "host:1", "webhook")).decode()
    return set(re.findall(r"^(\w+)\{", text, re.MULTILINE))


@pytest.mark.parametrize("path", [DASHBOARD, ALERTS], ids=lambda path: path.name)
def test_every_metric_that_is_asked_for_exists(path: Path) -> None:
    text = path.read_text()
    asked = set(re.findall(r"\b(?:userreg|process)_\w+", text))
    assert len(asked) > 5
    assert asked <= _names()
    outcomes = re.findall(r'outcome=~?\\?"([\w|-]+)', text)
    assert outcomes
    assert {one for each in outcomes for one in each.split("|")} <= {*UPDATES, *REPLIES}


def test_the_dashboard_is_one() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 10
    for panel in panels:
        assert panel["title"]
        assert panel["description"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert all(target["expr"] for target in panel["targets"])


def test_every_alert_is_tried_and_says_what_it_means() -> None:
    alerts = re.findall(r"- alert: (\w+)", ALERTS.read_text())
    tried = (ROOT / "tests/prometheus-alerts-test.yml").read_text()
    assert set(alerts) == set(re.findall(r'alertname="(\w+)"', tried))
    for word in ("summary", "description", "severity"):
        assert ALERTS.read_text().count(word) == len(alerts)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian: apt-get install prometheus")
@pytest.mark.parametrize(
    "arguments",
    [("check", "rules", ALERTS), ("test", "rules", ROOT / "tests/prometheus-alerts-test.yml"),
     ("check", "config", "--syntax-only", ROOT / "deploy/prometheus.yml")],
    ids=lambda arguments: " ".join(arguments[:2]),
)  # fmt: skip
def test_prometheus_takes_them_and_each_alert_fires_when_it_should(
    arguments: tuple[str | Path, ...],
) -> None:
    done = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
