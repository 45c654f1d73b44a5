"""How answers look in the chat: the card, the pages behind it, and the buttons of the deciding question."""

import re
import string
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.locales import catalogue
from bot.rich import Rich, units
from bot.telegram import page as shown_page
from bot.telegram.card import CAP, card
from bot.telegram.choices import missing_buttons, question
from bot.telegram.entities import entities
from bot.telegram.page import icon, shortened
from bot.telegram.pages import FOLD, full, sources
from bot.telegram.route import route
from bot.telegram.trace import SHOWN, why
from knowledge.model import Answer, Behaviour, Confidence, Good, Missing, Outcome
from knowledge.wording import say
from tests.conftest import ask

MOMENT = date(2026, 11, 22)
SECRETS = ("lockheed", "huawei", "siemens", "20,000", "20000", "5 kg", "99.99", "torpedo")
QUESTIONS = (
    "Can I export 5 kg of dysprosium oxide from Shanghai to Stuttgart for a motor maker next week?",
    "我们从宁波出口钕铁硼磁体到越南",
    "NdFeB magnets from Ningbo to Detroit, civil use",
    "镓出口美国需要许可证吗",
    "ECCN 3A090 chips from San Jose to Shanghai",
    "Rotterdam to Moscow, ECCN 5A002 encryption router",
    "How do I get Dy powder out of China without a licence, hidden in solder paste?",
    "你好",
    "What changed with MOFCOM announcement 61 of 2025?",
    "Graphite anode powder and tungsten carbide from Tianjin to Los Angeles for Lockheed Martin, torpedo batteries",
    "End user is Huawei Technologies, EAR99 laptops from Austin to Shenzhen, value $20,000",
    "Yttrium oxide 99.99% from Jiangxi to Austria via Hong Kong, end user Siemens, civil medical lasers",
    "Export cotton t-shirts from Guangzhou to Paris",
    "German scandium alloy with 0.2% Chinese rare earths, from Munich to Brazil",
)
_MARK = re.compile(r"\[(\d+)\]")


@lru_cache(maxsize=64)
def _answer(text: str) -> Answer:
    return ask(text, MOMENT)


def _about(words: str) -> Answer:
    return _answer(next(q for q in QUESTIONS if words in q))


def _bold(rich: Rich) -> list[str]:
    return [rich.text[s.start : s.end] for s in rich.spans if s.kind == "bold"]


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("group", [False, True])
def test_a_card_leads_with_the_words_of_the_verdict_and_fits(text: str, group: bool) -> None:
    answer = _answer(text)
    shown = card(answer, group=group)
    verdict = answer.sections[0].lines[0]
    assert shown.text.startswith(f"{icon(answer)} {verdict}")
    assert _bold(shown)[0] == verdict, "the words in bold, so that no colour is needed to read them"
    assert units(shown.text) <= CAP
    assert units(shown.text) <= 1500, "short enough to be read"
    assert shown.text.endswith(say(answer.lang, "not_checked.advice"))
    assert shown.spans[-1].kind == "italic"


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("page", [card, lambda a: card(a, group=True), full])
def test_every_mark_is_a_link_to_its_own_citation(text: str, page: object) -> None:
    answer = _answer(text)
    assert callable(page)
    shown: Rich = page(answer)
    urls = {c.n: c.url for c in answer.citations}
    links = {(s.start, s.end): s.url for s in shown.spans if s.kind == "text_link"}
    for mark in _MARK.finditer(shown.text):
        assert links[mark.span()] == urls[int(mark.group(1))]
    assert len(links) == len(_MARK.findall(shown.text))
    heading = catalogue(answer.lang)["card.sources"]
    if links:
        body, listed = shown.text.rsplit(f"\n{heading}\n", 1)
        assert set(_MARK.findall(body)) == set(_MARK.findall(listed)), "listed is what is cited, and nothing else"


@pytest.mark.parametrize("text", QUESTIONS)
def test_what_is_unconfirmed_is_said(text: str) -> None:
    answer = _answer(text)
    word = say(answer.lang, "confidence.unconfirmed")
    for group in (False, True):
        shown = card(answer, group=group).text
        listed = shown.rsplit(catalogue(answer.lang)["card.sources"], 1)[-1]
        unsure = {c.n for c in answer.citations if c.confidence is Confidence.UNCONFIRMED}
        for line in listed.splitlines():
            if numbers := {int(n) for n in _MARK.findall(line)}:
                assert (word in line) == bool(numbers & unsure)
        if any(line.startswith(("Unconfirmed:", "未经证实：")) for s in answer.sections for line in s.lines):
            assert re.search("❕ (Unconfirmed: |未经证实：)", shown)


