"""The chat's two catalogues say the same, the code asks for nothing that they lack and they hold nothing unasked for; Telegram
takes what they say; and no page in Chinese falls into English."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Formatter

import pytest

from bot.locales import catalogue
from bot.rich import units
from bot.roles import Role
from bot.telegram import menus
from bot.telegram.conditions import said
from bot.telegram.page import Page
from bot.telegram.trace import why
from knowledge import wording
from knowledge.conditions.deal import Deal
from knowledge.model import Good, Step
from knowledge.rulebook import load
from tests.conftest import ROOT, ask

EN, ZH = catalogue("en"), catalogue("zh")
HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = set(
    "Navicert Telegram English SPDX PDF DOCX HTML XML UTF UTC MB kB kb ID HS BIS EAR EAR99 eCFR CELEX MOFCOM ECCN CN US "
    "invite staff admin exporter refused export watch rules tests today FILE INSTRUMENT ADDRESS GSPS Some Company Ltd mm".split()
)
"""What stays in Latin letters in a Chinese sentence: names, formats, units and words that are typed as they stand."""
SIGNS_ONLY = {"card.code", "card.source", "card.step", "card.share", "card.hs", "card.item_ear99"}
"""Messages of signs and fields, which read the same in both languages."""
LIMITS = {"welcome.description": 512, "welcome.short_description": 120}
LABEL = 64
"""Units that a button shows without losing its end; the fields of a label count as FIELD."""
FIELD = 12
ALERT = 200
"""What Telegram takes in answer to a press."""


def fields(message: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(message) if name}


# ---------------------------------------------------------------- the catalogues


def test_both_languages_have_the_same_keys_and_fields() -> None:
    assert set(EN) == set(ZH)
    assert len(EN) > 400
    assert {k: fields(v) for k, v in EN.items()} == {k: fields(v) for k, v in ZH.items()}
    assert not [k for k in EN if not EN[k].strip() or not ZH[k].strip()]


def test_no_key_stands_in_two_files() -> None:
    """`catalogue` would take the last one without a word."""
    for lang in ("en", "zh"):
        rooms: list[tuple[str, str]] = []
        for path in sorted((ROOT / "bot/locales").glob(f"{lang}*.yaml")):
            room = ""
            for line in path.read_text(encoding="utf-8").splitlines():
                if top := re.match(r"(\w+):$", line):
                    room = top[1]
                elif entry := re.match(r"  \"?([\w]+)\"?:", line):
                    rooms.append((room, entry[1]))
        assert len(rooms) > 400
        assert not sorted({r for r in rooms if rooms.count(r) > 1})


@pytest.mark.parametrize("key", sorted(ZH))
def test_chinese_is_chinese(key: str) -> None:
    bare = re.sub(r"\{[^}]*\}|`[^`]*`|/[a-z]+|https?://\S*", "", ZH[key])
    assert HAN.search(bare) or key in SIGNS_ONLY or not re.search(r"[A-Za-z]{2,}", bare)
    words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"[A-Z]{2}[-:][\dA-Z.a-z-]+|\d\w*\.[\w.]+|EAR99", "", bare)))
    assert not words - NAMES


def test_english_is_english() -> None:
    assert not [k for k in EN if HAN.search(EN[k]) and k != "welcome.short_description"]


# ---------------------------------------------------------------- what Telegram takes


def test_every_command_of_every_room_has_a_description_that_telegram_takes() -> None:
    names = [name for room in menus.rooms() for name in room.commands]
    assert len(names) > 20 and len(names) == len(set(names))
    for lang in ("en", "zh"):
        said = catalogue(lang)
        assert not [n for n in names if not 1 <= units(said.get(f"commands.{n}", "")) <= 256]
        assert not [n for n in names if not re.fullmatch(r"[a-z0-9_]{1,32}", n)]
        for role in Role:
            assert len(menus.offered(role, lang)) <= 100
    assert {k.removeprefix("commands.") for k in EN if k.startswith("commands.")} == set(names)


@pytest.mark.parametrize("key", sorted(LIMITS))
def test_what_the_bot_says_of_itself_fits(key: str) -> None:
    assert all(units(catalogue(lang)[key]) <= LIMITS[key] for lang in ("en", "zh"))


def test_labels_of_buttons_and_answers_to_a_press_fit() -> None:
    labels = {k for call in CALLS if call.name == "Button" for k in keys_within(call.node.args[:1])}
    toasts = {
        k for call in CALLS for word in call.node.keywords if word.arg == "toast" for k in keys_within([word.value])
    }
    labels |= {k for k in EN if k.startswith(("card.button.", "review.do_"))}
    toasts |= {"door.not_your_button", "door.pressed_before"}  # the router's, chosen as it goes
    for call in CALLS:  # `one("why", …)`: a button of the room that the file is
        if call.name == "one" and call.path.stem == "ask":
            labels |= {f"ask.{k}" for k in literal(call.node.args[0])}
    assert labels <= set(EN) and len(labels) > 70 and len(toasts) >= 8
    for most, keys in ((LABEL, labels), (ALERT, toasts)):
        for lang in ("en", "zh"):
            shown = {k: re.sub(r"\{[^}]*\}", "x" * FIELD, catalogue(lang)[k]) for k in keys}
            assert not {k: v for k, v in shown.items() if units(v) > most}


# ---------------------------------------------------------------- code and catalogues


class Call:
    """A call in the code, with the name by which it is called and what `say` means in its file."""

    def __init__(self, node: ast.Call, name: str, path: Path, speaks: str) -> None:
        self.node, self.name, self.path, self.speaks = node, name, path, speaks


def calls() -> Iterator[Call]:
    """Every call of a plain name or method below bot/. `speaks` tells whose sentences it asks for: chat, law or none."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        speaks = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in ("bot.locales", "knowledge.wording"):
                whose = "chat" if node.module == "bot.locales" else "law"
                speaks.update({a.asname or a.name: whose for a in node.names if a.name == "say"})
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                plain = isinstance(node.func, ast.Name)
                yield Call(node, name, path, speaks.get(name, "") if plain else "")


