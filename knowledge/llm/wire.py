"""The connection to a server that speaks OpenAI's protocol: so many bytes, no redirects, nothing compressed, and closable."""

import ssl
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from knowledge.llm.seam import ModelError
from knowledge.llm.threads import Job

MOST = 2_000_000
"""Bytes of one answer on the wire. A streamed word comes in some 300 bytes of wrapping."""


@lru_cache(maxsize=1)
def _usual_tls() -> ssl.SSLContext:
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def client(job: Job[Any], seconds: float) -> Any:
    """An HTTP client for one call; `seconds` bounds every single wait. It is closed when the job is given up."""
    import openai

    class Bounded(openai.DefaultHttpxClient):
        """Reads no more than MOST bytes of an answer, and none once the job was given up."""

        def send(self, request: Any, *, stream: bool = False, **named: Any) -> Any:
            request.headers["accept-encoding"] = "identity"
            response = super().send(request, stream=True, **named)
            if response.headers.get("content-encoding", "identity") != "identity":
                response.close()
                raise ModelError("garbled", "the server compressed its answer")
            response.stream = _capped(response.stream, job)
            if not stream:
                response.read()
            return response

    made = Bounded(verify=_usual_tls(), timeout=seconds, follow_redirects=False, trust_env=False)
    job.closers.append(made.close)
    return made


def _capped(stream: Any, job: Job[Any]) -> Any:
    """The stream with an end. The class that a stream has to be of is not to be had by an official name."""
    kind = next(c for c in type(stream).__mro__ if c.__name__ == "SyncByteStream")

    class Capped(kind):  # type: ignore[misc, valid-type]
        def __iter__(self) -> Iterator[bytes]:
            read = 0
            for chunk in stream:
                read += len(chunk)
                if job.stopped.is_set():
                    raise ModelError("late")
                if read > MOST:
                    raise ModelError("long", f"more than {MOST} bytes")
                yield chunk

        def close(self) -> None:
            stream.close()

    return Capped()
