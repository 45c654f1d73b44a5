"""The only outgoing HTTP of Navicert's ingest: refuses what is not public, stops what is too much, asks politely."""

from ingest.fetch.addresses import Allow, Resolver, is_public, target
from ingest.fetch.errors import BadStatus, FetchError, Refused, TooLarge, TooSlow, Unreachable
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.model import Fetched, Limits, Network
from ingest.fetch.politeness import Clock, Politeness

__all__ = [
    "Allow",
    "BadStatus",
    "Clock",
    "FetchError",
    "Fetched",
    "Fetcher",
    "Limits",
    "Network",
    "Politeness",
    "Refused",
    "Resolver",
    "TooLarge",
    "TooSlow",
    "Unreachable",
    "is_public",
    "target",
]
