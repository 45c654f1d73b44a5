"""What can go wrong while fetching, one small tree.

FetchError (knowledge.errors.NavicertError)
├── Refused       the address, the form of the address or the redirect is not allowed; nothing was sent there
├── TooLarge      the body, as sent or unpacked, passes the byte limit
├── TooSlow       the whole answer did not arrive within the wall-clock limit
├── Unreachable   no such host, no connection, or a broken answer, after every try
└── BadStatus     the server answered, but not with the document

Each says what happened, where, and what to do, in one line.
"""

from knowledge.errors import NavicertError


class FetchError(NavicertError):
    """A document that could not be fetched. `place` is the address without any secret."""

    def __init__(self, place: str, cause: str, fix: str) -> None:
        self.place, self.cause, self.fix = place, cause, fix
        super().__init__(f"{place}: {cause}. Fix: {fix}.")


class Refused(FetchError):
    """Not allowed to be fetched."""


class TooLarge(FetchError):
    """More bytes than the limit."""


class TooSlow(FetchError):
    """Longer than the wall-clock limit."""


class Unreachable(FetchError):
    """The network or the server's HTTP failed. `again`: whether another try may help."""

    def __init__(self, place: str, cause: str, fix: str, again: bool = True) -> None:
        self.again = again
        super().__init__(place, cause, fix)


class BadStatus(FetchError):
    """The answer is no document. `status` is the HTTP status code."""

    def __init__(self, place: str, status: int, cause: str, fix: str) -> None:
        self.status = status
        super().__init__(place, cause, fix)
