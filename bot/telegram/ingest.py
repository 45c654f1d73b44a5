"""New law from the chat: an admin names a source or sends a file, watches the job in one message, and reads what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from bot import sources
from bot.locales import say
from bot.rich import Rich, code, joined
from bot.roles import Role
from bot.services import Services
from bot.telegram import job_pages, uploads
from bot.telegram.admin_pages import refused
from bot.telegram.events import Attachment, Button, Event, Member, Rows, Say, Turn, says
from bot.telegram.rooms import Command, Pressed, Room
from bot.telegram.words import one_line
from knowledge.errors import BadInput, NavicertError
from knowledge.store.database import Database, Write
from knowledge.store.jobs import Job
from knowledge.store.watches import Watch, Watches

if TYPE_CHECKING:
    from bot.progress import Rate

MOST_SOURCES = 10  # lines of one message
LOOK = 1.5  # seconds between two looks at the jobs that are watched
CLEAR = 60.0  # seconds between two looks at uploads that nobody needs any more


@dataclass(frozen=True)
class Order:
    """Work to queue: the job's kind and arguments, what to say of it, and what the trail keeps."""

    kind: str
    arguments: Mapping[str, Any]
    intro: Rich
    action: str
    target: str = ""


# ---------------------------------------------------------------- asking for it


def ingest(services: Services, event: Event, member: Member) -> Turn:
    """`/ingest SOURCE`, or with a file, or alone: then the next message is the source or the file."""
    if event.attachment is not None:
        return _file(services, event, member, event.attachment)
    if event.text.strip():
        return _sources(services, event, member)
    sitting = services.cases.sitting(event.chat.id, member.id)
    wait = services.cases.sit(replace(sitting, awaiting={"what": "ingest.file"}), event.at)
    return replace(says(joined((say(member.language, "ingest.ask"), _accepted(member.language)))), writes=(wait,))


def awaited(services: Services, event: Event, member: Member, _values: Mapping[str, Any]) -> Turn:
    """The source or the file that `/ingest` asked for; what cannot be used leaves the question open."""
    if event.attachment is not None:
        turn = _file(services, event, member, event.attachment)
    elif event.text.strip():
        turn = _sources(services, event, member)
    else:
        return says(say(member.language, "ingest.ask"))
    if turn.outcome == "refused":
        return turn
    sitting = services.cases.sitting(event.chat.id, member.id)
    return replace(turn, writes=(*turn.writes, services.cases.sit(replace(sitting, awaiting={}), event.at)))


def _sources(services: Services, event: Event, member: Member) -> Turn:
    lines = [line.strip() for line in event.text.splitlines() if line.strip()]
    if len(lines) > MOST_SOURCES:
        return refused(say(member.language, "ingest.too_many", most=MOST_SOURCES), "ingest", f"{len(lines)} sources")
    found = []
    for line in lines:
        try:
            found.append(sources.understood(line, services.settings.korea_key))
        except NavicertError as error:
            return refusal(member.language, line, error, "ingest")
    intro = joined(
        say(member.language, f"ingest.from_{f.scheme.replace('-', '_')}", spec=one_line(f.spec, 300)) for f in found
    )
    specs = [f.text for f in found]
    order = Order("ingest", {"specs": specs, "force": False, "hints": {}}, intro, "ingest", ", ".join(specs))
    return queued(services, event, member, order)


def refusal(lang: str, line: str, error: NavicertError, action: str) -> Turn:
    """Why what was written is no source here, and what is; the address without a password or what cannot be seen."""
    shown = one_line(sources.shown(line))
    if sources.refused_address(error):
        return refused(say(lang, "ingest.refused", place=shown, error=one_line(str(error), 400)), action, shown)
    return refused(joined((say(lang, "ingest.unknown", source=shown), _accepted(lang))), action, shown)


def _accepted(lang: str) -> Rich:
    examples = ("https://…", "ecfr:15/part-744", "celex:32021R0821", "fr:2025-12345", "mofcom:", "csl:", "us-ccl")
    return Rich(say(lang, "ingest.accepted")) + joined((code(e) for e in examples), " · ")


