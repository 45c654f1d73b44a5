"""Sentence borders and passages: exact offsets, whole cover, no cut inside a sentence that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexis.sentences import passages, sentences

WEST = [
    ("See Supp. No. 3 to part 740. It applies.", ["See Supp. No. 3 to part 740. ", "It applies."]),
    ("The U.S. Government decides. Art. 5 applies.", ["The U.S. Government decides. ", "Art. 5 applies."]),
    ("A licence under § 740.2(a) is void. Ask.", ["A licence under § 740.2(a) is void. ", "Ask."]),
    ("Goods, e.g. magnets, cost 3.5 million. Stop!", ["Goods, e.g. magnets, cost 3.5 million. ", "Stop!"]),
    ("Regulation (EU) No. 833/2014 (“the act”). Next.", ["Regulation (EU) No. 833/2014 (“the act”). ", "Next."]),
    ("ABC Co. Ltd. sold it to No. 7. The rest", ["ABC Co. Ltd. sold it to No. 7. ", "The rest"]),
    ("One line\nAnother line", ["One line\n", "Another line"]),
]
EAST = [
    ("货物应当申报。违者罚款；并没收！", ["货物应当申报。", "违者罚款；", "并没收！"]),
    ("他说：“可以。”然后走了。", ["他说：“可以。”", "然后走了。"]),
    ("第一条 甲。\n第二条 乙。", ["第一条 甲。\n", "第二条 乙。"]),
    ("含量不低于99.9%的金属，适用本条。", ["含量不低于99.9%的金属，适用本条。"]),
]


@pytest.mark.parametrize(("text", "expected"), WEST)
def test_english_sentences(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text, "en")] == expected


@pytest.mark.parametrize(("text", "expected"), EAST)
def test_chinese_sentences(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text, "zh")] == expected


def test_no_text_no_sentence() -> None:
    assert sentences("", "en") == () == passages("", "zh")


def test_a_limit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        passages("x", "en", 0)


@given(
    st.text(alphabet="ab .,;。；，！\nNo3U.S“”(（ ", max_size=300), st.sampled_from(["en", "zh"]), st.integers(1, 60)
)
def test_passages_cover_the_text_and_keep_sentences_whole(text: str, language: str, limit: int) -> None:
    whole = sentences(text, language)
    parts = passages(text, language, limit)
    for spans in (whole, parts):
        assert "".join(text[a:b] for a, b in spans) == text
        assert all(a < b for a, b in spans)
    assert all(b - a <= limit for a, b in parts)
    ends = {b for _, b in parts}
    for start, end in whole:
        cut_inside = any(start < e < end for e in ends)
        assert not cut_inside or end - start > limit


def test_short_sentences_share_a_passage() -> None:
    text = "One two. Three four. Five six."
    assert [text[a:b] for a, b in passages(text, "en", 21)] == ["One two. Three four. ", "Five six."]
