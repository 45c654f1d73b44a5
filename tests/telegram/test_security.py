"""Who may not, cannot: every command, button and awaited message of staff and admins, tried in every way by everybody else."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from bot.locales import say
from bot.roles import Role
from bot.telegram.app import front
from bot.telegram.events import Chat, Event, Member, Person, Turn, says
from bot.telegram.menus import rooms
from bot.telegram.rooms import Command, Pressed
from bot.telegram.router import Router
from knowledge.store.chat_schema import metadata
from knowledge.store.people import Deed
from tests.telegram.faultserver import FaultServer
from tests.telegram.running import NOW, Running, running
from tests.telegram.world import Actor, Json, Shown, detected
from tests.telegram.world import Chat as Place

LONG = 30.0
NUMBERS = count(50_001)
ABOVE = (Role.STAFF, Role.ADMIN)
LATER = NOW + timedelta(days=30)
GONE = NOW - timedelta(minutes=1)
MAIL = {"updates", "outbox", "trail", "sittings", "keyboards"}
"""Tables that a refusal changes: that something came, what was answered, what was noted."""
PEOPLE: Mapping[str, Mapping[str, Any] | None] = {
    "stranger": None,
    "exporter": {"role": "exporter", "invited_by": 1},
    "staff": {"role": "staff", "invited_by": 1},
    "expired staff": {"role": "staff", "expires_at": GONE},
    "revoked admin": {"role": "admin", "revoked_at": GONE},
    "expired admin": {"role": "admin", "expires_at": GONE},
}


def below(needs: Role) -> list[str]:
    """Who may not do what needs that role."""
    return [who for who in PEOPLE if not (who == "staff" and needs is Role.STAFF)]


def offers(part: str) -> list[Any]:
    """Every (name, who may not) of the rooms' commands, actions or awaited messages that need staff or admins."""
    held = [(name, offer.needs) for room in rooms() for name, offer in getattr(room, part).items()]
    return [
        pytest.param(name, who, id=f"{name}, {who}") for name, needs in held if needs in ABOVE for who in below(needs)
    ]


def names(part: str) -> list[str]:
    """The names of those."""
    return sorted({param.values[0] for param in offers(part)})


def waited(condition: Callable[[], bool], seconds: float = LONG) -> bool:
    """Does it come to hold?"""
    end, pause = time.monotonic() + seconds, 0.005
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(0.2, pause * 1.5)
    return True


