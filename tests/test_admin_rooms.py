"""The admin's rooms: sources, status, quarantine, people and invitations, the trail, messages to those affected."""

import csv
import io
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.locales import catalogue
from bot.roles import Role
from bot.services import Services
from bot.telegram import audit, broadcast, ingest, library, sources, users
from bot.telegram.events import Chat, Event, Member, Person, Say, Turn
from knowledge.errors import BadInput
from knowledge.model import Answer, Behaviour, Citation, Confidence, Determination, Good, Outcome, Status, Transaction
from knowledge.rulefiles import parse
from knowledge.settings import Settings
from knowledge.store.affected import Affected
from knowledge.store.database import open_database
from knowledge.store.watches import Watches

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ADMIN, OTHER, STAFF, ASKER = 100, 101, 102, 103
UPDATES = count(1)
ROOMS = (ingest.ROOM, library.ROOM, users.ROOM, audit.ROOM, broadcast.ROOM)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    database = open_database(tmp_path)
    made = Services(Settings(tmp_path, "CN", embedder="none"), database, now=lambda: NOW, bot_name="navicert_bot")
    database.commit([made.people.put(ADMIN, NOW, role="admin", name="Ada", language="en", invited_by=1)])
    yield made
    database.close()


def join(services: Services, person: int, role: str = "exporter", **more: Any) -> None:
    services.database.commit([services.people.put(person, NOW, role=role, name=f"P{person}", invited_by=ADMIN, **more)])


def event(text: str = "", kind: str = "command", update: int = 1) -> Event:
    return Event(update, kind, Person(ADMIN, "Ada"), Chat(ADMIN), NOW, text, message=77)


PRESS = event(kind="button")


def member(lang: str = "en") -> Member:
    return Member(Person(ADMIN, "Ada"), Role.ADMIN, lang, True)


def commit(services: Services, turn: Turn) -> None:
    services.database.commit(turn.writes)


def text(turn: Turn) -> str:
    return "\n\n".join(s.text.text for s in turn.says)


def buttons(turn: Turn) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for said in turn.says:
        for b in (b for row in said.buttons for b in row):
            found.setdefault(b.action, []).append(dict(b.arguments))
    return found


def press(services: Services, action: str, values: dict[str, Any], lang: str = "en") -> Turn:
    every = {name: pressed for room in ROOMS for name, pressed in room.actions.items()}
    return every[action].handle(services, PRESS, member(lang), values)


# ---------------------------------------------------------------- all of them


def test_everything_needs_an_admin_in_a_private_chat() -> None:
    for room in ROOMS:
        assert all(c.needs is Role.ADMIN and not c.in_groups for c in room.commands.values())
        assert all(p.needs is Role.ADMIN for p in (*room.actions.values(), *room.awaited.values()))
    assert {c for room in ROOMS for c in room.commands} == {
        "ingest", "sources", "status", "quarantine", "reindex", "users", "audit", "broadcast",
    }  # fmt: skip


def _flat(lang: str) -> dict[str, str]:
    path = Path(ingest.__file__).parent.parent / "locales" / f"{lang}-admin.yaml"
    rooms = parse(path.read_bytes(), path.name)
    return {f"{room}.{key}": said for room, keys in rooms.items() for key, said in keys.items()}


def test_both_languages_say_the_same_with_the_same_fields() -> None:
    english, chinese = _flat("en"), _flat("zh")
    assert english.keys() == chinese.keys()
    for key, said in english.items():
        fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in (said, chinese[key])]
        assert fields[0] == fields[1], key
    assert {f"commands.{c}" for room in ROOMS for c in room.commands} <= english.keys()


