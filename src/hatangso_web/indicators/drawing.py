"""The map of an indicator: the areas right below one, classed by their figures, with the borders of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.lawentries import Indicator
from hatangso.maps.drawing import draw_map
from hatangso.maps.layers import AreaLayer, MapSheet, classify
from hatangso_web.areas.models import Area, AreaVersion, Boundary, Level
from hatangso_web.areas.queries import in_force
from hatangso_web.indicators.models import Figure


@dataclass(frozen=True)
class MapWords:
    """What stands on the map besides the figures: the line below its title and the day of its borders."""

    subtitle: str
    day: date


def map_of(indicator: Indicator, area: Area, figures: Sequence[Figure], words: MapWords) -> str:
    """Return the areas right below as a classed map; nothing where no border or no figure is known."""
    values = sorted(figure.value for figure in figures if figure.value is not None)
    if not values:
        return ""
    by_code = {figure.area.code: figure.value for figure in figures}
    versions = in_force(AreaVersion.objects.filter(parent=area), on=words.day).exclude(level=Level.VILLAGE)
    rows = list(
        Boundary.objects.filter(version__in=versions)
        .order_by("version__name_order")
        .values_list("version__area__code", "version__name", "simple", "source")
    )
    if not rows:
        return ""
    classes, legend = classify([by_code.get(row[0]) for row in rows], _breaks(values), unit=indicator.unit)
    layer = AreaLayer(
        [shapely.from_wkb(bytes(row[2])) for row in rows], classes, legend, [row[1] for row in rows]
    )
    borders = "; ".join(sorted({row[3] for row in rows if row[3]}))
    source = _("số liệu đã duyệt trong hệ thống") + (f"; {borders}" if borders else "")
    sheet = MapSheet(title=indicator.name_vi, subtitle=words.subtitle, source=source, height_mm=150)
    try:
        return draw_map([layer], sheet=sheet)
    except InputError:
        return ""


def _breaks(values: list[float]) -> list[float]:
    """Bounds at the quarters of the values, rounded to tenths as they are shown."""
    return sorted({round(values[len(values) * part // 4], 1) for part in (1, 2, 3)})