CALLS = list(calls())
PAGES = ("card", "conditions", "grounds", "page", "pages", "route", "trace")


def literal(node: ast.expr) -> list[str]:
    """The keys that an expression may be: a text, one of two, or "begin*" where the rest is filled in."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return literal(node.body) + literal(node.orelse)
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "*" for p in node.values]
        return ["".join(str(p) for p in parts)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [f"{begun}*" for begun in literal(node.left)]
    return []


def keys_within(nodes: list[ast.expr]) -> set[str]:
    """Full keys of the catalogue anywhere in the expressions."""
    inner = [n for node in nodes for n in ast.walk(node)]
    return {n.value for n in inner if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value in EN}


@lru_cache(maxsize=1)
def asked() -> set[str]:
    """Every key that the code asks of the chat's catalogue, "*" for what is filled in at run time."""
    found: set[str] = set()
    for call in CALLS:
        if call.speaks == "chat" and len(call.node.args) > 1:
            found |= set(literal(call.node.args[1]))
        own = call.path.parent.name == "telegram" and call.path.stem in PAGES
        if own and call.name == "say" and not call.speaks and call.node.args:
            found |= {f"card.{k}" for k in literal(call.node.args[0])}
    return found


def fits(pattern: str, key: str) -> bool:
    """Is the key one that the pattern may become? "door.slow_*" becomes door.slow_text, not door.stranger."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", r"\w+"), key) is not None


def test_every_key_that_code_names_is_there() -> None:
    assert len([k for k in asked() if "*" not in k]) > 250
    assert not sorted(k for k in asked() if "*" not in k and k not in EN)
    assert not sorted(k for k in asked() if "*" in k and not any(fits(k, key) for key in EN))


def test_every_sentence_of_the_law_that_the_chat_names_is_there() -> None:
    named = {k for c in CALLS if c.speaks == "law" and len(c.node.args) > 1 for k in literal(c.node.args[1])}
    law = wording.catalogue("en")
    assert len(named) > 40
    assert not sorted(k for k in named if "*" not in k and k not in law)
    assert not sorted(k for k in named if "*" in k and not any(fits(k, key) for key in law))


def test_no_message_is_left_unused() -> None:
    patterns = [k for k in asked() if "*" in k]
    plain: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
                if path.stem in PAGES:
                    plain |= {f"card.{node.value}", f"card.condition.{node.value}"}
            elif isinstance(node, ast.JoinedStr | ast.BinOp):
                patterns += [p for p in literal(node) if re.match(r"\w+\.[\w.]*\*", p)]
    unused = [k for k in EN if k not in plain and not any(fits(p, k) for p in patterns if not p.startswith("card.*"))]
    unused = [k for k in unused if not k.startswith(DYNAMIC)]
    assert not unused


DYNAMIC = (
    "commands.",  # held to the commands of the rooms above
    "card.use_", "card.item_", "card.asks_", "card.listing_", "card.movement_", "card.list_",  # names of values in a trace
)  # fmt: skip


def english(text: str) -> bool:
    """Does it hold words that somebody would read?"""
    return len(re.findall(r"[A-Za-z]{3,}", text)) > 1 or HAN.search(text) is not None


def test_nothing_is_said_past_the_catalogues() -> None:
    sent = ("says", "Say", "alert", "Rich", "bold", "italic", "quote", "Button", "refused", "BadInput")
    found = []
    for call in CALLS:
        if call.path.parent.name != "telegram":
            continue
        given = call.node.args[:1] if call.name in sent else []
        given = [*given, *(w.value for w in call.node.keywords if w.arg in ("toast", "text", "caption"))]
        for node in given:
            texts = [node] if isinstance(node, ast.Constant) else node.values if isinstance(node, ast.JoinedStr) else []
            said = [t.value for t in texts if isinstance(t, ast.Constant) and isinstance(t.value, str)]
            found += [f"{call.path.name}:{call.node.lineno} {s!r}" for s in said if english(s)]
    assert len([c for c in CALLS if c.name in sent]) > 200
    assert not found


# ---------------------------------------------------------------- the reasons in Chinese

DAY = date(2026, 11, 22)
QUESTIONS = (
    "我们从宁波出口钕铁硼磁体到越南",
    "镓出口美国需要许可证吗",
    "从上海出口5公斤氧化镝到斯图加特，民用电机",
    "从深圳向日本自卫队出口镓",
    "天津出口石墨负极材料到洛杉矶，最终用户Lockheed Martin",
    "钪铝合金靶材从青岛到首尔，纯度99.99%",
    "从宁波出口钨合金棒，密度17.8 g/cm3，到德国",
    "人造金刚石微粉，粒度5微米，郑州到荷兰",
    "磷酸铁锂正极材料，压实密度2.6 g/cm3，从长沙到匈牙利",
    "稀土分离技术转让给越南公司",
    "从美国旧金山出口ECCN 3A090芯片到上海",
    "从美国纽约出口EAR99笔记本电脑到深圳，最终用户华为技术有限公司，货值2万美元",
    "从鹿特丹出口5A002加密路由器到莫斯科",
    "从慕尼黑出口3A001到巴西，民用",
    "从巴黎出口机床到伊朗，军事用途",
    "从汉堡出口5A002到东京",
    "从广州出口棉T恤到巴黎",
    "德国产含中国稀土0.2%的钐钴磁体从慕尼黑到美国",
)
_RUN = re.compile(r"(?:[A-Za-z][a-z]+[ ,]+){2,}[A-Za-z][a-z]+")


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_reasons_hold_no_english_sentence(text: str) -> None:
    answer = ask(text, DAY, lang="zh")
    assert answer.lang == "zh"
    shown = why(answer).text
    for name in (m.party.name["en"] for m in answer.transaction.parties):
        shown = shown.replace(name, "")
    assert HAN.search(shown)
    assert not _RUN.findall(shown)
    assert not re.findall(r"\b(?:read as|kind: |not known|stated|goods|destination|item|of)\b", shown)
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b", shown), "a name of the rule data, for no reader"


def labels(step: Step) -> Iterator[str]:
    """Every condition of a trace."""
    yield step.label
    for inner in step.children:
        yield from labels(inner)


def test_every_condition_of_the_rules_has_chinese_words() -> None:
    book, page, good = load(), Page(ask(QUESTIONS[0], DAY, lang="zh")), Good("?", "material")
    deal = Deal(page.answer.transaction, good, {}, "CN", DAY)
    tried = [e.goods.test(good, book.taxonomy).step for e in book.entries]
    tried += [r.when.test(deal).step for r in book.restrictions]
    found = {label for step in tried for label in labels(step)}
    assert len(found) > 150
    shown = {label: said(page, label) for label in found}
    assert not sorted(k for k, v in shown.items() if not HAN.search(v) or re.search(r"(?<![\w.-])[a-z]{4,}", v))


def test_the_questions_cover_every_regime() -> None:
    regimes = {d.regime for q in QUESTIONS for d in ask(q, DAY, lang="zh").determinations}
    assert regimes == {"CN", "US", "EU"}
