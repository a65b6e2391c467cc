"""aiogram's dispatcher with our routers. It sees only what somebody may answer."""

from aiogram import Dispatcher

from userreg.bot.asking import Parts
from userreg.bot.handlers import chats, commands, presses
from userreg.bot.throttle import Throttle


def create_dispatcher(parts: Parts) -> Dispatcher:
    """Handlers receive `parts` by its parameter name."""
    dispatcher = Dispatcher(parts=parts, disable_fsm=True)
    throttle = Throttle(parts.settings.commands_per_minute)
    for observer in (dispatcher.message, dispatcher.channel_post, dispatcher.callback_query):
        observer.middleware(throttle)  # what nobody answers counts for nothing
    dispatcher.include_routers(
        commands.create_router(), presses.create_router(), chats.create_router()
    )
    return dispatcher
