"""Places and their roles: where from, where to, by way of what."""

import pytest

from tests.conftest import ask


def route(question: str) -> tuple[str | None, str | None, list[str]]:
    """(origin, destination, transit) as country codes."""
    t = ask(question).transaction
    return (
        t.origin.country if t.origin else None,
        t.destination.country if t.destination else None,
        [p.country for p in t.transit],
    )


@pytest.mark.parametrize(
    ("question", "origin", "destination", "transit"),
    [
        ("gallium metal from Shanghai to Stuttgart", "CN", "DE", []),
        ("gallium metal to Stuttgart from Shanghai", "CN", "DE", []),
        ("gallium metal Qingdao - Busan", "CN", "KR", []),
        ("gallium metal from Shanghai to Germany via Hong Kong", "CN", "DE", ["HK"]),
        ("gallium metal via Singapore and Dubai to Germany", "CN", "DE", ["SG", "AE"]),
        ("gallium metal from Rotterdam to Houston, Texas", "NL", "US", []),
        ("gallium metal from Paris, Texas to Berlin", "US", "DE", []),
        ("our German customer buys gallium metal", "CN", "DE", []),
        ("从宁波出口金属镓到越南", "CN", "VN", []),
        ("金属镓经香港转口到美国", "CN", "US", ["HK"]),
        ("金属镓发往台湾", "CN", "TW", []),
        ("ガリウムを上海からドイツへ輸出", "CN", "DE", []),
        ("갈륨을 상하이에서 독일로 수출", "CN", "DE", []),
        ("галлий из Шанхая в Германию", "CN", "DE", []),
        ("galio de Shanghái a México", "CN", "MX", []),
        ("Gallium von Shanghai nach Österreich", "CN", "AT", []),
        ("gallium métal de Shanghai vers la Suisse", "CN", "CH", []),
        ("gali kim loại từ Thượng Hải sang Việt Nam", "CN", "VN", []),
        ("แกลเลียมจากเซี่ยงไฮ้ไปเยอรมนี", "CN", "DE", []),
    ],
)
def test_roles(question: str, origin: str, destination: str, transit: list[str]) -> None:
    assert route(question) == (origin, destination, transit)


def test_no_place_of_export_is_assumed_and_owned_up_to() -> None:
    answer = ask("gallium metal to Germany")
    assert answer.transaction.origin_assumed
    assert "was assumed" in answer.text
    assert not ask("gallium metal from Shanghai to Germany").transaction.origin_assumed


@pytest.mark.parametrize("word", ["office", "nice", "reading", "polish", "turkey feathers", "bath", "of", "mobile"])
def test_ordinary_words_are_no_places(word: str) -> None:
    assert route(f"gallium metal for the {word} from Shanghai to Stuttgart") == ("CN", "DE", [])
