"""Text with formatting: cleaning words of others, cutting into messages, and the entities that Telegram takes."""

import unicodedata
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rich import Rich, Span, bold, clean, code, italic, joined, link, quote, split, units
from bot.telegram.entities import AT_MOST, entities

URL = "https://example.org/a"
_KINDS = ("bold", "italic", "code", "pre", "text_link", "blockquote", "expandable_blockquote")
_LETTERS = st.sampled_from("ab .。！\n\n 中é😀👍🏽👨‍👩‍👧🇩🇪e\u0301\u0308\u200d\u00a0\u3000)”[1]")
_TEXTS = st.one_of(st.text(_LETTERS, max_size=200), st.text(max_size=80))


@st.composite
def riches(draw: st.DrawFn) -> Rich:
    """Any text with any spans: overlapping, empty, beyond its ends."""
    text = draw(_TEXTS)
    place = st.integers(0, len(text) + 2)
    spans = []
    for kind in draw(st.lists(st.sampled_from(_KINDS), max_size=8)):
        start, end = draw(place), draw(place)
        spans.append(Span(kind, start, end, URL if kind == "text_link" else ""))
    return Rich(text, tuple(spans))


def _bare(text: str) -> str:
    return "".join(text.split())


def _marked(rich: Rich) -> Counter[tuple[str, str]]:
    """How often each visible character carries each formatting, spans of a kind as one."""
    found: Counter[tuple[str, str]] = Counter()
    for kind in {s.kind for s in rich.spans}:
        inside = {i for s in rich.spans if s.kind == kind for i in range(max(s.start, 0), min(s.end, len(rich.text)))}
        found.update((kind, rich.text[i]) for i in inside if not rich.text[i].isspace())
    return found


# ---------------------------------------------------------------- split


@settings(max_examples=100, deadline=None)
@given(riches(), st.integers(2, 60))
def test_parts_fit_hold_everything_and_keep_their_formatting(rich: Rich, limit: int) -> None:
    parts = split(rich, limit)
    assert all(units(p.text) <= limit for p in parts)
    assert all(p.text.strip() == p.text and p.text for p in parts) or len(parts) <= 1
    assert _bare("".join(p.text for p in parts)) == _bare(rich.text)
    assert sum((_marked(p) for p in parts), Counter()) == _marked(rich)
    assert all(0 <= s.start < s.end <= len(p.text) for p in parts for s in p.spans)


@settings(max_examples=100, deadline=None)
@given(st.text(_LETTERS, max_size=200), st.integers(12, 60))
def test_no_letter_is_parted_from_its_marks(text: str, limit: int) -> None:
    text = clean(text)
    for part in split(Rich(text), limit)[1:]:
        first = part.text[0]
        assert not unicodedata.category(first).startswith("M") or units(_longest_cluster(text)) > limit
        assert not 0x1F3FB <= ord(first) <= 0x1F3FF


def _longest_cluster(text: str) -> str:
    best = now = ""
    for c in text:
        glued = unicodedata.category(c)[0] == "M" or c in "\u200c\u200d" or now.endswith("\u200d") or c.isspace()
        now = now + c if glued or "\U0001f1e6" <= c <= "\U0001f1ff" or "\U0001f3fb" <= c <= "\U0001f3ff" else c
        best = max(best, now, key=units)
    return best


def test_it_cuts_at_paragraphs_then_lines_then_sentences_then_words() -> None:
    long = "Paragraph one.\n\nTwo. And\nmore"
    assert [p.text for p in split(Rich(long), 22)] == ["Paragraph one.", "Two. And\nmore"]
    assert [p.text for p in split(Rich("aaaa bbbb\ncccc dddd. ee"), 15)] == ["aaaa bbbb", "cccc dddd. ee"]
    assert [p.text for p in split(Rich("Aaaa bb. Cccc dd ee"), 14)] == ["Aaaa bb.", "Cccc dd ee"]
    assert [p.text for p in split(Rich("甲乙丙。丁戊己庚"), 6)] == ["甲乙丙。", "丁戊己庚"]
    assert [p.text for p in split(Rich("aaaa bbbb cccc"), 11)] == ["aaaa bbbb", "cccc"]
    assert [p.text for p in split(Rich("abcdefgh"), 3)] == ["abc", "def", "gh"]


def test_an_emoji_is_never_halved() -> None:
    assert [p.text for p in split(Rich("😀" * 5), 5)] == ["😀😀", "😀😀", "😀"]


def test_a_link_moves_whole_to_the_next_message() -> None:
    rich = "some words before " + link("the long name", URL) + " end"
    first, second = split(rich, 26)
    assert first.text == "some words before"
    assert second == Rich("the long name end", (Span("text_link", 0, 13, URL),))


def test_a_quotation_goes_on_behind_the_cut() -> None:
    parts = split(quote("a" * 9 + "\n" + "b" * 9), 10)
    assert [(p.text[0], p.spans) for p in parts] == [(c, (Span("blockquote", 0, 9),)) for c in "ab"]


def test_an_empty_text_is_no_message() -> None:
    assert split(Rich("")) == split(Rich(" \n\n ")) == []
    with pytest.raises(ValueError, match="at least 2"):
        split(Rich("ab"), 1)


# ---------------------------------------------------------------- entities


