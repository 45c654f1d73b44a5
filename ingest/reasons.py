"""Why a document is set aside. One place, so that the reader, the command line and the bot say the same."""

from enum import StrEnum

from knowledge.errors import NavicertError


class Reason(StrEnum):
    """The reasons a document goes to quarantine."""

    EMPTY = "empty"  # no bytes, or nothing but space
    UNSUPPORTED = "unsupported_type"  # an image, an executable, an archive of several files
    WRONG_TYPE = "not_this_type"  # says it is one type and is another that cannot be read
    ENCRYPTED = "encrypted"
    NO_TEXT = "no_text_layer"  # scanned pages
    UNREADABLE = "unreadable"  # every reader failed
    OVER_LIMIT = "over_limit"  # time, memory, size or count
    GARBLED = "garbled"  # characters, but no language
    TOO_FEW = "too_few_provisions"
    TOO_MANY = "too_many_provisions"


class Quarantined(NavicertError):
    """A document that is not indexed. `detail` is a sentence for the admin: what is wrong and what to send instead."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.value}: {detail}")
