"""Chats: the list, a search, and one of them with its members."""

from aiohttp import web

from userreg import browse, insights, queries, totals
from userreg.web import lists
from userreg.web.lists import place_of, words_of
from userreg.web.overview import KINDS
from userreg.web.pages import render

#: The most active people that are named.
_MOST = 10


async def show_list(request: web.Request) -> web.Response:
    if words := words_of(request):
        found = browse.Listed(await browse.find_chats(words))
        return await lists.show_list(request, "chats", found)
    return await lists.show_list(request, "chats")


async def show(request: web.Request) -> web.Response:
    chat_id = int(request.match_info["id"])
    chat = await queries.find_chat(chat_id)
    if chat is None or chat_id > 0:  # a private one is its person's
        return render(request, "nothing", 404)
    return render(
        request,
        "chat",
        chat=chat,
        members=await totals.count_people_in_chat(chat_id),
        coverage=await totals.find_coverage(chat_id),
        administrators=await browse.list_administrators_of(chat_id),
        active=await insights.list_most_active(chat_id, _MOST),
        listed=await browse.list_members(chat_id, place_of(request)),
        kinds=KINDS,
    )
