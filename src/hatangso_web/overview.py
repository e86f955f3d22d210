"""The leader's page of an area: verdicts, what is late, who has not reported, where the gaps are; one screen, one A4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.indicators.progress import Progress
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_visible_to
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths, ancestors_of, below
from hatangso_web.indicators.downloads import source_line
from hatangso_web.indicators.models import Figure, Round
from hatangso_web.indicators.queries.figures import Line, current_figures, lines_of, periods_of
from hatangso_web.indicators.queries.judging import URGENCY, HeldTarget, gap_of
from hatangso_web.indicators.queries.rounds import SENT
from hatangso_web.indicators.queries.runs import run_of
from hatangso_web.indicators.queries.visible import submissions_visible_to
from hatangso_web.indicators.views.asking import asked_area, asked_period, person_of, require_view
from hatangso_web.plans.models import Kind
from hatangso_web.plans.queries.due import DueFilter, DueItem, due_items
from hatangso_web.plans.queries.targets import targets_held

# A page that must fit one screen and one sheet shows so many lines of each kind and says how many more there are.
TARGETS, LATE, NAMES, GAPS, GAPS_EACH = 7, 3, 6, 5, 2
_TONES = (("good", ("met", "on_course")), ("late", ("late",)), ("bad", ("not_met",)), ("unknown", ("cannot_tell",)))  # fmt: skip


@dataclass(frozen=True)
class TargetLine:
    """A target on the leader's page: the figure it is held against, its verdict, what is missing."""

    indicator: Indicator
    figure: Figure | None
    held: HeldTarget
    progress: Progress

    @property
    def gap(self) -> float | None:
        """How much is missing to the target."""
        return gap_of(self.held, self.progress)


@dataclass(frozen=True)
class Gap:
    """An area below that is furthest from a target."""

    area: Area
    indicator: Indicator
    value: float
    missing: float


@dataclass(frozen=True)
class Unreported:
    """A round with units that have not sent: how many of how many, the first names, the due day."""

    round: Round
    missing: int
    units: int
    names: tuple[str, ...]
    late: bool

    @property
    def rest(self) -> int:
        """How many names are not shown."""
        return self.missing - len(self.names)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show how an area stands on one screen."""
    user = person_of(request)
    require_view(user)
    today = timezone.localdate()
    area = asked_area(request, user)
    periods = periods_of(area)
    period = asked_period(request, periods)
    lines = lines_of(area, period, targets=targets_held(user, area), as_of=today)
    targets = target_lines(lines)
    late = late_work(user, area, as_of=today)
    counts = Counter(line.progress.verdict for line in targets)
    context = {
        "title": _("Tổng quan %(area)s") % {"area": area.name},
        "area": area,
        "period": period,
        "period_name": parse_period(period).name_vi if period else "",
        "periods": [(code, parse_period(code).name_vi) for code in periods],
        "today": today,
        "tiles": [(tone, keys, sum(counts[key] for key in keys)) for tone, keys in _TONES],
        "targets": targets[:TARGETS],
        "more_targets": max(0, len(targets) - TARGETS),
        "late": late[:LATE],
        "more_late": max(0, len(late) - LATE),
        "unreported": unreported(user, area, as_of=today),
        "gaps": biggest_gaps(area, period, targets),
        "source": source_line(run_of(area, period)),
        "above": ancestors_of(area).filter(pk__in=areas_visible_to(user).values("pk")),
        "breadcrumbs": [],
    }
    return render(request, "overview.html", context)


def target_lines(lines: Sequence[Line]) -> list[TargetLine]:
    """Return one line per target, the most urgent verdict first, then the earliest due."""
    found = [
        TargetLine(line.indicator, line.figure, held, progress)
        for line in lines
        for held, progress in line.judged
    ]
    return sorted(found, key=lambda each: (URGENCY.index(each.progress.verdict), each.held.target.due))


def late_work(user: User, area: Area, *, as_of: date) -> list[DueItem]:
    """Return tasks and duties past their day in plans of an area, above or below it, the longest late first."""
    near = (*ancestor_paths(area.path),)
    return [
        item
        for item in due_items(user, DueFilter(days=0), as_of=as_of)
        if item.overdue
        and item.kind != Kind.TARGET
        and (item.plan.area.path in near or item.plan.area.path.startswith(area.path))
    ]


def unreported(user: User, area: Area, *, as_of: date) -> list[Unreported]:
    """Return the open rounds in which units of an area have not sent, the earliest due first; three queries."""
    seen = submissions_visible_to(user).filter(
        below(area.path, column="area__path"), round__opens_on__lte=as_of
    )
    missing = seen.exclude(state__in=SENT)
    counts: Mapping[int, int] = dict(
        missing.order_by()
        .values_list("round_id")
        .annotate(number=Count("pk"))
        .values_list("round_id", "number")
    )
    totals = dict(
        seen.filter(round__in=list(counts)).order_by().values_list("round_id")
        .annotate(number=Count("pk"), due=Min("round__due_on")).values_list("round_id", "number")
    )  # fmt: skip
    found = []
    for round_ in Round.objects.filter(pk__in=list(counts)).order_by("due_on", "pk")[:2]:
        first = missing.filter(round=round_).order_by("area__name_order", "pk")[:NAMES]
        names = tuple(each.unit_name for each in first)
        found.append(Unreported(round_, counts[round_.pk], totals[round_.pk], names, round_.due_on < as_of))
    return found


def biggest_gaps(area: Area, period: str, targets: Sequence[TargetLine]) -> list[Gap]:
    """Return the areas right below that lack most percentage points to a target of the area; two queries.

    Two places of each indicator come before further ones, so that one bad indicator does not fill the list.
    """
    shares = [each for each in targets if each.indicator.unit == "%" and each.held.target.rising]
    if not period or not shares:
        return []
    wanted = {each.indicator.code: each for each in sorted(shares, key=lambda each: each.held.target.value)}
    rows = (
        current_figures()
        .filter(indicator__in=list(wanted), period=period, area__parent=area, value__isnull=False)
        .order_by("run_id")
        .values_list("indicator", "area_id", "value")
    )
    known = {(code, area_id): value for code, area_id, value in rows if value is not None}
    gaps = [
        (wanted[code].held.target.value - value, code, area_id) for (code, area_id), value in known.items()
    ]
    chosen = _spread_out(sorted((gap for gap in gaps if gap[0] > 0), reverse=True))
    areas = Area.objects.in_bulk([area_id for _missing, _code, area_id in chosen])
    return [
        Gap(areas[area_id], wanted[code].indicator, known[code, area_id], missing)
        for missing, code, area_id in chosen
    ]


def _spread_out(gaps: Sequence[tuple[float, str, int]]) -> list[tuple[float, str, int]]:
    """Choose the gaps shown, the widest first: at most two of an indicator before further ones."""
    seen: Counter[str] = Counter()
    first: list[tuple[float, str, int]] = []
    rest: list[tuple[float, str, int]] = []
    for gap in gaps:
        seen[gap[1]] += 1
        (first if seen[gap[1]] <= GAPS_EACH else rest).append(gap)
    return sorted((first + rest)[:GAPS], reverse=True)
