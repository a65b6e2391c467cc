"""Updates in a file, to be replayed, and what is exported then:
`from tests.replayed import recording_fixture as recording_fixture`."""

import json
from pathlib import Path

import pytest

from tests import updates
from tests.conftest import userreg
from tests.updates import ANN, BOB, GROUP

LINES = [
    updates.message(ANN, GROUP, date=1_000_000),
    updates.message(BOB | {"first_name": "=1+1", "last_name": "日本"}, GROUP, date=1_000_001),
    updates.callback(updates.CID),
]


@pytest.fixture(name="recording")
def recording_fixture(tmp_path: Path) -> str:
    path = tmp_path / "updates.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)) + "\n\nno json\n")
    return str(path)


def export(url: str, *arguments: str) -> str:
    ended = userreg("export-stats", *arguments, DATABASE_URL=url)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout
