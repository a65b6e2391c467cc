"""The documentation says what the program does."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests import data_model
from userreg.bot.command_lists import IN_GROUPS, IN_PRIVATE
from userreg.bot.handlers.commands import create_router
from userreg.cli import main
from userreg.config import Settings
from userreg.phrases import say
from userreg.phrases.shipped import keys

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text()
#: As long as the models are whole: Aerich takes their indexes apart.
DATA_MODEL = data_model.page()


def _commands(group: click.Group, prefix: str = "userreg") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


@pytest.mark.parametrize(("name", "command"), list(_commands(main)), ids=lambda x: str(x))
def test_every_command_is_in_the_readme_and_helps(name: str, command: click.Command) -> None:
    assert f"`{name}" in README
    assert command.help
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_documented_and_in_the_example(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs/settings.md").read_text()
    assert re.search(rf"^{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_example_names_no_setting_that_does_not_exist() -> None:
    named = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert {name.lower() for name in named} == set(Settings.model_fields)


def _anchors(page: Path) -> set[str]:
    """Of the headings, as sites that show Markdown make them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"(?:\]\(|src=\")([^)\"]+)[)\"]", page.read_text()):
        if not target.startswith("http"):
            path, _, anchor = target.partition("#")
            found = page.parent / path if path else page
            assert found.exists(), target
            assert not anchor or anchor in _anchors(found), target


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "docs/promises.md"], ids=lambda p: p.name
)
def test_every_promise_names_a_test_that_exists(page: Path) -> None:
    promises = re.findall(r"\[`(test_\w+)`\]\(((?:\.\./)?tests/\w+\.py)\)", page.read_text())
    assert len(promises) > 10
    for name, path in promises:
        assert f"def {name}(" in (page.parent / path).read_text(), name


def _named(pattern: str) -> list[tuple[str, str]]:
    """What the pages name in code, each with its page."""
    code = r"```.*?```|`[^`\n]+`"
    return [
        (page.name, found)
        for page in PAGES if page.name != "CHANGELOG.md"  # it names what was, too
        for part in re.findall(code, page.read_text(), re.DOTALL)
        for found in re.findall(pattern, part, re.MULTILINE)
    ]  # fmt: skip


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = _named(r"(?:^|`)make ([a-z][\w./-]+)")
    assert len(named) > 10
    assert [each for each in named if each[1] not in targets] == []


def test_every_command_and_option_that_is_named_exists() -> None:
    known = {name.removeprefix("userreg "): command for name, command in _commands(main)}
    named = _named(r"(?:^|[`/(\s\"])userreg ((?:[a-z-]+ ?)+(?:.*))")
    assert len(named) > 50
    for page, line in named:
        words = re.split(r"[`#|>)&;\"]", line)[0].removeprefix("userreg ").split()  # an image, too
        path = next((n for n in (2, 1) if " ".join(words[:n]) in known), 0)
        group = words[0] in {name.split()[0] for name in known}
        assert path or group or words[0].startswith("-"), (page, line)
        if path:
            options = {o for p in known[" ".join(words[:path])].params for o in p.opts}
            asked = {word.split("=")[0] for word in words[path:] if word.startswith("--")}
            assert asked <= options | {"--help"}, (page, line)


def test_every_bot_command_is_in_the_readme_and_in_help() -> None:
    handled = {
        command
        for handler in create_router().message.handlers
        for filter_ in handler.filters or []
        for command in getattr(filter_.callback, "commands", ())
    }
    assert handled == {*IN_PRIVATE, "language", "admin"}
    for command in handled:
        assert f"`/{command}" in README
    for place, commands in (("private", IN_PRIVATE), ("group", IN_GROUPS)):
        text = say(f"help.{place}")
        assert all(f"/{command}" in text for command in commands if command != "start")


def test_the_data_model_is_that_of_the_models() -> None:
    assert data_model.PAGE.read_text() == DATA_MODEL, "make data-model"


def test_the_picture_of_the_architecture_is_drawn_from_its_text() -> None:
    drawn = html.unescape((ROOT / "docs/architecture.svg").read_text())
    labels = re.findall(r'label="([^"]+)"', (ROOT / "docs/architecture.dot").read_text())
    assert len(labels) > 15
    for line in (line for label in labels for line in label.split(r"\n")):
        assert line in drawn, "make docs/architecture.svg"


def test_every_text_is_used() -> None:
    code = "".join(path.read_text() for path in (ROOT / "userreg").rglob("*.py"))
    pages = "".join(path.read_text() for path in (ROOT / "userreg/web").rglob("*.html"))
    for key in keys():
        made = f'f"{key.partition(".")[0]}.{{'
        shown = f"'{key}'" in pages or f"'{key.partition('.')[0]}.' ~" in pages
        assert f'"{key}"' in code or made in code or shown, key
