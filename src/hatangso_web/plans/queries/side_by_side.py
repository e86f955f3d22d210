"""The same indicator in several plans: targets, due days and verdicts beside one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hatangso import catalogue
from hatangso.indicators.progress import Progress
from hatangso.lawentries import Indicator, NationalTarget, PlanFamily
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths
from hatangso_web.indicators.queries.figures import current_figures
from hatangso_web.indicators.queries.judging import HeldTarget, end_of, judged_targets
from hatangso_web.plans.models import LegalBasis, Plan, Target
from hatangso_web.plans.queries.targets import held_target, judgeable_targets


@dataclass(frozen=True)
class PlanTarget:
    """A target of a plan held against the figures of the plan's own area."""

    target: Target
    held: HeldTarget
    progress: Progress


@dataclass(frozen=True)
class SideBySide:
    """One indicator: the targets of each plan in the order of the columns, and what the nation wants."""

    indicator: Indicator
    cells: tuple[tuple[PlanTarget, ...], ...]
    national: tuple[NationalTarget, ...]

    @property
    def disagrees(self) -> bool:
        """Whether two plans want different values by the same day."""
        wanted: dict[date, set[tuple[str, float]]] = defaultdict(set)
        for cell in self.cells:
            for each in cell:
                target = each.held.target
                wanted[target.due].add((target.comparator, target.value))
        return any(len(values) > 1 for values in wanted.values())


def comparable_plans(user: User, area: Area) -> list[Plan]:
    """Return the plans with targets that stand above, in or below an area, from the top down."""
    near = [
        row.plan
        for row in judgeable_targets(user)
        if row.plan.area.path.startswith(area.path) or row.plan.area.path in ancestor_paths(area.path)
    ]
    plans = {plan.pk: plan for plan in near}
    return sorted(plans.values(), key=lambda plan: (plan.area.path, plan.title_order))


def side_by_side(
    user: User, plans: Sequence[Plan], *, codes: Sequence[str] = (), as_of: date
) -> list[SideBySide]:
    """Return the indicators the plans name (those of ``codes``, all without), in catalogue order; two queries."""
    rows = judgeable_targets(user).filter(plan__in=plans)
    if codes:
        rows = rows.filter(indicator__in=list(codes))
    by_place: dict[tuple[str, int], list[Target]] = defaultdict(list)
    for row in rows:
        by_place[row.indicator, row.plan_id].append(row)
    figures = _figures(plans, {code for code, _plan in by_place})
    national: dict[str, list[NationalTarget]] = defaultdict(list)
    for wanted in catalogue.national_targets(on=as_of):
        national[wanted.indicator or ""].append(wanted)
    found = []
    for indicator in catalogue.indicators():
        cells = tuple(
            tuple(
                _judged(row, figures.get((indicator.code, plan.area_id), []), indicator, as_of)
                for row in by_place.get((indicator.code, plan.pk), ())
            )
            for plan in plans
        )
        if any(cells):
            found.append(SideBySide(indicator, cells, tuple(national[indicator.code])))
    return found


def verdicts_of(user: User, plan: Plan, *, as_of: date) -> dict[int, PlanTarget]:
    """Return the verdicts on the targets of one plan, by target: held against the figures of the plan's own area."""
    rows = side_by_side(user, [plan], as_of=as_of)
    return {each.target.pk: each for row in rows for cell in row.cells for each in cell}


def families_of(plans: Sequence[Plan]) -> dict[int, tuple[PlanFamily, ...]]:
    """Return the families of plans each plan belongs to, by the documents it rests on; one query."""
    numbers: dict[int, set[str]] = defaultdict(set)
    for plan_id, number in LegalBasis.objects.filter(
        plan__in=plans, ended_at=None, restricted=False
    ).values_list("plan_id", "number"):
        numbers[plan_id].add(number.strip().upper())
    families = catalogue.plan_families()
    return {
        plan.pk: tuple(
            family for family in families if numbers[plan.pk] & {each.upper() for each in family.documents}
        )
        for plan in plans
    }


def _judged(
    row: Target, figures: list[tuple[str, float | None]], indicator: Indicator, as_of: date
) -> PlanTarget:
    held = held_target(row)
    return PlanTarget(row, held, judged_targets([held], figures, indicator=indicator, as_of=as_of)[0][1])


def _figures(plans: Sequence[Plan], codes: set[str]) -> dict[tuple[str, int], list[tuple[str, float | None]]]:
    rows = (
        current_figures()
        .filter(area__in={plan.area_id for plan in plans}, indicator__in=list(codes))
        .order_by("run_id")
        .values_list("indicator", "area_id", "period", "value")
    )
    found: dict[tuple[str, int], dict[str, float | None]] = defaultdict(dict)
    for code, area_id, period, value in rows:
        found[code, area_id][period] = value
    return {
        key: sorted(by_period.items(), key=lambda item: end_of(item[0])) for key, by_period in found.items()
    }