def _file(services: Services, event: Event, member: Member, sent: Attachment) -> Turn:
    lang, name = member.language, uploads.safe_name(sent.name)
    if sent.kind != "document":
        return refused(say(lang, "ingest.no_document"), "ingest", sent.kind)
    if sent.size > uploads.MOST:
        return refused(say(lang, "ingest.too_large", name=name, mb=f"{sent.size / 2**20:.0f}"), "ingest", name)
    data = services.fetch(sent.file_id)
    if not data:
        return refused(say(lang, "ingest.empty", name=name), "ingest", name)
    intro = Rich(say(lang, "ingest.from_file", name=name, kb=f"{max(1, len(data) // 1024)}"))
    with uploads.guarded(services.settings.home) as folder:
        spec = uploads.spec_of(uploads.keep(folder, sent.name, data))
        order = Order("ingest", {"specs": [spec], "force": False, "hints": {}}, intro, "ingest", name)
        return queued(services, event, member, order)


# ---------------------------------------------------------------- the queue


def queued(services: Services, event: Event, member: Member, order: Order) -> Turn:
    """Queue work and show the asker how it goes. The same work that waits already is not queued twice."""
    watches = Watches(services.database)
    pending = watches.pending()
    arguments = dict(order.arguments)
    same = [p.id for p in pending if p.kind == order.kind and p.arguments == arguments and not p.cancel]
    job = same[0] if same else services.store.jobs.submit(order.kind, arguments, services.now())
    ahead = sum(p.id < job for p in pending)
    told = say(member.language, "ingest.queued_already" if same else "ingest.queued", job=job, ahead=ahead)
    shown = Say(joined((order.intro, told)), _cancel(job, member.language), about=f"job:{job}")
    watch = watches.watch(Watch(job, event.chat.id, member.id, member.language))
    target = f"job {job}: {order.target}" if order.target else f"job {job}"
    return Turn((shown,), writes=(watch,), action=order.action, target=target)


def _cancel(job: int, lang: str) -> Rows:
    return ((Button(say(lang, "ingest.cancel"), "ingest.cancel", {"job": job}),),)


