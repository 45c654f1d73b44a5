"""Who may do what. Nobody may do anything before an invitation says so, unless the owner opens the bot to everyone."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is to Navicert; each may do all that the ones before may."""

    STRANGER = "stranger"
    EXPORTER = "exporter"
    STAFF = "staff"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Higher may do more."""
        return list(Role).index(self)

    def may(self, needed: "Role") -> bool:
        """Does this role reach as far as the one that is needed?"""
        return self.rank >= needed.rank
