"""What administrators are told, as Telegram would show it."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.population import MIDNIGHT, NOBODY, ONE_DAY, TODAY, at, settle
from tests.population import database_fixture as database_fixture
from tests.updates import HOSTILE
from userreg.bot import pictures, reports
from userreg.bot.pictures import PICTURES, picture
from userreg.bot.reports import SECTIONS, report
from userreg.charts import Chart
from userreg.database_url import Database
from userreg.models import Chat, Membership, User
from userreg.sandbox.world.entities import find_entities, parse_html, utf16_length

CHAT = -1
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Chart]:
    """The charts that were to be drawn; none is."""
    charts: list[Chart] = []

    async def draw(chart: Chart) -> bytes:
        charts.append(chart)
        return PNG

    monkeypatch.setattr(pictures, "draw_png", draw)
    return charts


def read(markup: str, most: int = 4096) -> str:
    """As a person reads it; all that is marked is bold."""
    text, entities = parse_html(markup)
    assert utf16_length(markup) <= most
    assert {entity["type"] for entity in entities} <= {"bold", "italic"}
    found = {entity["type"] for entity in find_entities(text)}
    assert not found & {"mention", "bot_command", "hashtag", "cashtag"}
    return "".join(c for c in text if c not in "\u2068\u2069\u2060")


def shown(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


async def test_an_empty_registry_has_a_report(database: Database) -> None:
    text = read(await report(None))
    assert "New people\ntoday 0, last 7 days 0, last 30 days 0" in text
    assert f"{shown(TODAY)}: people 0, messages 0" in text
    assert "by messages in the last 7 days\nNothing yet." in text
    assert "known members 0, of them confirmed 0" in text
    assert "People: 0 of 0" in text

    of_chat = read(await report(CHAT))
    assert of_chat.startswith("no title in detail")
    assert "Known members: 0" in of_chat


async def test_one_day_of_data(database: Database) -> None:
    await settle(database, ONE_DAY)
    text = read(await report(None))
    assert "New people\ntoday 1, last 7 days 1, last 30 days 1" in text
    assert (
        f"Active by day\n{shown(TODAY)}: people 1, messages 3\n{shown(TODAY - timedelta(days=1))}"
        in text
    )
    assert "Joined: today 1, last 7 days 1" in text
    assert "Left: today 0" in text
    assert "• C-1: 3" in text
    assert "• C-1: known members 1 of 10, of them confirmed 1" in text
    assert "• en: 1" in text

    of_chat = read(await report(CHAT))
    assert of_chat.startswith("C-1 in detail")
    assert "Most active, by messages in the last 7 days\n• P1: 3" in of_chat
    assert "known members 1 of 10, of them confirmed 1" in of_chat


async def test_a_report_of_one_chat_tells_nothing_of_others(database: Database) -> None:
    other = {
        "users": {2: (1, "uk", False)}, "members": {(2, -2): (1, 24 * 60, None, 1)},
        "steps": {(2, -2, 1): (False, True, 1)}, "activity": {(2, -2, TODAY): 7},
    }  # fmt: skip
    await settle(database, {key: ONE_DAY[key] | other[key] for key in NOBODY})
    text = "\n".join([read(await report(CHAT)), *[read(await s(CHAT)) for s in SECTIONS.values()]])
    assert "C-1" in text
    for told in ("C-2", "P2", "uk", "messages 7", "today 2"):
        assert told not in text


async def test_each_section_of_hostile_names_fits_and_shows_them_as_plain_text(
    database: Database,
) -> None:
    crowd: dict[str, dict[Any, Any]] = {
        "users": {n: (1, f"<b>{n:032}", False) for n in range(1, 41)},
        "members": {(n, CHAT): (24 * 90, 24 * 80, None, 1) for n in range(1, 41)},
        "steps": {},
        "activity": {(n, CHAT, TODAY): 10**12 for n in range(1, 41)}
        | {(n, -2, TODAY): 10**12 for n in range(1, 41)},
    }
    await settle(database, crowd)
    await User.all().update(first_name=HOSTILE, last_name="&" * 200)
    await Chat.all().update(title="&" * 256, member_count=10**12)

    for chat_id in (None, CHAT):
        parts = [read(await section(chat_id)) for section in SECTIONS.values()]
        whole = read(await report(chat_id))
        assert all(part.partition("\n")[0] in whole for part in parts)
    assert "• <b>Eve</b> & </code>" in read(await reports.chats(CHAT))
    assert "• <b>Eve</b> & </code>" in read(await reports.inactive(CHAT))
    assert "<b>000" in read(await reports.languages(None))
    assert "&&&&" in read(await reports.chats(None))


async def test_silent_members_are_named_the_longest_silent_first(database: Database) -> None:
    seen = {1: 24 * 40, 2: None, 3: 24 * 90, 4: 1}
    members = {(n, CHAT): (24 * 99, last, None, 1) for n, last in seen.items()}
    await settle(database, NOBODY | {"members": members})
    text = read(await reports.inactive(CHAT))
    assert text.splitlines()[1] == "Known members: 3"
    assert [line.split(":")[0] for line in text.splitlines()[2:]] == ["• P2", "• P3", "• P1"]
    assert "P2: never seen here" in text
    assert f"P3: last seen {shown(at(24 * 90))}, 00:00 UTC" in text


async def test_it_says_how_many_silent_members_are_not_named(database: Database) -> None:
    members = {(n, CHAT): (24 * 99, None, None, 1) for n in range(1, 31)}
    await settle(database, NOBODY | {"members": members})
    assert read(await reports.inactive(CHAT)).endswith("… and 20 more")


async def test_rare_languages_are_summed_up(database: Database) -> None:
    users = {n: (1, f"x{n // 2:02}", False) for n in range(2, 30)}
    await settle(database, NOBODY | {"users": users})
    lines = read(await reports.languages(None)).splitlines()
    assert len(lines) == 1 + 10 + 1
    assert lines[1] == "• x01: 2"
    assert lines[-1] == "• others: 8"


async def test_people_not_seen_for_a_month_are_counted(database: Database) -> None:
    await User.bulk_create(
        User(id=n, first_name="P", first_seen_at=at(24 * 99), last_seen_at=seen)
        for n, seen in enumerate((None, MIDNIGHT, MIDNIGHT - timedelta(days=31)), 1)
    )
    assert read(await reports.inactive(None)).endswith("\nPeople: 2 of 3")


# Pictures


@pytest.mark.parametrize("kind", PICTURES)
async def test_a_caption_says_what_the_picture_shows(
    database: Database, drawn: list[Chart], kind: str
) -> None:
    story = ONE_DAY | {"activity": {(1, CHAT, TODAY - timedelta(days=1)): 3}}
    await settle(database, story)
    await Chat.filter(id=CHAT).update(title=HOSTILE)
    for chat_id in (None, CHAT):
        png, caption = await picture(kind, chat_id)
        text, chart = read(caption, 1024), drawn[-1]
        assert png == PNG
        assert text.startswith(chart.title)
        assert ("All chats" if chat_id is None else "<b>Eve</b>") in text
        assert HOSTILE[:8] not in chart.title, "names of strangers are in no picture"
        for series in chart.series:
            total, most = sum(series.values), max(series.values)
            told = f"{total} altogether" if kind != "activity" else "0 a day on average"
            told = f"{told}, at most {most} (" if most else "none"
            assert f"{series.name}: {told}" in text
        assert "<b>Eve</b>" in chart.description or chat_id is None
        assert all(len(series.values) == len(chart.labels) for series in chart.series)


@pytest.mark.parametrize("kind", PICTURES)
async def test_a_picture_of_nothing_is_drawn(database: Database, kind: str) -> None:
    png, caption = await picture(kind, None, is_dark=True)
    assert png.startswith(PNG)
    assert ": none" in read(caption, 1024)


async def test_another_kind_of_picture_is_none(database: Database) -> None:
    with pytest.raises(KeyError):
        await picture("pie", None)


async def test_of_somebody_who_left_and_is_a_bot_nothing_is_told(database: Database) -> None:
    await settle(database, ONE_DAY)
    await User.all().update(is_bot=True)
    await Membership.all().update(is_member=False, last_seen_at=at(24 * 99))
    assert "Known members: 0" in read(await reports.inactive(CHAT))
    assert "Nothing yet." in read(await reports.languages(CHAT))
