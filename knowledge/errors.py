"""The errors a person may meet, one small tree.

NavicertError
├── BadInput      what the user gave cannot be used: a date, a file, an empty question
├── BadRule       the rule data is wrong: names the file, the key and the fix
├── StoreError    the database or the data folder cannot be used
│   ├── Busy      another process owns the data folder
│   └── StateGone the rules or the library behind an old answer are no longer kept
├── IndexDamaged  a search index does not hold together; the documents are safe and it can be built again
├── ingest.reasons.Quarantined  a document that is set aside, with its reason
└── ingest.fetch.FetchError     something that could not be fetched

Every message gives the cause, the place and the fix in one line.
"""


class NavicertError(Exception):
    """Anything that Navicert raises on purpose."""


class BadInput(NavicertError):
    """The user's input cannot be used; the command line prints it on one line and exits with status 2."""


class BadRule(NavicertError):
    """A rule file is wrong."""

    def __init__(self, file: str, key: str, cause: str, fix: str) -> None:
        self.file, self.key, self.cause, self.fix = file, key, cause, fix
        super().__init__(f"{file}: {key}: {cause}. Fix: {fix}.")


class StoreError(NavicertError):
    """The database or the data folder cannot be used."""


class Busy(StoreError):
    """Another process owns the data folder."""


class StateGone(StoreError):
    """The rule book or the state of the library that an old answer came from is no longer there."""


class IndexDamaged(NavicertError):
    """A search index does not hold together. No document is lost: `navicert doctor` builds it again."""
