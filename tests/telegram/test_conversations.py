"""Several people and one bot: staff and exporters, groups, topics, look-ups, spec sheets."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.locales import say as told
from bot.services import Services
from tests.documents import pdf
from tests.telegram.faultserver import FaultServer
from tests.telegram.running import NOW, Running, running
from tests.telegram.world import Actor, Shown, World

LONG = 30.0
SHEET = (
    "Model ADC-4000\n12-bit analog-to-digital converter, 4 GSPS sampling rate, JESD204B interface\nFrom -40 to 85 C\n"
)
OXIDE = "5 kg dysprosium oxide from Shanghai to Stuttgart, for Hubertus Motoren GmbH, motor maker"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FaultServer, Running]]:
    """A server and a bot for all tests here; each test has people of its own."""
    with running(tmp_path_factory.mktemp("bot"), open_to_all=False) as made:
        yield made


@pytest.fixture
def world(both: tuple[FaultServer, Running]) -> World:
    return both[0].world


@pytest.fixture
def own(both: tuple[FaultServer, Running]) -> Services:
    return both[1].services


@pytest.fixture
def people(world: World, own: Services) -> Iterator["People"]:
    made = People(world, own)
    yield made
    for number in made.staff:
        own.database.commit([own.people.revoke(number, NOW)])


class People:
    """Those of one test. Staff leave at its end, so that the next test's requests do not reach them."""

    last = 100

    def __init__(self, world: World, own: Services) -> None:
        self.world, self.own, self.staff = world, own, set[int]()

    def exporter(self, name: str, lang: str = "en") -> Actor:
        """Somebody who has joined and agreed to recording."""
        return self._joined(name, "exporter", lang)

    def stranger(self, name: str, lang: str = "en") -> Actor:
        """Somebody whom the bot does not know."""
        People.last += 1
        return self.world.user(People.last, name, lang)

    def colleague(self, name: str, role: str = "staff") -> Actor:
        """Compliance staff, who have written to the bot before."""
        actor = self._joined(name, role, "en", language="en")
        if role == "staff":
            self.staff.add(actor.id)
        said(actor, "/whoami")
        return actor

    def _joined(self, name: str, role: str, lang: str, **more: Any) -> Actor:
        actor, known = self.stranger(name, lang), self.own.people
        about = {"name": name, "consented_at": NOW, "invited_by": 1, **more}
        self.own.database.commit([known.put(actor.id, NOW, role=role, **about)])
        return actor


def said(actor: Actor, text: str, words: str = "", chat: int | None = None, **more: Any) -> Shown:
    """Write, and wait for what comes back with these words."""
    number = actor.say(text, chat, **more)
    return actor.world.wait_for(chat or actor.id, lambda m: words in m.text, LONG, number)


def pressed(actor: Actor, message: Shown, label: str, words: str = "") -> Shown:
    """Press a button, and wait for the message with these words that follows or takes another's place."""
    before = {m.id: m.text for m in actor.world.messages(message.chat)}
    actor.press(message, label)
    return actor.world.wait_for(message.chat, lambda m: words in m.text and before.get(m.id) != m.text, LONG)


def urls(message: Shown) -> list[str]:
    """The addresses of its buttons."""
    rows = message.raw.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["url"] for row in rows for button in row if "url" in button]


# ---------------------------------------------------------------- the exporter and the staff


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_colleague_overrides_and_the_asker_hears_it(people: People, lang: str) -> None:
    ada, sam = people.exporter("Ada", lang), people.colleague("Sam")
    asked = said(ada, "N52 magnets with dysprosium to Vietnam" if lang == "en" else "含镝N52磁体出口越南", "1C905.a.4")
    pressed(ada, asked, told(lang, "ask.colleague"), told(lang, "colleagues.why_escalated"))
    said(ada, "the buyer says civil", told(lang, "colleagues.sent_escalated"))
    notice = sam.wait_for(lambda m: "Ada asks for a colleague" in m.text, LONG)
    assert "the buyer says civil" in notice.text
    review = pressed(sam, notice, "Open", "Sent to you 2026-11-22")
    assert ("Licence required" if lang == "en" else "需要许可证") in review.text
    pressed(sam, review, "Trace", "1C905.a.4")
    pressed(sam, review, "Sources", "1C905.a.4")
    which = pressed(sam, review, "✎ Override", "Which result holds instead?")
    pressed(sam, which, "No licence requirement found (this is not a clearance)", "Why?")
    said(sam, "Test report 5 shows no dysprosium", "is overridden; the asker was told")
    heard = ada.wait_for(lambda m: told(lang, "review.told_overridden") in m.text, LONG)
    assert "Test report 5 shows no dysprosium" in heard.text
    assert "Sam" in heard.text
    assert ("Licence required" if lang == "en" else "需要许可证") in heard.text  # the machine's own result stays
    assert "No answer waits" in said(sam, "/review").text
    assert "overridden" not in said(ada, "/case").text


