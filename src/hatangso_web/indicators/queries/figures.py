"""What is asked of computed figures: an area's, an indicator's, those below, the values behind one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from hatangso import catalogue
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths, below
from hatangso_web.indicators.models import Figure, Run, Value
from hatangso_web.indicators.queries.judging import HeldTarget, Judged, end_of, judged_targets
from hatangso_web.indicators.queries.sheets import current_values
from hatangso_web.indicators.queries.visible import values_visible_to


@dataclass(frozen=True)
class Line:
    """An indicator of an area: its figure of the period, that of the period before, what targets say of it."""

    indicator: Indicator
    figure: Figure | None
    before: Figure | None = None
    judged: tuple[Judged, ...] = ()

    @property
    def change(self) -> float | None:
        """How much it rose since the period before."""
        return risen(self.figure, self.before)

    @property
    def has_parts(self) -> bool:
        """Whether there are values behind it to be opened."""
        return self.figure is not None and self.figure.reported > 0


@dataclass(frozen=True)
class Part:
    """A value behind a figure: of which area and variable, who sent and who approved it."""

    value: Value
    name: str
    role: str


def current_figures() -> QuerySet[Figure]:
    """Return the figures of the runs that stand."""
    return Figure.objects.filter(run__is_current=True)


def newest(figures: Iterable[Figure]) -> dict[tuple[str, int, str], Figure]:
    """Return one figure per indicator, area and period: that of the newest run, where a province and the country
    were both computed."""
    found: dict[tuple[str, int, str], Figure] = {}
    for figure in figures:
        key = (figure.indicator, figure.area_id, figure.period)
        if key not in found or found[key].run_id < figure.run_id:
            found[key] = figure
    return found


def periods_of(area: Area) -> list[str]:
    """Return the periods that were computed for an area or one above it, newest first."""
    runs = Run.objects.filter(is_current=True, area__path__in=ancestor_paths(area.path))
    return sorted(set(runs.values_list("period", flat=True)), key=end_of, reverse=True)


def lines_of(
    area: Area, period: str, *, targets: Mapping[str, Sequence[HeldTarget]], as_of: date
) -> list[Line]:
    """Return every indicator of an area that has a figure or a target, in catalogue order; two queries.

    ``period`` may be empty where nothing was computed yet: then only the targets are listed.
    """
    previous = parse_period(period).previous().code if period else ""
    shown = newest(current_figures().filter(area=area, period__in=[period, previous])) if period else {}
    history = histories_of(area, targets)
    lines = []
    for indicator in catalogue.indicators():
        code = indicator.code
        judged = judged_targets(
            targets.get(code, ()), history.get(code, ()), indicator=indicator, as_of=as_of
        )
        figure = shown.get((code, area.pk, period))
        if figure is not None or judged:
            lines.append(Line(indicator, figure, shown.get((code, area.pk, previous)), judged))
    return lines


def histories_of(area: Area, indicators: Collection[str]) -> dict[str, list[tuple[str, float | None]]]:
    """Return (period, value) of some indicators in an area, oldest first; one query."""
    rows = (
        current_figures()
        .filter(area=area, indicator__in=list(indicators))
        .order_by("run_id")
        .values_list("indicator", "period", "value")
        if indicators
        else ()
    )
    found: dict[str, dict[str, float | None]] = defaultdict(dict)
    for code, period, value in rows:
        found[code][period] = value
    return {
        code: sorted(by_period.items(), key=lambda item: end_of(item[0])) for code, by_period in found.items()
    }


def series_of(indicator: str, area: Area) -> list[Figure]:
    """Return the figures of an indicator in an area, oldest first, each with its run."""
    found = current_figures().filter(indicator=indicator, area=area).select_related("run")
    return sorted(newest(found).values(), key=lambda figure: end_of(figure.period))


def children_of(indicator: str, area: Area, period: str) -> list[Figure]:
    """Return the figures of the areas right below, in their order."""
    return children_by_indicator([indicator], area, [period]).get((indicator, period), [])


def children_by_indicator(
    indicators: Collection[str], area: Area, periods: Collection[str]
) -> dict[tuple[str, str], list[Figure]]:
    """Return the figures of the areas right below by indicator and period, in the order of names; one query."""
    found = current_figures().filter(
        indicator__in=list(indicators), period__in=list(periods), area__parent=area
    )
    sorted_rows = sorted(
        newest(found.select_related("area")).values(), key=lambda figure: figure.area.name_order
    )
    rows: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in sorted_rows:
        rows[figure.indicator, figure.period].append(figure)
    return dict(rows)


def risen(figure: Figure | None, before: Figure | None) -> float | None:
    """Return how much a figure rose since another; None where one of them is unknown."""
    if figure is None or before is None or figure.value is None or before.value is None:
        return None
    return figure.value - before.value


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
