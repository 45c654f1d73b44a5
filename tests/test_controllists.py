"""Control lists compiled into facts: scopes, rows, exceptions on sentences of our own; the whole list where it is present."""

import json
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from ingest.controllists import compile_list, summary
from ingest.controllists.bundle import bundled, compile_file
from ingest.controllists.catalogue import Catalogue
from ingest.controllists.country_chart import (
    BadTable,
    chart_facts,
    chart_of_document,
    groups_facts,
    groups_of_document,
)
from ingest.controllists.exceptions import statement
from ingest.controllists.notes import EXEMPTED
from ingest.controllists.places import iso
from ingest.controllists.scopes import scopes
from ingest.controllists.tags import VOCABULARY
from ingest.controllists.where import requirement
from ingest.readers import read
from knowledge.controllists import codec
from knowledge.controllists.chart import (
    COMPILED,
    chart_from,
    groups_from,
    load_ccl,
    load_chart,
    load_exceptions,
    load_groups,
)
from knowledge.controllists.model import Asks, CompiledEntry, ControlList, ListException, Scope
from knowledge.store.records import Part, ProvisionRecord

CATALOGUE = Catalogue(
    {
        "1A001": "Widgets and valves",
        "1A002": "Gears",
        "1A004": "Wheels",
        "1B001": "Presses",
        "1D001": "“Software” for the “development” of widgets",
        "1E001": "“Technology” for widgets",
    },
    {
        "1A001": {
            "a": "Valves",
            "a.1": "Small valves",
            "a.2": "Large valves",
            "a.3": "Other valves",
            "b": "Hulls",
            "b.4": "",
            "b.5": "",
            "b.6": "",
            "b.7": "",
            "c": "Wheels",
            "d": "",
            "x": "Parts",
            "z.1.a": "",
            "z.2.a": "",
        },
        "1A002": {"b": ""},
    },
)


def scope(text: str, own: str = "1A001") -> Scope:
    (found,) = scopes(text, own, CATALOGUE)
    return found


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("1A001.a.1 through a.3", ("a.1", "a.2", "a.3")),
        ("1A001.b.4 to b.7, and .x", ("b.4", "b.5", "b.6", "b.7", "x")),
        ("paragraphs .b, .c, and .d of this entry", ("b", "c", "d")),
        ("paragraph c", ("c",)),
        ("1A001.z.1.a, z.2.a", ("z.1.a", "z.2.a")),
        ("1A001.b to d, x", ("b", "c", "d", "x")),
        ("valves in 1A001.a only", ("a",)),
        ("1A001 .b and .x", ("b", "x")),
    ],
)
def test_item_lists_expand_against_the_tree(text: str, items: tuple[str, ...]) -> None:
    assert scope(text) == Scope(items=items)


def test_ranges_of_entries_expand_to_the_codes_printed() -> None:
    found = scope("“technology” for items controlled by 1A001 to 1A004 and 1B", "1E001")
    assert found == Scope(entries=("1A001", "1A002", "1A004", "1B001"))


def test_reasons_of_the_entries_named_are_kept() -> None:
    found = scope("“software” for items controlled by 1A002.b or 1B001 for MT and NP reasons", "1D001")
    assert found == Scope(entries=("1A002.b", "1B001"), reasons=("MT", "NP"))


def test_what_an_except_takes_out() -> None:
    assert scope("entire entry, except .a.1, .b and .x") == Scope(whole=True, excluded=("a.1", "b", "x"))
    other = scope("entire entry, except “software” for 1A002.b", "1D001")
    assert other == Scope(whole=True, excluded_entries=("1A002.b",))
    first, second = scopes("1A001.b (except .b.5), and .c", "1A001", CATALOGUE)
    assert (first, second) == (Scope(items=("c",)), Scope(items=("b",), excluded=("b.5",)))


