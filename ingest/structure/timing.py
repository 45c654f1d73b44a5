"""When an act was announced, takes effect, and which version a text is: only dates that the text or its source states."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.structure import dates
from knowledge.store.records import ProvisionRecord

_CLOSING = 400  # an article that sets the day is short; a long one mentions the days of other acts
_SELF_ZH = r"本(?:法|条例|條例|规定|規定|办法|辦法|细则|公告|通知|决定|解释|目录|清单|规则|意见|令)"
_EFFECT_ZH = re.compile(
    rf"{_SELF_ZH}(?:[^。；]{{0,12}}?)(?:自|于|從|从)([^。；，自]{{4,14}}日)(?:\d+时\d*分?)?\s*(?:起)?(?:正式|开始)?(?:施行|实施|生效|执行)"
)
_EFFECT_ON_ISSUE = re.compile(
    rf"{_SELF_ZH}\s*自?(?:公布|发布|印发)之日起(?:正式)?(?:施行|实施|生效|执行)|(?:^|，)自即日起"
    r"|This (?:announcement|notice|order|decision) (?:shall|will)? ?takes? effect (?:on|from|as of) the date of (?:its )?(?:promulgation|publication|issuance)",
    re.MULTILINE | re.IGNORECASE,
)
_NEWS_OF_OTHERS = re.compile(r"[《〈][^》〉]*(?:决定|修正案)[^》〉]*[》〉]")
_ISSUE_ZH = re.compile(r"(?:通过|公布|发布|印发)")
_REVISION_ZH = re.compile(r"修[订正]")
_DATE_LINE = re.compile(
    r"^[\d〇○零一二三四五六七八九十]{1,4}\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日$"
)
_EFFECT_EN = re.compile(
    r"(?:\b(?:This (?:[A-Z]\w+|rule|order|announcement|notice)|It|These [Rr]egulations)\s+(?:shall (?:apply|take effect|enter into force|come into force)|is effective|becomes effective|takes effect|enters into force|applies)"
    r"|\b(?:This|These) [^.;\n]{0,120}?\b(?:comes?|enters?) into (?:force|operation|effect)"
    r"|\bEffective(?: date)?\s*:)\s*(?:(?:on|from|as of|as from|with effect from|at)\s+)?([^.;\n]{0,60})"
)
_EFFECT_EA = re.compile(
    r"(?:이 (?:법|영|규칙|고시|규정)[은는]|この(?:法律|政令|省令|告示)は、?)\s*([^。.]{0,40}?[일日])(?:부터|から)\s*(?:시행|施行)"
)
_OF = re.compile(r"\bof\s+(\d{1,2}\s+[A-Z][a-z]+\s+\d{4})|\bvom\s*(\d{1,2}\.\s?\w+\s+\d{4})", re.IGNORECASE)
_SIGNED = re.compile(
    r"^(?:(?:Issued|Dated|Entered|Signed)\b.{0,40}\d{4}\.?$|(?:发布|发文|公布)(?:时间|日期)[:：])", re.IGNORECASE
)
_FORTHWITH = re.compile(r"(?:^|，)自即日起")
_IN_FORCE_KO = re.compile(r"\[시행\s*(\d{4}\.\s?\d{1,2}\.\s?\d{1,2})\.?\]")
_PROMULGATED_KO = re.compile(r"(?:호|제\d[\d-]*호),\s*(\d{4}\.\s?\d{1,2}\.\s?\d{1,2})\.")
_SHORT = 40
_CONSOLIDATED = re.compile(r"— [A-Z]{2} — (\d\d\.\d\d\.\d{4}) —")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2}-[01]\d-[0-3]\d)(?!\d)")


@dataclass(frozen=True)
class Timing:
    """What is known of an instrument's days."""

    announced: date | None = None
    effective: date | None = None
    version: date | None = None


def of(
    title: str,
    head: Sequence[str],
    provisions: Sequence[ProvisionRecord],
    hints: Mapping[str, str],
    consolidated: str = "",
) -> Timing:
    """The days of an instrument. `head` are its lines before the first provision proper; hints of the source come first.

    `consolidated` is the text left out (running heads), which in consolidated acts of the Union carries the version's date.
    """
    announced = _hinted(hints, "announced", "date") or _announced(title, head, provisions)
    effective = _hinted(hints, "effective") or _effective(head, provisions, announced)
    version = _hinted(hints, "version_date") or _version(head, hints, consolidated)
    return Timing(announced, effective, version)


