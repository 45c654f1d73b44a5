"""Display names of kinds, elements, countries and properties in the answer's language."""

from collections.abc import Iterable
from functools import lru_cache

from knowledge.model import Good, Lang
from knowledge.rulebook.book import RuleBook
from knowledge.wording import known, say


def _name(book: RuleBook, lang: Lang, section: str, key: str) -> str:
    names = book.lexicon.get(lang, {}).get(section, {})
    values = names.get(key) if isinstance(names, dict) else None
    return str(values[0]).rstrip("*") if values else key.replace("_", " ")


def kind(book: RuleBook, lang: Lang, id_: str) -> str:
    """ "ndfeb_magnet" -> "NdFeB magnet": the name kept for showing, else the first word of the lexicon."""
    key = f"kind.{id_}"
    return say(lang, key) if known(lang, key) else _name(book, lang, "kinds", id_)


def form(book: RuleBook, lang: Lang, id_: str) -> str:
    """ "powder" -> its usual name."""
    return _name(book, lang, "forms", id_)


def elements(book: RuleBook, lang: Lang, symbols: Iterable[str]) -> str:
    """ "Dy", "Tb" -> "dysprosium, terbium"."""
    return (", " if lang == "en" else "、").join(_name(book, lang, "elements", s) for s in symbols)


def quantity(lang: Lang, name: str) -> str:
    """ "purity" -> its usual name."""
    key = f"property.{name}"
    return say(lang, key) if known(lang, key) else name.replace("_", " ")


def good(book: RuleBook, lang: Lang, item: Good) -> str:
    """The good as the question names it, shortened."""
    name = " ".join(item.name.split())
    return (name[:57] + "…") if len(name) > 58 else name or kind(book, lang, item.kind)


@lru_cache(maxsize=256)
def country(lang: Lang, code: str) -> str:
    """The country's name from CLDR; for English without Babel's 10 ms where pycountry's table would do."""
    from babel import Locale

    name = str(Locale(lang).territories.get(code, code))
    short = {
        "en": {"HK": "Hong Kong", "MO": "Macau", "CN": "China"},
        "zh": {"HK": "香港", "MO": "澳门", "CN": "中国内地"},
    }
    return short[lang].get(code, name)
