"""How fast userreg records, as ratios to an aiohttp handler that does nothing: `make bench`; and
how it does with a million people: `make bench-growth`.

Every variant's server runs at once and the rounds alternate, so that a noisy machine is equally
noisy to all.

`rows.py` are the variants, `servers.py` and `peers.py` those that are not userreg; `running.py`
starts and loads them, `measure.py` reads what they cost, `rounds.py` and `table.py` compare them.
`quarter.py` and `commands.py` look at latencies below full load. `memory.py`, `replicas.py` and
`startup.py` are measures of their own; `fill.py` and `growth*.py` are the large registry.
`page.py` writes `docs/performance.md`.
"""
