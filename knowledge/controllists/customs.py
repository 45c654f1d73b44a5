"""Customs codes that the export annexes of Regulation (EU) 833/2014 name: bare numbers in a question are known by them."""

import json
from functools import lru_cache
from pathlib import Path

_TABLES = Path(__file__).resolve().parent.parent / "rules" / "eu" / "compiled" / "annexes_833.json"


@lru_cache(maxsize=1)
def export_codes() -> frozenset[str]:
    """The codes as digits, six and more: shorter ones would take any number for a customs code."""
    annexes = json.loads(_TABLES.read_text(encoding="utf-8"))["annexes"]
    rows = (row[0] for annex in annexes if annex["direction"] == "export" for row in annex["rows"])
    digits = ("".join(c for c in code if c.isdigit()) for code in rows)
    return frozenset(d.rstrip("0") if len(d.rstrip("0")) >= 6 else d for d in digits if len(d) >= 6)
