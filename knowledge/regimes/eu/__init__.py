"""The European Union: dual-use items (Regulation 2021/821) and the restrictive measures on Russia (Regulation 833/2014)."""

from knowledge.regimes.eu.annex_one import Listing, corresponds
from knowledge.regimes.eu.determination import REGIME, determine
from knowledge.regimes.eu.territory import Movement, movement

__all__ = ["REGIME", "Listing", "Movement", "corresponds", "determine", "movement"]
