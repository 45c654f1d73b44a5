"""Names to measure screening with: listed ones as people misspell, reorder and shorten them, and innocents like them.

Everything is drawn with a seeded generator from the lists, so the same lists give the same set. Innocents are written by
hand in `tests/data/screening_innocents.tsv`: none of them is a listed name.
"""

import csv
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.screening.build import names_of
from knowledge.screening.lists import Parties, ScreenedParty
from knowledge.screening.normal import normal
from knowledge.screening.words import FORMS

INNOCENTS = Path(__file__).parent / "data" / "screening_innocents.tsv"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = dict(
    zip(
        ["shch", "zh", "kh", "ts", "ch", "sh", "yu", "ya", "a", "b", "v", "g", "d", "e", "z", "i", "y", "k", "l", "m", "n", "o",
         "p", "r", "s", "t", "u", "f"],
        ["щ", "ж", "х", "ц", "ч", "ш", "ю", "я", "а", "б", "в", "г", "д", "е", "з", "и", "й", "к", "л", "м", "н", "о", "п", "р",
         "с", "т", "у", "ф"],
        strict=True,
    )
)  # fmt: skip
FORM_PAIRS = (
    ("ltd", "Limited"),
    ("limited", "Ltd."),
    ("llc", "L.L.C."),
    ("ooo", "LLC"),
    ("jsc", "AO"),
    ("inc", "Incorporated"),
)


@dataclass(frozen=True)
class Case:
    """A name to screen. `parties`: ids of which one must be found; none for an innocent. `how` it was made."""

    name: str
    parties: frozenset[str]
    how: str


def cases(parties: Parties, seed: int = 7, each: int = 130) -> list[Case]:
    """About `each` names of every sort of change, then all innocents."""
    rng = random.Random(seed)
    held = [p for p in parties if len(normal(p.name).words) > 0]
    same: dict[str, set[str]] = {}
    for party in held:
        for name in names_of(party):
            same.setdefault(normal(name).key, set()).add(party.id)
    found: list[Case] = []
    for how, change in CHANGES.items():
        made = 0
        while made < each:
            party = rng.choice(held)
            name = rng.choice([party.name, *party.aliases])
            changed = change(name, party, rng)
            if changed and changed != name:
                found.append(Case(changed, frozenset(same.get(normal(name).key, set()) | {party.id}), how))
                made += 1
    return found + innocents() + _strangers(held, same, rng)


def innocents() -> list[Case]:
    """The hand-written names that must not be taken for a listed party."""
    with INNOCENTS.open(encoding="utf-8", newline="") as file:
        return [
            Case(row["name"], frozenset(), f"innocent: {row['group']}") for row in csv.DictReader(file, delimiter="\t")
        ]


def _strangers(
    held: list[ScreenedParty], listed: Mapping[str, object], rng: random.Random, each: int = 60
) -> list[Case]:
    """Listed names with another number ("No. 8 Institute"), and listed surnames with another listed person's first name."""
    numbered = [p.name for p in held if p.kind in ("entity", "unknown") and re.search(r"\b\d{1,3}(?:th)?\b", p.name)]
    people = [p.name for p in held if p.kind == "person" and p.name.count(",") == 1]
    made: dict[str, str] = {}
    while len(made) < each:
        name = re.sub(r"\b\d{1,3}(?=\D|$)", lambda m: str(int(m.group()) + rng.randrange(1, 40)), rng.choice(numbered))
        if normal(name).key not in listed:
            made[name] = "innocent: other number"
    while len(made) < 2 * each:
        last, first = rng.choice(people).split(",")[0], rng.choice(people).split(",")[1].split()[0]
        if normal(f"{first} {last}").key not in listed:
            made[f"{first} {last}".title()] = "innocent: other first name"
    return [Case(name, frozenset(), how) for name, how in made.items()]


def _telling(name: str) -> bool:
    """Whether the name has enough letters that a change leaves it recognisable to a person."""
    return sum(len(w) for w in normal(name).words) >= 7


def typos(name: str, rng: random.Random, count: int) -> str:
    """`count` slips of the keys in as many words of five letters or more: a letter more, less, other, or two exchanged."""
    words = name.split()
    long = [i for i, w in enumerate(words) if len(w) >= 5 and w.strip(".,").isalpha()]
    if len(long) < count:
        return ""
    for i in rng.sample(long, count):
        word, at, letter = words[i], rng.randrange(1, len(words[i]) - 1), rng.choice(LETTERS)
        words[i] = rng.choice(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            ]
        )
    return " ".join(words)


def _one_typo(name: str, party: ScreenedParty, rng: random.Random) -> str:
    return typos(name, rng, 1) if _telling(name) else ""


def _two_typos(name: str, party: ScreenedParty, rng: random.Random) -> str:
    return typos(name, rng, 2) if len(normal(name).words) > 1 and _telling(name) else ""


def _reordered(name: str, party: ScreenedParty, rng: random.Random) -> str:
    words = re.findall(r"[\w'’&.-]+", name)
    if not 2 <= len(words) <= 8:
        return ""
    if "," in name and party.kind == "person":
        last, _, first = name.partition(",")
        return f"{first.strip()} {last.strip()}".title()
    turned = words[1:] + words[:1]
    return " ".join(turned)


