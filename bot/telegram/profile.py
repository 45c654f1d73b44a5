"""What Telegram shows of the bot: its description, and the menu of commands for each role and language."""

import logging
from dataclasses import dataclass, field
from typing import Any

from telegram import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.locales import say
from bot.roles import Role
from bot.services import Services
from bot.telegram.menus import in_groups, offered

LOG = logging.getLogger("navicert.menus")
LANGUAGES = ("en", "zh")


@dataclass
class Menus:
    """Sets the menus on Telegram: once at the start, and again for a person whose role or language has changed."""

    services: Services
    open_to_all: bool = False
    _set: dict[int, tuple[str, str]] = field(default_factory=dict)
    _general: bool = False

    async def refresh(self, bot: Any) -> None:
        """Bring the menus up to date. A menu is a courtesy: what fails is logged, and set at the next start."""
        try:
            if not self._general:
                await self._set_general(bot)
                self._general = True
            await self._set_people(bot)
        except Exception as error:
            LOG.info("menus could not be set", extra={"error": type(error).__name__})

    async def _set_general(self, bot: Any) -> None:
        for lang in LANGUAGES:
            code = lang if lang != "en" else None  # English is what everybody else sees
            await bot.set_my_commands(
                offered(Role.EXPORTER, lang), BotCommandScopeAllPrivateChats(), language_code=code
            )
            await bot.set_my_commands(in_groups(lang), BotCommandScopeAllGroupChats(), language_code=code)
            await bot.set_my_description(say(lang, "welcome.description"), language_code=code)
            await bot.set_my_short_description(say(lang, "welcome.short_description"), language_code=code)

    async def _set_people(self, bot: Any) -> None:
        now = self.services.now()
        for known in self.services.people.all():
            role = Role(known.role) if known.holds(now) else Role.STRANGER
            lang = known.language or "en"
            if role is Role.EXPORTER or self._set.get(known.id) == (role, lang):
                continue
            if role is Role.STRANGER:
                if known.id in self._set:
                    await bot.delete_my_commands(BotCommandScopeChat(known.id))
                    del self._set[known.id]
                continue
            await bot.set_my_commands(offered(role, lang), BotCommandScopeChat(known.id))
            self._set[known.id] = (role, lang)
