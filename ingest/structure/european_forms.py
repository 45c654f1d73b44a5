"""How acts of the European Union are written: the forms of articles, recitals, annexes, marks and formulas."""

import re
from collections.abc import Sequence

from ingest.structure.lines import Line

ARTICLE = re.compile(
    r"^(?:Article|Artikel|Artículo|Articolo|Artigo|Artykuł)\s+(\d{1,5})\s?([a-z]{0,3})(?:\s*[-–—.:]\s*(\S.{0,200}))?$"
)
SOLE_ARTICLE = re.compile(r"^(?:Sole Article|Article unique|Einziger Artikel)$", re.IGNORECASE)
ANNEX = re.compile(
    r"^([‘“\"']?)((?:ANNEX(?:ES)?|ANNEXE|ANHANG|BIJLAGE|ANEXO|ALLEGATO|Annex|Anhang|Annexe)(?:\s+([IVXLC]+|\d+|[A-Z])([A-Za-z]{0,2}))?)\s*(?:[-–—:]\s*(.{0,160}))?[’”\"']?$"
)
GROUP = re.compile(
    r"^(PART|TITLE|CHAPTER|SECTION|SUB-?SECTION|TEIL|TITEL|KAPITEL|ABSCHNITT|UNTERABSCHNITT|TITRE|CHAPITRE|PARTIE)\s+([IVXLC]+[A-Za-z]?|\d+[A-Za-z]?|[A-Z]|[A-Z]{3,})(?:\s*[-–—:]?\s+(.{1,160}))?$",
    re.IGNORECASE,
)
GROUP_DEPTH = {"pa": 1, "te": 1, "ti": 2, "ch": 3, "ka": 3, "se": 4, "ab": 4, "su": 5, "un": 5}
MARKER_LINE = re.compile(r"^(?:[▼►]\s*(B|[MCA]\d{1,3}))(?:\s*[—–_-]{2,})?\s*$")
INLINE_MARK = re.compile(r"\s*[▼►]\s*(?:B|[MCA]\d{1,3})\s?|\s?◄")
RUNNING = re.compile(
    r"^(?:0?\d{4}[A-Z]{1,2}\d{4} — [A-Z]{2} — \d\d\.\d\d\.\d{4} — .*|(?:EN|DE|FR)?\s*(?:Official Journal of the European (?:Union|Communities)|Amtsblatt der Europäischen Union)\s*.{0,30}|L\s?\d+/\d+\s+(?:EN)?.{0,60}\d{1,2}\.\d{1,2}\.\d{4}|[_—–-]{4,})$"
)
RECITALS = re.compile(
    r"^(?:Whereas\s*:|in Erwägung nachstehender Gründe\s*:?|considérant ce qui suit\s*:)", re.IGNORECASE
)
ENACTING = re.compile(
    r"^(?:HAS|HAVE)(?: DECIDED| ADOPTED)|^H(?:AT|ABEN) (?:FOLGENDE|BESCHLOSSEN)|^(?:A|ONT) (?:ADOPTÉ|ARRÊTÉ)"
)
CLOSING = re.compile(
    r"^(?:Done at |Geschehen zu |Fait à |This (?:Regulation|Directive|Decision) shall be binding in its entirety|Diese Verordnung ist in allen ihren Teilen)"
)
RECITAL = re.compile(r"^\(\s*(\d{1,3})\s*\)(?:\s+|(?=[A-ZÀ-Þ„“‘]))")
FOOTNOTE = re.compile(
    r"^\(\s*(?:\d{1,3}|\*{1,6})\s*\)\s.{0,2000}?(?:\b(?:OJ|JO) [LC]\b|\bABl\.|\bOJ\b.{0,200}\d{4})", re.DOTALL
)
AMENDING = re.compile(
    r"(?:is|are) (?:hereby )?amended as follows|(?:is|are) replaced by the following|(?:is|are) (?:added|inserted|deleted)\b|wird wie folgt (?:geändert|ersetzt)"
)
MARK = re.compile(
    r"^(?:\((\d{1,3}[a-z]{0,2}|[a-zA-Z]{1,5})\)|(\d{1,3}[a-z]{0,2})\.(?=[\sA-ZÀ-Þ„“‘])|([a-z]{1,5}|\d{1,2})\)|([a-z])\.(?=\s)|([—–-])(?=\s))\s*"
)
ENTRY = re.compile(r"^[‘“]?(\d[A-E]\d{3}|[A-Z]{1,2}\.[A-Z]\.[IVX]{1,6}\.\d{3}|ML\d{1,2})(?=[\s.])\.?")
CN = re.compile(r"^[‘“]?((?:ex\s*)?\d{4}(?:\s\d{2}){0,3})(?=\s+\D)")
NOTE = re.compile(r"^((?:Technical |Explanatory )?Notes?(?:\s\d+)?|N\.B\.)\s*[:.]?(?=\s|$)")
# an act whose business is another act; not one that lays down rules of its own "and amending Regulation ..."
AMENDING_TITLE = re.compile(
    r"(?<!\band )(?<!\bund )(?<!\bsowie )(?<!\bet )\b(?:amending|zur Änderung|modifiant)\b", re.IGNORECASE
)
ABOUT_ENTRY = re.compile(r"\s(?:does|do|shall|includes?|controls?|applies|apply|and|or)\b")
PRODUCT_GROUP = re.compile(r"^\d[A-E]\b")
CATEGORY = re.compile(r"^[‘“]?Category\s+(?:\d{1,2}|[IVX]{1,5})\b(?!.*[.;,]$).{0,100}$", re.IGNORECASE)
QUOTED_ARTICLE = re.compile(r"^[‘“\"']?((?:Article|Artikel)\s+(\d+[a-z]{0,3}))$")
QUOTE_OPENS = re.compile(r"^[‘“«„]")
QUOTE_ENDS = re.compile(r"[’”»“]\s*[;.,]?$")
TITLE_STARTS = re.compile(
    r"\b(?:REGULATION|DIRECTIVE|DECISION|JOINT ACTION|VERORDNUNG|RICHTLINIE|BESCHLUSS|RÈGLEMENT|RAHMENBESCHLUSS)\b.*\d"
)
TITLE_ENDS = re.compile(
    r"^(?:THE |DER |DIE |DAS |LE |Having regard|\(OJ |\(ABl|Amended by|Geändert durch|Whereas|\(Text with|\(Text von|gestützt)"
)


def is_european(source: Sequence[Line]) -> bool:
    """Whether the lines are those of an act of the Union: its articles, and recitals, a formula or consolidation marks."""
    articles = sum(1 for line in source if not line.row and (ARTICLE.match(line.text) or SOLE_ARTICLE.match(line.text)))
    signs = sum(
        1
        for line in source
        if ENACTING.match(line.text)
        or RECITALS.match(line.text)
        or MARKER_LINE.match(line.text)
        or CLOSING.match(line.text)
    )
    return articles >= 1 and signs >= 1


def title_of(source: Sequence[Line]) -> str:
    """The act's title from its head: the line that names it and those after it, up to the institution or the first article."""
    found: list[str] = []
    for line in source[:80]:
        text = INLINE_MARK.sub(" ", line.text).strip()
        if found and (
            TITLE_ENDS.match(text)
            or ARTICLE.match(text)
            or MARKER_LINE.match(line.text)
            or line.row
            or MARK.match(text)
            or GROUP.match(text)
        ):
            break
        if found or (TITLE_STARTS.search(text) and text[:12].isupper()):
            found.append(text)
    return " ".join(found)[:600] if len(found) < 9 else ""
