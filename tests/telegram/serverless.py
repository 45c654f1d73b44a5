"""The bot inside the test's own loop, over `tg-auto-test`: no network, no threads of a server, one person in a private chat.

What that module does not know of (sendMessageDraft, editMessageReplyMarkup, setMyName, setMyDescription, answerInlineQuery,
...) raises AssertionError inside its request object; python-telegram-bot turns that into NetworkError ("Unknown error in
HTTP implementation"). Its messages are dated 1970, a button press carries no text of its message, updates are numbered from
1, and the numbers of a person's messages and of the bot's are counted apart, so they overlap.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from telegram.ext import Application, ApplicationBuilder
from tg_auto_test.test_utils.models import FileData, ServerlessMessage, TelegramApiCall  # type: ignore[import-untyped]
from tg_auto_test.test_utils.poll_vote_handler import create_callback_query_payload  # type: ignore[import-untyped]
from tg_auto_test.test_utils.response_processor import (  # type: ignore[import-untyped]
    _MESSAGE_METHODS,
    process_api_call,
)
from tg_auto_test.test_utils.serverless_telegram_client import ServerlessTelegramClient  # type: ignore[import-untyped]

AnyApplication = Application[Any, Any, Any, Any, Any, Any]
AnyBuilder = ApplicationBuilder[Any, Any, Any, Any, Any, Any]
Build = Callable[[AnyBuilder], AnyApplication]


def client(build: Build, user_id: int = 9001, name: str = "Anna") -> Any:
    """The module's own client, for tests in its manner (`conversation`, `get_response`). It waits for the tasks that an
    update starts; a bot that answers from a task of longer life is tested with `Serverless`."""
    return ServerlessTelegramClient(build, user_id, name, bot_username="navicert_bot", bot_first_name="Navicert")


class Serverless:
    """A person's chat with the bot, while the context lasts. `build` makes the application from a builder that has the token
    and the request object; it is initialised and its `post_init` called, as when it polls, but it is not started.

        async with Serverless(build) as chat:
            await chat.say("/start")
            hello = await chat.wait_for(lambda m: m.buttons)
            await chat.press(hello, "I agree")
    """

    def __init__(self, build: Build, user_id: int = 9001, name: str = "Anna") -> None:
        self.client = client(build, user_id, name)
        self.shown: dict[int, Any] = {}
        self._changed = asyncio.Event()
        self.client._request.on_api_call = self._heard

    async def __aenter__(self) -> "Serverless":
        await self.client.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.client.disconnect()

    @property
    def application(self) -> AnyApplication:
        """What `build` made."""
        made: AnyApplication = self.client._application
        return made

    @property
    def calls(self) -> list[tuple[str, dict[str, str]]]:
        """Every call of the bot: the method and its parameters."""
        return [(call.api_method, call.parameters) for call in self.client._request.calls]

    def _heard(self, call: TelegramApiCall) -> None:
        if call.api_method == "deleteMessage":
            self.shown.pop(int(call.parameters["message_id"]), None)
        elif call.api_method in _MESSAGE_METHODS:
            held = self.client
            message = process_api_call(call, held._request.file_store, {}, held._handle_click, held._poll_tracker)
            self.shown[message.id] = message
        self._changed.set()

    async def say(self, text: str) -> int:
        """Write something; the message's number. Commands get their entity."""
        payload, message = self.client._helpers.base_message_update(self.client._chat_id)
        message["text"] = text
        if text.startswith("/"):
            command = text.split(maxsplit=1)[0]
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
        await self._told(payload)
        return int(message["message_id"])

    async def send_file(self, name: str, data: bytes, caption: str = "") -> int:
        """Send a document; the message's number."""
        payload, message = self.client._helpers.base_message_update(self.client._chat_id)
        file_id = self.client._helpers.make_file_id()
        self.client._request.file_store[file_id] = FileData(data, name, "application/octet-stream")
        about = {"file_id": file_id, "file_unique_id": f"unique_{file_id}", "file_name": name, "file_size": len(data)}
        message.update({"document": about, **({"caption": caption} if caption else {})})
        await self._told(payload)
        return int(message["message_id"])

    async def press(self, message: ServerlessMessage, label: str) -> str:
        """Press the button of that label; what the bot answered the press with, "" for nothing."""
        buttons = [button for row in self.shown[message.id].buttons or [] for button in row]
        data = [button.data.decode() for button in buttons if button.text == label]
        assert data, f"no button {label!r}; there are {[button.text for button in buttons]}"
        return await self.forge_press(message.id, data[0])

    async def forge_press(self, message: int, data: str) -> str:
        """A press with data of the person's own making."""
        held, before = self.client, len(self.client._request.calls)
        bot = held._request._bot_user()
        await self._told(create_callback_query_payload(message, data, held._chat_id, bot, held._helpers))
        answers = [c for c in held._request.calls[before:] if c.api_method == "answerCallbackQuery"]
        return str(answers[-1].parameters.get("text", "")) if answers else ""

    async def _told(self, payload: dict[str, Any]) -> None:
        await self.client._update_processor.process_update(self.client, payload)

    async def wait_for(
        self, predicate: Callable[[Any], bool] = lambda _: True, timeout: float = 5.0, after: int = 0
    ) -> Any:
        """The first message of the bot with a number above `after` that fits, once it is there. Raises AssertionError
        that tells what is there instead when `timeout` seconds have passed."""
        end = time.monotonic() + timeout
        while True:
            self._changed.clear()
            for number in sorted(self.shown):
                if number > after and predicate(self.shown[number]):
                    return self.shown[number]
            left = end - time.monotonic()
            if left <= 0:
                seen = "\n".join(f"  {number} {m.text!r}" for number, m in sorted(self.shown.items()))
                raise AssertionError(f"no such message of the bot within {timeout} s; there is\n{seen}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)
