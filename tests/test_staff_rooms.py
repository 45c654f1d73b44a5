"""The compliance staff's desk in the chat: classify, decide, screen, rules, timelines."""

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.locales import _FOLDER, catalogue
from bot.rich import Rich
from bot.roles import Role
from bot.services import Services
from bot.telegram import review, review_pages, review_waiting, rule_pages, staff_desk, staff_pages, stats
from bot.telegram.events import Button, Chat, Event, Member, Person, Turn
from knowledge.controllists.chart import load_ccl
from knowledge.errors import BadInput
from knowledge.rulebook import RuleBook
from knowledge.rulefiles import parse
from knowledge.screening.lists import ListState
from knowledge.screening.service import ScreenResult
from knowledge.settings import Settings
from knowledge.store.compiled import CCL, Changes, CompiledState
from knowledge.store.database import open_database
from tests.conftest import home

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADC = "16-bit analog-to-digital converter chip sampling at 1 GSPS"
HOSTILE = "<b>x</b> {0} {name} %s /revoke @all https://evil.example \u202e\x00\x1b[2J'; DROP TABLE x;--"
ANN, LI = 22, 21


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("desk")
    (home() / "cache").mkdir(parents=True, exist_ok=True)
    (folder / "cache").symlink_to(home() / "cache")  # place names are not made again
    made = Services(Settings(folder, "CN", embedder="none"), open_database(folder), now=lambda: NOW)
    yield made
    made.database.close()


def member(person: int = ANN, language: str = "en", name: str = "Ann Staff") -> Member:
    return Member(Person(person, name), Role.STAFF, language, consented=True)


def event(text: str, person: int = ANN, kind: str = "command") -> Event:
    return Event(1, kind, Person(person, "Ann Staff"), Chat(person), NOW, text=text)


def runs(services: Services, name: str, said: str, who: Member | None = None) -> Turn:
    who = who or member()
    turn = staff_desk.ROOM.commands[name].handle(services, event(said, who.id), who)
    services.database.commit(turn.writes)
    return turn


def presses(services: Services, button: Button, who: Member | None = None) -> Turn:
    who = who or member()
    turn = staff_desk.ROOM.actions[button.action].handle(services, event("", who.id, "button"), who, button.arguments)
    services.database.commit(turn.writes)
    return turn


def types(services: Services, said: str, who: Member | None = None) -> Turn:
    who = who or member()
    awaiting = services.cases.sitting(who.id, who.id).awaiting
    turn = staff_desk.ROOM.awaited[awaiting["what"]].handle(services, event(said, who.id, "text"), who, awaiting)
    services.database.commit(turn.writes)
    return turn


def awaiting(services: Services, who: int = ANN) -> dict[str, Any]:
    return dict(services.cases.sitting(who, who).awaiting)


def text(turn: Turn) -> str:
    return "\n".join(said.text.text for said in turn.says)


def buttons(turn: Turn) -> list[Button]:
    return [b for said in turn.says for row in said.buttons for b in row]


def confirming(turn: Turn, code: str) -> Button:
    return next(b for b in buttons(turn) if b.arguments.get("code") == code)


def links(rich: Rich) -> dict[str, str]:
    return {rich.text[s.start : s.end]: s.url for s in rich.spans if s.kind == "text_link"}


# ---------------------------------------------------------------- classify


def test_candidates_with_grounds_links_and_buttons(services: Services) -> None:
    turn = runs(services, "classify", ADC)
    said = text(turn)
    for part in (
        "United States: Commerce Control List", "1. 3A001", "possible, about", "✓ met: sample rate: 1 GSPS", "✗ missed:",
        "What would decide between them", "This is an estimate", "EAR99  on no entry of the US list: unlikely, about",
        "not reviewed",
    ):  # fmt: skip
        assert part in said, part
    assert links(turn.says[0].text)["US-EAR-774-S1 3A001"].startswith("https://www.ecfr.gov/")
    codes = [b.arguments["code"] for b in buttons(turn) if b.action == "staff.confirm"]
    assert codes[0] == "US:3A001"
    assert codes[-1] == "US:EAR99"
    assert [b.label for b in buttons(turn)][-2:] == ["✓ Confirm EAR99", "✎ Correct"]
    number = buttons(turn)[0].arguments["number"]
    kept = services.desks.decisions.get(number)
    assert (kept.state, kept.text, kept.asked_by) == ("proposed", ADC, "Ann Staff (22)")
    assert (turn.action, turn.target) == ("staff.classify", f"decision:{number}")


