"""A line chart as SVG made on the server: figures over time, the target as a dashed line; no style attributes."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from hatangso.vietnamese import format_number

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 260, 64, 24, 20, 44


def draw_series(
    points: Sequence[tuple[str, float]], *, target: float | None = None, unit: str = "", title: str = ""
) -> str:
    """Return a chart of (name of the period, value); the line breaks nowhere, unknown periods are left out.

    Parameters
    ----------
    target : drawn as a dashed line with its value
    """
    if not points:
        return ""
    values = [value for _, value in points] + ([target] if target is not None else [])
    low, high = min(values), max(values)
    room = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    low, high = low - room if low < 0 or low - room > 0 else 0.0, high + room
    across = (_WIDTH - _LEFT - _RIGHT) / max(len(points) - 1, 1)

    def place(number: int, value: float) -> tuple[float, float]:
        up = (value - low) / (high - low)
        return _LEFT + number * across, _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}" fill="none" stroke="#767b85"/>',
    ]
    if target is not None:
        _, y = place(0, target)
        words = f"mục tiêu {format_number(target)} {unit}".strip()
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" fill="none" stroke="#8c1c22" stroke-dasharray="6 4" stroke-width="1.5"/>'
            f'<text x="{_WIDTH - _RIGHT}" y="{y - 5:.1f}" text-anchor="end" fill="#8c1c22">{escape(words)}</text>'
        )
    line = " ".join(
        f"{x:.1f} {y:.1f}" for x, y in (place(number, value) for number, (_, value) in enumerate(points))
    )
    parts.append(f'<path d="M{line}" fill="none" stroke="#0b4a82" stroke-width="2.5"/>')
    for number, (name, value) in enumerate(points):
        x, y = place(number, value)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0b4a82"><title>{escape(name)}: {format_number(value)} {escape(unit)}</title></circle>'
            f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle" fill="#1b2430">{format_number(value, 1)}</text>'
        )
        if number % max(1, len(points) // 8) == 0:
            parts.append(
                f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle" fill="#4a5565">{escape(name)}</text>'
            )
    return "".join([*parts, "</svg>"])
