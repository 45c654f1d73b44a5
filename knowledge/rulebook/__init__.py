"""Rule files -> a validated, content-hashed `RuleBook`."""

from knowledge.rulebook.book import ControlEntry, Neighbour, Restriction, RuleBook
from knowledge.rulebook.load import load

__all__ = ["ControlEntry", "Neighbour", "Restriction", "RuleBook", "load"]
