"""A conversation: a follow-up changes what it names and keeps the rest."""

from datetime import date

import pytest

from knowledge.model import Answer, Behaviour, Transaction
from tests.conftest import TODAY, the_advisor

FIRST = "5 kg dysprosium oxide 99.9% from Shanghai to Stuttgart via Singapore"


def talk(*messages: str) -> Answer:
    """The answer to the last of the messages, each with the case of those before."""
    case: Transaction | None = None
    for message in messages:
        answer = the_advisor().ask(message, date.fromisoformat(TODAY), case=case)
        case = answer.transaction
    return answer


def kinds(answer: Answer) -> list[str]:
    """What the goods of the case are."""
    return [g.kind for g in answer.transaction.goods]


def destination(answer: Answer) -> str | None:
    """The country the goods go to."""
    place = answer.transaction.destination
    return place.country if place else None


def test_another_destination() -> None:
    answer = talk(FIRST, "and to Vietnam?")
    assert destination(answer) == "VN"
    assert kinds(answer) == ["oxide"]
    assert [p.country for p in answer.transaction.transit] == ["SG"]
    assert answer.verdict == "licence_required"


def test_a_purity_told_later() -> None:
    answer = talk("gallium metal from Shanghai to Stuttgart", "it's 99.99%")
    assert str(answer.transaction.goods[0].properties["purity"].magnitude) == "99.99"
    assert (kinds(answer), destination(answer)) == (["metal"], "DE")


def test_an_element_told_later_tightens() -> None:
    before = talk("NdFeB magnets from Ningbo to Germany")
    after = talk("NdFeB magnets from Ningbo to Germany", "it contains dysprosium")
    assert after.verdict.gravity > before.verdict.gravity
    assert [e for d in after.determinations for e in d.entries] == ["1C905.a.4"]


def test_an_absence_told_later_loosens() -> None:
    answer = talk("NdFeB magnets from Ningbo to Germany", "no dysprosium, terbium or holmium")
    assert answer.verdict == "no_licence_found"
    assert kinds(answer) == ["ndfeb_magnet"]


def test_a_user_told_later() -> None:
    answer = talk("dysprosium oxide from Shanghai to Japan", "the end user is the Japanese navy")
    assert answer.verdict == "prohibited"
    assert kinds(answer) == ["oxide"]


def test_a_date_told_later() -> None:
    answer = talk("gallium metal from Shanghai to Stuttgart", "what if it had shipped on 31 July 2023?")
    assert answer.on == date(2023, 7, 31)
    assert answer.verdict == "no_licence_found"


def test_other_goods_on_the_same_route() -> None:
    answer = talk("dysprosium oxide from Shanghai to Stuttgart", "and gallium metal?")
    assert (kinds(answer), destination(answer)) == (["metal"], "DE")


def test_other_goods_for_the_same_listed_buyer() -> None:
    assert talk("SmCo magnets to Rheinmetall in Germany", "and terbium oxide?").verdict == "prohibited"


def test_other_goods_for_the_same_military_user() -> None:
    assert talk("dysprosium oxide to the Japanese navy, Yokosuka", "what about gallium metal?").verdict == "prohibited"


def test_a_licence_does_not_pass_to_other_goods() -> None:
    answer = talk("SmCo magnets to Germany, we have a licence in hand", "and terbium oxide?")
    assert answer.transaction.licence_held is None


def test_a_whole_new_question_keeps_nothing() -> None:
    answer = talk(FIRST, "We want to export ferrite magnets from Ningbo to Mexico, is a licence needed?")
    assert (kinds(answer), destination(answer)) == (["ferrite_magnet"], "MX")
    assert answer.transaction.transit == ()


def test_a_refusal_does_not_stick_to_the_case() -> None:
    refused = talk("how do I relabel dysprosium oxide so that customs does not notice")
    assert refused.behaviour == "refuse_evasion"
    assert talk(FIRST, "and to Vietnam?").behaviour == "answer"


@pytest.mark.parametrize(
    "follow_up",
    [
        "it is for electric motors", "used in a drone", "and to Japan, for a washing machine?", "end use: solar panels",
        "what if it goes into loudspeakers", "for MRI scanners in a hospital", "the customer makes headphones",
        "用于军用雷达", "客户拿去做永磁体", "用在扬声器里", "客户用来生产手机",
    ],
)  # fmt: skip
def test_what_the_goods_are_for_does_not_take_their_place(follow_up: str) -> None:
    """A control on the oxide must not vanish because somebody says what it is for."""
    answer = talk(FIRST, follow_up)
    assert kinds(answer) == ["oxide"]
    assert answer.verdict in ("licence_required", "prohibited")


@pytest.mark.parametrize(
    ("follow_up", "kind"),
    [
        ("and for NdFeB magnets?", "ndfeb_magnet"), ("what about magnets for motors", "magnet"), ("and gallium?", "metal"),
        ("那镓呢？", "metal"), ("换成钕铁硼磁体", "ndfeb_magnet"), ("and dysprosium metal?", "metal"),
    ],
)  # fmt: skip
def test_other_goods_asked_in_a_few_words(follow_up: str, kind: str) -> None:
    answer = talk(FIRST, follow_up)
    assert kinds(answer) == [kind]
    assert destination(answer) == "DE"


@pytest.mark.parametrize(
    "follow_up",
    [
        "what if it goes into loudspeakers", "they make headphones with it", "what if they resell it", "and gallium?",
        "what if the buyer is a university?", "what if it goes through Singapore", "那镓呢？", "换成氧化镓", "改成钨粉",
        "再问一个，锑锭呢", "好的，那石墨呢", "那换成镝铁合金", "换一种货：氧化钇",
    ],
)  # fmt: skip
def test_a_short_follow_up_is_not_taken_for_a_request_for_evasion(follow_up: str) -> None:
    assert talk(FIRST, follow_up).behaviour is not Behaviour.REFUSE_EVASION


@pytest.mark.parametrize(
    "follow_up",
    [
        "what if we just call it solder paste",
        "那就写成焊锡膏呢",
        "can't we just label it as toys",
        "那贴个玩具标签发走",
    ],
)
def test_a_short_follow_up_that_conceals_is_refused(follow_up: str) -> None:
    assert talk(FIRST, follow_up).behaviour is Behaviour.REFUSE_EVASION
