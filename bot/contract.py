"""An Answer as the JSON object that other programs read."""

from datetime import date
from decimal import Decimal
from typing import Any

from knowledge.model import (
    Answer,
    Citation,
    Determination,
    Good,
    Missing,
    PartyMatch,
    Place,
    Quantity,
    Step,
    Transaction,
)


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer's keys in the contract's order; every value is plain JSON."""
    result: dict[str, Any] = {} if answer.id is None else {"id": answer.id}
    result |= {
        "question": answer.question,
        "lang": answer.lang,
        "on": answer.on.isoformat(),
        "behaviour": str(answer.behaviour),
        "verdict": str(answer.verdict),
        "determinations": [_determination(d, answer) for d in answer.determinations],
        "transaction": _transaction(answer.transaction),
        "red_flags": [
            {
                "id": f.id,
                "why": f.why[answer.lang],
                "citations": [_number(answer, f.reference.instrument, f.reference.provision)],
            }
            for f in answer.red_flags
        ],
        "missing": [_missing(m, q) for m, q in zip(answer.missing, answer.questions, strict=True)],
        "citations": [_citation(c) for c in answer.citations],
        "text": answer.text,
        "rulebook": answer.rulebook,
        "generation": answer.generation,
    }
    return result


def _number(answer: Answer, instrument: str, provision: str) -> int | None:
    return next((c.n for c in answer.citations if (c.instrument, c.provision) == (instrument, provision)), None)


def _determination(d: Determination, answer: Answer) -> dict[str, Any]:
    cited = {
        n for f in d.findings if (n := _number(answer, f.reference.instrument, f.reference.provision)) is not None
    }  # fmt: skip
    return {
        "regime": d.regime,
        "outcome": str(d.outcome),
        "status": str(d.status),
        "entries": list(d.entries),
        "instruments": list(d.instruments),
        "licence": None
        if d.licence is None
        else {
            "kind": d.licence.kind,
            "authority": d.licence.authority,
            "apply": [n for r in d.licence.provisions if (n := _number(answer, r.instrument, r.provision)) is not None],
        },
        "missing": [m.fact for m in d.missing],
        "trace": [_step(s) for s in d.trace],
        "citations": sorted(cited),
    }


def _step(step: Step) -> dict[str, Any]:
    return {"rule": step.label, "result": {True: "true", False: "false", None: "unknown"}[step.truth], "why": step.why}


def _missing(missing: Missing, question: str) -> dict[str, Any]:
    return {"fact": missing.fact, "why": "decides" if missing.decides else "caveat", "ask": question}


def _citation(c: Citation) -> dict[str, Any]:
    return {
        "n": c.n,
        "instrument": c.instrument,
        "provision": c.provision,
        "title": c.title,
        "url": c.url,
        "quote": c.quote,
        "sha256": c.sha256,
        "start": c.start,
        "end": c.end,
        "page": c.page,
        "effective_from": _date(c.effective_from),
        "effective_to": _date(c.effective_to),
        "confidence": str(c.confidence),
        "digest": c.digest,
        "label": c.label,
        "language": c.language,
    }


def _transaction(t: Transaction) -> dict[str, Any]:
    return {
        "goods": [_good(g) for g in t.goods],
        "origin": _place(t.origin) | {"assumed": t.origin_assumed} if t.origin else None,
        "destination": _place(t.destination) if t.destination else None,
        "transit": [_place(p) for p in t.transit],
        "parties": [_party(m) for m in t.parties],
        "end_use": t.end_use,
        "date": None if t.when is None else {"first": t.when.first.isoformat(), "last": t.when.last.isoformat()},
    }


def _good(g: Good) -> dict[str, Any]:
    return {
        "name": g.name,
        "kind": g.kind,
        "materials": dict(g.elements),
        "form": list(g.forms),
        "properties": {
            k: _quantity(q) for k, q in {**g.properties, **{f"share:{e}": q for e, q in g.shares.items()}}.items()
        }
        | ({"dimensions": [_quantity(q) for q in g.dimensions]} if g.dimensions else {}),
        "hs": list(g.hs),
        "codes": list(g.codes),
    }


def _quantity(q: Quantity) -> dict[str, Any]:
    return {"value": _plain(q.magnitude), "unit": q.unit, "bound": q.bound}


def _plain(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def _place(place: Place) -> dict[str, Any]:
    return {"country": place.country, "name": place.name}


def _party(match: PartyMatch) -> dict[str, Any]:
    return {
        "name": match.name,
        "list": match.party.list,
        "listed": match.party.name["en"],
        "score": round(match.score, 1),
    }


def _date(value: date | None) -> str | None:
    return value.isoformat() if value else None