def cancel(services: Services, _event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """Stop a job: a queued one at once, a running one at the next document or batch."""
    job = int(values["job"])
    if not services.store.jobs.cancel(job, services.now()):
        return Turn(toast=say(member.language, "ingest.over", job=job))
    return Turn(toast=say(member.language, "ingest.cancelling", job=job), action="ingest.cancel", target=f"job {job}")


def whole(services: Services, _event: Event, member: Member, values: Mapping[str, Any]) -> Turn:
    """The whole report of a job, as a file."""
    job = services.store.jobs.get(int(values["job"]))
    if job is None:
        raise BadInput(say(member.language, "ingest.over", job=values["job"]))
    text = job_pages.whole(job, member.language).encode("utf-8", "replace")
    return says(say(member.language, "ingest.whole_caption", job=job.id), file=(f"job-{job.id}.txt", text))


# ---------------------------------------------------------------- how it goes


@dataclass
class Shown:
    """What was last shown of each watched job, and how fast it goes. Only spares needless edits: lost with the process,
    it is made again from the database."""

    _last: WeakKeyDictionary[Database, dict[tuple[int, int], str]] = field(default_factory=WeakKeyDictionary)
    _rates: WeakKeyDictionary[Database, dict[int, "Rate"]] = field(default_factory=WeakKeyDictionary)

    def news(self, database: Database, watch: Watch, text: str) -> bool:
        """Is that something else than what the chat was last shown?"""
        last = self._last.setdefault(database, {})
        if last.get((watch.job, watch.chat)) == text:
            return False
        last[watch.job, watch.chat] = text
        return True

    def rate(self, database: Database, job: Job, seconds: float) -> float:
        """Passages a second of a running job; 0 while unknown."""
        from bot.progress import Rate

        return (
            self._rates.setdefault(database, {})
            .setdefault(job.id, Rate())
            .of(int(job.progress.get("embedded", 0)), seconds)
        )

    def forget(self, database: Database, watch: Watch) -> None:
        """The watch is over."""
        self._last.get(database, {}).pop((watch.job, watch.chat), None)
        self._rates.get(database, {}).pop(watch.job, None)


def progress(services: Services, shown: Shown) -> Turn:
    """One look at every watched job: an edit where it stands elsewhere than shown, the report where it has ended."""
    watches = Watches(services.database)
    told: list[Say] = []
    writes: list[Write] = []
    open_now = watches.open()
    pending = watches.pending() if open_now else ()
    for watch in open_now:
        job = services.store.jobs.get(watch.job)
        if job is None or not _still_admin(services, watch.person):
            writes.append(watches.finish(watch))
        elif job.state in ("queued", "running"):
            ahead = sum(p.id < job.id for p in pending)
            told += _step(services, shown, watch, job, ahead)
        else:
            told.append(_end(services, watch, job))
            writes.append(watches.finish(watch))
            shown.forget(services.database, watch)
    return Turn(tuple(told), writes=tuple(writes))


def _still_admin(services: Services, person: int) -> bool:
    known = services.people.get(person)
    return known is not None and known.holds(services.now()) and Role(known.role).may(Role.ADMIN)


def _step(services: Services, shown: Shown, watch: Watch, job: Job, ahead: int) -> tuple[Say, ...]:
    message = services.message_of(watch.chat, f"job:{job.id}")
    if message is None:  # not sent yet, or lost: the end is told all the same
        return ()
    now = services.now()
    rate = shown.rate(services.database, job, now.timestamp())
    text = job_pages.progress(job, ahead, rate, now, watch.language)
    if not shown.news(services.database, watch, text.text):
        return ()
    rows = () if job.cancel else _cancel(job.id, watch.language)
    return (_to(watch, text, rows, message),)


def _end(services: Services, watch: Watch, job: Job) -> Say:
    text, cut = job_pages.ended(job, watch.language)
    buttons: list[Button] = []
    lang = watch.language
    if cut:
        buttons.append(Button(say(lang, "ingest.show_whole"), "ingest.whole", {"job": job.id}))
    if any(d["state"] == "quarantined" for d in job.report.get("documents", ())):
        buttons.append(Button(say(lang, "ingest.show_quarantine"), "library.quarantine"))
    if subjects := job_pages.changed(job):
        buttons.append(Button(say(lang, "broadcast.offer"), "broadcast.offer", {"subjects": list(subjects)}))
    message = services.message_of(watch.chat, f"job:{job.id}")
    return _to(watch, text, tuple((b,) for b in buttons), message)


def _to(watch: Watch, text: Rich, rows: Rows, message: int | None) -> Say:
    return Say(
        text, rows, chat=watch.chat, buttons_for=watch.person, edit=message, about=f"job:{watch.job}",
        quiet=message is not None,
    )  # fmt: skip


def clear_uploads(services: Services) -> Turn:
    """Remove the files whose jobs are over."""
    home = services.settings.home
    if uploads.any_kept(home):
        with uploads.guarded(home) as folder:
            used = {s for p in Watches(services.database).pending() for s in p.arguments.get("specs", ())}
            uploads.clear(folder, used)
    return Turn()


def room() -> Room:
    """The conversation, with a memory of its own of what was last shown."""
    shown = Shown()
    return Room(
        commands={"ingest": Command(ingest, Role.ADMIN)},
        actions={"ingest.cancel": Pressed(cancel, Role.ADMIN), "ingest.whole": Pressed(whole, Role.ADMIN)},
        awaited={"ingest.file": Pressed(awaited, Role.ADMIN)},
        chores={
            "ingest.progress": (LOOK, lambda services: progress(services, shown)),
            "ingest.uploads": (CLEAR, clear_uploads),
        },
    )


ROOM = room()
