"""A local Telegram: for demonstrations, tests and load. It knows nothing of the registry.

Reading order: `world/` lives, and makes updates of what happens; `telegram.py` puts one bot into
it; `outbox.py` and `delivery.py` bring the updates to the bot; `server.py`, `api.py` and `methods/`
answer what the bot asks; `pages.py` shows it all to people, `deeds.py` lets them act.
"""
