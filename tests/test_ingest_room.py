"""The admin brings law in from the chat: what may be named, what is kept of a file, how a job shows itself and ends."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import sources
from bot.roles import Role
from bot.services import Services
from bot.telegram import ingest, job_pages, uploads
from bot.telegram.events import Attachment, Chat, Event, Member, Person, Say, Turn
from knowledge.settings import Settings
from knowledge.store.database import open_database
from knowledge.store.watches import Watches

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ADMIN = 100


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    database = open_database(tmp_path)
    made = Services(Settings(tmp_path, "CN", embedder="none"), database, now=clock)
    database.commit([made.people.put(ADMIN, START, role="admin", name="Ada", invited_by=1)])
    yield made
    database.close()


def event(text: str = "", attachment: Attachment | None = None, **more: Any) -> Event:
    kind = "file" if attachment else "command"
    return replace(
        Event(1, kind, Person(ADMIN, "Ada"), Chat(ADMIN), START, text, "ingest", attachment=attachment), **more
    )


def member(lang: str = "en") -> Member:
    return Member(Person(ADMIN, "Ada"), Role.ADMIN, lang, True)


def commit(services: Services, turn: Turn, first: int = 500) -> None:
    """What the front door does with a turn: all writes, then the messages sent and numbered from `first`."""
    services.database.commit(turn.writes)
    for n, said in enumerate(turn.says):
        chat = said.chat or ADMIN
        services.database.commit([services.post.put(chat, {}, START, about=said.about, target=said.edit)])
        parcel = services.post.due(chat)[-1]
        services.database.commit([services.post.sent(parcel.id, said.edit or first + n, START)])


def the(turn: Turn) -> Say:
    (said,) = turn.says
    return said


def jobs(services: Services) -> list[Any]:
    return list(reversed(services.store.jobs.recent()))


def labels(said: Say) -> list[str]:
    return [b.action for row in said.buttons for b in row]


# ---------------------------------------------------------------- naming a source


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("ecfr:15/part-744", "ecfr:15/part-744"),
        ("csl:", "csl:"),
        ("us-ccl", "ecfr:15/774/supp-1"),
        ("https://www.ecfr.gov/current/title-15/part-744", "ecfr:15/part-744"),
        ("https://example.com/law.pdf", "url:https://example.com/law.pdf"),
        ("kr:대외무역법", "kr:대외무역법"),
    ],
)
def test_a_source_is_queued_at_once_and_watched(services: Services, text: str, spec: str) -> None:
    turn = ingest.ingest(services, event(text), member())
    (job,) = jobs(services)
    assert (job.kind, job.state) == ("ingest", "queued")
    assert job.arguments == {"specs": [spec], "force": False, "hints": {}}
    assert the(turn).about == f"job:{job.id}"
    assert labels(the(turn)) == ["ingest.cancel"]
    assert (turn.action, turn.target) == ("ingest", f"job {job.id}: {spec}")
    commit(services, turn)
    assert [(w.job, w.chat, w.language) for w in Watches(services.database).open()] == [(job.id, ADMIN, "en")]


def test_several_sources_stand_on_lines_and_one_bad_one_queues_none(services: Services) -> None:
    turn = ingest.ingest(services, event("csl:\necfr:15/part-744"), member())
    assert jobs(services)[0].arguments["specs"] == ["csl:", "ecfr:15/part-744"]
    assert "Screening List" in the(turn).text.text
    assert ingest.ingest(services, event("csl:\n/etc/passwd"), member()).outcome == "refused"
    assert ingest.ingest(services, event("csl:\n" * 11), member()).outcome == "refused"
    assert len(jobs(services)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd", "../x", "C:\\x", "C:\\Windows\\win.ini", "\\\\host\\share", "~/.ssh/id_rsa", "./law.pdf", "law.pdf",
        "file:///etc/passwd", "FILE:/etc/passwd", "file:law.pdf", " file:/etc/passwd", "url:file:///etc/passwd",
        "url:/etc/passwd", "mofcom:file:///etc/passwd", "mofcom:/etc/passwd", "gopher://example.com/", "nonsense",
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/", "http://10.0.0.1/", "http://localhost/",
        "http://printer/", "https://user:secret@example.com/", "url:http://127.0.0.1/", "mofcom:http://127.0.0.1/",
        "http://[64:ff9b::7f00:1]/", "http://0.0.0.0/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files_of_this_machine_and_private_addresses_are_refused(services: Services, text: str, lang: str) -> None:
    turn = ingest.ingest(services, event(text), member(lang))
    assert turn.outcome == "refused" and turn.action == "ingest"
    assert jobs(services) == [] and Watches(services.database).open() == ()
    said = the(turn).text.text
    assert "secret" not in said + turn.target
    assert ("不" in said) == (lang == "zh")


def test_a_path_that_exists_is_refused_like_one_that_does_not(
    services: Services, tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "csl").write_text("x")
    (tmp_path / "law.pdf").write_text("x")
    monkeypatch.chdir(tmp_path)
    for text in ("law.pdf", str(tmp_path / "law.pdf"), f"file:{tmp_path}/law.pdf"):
        assert ingest.ingest(services, event(text), member()).outcome == "refused"
    assert sources.understood("csl:").text == "csl:"


def test_the_same_work_is_not_queued_twice(services: Services) -> None:
    commit(services, ingest.ingest(services, event("csl:"), member()))
    again = ingest.ingest(services, event("csl:"), member())
    assert len(jobs(services)) == 1
    assert "already" in the(again).text.text
    ingest.ingest(services, event("ecfr:15/part-744"), member())
    assert len(jobs(services)) == 2


def test_alone_it_asks_and_the_next_message_answers(services: Services) -> None:
    commit(services, ingest.ingest(services, event(), member()))
    assert services.cases.sitting(ADMIN, ADMIN).awaiting == {"what": "ingest.file"}
    wrong = ingest.awaited(services, event("/etc/passwd", kind="text"), member(), {})
    commit(services, wrong)
    assert services.cases.sitting(ADMIN, ADMIN).awaiting == {"what": "ingest.file"}
    commit(services, ingest.awaited(services, event("csl:", kind="text"), member(), {}))
    assert services.cases.sitting(ADMIN, ADMIN).awaiting == {}
    assert len(jobs(services)) == 1


# ---------------------------------------------------------------- a file

LAW = "第一条 为了测试。".encode()
DIGEST = hashlib.sha256(LAW).hexdigest()


def sent(name: str = "law.txt", size: int = len(LAW), kind: str = "document") -> Attachment:
    return Attachment(kind, "F1", name, size, "text/plain")


def brings(data: bytes) -> Callable[[str], bytes]:
    return lambda file: data if file == "F1" else b""


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("law.txt", "law.txt"),
        ("商务部公告2025年第18号.pdf", "商务部公告2025年第18号.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "document"),
        ("", "document"),
        ("..", "document"),
        (".bashrc", "document.bashrc"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00b\nc\u200b.pdf", "abc.pdf"),
        ("<b>*x*</b>_[y](z).md", "b__[y](z).md"),
        ("\ud800.pdf", "document.pdf"),
        ("~$law.docx", "_$law.docx"),
        ("x:file.pdf", "x_file.pdf"),
    ],
)
def test_a_files_name_is_made_safe(services: Services, name: str, kept: str) -> None:
    services.fetch = brings(LAW)
    turn = ingest.ingest(services, event(attachment=sent(name)), member())
    path = services.settings.home.absolute() / "uploads" / DIGEST / kept
    assert path.read_bytes() == LAW
    assert jobs(services)[0].arguments["specs"] == [f"file:{path.as_posix()}"]
    assert str(services.settings.home) not in the(turn).text.text + turn.target
    assert [p.name for p in (services.settings.home / "uploads").iterdir() if p.is_dir()] == [DIGEST]


@pytest.mark.parametrize("letter", ["a", "条", "😀"])
def test_a_long_name_keeps_its_ending_and_fits_a_file_system(letter: str) -> None:
    name = uploads.safe_name(letter * 300 + ".docx")
    assert name.endswith(".docx") and len(name.encode()) <= uploads.LONGEST
    assert uploads.safe_name(name) == name


def test_the_library_reads_the_kept_file_by_its_name(services: Services) -> None:
    services.fetch = brings(LAW)
    commit(services, ingest.ingest(services, event(attachment=sent("公告 第18号.txt")), member()))
    (item,) = services.means.connectors.items(jobs(services)[0].arguments["specs"][0])
    assert item.name == "公告 第18号.txt" and item.fetch() == LAW


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files_that_cannot_be_taken(services: Services, lang: str) -> None:
    fetched: list[str] = []
    services.fetch = lambda file: fetched.append(file) or b""  # type: ignore[func-returns-value]
    large = ingest.ingest(services, event(attachment=sent(size=20 * 2**20 + 1)), member(lang))
    assert large.outcome == "refused" and "20 MB" in the(large).text.text and "/ingest https" in the(large).text.text
    photo = ingest.ingest(services, event(attachment=sent(kind="photo")), member(lang))
    assert photo.outcome == "refused" and "PDF" in the(photo).text.text
    assert fetched == []
    assert ingest.ingest(services, event(attachment=sent()), member(lang)).outcome == "refused"
    assert jobs(services) == [] and fetched == ["F1"]


def test_a_kept_file_goes_once_no_job_needs_it(services: Services) -> None:
    services.fetch = brings(LAW)
    commit(services, ingest.ingest(services, event(attachment=sent()), member()))
    folder = services.settings.home / "uploads"
    (folder / ("0" * 64)).mkdir()
    ingest.clear_uploads(services)
    assert [p.name for p in folder.iterdir() if p.is_dir()] == [DIGEST]
    job = jobs(services)[0].id
    services.store.jobs.claim("", START)
    ingest.clear_uploads(services)
    assert (folder / DIGEST / "law.txt").exists()
    services.store.jobs.finish(job, "done", {}, START)
    ingest.clear_uploads(services)
    assert not (folder / DIGEST).exists()


# ---------------------------------------------------------------- how it goes


def where(services: Services, job: int, **progress: Any) -> None:
    told = {"done": 0, "found": 0, "name": "", "step": "reading", "embedded": 0, "to_embed": 0, **progress}
    services.store.jobs.tell(job, told)


def running(services: Services, lang: str = "en") -> int:
    commit(services, ingest.ingest(services, event("csl:"), member(lang)))
    job: int = jobs(services)[0].id
    services.store.jobs.claim("", services.now())
    return job


def test_one_message_is_edited_and_only_where_something_changed(services: Services, clock: Clock) -> None:
    job, shown = running(services), ingest.Shown()
    where(services, job, done=1, found=4, name="a\u202eb.pdf", step="reading")
    first = the(ingest.progress(services, shown))
    assert (first.edit, first.chat, first.about, first.quiet) == (500, ADMIN, f"job:{job}", True)
    assert "documents 1 of 4" in first.text.text and "\u202e" not in first.text.text
    assert labels(first) == ["ingest.cancel"]
    clock.on(1.5)
    assert ingest.progress(services, shown).says == ()
    where(services, job, done=4, found=4, step="indexing", embedded=10, to_embed=100)
    assert "passages 10 of 100" in the(ingest.progress(services, shown)).text.text
    clock.on(10)
    where(services, job, done=4, found=4, step="indexing", embedded=60, to_embed=100)
    later = the(ingest.progress(services, shown)).text.text
    assert "passages 60 of 100, 5 a second, about 10 s left" in later and "Elapsed: 10 s" in later


def test_progress_goes_on_after_a_restart(services: Services) -> None:
    job = running(services)
    where(services, job, done=1, found=4)
    assert the(ingest.progress(services, ingest.Shown())).edit == 500
    assert the(ingest.progress(services, ingest.Shown())).edit == 500


def test_a_job_in_the_queue_tells_how_many_come_before_it(services: Services) -> None:
    running(services)
    commit(services, ingest.ingest(services, event("ecfr:15/part-744"), member("zh")), 600)
    said = ingest.progress(services, ingest.Shown()).says[1]
    assert said.edit == 600 and "前面还有 1 个任务" in said.text.text


def test_nothing_is_shown_before_the_first_message_has_a_number(services: Services) -> None:
    turn = ingest.ingest(services, event("csl:"), member())
    services.database.commit(turn.writes)
    assert ingest.progress(services, ingest.Shown()).says == ()


def test_somebody_who_is_no_admin_any_more_is_shown_nothing(services: Services) -> None:
    job = running(services)
    services.database.commit([services.people.put(ADMIN, START, role="staff")])
    services.store.jobs.finish(job, "done", report(), START)
    turn = ingest.progress(services, ingest.Shown())
    assert turn.says == ()
    services.database.commit(turn.writes)
    assert Watches(services.database).open() == ()


def test_cancelling(services: Services) -> None:
    job = running(services)
    turn = ingest.cancel(services, event(kind="button"), member(), {"job": job})
    assert (turn.action, turn.target) == ("ingest.cancel", f"job {job}")
    assert services.store.jobs.get(job).cancel  # type: ignore[union-attr]
    said = the(ingest.progress(services, ingest.Shown()))
    assert "being cancelled" in said.text.text and said.buttons == ()
    services.store.jobs.finish(job, "cancelled", {"documents": [], "generation": 1, "cancelled": True}, START)
    assert "Cancelled" in the(ingest.progress(services, ingest.Shown())).text.text
    late = ingest.cancel(services, event(kind="button"), member(), {"job": job})
    assert late.toast and not late.action


# ---------------------------------------------------------------- how it ended


def document(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "state": state,
        "reason": "",
        "detail": "",
        "warnings": [],
        "passages": 0,
        "instruments": [],
        **more,
    }


def instrument(outcome: str = "changed", **more: Any) -> dict[str, Any]:
    differences = [
        {"kind": "changed", "locator": "art-5", "label": "第五条", "was": "", "before": "旧" * 50 + "甲", "after": "旧" * 50 + "乙"},
        {"kind": "added", "locator": "art-6", "label": "Article 6", "was": "", "before": "", "after": "New words."},
    ]  # fmt: skip
    return {
        "instrument": "CN-2025-18", "language": "zh", "title": "<b>公告</b>", "outcome": outcome, "provisions": 12,
        "counts": {"added": 1, "changed": 1}, "differences": differences, **more,
    }  # fmt: skip


def report(**more: Any) -> dict[str, Any]:
    documents = [
        document("公告.pdf", "ingested", instruments=[instrument()], warnings=["CN-2025-18 compiled, not reviewed: 3 entries", "seen twice"]),
        document("same.pdf", "unchanged"),
        document("scan.pdf", "quarantined", reason="no_text_layer", detail="All 3 pages are pictures."),
        document("file:/home/somebody/secret/away.pdf", "failed", detail="/home/somebody/secret/away.pdf: there is no such file."),
    ]  # fmt: skip
    return {"generation": 7, "cancelled": False, "documents": documents, **more}


COMPILED = {
    "instrument": "CN-2025-18", "name": "x", "entries": 3, "rows": 9, "rows_unread": 1, "issues": 2, "error": "", "sha256": "a",
    "changes": {"against": "2025-01-01", "added": ["1C905"], "removed": [], "changed": [f"3A{n:03}" for n in range(20)], "rows": []},
}  # fmt: skip


def test_the_end_takes_the_place_of_the_progress_and_is_told_once(services: Services, clock: Clock) -> None:
    job = running(services)
    clock.on(90)
    services.store.jobs.finish(job, "done", report(compiled=[COMPILED], reopened=[4, 9]), clock())
    turn = ingest.progress(services, ingest.Shown())
    said, text = the(turn), the(turn).text.text
    assert said.edit == 500
    for words in (
        "⚠️ Done, but not all", "1 brought in, 1 unchanged, 1 set aside, 1 not fetched", "generation 7", "Took 1 min 30 s",
        "Changed: CN-2025-18 [zh] <b>公告</b>; provisions: 12 (1 added, 1 changed)", "changed: 第五条", "added: Article 6",
        "New words.", "ℹ️ seen twice", "scan.pdf: set aside", "text recognition", "All 3 pages are pictures.",
        "away.pdf: there is no such file", "Entries: 3", "Against 2025-01-01", "added: 1 (1C905)", "and 8 more", "#4, #9",
    ):  # fmt: skip
        assert words in text, words
    assert "same.pdf" not in text and "/home/somebody" not in text
    assert text.count("not reviewed") == 1  # worded here, not taken over from the notes as well
    before, after = (line for line in text.splitlines() if line.startswith(("    − ", "    + ")))
    assert before.endswith("甲") and after.endswith("乙") and len(before) < 60
    assert labels(said) == ["library.quarantine", "broadcast.offer"]
    assert said.buttons[1][0].arguments == {"subjects": ["CN-2025-18"]}
    services.database.commit(turn.writes)
    assert ingest.progress(services, ingest.Shown()) == Turn()


def test_the_end_is_a_new_message_where_the_progress_cannot_be_found(services: Services) -> None:
    turn = ingest.ingest(services, event("csl:"), member())
    services.database.commit(turn.writes)
    job = jobs(services)[0].id
    services.store.jobs.finish(job, "failed", {"error": "/srv/x/y.db: the disk is full"}, START)
    said = the(ingest.progress(services, ingest.Shown()))
    assert said.edit is None and not said.quiet
    assert "Failed" in said.text.text and "y.db: the disk is full" in said.text.text and "/srv" not in said.text.text


def test_in_chinese(services: Services) -> None:
    job = running(services, "zh")
    services.store.jobs.finish(job, "done", report(compiled=[COMPILED], reopened=[4]), START)
    text = the(ingest.progress(services, ingest.Shown())).text.text
    for words in (
        "并未全部导入",
        "导入 1 个",
        "有变化：CN-2025-18",
        "修改：第五条",
        "只有页面图像",
        "条目 3 个",
        "重新打开",
    ):
        assert words in text, words


def test_a_long_report_is_cut_and_offered_whole(services: Services) -> None:
    job = running(services)
    many = [document(f"😀{n}.pdf", "ingested", instruments=[instrument()]) for n in range(60)]
    services.store.jobs.finish(job, "done", report(documents=many), START)
    said = the(ingest.progress(services, ingest.Shown()))
    assert len(said.text.text.encode("utf-16-le")) // 2 < 4096
    assert labels(said)[0] == "ingest.whole"
    file = the(ingest.whole(services, event(kind="button"), member(), {"job": job})).file
    assert file is not None and file[0] == f"job-{job}.txt" and "59.pdf" in file[1].decode()


@pytest.mark.parametrize(
    ("kind", "arguments", "words"),
    [("reindex", {}, "search index"), ("retry", {"ids": [3]}, "#3"), ("retry", {"ids": []}, "all"), ("ingest", {"specs": []}, "Job")],
)  # fmt: skip
@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_every_kind_of_job_ends_in_words(services: Services, kind: str, arguments: Any, words: str, state: str) -> None:
    job = services.store.jobs.submit(kind, arguments, START)
    services.store.jobs.finish(job, state, {}, START)
    found = services.store.jobs.get(job)
    assert found is not None
    assert words in job_pages.ended(found, "en")[0].text and not job_pages.changed(found)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/home/x/law.pdf: gone", "law.pdf: gone"),
        ("see https://example.com/a/b.pdf now", "see https://example.com/a/b.pdf now"),
        ("ecfr:15/part-744/a is away", "ecfr:15/part-744/a is away"),
        ("file:///srv/data/x.pdf is away", "x.pdf is away"),
    ],
)
def test_errors_name_no_folder_of_this_machine(said: str, shown: str) -> None:
    assert job_pages._no_paths(said) == shown


def test_only_admins_and_never_in_groups() -> None:
    room = ingest.ROOM
    assert {c.needs for c in room.commands.values()} == {Role.ADMIN}
    assert not any(c.in_groups for c in room.commands.values())
    assert {p.needs for p in (*room.actions.values(), *room.awaited.values())} == {Role.ADMIN}
    assert room.chores["ingest.progress"][0] == 1.5