def test_in_chinese(services: Services) -> None:
    turn = runs(services, "classify", "含镝钕铁硼永磁体", member(LI, "zh", "李薇"))
    said = text(turn)
    for part in (
        "中国：两用物项",
        "1C905.a.4",
        "吻合度",
        "较可能，约",
        "以上是按文字和数值作出的估计",
        "✓ 确认 CN 1C905.a.4",
    ):
        assert part in said + " ".join(b.label for b in buttons(turn)), part
    assert "约0 %" not in said  # what has no chance is not shown


def test_without_a_description_the_next_message_is_it(services: Services) -> None:
    asked = runs(services, "classify", "  ")
    assert "Send the description" in text(asked)
    assert awaiting(services) == {"what": "staff.classify"}
    assert "Send the description" in text(types(services, " "))
    assert awaiting(services) == {"what": "staff.classify"}
    assert "3A001" in text(types(services, ADC))
    assert awaiting(services) == {}


def test_a_description_that_means_nothing_clears_nothing(services: Services) -> None:
    said = text(runs(services, "classify", "?!"))
    assert "This is an estimate" in said
    assert "EAR99" in said


def test_hostile_descriptions_and_names_stay_words(services: Services) -> None:
    turn = runs(services, "classify", f"{HOSTILE} {ADC}", member(name=HOSTILE))
    whole = text(turn)
    assert "<b>x</b> {0} {name} %s" in whole
    for part in ("/revoke", "@all", "://evil", "\u202e", "\x00", "\x1b"):
        assert part not in whole
    turn = presses(services, confirming(turn, "US:EAR99"), member(name=HOSTILE))
    shown = turn.says[0].text
    assert "\u202e" not in shown.text
    for found in re.finditer("@all|/revoke|://evil", shown.text):
        assert any(s.kind == "code" and s.start <= found.start() < s.end for s in shown.spans)
    number = buttons(turn)[0].arguments["number"]
    assert services.desks.decisions.get(number).history[-1].by.endswith("(22)")
    runs(services, "classify", "x" * 30_000)  # a file's worth


# ---------------------------------------------------------------- decisions


def test_confirm_keeps_who_decided(services: Services) -> None:
    turn = runs(services, "classify", ADC)
    done = presses(services, confirming(turn, "US:3A001"))
    number = buttons(turn)[0].arguments["number"]
    held = services.desks.decisions.get(number)
    assert held.state == "confirmed"
    assert held.choice is not None
    assert (held.choice.regime, held.choice.code, held.history[-1].by) == ("US", "3A001", "Ann Staff (22)")
    assert "confirmed by Ann Staff (22): US 3A001" in text(done)
    assert (done.action, done.target, done.keep_buttons) == ("staff.confirm", f"decision:{number}", False)
    assert [b.action for b in buttons(done)] == ["staff.correct"]


@pytest.mark.parametrize(("language", "word"), [("en", "is decided already"), ("zh", "已有决定")])
def test_the_second_to_confirm_is_told_who_was_first(services: Services, language: str, word: str) -> None:
    turn = runs(services, "classify", ADC)
    presses(services, confirming(turn, "US:3A001"))
    late = presses(services, confirming(turn, "US:EAR99"), member(LI, language, "李薇"))
    assert word in late.toast
    assert "Ann Staff (22)" in late.toast
    assert late.alert
    assert late.says == ()
    held = services.desks.decisions.get(buttons(turn)[0].arguments["number"])
    assert held.choice is not None
    assert held.choice.code == "3A001"


def test_what_was_not_proposed_cannot_be_confirmed(services: Services) -> None:
    turn = runs(services, "classify", ADC)
    forged = replace(
        confirming(turn, "US:3A001"), arguments={"number": buttons(turn)[0].arguments["number"], "code": "US:1C999"}
    )
    assert "cannot be confirmed" in presses(services, forged).toast
    assert services.desks.decisions.get(forged.arguments["number"]).state == "proposed"
    with pytest.raises(BadInput):
        presses(services, replace(forged, arguments={"number": 10**6, "code": "US:3A001"}))


