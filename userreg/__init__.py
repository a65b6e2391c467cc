"""userreg: a registry of Telegram users, chats and memberships that says no more than it knows.

Read in this order: `telegram` (the Bot API fields a registry reads), `facts` (what an update
proves), `registry` (the only writer) with `group_commit` and `upsert` below it, `models`,
`queries` (every read), `bot` and `cli` (who asks), `app` (where it is all put together).
"""

__version__ = "0.1.0"