def test_what_is_taken_out_under_a_condition_stays_in_and_is_asked() -> None:
    found = scope("entire entry except: 1A001.b; parts in 1A001.x if being exported for use in a hull; and 1A001.d")
    assert found.whole
    assert found.excluded == ("b", "d")
    assert found.qualifier.startswith("except")
    assert all(tag.startswith("except:") for tag in found.tags)
    assert "1A001.x" in found.named


def test_conditions_are_qualifiers_with_what_they_measure_against() -> None:
    plain, asked = scopes("1A001.b, as well as 1A001.c when it exceeds the parameters of 1A002", "1A001", CATALOGUE)
    assert plain == Scope(items=("b",))
    assert (asked.items, asked.tags, asked.named) == (("c",), ("meets_parameters",), ("1A002",))
    assert asked.conditional
    assert not plain.conditional


def test_a_noun_that_the_list_itself_uses_is_no_condition() -> None:
    assert not scope("small valves in 1A001.a.1").conditional
    assert scope("police valves in 1A001.a.1").tags == ("police_use",)


def test_own_items_about_other_entries() -> None:
    limited, free = scopes("1A001.a for items for ECCN 1A002 or ECCN 1A004, and 1A001.d", "1A001", CATALOGUE)
    assert limited == Scope(items=("a",), entries=("1A002", "1A004"))
    assert free == Scope(items=("d",))


@pytest.mark.parametrize("text", ["", "()", "((", "except", "a", "1A001.", "; ;", ", and to", "1Z999.a.b.c.d.e.f"])
def test_odd_text_is_read_as_something(text: str) -> None:
    assert scopes(text, "1A001", CATALOGUE)


@pytest.mark.parametrize(
    ("where", "asks", "told"),
    [
        ("NS Column 2.", Asks.COLUMN, {"column": "NS 2"}),
        ("Column 1", Asks.COLUMN, {"column": "RS 1"}),
        ("Chile, Peru, or Fiji (see § 742.6(a)(7))", Asks.DESTINATIONS, {"countries": ("CL", "PE", "FJ")}),
        (
            "To or within destinations in Country Groups D:1, D:4, and D:5 of supplement no. 1 to part 740 of the EAR, "
            "excluding any destination also specified in Country Groups A:5 or A:6. See § 742.6(a)(6)(iii)(B) of the EAR.",
            Asks.DESTINATIONS,
            {"groups": ("D:1", "D:4", "D:5"), "without_groups": ("A:5", "A:6"), "sections": ("742.6(a)(6)(iii)(B)",)},
        ),
        (
            "To or within Macau or a destination specified in Country Group D:5. See § 742.4(a)(4) of the EAR.",
            Asks.DESTINATIONS,
            {"groups": ("D:5",), "countries": ("MO",), "sections": ("742.4(a)(4)",)},
        ),
        ("Worldwide control. See § 742.4(a)(5) and (b)(10) of the EAR.", Asks.ALL, {"sections": ("742.4(a)(5)", "742.4(b)(10)")}),
        ("A license is required for ALL destinations, except Canada, always.", Asks.ALL, {"without_countries": ("CA",)}),
        (
            "A license is required for items of this entry, other than 1A001.b, for export to Chad.",
            Asks.DESTINATIONS,
            {"countries": ("TD",)},
        ),
        ("See § 746.1(b) for UN controls", Asks.SECTION, {"sections": ("746.1(b)",)}),
        ("N/A", Asks.NONE, {}),
        ("Ask your neighbour.", Asks.UNREAD, {}),
        ("", Asks.UNREAD, {}),
    ],
)  # fmt: skip
def test_requirements(where: str, asks: Asks, told: dict[str, Any]) -> None:
    found = requirement(where, "RS")
    assert found.asks is asks
    held = {k: v for k, v in vars(found).items() if v and k != "asks"}
    if "sections" not in told:
        held.pop("sections", None)
    assert held == told


def granted(symbol: str, text: str) -> list[ListException]:
    return statement(symbol, text, "entry-1A001/list-based-license-exceptions", "1A001", CATALOGUE)


