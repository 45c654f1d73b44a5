"""What an answer cites of a compiled list where the official text has not been ingested: its facts in our own sentences."""

import hashlib
from collections.abc import Mapping

from knowledge.controllists.model import Asks, CompiledEntry, ControlList, ListException, Row
from knowledge.controllists.us import UnitedStates
from knowledge.model import Confidence, Provision, Text

CCL, CHART = "US-EAR-774-S1", "US-EAR-738-S1"


def provision(lists: UnitedStates, instrument: str, id_: str) -> Provision | None:
    """The digest of an entry (`2B350`) or of a Country Chart row (`CN`); None for anything else."""
    if instrument == CCL and (entry := lists.ccl.by_code.get(id_[:5])) is not None:
        row = next((r for r in entry.rows if row_id(r) == id_), None)
        if row is not None:
            return _provision(instrument, id_, _row_of(entry, row, lists.title(entry.code)))
        if id_[5:6] in ("", "."):
            return _provision(instrument, id_, _entry(entry, lists.title(entry.code), lists.ccl))
    if instrument == CHART and (marks := lists.chart.columns(id_)) is not None:
        return _provision(instrument, id_, _row(id_, marks, lists))
    return None


def row_id(row: Row) -> str:
    """The provision id of a table row: its place in the list without the word that begins every locator."""
    return row.locator.removeprefix("entry-")


def _row_of(entry: CompiledEntry, row: Row, title: Text) -> Text:
    return {
        "en": f"{entry.code} ({title['en']}), licence requirements: {_said(row, 'en')}.",
        "zh": f"{entry.code}（{title['zh']}）许可要求：{_said(row, 'zh')}。",
    }


def _provision(instrument: str, id_: str, text: Text) -> Provision:
    hashes = {lang: hashlib.sha256(said.encode()).hexdigest() for lang, said in text.items()}
    return Provision(instrument, id_, text, hashes, Confidence.CONFIRMED, True)


def _entry(entry: CompiledEntry, title: Text, ccl: ControlList) -> Text:
    rows = {lang: "; ".join(_said(r, lang) for r in entry.rows) for lang in ("en", "zh")}
    exceptions = ", ".join(_exception(e) for e in entry.exceptions if e.available) or "-"
    state = {
        "en": "compiled from the official text, not yet reviewed" if not ccl.reviewed_by else "reviewed",
        "zh": "由官方文本编制，尚未复核" if not ccl.reviewed_by else "已复核",
    }
    return {
        "en": f"{entry.code}: {title['en']}. Reasons for control: {', '.join(entry.reasons) or '-'}. {rows['en']}. List-based exceptions: {exceptions} ({state['en']}).",
        "zh": f"{entry.code}：{title['zh']}。管制理由：{'、'.join(entry.reasons) or '-'}。{rows['zh']}。清单内例外：{exceptions}（{state['zh']}）。",
    }


def _said(row: Row, lang: str) -> str:
    scope = row.scope
    names: Mapping[str, str] = (
        {"all": "whole entry", "part": "part of it", "worldwide": "everywhere", "none": "no licence"}
        if lang == "en"
        else {"all": "整个条目", "part": "部分", "worldwide": "所有目的地", "none": "无需许可证"}
    )
    which = names["all"] if scope.whole and not scope.excluded else ", ".join(scope.items[:8]) or names["part"]
    requirement = row.requirement
    where = {
        Asks.COLUMN: requirement.column,
        Asks.ALL: names["worldwide"],
        Asks.NONE: names["none"],
        Asks.DESTINATIONS: ", ".join((*requirement.groups, *requirement.countries)),
    }.get(requirement.asks, ", ".join(requirement.sections) or "?")
    return f"{row.reason} ({which}): {where}"


def _exception(exception: ListException) -> str:
    values = sorted(set(exception.values.values()))
    return exception.symbol + (f" ${values[0]:,}" if len(values) == 1 else "")


def _row(country: str, columns: frozenset[str], lists: UnitedStates) -> Text:
    marks = ", ".join(sorted(columns)) or "-"
    date = lists.chart.issued
    return {
        "en": f"Country Chart, {country}: marked columns {marks} (read from the eCFR of {date}).",
        "zh": f"国家图表，{country}：有标记的栏目为{marks}（读自{date}版eCFR）。",
    }
