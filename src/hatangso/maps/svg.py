"""Writes a drawn sheet as SVG: presentation attributes only, so that a strict Content-Security-Policy lets it be."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from PIL import Image

from hatangso.maps.shapes import Drawing, Fill, Mark, Picture, Shape, Stroke, Words

_FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
_TILES = {
    "dots": '<circle cx="0.6" cy="0.6" r="0.18" fill="{ink}"/>',
    "rising": '<path d="M-0.3 0.3L0.3 -0.3M0 1.5L1.5 0M1.2 1.8L1.8 1.2" stroke="{ink}" stroke-width="0.16"/>',
    "falling": '<path d="M-0.3 1.2L0.3 1.8M0 0L1.5 1.5M1.2 -0.3L1.8 0.3" stroke="{ink}" stroke-width="0.16"/>',
    "crossed": '<path d="M0 1.5L1.5 0M0 0L1.5 1.5" stroke="{ink}" stroke-width="0.14"/>',
    "dense": '<path d="M0 0.75L1.5 0.75" stroke="{ink}" stroke-width="0.2"/>',
    "empty": '<circle cx="0.75" cy="0.75" r="0.1" fill="{ink}"/>',
}


def write_svg(drawing: Drawing) -> str:
    """Return the sheet as one SVG document with a title and a description for those who cannot see it."""
    wide, high = _number(drawing.width_mm), _number(drawing.height_mm)
    x, y, width, height = (_number(value) for value in drawing.clip)
    # Two maps on one page must not share the names of their parts.
    own = f"m{zlib.crc32(drawing.description.encode()):08x}"
    patterns = _patterns((*drawing.map_marks, *drawing.sheet_marks), own)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}"'
        f' role="img" font-family="{_FONT}">',
        f"<title>{escape(drawing.title)}</title>",
        f"<desc>{escape(drawing.description)}</desc>",
        f'<defs><clipPath id="{own}"><rect x="{x}" y="{y}" width="{width}" height="{height}"/></clipPath>',
        *patterns.values(),
        "</defs>",
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
        f'<g clip-path="url(#{own})" stroke-linejoin="round">',
        *_written(drawing.map_marks, own),
        "</g>",
        *_written(drawing.sheet_marks, own),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _patterns(marks: Iterable[Mark], own: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for mark in marks:
        fill = mark.fill if isinstance(mark, Shape) else None
        if fill and fill.pattern != "plain":
            tile = _TILES[fill.pattern].format(ink=fill.ink)
            found[_name(fill, own)] = (
                f'<pattern id="{_name(fill, own)}" width="1.5" height="1.5" patternUnits="userSpaceOnUse">'
                f'<rect width="1.5" height="1.5" fill="{fill.colour}"/>{tile}</pattern>'
            )
    return found


def _name(fill: Fill, own: str) -> str:
    return f"{own}-{fill.pattern}-{fill.colour[1:]}"


def _written(marks: Iterable[Mark], own: str) -> Iterator[str]:
    for mark in marks:
        match mark:
            case Shape():
                yield _shape(mark, own)
            case Stroke():
                yield _stroke(mark)
            case Words():
                yield from _words(mark)
            case Picture():
                yield _picture(mark)


def _shape(mark: Shape, own: str) -> str:
    path = "".join(f"M{_points(ring)}Z" for ring in mark.rings)
    fill = "none"
    if mark.fill:
        fill = mark.fill.colour if mark.fill.pattern == "plain" else f"url(#{_name(mark.fill, own)})"
    opened = (
        f'<path d="{path}" fill="{fill}" fill-rule="evenodd" stroke="{mark.stroke}"'
        f' stroke-width="{_number(mark.stroke_mm)}"'
    )
    return f"{opened}><title>{escape(mark.hint)}</title></path>" if mark.hint else f"{opened}/>"


def _stroke(mark: Stroke) -> str:
    dashes = f' stroke-dasharray="{" ".join(map(_number, mark.dashes_mm))}"' if mark.dashes_mm else ""
    return (
        f'<path d="M{_points(mark.points)}" fill="none" stroke="{mark.colour}"'
        f' stroke-width="{_number(mark.width_mm)}"{dashes}/>'
    )


def _words(mark: Words) -> Iterator[str]:
    bold = ' font-weight="bold"' if mark.bold else ""
    opened = (
        f'<text x="{_number(mark.x)}" y="{_number(mark.y)}" font-size="{_number(mark.size_mm)}"'
        f" text-anchor={quoteattr(mark.anchor)}{bold}"
    )
    if mark.halo:
        yield f'{opened} fill="none" stroke="#ffffff" stroke-width="0.7" aria-hidden="true">{escape(mark.text)}</text>'
    yield f'{opened} fill="#111111">{escape(mark.text)}</text>'


def _picture(mark: Picture) -> str:
    file = io.BytesIO()
    Image.fromarray(mark.pixels).save(file, "PNG", optimize=True)
    coded = base64.b64encode(file.getvalue()).decode("ascii")
    return (
        f'<image x="{_number(mark.x)}" y="{_number(mark.y)}" width="{_number(mark.width)}"'
        f' height="{_number(mark.height)}" preserveAspectRatio="none" href="data:image/png;base64,{coded}"/>'
    )


def _points(points: np.ndarray) -> str:
    return " ".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