def test_correct_with_code_and_reason(services: Services) -> None:
    turn = runs(services, "classify", "含镝钕铁硼永磁体")
    (button,) = (b for b in buttons(turn) if b.action == "staff.correct")
    presses(services, button)
    number = button.arguments["number"]
    assert awaiting(services) == {"what": "staff.correction", "number": number, "steps": 1}
    assert "Send both" in text(types(services, "CN:1C905.a.4"))
    assert "9Z999 is on no list here" in text(types(services, "9Z999 because"))
    assert services.desks.decisions.get(number).state == "proposed"
    done = types(services, "CN:1C905.a.4 contains dysprosium\nby the data sheet")
    held = services.desks.decisions.get(number)
    assert held.choice is not None
    assert (held.state, held.choice.regime, held.choice.code) == ("corrected", "CN", "1C905.a.4")
    assert held.history[-1].reason == "contains dysprosium\nby the data sheet"
    assert "corrected by Ann Staff (22)" in text(done)
    assert (done.action, done.target) == ("staff.correct", f"decision:{number}")
    assert awaiting(services) == {}


def test_a_correction_does_not_write_over_what_came_in_between(services: Services) -> None:
    turn = runs(services, "classify", ADC)
    (button,) = (b for b in buttons(turn) if b.action == "staff.correct")
    presses(services, button)
    presses(services, confirming(turn, "US:3A991"), member(LI, "zh", "李薇"))
    stopped = types(services, "EAR99 a toy")
    assert "Something has been decided here since" in text(stopped)
    assert "confirmed by 李薇 (21): US 3A991" in text(stopped)
    number = button.arguments["number"]
    assert services.desks.decisions.get(number).state == "confirmed"
    types(services, "EAR99 a toy")
    held = services.desks.decisions.get(number)
    assert [s.state for s in held.history] == ["proposed", "confirmed", "corrected"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("3A001.b.2 too fast", ("3A001.b.2", "too fast")),
        ("3A001.b.2因为频率高", ("3A001.b.2", "因为频率高")),
        ("３Ａ００１：采样率", ("3A001", "采样率")),
        ("CN: 1C905.a.4 - Dy", ("CN:1C905.a.4", "- Dy")),
        ("cn：1C905.a.4，含镝", ("cn:1C905.a.4", "含镝")),
        ("EAR99. A chair.", ("EAR99", "A chair.")),
        ("CN-2024-33.mpcvd reactor", ("CN-2024-33.mpcvd", "reactor")),
        ("3A001", ("3A001", "")),
        ("因为", ("", "")),
        ("", ("", "")),
        ("/etc", ("", "")),
    ],
)
def test_code_and_reason_are_told_apart(said: str, wanted: tuple[str, str]) -> None:
    assert staff_desk.parsed_correction(said) == wanted


# ---------------------------------------------------------------- screen


def test_a_hit_says_what_it_means_and_what_was_searched(services: Services) -> None:
    turn = runs(services, "screen", "Huawei Technologies Co., Ltd. [CN]")
    said = text(turn)
    for part in (
        "Entity List (EL)", "score ", "Effect on an export: a licence is required", "Country read as CN", "Searched:",
        "(as of ", "Nothing else was searched",
    ):  # fmt: skip
        assert part in said, part
    assert said.count("A BIS licence is needed for what") == 1  # once a list is enough
    assert "navicert" not in said
    assert any(s.kind == "expandable_blockquote" for s in turn.says[0].text.spans)
    assert turn.action == "staff.screen"
    assert "Huawei" not in turn.target


def test_no_hit_never_clears(services: Services) -> None:
    said = text(runs(services, "screen", "Blumenladen Sonnenschein", member(LI, "zh", "李薇")))
    assert "没有相近的列名对象。这是检索结果，不代表可以放行。" in said
    assert "已检索：" in said
    assert "截至2026-07-31" in said


def test_a_listed_party_of_the_rules_says_where_it_stands(services: Services) -> None:
    party = next(p for p in services.desks.book.parties if p.list == "control")
    said = text(runs(services, "screen", party.name["en"]))
    assert "China: export control list" in said
    assert "on this day: " in said


def test_without_a_name_the_next_message_is_it(services: Services) -> None:
    runs(services, "screen", "")
    assert awaiting(services) == {"what": "staff.screen"}
    assert "Send the name" in text(types(services, ""))
    assert "Entity List" in text(types(services, "Huawei"))
    assert awaiting(services) == {}


def test_hostile_names_stay_words(services: Services) -> None:
    said = text(runs(services, "screen", HOSTILE))
    assert "<b>x</b>" in said
    for part in ("/revoke", "@all", "\u202e", "\x00", "\x1b"):
        assert part not in said


