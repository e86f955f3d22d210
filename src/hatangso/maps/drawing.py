"""Draws a map for a letter or a page: SVG for the browser, PNG where a letter cannot hold SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hatangso.maps.layers import Layer, MapSheet
from hatangso.maps.png import paint_png
from hatangso.maps.sheet import lay_out
from hatangso.maps.svg import write_svg


def draw_map(layers: Sequence[Layer], *, sheet: MapSheet) -> str:
    """Return the map as SVG.

    Areas, grids, lines and points are drawn from back to front in their order, with title, legend, scale bar,
    north arrow and source. Classes differ by lightness and pattern, lines by dashes, points by shape, so that
    the map can be read on a black-and-white print.

    Parameters
    ----------
    layers : what to show, in degrees WGS 84
    sheet : size and words

    Returns
    -------
    One SVG document, the same bytes for the same input.

    Raises
    ------
    InputError
        when there is nothing to draw or the sheet is too small for its legend.
    """
    return write_svg(lay_out(layers, sheet))


def draw_map_png(
    layers: Sequence[Layer], *, sheet: MapSheet, dots_per_inch: int = 200, font: Path | None = None
) -> bytes:
    """Return the same map as a PNG picture; see :func:`draw_map` and :func:`hatangso.maps.png.paint_png`."""
    return paint_png(lay_out(layers, sheet), dots_per_inch=dots_per_inch, font=font)
