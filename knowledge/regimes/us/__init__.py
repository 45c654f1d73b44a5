"""The United States: the Export Administration Regulations (15 CFR 730 to 774), item, destination, user and use.

Modelled: what is subject to the EAR, the Commerce Control List with the Country Chart and stated destinations, list-based
exceptions, embargoes of part 746, end-use and end-user rules of part 744 as far as their lists are held. Named and not
evaluated: foreign direct product rules, the other exceptions of part 740, ITAR, sanctions beyond the lists.
"""

from knowledge.regimes.us.determine import determine
from knowledge.regimes.us.reach import has_say

__all__ = ["determine", "has_say"]