def _cyrillic(name: str, party: ScreenedParty, rng: random.Random) -> str:
    """Russian names in Cyrillic letters, by sound."""
    if "RU" not in party.countries or not name.isascii() or re.search(r"[0-9wxqj]", name.lower()) or not _telling(name):
        return ""
    text, out = name.lower().replace(",", ""), ""
    while text:
        size = next((n for n in (4, 2, 1) if text[:n] in CYRILLIC), 1)
        out += CYRILLIC.get(text[:size], text[:size])
        text = text[size:]
    return out.title() if not re.search(r"[a-z]", out) else ""


def _by_sound(name: str, party: ScreenedParty, rng: random.Random) -> str:
    """Another usual spelling of the same foreign sounds."""
    low = FORM_WORDS.sub("", name.lower())
    options = [(a, b) for a, b in SPELLINGS if re.search(a, low)]
    if not options or not _telling(name):
        return ""
    pattern, to = rng.choice(options)
    return re.sub(pattern, to, low, count=2).title()


FORM_WORDS = re.compile(
    r"limited liability company|(?:public |open |closed )?joint[ -]stock (?:company|bank)|\b(?:ooo|oao|zao|company|s\. ?a\.)\b"
)
SPELLINGS = (
    ("iy\\b", "y"), ("y\\b", "iy"), ("ey\\b", "ei"), ("yevich", "evich"), ("kh", "h"), ("ks", "x"), ("mohammad", "muhammed"),
    ("mohammed", "mohamad"), ("ou", "u"), ("ee", "i"), ("oo", "u"), ("yu", "iu"), ("ya", "ia"), ("tekh", "tech"), ("shch", "sch"),
)  # fmt: skip


def _form(name: str, party: ScreenedParty, rng: random.Random) -> str:
    words = name.split()
    forms = [i for i, w in enumerate(words) if re.sub(r"\W", "", w.lower()) in FORMS]
    if not forms or len(normal(name).words) < 1 or not _telling(name):
        return ""
    if rng.random() < 0.5:
        return " ".join(w for i, w in enumerate(words) if i not in forms).strip(" ,.")
    other = dict(FORM_PAIRS)
    return " ".join(other.get(re.sub(r"\W", "", w.lower()), w) for w in words)


def _new_form(name: str, party: ScreenedParty, rng: random.Random) -> str:
    return (
        f"{name} {rng.choice(['GmbH', 'Ltd', 'LLC', 'Co., Ltd.', 'S.A.', 'FZE'])}"
        if party.kind == "entity" and _telling(name)
        else ""
    )


def _acronym(name: str, party: ScreenedParty, rng: random.Random) -> str:
    """The first letters of an organisation of four to seven words, none of which the list gives as an alias."""
    words = [
        w
        for w in re.findall(r"[A-Za-z]+", re.sub(FORM_WORDS.pattern, "", name, flags=re.I))
        if w.lower() not in ("of", "and", "the", "for")
    ]
    if party.kind not in ("entity", "unknown") or not 4 <= len([w for w in words if w.lower() not in FORMS]) <= 7:
        return ""
    return "".join(w[0] for w in words if w.lower() not in FORMS).upper()


def _alias(name: str, party: ScreenedParty, rng: random.Random) -> str:
    return rng.choice(party.aliases).title() if party.aliases else ""


def _more_words(name: str, party: ScreenedParty, rng: random.Random) -> str:
    more = rng.choice(["Branch Office", "Moscow", "Headquarters", "Purchasing Department", "Dubai Branch", "(China)"])
    if len(normal(name).words) < 2 or party.kind in ("vessel", "aircraft", "person") or not _telling(name):
        return ""
    return f"{name} {more}"


def _fewer_words(name: str, party: ScreenedParty, rng: random.Random) -> str:
    """A person without the patronymic."""
    words = re.findall(r"[\w'-]+", name)
    return (
        f"{words[1]} {words[0]}".title()
        if party.kind == "person" and "," in name and len(words) == 3 and _telling(name)
        else ""
    )


def _glued(name: str, party: ScreenedParty, rng: random.Random) -> str:
    """Two neighbouring words written as one, or joined by a hyphen."""
    words = name.split()
    if len(words) < 3 or not _telling(name):
        return ""
    i = rng.randrange(len(words) - 1)
    if not words[i].isalpha() or words[i].lower() in FORMS or words[i + 1].lower().strip(".,") in FORMS:
        return ""
    return " ".join([*words[:i], words[i] + rng.choice(["", "-"]) + words[i + 1], *words[i + 2 :]])


def _dressed(name: str, party: ScreenedParty, rng: random.Random) -> str:
    """Accents, odd spaces, quotation marks and a mark that turns the direction of writing."""
    accents = dict(zip("aeioucnsz", "áéíöüçñšž", strict=True))
    text = "".join(accents.get(c, c) if rng.random() < 0.3 else c for c in name.lower())
    return f"“{text.replace(' ', '  ')}”\u200f"


CHANGES: dict[str, Callable[[str, ScreenedParty, random.Random], str]] = {
    "one typo": _one_typo, "two typos": _two_typos, "reordered": _reordered, "cyrillic": _cyrillic, "by sound": _by_sound,
    "form": _form, "new form": _new_form, "acronym": _acronym, "alias": _alias, "more words": _more_words,
    "no patronymic": _fewer_words, "glued": _glued, "dressed": _dressed,
}  # fmt: skip
