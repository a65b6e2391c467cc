"""The house keeps its order: imports point downwards, files stay small."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "userreg"
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
#: From the top to the ground; a room may import from its own floor and below.
FLOORS = [
    {"cli", "__main__"},
    {"demo"},
    {"app"},
    {"bot", "web", "sandbox"},
    {"registry", "maintenance", "export", "phrases", "migrate", "dossier", "charts"},
    {"forgetting", "sessions", "replicas", "sentry"},
    {"administrators"},
    {"audit"},
    {"lists"},
    {"gaps", "insights", "browse", "one_chat"},
    {"totals", "preferences", "filters"},
    {"queries", "tables", "day_by_day", "memory"},
    {"batch"},
    {"claims", "record_batch"},
    {"migrated_chats", "forgotten", "names", "rows", "process_lock", "extract", "decode"},
    {"facts", "group_commit", "models", "decisions", "logs", "workers", "tally", "repeating"},
    {"record", "cells", "mentions"},
    {"sql"},
    {"upsert", "db"},
    {"telegram", "config", "database_url", "findings"},
    {"connecting", "sqlite_scripts"},
    {"errors"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def _room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def _imported_rooms(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("userreg"):
            module = (node.module or "").split(".")[1:]
            names |= {module[0]} if module else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("userreg.")}
    return names - {"__version__"}


def _model_users() -> set[str]:
    return {_room(path) for path in FILES if "models" in _imported_rooms(path)}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_downwards(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        return
    for imported in _imported_rooms(path) - {room}:
        assert FLOOR_OF[imported] >= FLOOR_OF[room], f"{path} imports {imported}"


def test_bot_and_web_do_not_know_each_other() -> None:
    for path in FILES:
        if _room(path) in ("bot", "web"):
            assert not _imported_rooms(path) & ({"bot", "web"} - {_room(path)})


def test_the_sandbox_knows_nothing_of_what_is_tried_in_it() -> None:
    for path in FILES:
        if _room(path) == "sandbox":
            assert _imported_rooms(path) <= {"sandbox", "errors"}


def test_only_commands_and_the_demo_load_the_sandbox() -> None:
    assert {_room(path) for path in FILES if "sandbox" in _imported_rooms(path)} == {
        "sandbox", "demo", "cli",
    }  # fmt: skip


def test_only_the_registry_writes_and_only_queries_read_the_models() -> None:
    assert _model_users() - {"bot"} == {
        "registry", "batch", "record_batch", "rows", "claims", "migrated_chats", "names", "queries",
        "gaps", "tables", "day_by_day", "memory", "forgetting", "maintenance", "dossier", "browse",
    }  # fmt: skip
    for path in FILES:
        if _room(path) == "bot":
            text = (ROOT / path).read_text()
            assert not any(f"{m}.{verb}" in text for m in ("User", "Chat") for verb in
                           ("get", "filter", "create", "all", "update_or_create"))  # fmt: skip


def test_tests_take_no_helper_from_one_anothers_modules() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        assert not re.search(r"^from tests\.test_|^from tests import test_", path.read_text(), re.M)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_are_small_enough_to_find_ones_way_in(path: Path) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= 300
