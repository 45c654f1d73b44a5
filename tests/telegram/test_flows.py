"""What people do with the bot, from the invitation to the notice that is brought in, over a Bot API written by others."""

import asyncio
import io
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pypdf import PdfReader

from bot.locales import say as told
from bot.memo.issue import verify_file
from bot.services import Services
from bot.telegram.app import build
from tests.telegram.running import NOW, services
from tests.telegram.serverless import Serverless

ANNA = 9001
T = TypeVar("T")
LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])
WORDS = {
    "en": {
        "stranger": "works by invitation", "welcome": "Welcome. You can ask questions here.", "agree": "Do you agree?",
        "question": "N52 magnets to Vietnam", "open": "More facts needed", "choice": "Contains dysprosium",
        "licence": "Licence required", "elsewhere": "and to Japan?", "there": "China → Japan", "purity": "it's 99.9%",
        "yes": "✅ yes · contains dysprosium", "magnets": "NdFeB permanent magnet material", "day": "Law as of 2025-10-20",
        "assumed": "From: China (assumed)", "not_checked": "What was not checked", "title": "N52 magnets", "hanoi": "To: Vietnam",
        "staff_says": "Result by staff", "ending": "not legal advice.",
    },
    "zh": {
        "stranger": "凭邀请使用", "welcome": "欢迎。您可以在此提问。", "agree": "您同意吗？",
        "question": "N52磁体出口越南", "open": "还需要更多信息", "choice": "含镝",
        "licence": "需要许可证", "elsewhere": "改发日本呢？", "there": "中国内地 → 日本", "purity": "纯度99.9%",
        "yes": "✅ 是 · 含镝", "magnets": "钕铁硼永磁材料", "day": "按2025-10-20的法律",
        "assumed": "起运地：中国内地（推定）", "not_checked": "未核查事项", "title": "N52磁体", "hanoi": "目的地：越南",
        "staff_says": "人工结果", "ending": "不构成法律意见。",
    },
}  # fmt: skip
NOTICE = """<!DOCTYPE html><html lang="en"><head><title>Notice 7 of 2026 on Enforcement</title></head><body>
<h1>Notice No. 7 of 2026 on the Enforcement of Export Controls on Rare Earths</h1>
<p>Issued by the Port Office on 20 November 2026</p>
<h2>Article 1</h2><p>Whoever exports dysprosium without a licence pays a fine.</p>
<h2>Article 2</h2><p>The exporter keeps the composition report for {years} years.</p>
<h2>Article 3</h2><p>This notice takes effect on 1 December 2026.</p></body></html>"""


@dataclass
class Talk:
    """One person's private chat with the bot, step by step. What a step brought, sent or changed, is in `new`, the answer
    to a press in `toast`."""

    services: Services
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    new: list[Any] = field(default_factory=list)
    toast: str = ""

    def __post_init__(self) -> None:
        self.chat = self._run(self._begun())

    async def _begun(self) -> Serverless:
        chat = Serverless(lambda builder: build(builder, self.services, pause=0.05).application, ANNA)
        await chat.__aenter__()
        return chat

    def close(self) -> None:
        self._run(self.chat.__aexit__(None, None, None))
        self.loop.close()
        self.services.database.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def _step(self, work: Coroutine[Any, Any, T]) -> T:
        before = dict(self.chat.shown)
        done = self._run(work)
        self.new = [m for number, m in sorted(self.chat.shown.items()) if m is not before.get(number)]
        return done

    @property
    def text(self) -> str:
        """All that the last step brought."""
        return "\n".join(m.text for m in self.new)

    @property
    def buttons(self) -> list[str]:
        """The labels under what the last step brought."""
        return [b.text for m in self.new for row in m.buttons or [] for b in row]

    @property
    def links(self) -> list[str]:
        """The addresses in what was sent last."""
        sent = [p for name, p in self.chat.calls if name == "sendMessage"]
        return [e["url"] for e in json.loads(sent[-1].get("entities", "[]")) if e["type"] == "text_link"]

    def say(self, text: str) -> str:
        """Write; what comes back."""
        self._step(self.chat.say(text))
        return self.text

    def file(self, name: str, data: bytes, caption: str = "") -> str:
        """Send a document; what comes back."""
        self._step(self.chat.send_file(name, data, caption))
        return self.text

    def send(self, fields: dict[str, Any]) -> str:
        """Send a message of another kind; what comes back."""
        payload, message = self.chat.client._helpers.base_message_update(ANNA)
        message.update(fields)
        self._step(self.chat._told(payload))
        return self.text

    def press(self, label: str) -> str:
        """Press the newest button of that label; what comes back."""
        fits = [
            m for _, m in sorted(self.chat.shown.items()) if label in [b.text for row in m.buttons or [] for b in row]
        ]
        assert fits, f"no button {label!r}"
        self.toast = self._step(self.chat.press(fits[-1], label))
        return self.text

    def until(self, predicate: Callable[[Any], bool]) -> Any:
        """Wait for what comes without being asked for."""
        found = self._step(self.chat.wait_for(predicate, timeout=15))
        self.new = [found]
        return found

    @property
    def attached(self) -> str:
        """What stands in the file that the last step brought."""
        return self.brought.decode("utf-8-sig")

    @property
    def brought(self) -> bytes:
        """The file that the last step brought."""
        data = [self._run(m.download_media(file=bytes)) for m in self.new if m.file is not None]
        assert len(data) == 1, self.text
        return bytes(data[0])


