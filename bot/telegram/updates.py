"""Telegram's update -> Event. Commands and mentions are read from the text itself: entities could be forged."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, InlineQuery, Message, Update, User

from bot.telegram.events import Attachment, Chat, Event, Person

LONGEST = 16_000
"""Characters of a text or caption that are looked at; Telegram itself sends 4096."""
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{3,32}))?(?:\s+|$)")
_MEDIA = (
    "photo",
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "sticker",
    "contact",
    "location",
    "venue",
    "poll",
)
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: half of a character, and the end of a string in C."""
NOBODY = Person(0, "", is_bot=True)


def event(update: Update, at: datetime, bot: int, name: str) -> Event | None:
    """The event of an update; None for what concerns nobody (somebody joined, a command for another bot)."""
    if (query := update.callback_query) is not None:
        return _press(update.update_id, query, at)
    if (inline := update.inline_query) is not None:
        return _inline(update.update_id, inline, at)
    if (post := update.channel_post or update.edited_channel_post) is not None:
        return Event(update.update_id, "text", NOBODY, Chat(post.chat.id, "channel"), at, addressed=False)
    edited = update.edited_message is not None
    message = update.edited_message or update.message
    if message is None or message.via_bot is not None:
        return None
    return _message(update.update_id, message, at, (bot, name), edited=edited)


def chat_of(update: Update) -> int:
    """The chat whose order an update belongs to; an inline query belongs to its person."""
    if update.effective_chat is not None:
        return update.effective_chat.id
    return update.effective_user.id if update.effective_user is not None else 0


def _person(user: User | None) -> Person:
    if user is None:
        return NOBODY
    return Person(user.id, _kept(user.full_name)[:120], user.username or "", user.language_code or "", user.is_bot)


def _kept(said: str) -> str:
    return _UNKEPT.sub("\ufffd", said)


def _press(number: int, query: CallbackQuery, at: datetime) -> Event:
    message = query.message
    chat = Chat(message.chat.id, _kind(message.chat.type)) if message is not None else Chat(0, "group")
    return Event(
        number, "button", _person(query.from_user), chat, at, pressed=_kept(query.data or ""), query=query.id,
        message=message.message_id if message is not None else None,
        thread=message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None,
    )  # fmt: skip


def _inline(number: int, query: InlineQuery, at: datetime) -> Event:
    person = _person(query.from_user)
    return Event(
        number, "inline", person, Chat(person.id, "private"), at, text=_kept(query.query)[:200], query=query.id
    )


def _message(number: int, message: Message, at: datetime, own: tuple[int, str], *, edited: bool) -> Event | None:
    bot, name = own
    text = _kept((message.text or message.caption or "")[:LONGEST])
    attachment = _attachment(message)
    if not text and attachment is None:
        return None  # somebody joined, a title changed
    chat = Chat(message.chat.id, _kind(message.chat.type), _kept(message.chat.title or ""))
    command, rest, to = _command(text)
    if to and to.lower() != name.lower():
        return None
    replied = message.reply_to_message
    about_us = replied is not None and replied.from_user is not None and replied.from_user.id == bot
    mention = re.compile(rf"@{re.escape(name)}\b", re.IGNORECASE) if name else None
    mentioned = bool(mention and mention.search(text))
    common: dict[str, Any] = {
        "message": message.message_id,
        "reply_to": replied.message_id if replied is not None else None,
        "thread": message.message_thread_id if message.is_topic_message else None,
        "attachment": attachment,
    }
    person = _person(message.from_user)
    if message.sender_chat is not None:  # a group's hidden admin, a channel: whoever is named as the writer is nobody
        person = replace(person, is_bot=True)
    if edited:
        return Event(number, "edited", person, chat, at, text=text, **common)
    # A forwarded command was written by somebody else: it is a text like any other.
    if command and message.forward_origin is None:
        return Event(number, "command", person, chat, at, text=rest, command=command.lower(), **common)
    kind = "text" if attachment is None else "file" if attachment.kind == "document" else "other"
    said = mention.sub(" ", text).strip() if mention and not chat.private else text
    return Event(
        number, kind, person, chat, at, text=said, addressed=chat.private or mentioned or about_us, **common
    )  # fmt: skip


def _command(text: str) -> tuple[str, str, str]:
    found = _COMMAND.match(text)
    return (found[1], text[found.end() :], found[2] or "") if found else ("", text, "")


def _kind(kind: str) -> str:
    return {"private": "private", "channel": "channel"}.get(str(kind), "group")


def _attachment(message: Message) -> Attachment | None:
    if (sheet := message.document) is not None and message.animation is None:
        name = _kept(sheet.file_name or "")
        return Attachment("document", sheet.file_id, name, sheet.file_size or 0, sheet.mime_type or "")
    kind = next((k for k in _MEDIA if getattr(message, k, None)), None)
    return Attachment(kind) if kind else None