def test_two_colleagues_do_not_collide(people: People, world: World) -> None:
    ada, sam, sue = people.exporter("Ada"), people.colleague("Sam"), people.colleague("Sue")
    asked = said(ada, OXIDE, "→ Germany")
    pressed(ada, asked, "✗ Wrong", "What is wrong")
    said(ada, "the purity was not read", "It is with the compliance staff")
    ours = pressed(sam, sam.wait_for(lambda m: "finds an answer wrong" in m.text, LONG), "Open", "Review ")
    theirs = pressed(sue, sue.wait_for(lambda m: "finds an answer wrong" in m.text, LONG), "Open", "Review ")
    pressed(sam, ours, "I take it", "is yours now")
    pressed(sue, theirs, "✓ Confirm", "Sam is on review")
    pressed(sam, ours, "Write to them", "Send what they are to read")
    said(sam, "Which purity do you mean?", "is still open")
    assert "Sam, compliance" in ada.wait_for(lambda m: "Which purity do you mean?" in m.text, LONG).text
    pressed(sam, ours, "✓ Confirm", "is confirmed; the asker was told")
    ada.wait_for(lambda m: "it holds" in m.text, LONG)
    answer = world.answer_to(sue.press(theirs, "✓ Confirm"), LONG)
    assert "Confirmed by Sam" in answer["text"]
    assert len([m for m in ada.sees() if "it holds" in m.text]) == 1


def test_those_whom_a_change_touches_are_told_each_in_their_language(people: People, world: World) -> None:
    ada, bao, cy = people.exporter("Ada"), people.exporter("Bao", "zh"), people.exporter("Cy")
    admin = people.colleague("Olga", "admin")
    said(ada, "5 kg germanium metal from Shanghai to Hanoi", "→ Vietnam")
    said(bao, "5公斤金属锗，上海到河内", "越南")
    said(cy, OXIDE, "→ Germany")
    preview = said(admin, "/broadcast 3C002 Read the notice of today", "(English 1, Chinese 1)")
    pressed(admin, preview, "Send to 2", "Sent. People affected by")
    ada.wait_for(lambda m: m.text.endswith(told("en", "broadcast.foot")), LONG)
    bao.wait_for(lambda m: m.text.endswith(told("zh", "broadcast.foot")), LONG)
    assert not [m for m in cy.sees() if "Read the notice" in m.text]


def test_who_is_revoked_is_told_and_is_out(people: People) -> None:
    ada, admin = people.exporter("Ada Revoked"), people.colleague("Otto", "admin")
    person = pressed(admin, said(admin, "/users", "Ada"), "Ada Revoked", "Telegram id")
    said(ada, "/whoami", "exporter")
    sure = pressed(admin, person, "Revoke…", "Take all access away")
    pressed(admin, sure, "Revoke", "has no access any more")
    ada.wait_for(lambda m: "has been taken back" in m.text, LONG)
    said(ada, OXIDE, "works by invitation")


# ---------------------------------------------------------------- consent


def test_questions_before_consent_are_all_answered_after_it(people: People, own: Services) -> None:
    ada = people.stranger("Ada")
    own.database.commit([own.people.put(ada.id, NOW, role="exporter", name="Ada", invited_by=1)])
    for question in ("5 kg dysprosium oxide from Shanghai to Stuttgart", "germanium metal from Shanghai to Hanoi"):
        asked = said(ada, question, "Do you agree?")
    ada.send_file("adc.txt", SHEET.encode())
    ada.wait_for(lambda m: "send it again once you have agreed" in m.text, LONG)
    assert not [m for m in ada.sees() if "→" in m.text]
    ada.press(asked, "I agree")
    ada.wait_for(lambda m: "→ Germany" in m.text, LONG)
    ada.wait_for(lambda m: "→ Vietnam" in m.text, LONG)
    assert len([m for m in ada.sees() if "→" in m.text]) == 2