@pytest.fixture
def own(tmp_path: Path) -> Services:
    made = services(tmp_path)
    made.bot = 123  # as the foreign module numbers its bot
    return made


@pytest.fixture
def talk(own: Services) -> Iterator[Talk]:
    """Nobody has joined yet."""
    made = Talk(own)
    yield made
    made.close()


def joined(talk: Talk, role: str, lang: str = "en", agreed: bool = True) -> Talk:
    """Anna has joined, and agreed to recording."""
    consent = {"consented_at": NOW} if agreed else {}
    people = talk.services.people
    talk.services.database.commit(
        [people.put(ANNA, NOW, role=role, name="Anna", invited_by=1, language=lang, **consent)]
    )
    return talk


def ended(talk: Talk) -> None:
    """Do the queue as the librarian's process does, beside the bot."""
    from ingest.service import work

    def do() -> None:
        with talk.services.store.owned("tests"):
            work(talk.services.store, talk.services.means, lambda _told: None, lambda: False)

    worker = threading.Thread(target=do)
    worker.start()
    while worker.is_alive():
        talk._run(asyncio.sleep(0.05))


# ---------------------------------------------------------------- exporter


@LANGUAGES
def test_from_the_invitation_to_the_answer(talk: Talk, lang: str) -> None:
    words = WORDS[lang]
    assert WORDS["en"]["stranger"] in talk.say("/start")
    assert WORDS["en"]["stranger"] in talk.say(words["question"])
    code = talk.services.people.invite("exporter", 1, NOW, NOW + timedelta(days=7), "")
    assert WORDS["en"]["welcome"] in talk.say(f"/start {code}")
    talk.press("中文" if lang == "zh" else "English")
    assert words["agree"] in talk.text
    assert words["agree"] in talk.say(words["question"])
    assert words["open"] in talk.press(told(lang, "ask.agree"))
    assert words["choice"] in talk.buttons
    assert talk.text.count(words["ending"]) == 1
    assert words["licence"] in talk.press(words["choice"])
    assert "1C905.a.4" in talk.text
    assert words["there"] in talk.say(words["elsewhere"])
    assert words["licence"] in talk.text  # what was pressed still holds
    talk.say(words["purity"])
    assert "99.9 %" in talk.press(told(lang, "ask.route"))
    assert len(talk.services.cases.of_person(ANNA, ANNA)) == 1
    assert talk.say("/start wrong") == told(lang, "welcome.bad_code")


@LANGUAGES
def test_what_stands_behind_an_answer(talk: Talk, lang: str) -> None:
    words = WORDS[lang]
    joined(talk, "exporter", lang)
    talk.say(words["question"])
    talk.press(words["choice"])
    assert words["yes"] in talk.press(told(lang, "ask.why"))
    assert words["magnets"] in talk.press(told(lang, "ask.sources"))
    assert talk.links
    assert all(link.startswith("https://") for link in talk.links)
    assert any("mofcom.gov.cn" in link for link in talk.links)
    assert words["assumed"] in talk.press(told(lang, "ask.route"))
    assert words["not_checked"] in talk.press(told(lang, "ask.full"))


