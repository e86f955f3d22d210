"""Paints a drawn sheet with Pillow, for letters that cannot hold SVG."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hatangso.maps.shapes import Drawing, Fill, Mark, Picture, Shape, Stroke, Words

_FONT_NAMES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
)
_INCH_MM = 25.4


def paint_png(drawing: Drawing, *, dots_per_inch: int = 200, font: Path | None = None) -> bytes:
    """Return the sheet as a PNG picture with its size in millimetres written in it.

    Painted at twice the size and reduced, so that edges are smooth. ``font`` is a TrueType file; without it the
    first of DejaVu Sans, Liberation Sans, Arial, Noto Sans that the machine has, else Pillow's own (whose
    Vietnamese letters are incomplete).
    """
    scale = 2 * dots_per_inch / _INCH_MM
    size = (math.ceil(drawing.width_mm * scale), math.ceil(drawing.height_mm * scale))
    canvas = Image.new("RGB", size, "#ffffff")
    map_canvas = canvas.copy()
    _Painter(map_canvas, scale, font).paint(drawing.map_marks)
    x, y, width, height = drawing.clip
    left, top, right, bottom = (round(value * scale) for value in (x, y, x + width, y + height))
    canvas.paste(map_canvas.crop((left, top, right, bottom)), (left, top))
    _Painter(canvas, scale, font).paint(drawing.sheet_marks)
    file = io.BytesIO()
    smooth = canvas.resize((size[0] // 2, size[1] // 2), Image.Resampling.BOX)
    smooth.save(file, "PNG", dpi=(dots_per_inch, dots_per_inch), optimize=True)
    return file.getvalue()


class _Painter:
    """Paints marks on a canvas; millimetres become dots by ``scale``."""

    def __init__(self, canvas: Image.Image, scale: float, font: Path | None) -> None:
        self.canvas, self.scale, self.font = canvas, scale, font
        self.draw = ImageDraw.Draw(canvas)

    def paint(self, marks: Sequence[Mark]) -> None:
        """Paint marks from back to front; neighbouring shapes of one fill are painted together."""
        waiting: list[Shape] = []
        for mark in marks:
            if isinstance(mark, Shape) and mark.fill and mark.fill.pattern != "plain":
                waiting.append(mark)
                continue
            if not isinstance(mark, Shape):
                self._patterned(waiting)
                waiting = []
            match mark:
                case Shape():
                    self._shape(mark)
                case Stroke():
                    self._stroke(mark)
                case Words():
                    self._words(mark)
                case Picture():
                    self._picture(mark)
        self._patterned(waiting)

    def _dots(self, points: np.ndarray) -> list[tuple[float, float]]:
        return [(float(x) * self.scale, float(y) * self.scale) for x, y in points]

    def _outline(self, mark: Shape) -> None:
        width = max(round(mark.stroke_mm * self.scale), 1)
        for ring in mark.rings:
            dots = self._dots(ring)
            self.draw.line([*dots, dots[0]], fill=mark.stroke, width=width)

    def _shape(self, mark: Shape) -> None:
        if mark.fill and len(mark.rings) == 1:
            self.draw.polygon(self._dots(mark.rings[0]), fill=mark.fill.colour)
        elif mark.fill:
            self.canvas.paste(mark.fill.colour, mask=self._mask([mark]))
        self._outline(mark)

    def _mask(self, shapes: Sequence[Shape]) -> Image.Image:
        """Return where the shapes lie; a ring inside another of the same shape is a hole (even-odd)."""
        mask = np.zeros((self.canvas.height, self.canvas.width), dtype=bool)
        for mark in shapes:
            rings = [np.array(self._dots(ring)) for ring in mark.rings]
            every = np.concatenate(rings)
            left, top = (max(math.floor(value), 0) for value in every.min(axis=0))
            right = min(math.ceil(every[:, 0].max()) + 1, mask.shape[1])
            bottom = min(math.ceil(every[:, 1].max()) + 1, mask.shape[0])
            if right <= left or bottom <= top:
                continue
            inside = np.zeros((bottom - top, right - left), dtype=bool)
            for ring in rings:
                part = Image.new("1", (right - left, bottom - top))
                ImageDraw.Draw(part).polygon([(float(x), float(y)) for x, y in ring - (left, top)], fill=1)
                inside ^= np.asarray(part)
            mask[top:bottom, left:right] |= inside
        return Image.fromarray(mask)

    def _patterned(self, shapes: Sequence[Shape]) -> None:
        for fill in dict.fromkeys(mark.fill for mark in shapes if mark.fill):
            same = [mark for mark in shapes if mark.fill == fill]
            self.canvas.paste(_tiled(fill, self.canvas.size, self.scale), mask=self._mask(same))
        for mark in shapes:
            self._outline(mark)

    def _stroke(self, mark: Stroke) -> None:
        width = max(round(mark.width_mm * self.scale), 1)
        for piece in dashed(mark.points, mark.dashes_mm):
            self.draw.line(self._dots(piece), fill=mark.colour, width=width, joint="curve")

    def _words(self, mark: Words) -> None:
        size = max(round(mark.size_mm * self.scale), 6)
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[mark.anchor]
        self.draw.text(
            (mark.x * self.scale, mark.y * self.scale),
            mark.text,
            fill="#111111",
            font=_font(size, mark.bold, self.font),
            anchor=anchor,
            stroke_width=round(0.35 * self.scale) if mark.halo else 0,
            stroke_fill="#ffffff",
        )

    def _picture(self, mark: Picture) -> None:
        size = (max(round(mark.width * self.scale), 1), max(round(mark.height * self.scale), 1))
        picture = Image.fromarray(mark.pixels).resize(size, Image.Resampling.NEAREST)
        self.canvas.paste(picture, (round(mark.x * self.scale), round(mark.y * self.scale)), picture)


def _tiled(fill: Fill, size: tuple[int, int], scale: float) -> Image.Image:
    """Return a canvas covered with the pattern of a fill."""
    side = max(round(1.5 * scale), 6)
    tile = Image.new("RGB", (side, side), fill.colour)
    draw, line = ImageDraw.Draw(tile), max(round(0.16 * scale), 1)
    if fill.pattern in {"rising", "crossed"}:
        for shift in (-side, 0, side):
            draw.line([(shift, side), (shift + side, 0)], fill=fill.ink, width=line)
    if fill.pattern in {"falling", "crossed"}:
        for shift in (-side, 0, side):
            draw.line([(shift, 0), (shift + side, side)], fill=fill.ink, width=line)
    if fill.pattern == "dense":
        draw.line([(0, side // 2), (side, side // 2)], fill=fill.ink, width=line)
    if fill.pattern in {"dots", "empty"}:
        radius = max(side * (0.12 if fill.pattern == "dots" else 0.07), 1)
        draw.ellipse(
            [side / 2 - radius, side / 2 - radius, side / 2 + radius, side / 2 + radius], fill=fill.ink
        )
    pixels = np.asarray(tile)
    repeated = np.tile(pixels, (math.ceil(size[1] / side), math.ceil(size[0] / side), 1))
    return Image.fromarray(np.ascontiguousarray(repeated[: size[1], : size[0]]))


def dashed(points: np.ndarray, dashes: Sequence[float]) -> list[np.ndarray]:
    """Cut a line into its dashes; without dashes the line itself."""
    if not dashes:
        return [points]
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    bounds = np.concatenate(
        [[0.0], np.cumsum(np.resize(dashes, 2 * math.ceil(along[-1] / sum(dashes)) * len(dashes)))]
    )
    pieces = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        if start >= along[-1]:
            break
        inner = along[(along > start) & (along < min(end, along[-1]))]
        stations = np.concatenate([[start], inner, [min(end, along[-1])]])
        pieces.append(np.column_stack([np.interp(stations, along, points[:, axis]) for axis in (0, 1)]))
    return pieces


@lru_cache(maxsize=64)
def _font(size: int, bold: bool, path: Path | None) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    names = [str(path)] if path else [pair[bold] for pair in _FONT_NAMES]
    for name in names:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
