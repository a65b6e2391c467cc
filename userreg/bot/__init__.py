"""Talking on Telegram. Everything here runs after the commit; nothing here writes by itself."""
