"""Does a deal touch the customs territory of the Union: out of it, inside it, through it, or arranged from it?"""

import re
from enum import StrEnum

from knowledge.model import Place, Transaction
from knowledge.regimes.eu.facts import facts

RUSSIA = "RU"


class Movement(StrEnum):
    """What a deal is, seen from the Union."""

    EXPORT = "export"  # out of the customs territory
    INSIDE = "inside"  # from one part of it to another
    OPEN = "open"  # leaves the place of the goods, no destination stated
    TRANSIT = "transit"  # foreign goods that pass through it
    BROKERING = "brokering"  # between third countries, arranged by somebody in the Union
    NONE = "none"


def within(place: Place | None) -> bool:
    """Does the place lie in the customs territory? Territories with a code of their own are outside unless the facts say otherwise."""
    if place is None:
        return False
    known = facts()
    if place.country in known.inside:
        return True
    outside = known.parts_outside.get(place.country, ())
    return place.country in known.members and not any(_named(word, place.name) for word in outside)


def movement(deal: Transaction, home: str) -> Movement:
    """How the deal touches the Union. Without an origin the asker's own country (`home`) is the place the goods leave."""
    origin = deal.origin or Place(home, "")
    if within(origin):
        if deal.destination is None:
            return Movement.OPEN
        return Movement.INSIDE if within(deal.destination) else Movement.EXPORT
    if within(deal.destination):
        return Movement.NONE
    if any(within(p) for p in deal.transit):
        return Movement.TRANSIT
    if (home in facts().members or within(deal.broker_in)) and deal.destination is not None:
        return Movement.BROKERING
    return Movement.NONE


def special(place: Place | None) -> bool:
    """Is the place one whose standing we know from memory only: a territory with its own code, a place outside?"""
    if place is None:
        return False
    known = facts()
    outside = known.parts_outside.get(place.country, ())
    return place.country in known.inside or any(_named(word, place.name) for word in outside)


def sanctioned_neighbour(place: Place | None) -> bool:
    """Belarus, or an area of Ukraine under measures of its own."""
    if place is None:
        return False
    known = facts()
    return place.country in known.sanctioned_neighbours or any(_named(w, place.name) for w in known.sanctioned_places)


def partner(place: Place | None) -> bool:
    """A partner country of Annex VIII to Regulation 833/2014, those reported as added later included."""
    known = facts()
    return place is not None and place.country in known.partners | known.partners_reported


def _named(word: str, name: str) -> bool:
    """Whole words for scripts that part them, anywhere for Chinese."""
    if re.search(r"[一-鿿]", word):
        return word in name
    return re.search(rf"\b{re.escape(word)}", name.casefold()) is not None
