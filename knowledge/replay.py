"""An old answer worked out again: on the rules and the library that it came from, and on those of another day.

The clock is not read. What is kept with an answer (`knowledge.basis`) says how it came about; a conversation is walked
again from its first question where the state is another one, so that each answer leans on the one before it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.aggregated import carried
from knowledge.answer import Advisor
from knowledge.basis import Basis, before
from knowledge.case import settle
from knowledge.engine import RULES, engine
from knowledge.errors import StateGone
from knowledge.model import Answer, Behaviour
from knowledge.openlaw.model import Texts
from knowledge.rulebook import RuleBook, load
from knowledge.settings import Settings
from knowledge.store.blobs import Blobs
from knowledge.store.cases import Asked, Cases
from knowledge.store.compiled import CompiledLists
from knowledge.store.database import Database
from knowledge.store.library import Library
from knowledge.store.official import OfficialTexts
from knowledge.store.parties import LEAST, LibraryScreening, live_parties
from knowledge.store.past import check_originals, past_finder, past_library

if TYPE_CHECKING:
    from knowledge.store.embed import Embedder

WORDS_ONLY = "words-only"
"""How the library names a search without a model."""


@dataclass(frozen=True)
class State:
    """What an answer depends on besides its question and its case. `rulebook` and `generation` as answers name them."""

    rulebook: str
    generation: str
    home: str
    model: str
    compiled: str = ""
    reviewed_by: str = ""


@dataclass(frozen=True)
class Place:
    """Where the states are read from: the settings' folder and database, and the rule files below `rules`. `least` is how
    many parties a list must have; `embedder` the model to search with, None for the bundled one where a state used it."""

    settings: Settings
    database: Database
    rules: Path = RULES
    least: int = LEAST
    embedder: "Embedder | None" = None

    @property
    def cache(self) -> Path:
        """Where parsed files are kept."""
        return self.settings.home / "cache"


def state_of(asked: Asked, place: Place) -> State:
    """The state that an answer was given on."""
    basis = asked.basis
    if basis is None or basis.means is None:
        return replace(now_of(place), rulebook=asked.rulebook, generation=asked.generation)
    means = basis.means
    return State(asked.rulebook, asked.generation, means.home, means.model, means.compiled, means.reviewed_by)


def now_of(place: Place) -> State:
    """The state that answers now."""
    compiled, reviewed_by = CompiledLists(place.database).answering()
    live = Library(place.database).live()
    chosen = place.embedder or _bundled(place.settings.embedder)
    model = chosen.model if chosen is not None else WORDS_ONLY
    book = load(place.rules, place.cache)
    return State(book.hash, live.name, place.settings.home_country, model, compiled, reviewed_by)


def caveats(asked: Asked) -> tuple[str, ...]:
    """Why a replay may differ although the state is the same, in sentences."""
    own, basis = engine(), asked.basis
    said = []
    if basis is None or basis.means is None:
        said.append(
            "kept before answers were kept with how they came about: the deal as it was understood is determined again"
        )
    elif basis.means.engine != own.sha256:
        said.append(
            f"the engine is another one: {basis.means.version} ({basis.means.engine[:12]}) answered, "
            f"{own.version} ({own.sha256[:12]}) replays"
        )  # fmt: skip
    if asked.answer.wording is not None:
        said.append(f"{asked.answer.wording.model} had a part in the words, which are not compared")
    return tuple(said)


# ---------------------------------------------------------------- an advisor of a state


def advisor_of(state: State, place: Place) -> Advisor:
    """An advisor as it was in that state, as long as its rules are those below `place.rules`. Raises StateGone."""
    book = load(place.rules, place.cache)
    if book.hash != state.rulebook:
        raise StateGone(f"the rules in {place.rules} are {book.hash[:12]}, and {state.rulebook[:12]} answered.")
    library = past_library(place.database, state.generation)
    blobs = Blobs(place.settings.home / "blobs")
    check_originals(library, blobs)
    compiled = CompiledLists(place.database).kept(state.compiled, state.reviewed_by, blobs) if state.compiled else None
    book = replace(book, compiled=compiled, cache=place.cache)
    parties = lambda: live_parties(library, blobs, place.cache, place.least)  # noqa: E731
    screening = LibraryScreening(book, place.cache, parties)
    own = replace(place.settings, home_country=state.home)
    texts: Callable[[], Texts] = lru_cache(maxsize=1)(lambda: _texts(state, place, book, library))
    return Advisor(own, book, OfficialTexts(library), lambda: screening, texts)


def _texts(state: State, place: Place, book: RuleBook, library: Library) -> Texts:
    from knowledge.search.lawtexts import LawTexts

    model = _model(state.model, place)
    if not library.generation():
        return LawTexts(book, embedder=model)
    return LawTexts(book, library, past_finder(library, model, place.settings.home / "embeddings.sqlite3"), model)


def _model(name: str, place: Place) -> "Embedder | None":
    if name == WORDS_ONLY:
        return None
    chosen = place.embedder or _bundled(None)
    if chosen is None or chosen.model != name:
        raise StateGone(f"passages were searched with the model {name}, which is not here. Install it.")
    return chosen


@lru_cache(maxsize=2)
def _bundled(name: str | None) -> "Embedder | None":
    from knowledge.store.embed import embedder

    return embedder(name)


# ---------------------------------------------------------------- an answer again


def again(asked: Asked, advisor: Advisor) -> Answer:
    """The answer to the very question, from the very case that it leaned on; with the sign, where it had one, that the
    asker's other cases raised together with it."""
    return carried(asked.answer, _again(asked, advisor), advisor.book, advisor.official)