def test_values_by_item() -> None:
    first, second = granted("LVS", "$3,000 for .a through .c; $600 for .d; N/A for MT")
    assert first.values == {"a": 3000, "b": 3000, "c": 3000}
    assert second.values == {"d": 600}
    assert first.without_reasons == second.without_reasons == ("MT",)


def test_a_value_for_the_rest() -> None:
    (rest,) = granted("LVS", "N/A for NP and for 1A001.a; $500 for all other items")
    assert (rest.values, rest.without_reasons, rest.scope.excluded) == ({"": 500}, ("NP",), ("a",))


def test_a_value_for_one_destination() -> None:
    (value,) = granted("LVS", "$700 for 1A001.x if the ultimate destination is Canada")
    assert (value.values, value.countries) == ({"x": 700}, ("CA",))


def test_groups_of_an_exception() -> None:
    (value,) = granted("LVS", "$2,000 for all Country Group B destinations, except those also in Country Group D:3.")
    assert (value.groups, value.without_groups) == (("B",), ("D:3",))
    (sent,) = granted("ACE", "Yes for 1A001.b, except to Country Group E:1 or E:2. See § 740.22 of the EAR.")
    assert (sent.scope.items, sent.without_groups, sent.sections) == (("b",), ("E:1", "E:2"), ("740.22",))


def test_what_is_denied_is_never_granted() -> None:
    (found,) = granted(
        "TSR", "Yes, except for the following: (1) Items controlled for MT reasons; (2) 1A001.b; or (3) 1A001.c"
    )
    assert found.without_reasons == ("MT",)
    assert found.scope.excluded == ("b", "c")
    assert [e.available for e in granted("GBS", "N/A")] == [False]
    assert [e.available for e in granted("TSR", "No")] == [False]
    assert not granted("GBS", "Perhaps.")[0].read


def provisions() -> list[ProvisionRecord]:
    text = "1A001 Widgets\nLicense Requirements\nReason for Control: NS, AT"
    rows = [
        "Control(s): NS applies to 1A001.b; Country Chart (See Supp. No. 1 to part 738): NS Column 2",
        "Control(s): AT applies to entire entry AT applies to entire entry; Country chart (see part 738): AT Column 1",
        "MT applies to what moves; and nowhere else",
    ]
    lists = "List Based License Exceptions\nLVS: $300\nList of Items Controlled\nRelated Controls: N/A\nItems:"
    body = "\n".join([text, *rows, lists])
    item = "b. Hulls, as follows:\nb.1. Wet hulls with a draught exceeding 3 m;\nb.2. [Reserved]"
    cuts = [item.index("b.1"), item.index("b.2"), len(item)]
    parts = (Part("entry-1A001/b/1", cuts[0], cuts[1] - 1), Part("entry-1A001/b/2", cuts[1], cuts[2]))
    return [
        ProvisionRecord("p-1", "", "note", "Note: nothing."),
        ProvisionRecord("entry-1A001", "1A001", "entry", body),
        ProvisionRecord("entry-1A001/b", "1A001.b", "item", item, parts=parts),
        ProvisionRecord("entry-1A003", "1A003", "entry", "1A003 [Reserved]"),
    ]


def test_an_entry_from_its_provisions() -> None:
    compiled = compile_list(provisions(), "2020-01-01")
    entry, empty = compiled.entries
    assert empty.reserved
    assert (entry.heading, entry.reasons) == ("Widgets", ("NS", "AT"))
    assert [(i.path, i.reserved) for i in entry.items] == [("b", False), ("b.1", False), ("b.2", True)]
    assert [(r.reason, r.requirement.asks, r.read) for r in entry.rows] == [
        ("NS", Asks.COLUMN, True),
        ("AT", Asks.COLUMN, True),
        ("MT", Asks.UNREAD, False),
    ]
    assert [why for _, why, _ in compiled.issues] == ["says nothing of where"]
    assert summary(compiled)["rows_unread"] == 1
    assert entry.exceptions[0].values == {"": 300}