def test_every_button_leads_somewhere(services: Services) -> None:
    """Press all that a room offers, and all that comes of it, in both languages; nothing raises and nothing leads nowhere."""
    join(services, STAFF, "staff", username="<b>*x*</b>")
    services.people.invite("staff", ADMIN, NOW, NOW + timedelta(days=1))
    services.store.ledger.add_source("us-ccl", "ecfr:15/774/supp-1", 1, NOW)
    services.store.ledger.set_aside("a" * 64, "x\u202e.pdf", "file:/home/x/y.pdf", "", "empty", "d", {}, NOW)
    services.store.jobs.submit("reindex", {}, NOW)
    actions = {name for room in ROOMS for name in room.actions}
    for lang in ("en", "zh"):
        seen: set[tuple[str, ...]] = set()
        waiting = [c.handle(services, event(), member(lang)) for room in ROOMS for c in room.commands.values()]
        while waiting:
            turn = waiting.pop()
            assert "\u202e" not in text(turn) and "/home" not in text(turn)
            for action, arguments in buttons(turn).items():
                assert action in actions
                step = (action, *sorted(arguments[0]))  # an invitation's button comes back with more chosen
                if step not in seen and action not in ("library.retry", "library.forced"):
                    seen.add(step)
                    waiting.append(press(services, action, arguments[0], lang))
        wanted = {
            "users.make",
            "users.revoke",
            "library.force",
            "library.source",
            "audit.export",
            "ingest.cancel",
        }
        assert wanted <= {step[0] for step in seen}


# ---------------------------------------------------------------- the library


def test_sources_tell_what_is_out_of_date_and_bring_it_in(services: Services) -> None:
    services.store.ledger.add_source("us-ccl", "ecfr:15/774/supp-1", 1, NOW)
    services.store.ledger.add_source("url:https://example.com/x", "url:https://example.com/x", 30, NOW)
    services.store.ledger.note_source("url:https://example.com/x", "current", "", NOW, ingested=True)
    turn = library.ROOM.commands["sources"].handle(services, event(), member())
    lines = text(turn).splitlines()
    assert any(line.startswith("● us-ccl") and "out of date" in line for line in lines)
    assert any(line.startswith("● url:https://example.com/x current, checked 2026-11-21") for line in lines)
    assert any(line.startswith("○ eu-dual-use") for line in lines)
    brought = press(services, "library.stale", {})
    (job,) = services.store.jobs.recent()
    assert job.arguments["specs"] == ["ecfr:15/774/supp-1"] and brought.action == "ingest"
    commit(services, brought)
    assert [w.job for w in Watches(services.database).open()] == [job.id]
    press(services, "library.bring", {"id": "eu-dual-use"})
    assert services.store.jobs.recent()[0].arguments["specs"] == ["celex:32021R0821"]


def test_watching_a_source(services: Services) -> None:
    turn = press(services, "library.watch", {"id": "us-ccl"})
    (watched,) = services.store.ledger.sources()
    assert (watched.id, watched.spec, watched.interval_days) == ("us-ccl", "ecfr:15/774/supp-1", 1)
    assert (turn.action, turn.target) == ("library.watch", "us-ccl")
    assert "already" in text(sources.sources(services, event("watch us-ccl"), member()))
    for bad in ("/etc/passwd", "file:///etc", "http://127.0.0.1/", ""):
        assert sources.sources(services, event(f"watch {bad}"), member()).outcome == "refused"
    assert len(services.store.ledger.sources()) == 1
    with pytest.raises(BadInput):
        press(services, "library.bring", {"id": "/etc/passwd"})


def test_status(services: Services) -> None:
    services.store.jobs.submit("ingest", {"specs": ["file:/home/me/uploads/law.pdf"]}, NOW)
    said = text(library.status(services, event(), member()))
    for words in (
        "Instruments: 0",
        "In quarantine: 0",
        "Working on it now: nobody",
        "Jobs that are not over: 1",
        "waits: law.pdf",
    ):
        assert words in said
    assert "/home/me" not in said
    assert "条款：0" in text(library.status(services, event(), member("zh")))


def test_quarantine_retry_and_force_after_a_confirmation(services: Services) -> None:
    assert "Nothing" in text(library.quarantine(services, event(), member()))
    services.store.ledger.set_aside("a" * 64, "法.pdf", "csl:", "", "too_few_provisions", "Has 2.", {}, NOW)
    (held,) = services.store.ledger.quarantined()
    assert "fewer provisions" in text(library.quarantine(services, event(), member()))
    shown = press(services, "library.held", {"id": held.id}, "zh")
    assert "条款数少于预期" in text(shown) and "Has 2." in text(shown)
    asked = press(services, "library.force", {"id": held.id})
    assert services.store.jobs.recent() == () and "library.forced" in buttons(asked)
    assert press(services, "library.forced", {"id": held.id}).action == "library.force"
    (job,) = services.store.jobs.recent()
    assert (job.kind, job.arguments) == ("retry", {"ids": [held.id], "force": True})
    press(services, "library.retry", {"id": held.id})
    assert services.store.jobs.recent()[0].arguments["force"] is False
    services.store.ledger.resolve("a" * 64)
    with pytest.raises(BadInput, match="not in quarantine any more"):
        press(services, "library.retry", {"id": held.id})