@LANGUAGES
def test_the_law_of_another_day(talk: Talk, lang: str) -> None:
    words = WORDS[lang]
    joined(talk, "exporter", lang)
    talk.say(words["question"])
    talk.press(told(lang, "ask.as_of"))
    assert talk.text == told(lang, "ask.which_day")
    assert "someday soon" in talk.say("someday soon")
    assert words["day"] in talk.say("2025-10-20")
    assert words["day"] in talk.say(words["elsewhere"])
    assert words["there"] in talk.text
    assert "2026-11-22" in talk.say("/asof today")
    assert words["day"] in talk.say("/asof 2025-10-20")
    assert talk.say("/asof") == told(lang, "ask.which_day")
    assert words["day"] not in talk.say("今天" if lang == "zh" else "today")


@LANGUAGES
def test_cases(talk: Talk, lang: str) -> None:
    words = WORDS[lang]
    joined(talk, "exporter", lang)
    assert talk.say("/case") == told(lang, "mine.no_case")
    assert talk.say("/cases") == told(lang, "mine.no_cases")
    assert talk.say("/undo") == told(lang, "mine.nothing_to_undo")
    talk.say(words["question"])
    talk.say(words["elsewhere"])
    assert words["question"] in talk.say("/case")
    assert words["elsewhere"] in talk.text
    talk.say("/asof 2025-10-20")
    assert talk.say("/case").count(words["elsewhere"]) == 1
    assert "↳ " + told(lang, "mine.same_words_on", day="2025-10-20") in talk.text
    assert told(lang, "mine.undone") in talk.say("/undo")
    talk.say("/case")
    talk.press(told(lang, "mine.undo"))
    assert talk.text.startswith(told(lang, "mine.undone"))
    assert words["hanoi"] in talk.say("/case")
    assert talk.say("/new") == told(lang, "ask.fresh")
    assert talk.say("/case") == told(lang, "mine.no_case")
    talk.say("/cases")
    (case,) = talk.buttons
    assert words["title"] in case
    assert words["open"] in talk.press(case)
    assert talk.say("/undo") == told(lang, "ask.fresh")  # nothing is left of the case


@LANGUAGES
def test_what_the_asker_says_of_an_answer(talk: Talk, lang: str) -> None:
    from knowledge.store.reviews import Reviews

    words = WORDS[lang]
    joined(talk, "exporter", lang)
    talk.say(words["question"])
    assert talk.press(told(lang, "ask.right")) == ""
    assert talk.toast == told(lang, "colleagues.thanks")
    assert talk.press(told(lang, "ask.wrong")) == told(lang, "colleagues.why_wrong")
    assert talk.say("/cancel") == told(lang, "welcome.cancelled")
    talk.press(told(lang, "ask.wrong"))
    assert talk.say("no dysprosium, see report 5") == told(lang, "colleagues.nobody_yet")
    talk.press(told(lang, "ask.colleague"))
    assert talk.say("please look") == told(lang, "colleagues.nobody_yet")
    waiting = Reviews(talk.services.database).queue()
    assert [(r.kind, r.note) for r in waiting] == [
        ("wrong", "no dysprosium, see report 5"),
        ("escalated", "please look"),
    ]
    talk.press(told(lang, "ask.memo"))
    memo = talk.brought
    assert verify_file(talk.services.database, memo).good
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(memo)).pages).split())
    for said in (words["question"], "https://", words["not_checked"]):
        assert "".join(said.split()) in text
    # The foreign chat drops the buttons under a file, so the press is made by hand.
    sent = [fields for name, fields in talk.chat.calls if name == "sendDocument"][-1]
    labels = {b["text"]: b["callback_data"] for b in json.loads(sent["reply_markup"])["inline_keyboard"][0]}
    talk._step(talk.chat.forge_press(talk.new[-1].id, labels[told(lang, "memo.as_html")]))
    assert words["question"] in talk.attached
    assert verify_file(talk.services.database, talk.brought).good


@LANGUAGES
def test_language_help_forget(talk: Talk, lang: str) -> None:
    words = WORDS[lang]
    joined(talk, "exporter", lang)
    talk.say("/help")
    assert "/asof" in talk.text
    assert "/review" not in talk.text
    assert talk.say("/cancel") == told(lang, "welcome.nothing_to_cancel")
    assert "/asf" in talk.say("/asf 2026")
    other = "en" if lang == "zh" else "zh"
    talk.say("/lang")
    assert talk.press(told(other, "welcome.language")) == told(other, "welcome.speaks_chosen")
    talk.say("/lang " + lang)
    talk.say(words["question"])
    talk.say("/forget")
    talk.press(told(lang, "mine.forget_no"))
    assert talk.toast == told(lang, "mine.kept")
    assert words["question"] in talk.say("/case")
    talk.say("/forget")
    assert talk.press(told(lang, "mine.forget_yes")) == told(lang, "mine.forgotten")
    assert not talk.services.cases.of_person(ANNA, ANNA)
    assert "Do you agree?" in talk.say(words["question"])  # the choice of a language is forgotten too


