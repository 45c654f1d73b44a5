"""What somebody is told of a flip, of one to come, of what they watch, and the digest for staff: wording only."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.locales import say
from bot.rich import Rich, bold, joined, link
from bot.telegram.words import comma, one_line, spoken
from knowledge.alerts.flips import Flip, Ground, Side, loaded
from knowledge.alerts.subjects import name
from knowledge.rulebook.book import RuleBook
from knowledge.store.alert_rows import Alert, Run
from knowledge.wording import known
from knowledge.wording import say as law_says

SHOWN = 10
"""Flips that one message tells of in full; the rest are counted."""
NAMED = 100
"""Further ones that are named."""
WORDS = 90
"""Characters of a question that are quoted."""


def told(
    book: RuleBook, lang: str, alerts: Sequence[Alert], texts: Mapping[int, tuple[str, str]], today: date
) -> Rich:  # fmt: skip
    """The message of one person: what flipped, what will, what they watch. `texts`: of each answer the words that were asked
    and the day."""
    parts: list[Rich] = []
    for kind in ("flip", "ahead", "news"):
        mine = [a for a in alerts if a.kind == kind]
        if not mine:
            continue
        heading = {
            "flip": say(lang, "alert.flipped", n=len(mine)), "ahead": say(lang, "alert.ahead", n=len(mine)),
            "news": say(lang, "alert.news"),
        }[kind]  # fmt: skip
        parts.append(bold(heading))
        parts += [_one(book, lang, a, texts, today) for a in mine[:SHOWN]]
        if len(mine) > SHOWN:
            parts.append(_rest(book, lang, mine[SHOWN:]))
    parts.append(Rich(say(lang, "alert.foot")))
    return joined(parts, "\n\n")


def _rest(book: RuleBook, lang: str, alerts: Sequence[Alert]) -> Rich:
    """Those that are not told in full, by name: nobody is told that more flipped and not which."""
    named = [
        f"#{a.question}" if a.question is not None else name(a.body["subject"], book, spoken(lang)) for a in alerts
    ]
    more = [f"+{len(named) - NAMED}"] if len(named) > NAMED else []
    return Rich(say(lang, "alert.rest", n=len(alerts), named=comma(lang).join((*named[:NAMED], *more))))


def _one(book: RuleBook, lang: str, alert: Alert, texts: Mapping[int, tuple[str, str]], today: date) -> Rich:
    if alert.kind == "news":
        return _news(book, lang, alert.body)
    words, day = texts.get(alert.question or 0, ("", ""))
    asked = say(lang, "alert.asked", text=one_line(words, WORDS), day=day, number=alert.question)
    if alert.kind == "ahead":
        coming = loaded(dict(alert.body["flip"]))
        day = alert.body["turn"]
        head = say(lang, "alert.will", day=day, n=(date.fromisoformat(day) - today).days)
        return joined((asked, bold(head), *_changed(book, lang, coming, dated=False)))
    return joined((asked, *_changed(book, lang, loaded(dict(alert.body)))))


def _changed(book: RuleBook, lang: str, flip: Flip, *, dated: bool = True) -> Iterator[Rich | str]:
    before, after = (_verdict(lang, v) for v in (flip.before, flip.after))
    key = "alert.verdict" if flip.before != flip.after else "alert.verdict_same"
    yield bold(say(lang, key, before=before, after=after))
    if dated:
        yield say(lang, "alert.since" if flip.by == "day" else "alert.found", day=flip.since)
    for side in flip.sides:
        yield "• " + _side(lang, side)
    for ground in flip.grounds:
        yield _ground(book, lang, ground)


def _side(lang: str, side: Side) -> str:
    """A regime in one line: its outcome, its status and the entries, as far as they are otherwise."""
    own = spoken(lang)
    said = []
    if side.before != side.after:
        before, after = (_verdict(lang, v) if v else say(lang, "alert.no_say") for v in (side.before, side.after))
        said.append(say(lang, "alert.turned", before=before, after=after))
    if side.status_before and side.status_after and side.status_before != side.status_after:
        before, after = (law_says(own, f"status.{s}") for s in (side.status_before, side.status_after))
        said.append(say(lang, "alert.turned", before=before, after=after))
    if side.come:
        said.append(say(lang, "alert.come", codes=comma(lang).join(side.come[:6])))
    if side.gone:
        said.append(say(lang, "alert.gone", codes=comma(lang).join(side.gone[:6])))
    if not said:
        said.append(say(lang, "alert.licence" if "licence" in side.what else "alert.facts"))
    return say(
        lang, "alert.regime", regime=law_says(own, f"regime.{side.regime}"), what=say(lang, "alert.between").join(said)
    )


def _ground(book: RuleBook, lang: str, ground: Ground) -> Rich:
    """The provision that brought it about, with its link, its date and whether it is confirmed."""
    act = book.instruments.get(ground.instrument)
    title = act.number[spoken(lang)] if act is not None else ground.instrument
    shown = link(title, act.url) if act is not None and act.url else Rich(title)
    named = ground.rule or ground.provision
    # Our own digests have names that mean nothing to a reader ("suspension").
    place = say(lang, "alert.place", rule=named) if any(c.isdigit() for c in named) else ""
    status = law_says(spoken(lang), f"status.{ground.status}") if ground.status else ""
    dated = say(lang, "alert.status", status=status, day=ground.since) if status else ""
    unsure = say(lang, "alert.unconfirmed") if ground.unconfirmed else ""
    return "📖 " + shown + place + dated + unsure


def _verdict(lang: str, verdict: str) -> str:
    return law_says(spoken(lang), f"verdict.{verdict}")


def _news(book: RuleBook, lang: str, body: Mapping[str, Any]) -> Rich:
    """What changed of something that is watched."""
    heading = say(lang, "alert.subject", subject=name(body["subject"], book, spoken(lang)), n=body["count"])
    return joined((heading, *("• " + change(book, lang, c) for c in body["changes"])))


def change(book: RuleBook, lang: str, one: Mapping[str, Any]) -> str:
    """One change in a line: what, of what, since when."""
    what = {
        "added": say(lang, "alert.added"), "removed": say(lang, "alert.removed"), "changed": say(lang, "alert.changed"),
        "worded": say(lang, "alert.worded"), "turned": say(lang, "alert.new_status"), "table": say(lang, "alert.table"),
        "text": say(lang, "alert.text"),
    }[one["what"]]  # fmt: skip
    subject = one["id"].partition(":")[2] or one["id"]
    act = book.instruments.get(one.get("instrument", ""))
    named = act.number[spoken(lang)] if act is not None else one.get("instrument", "")
    status = ""
    if one.get("status") and known(spoken(lang), f"status.{one['status']}"):
        status = say(lang, "alert.status", status=law_says(spoken(lang), f"status.{one['status']}"), day=one["since"])
    unsure = say(lang, "alert.unconfirmed") if one.get("unconfirmed") else ""
    return say(lang, "alert.change", id=subject, what=what, act=named) + status + unsure


def digest(lang: str, run: Run, found: Sequence[Alert]) -> Rich:
    """A run for staff: what changed, how many answers it could touch, which flipped, by number and without a name."""
    flips = [a for a in found if a.kind == "flip"]
    counts = run.changes.get("counts", {})
    told_ = say(lang, "alert.digest", day=run.day.isoformat(), stored=run.stored, touched=run.touched, flips=len(flips))
    why = say(
        lang, "alert.digest_why", n=sum(counts.values()), named=comma(lang).join(run.changes.get("named", ())[:8])
    )
    lines = [
        say(lang, "alert.digest_flip", number=a.question, before=_verdict(lang, a.body["before"]),
            after=_verdict(lang, a.body["after"]), day=a.body["since"])
        for a in flips[:SHOWN]
    ]  # fmt: skip
    more = [say(lang, "alert.more", n=len(flips) - SHOWN)] if len(flips) > SHOWN else []
    warned = sum(a.kind == "ahead" for a in found)
    ahead = [say(lang, "alert.digest_ahead", n=warned)] if warned else []
    return joined((bold(told_), why, *("• " + line for line in lines), *more, *ahead))
