"""Approved values into the engine, computed figures out, as one run that replaces the former."""

from __future__ import annotations

from importlib.metadata import version as version_of

import polars as pl
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from hatangso import catalogue
from hatangso.indicators.compute import compute, make_cube
from hatangso.indicators.tree import AreaTree
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below, in_force
from hatangso_web.indicators.models import Figure, Run, Value
from hatangso_web.indicators.queries.sheets import current_values
from hatangso_web.indicators.queries.totals import counted, total_values


def compute_period(area: Area, period: str, *, by: User | None = None) -> Run:
    """Compute every indicator of the tree below ``area`` for a period.

    One value counts per area and variable: the area's own, else the sum over firms where firms share nothing
    (law/operator_sums.yml). Of a variable only the kind that goes first of those at hand counts (declared, measured,
    modelled: law/value_kinds.yml), and the figure's note says so where it is not declared or something was left out.
    Running it again without new values returns the run that stands.
    """
    values = Value.objects.filter(period=period, area__path__startswith=area.path)
    last = values.aggregate(last=Max("pk"))["last"] or 0
    engine = version_of("hatangso")
    standing = Run.objects.filter(area=area, period=period, is_current=True).first()
    if standing and standing.last_value == last and standing.engine_version == engine:
        return standing
    figures = _figures(area, period)
    with transaction.atomic():
        list(Area.objects.select_for_update().filter(pk=area.pk))  # two runs of one area wait for each other
        if Run.objects.filter(area=area, period=period, is_current=True, last_value__gt=last).exists():
            return Run.objects.get(area=area, period=period, is_current=True)
        Run.objects.filter(area=area, period=period).delete()  # figures can be computed again at any time
        run = Run.objects.create(
            area=area, period=period, last_value=last, engine_version=engine, by=by, at=timezone.now()
        )
        for figure in figures:
            figure.run = run
        Figure.objects.bulk_create(figures, batch_size=2000)
    return run


def _figures(area: Area, period: str) -> list[Figure]:
    rows = current_values(period=period).filter(area__path__startswith=area.path)
    chosen = counted(rows.values_list("area__code", "variable", "value", "operator_id", "kind").iterator())
    table = total_values(chosen.rows)
    if not table:
        return []
    areas = _tree_areas(area, {code for code, _variable in table}, period)
    codes = {found.pk: found.code for found in areas}
    tree = AreaTree({found.code: codes.get(found.parent_id) for found in areas})
    frame = pl.DataFrame(
        [(code, variable, period, value) for (code, variable), value in table.items()],
        schema={"area_code": pl.String, "variable": pl.String, "period": pl.String, "value": pl.Float64},
        orient="row",
    )
    computed = compute(make_cube(frame, tree), catalogue.indicators())
    notes = {indicator.code: chosen.note_of(indicator) for indicator in catalogue.indicators()}
    keys = {found.code: found.pk for found in areas}
    return [
        Figure(
            indicator=row["indicator"], area_id=keys[row["area_code"]], period=row["period"], numerator=row["numerator"],
            denominator=row["denominator"], value=row["value"], reported=row["reported"] or 0,
            expected=row["expected"] or 0, assumed=row["assumed"] or 0, note="; ".join(filter(None, (row["note"], notes.get(row["indicator"]))))[:300],
        )
        for row in computed.iter_rows(named=True)
    ]  # fmt: skip


def _tree_areas(area: Area, used: set[str], period: str) -> list[Area]:
    """The tree on the last day of the period: communes and above, villages only where they have values."""
    day = parse_period(period).window("statistical").end
    below_it = in_force(Area.objects.filter(below(area.path)), on=day)
    found = list(below_it.exclude(level=Level.VILLAGE).only("pk", "code", "parent_id", "path", "level"))
    known = {each.code for each in found}
    found += Area.objects.filter(below(area.path), code__in=used - known).only(
        "pk", "code", "parent_id", "path", "level"
    )
    if area.pk not in {each.pk for each in found}:
        found.insert(0, area)
    return sorted(found, key=lambda each: each.path)
