"""People: the list, a search, and everything about one of them."""

from typing import Final

from aiohttp import web

from userreg import audit, browse, preferences, queries
from userreg.db import write_transaction
from userreg.web import lists
from userreg.web.lists import words_of
from userreg.web.pages import USER_ID, go_to, pages_of, render

_CHATS: Final = 100


async def show_list(request: web.Request) -> web.Response:
    if not (words := words_of(request)):
        return await lists.show_list(request, "users")
    found = browse.Listed(await browse.find_users(words))
    await _note(request, None, "search")
    return await lists.show_list(request, "users", found)


async def show(request: web.Request) -> web.Response:
    user_id = int(request.match_info["id"])
    user = await queries.find_user(user_id)
    if user is None:
        return render(request, "nothing", 404)
    await _note(request, user_id, None)
    return render(
        request,
        "person",
        user=user,
        names=await browse.list_names(user_id),
        memberships=await queries.list_memberships(user_id, _CHATS),
        count=await queries.count_memberships(user_id),
        steps=await browse.list_steps(user_id),
        is_hidden=await preferences.is_hidden(user_id),
        asks=request.query.get("forget") == "ask",
    )


async def forget(request: web.Request) -> web.StreamResponse:
    """For good, as if they had asked for it."""
    user_id = int(request.match_info["id"])
    pages = pages_of(request)
    async with write_transaction(pages.database) as db:
        await audit.note(db, "forget", actor_id=request[USER_ID], subject_id=user_id)
    await pages.registry.forget(user_id)
    return go_to("/users")


async def _note(request: web.Request, user_id: int | None, detail: str | None) -> None:
    async with write_transaction(pages_of(request).database) as db:
        await audit.note(
            db, "pages.look", actor_id=request[USER_ID], subject_id=user_id, detail=detail
        )
