"""Who stands above whom, told from section numbers: "8.3.2.(1)" is under "8.3.2", which is under "8.3"."""

import re
from collections.abc import Mapping

_LAST = re.compile(r"^(.*?)(\.?\([^()]*\)|\.?[^.()/]+\.?|/[^/]+)$", re.DOTALL)
HEADING = 120  # characters: a longer text above is a provision, no heading


def parent_of(section: str, known: Mapping[str, int]) -> str:
    """The nearest section above that is `known`, or ""."""
    above = section
    while (m := _LAST.match(above)) and m[1]:
        above = m[1].rstrip("./")
        for spelling in (above, above + "."):
            if spelling in known and spelling != section:
                return spelling
    return ""


def headings(section: str, texts: Mapping[str, str], parents: Mapping[str, str]) -> tuple[str, ...]:
    """The short texts above a section, outermost first."""
    path: list[str] = []
    while section := parents.get(section, ""):
        if 0 < len(text := " ".join(texts[section].split())) < HEADING:
            path.insert(0, text.rstrip("."))
    return tuple(path)
