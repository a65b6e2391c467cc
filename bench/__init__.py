"""How fast userreg records, as ratios to an aiohttp handler that does nothing: `make bench`.

Every variant's server runs at once and the rounds alternate, so that a noisy machine is equally
noisy to all.

`rows.py` are the variants and how they are started, `servers.py` and `peers.py` those that are not
userreg; `rounds.py` loads them with the local Telegram's crowd, `measure.py` reads what that costs,
`table.py` tells it. `quarter.py` and `commands.py` look at latencies below full load. `memory.py`
and `replicas.py` are measures of their own. `page.py` writes `docs/performance.md`.
"""
