"""`userreg phrases` as an operator runs it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import clean_environment, userreg
from tests.process import running
from userreg.phrases import LANGUAGES
from userreg.phrases.shipped import Place, shipped

Ran = subprocess.CompletedProcess[str]
MORE = shipped("uk")[Place("start.more")]


@pytest.fixture
def run(database_url: str) -> Any:
    """`userreg phrases …` on a database with the shipped texts."""
    assert userreg("migrate", DATABASE_URL=database_url).returncode == 0

    def run(*arguments: str, code: int = 0) -> Ran:
        ended = userreg("phrases", *arguments, DATABASE_URL=database_url)
        assert ended.returncode == code, ended.stderr
        assert "Traceback" not in ended.stderr
        return ended

    return run


def edit(run: Any, text: str, key: str = "start.more", *more: str, code: int = 0) -> Ran:
    ended: Ran = run("edit", key, "--locale", "uk", "--text", text, *more, code=code)
    return ended


def test_list_shows_every_text_a_line(run: Any) -> None:
    lines = run("list").stdout.splitlines()
    assert len(lines) == sum(len(shipped(locale)) for locale in LANGUAGES)
    assert f"start.more\tuk\t-\t0\t{MORE}" in lines
    assert "stats.users\tuk\tfew\t0\t{count} людини" in lines
    assert {line.split("\t")[1] for line in run("list", "--locale", "ar").stdout.splitlines()} == {
        "ar"
    }


def test_list_shows_what_was_edited(run: Any) -> None:
    assert run("list", "--edited").stdout == ""
    edit(run, "Пишіть /help!")
    assert run("list", "--edited").stdout == "start.more\tuk\t-\t1\tПишіть /help!\n"
    (row,) = map(json.loads, run("list", "--edited", "--json").stdout.splitlines())
    assert (row["key"], row["locale"], row["version"]) == ("start.more", "uk", 1)
    assert (row["text"], row["updated_by_id"]) == ("Пишіть /help!", None)


def test_show_tells_all_versions_of_a_text(run: Any) -> None:
    edit(run, "Пишіть /help!")
    lines = run("show", "start.more", "--locale", "uk").stdout.splitlines()
    assert lines[0].startswith("start.more in uk, version 0, 20")
    assert lines[1] == f"    {MORE}"
    assert lines[2].startswith("start.more in uk, version 1, 20")
    assert lines[3] == "    Пишіть /help!"
    rows = [json.loads(line) for line in run("show", "stats.users", "--json").stdout.splitlines()]
    assert {(row["locale"], row["category"]) for row in rows} >= {("ar", "zero"), ("en", "one")}
    assert "There is no text start.nothing" in run("show", "start.nothing", code=2).stderr


def test_edit_takes_the_text_from_standard_input_or_an_editor(
    run: Any, database_url: str, tmp_path: Path
) -> None:
    piped = _run(database_url, "edit", "start.more", "--locale", "uk", stdin="Пишіть\r\n/help!\r\n")
    assert (piped.returncode, piped.stdout) == (0, "saved: version 1\n")
    assert json.loads(run("list", "--edited", "--json").stdout)["text"] == "Пишіть\n/help!"

    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/Пишіть/Надсилайте/" "$1"\n')
    editor.chmod(0o755)
    command = f"{sys.executable} -m userreg phrases edit start.more --locale uk"
    ended = subprocess.run(
        ["script", "-qec", command, os.devnull], capture_output=True, text=True, check=False,
        env=clean_environment() | {"DATABASE_URL": database_url, "EDITOR": str(editor),
                                   "LC_ALL": "C.UTF-8", "TERM": "dumb"},
    )  # fmt: skip
    assert "saved: version 2" in ended.stdout, ended.stdout
    assert json.loads(run("list", "--edited", "--json").stdout)["text"] == "Надсилайте\n/help!"


def _run(database_url: str, *arguments: str, stdin: str) -> Ran:
    return subprocess.run(
        [sys.executable, "-m", "userreg", "phrases", *arguments], input=stdin, capture_output=True,
        text=True, env=clean_environment() | {"DATABASE_URL": database_url}, check=False,
    )  # fmt: skip


def test_a_faulty_edit_is_refused_in_one_sentence_a_fault(run: Any) -> None:
    refused = edit(run, "<b>Id", "me.id", code=6)
    assert refused.stderr == (
        "Error: me.id in uk is not saved. The placeholder {id} is missing. "
        "The tag <b> is not closed.\n"
    )
    assert "--category: one, few, many, other" in edit(run, "x", "stats.users", code=2).stderr
    assert edit(run, "{count} особи", "stats.users", "--category", "few").returncode == 0
    unknown = run("edit", "me.id", "--locale", "de", "--text", "{id}", code=2)
    assert "it is none of en, uk, ru, es, ar, nor one with a region." in unknown.stderr
    assert run("list", "--locale", "UK").stdout == run("list", "--locale", "uk").stdout
    run("edit", "me.id", code=2)


def test_undo_goes_back_and_diff_shows_what_differs(run: Any) -> None:
    assert run("diff").stdout == ""
    edit(run, "перше")
    edit(run, "друге")
    title, removed, added = run("diff", "--locale", "uk").stdout.splitlines()
    assert title.startswith("start.more in uk, version 2, 20")
    assert (removed, added) == (f"- {MORE}", "+ друге")
    assert json.loads(run("diff", "--json").stdout)["shipped"] == MORE

    assert run("undo", "start.more", "--locale", "uk").stdout == "saved: version 3\n"
    assert run("diff").stdout.endswith("+ перше\n")
    run("undo", "start.more", "--locale", "uk", "--version", "0")
    assert run("diff").stdout == ""
    assert "no such version" in run("undo", "me.id", "--locale", "uk", code=2).stderr


def test_export_and_import_are_a_round_trip(run: Any, tmp_path: Path) -> None:
    edit(run, "Пишіть /help!")
    path = tmp_path / "uk.toml"
    run("export", "--locale", "uk", "-o", str(path))
    document = tomllib.loads(path.read_text())
    assert document["locale"] == "uk"
    assert document["start"]["more"] == "Пишіть /help!"
    assert document["stats"]["users"]["few"] == "{count} людини"
    assert run("import", str(path)).stdout == f"saved: 0\nsame: {len(shipped('uk'))}\n"

    path.write_text(path.read_text().replace("Пишіть /help!", "Питайте /help!"))
    assert run("import", str(path)).stdout.startswith("saved: 1\n")
    assert tomllib.loads(run("export").stdout)["uk"]["start"]["more"] == "Питайте /help!"


def test_an_import_with_a_fault_saves_nothing(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "texts.toml"
    path.write_text('[start]\nmore = "інше"\nhello = "<b>"\n[nowhere]\nx = "y"\n')
    refused = run("import", str(path), "--locale", "uk", code=6)
    assert refused.stdout.splitlines() == [
        "start.hello in uk: The placeholder {name} is missing.",
        "start.hello in uk: The tag <b> is not closed.",
        "nowhere.x in uk: There is no such text.",
    ]
    assert refused.stderr == "Error: 3 things have to be mended.\n"
    assert run("list", "--edited").stdout == ""
    path.write_bytes(b"\xff\xfe")
    assert run("import", str(path), code=2).returncode == 2


def test_check_finds_what_is_wrong_with_a_file(run: Any, tmp_path: Path) -> None:
    assert run("check").stderr == "Nothing is wrong with the texts.\n"
    run("export", "--locale", "uk", "-o", str(tmp_path / "uk.toml"))
    text = (tmp_path / "uk.toml").read_text()
    assert run("check", str(tmp_path / "uk.toml")).returncode == 0
    text = text.replace(', many = "{count} людей"', "").replace(
        '"Мова: {language}"', '"Мова: {мова}"', 1
    )
    text = text.replace("<b>Реєстр</b>", "<b>Реєстр").replace('also = "А також:"\n', "")
    (tmp_path / "uk.toml").write_text(text)

    found = run("check", str(tmp_path / "uk.toml"), code=6).stdout.splitlines()
    assert sorted(found) == [
        "me.language in uk: The placeholder {language} is missing.",
        "me.language in uk: There is no placeholder {мова} here; there is: {language}.",
        "seen.also in uk: It is missing in this language.",
        "stats.title in uk: The tag <b> is not closed.",
        "stats.users in uk, form many: This plural form is missing.",
    ]
    rows = run("check", "--json", str(tmp_path / "uk.toml"), code=6).stdout.splitlines()
    assert {"key": "stats.users", "locale": "uk", "category": "many",
            "finding": "This plural form is missing."} in map(json.loads, rows)  # fmt: skip


def test_check_finds_what_is_wrong_in_the_database(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "mx.toml"
    path.write_text('locale = "es-MX"\n[stats.users]\none = "{count} cuate"\n')
    run("import", str(path))
    found = run("check", code=6).stdout.splitlines()
    assert found == [
        "stats.users in es-MX, form many: This plural form is missing.",
        "stats.users in es-MX, form other: This plural form is missing.",
    ]


async def test_check_finds_rows_that_are_broken_or_missing(database_url: str, run: Any) -> None:
    from tests.kept_texts import sql
    from userreg.database_url import parse_database_url
    from userreg.db import open_database

    async with open_database(parse_database_url(database_url)) as database:
        where = "WHERE locale = 'uk' AND key ="
        await sql(database, f"DELETE FROM phrases {where} 'stats.users' AND category = 'few'")
        await sql(database, f"UPDATE phrases SET text = '<b>x', version = 5 {where} 'stats.title'")
    not_seeded = "The database does not hold it as it is shipped: run `userreg migrate`."
    assert run("check", code=6).stdout.splitlines() == [
        "stats.title in uk: The tag <b> is not closed.",
        f"stats.users in uk, form few: {not_seeded}",
    ]
    assert userreg("migrate", DATABASE_URL=database_url).returncode == 0
    assert len(run("check", code=6).stdout.splitlines()) == 1


def test_a_text_cannot_act_on_the_terminal(run: Any) -> None:
    edit(run, "a\u2028\u00a0\nb")
    shown = run("list", "--edited").stdout + run("show", "start.more").stdout + run("diff").stdout
    assert all(character.isprintable() or character in "\n\t" for character in shown)
    assert "a\\u2028\\xa0\\nb" in shown


async def test_all_of_it_works_while_the_bot_runs(database_url: str, run: Any) -> None:
    import asyncio

    async with running(database_url):
        saved = await asyncio.to_thread(edit, run, "Пишіть /help!")
        assert saved.stdout == "saved: version 1\n"
        assert (await asyncio.to_thread(run, "check")).returncode == 0


def test_without_a_migrated_database_it_is_one_sentence(tmp_path: Path) -> None:
    ended = userreg("phrases", "list", DATABASE_URL=f"sqlite://{tmp_path}/new.sqlite3")
    assert (ended.returncode, ended.stderr.count("\n")) == (6, 1)
