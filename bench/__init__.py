"""How fast userreg records, as ratios to an aiohttp handler that does nothing: `make bench`; and
how it does with a million people: `make bench-growth`.

Every variant's server runs at once and the rounds alternate, so that a noisy machine is equally
noisy to all. `servers.py` are the variants, `running.py` starts and loads them, `measure.py` reads
what they cost, `__main__.py` compares them; `fill.py` and `growth*.py` are the large registry.
`page.py` writes `docs/performance.md`.
"""
