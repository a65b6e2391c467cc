"""Memberships: who is or was where, as the registry knows it."""

from aiohttp import web

from userreg import audit
from userreg.db import write_transaction
from userreg.web import lists
from userreg.web.pages import USER_ID, pages_of


async def show_list(request: web.Request) -> web.Response:
    user_id = lists.view_of(request, "memberships").filter.find("user_id")
    if user_id is not None:  # a look at a person
        async with write_transaction(pages_of(request).database) as db:
            await audit.note(db, "pages.look", actor_id=request[USER_ID], subject_id=user_id)
    return await lists.show_list(request, "memberships")
