"""A compiled control list as frozen types: entries, rows of their licence-requirement tables, exceptions, items.

Everything points back to a provision of the official text by its locator. What could not be read is kept as `read=False`
with a reason: it is shown and counted, and a determination treats it as a requirement that may apply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


@dataclass(frozen=True)
class Scope:
    """Which items a table row or an exception speaks of.

    `whole`: the entire entry, less `excluded`. `items` and `excluded` are item paths below the entry without a leading
    dot ("b.2", "z.1.a"); a path means everything below it. `entries` are other ECCNs (with item paths: "1A006.b") whose
    software or technology the row is about (product groups D and E) or that the row names as its subject. Where both
    `items` and `entries` are given, the own items are meant as far as they are about those entries.
    `qualifier` keeps words that narrow the row in a way that no path expresses ("when usable in missiles", "being
    exported for use in civil telecommunications"): whether they are met must be asked. Empty where there are none.
    `tags` name what the qualifier is about in a closed vocabulary (ingest/controllists/tags.py); a tag "except:..." says
    that the row does not reach what meets it. They are there whenever a qualifier is, also in the bundled facts where the
    wording is not. `named` are ECCNs and item paths the qualifier measures against ("1C101"). `reasons`: the row reaches
    the named entries, or this entry's items, only as far as they are controlled for these reasons ("for MT reasons").
    """

    whole: bool = False
    items: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    excluded_entries: tuple[str, ...] = ()
    qualifier: str = ""
    tags: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        """Whether something that no item path expresses must be asked before the row can be applied."""
        return bool(self.qualifier or self.tags)


class Asks(StrEnum):
    """How a table row says where a licence is needed."""

    COLUMN = "column"  # a Country Chart column: `column`
    DESTINATIONS = "destinations"  # stated countries and Country Groups
    ALL = "all"  # every destination
    SECTION = "section"  # another provision of the EAR says where: `sections`
    NONE = "none"  # the row says that no licence is required for this reason
    UNREAD = "unread"


@dataclass(frozen=True)
class Requirement:
    """Where a row's licence requirement bites.

    `column` as the Country Chart names it: "NS 1". `groups` are Country Groups ("D:1"), `countries` ISO 3166-1 alpha-2;
    `without_groups` and `without_countries` are taken out again. `sections` are sections of the EAR named beside it
    ("742.6(a)(6)(iii)").
    """

    asks: Asks
    column: str = ""
    groups: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    without_groups: tuple[str, ...] = ()
    without_countries: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a licence-requirement table: a reason for control, its items and where a licence is needed.

    `reason` is the abbreviation (NS, MT, NP, CB, RS, FC, CC, CW, AT, EI, SL, SS, UN, SI). `control` and `where` are the
    two cells as printed; for what a note beside the table requires both are that sentence, and `reason` may be empty. A
    row with `Asks.NONE` from a note frees from a licence for every reason. One printed row with several scopes is several
    rows with one locator. `read` False: the row was not understood, `why` says what stood in the way.
    """

    reason: str
    scope: Scope
    requirement: Requirement
    control: str
    where: str
    locator: str
    read: bool = True
    why: str = ""


@dataclass(frozen=True)
class ListException:
    """A list-based licence exception of an entry (LVS, GBS, TSR, APP, NAC/ACA, AIA, HBM, IEC, ...).

    `available` False: "N/A" for the whole entry. `values` maps an item path ("" for all) to the value limit in US
    dollars (LVS only). `scope` says for which items it is available. `terms` is the text as printed. One symbol may have
    several records of an entry: another value, item or destination each. `without_reasons`: not for items controlled for
    these reasons ("N/A for MT"). `groups` and `countries`, where given, are the only destinations; `without_groups` and
    `without_countries` are taken out. `sections` are sections of the EAR it sends the reader to ("740.24").
    """

    symbol: str
    available: bool
    scope: Scope
    values: Mapping[str, int] = field(default_factory=dict)
    terms: str = ""
    locator: str = ""
    read: bool = True
    why: str = ""
    without_reasons: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    without_groups: tuple[str, ...] = ()
    without_countries: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A paragraph of the item tree. `path` has no leading dot ("a.1.i"); `text` is empty in the bundled facts."""

    path: str
    locator: str
    text: str = ""
    reserved: bool = False


@dataclass(frozen=True)
class CompiledEntry:
    """One control entry: `code`, heading, reasons for control in the order printed, rows, exceptions, item tree.

    `notes` are licence requirement notes and notes to the items, `sta` the special conditions for licence exception
    STA, `reporting` the reporting requirements; `sections` are sections of the EAR the licence requirements send the
    reader to besides the table ("744.17"). `reserved` marks an entry printed as "[Reserved]" or as one that
    holds no items. `jurisdiction` names the other authority where an entry without rows of its own says that its items
    are another's ("ITAR", "NRC"), else empty. `refers_to` are the entries (with item paths) under which an entry without
    rows says that its items are controlled ("3A611"): such an entry is no finding that nothing is required. Both may be
    given. `exempted` is what notes free from the whole entry for particular goods or shipments (samples, retail packs,
    test kits): rows with `Asks.NONE`, apart from `rows` because the requirement stands until the tags of their scope are
    known to be met; `scope.named` there are the codes that take the goods in instead.
    """

    code: str
    heading: str
    reasons: tuple[str, ...]
    rows: tuple[Row, ...]
    exceptions: tuple[ListException, ...]
    items: tuple[Item, ...]
    related_controls: str = ""
    definitions: str = ""
    sta: str = ""
    reporting: str = ""
    notes: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    locator: str = ""
    reserved: bool = False
    jurisdiction: str = ""
    refers_to: tuple[str, ...] = ()
    exempted: tuple[Row, ...] = ()

    @property
    def category(self) -> str:
        """The category digit, "3" of 3A001."""
        return self.code[0]

    @property
    def group(self) -> str:
        """The product group letter, "A" of 3A001."""
        return self.code[1]


@dataclass(frozen=True, eq=False)
class ControlList:
    """A whole compiled list. `source` is the instrument id, `version` the date or hash of the version it was read from,
    `issues` every row or exception that could not be read: (locator, why, text as printed)."""

    source: str
    version: str
    entries: tuple[CompiledEntry, ...]
    issues: tuple[tuple[str, str, str], ...] = ()
    reviewed_by: str = ""  # empty: compiled and not reviewed
    bundled: bool = False  # facts shipped with the program, without the official sentences

    @cached_property
    def by_code(self) -> Mapping[str, CompiledEntry]:
        """Entries by their five-character code."""
        return {e.code: e for e in self.entries}
