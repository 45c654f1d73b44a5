"""The QR code of a memo, as a picture. Only importer of segno."""

import io

import segno


def svg(said: str) -> str:
    """As SVG, black on nothing, without a border."""
    out = io.BytesIO()
    segno.make(said, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode()


def png(said: str, scale: int = 8) -> bytes:
    """As PNG with the white border that a reader of it needs."""
    out = io.BytesIO()
    segno.make(said, error="m", micro=False).save(out, kind="png", scale=scale, border=2)
    return out.getvalue()