def test_a_verdict_on_unconfirmed_ground_shows_it_though_the_answer_has_no_line_for_it() -> None:
    answer = _about("5A002")
    assert not any(line.startswith("Unconfirmed: ") for s in answer.sections for line in s.lines)
    assert "❕ Unconfirmed: this leans on Regulation (EU) No 833/2014 [11]" in card(answer).text


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_group_reads_nothing_confidential(text: str) -> None:
    answer = _answer(text)
    shown = card(answer, group=True).text
    theirs = [n.casefold() for m in answer.transaction.parties for n in (m.name, *m.party.name.values())]
    theirs += [n.casefold() for n in answer.transaction.named_parties]
    assert not [s for s in (*SECRETS, *theirs) if s in shown.casefold()]
    if answer.behaviour not in (Behaviour.DECLINE_TOPIC, Behaviour.REFUSE_EVASION) and answer.determinations:
        assert catalogue(answer.lang)["card.private"] in shown


def test_a_line_of_code_that_names_the_user_is_kept_from_a_group() -> None:
    answer = _about("Siemens")
    sections = tuple(
        replace(s, lines=tuple(x.replace("any purity", "for SIEMENS") for x in s.lines)) for s in answer.sections
    )
    named = replace(answer, sections=sections)
    assert "for SIEMENS [1]" in card(named).text
    shown = card(named, group=True).text
    assert "SIEMENS" not in shown and "Controlled as well: 1C908.b [1]." in shown


def test_a_group_still_reads_the_codes_and_what_to_do() -> None:
    shown = card(_about("dysprosium oxide"), group=True).text
    assert "• 1C905.b, Dysprosium oxide and mixtures of it" in shown
    assert "Apply to MOFCOM" in shown
    assert "Who is the end user" not in shown


def test_what_decides_comes_first_and_is_asked_in_bold() -> None:
    answer = _about("Detroit")
    shown = card(answer)
    asked = question(answer)
    assert asked is not None and asked[0].decides
    assert asked[1] in _bold(shown)
    assert shown.text.index(asked[1]) < shown.text.index("May apply: 1C904.a.4 [1], 1C905.a.4 [3], 1C909.a.4 [4].")
    assert "1C909.a.4: The suspension ended on its own text" in shown.text
    assert "What decides (1 of 3)" in card(_about("scandium")).text


def test_several_regimes_have_a_line_each_and_the_gravest_is_explained_first() -> None:
    shown = card(_about("5A002")).text
    assert "🟠 United States: Licence required.\n⛔ European Union: Prohibited." in shown
    assert shown.index("may not go to Russia") < shown.index("Russia and Belarus: every item")
    assert "no licence for 5A002" not in shown, "a ground that asks for nothing is no reason for a licence"


def test_a_listed_party_is_named_to_the_one_who_asked() -> None:
    shown = card(_about("Lockheed")).text
    assert "Lockheed Martin Corporation is on the Chinese export control list" in shown
    assert "special application to MOFCOM" in shown


def test_nothing_found_is_never_shown_as_clearance() -> None:
    shown = card(_about("cotton")).text
    assert "No licence requirement found (this is not a clearance)" in shown
    assert "Not a clearance. Searched: the modelled rules of China." in shown
    assert "The catch-all: unlisted goods also need a licence" in shown
    assert "nobody was screened" in shown


def test_a_change_that_is_near_and_what_was_assumed_are_said() -> None:
    shown = card(_about("镓")).text
    assert "自2026-11-28起" in shown and "问题没有说明起运地" in shown and "按金属处理" in shown
    assert (
        "To be ruled out: Dual-use items may not go to Japanese military users"
        in card(_answer("Gallium metal, Shenzhen to Tokyo")).text
    )


def test_a_refusal_names_the_law_and_the_lawful_way() -> None:
    shown = card(_about("solder paste")).text
    assert shown.startswith("🚫 ") and "The lawful way" in shown and "gains are confiscated" in shown


@pytest.mark.parametrize("text", QUESTIONS)
def test_both_languages_are_complete(text: str) -> None:
    for lang in ("en", "zh"):
        answer = ask(text, MOMENT, lang=lang)
        pages = [card(answer), card(answer, group=True), full(answer), why(answer), route(answer), *sources(answer)]
        for page in pages:
            assert page.text.strip()
            assert not re.search(r"\{\w+\}", page.text)
            entities(page)
        own = Rich("").text + catalogue(lang)["card.route"]
        assert route(answer).text.startswith(own)