def _again(asked: Asked, advisor: Advisor) -> Answer:
    basis, said = asked.basis, asked.answer
    if basis is None:
        return advisor.again(said, said.on)
    if basis.before is not None:
        leaned_on = basis.before.of(said)
        if basis.way == "settled":
            deal = settle(leaned_on.transaction, basis.fact, basis.value)
            return advisor.again(leaned_on, basis.on, deal=deal)
        return advisor.again(leaned_on, basis.on)
    return _asked(said, basis, advisor, basis.on)


def anew(asked: Asked, advisor: Advisor, cases: Cases, on: date | None = None) -> Answer:
    """The answer to the same conversation in another state, on the days that were asked for or on `on`.

    Walked from its first question; where one of it is no longer kept, from the deal as the next one kept it. The asker's other
    cases are taken as they were.
    """
    return carried(asked.answer, _anew(asked, advisor, cases, on), advisor.book, advisor.official)


def _anew(asked: Asked, advisor: Advisor, cases: Cases, on: date | None) -> Answer:
    basis = asked.basis
    day = on or (basis.on if basis is not None else asked.answer.on)
    if basis is None:
        return advisor.again(asked.answer, day)
    former = cases.question(basis.after) if basis.after is not None else None
    if former is None or former.id >= asked.id:
        if basis.before is None:
            return _asked(asked.answer, basis, advisor, day)
        earlier = basis.before.of(asked.answer)
    else:
        earlier = _anew(former, advisor, cases, on)
    if basis.way == "settled":
        return advisor.again(earlier, day, deal=settle(earlier.transaction, basis.fact, basis.value))
    if basis.way == "day":
        return advisor.again(earlier, day)
    case = earlier.transaction if _carries(earlier) else None
    return _asked(asked.answer, replace(basis, case=case), advisor, day)


def _asked(said: Answer, basis: Basis, advisor: Advisor, day: date) -> Answer:
    answer = advisor.ask(said.question, day, lang=basis.lang, case=basis.case)
    if basis.goods:
        return advisor.again(answer, answer.on, deal=replace(answer.transaction, goods=basis.goods))
    read_by_model = said.wording is not None and "read" in said.wording.did
    if read_by_model and said.behaviour in (Behaviour.ANSWER, Behaviour.ASK):
        # What a model read cannot be read again; the deal that it found, and that was confirmed by the reader, can.
        leaned_on = before(replace(answer, behaviour=Behaviour.ASK)).of(said)
        return advisor.again(leaned_on, day, deal=said.transaction)
    return answer


def _carries(answer: Answer) -> bool:
    """Does a case go on from it? What was refused or only explained leaves nothing to change."""
    return answer.behaviour in (Behaviour.ANSWER, Behaviour.ASK) or answer.intent != "licence"


def alike(said: Answer, found: Answer) -> tuple[Answer, Answer]:
    """Both, ready to be compared: the words of an answer that a language model reworded are left out on both sides."""
    if said.wording is None:
        return said, found
    unworded = {"text": "", "sections": (), "questions": (), "wording": None, "checks": found.checks}
    return replace(said, **unworded), replace(found, **unworded)  # type: ignore[arg-type]
