"""Country names as the EAR print them, to ISO 3166-1 alpha-2."""

import re
import unicodedata
from functools import lru_cache

# what the EAR or the tables call otherwise than ISO 3166 does, misprints of the tables included
_OTHERWISE = {
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "china": "CN",
    "congo (democratic republic of the)": "CD",
    "congo (democratic republic of)": "CD",
    "congo (republic of the)": "CG",
    "congo (republic of)": "CG",
    "cote d'ivoire": "CI",
    "cote d'lvoire": "CI",
    "czech republic": "CZ",
    "east timor": "TL",
    "holy see": "VA",
    "hong kong": "HK",
    "iran": "IR",
    "ivory coast": "CI",
    "korea, north": "KP",
    "korea, south": "KR",
    "kosovo": "XK",
    "laos": "LA",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia (federated state of)": "FM",
    "micronesia": "FM",
    "north korea": "KP",
    "palestine": "PS",
    "people's republic of china": "CN",
    "russia": "RU",
    "seycheles": "SC",
    "republic of korea": "KR",
    "south korea": "KR",
    "sint maarten (the dutch two-fifths of the island of saint martin)": "SX",
    "sint maarten": "SX",
    "south sudan, republic of": "SS",
    "swaziland": "SZ",
    "syria": "SY",
    "turkey": "TR",
    "united states": "US",
    "united kingdom": "GB",
    "uae": "AE",
    "uk": "GB",
    "vatican city": "VA",
    "democratic republic of the congo": "CD",
    "vietnam": "VN",
}
_LETTER = re.compile(r"[A-Z]")


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    import pycountry

    found: dict[str, str] = {}
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "common_name", ""), getattr(country, "official_name", "")):
            if name:
                found.setdefault(_folded(name), country.alpha_2)
    return {**found, **_OTHERWISE}


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().replace("&", "and").replace("st. ", "saint ").split())


@lru_cache(maxsize=1024)
def iso(name: str) -> str | None:
    """ "Korea, South", "Bahamas, The", "China (PRC)" -> the alpha-2 code; None for a name that is no country's."""
    name = _folded(name.replace("’", "'").replace("(the)", ""))
    table = _table()
    for form in (name, name.removesuffix(", the"), re.sub(r"\s*\([^)]*\)\s*$", "", name), name.removeprefix("the ")):
        if form in table:
            return table[form]
    return None


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    names = sorted((n for n in _table() if len(n) > 3), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(re.escape(n) for n in names)})\b")


def countries(text: str) -> tuple[str, ...]:
    """The countries named in a sentence, in order."""
    if len(_LETTER.findall(text)) < 1:
        return ()
    return tuple(dict.fromkeys(_table()[hit[0]] for hit in _names().finditer(_folded(text.replace("’", "'")))))
