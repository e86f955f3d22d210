"""Figures of an indicator put on the map of one day, with what is exact, what is assumed and what is left behind."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hatangso import catalogue
from hatangso.areas.carrying import Carrier
from hatangso.areas.register import Register
from hatangso.areas.spreading import Figure as Counted
from hatangso.areas.spreading import Spreading
from hatangso.indicators.compute import compute, make_cube
from hatangso.indicators.restate import restate
from hatangso.indicators.tree import AreaTree
from hatangso.lawentries import Indicator
from hatangso_web.areas.models import Area
from hatangso_web.areas.registers import current_register
from hatangso_web.indicators.models import Figure, Value
from hatangso_web.indicators.queries.breaks import crossing_days
from hatangso_web.indicators.queries.figures import series_of
from hatangso_web.indicators.queries.judging import end_of
from hatangso_web.indicators.queries.totals import counted, total_values

ASSUMPTIONS = {
    "": gettext_lazy("không giả định: chỉ cộng đơn vị trọn vẹn"),
    "dan-so": gettext_lazy("chia đơn vị bị cắt theo dân số ghi trong danh mục thay đổi"),
}
_COUNTED: dict[str, Counted] = {"people": "population", "households": "households"}


@dataclass(frozen=True)
class Wanted:
    """The map figures are put on, and what may be assumed about the inside of areas (a key of ASSUMPTIONS).

    Reasons are told for ``period``, for the last one where it is empty.
    """

    day: date
    assume: str = ""
    period: str = ""


@dataclass(frozen=True)
class LeftBehind:
    """What of a period's values has no place on the wanted map, and why."""

    name: str
    variable: str
    amount: float
    reason: str


@dataclass(frozen=True)
class Restated:
    """An indicator on one map.

    ``own`` are the area's figures, oldest first, ``below`` those of the areas right below by period; ``missing``
    (name → reason) are the areas of the map without a figure in the asked period, ``left`` what could not be carried.
    """

    own: tuple[Figure, ...]
    below: Mapping[str, tuple[Figure, ...]]
    missing: tuple[tuple[str, str], ...]
    left: tuple[LeftBehind, ...]

    @property
    def rests_on_assumption(self) -> bool:
        """Whether any figure does."""
        return any(
            figure.assumed for figure in (*self.own, *(each for row in self.below.values() for each in row))
        )


def restated(indicator: Indicator, area: Area, periods: Sequence[str], *, wanted: Wanted) -> Restated:
    """Carry an indicator's approved values of some periods to the map of a day, then compute it anew.

    Values are carried, never figures: shares are divided after their parts were carried. Stored figures stay as
    they are. ``periods`` are in order. Where nothing crossed the area's own border its stored figure holds on the other
    map too, whatever became of the areas inside.

    Raises
    ------
    InputError
        when the area was not in force on that day.
    """
    register = current_register()
    tree = _tree(register, area, wanted.day)
    variables = [code for code in (indicator.numerator, indicator.denominator) if code]
    frame = _values(register, tree, (variables, periods), wanted)
    figures = _figures(_moved(register, frame, periods, wanted), tree, indicator, wanted.day)
    own = {each.period: each for each in figures if each.area.code == area.code}
    moved_on = crossing_days(area)
    for stored in series_of(indicator.code, area):
        span = sorted((end_of(stored.period), wanted.day))
        if stored.period in periods and not any(span[0] < day <= span[1] for day in moved_on):
            own[stored.period] = stored
    below: dict[str, tuple[Figure, ...]] = {}
    for period in periods:
        found = [each for each in figures if each.period == period and tree[each.area.code] == area.code]
        below[period] = tuple(sorted(found, key=lambda each: each.area.name_order))
    missing, left = _reasons(
        register, frame, (tree, area, wanted.period or (periods[-1] if periods else "")), wanted
    )
    return Restated(tuple(own[period] for period in periods if period in own), below, missing, left)


def _moved(register: Register, frame: pl.DataFrame, periods: Sequence[str], wanted: Wanted) -> pl.DataFrame:
    """The values on the wanted map, each variable spread as what it counts; the same table where there are none."""
    if frame.is_empty():
        return frame
    days = _map_days(register, periods, wanted.day)
    moved = [
        restate(
            part, register=register, to=wanted.day, map_days=days, additive=_additive(), spreading=_spreading(str(code), wanted)
        )[0]
        for (code,), part in frame.group_by("variable", maintain_order=True)
    ]  # fmt: skip
    return pl.concat(moved)


def _tree(register: Register, area: Area, day: date) -> dict[str, str | None]:
    """The area and those below it on the day, villages left out: code → code above."""
    register.area(area.code, on=day)
    found = register.descendants(area.code, on=day)
    return {area.code: None} | {
        unit.code: unit.parent_code for unit in found if unit.level not in ("village", "other")
    }