def test_reindex_asks_first(services: Services) -> None:
    asked = library.reindex(services, event(), member())
    assert services.store.jobs.recent() == () and set(buttons(asked)) == {"library.reindex", "library.leave"}
    assert all(b.once for row in asked.says[0].buttons for b in row)
    turn = press(services, "library.reindex", {})
    (job,) = services.store.jobs.recent()
    assert (job.kind, turn.action, turn.target) == ("reindex", "library.reindex", f"job {job.id}")
    assert "Nothing was done" in text(press(services, "library.leave", {}))


# ---------------------------------------------------------------- people


def secret_in(turn: Turn) -> str:
    found = re.search(r"https://t\.me/navicert_bot\?start=([\w-]+)", text(turn))
    assert found
    return found[1]


def test_an_invitation_in_one_go_works_and_leaves_its_code_nowhere(services: Services) -> None:
    turn = users.users(services, event("invite staff 7d 90d"), member())
    commit(services, turn)
    secret = secret_in(turn)
    (invite,) = services.people.invitations()
    assert (invite.role, invite.expires_at) == ("staff", NOW + timedelta(days=7))
    assert invite.role_until == NOW + timedelta(days=90)
    assert (turn.action, turn.target) == ("users.invite", "invitation 1: staff")
    kept = b"".join(p.read_bytes() for p in services.settings.home.glob("navicert.db*"))
    assert secret.encode() not in kept
    joined = services.people.redeem(secret, STAFF, "Sue", "", "", NOW)
    assert joined is not None and joined.role == "staff"


def test_an_invitation_by_buttons(services: Services) -> None:
    turn = press(services, "users.invite", {})
    for _ in range(2):
        turn = press(services, "users.invite", buttons(turn)["users.invite"][0])
    assert [b["lasts"] for b in buttons(turn)["users.make"]] == [0, 30, 90, 365]
    made = press(services, "users.make", buttons(turn)["users.make"][1], "zh")
    (invite,) = services.people.invitations()
    assert (invite.role, invite.expires_at) == ("exporter", NOW + timedelta(days=1))
    assert invite.role_until == NOW + timedelta(days=30)
    assert secret_in(made) not in made.target and not made.keep_buttons
    for bad in ({"role": "owner", "open": 1, "lasts": 0}, {"role": "admin", "open": 9999, "lasts": 0}):
        with pytest.raises(BadInput):
            press(services, "users.make", bad)


@pytest.mark.parametrize("words", ["invite", "invite owner 7d", "invite staff 0d", "invite staff 366", "invite staff x", "hello", "invite staff ７d"])  # fmt: skip
def test_a_wrong_invitation_tells_how(services: Services, words: str) -> None:
    turn = users.users(services, event(words), member())
    assert turn.outcome == "refused" and "/users invite staff 7d" in text(turn)
    assert services.people.invitations() == ()


def test_withdrawing_an_invitation(services: Services) -> None:
    secret = services.people.invite("staff", ADMIN, NOW, NOW + timedelta(days=1))
    turn = press(services, "users.withdraw", {"number": 1})
    assert turn.action == "users.withdraw" and "no invitation" in text(turn)
    assert services.people.redeem(secret, STAFF, "Sue", "", "", NOW) is None
    again = press(services, "users.withdraw", {"number": 1})
    assert again.alert and not again.action


def test_revoking_tells_the_person_in_their_language(services: Services) -> None:
    join(services, STAFF, "staff", language="zh")
    join(services, ASKER)
    assert services.people.get(STAFF).holds(NOW)  # type: ignore[union-attr]
    asked = press(services, "users.revoke", {"id": STAFF})
    assert asked.writes == () and buttons(asked)["users.revoked"] == [{"id": STAFF}]
    turn = press(services, "users.revoked", {"id": STAFF})
    commit(services, turn)
    assert not services.people.get(STAFF).holds(NOW)  # type: ignore[union-attr]
    (told,) = [s for s in turn.says if s.chat == STAFF]
    assert "撤销" in told.text.text and "Navicert has" not in told.text.text
    assert (turn.action, turn.target) == ("users.revoke", str(STAFF))
    both = press(services, "users.revoked", {"id": ASKER}).says[1].text.text
    assert "taken back" in both and "撤销" in both  # who never chose a language reads both
    assert len(press(services, "users.revoked", {"id": STAFF}).says) == 1  # pressed again: nobody is told twice


