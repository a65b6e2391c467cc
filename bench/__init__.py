"""How fast userreg records, as ratios to an aiohttp handler that does nothing: `make bench`.

Every variant's server runs at once and the rounds alternate, so that a noisy machine is equally
noisy to all. `servers.py` are the variants, `measure.py` reads what they cost, `__main__.py` loads
them with the local Telegram's crowd and writes `docs/performance.md`.
"""
