"""Figures beside one another: areas ranked with honest ties, periods with what their change is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hatangso import catalogue
from hatangso.lawentries import Indicator
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models import Figure
from hatangso_web.indicators.queries.figures import current_figures, newest, risen

DECIMALS = 1  # figures that read the same rank the same


@dataclass(frozen=True)
class Rank:
    """A place from 1; ``shared`` by how many. None of both where there are not enough data to rank."""

    place: int | None = None
    shared: int = 1


@dataclass(frozen=True)
class RankedCell:
    """A figure in a comparison of areas, and its place."""

    figure: Figure | None
    rank: Rank

    @property
    def is_partial(self) -> bool:
        """Whether some units below have not reported, so that it may be shown but not ranked."""
        return self.figure is not None and self.figure.value is not None and not is_whole(self.figure)


@dataclass(frozen=True)
class AreaRow:
    """An area in a comparison, one cell per indicator."""

    area: Area
    cells: tuple[RankedCell, ...]


@dataclass(frozen=True)
class PeriodRow:
    """An indicator (or an area) over the compared periods; ``change`` is from the first to the last of them.

    ``comparable`` is False where the area's extent changed in between.
    """

    name: str
    code: str
    unit: str
    figures: tuple[Figure | None, ...]
    comparable: bool = True

    @property
    def change(self) -> float | None:
        """How much the figure rose; None where it cannot be told: a count of fewer units is no fall."""
        first, last = self.figures[0], self.figures[-1]
        if not self.comparable or first is None or last is None:
            return None
        if last.denominator is None and not (is_whole(first) and is_whole(last)):
            return None
        return risen(last, first)

    @property
    def is_partial(self) -> bool:
        """Whether the first or the last figure lacks units that should have reported."""
        ends = (self.figures[0], self.figures[-1])
        return any(each is not None and each.value is not None and not is_whole(each) for each in ends)

    @property
    def numerator_change(self) -> float | None:
        """How much the numerator rose."""
        return self._part_change("numerator")

    @property
    def denominator_change(self) -> float | None:
        """How much the denominator rose."""
        return self._part_change("denominator")

    def _part_change(self, name: str) -> float | None:
        first, last = self.figures[0], self.figures[-1]
        if first is None or last is None or not self.comparable or self.is_partial:
            return None
        before, after = getattr(first, name), getattr(last, name)
        return None if before is None or after is None else after - before


def is_whole(figure: Figure) -> bool:
    """Tell whether every unit that should stand behind a figure does."""
    return figure.value is not None and figure.reported >= figure.expected


def rank_figures(figures: Iterable[Figure], *, better: str) -> dict[str, Rank]:
    """Return the place of each area by code, best first; equal as shown is equal in rank, 1 1 3.

    Figures that are unknown or rest on only part of the units get no place.
    """
    values = {
        each.area.code: round(each.value, DECIMALS)
        for each in figures
        if is_whole(each) and each.value is not None
    }
    ordered = sorted(values.values(), reverse=better != "lower")
    places = {value: number for number, value in reversed(list(enumerate(ordered, start=1)))}
    return {code: Rank(places[value], ordered.count(value)) for code, value in values.items()}


def area_rows(
    indicators: Sequence[Indicator],
    figures: Mapping[str, Sequence[Figure]],
    *,
    sort_by: str,
    chosen: Sequence[str] = (),
) -> list[AreaRow]:
    """Return areas with a cell per indicator, best in ``sort_by`` first, those without a place last.

    Parameters
    ----------
    figures : indicator code → figures of the areas
    chosen : codes to keep; all without. Places are among those kept
    """
    kept = {
        code: [each for each in rows if not chosen or each.area.code in chosen]
        for code, rows in figures.items()
    }
    areas = {each.area.code: each.area for rows in kept.values() for each in rows}
    by_code = {code: {each.area.code: each for each in rows} for code, rows in kept.items()}
    ranks = {each.code: rank_figures(kept.get(each.code, ()), better=each.better) for each in indicators}
    rows = [
        AreaRow(
            area,
            tuple(
                RankedCell(by_code.get(each.code, {}).get(code), ranks[each.code].get(code, Rank()))
                for each in indicators
            ),
        )
        for code, area in areas.items()
    ]
    places = ranks.get(sort_by, {})
    return sorted(
        rows, key=lambda row: (places.get(row.area.code, Rank()).place or len(rows) + 1, row.area.name_order)
    )


def indicators_with_figures(area: Area, periods: Sequence[str]) -> list[Indicator]:
    """Return the indicators that have a figure of the area in one of the periods, in catalogue order."""
    codes = set(
        current_figures()
        .filter(area=area, period__in=list(periods), value__isnull=False)
        .values_list("indicator", flat=True)
    )
    return [each for each in catalogue.indicators() if each.code in codes]


def figures_over(area: Area, periods: Sequence[str]) -> dict[tuple[str, str], Figure]:
    """Return the figures of an area by indicator and period; one query."""
    found = newest(current_figures().filter(area=area, period__in=list(periods)))
    return {(figure.indicator, figure.period): figure for figure in found.values()}