def test_a_list_that_is_missing_is_said() -> None:
    found = ScreenResult(
        "x", (), (ListState("EL", 3, "2026-07-31"),), ("US lists: gone; `navicert ingest csl:` brings it",)
    )
    assert "Not searched: US lists: gone\n" in staff_pages.screened(found, "en", "", 8, {}).text


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Acme Trading [DE]", ("Acme Trading", "DE")),
        ("Acme Trading (hk)", ("Acme Trading", "HK")),
        ("某某贸易（AE）", ("某某贸易", "AE")),
        ("Acme Trading, AE", ("Acme Trading", "AE")),
        ("Total, SA", ("Total, SA", "")),
        ("Acme Co., Ltd", ("Acme Co., Ltd", "")),
        ("Acme [ZZ]", ("Acme [ZZ]", "")),
        ("Foo AG", ("Foo AG", "")),
        ("[DE]", ("[DE]", "")),
        ("中芯国际（北京）", ("中芯国际（北京）", "")),
    ],
)
def test_name_and_country_are_told_apart(said: str, wanted: tuple[str, str]) -> None:
    assert staff_desk.parsed_name(said) == wanted


# ---------------------------------------------------------------- rules


def test_a_code_with_all_below_it(services: Services, book: RuleBook) -> None:
    turn = runs(services, "rules", "1c905")
    assert all(e.code in text(turn) for e in book.under("1C905"))
    assert "1C904" not in text(turn)
    assert "in force" in text(turn)
    assert any(url == book.instruments["CN-2025-18"].url for url in links(turn.says[0].text).values())


@pytest.mark.parametrize(("lang", "mark"), [("en", "⚠ unconfirmed"), ("zh", "⚠ 未经证实")])
def test_the_unconfirmed_is_marked(services: Services, lang: str, mark: str) -> None:
    assert mark in text(runs(services, "rules", "1E101.B", member(language=lang)))
    assert mark not in text(runs(services, "rules", "1C905.b", member(language=lang)))
    said = text(runs(services, "timeline", "cn-2025-57", member(language=lang)))
    assert mark in next(row for row in said.splitlines() if "2026-11-11" in row)
    assert mark not in next(row for row in said.splitlines() if "2025-11-07" in row)


def test_an_instrument(services: Services, book: RuleBook) -> None:
    said = text(runs(services, "rules", "CN-2025-18", member(language="zh")))
    assert book.instruments["CN-2025-18"].title["zh"] in said
    assert all(p.id in said for p in book.instruments["CN-2025-18"].provisions)


def test_a_long_page_names_the_rest(book: RuleBook) -> None:
    most = max(book.instruments, key=lambda i: sum(e.instrument == i for e in book.entries))
    own = [e for e in book.entries if e.instrument == most]
    long = replace(book, entries=tuple(replace(own[0], code=f"9X{n:03}") for n in range(rule_pages.ENTRIES + 3)))
    page = rule_pages.rules(long, most, "en")
    assert page is not None
    assert "And 3 more" in page.text
    assert f"9X{rule_pages.ENTRIES + 2:03}" in page.text


def test_a_timeline_shows_what_has_days_of_its_own(services: Services, book: RuleBook) -> None:
    timelines = {i.id: i.timeline for i in book.instruments.values()}
    own = next(r for r in book.restrictions if r.timeline != timelines.get(r.reference.instrument, r.timeline))
    said = text(runs(services, "timeline", own.reference.instrument))
    assert own.id in said
    assert all(m.start.isoformat() in said for m in own.timeline)
    entry = book.entries[0]
    changed = replace(book, entries=(replace(entry, timeline=entry.timeline[:1] * 2),))
    page = rule_pages.timeline(changed, entry.instrument.lower(), "en")
    assert page is not None
    assert entry.code in page.text


@pytest.mark.parametrize("name", ["rules", "timeline"])
def test_what_the_rules_do_not_know(services: Services, name: str) -> None:
    assert f"/{name} " in text(runs(services, name, ""))
    said = text(runs(services, name, f"5Z999 {HOSTILE}"))
    assert "5Z999" in said
    assert "/revoke" not in said
    assert "这里的规则中没有" in text(runs(services, name, "5Z999", member(language="zh")))


# ---------------------------------------------------------------- compiled lists


class OneList:
    """Compiled lists of which one waits: a new version can come in while somebody types."""

    def __init__(self) -> None:
        self.state = CompiledState(
            7,
            CCL,
            "2026-11-20",
            True,
            NOW,
            "abc",
            640,
            900,
            3,
            5,
            Changes("2026-07-23", ("9A990",), (), ("3A001",), ()),
        )
        self.approved: list[tuple[str, str, str]] = []

    def states(self) -> tuple[CompiledState, ...]:
        return (self.state,)

    def approve(self, instrument: str, by: str, note: str, at: datetime) -> CompiledState:
        self.approved.append((instrument, by, note))
        self.state = replace(self.state, reviewed_by=by, reviewed_at=at)
        return self.state