def test_who_has_a_chinese_telegram_is_met_in_chinese(people: People, own: Services) -> None:
    li = people.stranger("Li", "zh-hans")
    said(li, "/start", "凭邀请使用")
    code = own.people.invite("exporter", 1, NOW, NOW + timedelta(days=1), "")
    hello = said(li, f"/start {code}", "欢迎。您可以在此提问。")
    assert "同意" in hello.labels
    pressed(li, hello, "不同意", "没有记录任何内容")
    asked = said(li, "N52磁体出口越南", "您同意吗？")
    pressed(li, asked, "同意", "还需要更多信息")


def test_a_button_that_is_pressed_twice_answers_once(people: People, world: World) -> None:
    ada = people.exporter("Ada")
    asked = said(ada, "N52 magnets to Vietnam", "More facts needed")
    presses = [ada.press(asked, "Contains dysprosium") for _ in range(2)]
    ada.wait_for(lambda m: "Licence required" in m.text, LONG)
    assert world.answer_to(presses[0], LONG)["text"] == ""
    assert world.answer_to(presses[1], LONG)["alert"]
    assert len([m for m in ada.sees() if "Licence required" in m.text]) == 1


# ---------------------------------------------------------------- groups


def test_a_group_sees_the_rule_and_nothing_of_the_deal(people: People, world: World) -> None:
    ada, bob, eve = people.exporter("Ada"), people.exporter("Bob"), people.stranger("Eve")
    group = world.group("Trade", ada, bob, eve)
    ada.say(OXIDE, group)  # not to the bot
    eve.say(f"@navicert_bot {OXIDE}", group)  # a stranger: silence
    shown = said(ada, f"@navicert_bot {OXIDE}", "Licence required", group)
    assert "→ Germany" in shown.text
    assert "Hubertus" not in shown.text
    assert "5 kg" not in shown.text
    assert "motor" not in shown.text
    assert shown.labels == ("Sources", "Go on in private")
    followed = said(ada, "and to Vietnam?", "→ Vietnam", group, reply_to=shown.id)
    assert "Law as of 2025-10-20" in said(ada, "/asof@navicert_bot 2025-10-20", "→ Vietnam", group).text
    said(ada, "/case@navicert_bot", "private chat with me", group)
    assert "1C905.b" in pressed(ada, followed, "Sources", "Sources of answer").text
    assert "not made for you" in world.answer_to(bob.press(followed, "Sources"), LONG)["text"]
    assert len([m for m in world.messages(group, bot_only=True) if "→" in m.text]) == 3

    (url,) = urls(shown)
    begun = url.split("?start=")[1]
    assert begun.startswith("case-")
    private = said(ada, f"/start {begun}", "→ Germany")
    assert "Hubertus Motoren GmbH" in pressed(ada, private, "Route", "Hubertus").text
    assert "Tell me the goods" in said(bob, f"/start {begun}").text  # somebody else's case is a hello


def test_a_group_member_who_has_not_agreed_is_sent_to_the_private_chat(people: People, world: World, own: Services) -> None:  # fmt: skip
    ada = people.stranger("Ada")
    own.database.commit([own.people.put(ada.id, NOW, role="exporter", name="Ada", invited_by=1)])
    group = world.group("Trade", ada)
    shown = said(ada, f"@navicert_bot {OXIDE}", "private chat with me first", group)
    begun = urls(shown)[0].split("?start=")[1]
    pressed(ada, said(ada, f"/start {begun}", "Do you agree?"), "I agree", "Ask away")
    said(ada, f"@navicert_bot {OXIDE}", "→ Germany", group)


def test_a_topic_is_answered_in_the_topic(people: People, world: World) -> None:
    ada = people.exporter("Ada")
    forum = world.group("Trade", ada, forum=True)
    shown = said(ada, f"@navicert_bot {OXIDE}", "→ Germany", forum, thread=17)
    assert shown.raw["message_thread_id"] == 17
    assert shown.reply_to is not None
    followed = said(ada, "and to Vietnam?", "→ Vietnam", forum, thread=17, reply_to=shown.id)
    assert followed.raw["message_thread_id"] == 17


