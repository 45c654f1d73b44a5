"""Word's styles and list numbers: what a reader of the printed page sees before a paragraph."""

import re
from dataclasses import dataclass

from ingest.readers.markup import Element, local_name

_INHERITED = 20  # styles one after another that inherit: Word itself allows eleven
_CHINESE = "零一二三四五六七八九十"
_HEADING = re.compile(r"(?:heading|标题|überschrift|titre|título|見出し|제목)\s*(\d)", re.I)


@dataclass(frozen=True)
class Style:
    """A paragraph style: its name, heading depth (0 for text) and list, where it sets one."""

    name: str = ""
    outline: int = 0
    list_id: str = ""
    list_level: int = 0


@dataclass(frozen=True)
class _Level:
    format: str = "decimal"
    text: str = "%1."
    start: int = 1


def styles_of(root: Element) -> dict[str, Style]:
    """Paragraph styles by id, with what they inherit."""
    raw: dict[str, tuple[Style, str]] = {}
    for node in root.iter():
        if local_name(node) == "style" and (key := value(node, "styleId")):
            raw[key] = _style(node)
    found: dict[str, Style] = {}
    for key in raw:
        chain, seen = [key], {key}
        while (base := raw[chain[-1]][1]) and base in raw and base not in seen and len(chain) < _INHERITED:
            chain.append(base)
            seen.add(base)
        own = raw[key][0]
        outline = next((raw[one][0].outline for one in chain if raw[one][0].outline), 0)
        listed = next((raw[one][0] for one in chain if raw[one][0].list_id), own)
        found[key] = Style(own.name, outline, listed.list_id, listed.list_level)
    return found


def _style(node: Element) -> tuple[Style, str]:
    name = base = list_id = ""
    outline = level = 0
    for part in node.iter():
        tag, said = local_name(part), value(part, "val")
        if tag == "name" and not name:
            name = said
        elif tag == "basedOn":
            base = said
        elif tag == "outlineLvl" and _figure(said) and int(said) < 9:
            outline = int(said) + 1
        elif tag == "numId":
            list_id = said
        elif tag == "ilvl" and _figure(said):
            level = int(said)
    if not outline and (found := _HEADING.match(name)):
        outline = int(found[1])
    if name.lower() == "title":
        outline = outline or 1
    return Style(name, outline, list_id, level), base


class Numbering:
    """Counts the lists of one document in reading order."""

    def __init__(self, root: Element) -> None:
        self._lists: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._abstract: dict[str, str] = {}
        levels: dict[str, dict[int, _Level]] = {}
        for node in root.iter():
            name = local_name(node)
            if name == "abstractNum":
                levels[value(node, "abstractNumId")] = _levels(node)
            elif name == "num" and (key := value(node, "numId")):
                base = next((value(part, "val") for part in node if local_name(part) == "abstractNumId"), "")
                self._abstract[key] = base
                self._lists[key] = {**levels.get(base, {}), **_levels(node)}

    def label(self, properties: Element, style: Style) -> tuple[str, int]:
        """The number or bullet before a paragraph and its depth from 1; ("", 0) where it is in no list."""
        key, level = style.list_id, style.list_level
        if properties is not None:
            own = next((part for part in properties if local_name(part) in {"numPr", "listPr"}), None)
            for part in own if own is not None else ():
                said = value(part, "val")
                if local_name(part) in {"numId", "ilfo"}:
                    key = said
                elif local_name(part) == "ilvl" and _figure(said):
                    level = int(said)
        if not key or key == "0" or level > 8:
            return "", 0
        shape = self._lists.get(key, {})
        counts = self._counts.setdefault(self._abstract.get(key) or key, {})
        now = shape.get(level, _Level("bullet", "•"))
        counts[level] = counts.get(level, now.start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if now.format in {"bullet", "none"}:
            return ("•" if now.format == "bullet" else ""), level + 1

        def figure(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            return written(counts.get(at, shape.get(at, _Level()).start), shape.get(at, _Level()).format)

        return re.sub(r"%([1-9])", figure, now.text).strip(), level + 1


def _levels(node: Element) -> dict[int, _Level]:
    found: dict[int, _Level] = {}
    for level in node.iter():
        at = value(level, "ilvl")
        if local_name(level) != "lvl" or not _figure(at):
            continue
        said = {local_name(part): value(part, "val") for part in level if local_name(part)}
        start = said.get("start", "1")
        found[int(at)] = _Level(
            said.get("numFmt", "decimal"), said.get("lvlText", ""), int(start) if _figure(start) else 1
        )
    return found


def written(count: int, form: str) -> str:
    """A count as the list writes it: 3 as "3", "c", "iii", "三"."""
    if form in {"lowerLetter", "upperLetter"}:
        letter = chr(ord("a") + (count - 1) % 26) * min(5, (count - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in {"lowerRoman", "upperRoman"} and 0 < count < 4000:
        roman = ""
        left = count
        for size, sign in ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):  # fmt: skip
            roman += sign * (left // size)
            left %= size
        return roman if form == "lowerRoman" else roman.upper()
    if ("chinese" in form.lower() or "ideograph" in form.lower() or "japanese" in form.lower()) and 0 < count < 100:
        tens, ones = divmod(count, 10)
        head = "" if tens == 0 else ("十" if tens == 1 else f"{_CHINESE[tens]}十")
        return head + (_CHINESE[ones] if ones or not tens else "")
    return f"{count:02d}" if form == "decimalZero" else str(count)


def _figure(said: str) -> bool:
    """Whether an attribute is a number of a size that a list has."""
    return said.isdecimal() and len(said) < 10


def value(node: Element, name: str) -> str:
    """An attribute by its local name; "" where there is none."""
    return next((str(said) for key, said in node.attrib.items() if key.rpartition("}")[2] == name), "")
