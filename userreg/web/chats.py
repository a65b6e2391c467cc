"""Chats: the list, a search, and one of them with its members."""

from typing import Final

from aiohttp import web

from userreg import browse, insights, one_chat, queries, totals
from userreg.web import lists
from userreg.web.lists import place_of, words_of
from userreg.web.overview import KINDS
from userreg.web.pages import USER_ID, go_to, render
from userreg.web.reconciling import RECONCILING

#: The most active people that are named.
_MOST: Final = 10
#: About so many members Telegram is asked in a minute.
_A_MINUTE: Final = 1_200


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
    # The run first: its end is written, then it is over.
    run = request.config_dict[RECONCILING].find(chat_id)
    coverage = await totals.find_coverage(chat_id)
    reconciled = await one_chat.find_reconciled(chat_id)
    return render(
        request,
        "chat",
        chat=chat,
        members=await totals.count_people_in_chat(chat_id),
        coverage=coverage,
        statuses=await one_chat.count_by_status(chat_id),
        links=await one_chat.count_by_link(chat_id),
        newcomers=await one_chat.list_newcomers(chat_id),
        run=run,
        reconciled=reconciled,
        found=_found(reconciled),
        minutes=coverage.known // _A_MINUTE + 1,
        asks=request.query.get("reconcile") == "ask",
        administrators=await browse.list_administrators_of(chat_id),
        active=await insights.list_most_active(chat_id, _MOST),
        listed=await browse.list_members(chat_id, place_of(request)),
        kinds=KINDS,
    )


def _found(reconciled: one_chat.Reconciled | None) -> dict[str, int]:
    """The numbers of a run that came to its end, as the audit has them: `present=5 gone=2 …`."""
    if reconciled is None or reconciled.action != "reconcile.done":
        return {}
    pairs = (pair.partition("=") for pair in (reconciled.detail or "").split())
    return {name: int(value) for name, _, value in pairs}


async def reconcile(request: web.Request) -> web.StreamResponse:
    """Ask Telegram about those members whom it has not confirmed lately; the chat's page tells how
    far it is."""
    chat_id = int(request.match_info["id"])
    if await queries.find_chat(chat_id) is None:
        return render(request, "nothing", 404)
    await request.config_dict[RECONCILING].begin(chat_id, request[USER_ID])
    return go_to(f"/chats/{chat_id}#reconcile")
