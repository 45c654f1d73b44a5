"""Which language a question is in, and which passages share it, by letters alone."""

import re

_SCRIPTS = {
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
}
_LETTER = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """The group of languages that a question is in, by its letters: zh, ja, ko, or en for everything else."""
    counts = {name: len(script.findall(text)) for name, script in _SCRIPTS.items()}
    if counts["ja"] * 5 > counts["zh"] + counts["ja"] > 0:
        return "ja"
    other = len(_LETTER.findall(text))  # a Latin word says about what two Chinese characters say
    best = max(("zh", "ko"), key=lambda name: counts[name])
    return best if counts[best] and counts[best] >= other - 1 else "en"


def language_group(code: str) -> str:
    """The same for a passage's BCP 47 code."""
    primary = code.lower().split("-")[0]
    return primary if primary in _SCRIPTS else "en"
