"""Names to addresses by the system's resolver, with a time limit that the system itself does not give."""

import queue
import socket
import threading
from collections.abc import Sequence

from ingest.fetch.errors import Unreachable

SECONDS = 15.0


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address of `host`, in the system's order. Raises Unreachable where there is none within SECONDS."""
    results: queue.Queue[list[str] | OSError] = queue.Queue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            results.put([str(row[4][0]) for row in rows])
        except OSError as error:
            results.put(error)
        except UnicodeError:
            results.put(OSError("not a host name"))

    threading.Thread(target=look_up, daemon=True, name="navicert-lookup").start()
    try:
        found = results.get(timeout=SECONDS)
    except queue.Empty:
        raise Unreachable(host, f"no answer from the name service in {SECONDS:g} s", "check the network") from None
    if isinstance(found, OSError):
        again = getattr(found, "errno", None) == socket.EAI_AGAIN
        raise Unreachable(host, f"the name was not found ({found})", "check the name and the network", again)
    return list(dict.fromkeys(found))