def _chars(text: str, entity: dict[str, Any]) -> str:
    data = text.encode("utf-16-le")
    return data[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")


@settings(max_examples=120, deadline=None)
@given(riches())
def test_entities_lie_in_the_text_nested_and_without_space_at_their_ends(rich: Rich) -> None:
    text, found = entities(rich)
    assert text == text.strip()
    for entity in found:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= units(text)
        inside = _chars(text, entity)  # would raise where an offset halves a character
        assert inside == inside.strip() != ""
        assert ("url" in entity) == (entity["type"] == "text_link")
    for one in found:
        for other in found:
            a, b = sorted([(e["offset"], e["offset"] + e["length"]) for e in (one, other)])
            assert a[1] <= b[0] or b[1] <= a[1] or a[0] == b[0], "overlapping, and neither inside the other"


@settings(max_examples=120, deadline=None)
@given(riches())
def test_the_same_characters_are_formatted_as_before(rich: Rich) -> None:
    text, found = entities(rich)
    wanted, got = _marked(_as_telegram_can(rich)), Counter[tuple[str, str]]()
    for entity in found:
        got.update((entity["type"], c) for c in _chars(text, entity) if not c.isspace())
    quotes = {"blockquote": "quote", "expandable_blockquote": "quote"}
    assert Counter({k: n for k, n in got.items() if k[0] not in quotes}) == Counter(
        {k: n for k, n in wanted.items() if k[0] not in quotes}
    )
    for kind, c in got:
        assert (kind, c) in wanted


def _as_telegram_can(rich: Rich) -> Rich:
    """What of the spans can be had at all: links before fixed fonts, and nothing else inside a fixed font."""
    held: dict[str, set[int]] = {}
    order = ("text_link", "pre", "code", "bold", "italic", "blockquote", "expandable_blockquote")
    for kind in order:
        own = {i for s in rich.spans if s.kind == kind for i in range(s.start, min(s.end, len(rich.text)))}
        bars = {"pre": ("text_link",), "code": ("text_link", "pre"), "bold": ("pre", "code"), "italic": ("pre", "code")}
        own -= set().union(*(held[k] for k in bars.get(kind, ())))
        # A fixed font without visible characters is dropped, and keeps nothing else out.
        held[kind] = {i for i in own if not rich.text[i].isspace()}
    return Rich(rich.text, tuple(Span(k, i, i + 1) for k, places in held.items() for i in places))


def test_offsets_count_surrogate_pairs_and_the_space_left_out_in_front() -> None:
    text, found = entities("  😀 " + bold("x ") + italic("y"))
    assert text == "😀 x y"
    assert found == [{"type": "bold", "offset": 3, "length": 1}, {"type": "italic", "offset": 5, "length": 1}]


def test_what_only_overlaps_is_cut_into_nested_form() -> None:
    rich = Rich("abcdef", (Span("bold", 0, 4), Span("italic", 2, 6)))
    assert entities(rich)[1] == [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "italic", "offset": 2, "length": 2},
        {"type": "italic", "offset": 4, "length": 2},
    ]


def test_a_quotation_in_a_quotation_is_dropped_and_a_link_in_it_stays() -> None:
    rich = quote("a " + quote("b", folded=True) + " " + link("[1]", URL))
    assert [e["type"] for e in entities(rich)[1]] == ["blockquote", "text_link"]


def test_a_fixed_font_carries_nothing_else() -> None:
    assert entities(bold("a " + code("b") + " c"))[1] == [
        {"type": "bold", "offset": 0, "length": 1},
        {"type": "code", "offset": 2, "length": 1},
        {"type": "bold", "offset": 4, "length": 1},
    ]


def test_of_many_entities_links_and_quotations_stay() -> None:
    rich = joined([*(bold(f"b{i}") for i in range(90)), *(link(f"l{i}", URL) for i in range(40)), quote("q")], " ")
    found = entities(rich)[1]
    assert len(found) == AT_MOST
    assert Counter(e["type"] for e in found) == {"text_link": 40, "blockquote": 1, "bold": 59}
    assert [e["offset"] for e in found] == sorted(e["offset"] for e in found)


def test_a_lone_surrogate_never_reaches_the_wire() -> None:
    text, _ = entities(Rich("a\ud800b"))
    assert text.encode() and text == "a\ufffdb"


# ---------------------------------------------------------------- clean


@settings(max_examples=100, deadline=None)
@given(st.one_of(_TEXTS, st.text(st.characters(), max_size=60), st.text("a\n \t\r\x00\u0301\u200d\u202e", max_size=60)))
def test_cleaned_words_can_be_sent_and_turn_nothing(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-16")
    assert clean(cleaned) == cleaned
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\r")
    assert all(c == "\n" or unicodedata.category(c) != "Cc" for c in cleaned)
    assert "\n\n\n\n" not in cleaned


def test_ordinary_words_stay_as_they_are() -> None:
    for text in (
        "氧化镝 5 公斤\nto Stuttgart",
        "Phạm Thị Hương",
        "ไฟฟ้า",
        "हिन्दी",
        "👨‍👩‍👧 🇩🇪 👍🏽",
        "العربيّة",
        "naïve e\u0301",
    ):
        assert clean(text) == text


def test_a_hostile_name_is_shown_for_what_it_is() -> None:
    assert clean("ACME\u202eDTL") == "ACME\ufffdDTL"
    assert clean("a\x00b\x1bc\ud800d") == "a b c\ufffdd"
    assert clean("Z" + "\u0301" * 50 + "a") == "Z" + "\u0301" * 4 + "a"
    assert clean("x\n \n\n\n\n\ny") == "x\n\ny"
    assert clean("pay\u200bpal\ufeff") == "paypal"
    assert clean("a\u200d\u200d\u200db") == "a\u200db"
