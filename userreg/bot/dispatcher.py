"""aiogram's dispatcher with our routers. It sees only what somebody may answer."""

from aiogram import Dispatcher

from userreg.bot.handlers import chats, commands
from userreg.registry import Registry


def create_dispatcher(registry: Registry) -> Dispatcher:
    """Handlers receive `registry` by its parameter name."""
    dispatcher = Dispatcher(registry=registry, disable_fsm=True)
    dispatcher.include_routers(commands.create_router(), chats.create_router())
    return dispatcher