def test_the_last_admin_stays(services: Services) -> None:
    for action, values in (("users.revoke", {}), ("users.revoked", {}), ("users.role", {"role": "staff"}), ("users.changed", {"role": "staff"})):  # fmt: skip
        turn = press(services, action, {"id": ADMIN, **values})
        assert turn.outcome == "refused" and turn.writes == () and "only admin" in text(turn)
    join(services, OTHER, "admin")
    first = press(services, "users.revoked", {"id": ADMIN})
    second = press(services, "users.changed", {"id": OTHER, "role": "staff"})  # both looked before either was kept
    commit(services, first)
    with pytest.raises(BadInput, match="last admin"):
        commit(services, second)
    assert [k.id for k in services.people.with_role("admin", NOW)] == [OTHER]


def test_changing_a_role_keeps_its_end(services: Services) -> None:
    until = NOW + timedelta(days=30)
    join(services, STAFF, "staff", expires_at=until, language="en")
    asked = press(services, "users.role", {"id": STAFF, "role": "admin"})
    assert asked.writes == () and "invites and revokes" in text(asked)
    turn = press(services, "users.changed", {"id": STAFF, "role": "admin"})
    commit(services, turn)
    known = services.people.get(STAFF)
    assert known is not None and (known.role, known.expires_at, known.revoked_at) == ("admin", until, None)
    assert "Your role in Navicert is now: admin." in [s.text.text for s in turn.says if s.chat == STAFF]
    commit(services, press(services, "users.changed", {"id": STAFF, "role": "exporter"}))
    assert services.people.get(STAFF).role == "exporter"  # type: ignore[union-attr]
    with pytest.raises(BadInput):
        press(services, "users.changed", {"id": STAFF, "role": "owner"})


def test_the_list_goes_on_over_pages_and_shows_names_as_they_are(services: Services) -> None:
    for n in range(30):
        join(services, 1000 + n)
    services.database.commit(
        [services.people.put(STAFF, NOW, name="<b>*王*</b>\u202e\n/x", role="staff", revoked_at=NOW)]
    )
    first = users.users(services, event(), member())
    assert "People with access: 31" in text(first)
    pages = first
    seen = text(first)
    while nexts := [
        b for b in buttons(pages).get("users.list", []) if b["from"] > 0 and f"P{1000 + b['from']}" not in seen
    ]:
        pages = press(services, "users.list", nexts[-1])
        assert pages.says[0].edit == 77
        seen += text(pages)
        if nexts[-1]["from"] >= 24:
            break
    assert all(f"P{1000 + n}" in seen for n in range(30))
    assert "<b>*王*</b>" in seen and "\u202e" not in seen and "revoked 2026-11-21 09:00 UTC" in seen


# ---------------------------------------------------------------- the trail


def note(services: Services, action: str, target: str = "", outcome: str = "done", person: int = ADMIN) -> None:
    services.database.commit([services.people.note(NOW, person, "admin", action, target, outcome, "")])


def test_the_trail_with_names_and_only_what_was_refused(services: Services) -> None:
    note(services, "ingest", "job 1: 公告")
    note(services, "/users", outcome="refused", person=999)
    said = text(audit.audit(services, event(), member()))
    assert "✓ 11-21 09:00 Ada: ingest job 1: 公告" in said and "✗ 11-21 09:00 999: /users" in said
    refused = text(audit.audit(services, event("refused"), member("zh")))
    assert "999" in refused and "Ada" not in refused and "被拒绝" in refused
    assert audit.audit(services, event("x"), member()).outcome == "refused"


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '="a","b"', "\u3000=1"]
)
def test_no_cell_of_the_export_is_a_formula(services: Services, evil: str) -> None:
    note(services, "ask", evil)
    services.database.commit([services.people.put(ADMIN, NOW, name=evil)])
    turn = audit.audit(services, event("export"), member())
    name, data = turn.says[0].file or ("", b"")
    assert name == "navicert-audit-2026-11-21.csv" and data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == list(audit.COLUMNS) and len(rows) == 2
    assert rows[1][3] == f"'{evil}" and rows[1][6] == f"'{evil}"
    assert rows[1][2] == str(ADMIN) and turn.action == "audit.export"


