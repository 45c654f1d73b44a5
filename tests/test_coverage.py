"""`regimes.yaml` says what is modelled: neither more nor less than the rule files hold."""

from knowledge.rulebook import RuleBook
from tests.conftest import Command


def ruling(book: RuleBook) -> dict[str, str]:
    """The instruments that carry entries or rules on the deal, with their regime."""
    carrying = {e.instrument: e.regime for e in book.entries}
    return carrying | {r.reference.instrument: r.regime for r in book.restrictions}


def test_every_instrument_that_rules_is_named(book: RuleBook) -> None:
    modelled = {(line.regime, id_) for line in book.coverage if line.modelled for id_ in line.instruments}
    carrying = {(regime, id_) for id_, regime in ruling(book).items()}
    assert not sorted(carrying - modelled), "rules of instruments that no modelled line of regimes.yaml names"


def test_every_listing_party_file_is_named(book: RuleBook) -> None:
    modelled = {id_ for line in book.coverage if line.modelled for id_ in line.instruments}
    listing = {p.instrument for p in book.parties if p.instrument and not p.instrument.startswith("CN-UEL-")}
    assert not sorted(listing - modelled), "lists of parties that no modelled line of regimes.yaml names"


def test_a_line_that_is_not_modelled_names_no_instrument(book: RuleBook) -> None:
    assert [line.id for line in book.coverage if not line.modelled and line.instruments] == []
    assert [line.id for line in book.coverage if line.modelled and not line.instruments] == []


def test_an_instrument_stands_in_one_line(book: RuleBook) -> None:
    named = [id_ for line in book.coverage for id_ in line.instruments]
    assert len(named) == len(set(named)) > 0


def test_regimes_with_rules_have_a_module(book: RuleBook) -> None:
    # The Union's rules are a module over digests and tables: they carry no entries and no deal rules of their own.
    assert {*ruling(book).values(), "EU"} == {line.regime for line in book.coverage if line.modelled}


def test_every_line_is_printed(navicert: Command, book: RuleBook) -> None:
    for lang in ("en", "zh"):
        shown = "".join(navicert("rules", "coverage", "--lang", lang, COLUMNS="400").stdout.split())
        for line in book.coverage:
            assert line.id in shown, f"{line.id} is cut short or left out"
        assert shown.count("yes") >= sum(line.modelled for line in book.coverage)


def test_what_is_not_modelled_is_said_in_every_clear_answer(navicert: Command, book: RuleBook) -> None:
    text = navicert("ask", "--json", "ferrite magnets from Ningbo to Germany").stdout
    for line in book.coverage:
        if not line.modelled:
            assert line.area["en"] in text
