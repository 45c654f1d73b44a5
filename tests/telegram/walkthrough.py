"""A new owner's first hour with the bot, played against the running bot; `docs/telegram.md` is written from what it says.

    python -m tests.telegram.walkthrough --write

The prose is TEMPLATE; `<<name>>` in it stands for the messages of that scene.
"""

import contextlib
import io
import re
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.roles import Role
from bot.services import Services
from bot.telegram.menus import offered
from tests.conftest import ROOT
from tests.telegram.faultserver import FaultServer
from tests.telegram.running import Running, services
from tests.telegram.world import Actor, Shown, World

PAGE = ROOT / "docs" / "telegram.md"
LONG = 60.0
WIDE = 100
"""Characters of a line on the page; a chat has no such lines."""
CODE = re.compile(r"start[= ]([\w-]{20,})")
NOTICE = b"""<!DOCTYPE html><html lang="en"><head><title>Notice 7 of 2026 on Enforcement</title></head><body>
<h1>Notice No. 7 of 2026 on the Enforcement of Export Controls on Rare Earths</h1>
<p>Issued by the Port Office on 20 November 2026</p>
<h2>Article 1</h2><p>Whoever exports dysprosium without a licence pays a fine.</p>
<h2>Article 2</h2><p>The exporter keeps the composition report for five years.</p>
<h2>Article 3</h2><p>This notice takes effect on 1 December 2026.</p></body></html>"""
TEMPLATE = """# The bot, from a token to an ingested notice

Every message below is what the bot says; a test plays this page against it. The lines of a chat are wrapped here, buttons stand
in [brackets], and CODE is where you see an invitation's code. [operating.md](operating.md) has the settings, services and
containers, [chat.md](chat.md) how it works inside.

## 1. A bot of your own

In Telegram, open [@BotFather](https://t.me/BotFather), send `/newbot`, and choose a name and a username that ends in `bot`.
BotFather answers with a token: a number, a colon and a long secret. Whoever has it is the bot, so keep it to yourself.

While you are there: `/setinline` lets people look codes up from any chat. Leave the privacy mode of `/setprivacy` on; in
groups the bot then sees only what is meant for it.

```text
export NAVICERT_TELEGRAM_TOKEN=123456:ABC...
make run
```

Among the lines of its log, the terminal says:

<<terminal>>

## 2. You are the first admin

Open the link, or send the bot the line. The code works once, for 24 hours; a new start shows a new one as long as there is no
admin.

<<admin>>

Nothing is recorded and nothing is answered before somebody agrees. Everybody sees this once.

## 3. The first answer

Write as you would to a colleague: goods, from where, to where, for whom, when. What is missing is asked for, and what decides
comes first.

<<question>>

A button is quicker than a sentence, and nothing that you said before is lost:

<<choice>>

A further message changes the case; `/new` begins another one.

<<follow-up>>

Under each answer:

- **Why**: every rule that was tried, and what came of it

<<why>>

- **Sources**: each passage with its standing, its dates and a link to the official text

<<sources>>

- **Route**: how the deal was read, so that a misreading is seen before it costs anything

<<route>>

- **As of date**: the same case under the law of another day, also `/asof 2025-10-20`
- **Whole answer** and **Memo**: all of it in the chat, and as a file to keep
- **✓ Right**, **✗ Wrong**, **Ask a colleague**: see below

An answer comes in the language of the question; `/lang` fixes one.

<<chinese>>

A photo or a voice message is refused kindly. A specification sheet (PDF, DOCX, text) is read: the bot says which entries it may
fall under, and asks where the goods go.

In a group, mention the bot or reply to it. It says what the rules say and nothing of the parties, the amounts or the use;
[Go on in private] takes the case along.

<<group>>

## 4. A colleague who reviews

Invite one. The role is exporter, staff or admin; `/users` alone opens a menu for the same.

<<invitation>>

Sam opens the link, and is in:

<<staff>>

Ada came in the same way, as an exporter. She is not sure of an answer and presses [Ask a colleague]:

<<escalation>>

Sam is told at once, in private:

<<notice>>

[Open] shows the case with all that is needed to decide it, and these buttons:

<<review>>

Nobody else can decide the same review by accident. Sam overrides the result; that needs a reason.

<<override>>

Ada reads it where she asked:

<<told>>

What the machine had said stays beside it. `/review` lists what waits, `/review export` gives the decided ones as test sentences,
`/stats` the figures. Staff also have `/classify`, `/screen`, `/rules` and `/timeline`; see [desk.md](desk.md).

## 5. A notice is brought in

Send the bot a document with `/ingest` as its caption, or `/ingest` and an address (`/sources` lists the official ones). The
message shows how far it is; [Cancel] stops it without leaving anything half done.

<<ingest>>

The same message turns into the report:

<<report>>

Where a rule leans on a text that was brought in, answers quote that text from now on in place of our digest; the rules
themselves change only by review ([rules.md](rules.md)). [Tell the people affected…] writes to those whose recorded answers
cite what changed, after showing you what they will read. What cannot be read is set aside with the reason, never dropped: see
`/quarantine`, and [ingest.md](ingest.md) for the rest.

## 6. All commands

`/help` shows what your role may do; this is an admin's.

<<commands>>

To take somebody's access away: `/users`, their name, [Revoke…]. It counts at once. `/audit` shows what was done and what was
refused.
"""