def test_what_a_note_requires_is_a_row() -> None:
    said = "License Requirement Note: (1) The chart is not used for commodities in ECCN 1A003.a.1, .a.2, and .g. See § 742.6(a)(9), which specifies that such commodities are subject to a worldwide license requirement, except to Chad and Fiji."
    text = f"1A003 Gadgets\nLicense Requirements\n{said}"
    (entry,) = compile_list([ProvisionRecord("entry-1A003", "1A003", "entry", text)], "2020-01-01").entries
    (row,) = entry.rows
    assert (row.reason, row.requirement.asks, row.requirement.without_countries) == ("RS", Asks.ALL, ("TD", "FJ"))
    assert (row.scope.items, row.requirement.sections) == (("a.1", "a.2", "g"), ("742.6(a)(9)",))


def entry_of(*lines: str, code: str = "1A001", items: tuple[tuple[str, str], ...] = ()) -> CompiledEntry:
    """One compiled entry from the lines of its head and (path, text) of its items."""
    below = [ProvisionRecord(f"entry-{code}/{p.replace('.', '/')}", f"{code}.{p}", "item", text) for p, text in items]
    records = [ProvisionRecord(f"entry-{code}", code, "entry", "\n".join(lines)), *below]
    others = [ProvisionRecord(f"entry-{c}", c, "entry", f"{c} Gadgets") for c in ("1A002", "1A004", "1A005")]
    return compile_list([*records, *others], "2020-01-01").by_code[code]


@pytest.mark.parametrize(
    ("text", "reserved"),
    [
        ("b. to d. [Reserved]", ("b", "c", "d")),
        ("b. through .d [Reserved].", ("b", "c", "d")),
        ("b.-d. [RESERVED]", ("b", "c", "d")),
        ("b. and c. [Reserved]", ("b", "c")),
        ("b. Reserved.", ("b",)),
        ("1A001.b Hulls\nb. [Reserved]", ("b",)),
        ("b. Hulls\nc.-d. [Reserved]", ("c", "d")),
        ("b. Reserved seats for hulls;", ()),
        ("b. Hulls to d. metres", ()),
    ],
)
def test_reserved_paragraphs_however_printed(text: str, reserved: tuple[str, ...]) -> None:
    found = entry_of("1A001 Widgets", items=(("a", "a. Valves"), ("b", text), ("x", "x. Parts")))
    assert tuple(i.path for i in found.items if i.reserved) == reserved
    assert {"a", "x"} <= {i.path for i in found.items if not i.reserved}


def test_reserved_below_the_first_level_and_what_is_printed_after_all() -> None:
    given = (("a.1", "a.1. to a.3. [Reserved]"), ("a.3", "a.3. Valves"))
    found = entry_of("1A001 Widgets", items=given)
    assert [(i.path, i.reserved) for i in found.items] == [("a.1", True), ("a.2", True), ("a.3", False)]


def test_a_parenthesis_that_only_describes_is_no_condition() -> None:
    told = Catalogue(
        {"1A001": "Widgets"}, {"1A001": {"b": "b. Hulls having valves of 1A001.a", "c": "c. Masts of 3 m"}}
    )

    def out(text: str) -> Scope:
        (found,) = scopes(f"entire entry, except .b ({text})", "1A001", told)
        return found

    assert out("hulls having valves of 1A001.a") == Scope(whole=True, excluded=("b",))
    assert out("hulls only if connected to 1A001.c").excluded == ()
    assert out("hulls having sails").conditional
    assert out("hulls having valves of 4 m").conditional


def test_items_as_far_as_they_serve_others_of_the_entry() -> None:
    free, asked = scopes(
        "valves controlled by 1A001.a.1 and to parts in 1A001.x for valves in 1A001.a.1", "1A001", CATALOGUE
    )
    assert free == Scope(items=("a.1",))
    assert (asked.items, asked.named) == (("x",), ("1A001.a.1",))
    assert "specially_designed" in asked.tags