@dataclass
class Stage:
    """A running bot and its Telegram. Each person is a new one."""

    server: FaultServer
    bot: Running

    def __post_init__(self) -> None:
        self.world, self.services = self.server.world, self.bot.services
        self.router: Router = self.bot.chat.router

    def person(self, who: str = "stranger", name: str = "", **more: Any) -> Actor:
        """Somebody of that kind, who has written to the bot before."""
        actor = self.world.user(next(NUMBERS), name or "Mallory")
        self.world.chats[actor.id].met = True
        if (row := PEOPLE[who] if who != "admin" else {"role": "admin"}) is not None:
            given = {"name": actor.user["first_name"], "seen_at": NOW, **row, **more}
            self.services.database.commit([self.services.people.put(actor.id, NOW, **given)])
        return actor

    def agreed(self, name: str = "", **more: Any) -> Actor:
        """An exporter who has agreed to recording."""
        return self.person("exporter", name, consented_at=NOW, **more)

    def tell(self, kind: str, body: Json) -> int:
        """An update; its number."""
        with self.world.changed:
            allowed, self.world.allowed = self.world.allowed, ()
            number = self.world.tell(kind, body)
            self.world.allowed = allowed
        assert number is not None
        return number

    def message(self, author: Json, fields: Json, chat: int) -> Json:
        """A message that stands in a chat, not told yet."""
        with self.world.changed:
            return dict(self.world.post(self.world.chats[chat], fields, author))

    def settled(self) -> None:
        """Everything told is handled, and everything promised is there."""
        with self.world.changed:
            last = self.world._last_update
        assert waited(lambda: self.services.post.state(last) == "done"), "an update was not handled"
        assert waited(lambda: not self.services.post.waiting()), "updates were left"
        assert waited(lambda: not self.services.post.outstanding()), "messages were left"

    def said(self, *chats: int) -> list[Shown]:
        """What the bot itself wrote there."""
        ours = self.world.bot["id"]
        return [m for chat in chats for m in self.world.messages(chat, bot_only=True) if m.sender == ours]

    def refusals(self, person: int) -> list[Deed]:
        """What was lately noted of a person as refused, oldest first."""
        return [d for d in self.services.people.trail(100, refused=True) if d.person == person][::-1]

    def rows(self, *left_out: str) -> Mapping[str, list[Any]]:
        """The whole database, but for the tables left out."""
        with self.services.database.read() as connection:
            return {
                name: [tuple(row) for row in connection.execute(select(table))]
                for name, table in metadata.tables.items()
                if name not in left_out
            }

    def pressed(self, actor: Actor, data: str, message: int = 1, chat: int | None = None) -> str:
        """The window or line that a forged press brings."""
        return str(self.world.answer_to(actor.forge_press(data, message, chat), LONG)["text"])

    def laid(
        self, chat: int, person: int | None, *actions: str, once: bool = False, lasts: bool = True, key: str = ""
    ) -> str:
        """Buttons as the bot itself would have made them; their id."""
        id_ = key or f"key-{next(NUMBERS)}"
        buttons = [{"action": action, "arguments": {}, "once": once} for action in actions]
        ends = LATER if lasts else GONE
        self.services.database.commit([self.services.post.lay(id_, chat, person, buttons, NOW, ends)])
        return id_


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One bot, by invitation, for all tests here."""
    with running(tmp_path_factory.mktemp("guarded"), open_to_all=False) as (server, bot):
        assert waited(lambda: bool(bot.services.people.invitations()))  # the start makes the one of the first admin
        yield Stage(server, bot)


@dataclass
class Recorder:
    """Stands where the handler was, and knows whom it let in."""

    ran: list[int] = field(default_factory=list)

    def __call__(self, services: Any, event: Event, member: Member, *_given: Any) -> Turn:
        self.ran.append(member.id)
        note = services.people.note(event.at, member.id, str(member.role), "ran")
        return replace(says("ran"), writes=(note,), toast="ran")


@pytest.fixture
def record(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Recorder]:
    """Put a recorder in the place of a handler; who may run it stays as the room says."""

    def put(part: str, name: str) -> Recorder:
        recorder, held = Recorder(), getattr(stage.router, part)
        monkeypatch.setitem(held, name, replace(held[name], handle=recorder))
        return recorder

    return put


# ---------------------------------------------------------------- commands

OTHER_BOT: Json = {"id": 777_001, "is_bot": True, "first_name": "Other", "username": "other_bot"}
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
SERVICE: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
SHEET: Json = {
    "file_id": "F1",
    "file_unique_id": "u1",
    "file_name": "a.pdf",
    "mime_type": "application/pdf",
    "file_size": 9,
}
PHOTO: Json = {"file_id": "F2", "file_unique_id": "u2", "width": 1, "height": 1, "file_size": 9}


@dataclass
class Tried:
    """Where the command was sent besides the private chat."""

    group: int
    channel: int


HONEST = ("private", "named", "file", "photo")
"""Ways in which a command is meant to be sent."""


def tries(stage: Stage, actor: Actor, command: str, ways: Collection[str] = ()) -> Tried:
    """The command in every way that Telegram knows, or in some."""
    group = stage.world.group("Trade", actor)
    channel = group - 900_000
    stage.world.chats[channel] = Place(channel, "channel", "News")
    text = f"/{command} 1"
    named = f"/{command}@{stage.world.bot['username']} 1"

    def written(said: str, **more: Any) -> Json:
        return {"text": said, "entities": detected(said), **more}

    def by(author: Json, fields: Json, chat: int) -> Json:
        return stage.message(author, fields, chat)

    mine, place = actor.user, stage.world.chat_json(stage.world.chats[group])
    sender = {"type": "user", "date": 1, "sender_user": {"id": 1, "is_bot": False, "first_name": "Ada"}}
    edited = {**by(mine, written("hello"), actor.id), **written(text), "edit_date": 2}
    edited_there = {**by(mine, written("hello"), group), **written(named), "edit_date": 2}
    bodies = {
        "private": ("message", by(mine, written(text), actor.id)),
        "named": ("message", by(mine, written(named), actor.id)),
        "file": ("message", by(mine, {"document": SHEET, "caption": text}, actor.id)),
        "photo": ("message", by(mine, {"photo": [PHOTO], "caption": text}, actor.id)),
        "group": ("message", by(mine, written(named), group)),
        "edited": ("edited_message", edited),
        "edited in a group": ("edited_message", edited_there),
        "channel": ("channel_post", {k: v for k, v in by(mine, written(text), channel).items() if k != "from"}),
        "another bot": ("message", by(OTHER_BOT, written(named), group)),
        "anonymous": ("message", by(ANONYMOUS, written(named, sender_chat=place), group)),
        "linked channel": ("message", by(SERVICE, written(named, sender_chat=place), group)),
        "forwarded": ("message", by(mine, written(text, forward_origin=sender), actor.id)),
        "by way of a bot": ("message", by(mine, written(text, via_bot=OTHER_BOT), actor.id)),
        "marked as one": ("message", by(mine, {"text": command, "entities": [{"type": "bot_command", "offset": 0, "length": 3}]}, group)),
    }  # fmt: skip
    for way, (kind, body) in bodies.items():
        if not ways or way in ways:
            stage.tell(kind, body)
    stage.settled()
    return Tried(group, channel)


def unspoken(stage: Stage, actor: Actor, *groups: int) -> bool:
    """Was this person told nothing but that they may not, or may not yet?"""
    plain = {say("en", f"door.{k}", id=actor.id) for k in ("stranger", "refused", "in_private", "edited")}
    said = [m.text for m in stage.said(actor.id, *groups)]
    assert [t for t in said if t not in plain and not t.startswith(say("en", "ask.consent"))] == []
    return True


@pytest.mark.parametrize(("command", "who"), offers("commands"))
def test_a_command_runs_for_nobody_below_its_role(stage: Stage, record: Any, command: str, who: str) -> None:
    recorder, actor = record("commands", command), stage.person(who)
    before = stage.rows(*MAIL)
    was = who.startswith(("expired", "revoked"))
    tried = tries(stage, actor, command, (*HONEST, "edited") if was else ())
    assert recorder.ran == []
    assert stage.rows(*MAIL) == before
    assert unspoken(stage, actor, tried.group)
    assert not stage.said(tried.channel)
    noted = [d.action for d in stage.refusals(actor.id)]
    assert noted.count(f"/{command}") == (4 if was else 5)
    assert noted.count("edited command") == (1 if was else 2)
    for nobody in () if was else (OTHER_BOT, ANONYMOUS, SERVICE):
        assert f"chat {tried.group}" in [d.target for d in stage.refusals(nobody["id"])]
    waits = stage.services.cases.sitting(actor.id, actor.id).awaiting.get("what", "")
    assert waits in ("", "ask.consent")


@pytest.mark.parametrize("command", names("commands"))
def test_a_command_runs_for_an_admin_only_as_it_is_meant(stage: Stage, record: Any, command: str) -> None:
    """The other half: the ways that are refused above are refused to an admin too, the honest ones are not."""
    recorder, actor = record("commands", command), stage.person("admin")
    before = stage.rows(*MAIL)
    tried = tries(stage, actor, command)
    assert recorder.ran == [actor.id] * len(HONEST)
    assert stage.rows(*MAIL) == before
    assert {m.text for m in stage.said(tried.group)} <= {say("en", "door.in_private")}
    assert len(stage.refusals(actor.id)) == 2  # the edits


def test_refusals_fall_silent_and_go_on_being_noted(stage: Stage) -> None:
    for who in ("stranger", "exporter"):
        actor = stage.person(who)
        for n in range(12):
            actor.say("/users" if n % 2 else "/ingest")
        stage.settled()
        assert 1 <= len(stage.said(actor.id)) <= 3
        assert len(stage.refusals(actor.id)) == 12


def test_a_stranger_who_tries_codes_is_soon_told_no_more(stage: Stage) -> None:
    actor = stage.person()
    for n in range(20):
        actor.say(f"/start code{n}")
    for _ in range(10):
        actor.say("/whoami")
    stage.settled()
    assert 1 <= len(stage.said(actor.id)) <= 4
    assert len(stage.refusals(actor.id)) == 20


def test_when_everybody_may_ask_still_only_some_may_more(stage: Stage) -> None:
    """A bot that is open to all: everybody is an exporter, and nothing more."""
    router = Router(stage.services, rooms(), front(), open_to_all=True)
    for n, command in enumerate(names("commands")):
        person = 90_000 + n
        event = Event(1, "command", Person(person, "X"), Chat(person), NOW, command=command)
        member = router.member(event)
        assert member.role is Role.EXPORTER
        assert router.handle(event, member).outcome == "refused", command
    revoked = stage.person("revoked admin")
    event = Event(1, "text", Person(revoked.id, "X"), Chat(revoked.id), NOW, text="hello")
    assert router.member(event).role is Role.STRANGER


# ---------------------------------------------------------------- buttons


@pytest.mark.parametrize(("action", "who"), offers("actions"))
def test_a_button_that_was_once_theirs_does_nothing_any_more(stage: Stage, record: Any, action: str, who: str) -> None:
    """The keyboard is real, made for this very person: the role is looked at again."""
    recorder, actor = record("actions", action), stage.person(who)
    before = stage.rows(*MAIL)
    for person in (actor.id, None):
        id_ = stage.laid(actor.id, person, action)
        assert stage.pressed(actor, f"{id_}:0") == say("en", "door.not_your_button")
    assert recorder.ran == []
    assert stage.rows(*MAIL) == before
    assert not stage.said(actor.id)
    assert [d.action for d in stage.refusals(actor.id)] == [action] * 2


@pytest.mark.parametrize("action", names("actions"))
def test_a_button_works_for_whom_it_was_made(stage: Stage, record: Any, action: str) -> None:
    recorder, admin, thief = record("actions", action), stage.person("admin"), stage.person("admin")
    id_ = stage.laid(admin.id, admin.id, action)
    message = stage.message(stage.world.bot, {"text": "menu"}, admin.id)["message_id"]
    group = stage.world.group("Trade", admin, thief)
    for actor, chat in ((thief, thief.id), (thief, group), (admin, group), (thief, admin.id)):
        assert stage.pressed(actor, f"{id_}:0", message, chat) == say("en", "door.not_your_button")
    assert recorder.ran == []
    assert len(stage.refusals(thief.id)) == 3
    assert stage.pressed(admin, f"{id_}:0", message) == "ran"
    assert recorder.ran == [admin.id]


FORGED = (
    "", ":", "x", "0", "nobody:0", "{id}", "{id}:", "{id}:2", "{id}:99999999999999999999", "{id}:-1", "{id}:٠", "{id}:²",
    "{id}:0x0", "{id}: 0", "{id}:0\n", "{id}:1e0", "{id}:0:0", "{id}\x00:0", "\ud800:0", "{id}:" + "0" * 80, " {id}:0", "{ID}:0",
    "' OR 1=1 --:0", "%:0", "{{0.__class__}}:0", "../{id}:0", "join:admin", "users.make", '{{"action":"users.make"}}',
)  # fmt: skip


@pytest.mark.parametrize("forged", FORGED, ids=[ascii(f)[:40] for f in FORGED])
def test_forged_data_presses_nothing(stage: Stage, record: Any, forged: str) -> None:
    actor = stage.person("admin")
    recorder = record("actions", "users.list")
    id_ = stage.laid(actor.id, actor.id, "users.list", "users.list", key=f"Key{next(NUMBERS)}")
    data = forged.format(id=id_, ID=id_.swapcase())
    assert stage.pressed(actor, data) == say("en", "door.not_your_button")
    assert recorder.ran == []
    assert len(stage.refusals(actor.id)) == 1
    assert stage.pressed(actor, f"{id_}:1") == "ran"


def test_a_press_without_a_chat_or_data_presses_nothing(stage: Stage, record: Any) -> None:
    actor = stage.person("admin")
    recorder = record("actions", "users.list")
    id_ = stage.laid(actor.id, actor.id, "users.list")
    own = {"from": actor.user, "chat_instance": "7"}
    for body in (
        {"inline_message_id": "AAA", "data": f"{id_}:0"},
        {"inline_message_id": "AAA", "game_short_name": "g"},
    ):
        query = stage.world.query()
        stage.world.presses[query] = None
        stage.tell("callback_query", {"id": query, **own, **body})
        assert stage.world.answer_to(query, LONG)["text"] == say("en", "door.not_your_button")
    bot = {**OTHER_BOT, "id": actor.id}
    query = stage.world.query()
    stage.world.presses[query] = None
    message = stage.message(stage.world.bot, {"text": "menu"}, actor.id)
    stage.tell(
        "callback_query", {"id": query, "from": bot, "chat_instance": "7", "message": message, "data": f"{id_}:0"}
    )
    stage.settled()
    assert recorder.ran == []
    assert len(stage.refusals(actor.id)) == 3


def test_an_old_button_is_too_old(stage: Stage, record: Any) -> None:
    actor = stage.person("admin")
    recorder = record("actions", "users.list")
    id_ = stage.laid(actor.id, actor.id, "users.list", lasts=False)
    assert stage.pressed(actor, f"{id_}:0") == say("en", "door.old_button")
    assert recorder.ran == []


def test_what_may_be_pressed_once_is_pressed_once(stage: Stage, record: Any) -> None:
    actor = stage.person("admin")
    recorder = record("actions", "users.make")
    id_ = stage.laid(actor.id, actor.id, "users.make", "users.make", once=True)
    queries = [actor.forge_press(f"{id_}:0", 1) for _ in range(5)]  # at the same moment
    texts = [stage.world.answer_to(q, LONG)["text"] for q in queries]
    assert texts.count("ran") == 1
    assert recorder.ran == [actor.id]
    assert stage.pressed(actor, f"{id_}:1") == "ran"  # the other button is another


def test_two_presses_past_each_other_commit_once(stage: Stage, record: Any) -> None:
    """Where the order of a chat does not hold them apart, the transaction does."""
    actor = stage.person("admin")
    both = threading.Barrier(2, timeout=10)
    recorder = record("actions", "users.make")
    id_ = stage.laid(actor.id, actor.id, "users.make", once=True)

    def slow(services: Any, event: Event, member: Member, *given: Any) -> Turn:
        both.wait()
        done: Turn = recorder(services, event, member, *given)
        return done

    held = stage.router.actions
    made = held["users.make"]
    held["users.make"] = Pressed(slow, made.needs)  # type: ignore[index]
    turns: list[Turn] = []
    try:
        events = [
            Event(n, "button", Person(actor.id, "X"), Chat(actor.id), NOW, pressed=f"{id_}:0", query="q", message=1)
            for n in (1, 2)
        ]
        threads = [threading.Thread(target=lambda e=e: turns.append(stage.bot.chat._answer(e)[0])) for e in events]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    finally:
        held["users.make"] = made  # type: ignore[index]
    assert len(recorder.ran) == 2  # both were let in, and
    assert [d for d in stage.services.people.trail(1000) if d.person == actor.id and d.action == "ran"][1:] == []
    assert sorted(t.toast for t in turns) == sorted(["ran", say("en", "door.pressed_before")])
    actor.say("/help")  # and what was promised goes out
    stage.settled()


# ---------------------------------------------------------------- what the bot had asked


@pytest.mark.parametrize(("what", "who"), offers("awaited"))
def test_an_answer_counts_only_while_the_role_holds(stage: Stage, record: Any, what: str, who: str) -> None:
    """The bot had asked; the role went between the question and the answer."""
    recorder, actor = record("awaited", what), stage.person(who)
    cases = stage.services.cases
    stage.services.database.commit(
        [cases.sit(replace(cases.sitting(actor.id, actor.id), awaiting={"what": what}), NOW)]
    )
    before = stage.rows(*MAIL)
    actor.say("42 because it is so")
    actor.send_file("a.txt", b"words")
    stage.settled()
    assert recorder.ran == []
    assert stage.rows(*MAIL) == before
    assert unspoken(stage, actor)


@pytest.mark.parametrize("what", names("awaited"))
def test_an_answer_of_who_was_asked_arrives(stage: Stage, record: Any, what: str) -> None:
    recorder, actor, cases = record("awaited", what), stage.person("admin"), stage.services.cases
    group = stage.world.group("Trade", actor)
    stage.services.database.commit(
        [cases.sit(replace(cases.sitting(actor.id, actor.id), awaiting={"what": what}), NOW)]
    )
    actor.say(f"@{stage.world.bot['username']} 42", chat=group)  # another chat is another sitting
    stage.settled()
    assert recorder.ran == []
    actor.say("42 because it is so")
    stage.settled()
    assert recorder.ran == [actor.id]


def test_only_a_command_of_the_room_makes_the_bot_wait_for_its_answer(stage: Stage) -> None:
    """An exporter who says what staff would say gets into no conversation of staff."""
    actor, above = stage.agreed(), set(names("awaited"))
    for words in (
        *above,
        "ingest.file",
        '{"what": "broadcast.text"}',
        "/start broadcast",
        *(f"/{c}" for c in names("commands")),
    ):
        actor.say(words)
    stage.settled()
    assert stage.services.cases.sitting(actor.id, actor.id).awaiting.get("what") not in above


# ---------------------------------------------------------------- links and invitations


def test_an_invitation_is_for_one_person_and_one_time(stage: Stage) -> None:
    people = stage.services.people
    used, old = people.invite("staff", 1, NOW, LATER), people.invite("staff", 1, NOW, GONE)
    withdrawn = people.invite("admin", 1, NOW, LATER)
    assert people.withdraw(max(i.number for i in people.invitations()), NOW)
    first, late = stage.person(), stage.person()
    first.say(f"/start {used}")
    first.wait_for(lambda m: say("en", "welcome.joined_staff") in m.text, LONG)
    for code in (
        used,
        old,
        withdrawn,
        used.lower(),
        f" {used}x",
        used[:-1],
        "",
        "%",
        "'--",
        "case-1",
        "case-",
        "case-²",
        "0",
    ):
        late.say(f"/start {code}")
    stage.settled()
    assert people.get(late.id) is None
    bad = {say("en", "welcome.bad_code"), say("en", "door.stranger", id=late.id)}
    assert {m.text for m in stage.said(late.id)} <= bad
    assert len(stage.refusals(late.id)) == 13


def test_an_invitation_that_two_use_at_once_lets_one_in(stage: Stage) -> None:
    people = stage.services.people
    for _ in range(4):
        code, actors = people.invite("admin", 1, NOW, LATER), [stage.person() for _ in range(5)]
        for actor in actors:
            actor.say(f"/start {code}")
        stage.settled()
        assert len([a for a in actors if people.get(a.id) is not None]) == 1
        welcome = say("en", "welcome.joined_admin")
        assert len([a for a in actors if any(welcome in m.text for m in stage.said(a.id))]) == 1


def test_an_invitation_in_a_group_or_by_a_bot_is_not_used(stage: Stage) -> None:
    people, actor = stage.services.people, stage.person()
    code, group = people.invite("admin", 1, NOW, LATER), stage.world.group("Trade", actor)
    actor.say(f"/start {code}", chat=group)
    stage.tell("message", stage.message(ANONYMOUS, {"text": f"/start {code}"}, group))
    stage.tell("message", stage.message({**OTHER_BOT, "id": actor.id}, {"text": f"/start {code}"}, actor.id))
    held = stage.message(actor.user, {"text": "/start"}, actor.id)
    stage.tell("edited_message", {**held, "text": f"/start {code}", "edit_date": 2})
    stage.settled()
    assert people.get(actor.id) is None
    assert people.invitations()[0].used_by is None
    assert not any(code in m.text for m in stage.said(actor.id, group))


def test_a_lower_invitation_takes_no_role_away(stage: Stage) -> None:
    people, admin = stage.services.people, stage.person("admin")
    code = people.invite("exporter", 1, NOW, LATER, role_until=NOW + timedelta(days=1))
    admin.say(f"/start {code}")
    stage.settled()
    known = people.get(admin.id)
    assert known is not None
    assert (known.role, known.expires_at) == ("admin", None)


# ---------------------------------------------------------------- how much


def test_two_hundred_messages_at_once_hold_up_nobody_else(stage: Stage) -> None:
    loud, other = stage.agreed(), stage.agreed()
    for n in range(200):
        loud.say(f"{n} kg of tea to Hanoi")
    began = time.monotonic()
    other.say("5 kg dysprosium oxide from Shanghai to Stuttgart")
    other.wait_for(lambda m: "→ Germany" in m.text, LONG)
    took = time.monotonic() - began
    stage.settled()
    said = stage.said(loud.id)
    told = [m for m in said if m.text.startswith(say("en", "door.slow_text", seconds=0)[:20])]
    assert 1 <= len(told) <= 2
    assert len(said) - len(told) <= 30
    assert took < 10


def test_two_hundred_commands_and_presses_at_once_are_not_all_answered(stage: Stage) -> None:
    loud = stage.agreed()
    for _ in range(200):
        loud.say("/help")
    stage.settled()
    assert 1 <= len(stage.said(loud.id)) <= 40


def test_a_file_too_large_is_refused_before_it_is_fetched(stage: Stage) -> None:
    actor = stage.agreed()
    fetched = len(stage.server.calls_of("getFile")) + len(stage.server.calls_of("file"))
    actor.send_file("huge.pdf", b"%PDF", size=21 * 1024**2)
    actor.send_file("vast.pdf", b"%PDF", "/ingest", size=2**40)
    stage.settled()
    assert "larger than 20 MB" in stage.said(actor.id)[0].text
    assert len(stage.server.calls_of("getFile")) + len(stage.server.calls_of("file")) == fetched


def test_commands_of_every_room_were_tried() -> None:
    """The lists above are not empty by mistake."""
    assert len(names("commands")) >= 10
    assert len(names("actions")) >= 30
    assert len(names("awaited")) >= 6
    assert all(isinstance(c, Command) for room in rooms() for c in room.commands.values())


def test_the_bot_is_still_there(stage: Stage) -> None:
    actor = stage.agreed()
    actor.say("5 kg dysprosium oxide from Shanghai to Osaka")
    actor.wait_for(lambda m: "→ Japan" in m.text, LONG)
