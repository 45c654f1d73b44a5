"""A configured model, through LangChain's init_chat_model. The only module that imports LangChain, and only when asked."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from knowledge.llm.circuit import Circuit
from knowledge.llm.seam import Deadline, Message, ModelError, Seconds
from knowledge.llm.threads import Crew, Job
from knowledge.settings import ModelSettings

LOG = logging.getLogger("navicert.llm")
MOST_TEXT = 16_000
"""Bytes of text that are read of one answer."""
MOST_TOKENS = 600
"""Tokens that the model is asked not to exceed."""
TRIES = 2
_DEAD = ("late", "transport", "server", "long", "unavailable")
"""Kinds after which it is no use to ask again soon. A server that refuses or garbles one sort of request may do another."""
_ALIVE = 20
"""Pieces after which a server that is cut off by the deadline counts as slow rather than dead."""
_PACKAGE_MISSING = "its LangChain package is not installed, or does not know the provider"


class LangChainModel:
    """The model of the settings. Safe from any thread; each call has a connection of its own, which ends with it."""

    def __init__(self, own: ModelSettings, now: Seconds = time.monotonic) -> None:
        self._own, self._crew, self._circuit = own, Crew(), Circuit(now)

    @property
    def name(self) -> str:
        """As it was configured."""
        return self._own.name

    def warm(self) -> None:
        """Load the libraries in a thread: that takes seconds, and a first answer would wait for it. Contacts nobody."""
        try:
            self._crew.start(lambda job: _loaded(self._own, job, 1.0))
        except ModelError:
            return

    def stream(self, messages: Sequence[Message], deadline: Deadline) -> Iterator[str]:
        """The answer as it comes, at most MOST_TEXT bytes of it. Raises ModelError."""

        def work(job: Job[str]) -> None:
            model = _loaded(self._own, job, deadline.left)
            with _unwatched():
                for chunk in model.stream(_plain(messages)):
                    if text := _text(chunk):
                        job.give(text)

        read = 0
        for piece in self._tried(work, deadline):
            read += len(piece.encode(errors="replace"))
            if read > MOST_TEXT:
                raise ModelError("long", f"more than {MOST_TEXT} bytes of text")
            yield piece

    def structured(
        self, messages: Sequence[Message], schema: Mapping[str, Any], deadline: Deadline
    ) -> Mapping[str, Any]:
        """An object by LangChain's structured output. Raises ModelError."""

        def work(job: Job[Any]) -> None:
            model = _loaded(self._own, job, deadline.left)
            with _unwatched():
                job.give(model.with_structured_output(dict(schema)).invoke(_plain(messages)))

        found = list(self._tried(work, deadline))
        if not found or not isinstance(found[0], Mapping):
            raise ModelError("garbled", "no object")
        return found[0]

    def _tried(self, work: Callable[[Job[Any]], None], deadline: Deadline) -> Iterator[Any]:
        """What the work gives; begun once more where the connection fails before it gave anything."""
        if not self._circuit.closed():
            raise ModelError("resting")
        dead = False
        try:
            for attempt in range(1, TRIES + 1):
                given = 0
                try:
                    for piece in self._crew.start(work).pieces(deadline):
                        given += 1
                        yield piece
                except Exception as error:
                    told = _told(error)
                    if attempt < TRIES and not given and told.kind in ("transport", "server") and deadline.left > 0:
                        continue
                    dead = told.kind in _DEAD and not (told.kind == "late" and given >= _ALIVE)
                    raise told from None
                return
        finally:  # also where the reader has had enough: the server did answer
            if dead:
                self._circuit.failed()
            else:
                self._circuit.succeeded()


def _loaded(own: ModelSettings, job: Job[Any], seconds: float) -> Any:
    """The chat model of one call. Raises ModelError("unavailable") where there is no such provider here."""
    said: dict[str, Any] = {"timeout": seconds, "max_retries": 0, "max_tokens": MOST_TOKENS, "temperature": 0}
    try:
        from langchain.chat_models import init_chat_model

        if own.provider == "openai":
            from knowledge.llm import wire

            # Chat completions, not OpenAI's newer protocol, is what every compatible server speaks.
            said |= {"base_url": own.base_url, "api_key": own.key or "none", "use_responses_api": False}
            said["http_client"] = wire.client(job, seconds)
        return init_chat_model(own.model, model_provider=own.provider, **said)
    except (ImportError, ValueError) as error:
        LOG.warning("language model not available", extra={"model": own.name, "error": type(error).__name__})
        raise ModelError("unavailable", _PACKAGE_MISSING) from None


def _unwatched() -> Any:
    """Nothing is sent to LangSmith, whatever the environment says: questions are confidential."""
    from langsmith import tracing_context

    return tracing_context(enabled=False)


def _plain(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [(m.role, m.text) for m in messages]


def _text(chunk: Any) -> str:
    """The text of a chunk; a model that thinks aloud sends parts of other kinds too."""
    content = getattr(chunk, "content", "")
    if isinstance(content, str):
        return content
    return "".join(p.get("text", "") for p in content if isinstance(p, dict) and p.get("type") == "text")


def _told(error: Exception) -> ModelError:
    """Any error as one of our kinds; told by its shape, as each provider has classes of its own."""
    if isinstance(error, ModelError):
        return error
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, ModelError):
            return cause
    name, status = type(error).__name__, getattr(error, "status_code", None)
    if isinstance(status, int):
        return ModelError("server" if status >= 500 else "refused", f"status {status}")
    if "Timeout" in name:
        return ModelError("late", name)
    if isinstance(error, OSError) or any(word in name for word in ("Connect", "Protocol", "Network", "Read", "Remote")):
        return ModelError("transport", name)
    return ModelError("garbled", name)
