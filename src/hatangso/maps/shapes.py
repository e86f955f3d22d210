"""What a drawn sheet consists of, in millimetres from its upper left corner: one record per kind of mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Pattern = Literal["plain", "dots", "rising", "falling", "crossed", "dense", "empty"]
Ring = np.ndarray


@dataclass(frozen=True)
class Fill:
    """A colour with a pattern over it, so that a photocopy still tells the classes apart."""

    colour: str
    pattern: Pattern = "plain"
    ink: str = "#333333"


@dataclass(frozen=True)
class Shape:
    """A filled polygon: rings of (n, 2) points, holes by the even-odd rule; ``hint`` is shown when pointed at."""

    rings: tuple[Ring, ...]
    fill: Fill | None
    stroke: str = "#444444"
    stroke_mm: float = 0.12
    hint: str = ""


@dataclass(frozen=True)
class Stroke:
    """A line of (n, 2) points; ``dashes_mm`` empty = solid."""

    points: np.ndarray
    colour: str = "#222222"
    width_mm: float = 0.6
    dashes_mm: tuple[float, ...] = ()


@dataclass(frozen=True)
class Words:
    """A line of text at its base line; ``halo`` draws it readable over a map."""

    x: float
    y: float
    text: str
    size_mm: float = 3.2
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    halo: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture of rows × columns × 4 bytes (red, green, blue, opacity) laid over a rectangle."""

    x: float
    y: float
    width: float
    height: float
    pixels: np.ndarray


Mark = Shape | Stroke | Words | Picture


@dataclass(frozen=True)
class Drawing:
    """A drawn sheet: its size and its marks from back to front; ``clip`` bounds those of the map itself."""

    width_mm: float
    height_mm: float
    title: str
    description: str
    clip: tuple[float, float, float, float]
    map_marks: tuple[Mark, ...]
    sheet_marks: tuple[Mark, ...]


SEQUENTIAL: tuple[Fill, ...] = (
    Fill("#f7f7e8", "plain"),
    Fill("#d5e5c8", "dots"),
    Fill("#a3cbb0", "rising"),
    Fill("#6aa9a6", "crossed", "#1d3f42"),
    Fill("#34778c", "falling", "#ffffff"),
    Fill("#16405b", "plain"),
)
VERDICTS: tuple[Fill, ...] = (
    Fill("#cfe3f5", "plain"),
    Fill("#8fbf9f", "dots"),
    Fill("#f2d479", "rising"),
    Fill("#d9855f", "crossed"),
    Fill("#8f4a6b", "falling", "#ffffff"),
    Fill("#5c5c5c", "plain"),
)
NOTHING = Fill("#ffffff", "empty", "#999999")


def fills(palette: str, count: int) -> tuple[Fill, ...]:
    """Return the fills of a palette for a number of classes; a short sequence is spread from light to dark."""
    if palette == "verdicts" or count == 1:
        return VERDICTS[:count]
    steps = np.linspace(0, len(SEQUENTIAL) - 1, count).round().astype(int)
    return tuple(SEQUENTIAL[step] for step in steps)