def _hinted(hints: Mapping[str, str], *keys: str) -> date | None:
    return next((day for key in keys if (day := dates.compact(hints.get(key, "")[:10]))), None)


def _announced(title: str, head: Sequence[str], provisions: Sequence[ProvisionRecord]) -> date | None:
    """The last adoption or promulgation (a revision of the whole counts, an amendment by decision does not)."""
    found: list[date] = []
    for line in head:
        bare = _NEWS_OF_OTHERS.sub("决定", line)
        if "通过的" in bare or "发布的" in bare:
            continue
        issued = _ISSUE_ZH.search(bare) or (_REVISION_ZH.search(bare) and "决定" not in bare)
        if issued and (day := dates.first(line)):
            found.append(day)
    if found:
        return max(found)
    for line in head:
        if _IN_FORCE_KO.search(line) and (said := _PROMULGATED_KO.search(line)):
            return dates.first(said[1])
    of = _OF.search(title) or next((m for line in head[:6] if (m := re.match(_OF, line))), None)
    if of and (day := dates.first(of[0])):
        return day
    for provision in reversed(provisions[-3:]):  # an announcement is dated at its foot
        for line in reversed(provision.text.split("\n")):
            if _is_date(line) or _SIGNED.match(line.strip()):
                return dates.first(line)
    return next((dates.first(line) for line in head if _is_date(line)), None) or _dateline(head)


def _is_date(line: str) -> bool:
    """Whether a line holds nothing but a date, or says when the document was issued."""
    text = line.strip()
    if _DATE_LINE.match(text):
        return True
    return len(text) < _SHORT and any(not (text[:s] + text[e:]).strip(" .,:") for s, e, _ in dates.find(text))


def _dateline(head: Sequence[str]) -> date | None:
    """The date that a press text opens with ("BANGKOK, 18 July 2025 —", "Date: 2025-07-18")."""
    for line in head[:2]:
        found = next(dates.find(line[:60]), None)
        if found and re.fullmatch(r"\W*(?:[Dd]ate\W+)?(?:[A-Z]{3,}[A-Z ,./]*)?\W*", line[: found[0]]):
            return found[2]
    return None


def _effective(head: Sequence[str], provisions: Sequence[ProvisionRecord], announced: date | None) -> date | None:
    for line in head:
        if re.search(r"日\s*起?(?:施行|实施|生效)$", line.strip()):
            return dates.first(line)
        if said := _IN_FORCE_KO.search(line):
            return dates.first(said[1])
    body = [p for p in provisions if p.kind not in {"recital", "preamble", "note", "table_row"}]
    own = [p for p in body if p.kind in {"article", "paragraph", "definition", "notice", "section"}]
    for provision in [*own[::-1], *body[::-1][:2]]:
        if len(provision.text) > _CLOSING and provision not in own[-4:]:
            continue
        if _EFFECT_ON_ISSUE.search(provision.text):
            return announced
        for pattern in (_EFFECT_ZH, _EFFECT_EA, _EFFECT_EN):
            # "shall enter into force on the day following ...": the date may be in the next sentence
            for effect in pattern.finditer(provision.text):
                if day := dates.first(effect[1]):
                    return day
    if any(_FORTHWITH.search(line) for line in head):
        return announced
    days = {p.effective_from for p in provisions}
    if len(days) == 1 and (only := days.pop()):
        return only  # every article bears the same day (law.go.kr)
    return next(
        (
            day
            for line in head
            if (m := re.match(r"(?i)effective(?: date)?\s*:?\s*(.+)", line)) and (day := dates.first(m[1]))
        ),
        None,
    )


def _version(head: Sequence[str], hints: Mapping[str, str], consolidated: str) -> date | None:
    stamp = _CONSOLIDATED.search(consolidated) or next((m for line in head if (m := _CONSOLIDATED.search(line))), None)
    if stamp:
        return dates.first(stamp[1])
    for key in ("name", "path", "url"):
        named = _IN_NAME.search(hints.get(key, "").rsplit("/", 1)[-1])
        if named:
            return dates.compact(named[1])
    changed = [d for line in head if re.search(r"通过|公布|发布|修[订正]", line) for _, _, d in dates.find(line)]
    return max(changed, default=None)
