"""English words without their endings: "applies", "applied" and "applying" are one word; "exporter" and "export" are two."""

from functools import lru_cache

_KEPT = frozenset("this us its is was has as does gas always series species means news customs arms analysis basis less business process access address pass cross unless boss class".split())  # fmt: skip
_VOWELS = "aeiouy"
_ODD = {
    "sold": "sell", "bought": "buy", "made": "make", "making": "make", "given": "give", "gave": "give", "took": "take", "taken": "take",
    "kept": "keep", "found": "find", "knew": "know", "known": "know", "held": "hold", "sent": "send", "told": "tell", "lent": "lend",
    "broke": "break", "broken": "break", "hid": "hide", "hidden": "hide", "companies": "company", "analyses": "analysis", "criteria": "criterion",
    "began": "begin", "begun": "begin", "lain": "lie", "laid": "lay", "borne": "bear", "left": "leave", "shown": "show", "withdrawn": "withdraw",
}  # fmt: skip


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The word in lower case, without a plural, verb or possessive ending."""
    word = word.lower().removesuffix("'s").removesuffix("'")
    if word in _ODD:
        return _ODD[word]
    if len(word) <= 3 or word in _KEPT:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3 and any(c in _VOWELS for c in base) and not word.endswith("eed"):
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                return base[:-1]
            return base.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word