def test_what_the_heading_takes_out() -> None:
    heads = {
        "1E001": "“Technology” for 1A (except 1A001.b to d, or 1A002) or 1B",
        "1A001": "",
        "1A002": "",
        "1A004": "",
    }
    (found,) = scopes(
        "“technology” for 1A (except as noted in the heading)", "1E001", Catalogue(heads, CATALOGUE.items)
    )
    assert found.entries == ("1A001", "1A002", "1A004")
    assert found.excluded_entries == ("1A001.b", "1A001.c", "1A001.d", "1A002")
    assert not found.conditional


def test_another_value_for_some_of_the_same_items() -> None:
    first, second = granted(
        "LVS", "$500 for 1A001.x, except $3,000 for 1A001.x that were formerly classified under 1A002.b"
    )
    assert (first.values, first.scope) == ({"x": 500}, Scope(items=("x",)))
    assert (second.values, second.scope.tags) == ({"x": 3000}, ("formerly_classified",))


def test_an_entry_that_sends_to_others() -> None:
    assert entry_of(
        "1A001 Widgets for hulls are controlled by ECCN 1A002. Gears are controlled by ECCN 1A004.b."
    ).refers_to == (
        "1A002",
        "1A004.b",
    )
    head = entry_of("1A001 Widgets", "(a) See ECCN 1A002 for what was classified under 1A001.a. See 1A005 (gadgets).")
    assert head.refers_to == ("1A002", "1A005")
    beside = entry_of(
        "1A001 Widgets (See Related Controls)", "Related Controls: See the ITAR and ECCN 1A004 for valves."
    )
    assert (beside.refers_to, beside.jurisdiction) == (("1A004",), "ITAR")
    row = "Control(s): AT applies to entire entry; Country chart (see part 738): AT Column 1"
    assert entry_of("1A001 Widgets. See ECCN 1A002.", "License Requirements", row).refers_to == ()


def test_what_notes_free_stands_apart_from_the_rows() -> None:
    text = "1A001 Widgets\nLicense Requirements\nControl(s): AT applies to entire entry; Country chart (see part 738): AT Column 1"
    points = [
        "License Requirement Notes: 1. SAMPLES: A license is not required for sample shipments of up to 3 kg.",
        "a. Countries in Country Group E:1 are not eligible to receive them without a license.",
        "2. Certain kits, other than those in 1A001.b, are excluded from the scope of this entry (see 1A002).",
    ]
    record = ProvisionRecord("entry-1A001", "1A001", "entry", text)
    note = ProvisionRecord("entry-1A001/license-requirements/license-requirement-notes", "", "note", "\n".join(points))
    entry = compile_list([record, note], "2020-01-01").entries[0]
    sample, kit = entry.exempted
    assert (sample.scope.tags, sample.requirement.without_groups) == (("sample_shipment",), ("E:1",))
    assert (kit.scope.tags, kit.scope.excluded, kit.scope.named) == (("medical_or_test_kit",), ("b",), ("1A002",))
    assert {r.requirement.asks for r in entry.exempted} == {Asks.NONE}
    assert [r.reason for r in entry.rows] == ["AT"]
    assert entry.notes == tuple(points)
    assert not any(r.control or r.where or r.scope.qualifier for r in entry.exempted)


def test_hostile_cells_end() -> None:
    for text in (
        "(," * 4000,
        "does not apply to a. " * 350,
        "1A001.b (except c) " * 400,
        "except " * 9000,
        "1A001 to " * 800,
    ):
        started = time.process_time()
        assert scopes(text, "1A001", CATALOGUE)
        assert granted("TSR", f"Yes, {text}")
        assert time.process_time() - started < 3


def test_the_same_again_from_json() -> None:
    compiled = compile_list(provisions(), "2020-01-01")
    again = codec.loads(codec.dumps(compiled))
    assert (again.entries, again.issues, again.version) == (compiled.entries, compiled.issues, compiled.version)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 0}', '{"format": 1}', "null"])
