"""Pictures made on the server: the distribution of tests with its floor and median, and the map of bad places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import shapely
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from hatangso.maps.drawing import draw_map
from hatangso.maps.layers import AreaLayer, Layer, MapSheet, PointLayer
from hatangso.speed.histogram import value_of
from hatangso.vietnamese import format_number
from hatangso_web.areas.models import Boundary, Level
from hatangso_web.areas.queries import below
from hatangso_web.measurements.models import Campaign
from hatangso_web.measurements.queries import Result

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 560, 190, 46, 18, 30, 40
_BARS = 40


def distribution(result: Result, *, floor_mbps: float) -> SafeString:
    """Draw how many tests fall on which speed: bars below the floor hatched, lines at the floor and the median.

    Attributes only, no style: a strict Content-Security-Policy lets it be. Words say what lines and colours show.
    """
    top = _nice_top(max(_high_end(result), 1.4 * floor_mbps))
    edges = np.linspace(0, top, _BARS + 1)
    values = value_of(result.bins)
    amounts = np.histogram(np.minimum(values, top * (1 - 1e-9)), bins=edges, weights=result.counts)[0]
    share = amounts / max(amounts.sum(), 1)
    highest = _nice_share(float(share.max()))
    across = (_WIDTH - _LEFT - _RIGHT) / top
    up = (_HEIGHT - _TOP - _BOTTOM) / highest
    base = _HEIGHT - _BOTTOM
    name = f"nen{abs(hash((result.operator, result.technology, floor_mbps))) % 10**8}"
    parts = [
        f'<svg class="distribution" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-size="12">',
        f"<title>{escape(_describe(result, floor_mbps))}</title>",
        f'<defs><pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#fbe7e6"/><path d="M0 0V5" stroke="#9c1a1c" stroke-width="2"/></pattern></defs>',
        *_grid(top, highest, (across, up)),
    ]
    for number in range(_BARS):
        if share[number] == 0:
            continue
        x, width = _LEFT + edges[number] * across, (edges[1] - edges[0]) * across - 1
        fill = f"url(#{name})" if edges[number + 1] <= floor_mbps + 1e-9 else "#0b4a82"
        parts.append(
            f'<rect x="{x:.1f}" y="{base - share[number] * up:.1f}" width="{width:.1f}" height="{share[number] * up:.1f}" fill="{fill}"/>'
        )
    parts.append(_mark(_LEFT + floor_mbps * across, _("ngưỡng %(value)s") % {"value": format_number(floor_mbps)}, ("#9c1a1c", "", 12)))  # fmt: skip
    if result.median is not None:
        place = _LEFT + min(result.median, top) * across
        parts.append(_mark(place, _("trung vị %(value)s") % {"value": format_number(result.median, 1)}, ("#1b2430", "5 3", 25), on_left=result.median < floor_mbps))  # fmt: skip
    parts.append("</svg>")
    return mark_safe("".join(parts))  # every text in it is escaped above


def bad_places_map(
    campaign: Campaign, rows: Sequence[dict[str, Any]], spots: Any, *, measured: Collection[str]
) -> str | None:
    """Draw areas by verdict where borders are loaded, and the spots as points; nothing where neither is there.

    ``measured`` are the codes of the communes with tests: one without is drawn apart from one without a bad place.
    """
    layers: list[Layer] = []
    worst: dict[str, str] = {}
    for row in rows:
        code = (
            row["area"].code
            if row["area"].level != Level.VILLAGE
            else (row["area"].parent.code if row["area"].parent else "")
        )
        if worst.get(code) != "not_met":
            worst[code] = row["verdict"]
    borders = list(
        Boundary.objects.filter(
            below(campaign.area.path, column="version__area__path"),
            version__valid_until=None,
            version__level=Level.COMMUNE,
        ).values_list("version__area__code", "version__name", "simple")
    )
    if borders:
        kinds = {"not_met": 3, "cannot_tell": 2}
        layers.append(
            AreaLayer(
                [shapely.from_wkb(bytes(simple)) for _code, _name, simple in borders],
                [kinds.get(worst.get(code, ""), 1 if code in measured else 0) for code, _name, _simple in borders],
                [_("chưa có số đo"), _("không có nơi dưới ngưỡng trong số đo"), _("có nơi dưới ngưỡng, chưa đủ dữ liệu"), _("có nơi không đạt")],
                [name for _code, name, _simple in borders],
                "verdicts",
            )
        )  # fmt: skip
    if spots is not None and spots.height:
        names = [str(name or "") for name in spots["name"].to_list()]
        layers.append(
            PointLayer(spots["lon"].to_list(), spots["lat"].to_list(), _("điểm yếu (các ô dưới ngưỡng liền nhau)"), 2, names)
        )  # fmt: skip
    if not layers:
        return None
    title = _("Nơi dưới ngưỡng %(floor)s Mb/s: %(area)s") % {
        "floor": format_number(campaign.floor_mbps),
        "area": campaign.area.name,
    }
    source = _("%(campaign)s, công cụ %(tool)s, %(first)s đến %(last)s") % {
        "campaign": campaign.name,
        "tool": campaign.tool,
        "first": f"{campaign.starts_on:%d/%m/%Y}",
        "last": f"{campaign.ends_on:%d/%m/%Y}",
    }
    return draw_map(layers, sheet=MapSheet(title, source, height_mm=200))


def _describe(result: Result, floor_mbps: float) -> str:
    return _(
        "Phân bố tốc độ tải xuống của %(tests)s lần đo; ngưỡng %(floor)s Mb/s, trung vị %(median)s Mb/s"
    ) % {
        "tests": format_number(result.tests),
        "floor": format_number(floor_mbps),
        "median": "" if result.median is None else format_number(result.median, 1),
    }


def _grid(top: float, highest: float, scale: tuple[float, float]) -> list[str]:
    across, up = scale
    base = _HEIGHT - _BOTTOM
    parts = []
    for part in range(6):
        value = top * part / 5
        x = _LEFT + value * across
        words = format_number(value) if part < 5 else _("từ %(value)s") % {"value": format_number(value)}
        anchor = "middle" if part < 5 else "end"
        parts.append(
            f'<text x="{x + (12 if part == 5 else 0):.1f}" y="{base + 16}" text-anchor="{anchor}" fill="#4a5565">{escape(words)}</text>'
        )
    for part in (0, 1, 2):
        y = base - highest * part / 2 * up
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#d5d3cb"/>')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#4a5565">{format_number(100 * highest * part / 2)}%</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle" fill="#4a5565">{escape(_("tải xuống, Mb/s"))}</text>'
    )
    return parts


def _mark(x: float, words: str, look: tuple[str, str, int], *, on_left: bool = False) -> str:
    colour, dashes, height = look
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    left = x > _WIDTH * 0.62 or (on_left and x > _WIDTH * 0.25)
    anchor, place = ("end", x - 5) if left else ("start", x + 5)
    return (
        f'<path d="M{x:.1f} {height - 8}V{_HEIGHT - _BOTTOM}" stroke="{colour}" stroke-width="2"{dashed}/>'
        f'<text x="{place:.1f}" y="{height}" text-anchor="{anchor}" fill="{colour}" font-weight="bold" stroke="#fff" stroke-width="3" paint-order="stroke">{escape(words)}</text>'
    )


def _high_end(result: Result) -> float:
    running = np.cumsum(result.counts, dtype=np.int64)
    if len(running) == 0 or running[-1] == 0:
        return 1.0
    return float(value_of(result.bins[[int(np.searchsorted(running, 0.98 * running[-1]))]])[0])


def _nice_top(value: float) -> float:
    step = 10.0 ** np.floor(np.log10(value))
    return float(next(step * factor for factor in (1, 2, 3, 4, 5, 6, 8, 10) if step * factor >= value))


def _nice_share(value: float) -> float:
    return next(top for top in (0.02, 0.04, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0) if top >= value - 1e-9)
