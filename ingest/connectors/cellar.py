"""EU law from CELLAR, the Publications Office's repository, by CELEX number.

A resource is content-negotiated: Accept chooses the format, Accept-Language (ISO 639-2/T, "eng") the language. The act
itself is sector 3 (32021R0821), its consolidations sector 0 with a date (02021R0821-20251115), which SPARQL lists.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from ingest.connectors.base import Item, SourceError, bad_spec, known, read_json
from ingest.fetch import BadStatus, Fetched, Fetcher

OFFICIAL = "https://publications.europa.eu"
ACCEPTED = (
    "celex:32021R0821 (the newest consolidation, or the act where there is none), celex:32021R0821@2024-06-30 (as consolidated "
    "on that day), celex:32021R0821@original, celex:02021R0821-20251115 (one consolidation), each with /de for a language"
)
CELEX = re.compile(
    r"(?P<sector>[0-9CE])(?P<year>\d{4})(?P<type>[A-Z]{1,2})(?P<number>\d{4})(?:-(?P<on>\d{8})|(?P<more>\(\d+\)|R\(\d+\)))?"
)
_SPEC = re.compile(r"(?P<celex>[^@/]+)(?:/(?P<language>[a-z]{2,3}))?(?:@(?P<on>original|\d{4}-\d{2}-\d{2}))?")
FORMATS = ("application/xhtml+xml", "text/html", "application/xml;type=fmx4")
_LANGUAGES = {  # BCP 47 to ISO 639-2/T, the official languages of the EU
    "bg": "bul",
    "cs": "ces",
    "da": "dan",
    "de": "deu",
    "el": "ell",
    "en": "eng",
    "es": "spa",
    "et": "est",
    "fi": "fin",
    "fr": "fra",
    "ga": "gle",
    "hr": "hrv",
    "hu": "hun",
    "it": "ita",
    "lt": "lit",
    "lv": "lav",
    "mt": "mlt",
    "nl": "nld",
    "pl": "pol",
    "pt": "por",
    "ro": "ron",
    "sk": "slk",
    "sl": "slv",
    "sv": "swe",
}
_KINDS = {"R": "regulation", "L": "law", "D": "regulation", "H": "guidance", "Q": "regulation"}
_QUERY = """\
PREFIX cdm: <http://publications.europa.eu/ontology/cdm#>
PREFIX lang: <http://publications.europa.eu/resource/authority/language/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT DISTINCT ?title ?doc_date ?eli ?cons_celex WHERE {
  ?work cdm:resource_legal_id_celex "%(celex)s"^^xsd:string .
  OPTIONAL { ?work cdm:work_date_document ?doc_date . }
  OPTIONAL { ?work cdm:resource_legal_eli ?eli . }
  OPTIONAL { ?text cdm:expression_belongs_to_work ?work ; cdm:expression_uses_language lang:%(language)s ;
                   cdm:expression_title ?title . }
  OPTIONAL { ?consolidated cdm:act_consolidated_based_on_resource_legal|cdm:act_consolidated_consolidates_resource_legal ?work ;
                           cdm:resource_legal_id_celex ?cons_celex . }
}"""


@dataclass(frozen=True)
class Act:
    """What CELLAR says of an act. `consolidations` are CELEX numbers, oldest first."""

    title: str
    announced: str
    eli: str
    consolidations: tuple[str, ...]


@dataclass(frozen=True)
class Cellar:
    """`celex:` see ACCEPTED. `formats` are asked for in this order until one is there."""

    base: str = OFFICIAL
    formats: Sequence[str] = FORMATS

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The one text that the spec names."""
        said = _SPEC.fullmatch(spec)
        celex = CELEX.fullmatch(said["celex"].upper()) if said else None
        language = (said["language"] or "en") if said else ""
        if not said or not celex or language not in _LANGUAGES or (celex["on"] and said["on"]):
            raise bad_spec("celex", spec, ACCEPTED)
        day = _before(said["on"], spec)
        name = celex[0]
        act = Act("", "", "", ())
        if celex["sector"] == "3" and said["on"] != "original":
            act = self.act(celex[0], _LANGUAGES[language], fetcher)
            today = fetcher.now().strftime("%Y%m%d")  # a consolidation may be dated in the future
            name = newest(act.consolidations, day or today) or celex[0]
        yield self._item(name, language, act, fetcher)

    def act(self, celex: str, language: str, fetcher: Fetcher) -> Act:
        """Title, date, ELI and consolidations of an act. Raises SourceError for an unknown one."""
        query = _QUERY % {"celex": celex, "language": language.upper()}
        format_ = "application/sparql-results+json"
        url = f"{self.base}/webapi/rdf/sparql?{urlencode({'query': query, 'format': format_})}"
        rows = _rows(read_json(fetcher.get(url, headers={"Accept": format_})), f"{self.base}/webapi/rdf/sparql")
        if not rows:
            raise SourceError(f"celex:{celex}", "CELLAR knows no such act", "check the number on EUR-Lex")
        stem = f"0{celex[1:]}-"
        found = {row["cons_celex"] for row in rows if row.get("cons_celex", "").startswith(stem)}
        first: Mapping[str, str] = rows[0]
        return Act(first.get("title", ""), first.get("doc_date", ""), first.get("eli", ""), tuple(sorted(found)))

    def _item(self, celex: str, language: str, act: Act, fetcher: Fetcher) -> Item:
        parts = CELEX.fullmatch(celex)
        assert parts is not None  # noqa: S101 - made from a match or a checked row
        metadata = known(
            source="cellar",
            regime="EU",
            kind=_KINDS.get(parts["type"], "regulation"),
            language=language,
            instrument=instrument(celex),
            celex=celex,
            number=number(celex),
            title=act.title,
            announced=act.announced,
            version_date=_iso(parts["on"]),
            eli=act.eli,
        )
        page = f"https://eur-lex.europa.eu/legal-content/{language.upper()}/TXT/?uri=CELEX:{quote(celex)}"

        def get() -> Fetched:
            return self._text(celex, _LANGUAGES[language], fetcher)

        key = f"celex:{instrument(celex) or celex}/{language}"
        return Item(key, page, f"{celex}.{language}.html", get, metadata)

    def _text(self, celex: str, language: str, fetcher: Fetcher) -> Fetched:
        url = f"{self.base}/resource/celex/{quote(celex)}"
        for wanted in self.formats:
            try:
                got = fetcher.get(url, headers={"Accept": wanted, "Accept-Language": language})
            except BadStatus as error:
                if error.status not in (300, 404, 406):  # several files, none, or not in this format
                    raise
                continue
            if got.body.strip():
                return got
        cause = f"there is no text in {language} as {' or '.join(self.formats)}"
        raise SourceError(url, cause, "try another language, or fetch the PDF from EUR-Lex and ingest the file")