@dataclass
class Walk:
    """The scenes as they are played: for each name the lines of its block."""

    world: World
    scenes: dict[str, list[str]] = field(default_factory=dict)

    def say(self, scene: str, actor: Actor, text: str, words: str, lines: int = 0) -> Shown:
        """Somebody writes; the answer that holds these words goes into the scene, its first `lines` where given."""
        self._line(scene, f"{_name(actor)}: {text}")
        last = _last(actor)
        actor.say(text)
        return self.show(scene, actor.wait_for(lambda m: words in m.text, LONG, last), lines)

    def press(self, scene: str, actor: Actor, message: Shown, label: str, words: str, lines: int = 0) -> Shown:
        """Somebody presses a button; the answer goes into the scene."""
        self._line(scene, f"{_name(actor)}: [{label}]")
        last = _last(actor)
        actor.press(message, label)
        return self.show(scene, actor.wait_for(lambda m: words in m.text, LONG, last), lines)

    def show(self, scene: str, message: Shown, lines: int = 0) -> Shown:
        """A message of the bot goes into the scene."""
        said = [part for line in message.text.splitlines() for part in _wrapped(line)]
        self._line(
            scene, *(said if not lines or len(said) <= lines else [*"\n".join(said[:lines]).rstrip().split("\n"), "…"])
        )
        rows = [" ".join(f"[{label}]" for label in row) for row in message.buttons]
        if rows and not lines:
            self.scenes[scene] += ["", *rows]
        return message

    def _line(self, scene: str, *lines: str) -> None:
        held = self.scenes.setdefault(scene, [])
        held += ["", *lines] if held else lines


def _name(actor: Actor) -> str:
    return str(actor.user["first_name"])


def _last(actor: Actor) -> int:
    return max((m.id for m in actor.sees()), default=0)


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDE, break_long_words=False, break_on_hyphens=False) or [""]


def play(folder: Path) -> dict[str, str]:
    """Play all scenes with a bot over this folder; name -> block."""
    with FaultServer() as server, contextlib.ExitStack() as stack:
        own, terminal = services(folder), io.StringIO()
        with contextlib.redirect_stderr(terminal):
            stack.enter_context(Running(server, own, open_to_all=False))
            while not (
                told := re.search(r"Navicert answers as .*\n  /start (\S+)(?=\n)", terminal.getvalue(), re.DOTALL)
            ):
                time.sleep(0.02)
        walk = Walk(server.world, {"terminal": told[0].splitlines()})
        olga = _admin(walk, told[1])
        _first_answer(walk, olga)
        _review(walk, olga)
        _notice(walk, olga, own)
    walk.scenes["commands"] = [f"/{name}  {what}" for name, what in offered(Role.ADMIN, "en")]
    return _without_codes({name: "\n".join(lines) for name, lines in walk.scenes.items()})


def _without_codes(scenes: dict[str, str]) -> dict[str, str]:
    """What differs each time is said to be CODE."""
    codes = {code for said in scenes.values() for code in CODE.findall(said)}
    for code in codes:
        scenes = {name: said.replace(code, "CODE") for name, said in scenes.items()}
    return scenes


def _admin(walk: Walk, code: str) -> Actor:
    olga = walk.world.user(1, "Olga")
    hello = walk.say("admin", olga, f"/start {code}", "You are an admin here")
    walk.press("admin", olga, hello, "I agree", "Ask away")
    return olga