def test_data_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(codec.BadCompiledList):
        codec.loads(text)


CHART = """<ECFR><DIV5 N="738" TYPE="PART"><HEAD>PART 738</HEAD><DIV9 N="Supplement No. 1" TYPE="APPENDIX"><HEAD>Chart</HEAD>
<TABLE><THEAD><TR><TH rowspan="2">Countries</TH><TH colspan="2">Chemical</TH><TH colspan="1">Nuclear</TH></TR>
<TR><TH>CB<br/>1</TH><TH>CB<br/>2</TH><TH>NP<br/>1</TH></TR></THEAD><TBODY>
<TR><TD>Chad</TD><TD>X</TD><TD>X</TD><TD></TD></TR><TR><TD>Fiji <sup>2</sup></TD><TD>X</TD><TD></TD><TD></TD></TR>
<TR><TD>Liechtenstein <sup>5</sup></TD><TD></TD><TD></TD><TD></TD></TR>
<TR><TD>China</TD><TD>X</TD><TD>X</TD><TD>X</TD></TR><TR><TD>Switzerland</TD><TD>X</TD><TD></TD><TD></TD></TR>
<TR><TD>Cuba</TD><TD colspan="3">Look into part 746 of the EAR.</TD></TR></TBODY></TABLE>
<P><SU>2</SU> A license is required to it for 1A001 and 1A002.</P>
<P><SU>5</SU> Refer to Switzerland for licensing requirements for Liechtenstein.</P></DIV9></DIV5></ECFR>"""

GROUPS = """<ECFR><DIV5 N="740" TYPE="PART"><HEAD>PART 740</HEAD><DIV9 N="Supplement No. 1" TYPE="APPENDIX"><HEAD>Groups</HEAD>
<P>Country Group B</P><TABLE><THEAD><TR><TH>Countries</TH></TR></THEAD><TBODY><TR><TD>Chad</TD></TR><TR><TD>Fiji</TD></TR>
</TBODY></TABLE><P>Country Group D</P><TABLE><THEAD><TR><TH>Country</TH><TH>[D:1] Security</TH><TH>[D:5] Arms</TH></TR></THEAD>
<TBODY><TR><TD>China (PRC)</TD><TD>X</TD><TD>X</TD></TR><TR><TD>Macau</TD><TD>X</TD><TD></TD></TR></TBODY></TABLE></DIV9></DIV5></ECFR>"""


def test_the_chart_from_an_official_table() -> None:
    table = chart_of_document(read(CHART.encode(), "chart.xml"))
    chart = chart_from(chart_facts(table, "test", "2020-01-01"))
    assert chart.columns("TD") == frozenset({"CB 1", "CB 2"})
    assert chart.columns("HK") == chart.columns("CN") == frozenset({"CB 1", "CB 2", "NP 1"})
    assert chart.row("LI") == "CH"
    assert chart.marked("NP 1", "FJ") is False
    assert chart.marked("NP 1", "CU") is True  # no mark there permits nothing
    assert chart.embargoed == {"CU": ("746",)}
    assert chart.marked("NP 1", "US") is None
    assert [n.number for n in chart.notes("FJ")] == [2]
    with pytest.raises(KeyError):
        chart.marked("XX 1", "FJ")


def test_the_groups_from_an_official_table() -> None:
    groups = groups_from(groups_facts(groups_of_document(read(GROUPS.encode(), "groups.xml")), "test", "2020-01-01"))
    assert groups.members("B") == {"TD", "FJ"}
    assert groups.members("D:1") == {"CN", "MO", "HK"}
    assert groups.of("HK") == {"D:1", "D:5"}
    assert groups.members("D") == {"CN", "MO", "HK"}
    assert groups.of("MO") == {"D:1"}
    with pytest.raises(KeyError):
        groups.members("F")


