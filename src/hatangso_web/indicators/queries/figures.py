"""What is asked of computed figures: an area's, an indicator's, the parts behind one, targets held against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import QuerySet

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.indicators.progress import Observation, Progress, Target, judge
from hatangso.lawentries import Indicator
from hatangso.maps.drawing import draw_map
from hatangso.maps.layers import AreaLayer, MapSheet, classify
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area, Boundary, Level
from hatangso_web.areas.queries import below
from hatangso_web.indicators.models import Figure, Value
from hatangso_web.indicators.queries.sheets import current_values
from hatangso_web.indicators.queries.visible import values_visible_to


@dataclass(frozen=True)
class HeldTarget:
    """A target of a plan as the plans tell it: what must hold, where it stands."""

    target: Target
    words: str
    source: str
    address: str


# Asked of the plans, which stand above: the targets of an area by indicator, as far as the person may see them.
TargetsOf = Callable[[User, Area], Mapping[str, Sequence[HeldTarget]]]


@dataclass(frozen=True)
class Line:
    """An indicator of an area: its figure of the period, that of the period before, what targets say of it."""

    indicator: Indicator
    figure: Figure | None
    before: Figure | None = None
    judged: tuple[tuple[HeldTarget, Progress], ...] = ()

    @property
    def change(self) -> float | None:
        """How much it rose since the period before."""
        if (
            self.figure is None
            or self.before is None
            or self.figure.value is None
            or self.before.value is None
        ):
            return None
        return self.figure.value - self.before.value


@dataclass(frozen=True)
class Part:
    """A value behind a figure: of which area and variable, who sent and who approved it."""

    value: Value
    name: str
    role: str


def current_figures() -> QuerySet[Figure]:
    """Return the figures of the runs that stand."""
    return Figure.objects.filter(run__is_current=True)


def periods_of(area: Area) -> list[str]:
    """Return the periods an area has figures for, newest first."""
    found = set(current_figures().filter(area=area).values_list("period", flat=True))
    return sorted(found, key=lambda code: _end(code), reverse=True)


def lines_of(user: User, area: Area, period: str, *, targets_of: TargetsOf, as_of: date) -> list[Line]:
    """Return every indicator of an area that has a figure or a target, in catalogue order."""
    history: dict[str, list[Figure]] = defaultdict(list)
    for figure in current_figures().filter(area=area):
        history[figure.indicator].append(figure)
    previous = parse_period(period).previous().code
    targets = targets_of(user, area)
    lines = []
    for indicator in catalogue.indicators():
        own = history.get(indicator.code, [])
        by_period = {figure.period: figure for figure in own}
        judged = judged_targets(targets.get(indicator.code, ()), own, as_of=as_of)
        if period in by_period or judged:
            lines.append(Line(indicator, by_period.get(period), by_period.get(previous), judged))
    return lines


def judged_targets(
    targets: Sequence[HeldTarget], figures: Sequence[Figure], *, as_of: date
) -> tuple[tuple[HeldTarget, Progress], ...]:
    """Hold targets against the figures known on a day."""
    observations = [
        Observation(_end(figure.period), figure.value) for figure in figures if figure.value is not None
    ]
    return tuple((held, judge(held.target, observations, as_of=as_of)) for held in targets)


def series_of(indicator: str, area: Area) -> list[Figure]:
    """Return the figures of an indicator in an area, oldest first."""
    found = current_figures().filter(indicator=indicator, area=area)
    return sorted(found, key=lambda figure: _end(figure.period))


def children_of(indicator: str, area: Area, period: str) -> list[Figure]:
    """Return the figures of the areas right below, in their order."""
    found = current_figures().filter(indicator=indicator, period=period, area__parent=area)
    return list(found.select_related("area").order_by("area__name_order"))


def parts_of(user: User, indicator: Indicator, area: Area, period: str) -> list[Part]:
    """Return the values behind a figure that the person may see, numerator first, with who approved each."""
    roles = {indicator.numerator: "numerator"}
    if indicator.denominator:
        roles[indicator.denominator] = "denominator"
    seen = values_visible_to(user).filter(below(area.path, column="area__path"), variable__in=list(roles))
    found = (
        current_values(period=period)
        .filter(pk__in=seen.values("pk"))
        .select_related("area", "operator", "by", "submission__submitted_by")
        .order_by("area__path", "variable")
    )
    names = {variable.code: variable.name_vi for variable in catalogue.variables()}
    return [
        Part(value, names.get(value.variable, value.variable), roles[value.variable])
        for value in found[:2000]
    ]


def map_of(indicator: Indicator, area: Area, children: Sequence[Figure], period: str) -> str:
    """Return the areas right below as a classed map; nothing where their borders are not known."""
    borders = {
        key: shapely.from_wkb(bytes(simple))
        for key, simple in Boundary.objects.filter(
            version__area__parent=area, version__valid_until=None, version__level=Level.COMMUNE
        ).values_list("version__area_id", "simple")
    }
    shown = [(figure, borders[figure.area_id]) for figure in children if figure.area_id in borders]
    values = sorted(figure.value for figure, _ in shown if figure.value is not None)
    if not values:
        return ""
    breaks = sorted({round(values[len(values) * part // 4], 2) for part in (1, 2, 3)})
    classes, legend = classify([figure.value for figure, _ in shown], breaks, unit=indicator.unit)
    layer = AreaLayer(
        [border for _, border in shown], list(classes), legend, [figure.area.name for figure, _ in shown]
    )
    sheet = MapSheet(
        title=indicator.name_vi, subtitle=parse_period(period).name_vi, source="số liệu đã duyệt trong hệ thống",
        height_mm=150,
    )  # fmt: skip
    try:
        return draw_map([layer], sheet=sheet)
    except InputError:
        return ""


def _end(code: str) -> date:
    return parse_period(code).window("statistical").end