@LANGUAGES
def test_the_language_that_was_chosen_goes_before_the_questions_own(talk: Talk, lang: str) -> None:
    other = "en" if lang == "zh" else "zh"
    joined(talk, "exporter", other)
    assert WORDS[other]["open"] in talk.say(WORDS[lang]["question"])
    known = talk.services.people.get(ANNA)
    assert known is not None
    assert known.seen_at == NOW
    talk.say("/lang auto")
    assert WORDS[lang]["open"] in talk.say(WORDS[lang]["question"])


@LANGUAGES
def test_what_cannot_be_read_is_refused_kindly(talk: Talk, lang: str) -> None:
    joined(talk, "exporter", lang)
    file = {"file_id": "x", "file_unique_id": "x"}
    assert talk.send({"photo": [{**file, "width": 9, "height": 9}]}) == told(lang, "welcome.no_photo")
    assert talk.send({"voice": {**file, "duration": 3}}) == told(lang, "welcome.no_voice")
    sticker = {"width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular"}
    assert talk.send({"sticker": {**file, **sticker}}) == told(lang, "welcome.no_other")


# ---------------------------------------------------------------- staff


@LANGUAGES
def test_staff_classify_and_decide(talk: Talk, lang: str) -> None:
    joined(talk, "staff", lang)
    talk.say("/classify")
    assert "3A001" in talk.say("12-bit A/D converter, 4 GSPS")
    assert told(lang, "review.decisions_proposed", count=1) in talk.say("/review")
    assert "EAR99" in talk.press(told(lang, "staff.confirm", code="EAR99"))
    talk.press(told(lang, "staff.correct"))
    assert talk.say("3A001.a.5.a") == told(lang, "staff.correct_both")
    assert "US 3A001.a.5.a" in talk.say("3A001.a.5.a the sampling rate is above the limit")
    assert "the sampling rate is above the limit" in talk.text
    assert "Anna (9001)" in talk.text
    assert talk.say("/review") == told(lang, "review.none")


@LANGUAGES
def test_staff_screen_and_read_the_rules(talk: Talk, lang: str) -> None:
    joined(talk, "staff", lang)
    talk.say("/screen")
    assert "Kawasaki Heavy Industries" in talk.say("Kawasaki Aerospace [JP]")
    assert told(lang, "staff.screen_country", country="JP") in talk.text
    assert "Kawasaki" not in talk.say("/screen Nobody Tools GmbH")
    assert "1C905.a.4" in talk.say("/rules 1C905")
    assert "9Z999" in talk.say("/rules 9Z999")
    assert "2025-11-07" in talk.say("/timeline CN-2025-57")
    assert "CN-2025-70" in talk.text
    talk.say(WORDS[lang]["question"])
    assert told(lang, "stats.questions", count=1, people=1, undone=0) in talk.say("/stats")


@LANGUAGES
def test_staff_export_what_they_decided(talk: Talk, lang: str) -> None:
    joined(talk, "staff", lang)
    assert talk.say("/review") == told(lang, "review.none")
    assert talk.say("/review export") == told(lang, "review.export_none")
    talk.say(WORDS[lang]["question"] if lang == "zh" else "5 kg dysprosium oxide from Shanghai to Stuttgart")
    talk.press(told(lang, "ask.wrong"))
    talk.say("see the test report")
    talk.say("/review")
    assert told(lang, "review.own") in talk.press(told(lang, "review.open_one", number=1))
    talk.press(told(lang, "review.do_override"))
    assert len(talk.buttons) == 4  # the results but the machine's own
    talk.say("/review 1")
    talk.press(told(lang, "review.do_confirm"))
    assert told(lang, "review.done_confirmed", number=1) in talk.text
    assert told(lang, "review.exported", count=1)[:12] in talk.say("/review export")
    exported = talk.attached
    assert "see the test report" not in exported
    assert "Anna" not in exported