def test_a_button_in_a_topic_is_answered_in_the_topic(people: People, world: World) -> None:
    ada = people.exporter("Ada")
    forum = world.group("Trade", ada, forum=True)
    shown = said(ada, f"@navicert_bot {OXIDE}", "→ Germany", forum, thread=17)
    assert pressed(ada, shown, "Sources", "Sources of answer").raw.get("message_thread_id") == 17


# ---------------------------------------------------------------- look-ups


@pytest.mark.parametrize(
    ("lang", "typed", "titles"),
    [
        ("en", "1C905", "1C905.a.1"), ("en", "1c905", "1C905.a.1"), ("en", "dysprosium", "1C905"), ("zh", "镓", "3C001"),
        ("en", "3A090", "3A090"), ("en", "28469015", "1C905.b"),
    ],
)  # fmt: skip
def test_a_look_up(people: People, world: World, lang: str, typed: str, titles: str) -> None:
    found = world.answer_to(people.exporter("Ada", lang).inline(typed), LONG)["results"]
    assert any(titles in r["title"] for r in found), found
    assert all(told(lang, "inline.no_verdict") in r["input_message_content"]["message_text"] for r in found)
    assert len(found) <= 10


def test_a_look_up_finds_nothing_in_nonsense_and_tells_strangers_nothing(people: People, world: World) -> None:
    ada, eve = people.exporter("Ada"), people.stranger("Eve")
    for typed in ("", "x", "qwertz", "😀", "' OR 1=1 --"):
        assert world.answer_to(ada.inline(typed), LONG)["results"] == []
    assert world.answer_to(eve.inline("1C905"), LONG)["results"] == []


# ---------------------------------------------------------------- spec sheets


@pytest.mark.parametrize(("name", "data"), [("adc.txt", SHEET.encode()), ("adc.pdf", pdf([SHEET.splitlines()]))])
def test_a_spec_sheet(people: People, name: str, data: bytes) -> None:
    ada = people.exporter("Ada")
    ada.send_file(name, data)
    page = ada.wait_for(lambda m: "which control entries" in m.text, LONG)
    assert page.text.startswith(name)
    assert "3A001" in page.text
    assert page.text.endswith(told("en", "files.where"))
    assert "where do the goods" in said(ada, "thank you").text.lower()
    answer = said(ada, "from Austin to Shenzhen, telecom maker", "United States → China")
    assert "3A001" in answer.text
    ada.send_file(name, data, "from Austin to Berlin, telecom maker")
    ada.wait_for(lambda m: "United States → Germany" in m.text, LONG)


def test_another_sheet_takes_the_place_of_the_first(people: People) -> None:
    ada = people.exporter("Ada")
    ada.send_file("adc.txt", SHEET.encode())
    ada.wait_for(lambda m: m.text.startswith("adc.txt"), LONG)
    ada.send_file("mill.txt", b"5-axis machining centre, positioning accuracy 3 um")
    ada.wait_for(lambda m: m.text.startswith("mill.txt"), LONG)
    said(ada, "from Austin to Shenzhen", "2B001")


def test_a_sheet_that_cannot_be_read(people: People) -> None:
    ada, bob = people.exporter("Ada"), people.exporter("Bob")
    ada.send_file("sheet.pdf", b"%PDF-1.4 nonsense")
    ada.wait_for(lambda m: m.text.startswith("sheet.pdf cannot be read:"), LONG)
    ada.send_file("huge.pdf", b"%PDF-1.4", size=25 * 1024**2)
    ada.wait_for(lambda m: "huge.pdf is larger than 20 MB" in m.text, LONG)
    ada.send_file("empty.txt", b"")
    ada.wait_for(lambda m: m.text.startswith("empty.txt cannot be read:"), LONG)
    bob.send_file("scan.pdf", pdf(["1 0 0 RG 10 10 m 90 90 l S"]))
    bob.wait_for(lambda m: m.text.startswith("scan.pdf cannot be read:"), LONG)
    said(ada, OXIDE, "→ Germany")  # nothing of it stands in the way