def test_documents_without_such_tables_are_refused() -> None:
    document = read(b"<ECFR><P>Nothing here.</P></ECFR>", "no.xml")
    with pytest.raises(BadTable):
        chart_of_document(document)
    with pytest.raises(BadTable):
        groups_of_document(document)


def test_the_bundled_facts_load_and_hold_no_sentences() -> None:
    text = (COMPILED / "ccl.json").read_text()
    compiled = codec.loads(text)
    assert compiled.bundled
    assert len(compiled.entries) == len(compiled.by_code) > 600
    for entry in compiled.entries:
        assert not (entry.heading or entry.related_controls or entry.definitions or entry.sta or entry.notes)
        assert not any(item.text for item in entry.items)
        for row in entry.rows:
            assert not (row.control or row.where or row.scope.qualifier)
            assert {t.removeprefix("except:") for t in row.scope.tags} <= set(VOCABULARY)
        for row in entry.exempted:
            assert not (row.control or row.where or row.scope.qualifier)
            assert set(row.scope.tags) <= set(EXEMPTED)
    assert not re.search(r"“|\bapplies to\b|\bControl\(s\)", text)


def test_well_known_facts() -> None:
    ccl, chart, groups = load_ccl().by_code, load_chart(), load_groups()
    cb = next(r for r in ccl["2B350"].rows if r.reason == "CB")
    assert (cb.requirement.column, cb.scope.whole) == ("CB 2", True)
    assert ccl["2B350"].exceptions[0].without_groups == ("D:3",)
    assert chart.marked("NS 2", "CN") is True
    assert chart.marked("NS 2", "DE") is False
    assert "MO" not in groups.members("D:5")
    assert load_exceptions()["LVS"]["section"] == "740.3"
    assert ccl["9A104"].jurisdiction == "ITAR"


# --- the whole list, where it is present


@lru_cache(maxsize=1)
def _whole(root: Path) -> tuple[ControlList, float]:
    started = time.process_time()
    compiled = compile_file(root / "ecfr" / "ccl_part774_supp1.xml", "2026-07-23")
    return compiled, time.process_time() - started


@pytest.fixture
def us(shared: Path) -> Path:
    return shared / "regulations" / "us"


def test_the_whole_list_is_read(us: Path) -> None:
    compiled, seconds = _whole(us)
    counted = summary(compiled)
    unread = [(e.code, r.reason, r.why, r.control) for e in compiled.entries for r in e.rows if not r.read]
    assert counted["entries"] == 638
    assert counted["rows"] > 1600
    assert counted["rows_unread"] * 100 < counted["rows"], unread
    assert {code for code, *_ in unread} == {"1D018"}, unread  # its second cell is empty in the eCFR
    assert counted["exceptions_unread"] == 0
    assert counted["items"] > 5500
    assert seconds < 10


def test_no_entry_is_silent(us: Path) -> None:
    """An entry without a row says whose its items are, where they are controlled, or that there are none."""
    compiled, _ = _whole(us)
    silent = [e.code for e in compiled.entries if not (e.rows or e.jurisdiction or e.refers_to or e.reserved)]
    assert not silent
    assert compiled.by_code["4A611"].refers_to == ("3A611",)
    assert not [code for e in compiled.entries for code in e.refers_to if code[:5] not in compiled.by_code]


def test_every_item_has_text_or_is_reserved(us: Path) -> None:
    compiled, _ = _whole(us)
    assert not [(e.code, i.path) for e in compiled.entries for i in e.items if not (i.text or i.reserved)]


def test_what_was_read_by_eye_as_exempted(us: Path) -> None:
    by_hand = yaml.load((Path(__file__).parent / "data" / "ccl_by_hand.yaml").read_bytes(), Loader=yaml.BaseLoader)
    compiled, _ = _whole(us)
    given = {e["code"]: e["exempted"] for e in by_hand if "exempted" in e}
    assert given
    for code, tags in given.items():
        assert [t for row in compiled.by_code[code].exempted for t in row.scope.tags] == tags


