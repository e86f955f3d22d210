"""Charts as SVG made on the server: figures over time with the target, bars beside one another; no style attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

from hatangso.vietnamese import format_number

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 260, 64, 24, 28, 44


@dataclass(frozen=True)
class Chart:
    """The words of a chart; ``target`` is drawn as a dashed line, ``breaks`` (period → sentence) as upright ones."""

    title: str
    unit: str = ""
    target: float | None = None
    breaks: Mapping[str, str] = field(default_factory=dict)


def draw_series(points: Sequence[tuple[str, float | None]], *, chart: Chart) -> str:
    """Return a chart of (name of the period, value); the line breaks where a value is unknown or the map changed."""
    known = [value for _, value in points if value is not None]
    if not known:
        return ""
    low, high = _span([*known, *([chart.target] if chart.target is not None else [])])
    across = (_WIDTH - _LEFT - _RIGHT) / max(len(points) - 1, 1)

    def place(number: int, value: float) -> tuple[float, float]:
        up = (value - low) / (high - low)
        return _LEFT + number * across, _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-size="13">',
        f"<title>{escape(chart.title)}</title>",
        f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}" fill="none" stroke="#767b85"/>',
    ]
    if chart.target is not None:
        parts.append(_target_line(place(0, chart.target)[1], chart))
    parts += [
        _break_line(_LEFT + (number - 0.5) * across, chart.breaks[name])
        for number, (name, _) in enumerate(points)
        if number and name in chart.breaks
    ]
    parts += _segments(points, chart, place)
    parts += _dots(points, chart, place)
    return "".join([*parts, "</svg>"])


def draw_bar(value: float | None, *, most: float) -> str:
    """Return a bar of a table's cell, as long as ``value`` is of ``most``; nothing for an unknown value."""
    if value is None or most <= 0:
        return ""
    length = max(0.0, min(100.0, 100 * value / most))
    return (
        '<svg class="bar" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="8" fill="#ecedef"/><rect width="{length:.1f}" height="8" fill="#0b4a82"/></svg>'
    )


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    return (low - room if low < 0 or low - room > 0 else 0.0), high + room


def _target_line(y: float, chart: Chart) -> str:
    words = f"mục tiêu {format_number(chart.target or 0.0)} {chart.unit}".strip()
    return (
        f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" fill="none" stroke="#8c1c22" stroke-dasharray="6 4" stroke-width="1.5"/>'
        f'<text x="{_LEFT + 6}" y="{y - 5:.1f}" fill="#8c1c22">{escape(words)}</text>'
    )


def _break_line(x: float, sentence: str) -> str:
    return (
        f'<path d="M{x:.1f} {_TOP - 6}V{_HEIGHT - _BOTTOM}" fill="none" stroke="#7a4a00" stroke-dasharray="2 3" stroke-width="1.5">'
        f"<title>{escape(sentence)}</title></path>"
        f'<text x="{x:.1f}" y="{_TOP - 11}" text-anchor="middle" fill="#7a4a00">địa giới đổi</text>'
    )


def _segments(points, chart: Chart, place) -> list[str]:  # type: ignore[no-untyped-def]
    parts = []
    for (number, (_, before)), (_n, (name, after)) in pairwise(enumerate(points)):
        if before is None or after is None or name in chart.breaks:
            continue
        x1, y1 = place(number, before)
        x2, y2 = place(number + 1, after)
        parts.append(
            f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" fill="none" stroke="#0b4a82" stroke-width="2.5"/>'
        )
    return parts


def _decimals(value: float, chart: Chart) -> int:
    return 0 if chart.unit != "%" and value == round(value) else 1


def _dots(points, chart: Chart, place) -> list[str]:  # type: ignore[no-untyped-def]
    parts = []
    step = max(1, len(points) // 8)
    for number, (name, value) in enumerate(points):
        x = place(number, 0.0)[0]
        if value is not None:
            y = place(number, value)[1]
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0b4a82"><title>{escape(name)}: {format_number(value)} {escape(chart.unit)}</title></circle>'
            )
            if number % step == 0 or number == len(points) - 1:
                parts.append(
                    f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle" fill="#1b2430">{format_number(value, _decimals(value, chart))}</text>'
                )
        if number % step == 0:
            anchor = "end" if number and number == len(points) - 1 else "middle"
            parts.append(
                f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="{anchor}" fill="#4a5565">{escape(name)}</text>'
            )
    return parts