def test_plain_cells_stay_as_they_are() -> None:
    assert [audit.cell(c) for c in ("公告 2025-18", "a=b", "", "1-2")] == ["公告 2025-18", "a=b", "", "1-2"]


# ---------------------------------------------------------------- messages to those affected


def answer(instrument: str, entry: str, lang: Any = "en") -> Answer:
    cited = Citation(1, instrument, "art-1", "T", "", "q", "s", 0, 1, None, None, Confidence.CONFIRMED)
    found = Determination("CN", Outcome.LICENCE_REQUIRED, Status.IN_FORCE, (entry,), (instrument,), None, (), (), ())
    return Answer(
        "q", lang, date(2026, 11, 21), Behaviour.ANSWER, Outcome.LICENCE_REQUIRED, (found,),
        Transaction((Good("magnet", codes=("2B999",)),)), (), (), (), (cited,), "t", (), "r", "g",
    )  # fmt: skip


def asked(
    services: Services, person: int, instrument: str, entry: str, lang: str = "en", chat: int | None = None
) -> int:
    where = person if chat is None else chat
    case = services.cases.open(where, person, "t", NOW)
    return services.cases.keep(case, next(UPDATES), answer(instrument, entry, lang), NOW)


@pytest.mark.parametrize(
    ("subject", "people"),
    [
        ("CN-2025-18", {ASKER}),
        ("cn-2025-18", {ASKER}),
        ("CN-2025-1", set()),
        ("1C905", {ASKER}),
        ("1C905.b", {ASKER}),
        ("1C90", set()),
        ("2B999", {ASKER, STAFF}),
        ("US-出口管理条例", {STAFF}),
        ("%", set()),
        ("_", set()),
        ("art-1", set()),
        ("", set()),
    ],
)
def test_who_is_affected(services: Services, subject: str, people: set[int]) -> None:
    asked(services, ASKER, "CN-2025-18", "1C905.b")
    asked(services, ASKER, "CN-2025-18", "1C905.b", chat=-5)
    asked(services, STAFF, "US-EAR-744", "3A001")
    asked(services, STAFF, "US-出口管理条例", "3A001")
    assert set(Affected(services.database).people([subject])) == people


def test_an_answer_that_was_taken_back_counts_no_more(services: Services) -> None:
    number = asked(services, ASKER, "CN-2025-18", "1C905.b")
    services.database.commit([services.cases.take_back(number, by=ASKER, at=NOW)])
    assert Affected(services.database).people(["CN-2025-18"]) == {}


def test_preview_confirm_and_one_message_each(services: Services) -> None:
    join(services, ASKER)  # reads the language of the answer
    join(services, STAFF, "staff", language="en")
    join(services, OTHER)
    join(services, 104)
    join(services, 105, expires_at=NOW - timedelta(days=1))
    for person in (ASKER, ASKER, STAFF, OTHER, 104, 105, 106):  # 106 is no member any more
        asked(services, person, "CN-2025-18", "1C905.b", "zh")
    services.database.commit([services.people.revoke(OTHER, NOW), services.cases.forget(104, NOW)])
    words = "第18号公告今日暂停。\n<b>*Read*</b> it"
    preview = broadcast.broadcast(services, event(f"CN-2025-18 {words}", update=9), member())
    assert preview.writes == () and not preview.action and len(preview.says) == 1
    said = text(preview)
    assert "it goes to: 2 (" in said and "English 1, Chinese 1" in said and words in said
    assert "合规人员的通知" in said and "A message from your compliance staff" in said
    assert all(b.once for row in preview.says[0].buttons for b in row)
    values = buttons(preview)["broadcast.send"][0]
    turn = press(services, "broadcast.send", values)
    told = {s.chat: s.text.text for s in turn.says if s.chat is not None}
    assert set(told) == {ASKER, STAFF} and len(turn.says) == 3
    assert (
        told[ASKER].startswith("合规人员的通知") and told[STAFF].startswith("A message from") and words in told[STAFF]
    )
    assert (turn.action, turn.target) == ("broadcast.send", "CN-2025-18: 2 people")
    commit(services, turn)
    kept = services.people.trail()
    assert [d.detail for d in kept] == ["2 people"] and "暂停" not in str(kept)
    replayed = press(services, "broadcast.send", values)
    with pytest.raises(BadInput, match="already"):
        commit(services, replayed)
    other = broadcast.broadcast(services, event(f"CN-2025-18 {words}", update=10), member())
    commit(services, press(services, "broadcast.send", buttons(other)["broadcast.send"][0]))