def test_the_catalogues_have_the_same_keys_and_fields() -> None:
    def fields(lang: str) -> dict[str, set[str | None]]:
        own = {k: v for k, v in catalogue(lang).items() if k.startswith("card.")}
        return {k: {f[1] for f in string.Formatter().parse(v)} - {None} for k, v in own.items()}

    assert fields("en") == fields("zh")
    assert len(fields("en")) > 100
    files = [
        Path(shown_page.__file__).with_name(f"{n}.py") for n in ("card", "grounds", "page", "pages", "route", "trace")
    ]
    used = {k for f in files for k in re.findall(r"page\.say\(\s*\"(\w+)\"", f.read_text(encoding="utf-8"))}
    assert len(used) > 40 and not {k for k in used if f"card.{k}" not in fields("en")}


# ---------------------------------------------------------------- hostile words


def _with_name(answer: Answer, name: str) -> Answer:
    """The answer to the same question with other words for the goods."""
    before = answer.transaction.goods[0].name
    deal = replace(answer.transaction, goods=(Good(name, "oxide"),), named_parties=(name,), end_use_text=name)
    shown = name if len(name) <= 58 else name[:57] + "…"
    lines = [replace(s, lines=tuple(x.replace(before, shown) for x in s.lines)) for s in answer.sections]
    return replace(answer, transaction=deal, sections=tuple(lines))


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.text(st.characters(), min_size=1, max_size=120), st.text("a[1] @/\u202e\u0301{}", min_size=1)))
def test_hostile_names_break_no_page(name: str) -> None:
    answer = _with_name(_about("dysprosium oxide"), name)
    for page in (card(answer), card(answer, group=True), full(answer), why(answer), route(answer)):
        text, found = entities(page)
        text.encode("utf-8")
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00")
        assert all(e["url"].startswith("https://") for e in found if e["type"] == "text_link")
    assert card(answer).text.startswith("🟠 Licence required\nChina → Germany")


def test_a_mark_in_a_name_is_no_citation_and_its_address_is_dead() -> None:
    answer = _with_name(_about("dysprosium oxide"), "see [1] t.me/evil /start")
    shown = card(answer)
    assert "• see (1) t.me/evil /start: 1C905.b" in shown.text
    codes = [shown.text[s.start : s.end] for s in shown.spans if s.kind == "code"]
    assert codes == ["see (1) t.me/evil /start"], "in a fixed font Telegram makes no link of it"


def test_a_very_long_answer_stays_under_the_cap_with_what_matters() -> None:
    answer = _about("Detroit")
    much = "A very long sentence without any end, " * 200 + "[1]."
    sections = tuple(replace(s, lines=tuple(much for _ in range(30))) if s.key == "why" else s for s in answer.sections)
    flags = replace(answer.sections[-1], key="flags", lines=(much,) * 9)
    shown = card(replace(answer, sections=(*sections, flags))).text
    assert units(shown) <= CAP
    assert "More facts needed" in shown and "Do the goods contain terbium" in shown and "❕ Unconfirmed: " in shown


def test_a_line_is_cut_at_a_sentence_and_keeps_its_mark() -> None:
    line = "First sentence says much. Second one says more. Third rests on this [7]."
    assert shortened(line, 50) == "First sentence says much. Second one says more. … [7]"
    assert shortened("One [3]. " + "Two words more. " * 9, 20) == "One [3]. …"
    assert shortened("x" * 100 + " " + "y" * 100 + " [2].", 120) == "x" * 100 + " … [2]"
    assert shortened(line, 500) == line


# ---------------------------------------------------------------- the other pages


def test_why_gives_marks_and_words_and_folds_what_does_not_apply() -> None:
    shown = why(_about("Detroit"))
    assert "❓ not known · 1C904.a.4\n\u2003✅ yes · kind: " in shown.text
    assert "\u2003❓ not known · contains terbium" in shown.text
    folded = next(s for s in shown.spans if s.kind == "expandable_blockquote")
    lines = shown.text[folded.start : folded.end].splitlines()
    assert len(lines) == SHOWN + 1 and all(line.startswith("✖ no · ") for line in lines[:-1])
    count = sum(s.truth is False for d in _about("Detroit").determinations for s in d.trace)
    assert lines[-1] == f"and {count - SHOWN} more" and f"Do not apply: {count}" in shown.text
    assert "从中国出口" in why(_about("宁波")).text
    assert why(_answer("你好")).text


def _place(provision: str) -> str:
    """How a page names the place: an article by its number, a code as it is, our own names of digests not at all."""
    if provision.isdecimal():
        return f"Article {provision} ·"
    return provision if provision[0].isdigit() else ""


