"""Drawings of the page of an area: where it came from and what became of it, and its outline on the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import shapely
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from hatangso.maps.drawing import draw_map
from hatangso.maps.layers import AreaLayer, MapSheet
from hatangso.maps.sheet import wrap
from hatangso_web.areas.models import Area, AreaVersion, Boundary
from hatangso_web.areas.queries import in_force
from hatangso_web.gazetteer.queries import Step

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _TOP = 210, 52, 90, 12, 34
_MOST = 10
_LETTER = 7.2


@dataclass(frozen=True)
class _Box:
    code: str
    name: str
    column: int
    row: int

    @property
    def x(self) -> int:
        return 6 + self.column * (_WIDTH + _GAP_X)

    @property
    def y(self) -> int:
        return _TOP + self.row * (_HEIGHT + _GAP_Y)


def lineage_svg(area: Area, steps: Sequence[Step]) -> SafeString:
    """Draw the changes of an area from left to right, one column between two days of change.

    The table below the drawing says the same in words. At most ten boxes stand in a column; one more says how
    many were left out. Empty when nothing ever changed.
    """
    if not steps:
        return mark_safe("")
    days = sorted({step.on for step in steps})
    columns: list[dict[str, str]] = [{} for _day in range(len(days) + 1)]
    for step in steps:
        place = days.index(step.on)
        columns[place].setdefault(step.before.code, step.before.name)
        if step.after:
            columns[place + 1].setdefault(step.after.code, step.after.name)
    boxes, left_out = _place(columns, own=area.code)
    edges = [_edge(step, days.index(step.on), boxes) for step in steps]
    rows = max(len(column) for column in _rows_of(boxes, left_out))
    width = len(columns) * _WIDTH + len(days) * _GAP_X + 12
    height = _TOP + rows * (_HEIGHT + _GAP_Y) + 4
    title = _("Quá trình thay đổi của %(area)s") % {"area": area.name}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" aria-labelledby="qua-trinh-ten" font-size="13">',
        f'<title id="qua-trinh-ten">{escape(title)}</title>',
        *(_day_mark(day, place, height) for place, day in enumerate(days)),
        *(edge for edge in edges if edge),
        *(_drawn(box, own=box.code == area.code) for box in boxes.values()),
        *(_rest(column, number) for column, number in left_out.items()),
        "</svg>",
    ]
    return mark_safe("".join(parts))  # every text in it was escaped


def _place(columns: list[dict[str, str]], *, own: str) -> tuple[dict[tuple[int, str], _Box], dict[int, int]]:
    """Return the boxes by (column, code), the area itself first, and how many each column leaves out."""
    boxes, left_out = {}, {}
    for number, column in enumerate(columns):
        codes = sorted(column, key=lambda code: (code != own, code))
        for row, code in enumerate(codes[:_MOST]):
            boxes[number, code] = _Box(code, column[code], number, row)
        if len(codes) > _MOST:
            left_out[number] = len(codes) - _MOST
    return boxes, left_out


def _rows_of(boxes: dict[tuple[int, str], _Box], left_out: dict[int, int]) -> list[list[str]]:
    numbers = {number for number, _code in boxes}
    return [
        [code for column, code in boxes if column == number] + ["…"] * (number in left_out)
        for number in numbers
    ]


def _edge(step: Step, place: int, boxes: dict[tuple[int, str], _Box]) -> str:
    start = boxes.get((place, step.before.code))
    end = boxes.get((place + 1, step.after.code)) if step.after else None
    if start is None or end is None:
        return ""
    x1, y1, x2, y2 = start.x + _WIDTH, start.y + _HEIGHT / 2, end.x, end.y + _HEIGHT / 2
    middle = (x1 + x2) / 2
    dashes = "" if step.part == _("toàn bộ") else ' stroke-dasharray="5 4"'
    hint = f"{step.before.name} → {step.after.name if step.after else ''}: {step.kind}, {step.part}"
    return (
        f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2 - 5} {y2}" fill="none" stroke="#4a5565"'
        f' stroke-width="1.6"{dashes}><title>{escape(hint)}</title></path>'
        f'<path d="M{x2 - 8} {y2 - 4}L{x2} {y2}L{x2 - 8} {y2 + 4}Z" fill="#4a5565"/>'
    )


def _drawn(box: _Box, *, own: bool) -> str:
    lines = wrap(box.name, _WIDTH - 16, _LETTER / 0.56)[:2]
    fill, stroke = ("#e8f0f8", "#0b4a82") if own else ("#ffffff", "#767b85")
    address = escape(reverse("gazetteer:area", args=[box.code]))
    words = "".join(
        f'<text x="{box.x + 8}" y="{box.y + 17 + 15 * number}" font-weight="600">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    code = f'<text x="{box.x + 8}" y="{box.y + 17 + 15 * len(lines)}" fill="#4a5565" font-size="12">{escape(box.code)}</text>'
    rectangle = (
        f'<rect x="{box.x}" y="{box.y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5" fill="{fill}"'
        f' stroke="{stroke}" stroke-width="{2 if own else 1}"/>'
    )
    return f'<a href="{address}">{rectangle}{words}{code}</a>'


def _rest(column: int, number: int) -> str:
    x, y = 6 + column * (_WIDTH + _GAP_X), _TOP + _MOST * (_HEIGHT + _GAP_Y)
    words = _("và %(number)s đơn vị khác (xem bảng)") % {"number": number}
    return f'<text x="{x + 8}" y="{y + 24}" fill="#4a5565">{escape(words)}</text>'


def _day_mark(day: date, place: int, height: int) -> str:
    x = 6 + (place + 1) * _WIDTH + place * _GAP_X + _GAP_X / 2
    return (
        f'<text x="{x}" y="16" text-anchor="middle" font-weight="600">{day:%d/%m/%Y}</text>'
        f'<path d="M{x} 22V{height}" stroke="#d5d3cb" stroke-width="1"/>'
    )


def area_map(area: Area, *, on: date) -> str | None:
    """Return the map of an area on a day as SVG: its parts where they have borders, else itself; None without any."""
    parts = _borders(in_force(AreaVersion.objects.filter(parent=area), on=on))
    itself = _borders(in_force(AreaVersion.objects.filter(area=area), on=on))
    rows = parts or itself
    if not rows:
        return None
    sources = sorted({row.source for row in rows if row.source})
    layer = AreaLayer(
        polygons=shapely.from_wkb([bytes(row.simple) for row in rows]),
        classes=[0] * len(rows),
        legend=[_("địa giới trong hệ thống")],
        names=[row.version.name for row in rows],
    )
    sheet = MapSheet(
        title=area.name,
        subtitle=_("Ranh giới ngày %(day)s") % {"day": f"{on:%d/%m/%Y}"},
        source="; ".join(sources) or _("tệp ranh giới đã nạp"),
        height_mm=150.0,
    )
    return draw_map([layer], sheet=sheet)


def _borders(versions) -> list[Boundary]:  # type: ignore[no-untyped-def]
    found = Boundary.objects.filter(version__in=versions).defer("full").select_related("version")
    return list(found.order_by("version__name_order"))
