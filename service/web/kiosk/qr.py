"""The QR code that leads a person to their own record."""

from __future__ import annotations

import io

import segno

DARK, LIGHT = "#10181d", "#ffffff"


def qr_svg(address: str) -> bytes:
    """An SVG picture of the QR code of an address, with its quiet zone."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=4, border=3, dark=DARK, light=LIGHT, xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue()
