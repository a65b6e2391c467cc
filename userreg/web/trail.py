"""The audit: who used more rights than everybody has, and when."""

from aiohttp import web

from userreg import browse
from userreg.web.lists import place_of
from userreg.web.pages import render


async def show(request: web.Request) -> web.Response:
    return render(request, "audit", listed=await browse.list_audit(place_of(request)))
