"""Korea's statutes from the open service of law.go.kr: a search by name, then the text as XML.

The service wants an account id (OC), which is handed in and shown nowhere. Its answer is turned into plain text, a block
a line and a blank line between: articles (조문), paragraphs (항), items (호) and sub-items (목), in the publisher's words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from ingest.connectors.base import Element, Item, SourceError, bad_spec, iso_date, known, read_xml
from ingest.fetch import Fetched, Fetcher
from knowledge.errors import BadInput

OFFICIAL = "https://www.law.go.kr"
ACCEPTED = "kr:대외무역법 (the name of a law in force), or kr:mst/276491 (one version by its serial number)"


@dataclass(frozen=True)
class LawGoKr:
    """`kr:` see ACCEPTED. `account` is the OC id of open.law.go.kr."""

    account: str = field(default="", repr=False)
    base: str = OFFICIAL

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The one law."""
        serial = re.fullmatch(r"(?:mst/|MST=)(\d{1,9})", spec)
        if not serial and not re.search(r"[가-힣]", spec):
            raise bad_spec("kr", spec, ACCEPTED)
        if not self.account:
            fix = "register at open.law.go.kr and set NAVICERT_LAW_GO_KR_OC to the account id"
            raise BadInput(f"kr:{spec} needs an account of law.go.kr, and none is set. To use it, {fix}.")
        row = {"mst": serial[1]} if serial else self._search(" ".join(spec.split()), fetcher)
        url = f"{self.base}/DRF/lawService.do?{urlencode({'target': 'law', 'type': 'XML', 'MST': row['mst']})}"
        name = row.get("title", "")
        metadata = known(
            source="law_go_kr",
            regime="KR",
            kind="law" if row.get("kind", "법률") == "법률" else "regulation",
            language="ko",
            title=name,
            number=row.get("number"),
            announced=iso_date(row.get("announced", "")),
            effective=iso_date(row.get("effective", "")),
            issuers=row.get("ministry"),
            revision=row["mst"],
            instrument=f"KR-{name.replace(' ', '-')}" if name else "",
        )

        def get() -> Fetched:
            got = fetcher.get(url, secret={"OC": self.account})
            text = law_text(read_xml(got.body, got.final_url), got.final_url)
            return replace(got, body=text.encode(), content_type="text/plain; charset=utf-8")

        page = (
            f"{OFFICIAL}/법령/{quote(name.replace(' ', ''))}" if name else f"{OFFICIAL}/lsInfoP.do?lsiSeq={row['mst']}"
        )
        yield Item(f"kr:{row.get('id') or row['mst']}", page, f"{name or row['mst']}.txt", get, metadata)

    def _search(self, name: str, fetcher: Fetcher) -> dict[str, str]:
        """The row of the law in force with exactly this name. Raises SourceError with the names that are near."""
        query = urlencode({"target": "law", "type": "XML", "query": name, "display": "100"})
        got = fetcher.get(f"{self.base}/DRF/lawSearch.do?{query}", secret={"OC": self.account})
        root = read_xml(got.body, got.final_url)
        if root.tag != "LawSearch":
            raise SourceError(
                got.final_url, f"no list came ({_words(root)[:80]})", "check the account id (OC) and its rights"
            )
        rows = [
            {key: _words(law.find(tag)) for key, tag in _COLUMNS.items() if law.find(tag) is not None}
            for law in root.iter("law")
        ]
        same = [
            row for row in rows if row.get("title", "").replace(" ", "") == name.replace(" ", "") and row.get("mst")
        ]
        if not same:
            near = ", ".join(row.get("title", "") for row in rows[:5]) or "none"
            raise SourceError(f"kr:{name}", f"there is no law of this name; near names: {near}", "use the full name")
        current = [row for row in same if row.get("state", "현행") == "현행"]
        return max(current or same, key=lambda row: row.get("effective", ""))


_COLUMNS = {
    "mst": "법령일련번호",
    "title": "법령명한글",
    "id": "법령ID",
    "state": "현행연혁코드",
    "number": "공포번호",
    "announced": "공포일자",
    "effective": "시행일자",
    "ministry": "소관부처명",
    "kind": "법령구분명",
}


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def law_text(root: Element, place: str) -> str:
    """The law as plain text, its title first.

    Raises SourceError for an answer without articles, such as the service's refusal of an account.
    """
    units = list(root.iter("조문단위"))
    if root.tag != "법령" or not units:
        raise SourceError(place, f"no law came ({_words(root)[:80]})", "check the account id (OC) and the number")
    out = [_words(root.find("기본정보/법령명_한글"))]
    for unit in units:
        text = _words(unit.find("조문내용"))
        if _words(unit.find("조문여부")) == "전문":  # the heading of a part, chapter or section
            out.append(text)
            continue
        out.append(text)
        out += [_words(tag) for tag in unit.iter("항내용", "호내용", "목내용")]
    for part in root.iter("부칙내용"):
        text = _words(part)
        out += [text] if re.match(r"부\s*칙", text) else ["부칙", text]
    return "\n\n".join(line for line in out if line.strip()) + "\n"
