"""A model of Telegram as one bot sees it: people, chats, and the updates that they make.

`World` lives a story and keeps the ground truth (`history`). Each of its updates says by itself
what it proves (`proofs`), so that a registry can be judged without reading any JSON.

The package knows nothing of the code that it judges, and needs the standard library alone.
"""

from .actions import ACTIONS
from .chats import Chat, Message
from .choice import Choice, Impossible
from .people import BOT_ID, Json, Person, Profile
from .proofs import Update
from .world import World

__all__ = [
    "ACTIONS",
    "BOT_ID",
    "Chat",
    "Choice",
    "Impossible",
    "Json",
    "Message",
    "Person",
    "Profile",
    "Update",
    "World",
]