def _values(
    register: Register, tree: Mapping[str, str | None], asked: tuple[list[str], Sequence[str]], wanted: Wanted
) -> pl.DataFrame:
    variables, periods = asked
    days, targets = _map_days(register, periods, wanted.day), frozenset(tree)
    by_day = {day: _sources(register, day, wanted.day, targets) for day in set(days.values())}
    rows = Value.objects.filter(
        variable__in=variables, period__in=list(periods), superseded_by=None, value__isnull=False
    ).values_list("period", "area__code", "variable", "value", "operator_id", "kind")  # fmt: skip
    by_period: dict[str, list[tuple[str, str, float, int | None, str]]] = {period: [] for period in periods}
    for period, code, variable, value, operator, kind in rows.iterator(chunk_size=5000):
        if code in by_day[days[period]] and value is not None:
            by_period[period].append((code, variable, value, operator, kind))
    return pl.DataFrame(
        [
            (code, variable, period, value)
            for period, found in by_period.items()
            for (code, variable), value in total_values(counted(found).rows).items()
        ],
        schema={"area_code": pl.String, "variable": pl.String, "period": pl.String, "value": pl.Float64},
        orient="row",
    )


def _sources(register: Register, since: date, to: date, targets: frozenset[str]) -> set[str]:
    """The codes on the map of ``since`` that flow into the targets."""
    if since == to:
        return set(targets)
    carrier = _carrier(register, since, to, Spreading())
    rows = [row for row, code in enumerate(carrier.codes_to) if code in targets]
    touched = (carrier.share[rows] + carrier.unknown[rows]).tocoo()
    return {carrier.codes_since[column] for column in set(touched.col.tolist())}


def _map_days(register: Register, periods: Sequence[str], to: date) -> dict[str, date]:
    """Period → the day of its map; the wanted day itself where no change lies between, so that nothing is carried."""
    days = {}
    for period in periods:
        end = end_of(period)
        same = not any(min(end, to) < day <= max(end, to) for day in register.change_dates)
        days[period] = to if same else end
    return days


def _figures(
    table: pl.DataFrame, tree: Mapping[str, str | None], indicator: Indicator, day: date
) -> list[Figure]:
    table = table.filter(pl.col("area_code").is_in(list(tree)))
    if table.is_empty():
        return []
    computed = compute(make_cube(table, AreaTree(dict(tree))), [indicator])
    versions = current_register()
    areas = {each.code: each for each in Area.objects.filter(code__in=list(tree))}
    for code, each in areas.items():
        each.name = versions.area(code, on=day).full_name
    return [
        Figure(
            indicator=indicator.code, area=areas[row["area_code"]], period=row["period"], numerator=row["numerator"],
            denominator=row["denominator"], value=row["value"], reported=row["reported"] or 0,
            expected=row["expected"] or 0, assumed=row["assumed"] or 0.0, note=row["note"] or "",
        )
        for row in computed.iter_rows(named=True)
        if row["area_code"] in areas
    ]  # fmt: skip


def _reasons(
    register: Register,
    frame: pl.DataFrame,
    asked: tuple[Mapping[str, str | None], Area, str],
    wanted: Wanted,
) -> tuple[tuple[tuple[str, str], ...], tuple[LeftBehind, ...]]:
    """Say for the last period which areas of the map have no figure and why, and which values were left behind."""
    tree, area, period = asked
    if not period:
        return (), ()
    day = _map_days(register, [period], wanted.day)[period]
    missing: dict[str, list[str]] = {}
    left = []
    for (code,), part in frame.filter(pl.col("period") == period).group_by("variable", maintain_order=True):
        carrier = _carrier(register, day, wanted.day, _spreading(str(code), wanted))
        carried = carrier.carry(dict(part.select("area_code", "value").iter_rows()))
        name = catalogue.variable(str(code)).name_vi
        for row in carried.rows:
            if row.value is None and row.area_code in tree and row.area_code != area.code:
                unit = register.area(row.area_code, on=wanted.day).full_name
                missing.setdefault(unit, []).append(f"{name}: {row.note}")
        for lost in carried.not_carried:
            unit = register.area(lost.area_code, on=day).full_name
            left.append(LeftBehind(unit, name, lost.amount, lost.reason))
    return tuple((unit, "; ".join(notes)) for unit, notes in missing.items()), tuple(left)


@functools.lru_cache(maxsize=16)
def _kept_carrier(register: Register, since: date, to: date, assumption: tuple[str, str]) -> Carrier:
    figure, basis = assumption
    spreading = Spreading(figure=figure, basis=basis)  # type: ignore[arg-type]
    return Carrier(register, since=since, to=to, spreading=spreading)


def _carrier(register: Register, since: date, to: date, spreading: Spreading) -> Carrier:
    return _kept_carrier(register, since, to, (spreading.figure, spreading.basis))


def _spreading(variable: str, wanted: Wanted) -> Spreading:
    counted = _COUNTED.get(variable, "other")
    return Spreading(figure=counted, basis="population" if wanted.assume == "dan-so" else "")


@functools.lru_cache(maxsize=1)
def _additive() -> Collection[str]:
    return frozenset(variable.code for variable in catalogue.variables() if variable.additive)


def assumption_words(wanted: Wanted) -> str:
    """Return the assumption in words, with its source."""
    words = str(ASSUMPTIONS[wanted.assume])
    return _("Giả định: %(words)s") % {"words": words}