def test_somebody_revoked_after_the_preview_gets_nothing(services: Services) -> None:
    join(services, ASKER)
    asked(services, ASKER, "CN-2025-18", "1C905.b")
    preview = broadcast.broadcast(services, event("1C905 Look again."), member())
    services.database.commit([services.people.revoke(ASKER, NOW)])
    turn = press(services, "broadcast.send", buttons(preview)["broadcast.send"][0])
    assert [s for s in turn.says if s.chat] == [] and turn.writes == ()


def test_offered_after_an_ingest_it_waits_for_the_words(services: Services) -> None:
    join(services, ASKER)
    asked(services, ASKER, "CN-2025-18", "1C905.b")
    commit(services, press(services, "broadcast.offer", {"subjects": ["CN-2025-18", "CN-ECL-2020"]}))
    awaiting = services.cases.sitting(ADMIN, ADMIN).awaiting
    assert awaiting == {"what": "broadcast.text", "subjects": ["CN-2025-18", "CN-ECL-2020"]}
    handle = broadcast.ROOM.awaited["broadcast.text"].handle
    long = handle(services, event("好" * 3001, "text"), member(), awaiting)
    commit(services, long)
    assert long.outcome == "refused" and services.cases.sitting(ADMIN, ADMIN).awaiting
    turn = handle(services, event("Look again.", "text"), member("zh"), awaiting)
    commit(services, turn)
    assert services.cases.sitting(ADMIN, ADMIN).awaiting == {}
    assert buttons(turn)["broadcast.send"][0]["subjects"] == ["CN-2025-18", "CN-ECL-2020"]
    assert "Nothing was sent" in text(press(services, "broadcast.leave", {}))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nobody_affected_and_no_subject(services: Services, lang: str) -> None:
    nobody = broadcast.broadcast(services, event("CN-2025-18 Hello"), member(lang))
    assert "CN-出口管制法" in text(broadcast.broadcast(services, event("CN-出口管制法 你好"), member(lang)))
    assert "CN-2025-18" in text(nobody) and buttons(nobody) == {}
    assert buttons(press(services, "broadcast.offer", {"subjects": ["CN-2025-18"]}, lang)) == {}
    assert "/broadcast" in text(broadcast.broadcast(services, event(), member(lang)))
    wrong = broadcast.broadcast(services, event("大家好 消息"), member(lang))
    assert wrong.outcome == "refused" and "大家好" in text(wrong)


def test_messages_of_every_state_fit(services: Services) -> None:
    """A full list stays within what Telegram takes in one message, so that its buttons stay under it."""
    for n in range(40):
        name = "法" * 200 + f"{n}.pdf"
        services.store.ledger.set_aside(f"{n:064}", name, "csl:", "", "too_few_provisions", "d" * 900, {}, NOW)
        note(services, "a" * 60, "目" * 400)
        services.people.invite("staff", ADMIN, NOW, NOW + timedelta(days=1))
    shown: list[Say] = []
    for turn in (library.quarantine(services, event(), member()), audit.audit(services, event(), member()), press(services, "users.invitations", {})):  # fmt: skip
        shown += turn.says
    assert [len(s.text.text) <= 4096 for s in shown] == [True] * 3
    assert catalogue("zh")["library.more"].format(n=20) in text(library.quarantine(services, event(), member("zh")))


def test_edits_and_new_messages(services: Services) -> None:
    assert users.users(services, event(), member()).says[0].edit is None
    assert press(services, "users.list", {}).says[0].edit == 77
    assert replace(PRESS, kind="command").message == 77
