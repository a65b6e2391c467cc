"""Dead letters: what could not be recorded, why, and another try."""

from aiohttp import web

from userreg import audit, browse
from userreg.db import write_transaction
from userreg.web.lists import place_of
from userreg.web.pages import USER_ID, go_to, pages_of, render


async def show(request: web.Request) -> web.Response:
    return render(request, "letters", listed=await browse.list_letters(place_of(request)))


async def act(request: web.Request) -> web.StreamResponse:
    pages, deed = pages_of(request), request.match_info["deed"]
    letter = await browse.find_letter(int(request.match_info["id"]))
    if letter is not None:
        async with write_transaction(pages.database) as db:
            await audit.note(db, f"letters.{deed}", actor_id=request[USER_ID])
        if deed == "drop":
            await pages.registry.drop_dead_letters([letter.id])
        else:
            await pages.registry.replay_dead_letter(letter)
    return go_to("/letters")