@pytest.fixture
def lists(services: Services) -> Iterator[OneList]:
    made, desks = OneList(), services.desks
    before = desks.compiled
    vars(desks)["compiled"] = made  # where the cached property keeps it
    yield made
    vars(desks)["compiled"] = before


def waits(services: Services, action: str, kept: dict[str, Any], said: str = "") -> Turn:
    room = {**review.ROOM.actions, **review.ROOM.awaited}
    turn = room[action].handle(services, event(said, kind="text"), member(), kept)
    services.database.commit(turn.writes)
    return turn


def test_a_compiled_list_is_opened_and_noted_as_reviewed(services: Services, lists: OneList) -> None:
    queue = review.review(services, event(""), member())
    assert f"Compiled list not reviewed: {CCL} 2026-11-20" in text(queue)
    assert "review.lists" in {b.action for b in buttons(queue)}
    shown = waits(services, "review.lists", {})
    for part in ("entries: 640", "rows unread: 3", "added 1 (9A990)", "compiled, not reviewed"):
        assert part in text(shown)
    (button,) = buttons(shown)
    waits(services, "review.approve", dict(button.arguments))
    assert "in words" in text(waits(services, "review.list_note", awaiting(services), " "))
    done = waits(services, "review.list_note", awaiting(services), "all changed entries")
    assert lists.approved == [(CCL, "Ann Staff (22)", "all changed entries")]
    assert "reviewed by Ann Staff (22)" in text(done)
    assert done.action == "review.list"
    assert awaiting(services) == {}
    assert "Compiled list" not in text(review.review(services, event(""), member()))


def test_a_version_nobody_looked_at_is_not_noted_as_reviewed(services: Services, lists: OneList) -> None:
    (button,) = buttons(waits(services, "review.lists", {}))
    waits(services, "review.approve", dict(button.arguments))
    lists.state = replace(lists.state, version=8, sha256="def")
    said = waits(services, "review.list_note", awaiting(services), "looked at it")
    assert "no longer the one" in text(said)
    assert lists.approved == []
    assert awaiting(services) == {}
    assert "no longer the one" in waits(services, "review.approve", dict(button.arguments)).toast


# ---------------------------------------------------------------- roles and catalogues


def test_everything_here_needs_staff_and_nothing_works_in_groups() -> None:
    own = staff_desk.ROOM
    assert set(own.commands) == {"classify", "screen", "rules", "timeline"}
    assert all(c.needs is Role.STAFF and not c.in_groups for c in own.commands.values())
    assert all(p.needs is Role.STAFF for p in (*own.actions.values(), *own.awaited.values()))
    assert all(name.startswith("staff.") for name in (*own.actions, *own.awaited))


def own_keys(lang: str) -> dict[str, str]:
    flat: dict[str, str] = {}

    def walk(prefix: str, node: Any) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(f"{prefix}{key}.", value)
            else:
                flat[f"{prefix}{key}"] = value

    walk("", parse((_FOLDER / f"{lang}-staff.yaml").read_bytes(), lang))
    return flat


def test_both_languages_have_the_same_keys_and_fields() -> None:
    english, chinese = own_keys("en"), own_keys("zh")
    assert english.keys() == chinese.keys()
    for key, words in english.items():
        assert fields(words) == fields(chinese[key]), key
    for room in (staff_desk.ROOM, review.ROOM, stats.ROOM):
        assert all(f"commands.{name}" in english for name in room.commands)


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_every_key_that_is_used_exists_and_every_key_is_used() -> None:
    modules = (staff_desk, staff_pages, rule_pages, review, review_pages, review_waiting, stats)
    source = "\n".join(Path(str(m.__file__)).read_text(encoding="utf-8") for m in modules)
    used = set(re.findall(r'"((?:staff|review|stats)\.[a-z_]+)"', source))
    stems = tuple(set(re.findall(r'f"((?:staff|review|stats)\.[a-z_]*)\{', source)))
    names = {*staff_desk.ROOM.actions, *staff_desk.ROOM.awaited, *review.ROOM.actions, *review.ROOM.awaited}
    known = catalogue("en")
    assert not [key for key in used if key not in known and key not in names and key != "review.export"]
    unused = [k for k in own_keys("en") if not k.startswith("commands.") and k not in used and not k.startswith(stems)]
    assert unused == []


def test_the_bundled_list_is_what_answers(services: Services) -> None:
    assert load_ccl().version in text(runs(services, "classify", "an office chair"))