def test_reasons_and_rows_agree(us: Path) -> None:
    """Every reason that an entry lists has a row and the other way round, but for what the list itself prints otherwise."""
    compiled, _ = _whole(us)
    differ = {
        e.code
        for e in compiled.entries
        if e.reasons and set(e.reasons) - {"FP"} != {r.reason for r in e.rows} - {"", "FP"}
    }
    assert differ - {"3A232"} == set()  # its list of reasons names RS, its table NP


def test_the_bundled_facts_are_those_of_a_fresh_compile(us: Path) -> None:
    fresh = bundled(us / "ecfr" / "ccl_part774_supp1.xml", us / "derived_json")
    for name, text in fresh.items():
        assert (COMPILED / name).read_text(encoding="utf-8") == text, f"run ingest.controllists.bundle: {name}"


def test_no_two_sentences_of_the_source_in_the_bundle(us: Path) -> None:
    """No run of eight words of an item or a heading stands in any bundled file."""
    compiled, _ = _whole(us)
    held = " ".join((COMPILED / n).read_text(encoding="utf-8") for n in ("ccl.json", "country_chart.json"))
    for entry in compiled.entries:
        for text in (entry.heading, *(i.text for i in entry.items)):
            run = " ".join(text.split()[1:9])
            assert len(run) < 40 or run not in held


def _straight_from_the_tables(path: Path) -> set[tuple[str, str, str]]:
    """(ECCN, reason, column) of every row that names a column; shares nothing with the compiler."""
    code, found = "", set()
    for element in etree.parse(path).iter("FP", "FP-1", "FP-2", "P", "TR"):
        if element.tag != "TR":
            text = " ".join("".join(element.itertext()).split())
            head = re.match(r"(\d[A-E]\d{3})\b(?!\.)", text)
            if head and element.find(".//B") is not None:
                code = head[1]
                found |= {(code, r, f"{r} {n}") for r, n in re.findall(r"subject to ([A-Z]{2})(\d) controls", text)}
            elif code:
                found |= {
                    (code, r, f"{r} {n}")
                    for r, n in re.findall(r"commodities are subject to ([A-Z]{2})(\d) controls", text)
                }
            continue
        cells = [" ".join(" ".join(cell.itertext()).split()) for cell in element if cell.tag == "TD"]
        cells = [cell for cell in cells if cell]
        if not code or not cells:
            continue
        named = re.findall(r"\b([A-Z]{2}) Column (\d)", cells[-1])
        if not named and (bare := re.match(r"Column (\d)", cells[-1])):
            named = [(cells[0][:2], bare[1])]
        found |= {(code, column, f"{column} {number}") for column, number in named}
    return found


def test_chart_and_list_agree_with_a_look_up_by_hand(us: Path) -> None:
    """For every ECCN and country: the reasons that ask for a licence by the chart, compiled and looked up straight."""
    by_hand = _straight_from_the_tables(us / "ecfr" / "ccl_part774_supp1.xml")
    raw = json.loads((us / "derived_json" / "country-chart.json").read_text())
    chart = load_chart()
    ours = {
        (e.code, r.reason, r.requirement.column)
        for e in load_ccl().entries
        for r in e.rows
        if r.requirement.asks is Asks.COLUMN and not e.code.endswith("521")
    }
    assert ours == {row for row in by_hand if not row[0].endswith("521")}
    codes = {code for code, _, _ in ours}
    columns = {code: {(r, c) for k, r, c in ours if k == code} for code in codes}
    assert len(raw["countries"]) + len(raw["embargoed"]) == 200
    for name, row in raw["countries"].items():
        country = iso(name)
        assert country is not None
        if name == "Liechtenstein":
            row = raw["countries"]["Switzerland"]
        for code in codes:
            looked_up = {(r, c in row["marks"]) for r, c in columns[code]}
            assert {(r, chart.marked(c, country)) for r, c in columns[code]} == looked_up, (code, name)
    for name in raw["embargoed"]:
        assert iso(name) in chart.embargoed