def test_each_source_says_what_it_is() -> None:
    answer = _about("dysprosium oxide")
    shown = sources(answer)
    assert len(shown) == len(answer.citations)
    for citation, page in zip(answer.citations, shown, strict=True):
        assert page.text.startswith(f"[{citation.n}] ") and _place(citation.provision) in page.text
        assert ("unconfirmed" in page.text.splitlines()[1]) == (citation.confidence is Confidence.UNCONFIRMED)
        assert "Our digest, not the official text" in page.text
        assert [s.url for s in page.spans if s.kind == "text_link"] == [citation.url]
        assert page.spans[-1].kind == ("expandable_blockquote" if units(citation.quote) > FOLD else "blockquote")
    held = replace(answer.citations[0], digest=False, page=3, label="第十二条", quote="原文" * 300)
    official = sources(replace(answer, citations=(held,)))[0]
    assert "Official text" in official.text and "第十二条, page 3" in official.text
    assert official.spans[-1].kind == "expandable_blockquote"


def test_the_route_shows_what_was_read() -> None:
    shown = route(_about("Siemens")).text
    for line in (
        "• Yttrium oxide: oxide, contains yttrium, purity 99.99 %",
        "From: China",
        "To: Austria",
        "Via: Hong Kong",
    ):
        assert line in shown
    assert "Siemens: on no list that was searched" in shown
    assert "起运地：中国内地（推定）" in route(_about("镓")).text
    assert "Lockheed Martin Corporation, Chinese export control list" in route(_about("Lockheed")).text


# ---------------------------------------------------------------- buttons


def test_the_deciding_elements_can_be_pressed() -> None:
    fact = "contains:Tb,Dy,Ho"
    assert missing_buttons(_about("Detroit")) == (
        ("Contains terbium", fact, "Tb"),
        ("Contains dysprosium", fact, "Dy"),
        ("Contains holmium", fact, "Ho"),
        ("None of them", fact, "none"),
        ("Don't know", fact, "unknown"),
    )
    assert missing_buttons(_about("宁波"))[0] == ("含铽", fact, "Tb")


@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("end_user", ["civil", "military", "unknown"]),
        ("end_use", ["civil", "military", "unknown"]),
        ("kind:metal,oxide", ["metal", "oxide", "none", "unknown"]),
        ("form:powder", ["powder", "none", "unknown"]),
        ("part:ndfeb_magnet", ["ndfeb_magnet", "none", "unknown"]),
        ("chinese_origin", ["yes", "no", "unknown"]),
        ("us_origin", ["yes", "no", "unknown"]),
        ("transfer", ["yes", "no", "unknown"]),
        ("party:control", ["yes", "no", "unknown"]),
        ("mixed", ["part", "mixed", "unknown"]),
        ("destination", []),
        ("property:purity", []),
        ("share:Dy", []),
        ("goods", []),
        ("date", []),
    ],
)
def test_only_what_can_be_pressed_has_buttons(fact: str, values: list[str]) -> None:
    for lang in ("en", "zh"):
        asked = replace(_about("Detroit"), lang=lang, missing=(Missing(fact),), questions=("?",))
        pressed = missing_buttons(asked)
        assert [value for _, _, value in pressed] == values
        assert all(f == fact and label for label, f, _ in pressed)
    options = replace(asked, missing=(Missing("annex_code", options=("1C010", "1C001")),))
    assert [v for _, _, v in missing_buttons(options)] == ["1C010", "1C001", "unknown"]


def test_kinds_have_names_that_people_know_and_a_long_list_is_written() -> None:
    asked = replace(_about("Detroit"), missing=(Missing("kind:ndfeb_magnet"),), questions=("?",))
    assert missing_buttons(asked)[0][0] == "NdFeB magnet"
    assert missing_buttons(replace(asked, lang="zh"))[0][0] == "钕铁硼磁体"
    many = Missing("kind:" + ",".join(f"kind{i}" for i in range(13)))
    assert missing_buttons(replace(asked, missing=(many,))) == ()


def test_a_question_that_decides_goes_before_one_that_helps() -> None:
    answer = replace(
        _about("Detroit"), missing=(Missing("end_user", decides=False), Missing("eccn")), questions=("a", "b")
    )
    asked = question(answer)
    assert asked is not None and asked[1] == "b"
    assert question(replace(answer, missing=(), questions=())) is None
    assert _answer("你好").verdict is Outcome.OUT_OF_SCOPE and missing_buttons(_answer("你好")) == ()
