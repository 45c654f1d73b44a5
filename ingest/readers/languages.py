"""The language of a text by its script, and among Latin and Cyrillic ones by function words."""

import re
from collections import Counter

_SAMPLE = 20_000  # characters looked at, from the start
_WORDS = {
    "en": "the of and to in for is or that any by be shall with not this",
    "de": "der die und in den von zu das mit des dem nicht im auf für",
    "fr": "de la le et les des en du dans pour que est par une aux",
    "es": "de la que el en los del las por con una para se su al",
    "it": "di che il della per del in delle sono con gli alla dei nel una",
    "pt": "de que do da em os no na para uma dos com não ao pela",
    "nl": "de van het een en in is dat op te voor met zijn niet aan",
    "pl": "w i na z do nie się o że oraz dla przez jest po od",
    "sv": "och i att det som en på är av för med till den inte om",
    "da": "og i at det er en til af på for den med ikke som der",
    "fi": "ja on ei se että oli joka tai sen ovat sekä myös kuin",
    "cs": "a v se na je že o s z do k pro za nebo jako",
    "hu": "a az és hogy nem is egy van meg szerint vagy ha csak",
    "ro": "și de în la cu nu pe care din pentru este al sau prin",
    "tr": "ve bir bu için ile olarak da de olan gibi daha veya",
    "ru": "и в на не что с по из к о для от при или его",
    "uk": "і в на не що з та до у про для від або його",
    "bg": "на и в за се от да с по че не са или при",
}
_TOKENS = {
    word: {lang for lang, words in _WORDS.items() if word in words.split()}
    for line in _WORDS.values()
    for word in line.split()
    if len(word) > 1 or word > "\x7f"
}
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]"), 0.15),
    ("ja", re.compile("[\u3041-\u30ff]"), 0.08),
    ("zh", re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 0.15),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), 0.3),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"), 0.3),
    ("he", re.compile("[\u0590-\u05ff]"), 0.3),
    ("th", re.compile("[\u0e01-\u0e5b]"), 0.3),
    ("hi", re.compile("[\u0900-\u097f]"), 0.3),
)
_CYRILLIC = (("uk", re.compile("[іїєґІЇЄҐ]")), ("ru", re.compile("[ыэёЫЭЁ]")))
_LETTERS = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """A BCP 47 primary code, "und" where neither script nor words tell. Looks at the first 20,000 characters."""
    sample = text[:_SAMPLE]
    letters = len(_LETTERS.findall(sample))
    if not letters:
        return "und"
    for code, pattern, share in _SCRIPTS:
        if len(pattern.findall(sample)) >= share * letters:
            return code
    for code, pattern in _CYRILLIC:
        if len(pattern.findall(sample)) >= 0.01 * letters:
            return code
    words = _WORD.findall(sample.casefold())
    votes: Counter[str] = Counter()
    for word in words:
        for code in _TOKENS.get(word, ()):
            votes[code] += 1
    ranked = votes.most_common(1)
    return ranked[0][0] if ranked and ranked[0][1] >= max(1, 0.025 * len(words)) else "und"