def newest(consolidations: Sequence[str], on: str = "") -> str | None:
    """The newest consolidation, or the newest not after the date `on` (YYYYMMDD)."""
    dated = [celex for celex in consolidations if CELEX.fullmatch(celex) and (not on or celex[-8:] <= on)]
    return max(dated, default=None, key=lambda celex: celex[-8:])


def number(celex: str) -> str:
    """The number as the Official Journal prints it: 2021/821 since 2015, 833/2014 before; "" where it is no act."""
    parts = CELEX.fullmatch(celex)
    if not parts or parts["type"] not in _KINDS:
        return ""
    year, count = int(parts["year"]), int(parts["number"])
    return f"{year}/{count}" if year >= 2015 else f"{count}/{year}"


def instrument(celex: str) -> str:
    """The rule book's id of the act: EU-2021-821, EU-833-2014; a consolidation has its act's; "" where it is no act."""
    return f"EU-{number(celex).replace('/', '-')}" if number(celex) else ""


def _rows(answer: Any, place: str) -> list[dict[str, str]]:
    try:
        bindings = answer["results"]["bindings"]
        return [{name: str(cell["value"]) for name, cell in row.items()} for row in bindings]
    except (KeyError, TypeError, AttributeError):
        raise SourceError(place, "no SPARQL result came") from None


def _iso(on: str | None) -> str:
    return f"{on[:4]}-{on[4:6]}-{on[6:]}" if on else ""


def _before(on: str | None, spec: str) -> str:
    try:
        return date.fromisoformat(on).strftime("%Y%m%d") if on and on != "original" else ""
    except ValueError:
        raise bad_spec("celex", spec, ACCEPTED) from None


def from_url(url: str) -> str | None:
    """The spec of a EUR-Lex or CELLAR address, or None: legal-content/EN/TXT/?uri=CELEX:…, eli/reg/2021/821/oj."""
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(url)
    path = unquote(parts.path)
    language = re.search(r"/legal-content/([A-Z]{2})/", path)
    tail = f"/{language[1].lower()}" if language and language[1].lower() in _LANGUAGES else ""
    uri = next(iter(parse_qs(parts.query).get("uri", [])), "")
    found = CELEX.fullmatch(uri.upper().removeprefix("CELEX:")) or re.search(
        rf"/resource/celex/({CELEX.pattern})\Z", path
    )
    if found:
        celex = found[0].rpartition("/")[2]
        return f"{celex}{tail}" + ("@original" if celex.startswith("3") else "")
    eli = re.match(r"/eli/(reg|dir|dec)(?:_impl|_del)?/(\d{4})/(\d{1,4})(?:/(oj|\d{4}-\d{2}-\d{2}))?(?:/|\Z)", path)
    if not eli:
        return None
    letter = {"reg": "R", "dir": "L", "dec": "D"}[eli[1]]
    wanted = {"oj": "@original", None: ""}.get(eli[4], f"@{eli[4]}")
    return f"3{eli[2]}{letter}{int(eli[3]):04d}{wanted}"
