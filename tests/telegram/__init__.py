"""The bot in its chat, end to end: servers that speak Telegram's Bot API, and tests against them."""
