"""The quality gate: short texts pass, noise does not."""

import pytest

from ingest.document import Block, BlockKind, Document
from ingest.quality import check, garbled
from ingest.reasons import Quarantined, Reason

CHINESE = "第三条 出口经营者应当依法申请许可证，未经许可不得出口管制物项，违反规定的依法处罚。"
RUSSIAN = (
    "Экспорт контролируемых товаров осуществляется на основании разовых лицензий, выдаваемых уполномоченным органом."
)


def _document(text: str) -> Document:
    return Document("text/plain", "", "und", (Block(BlockKind.PARAGRAPH, text),) if text else ())


@pytest.mark.parametrize(
    "text",
    [
        "Repealed.",
        "第九条",
        CHINESE,
        RUSSIAN,
        "The exporter shall keep records for five years.",
        "Ngày 15 tháng 5, Chính phủ ban hành nghị định về kiểm soát thương mại chiến lược đối với hàng hoá lưỡng dụng.",
        "1A001 2B350.a 3A090 4A003 5A992.c 6A005 7A103 8A001 9A004 EAR99 NS1 RS1 AT1",
        "CAS 7440-48-4; HS 8505.11; 0.5 %; 99.9 %; 1 200 kg",
        "NdFeB SmCo Dy Tb TaN UF6 HfC ZrB2 GaAs InP SiC",
    ],
)
def test_genuine_text_passes(text: str) -> None:
    assert check(_document(text)).text == text


@pytest.mark.parametrize(
    "text",
    [
        CHINESE.encode().decode("cp1252", "replace") * 3,
        CHINESE.encode("gbk").decode("latin-1") * 3,
        RUSSIAN.encode().decode("cp1252", "replace") * 3,
        RUSSIAN.encode("koi8-r").decode("cp437") * 3,
        "(cid:12)(cid:7)(cid:33) " * 40,
        "\ue001\ue002\ue003\ue004 " * 20,
        "\ufffd\ufffd\ufffd law " * 20,
        "a" * 1000,
        "锟斤拷锟斤拷锟斤拷" * 10,
    ],
)
def test_noise_is_garbled(text: str) -> None:
    assert garbled(text)
    with pytest.raises(Quarantined) as caught:
        check(_document(text))
    assert caught.value.reason is Reason.GARBLED


@pytest.mark.parametrize(
    ("text", "reason"), [("", Reason.EMPTY), (" \n ", Reason.EMPTY), ("— . . . —", Reason.NO_TEXT)]
)
def test_nothing_is_said(text: str, reason: Reason) -> None:
    with pytest.raises(Quarantined) as caught:
        check(_document(text))
    assert caught.value.reason is reason