def _first_answer(walk: Walk, olga: Actor) -> None:
    asked = walk.say("question", olga, "N52 magnets to Vietnam", "More facts needed")
    walk.press("choice", olga, asked, "Contains dysprosium", "Licence required")
    shown = walk.say("follow-up", olga, "and to Japan?", "China → Japan", lines=6)
    walk.press("why", olga, shown, "Why", "Rules tried", lines=18)
    walk.press("sources", olga, shown, "Sources", "Sources of answer", lines=8)
    walk.press("route", olga, shown, "Route", "As read", lines=9)
    _group(walk, olga)
    olga.say("/new")
    walk.say("chinese", olga, "5公斤氧化镝，上海到斯图加特，电机厂，下周发货", "需要许可证")


def _group(walk: Walk, olga: Actor) -> None:
    group, said = walk.world.group("Trade", olga), "@navicert_bot 5 kg dysprosium oxide to Hanoi, for Hanoi Motors Ltd"
    walk.scenes["group"] = [f"Olga: {said}"]
    olga.say(said, group)
    walk.show("group", walk.world.wait_for(group, lambda m: "→ Vietnam" in m.text, LONG))


def _review(walk: Walk, olga: Actor) -> None:
    invited = walk.say("invitation", olga, "/users invite staff 7d", "Invitation")
    sam = walk.world.user(2, "Sam")
    hello = walk.say("staff", sam, f"/start {_code(invited)}", "compliance staff here", lines=1)
    walk.press("staff", sam, hello, "I agree", "Ask away")
    olga.say("/users invite exporter 7d")
    ada = walk.world.user(3, "Ada")
    ada.say(f"/start {_code(olga.wait_for(lambda m: 'exporter' in m.text and 't.me' in m.text, LONG, invited.id))}")
    ada.press(ada.wait_for(lambda m: "Do you agree?" in m.text, LONG), "I agree")
    ada.wait_for(lambda m: "Ask away" in m.text, LONG)
    asked = walk.say("escalation", ada, "N52 magnets with dysprosium from Ningbo to Hanoi", "→ Vietnam", lines=2)
    walk.press("escalation", ada, asked, "Ask a colleague", "What should a colleague look at?")
    walk.say("escalation", ada, "Our lab found no dysprosium, report 5 of 3 November.", "with the compliance staff")
    notice = walk.show("notice", sam.wait_for(lambda m: "asks for a colleague" in m.text, LONG))
    sam.press(notice, "Open")
    review = sam.wait_for(lambda m: m.text.startswith("Review "), LONG)
    walk.scenes["review"] = [" ".join(f"[{label}]" for label in row) for row in review.buttons]
    which = walk.press("override", sam, review, "✎ Override", "Which result")
    walk.press("override", sam, which, "No licence requirement found (this is not a clearance)", "Why?")
    walk.say("override", sam, "Report 5 is of this lot and shows no Dy, Tb or Ho.", "is overridden")
    walk.show("told", ada.wait_for(lambda m: "A colleague has checked" in m.text, LONG))


def _code(invitation: Shown) -> str:
    return str(CODE.findall(invitation.text)[0])


def _notice(walk: Walk, olga: Actor, own: Services) -> None:
    from ingest.service import work

    last = _last(olga)
    olga.send_file("notice-7.html", NOTICE, "/ingest")
    walk.scenes["ingest"] = ["Olga: notice-7.html, with the caption /ingest"]
    walk.show("ingest", olga.wait_for(lambda m: "Queued as job" in m.text, LONG, last))

    def librarian() -> None:
        with own.store.owned("walkthrough"):
            work(own.store, own.means, lambda _told: None, lambda: False)

    worker = threading.Thread(target=librarian)
    worker.start()
    walk.show("report", olga.wait_for(lambda m: "Done" in m.text, LONG, last))
    worker.join()


def page(scenes: dict[str, str]) -> str:
    """The document."""
    used: set[str] = set()

    def block(found: re.Match[str]) -> str:
        used.add(found[1])
        return f"```text\n{scenes[str(found[1])]}\n```"

    made = re.sub(r"<<([\w-]+)>>", block, TEMPLATE)
    assert used == set(scenes), used ^ set(scenes)
    return made


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def main() -> None:
    """Play it, and print the page or with --write put it into docs/."""
    with _folder() as folder:
        made = page(play(folder))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