# ---------------------------------------------------------------- admin


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_an_admin_brings_in_a_notice(talk: Talk, lang: str) -> None:
    joined(talk, "admin", lang)
    talk.file("notice.html", NOTICE.format(years="five").encode(), "/ingest")
    assert told(lang, "ingest.queued", job=1, ahead=0) in talk.text
    talk.until(lambda m: told(lang, "ingest.waits", ahead=0) in m.text)
    ended(talk)
    talk.until(lambda m: told(lang, "ingest.state_done") in m.text)
    assert told(lang, "ingest.d_ingested", name="notice.html") in talk.text
    assert talk.buttons == [told(lang, "broadcast.offer")]
    talk.say("/ingest")
    talk.file("notice.html", NOTICE.format(years="ten").encode())
    ended(talk)
    talk.until(lambda m: told(lang, "ingest.c_changed", n=1) in m.text)
    assert "Notice 7 of 2026 on Enforcement" in talk.text
    talk.file("notice.pdf", b"%PDF-1.4 nonsense", "/ingest")
    ended(talk)
    talk.until(lambda m: told(lang, "ingest.state_partly") in m.text)
    assert "notice.pdf" in talk.press(told(lang, "ingest.show_quarantine"))
    assert "PdfStreamError" in talk.press("#1")
    assert told(lang, "library.retrying", name="notice.pdf") in talk.press(told(lang, "library.retry"))
    talk.press(told(lang, "ingest.cancel"))
    assert talk.toast == told(lang, "ingest.cancelling", job=4)
    assert told(lang, "ingest.state_cancelled") in talk.until(lambda m: told(lang, "ingest.state_cancelled") in m.text).text  # fmt: skip


@LANGUAGES
def test_an_admin_looks_after_the_library(talk: Talk, lang: str) -> None:
    joined(talk, "admin", lang)
    assert "sqlite" in talk.say("/status")
    assert talk.say("/quarantine") == told(lang, "library.quarantine_empty")
    assert "us-ccl" in talk.say("/sources")
    talk.say("/ingest")
    assert "/etc/passwd" in talk.say("file:/etc/passwd")
    assert not talk.services.store.jobs.recent()
    assert talk.say("/reindex") == told(lang, "library.reindex_ask")
    talk.press(told(lang, "library.reindex_yes"))
    assert told(lang, "ingest.queued", job=1, ahead=0) in talk.text
    talk.press(told(lang, "ingest.cancel"))
    talk.until(lambda m: told(lang, "ingest.state_cancelled") in m.text)


@LANGUAGES
def test_an_admin_invites_and_revokes(talk: Talk, lang: str) -> None:
    people = joined(talk, "admin", lang).services.people
    talk.say("/users")
    talk.press(told(lang, "users.invite"))
    for key in (told(lang, "users.role_staff"), told(lang, "users.days", n=7), told(lang, "users.no_end")):
        talk.press(key)
    code = talk.text.split("?start=")[1].split()[0]
    assert people.redeem(code, 77, "Bo", "", "", NOW) is not None
    assert people.redeem(code, 78, "Cy", "", "", NOW) is None
    assert "Bo" in talk.say("/users")
    talk.press("Bo")
    talk.press(told(lang, "users.revoke"))
    talk.press(told(lang, "users.revoke_yes"))
    assert not people.with_role("staff", NOW)
    talk.say("/users")
    talk.press("Anna")
    talk.press(told(lang, "users.revoke"))
    assert told(lang, "users.last_admin") in talk.toast + talk.text
    talk.say("/audit")
    assert "users.revoke" in talk.text
    talk.press(told(lang, "audit.export"))
    assert code not in talk.attached


@LANGUAGES
def test_an_admin_tells_those_whom_a_change_touches(talk: Talk, lang: str) -> None:
    joined(talk, "admin", lang)
    assert told(lang, "broadcast.nobody", subjects="CN-2025-18") in talk.say("/broadcast CN-2025-18 hello")
    talk.say(WORDS[lang]["question"])
    talk.press(WORDS[lang]["choice"])
    talk.say("/broadcast CN-2025-18")
    talk.say("Read the notice of today")
    assert talk.buttons == [told(lang, "broadcast.send", n=1), told(lang, "broadcast.leave")]
    talk.press(told(lang, "broadcast.send", n=1))
    assert told(lang, "broadcast.foot") in talk.text
    assert talk.text.count("Read the notice of today") == 2  # what was sent, and what the admin sees of it
