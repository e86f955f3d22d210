"""What is asked of measurements: campaigns seen, results of an area, bad places, what is left to measure, figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from hatangso.speed.bad_places import FRESH, difference_interval
from hatangso.speed.bad_places import trend as trend_of_places
from hatangso.speed.campaign import Campaign as CampaignPlan
from hatangso.speed.campaign import plan_campaign
from hatangso.speed.summaries import ALL, Summaries, merge, require_one_tool
from hatangso.speed.verdicts import NOT_MET, describe, share_reaching, verdicts
from hatangso_web.accounts.models import Organisation, OrganisationKind
from hatangso_web.accounts.permissions import Person, areas_filter
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, Boundary, Level, Particulars
from hatangso_web.areas.queries import ancestor_paths, below
from hatangso_web.measurements.figures import paths_below, requirement_of, rolled_to
from hatangso_web.measurements.judged import both, depth_of, drawn_of, judged_of, spots_of
from hatangso_web.measurements.models import (
    PENDING,
    Campaign,
    CampaignRun,
    DeclaredSpeed,
    FileKind,
    FileState,
    MeasurementFigure,
    Network,
    SampleFile,
)
from hatangso_web.measurements.storage import read_run
from hatangso_web.names import matching


@dataclass(frozen=True)
class Promise:
    """What an operator declares, and the share of tests that reach the declared minimum (tests do not tell packages)."""

    declared: DeclaredSpeed
    reaching: float | None


@dataclass(frozen=True)
class Result:
    """What one operator's tests of one technology say in one area; ``bins`` and ``counts`` are for the drawing.

    ``reaching`` of ``tests`` reach the floor; ``effective_tests`` is ``tests`` over the design effect of ``devices``.
    """

    operator: str
    technology: str
    tests: int
    reaching: int
    devices: int | None
    design_effect: float
    effective_tests: float
    mean: float | None
    median: float | None
    upload_mean: float | None
    upload_median: float | None
    latency_median: float | None
    share: float | None
    low: float | None
    high: float | None
    verdict: str
    words: str
    trend: str
    share_before: float | None
    bins: np.ndarray
    counts: np.ndarray
    promises: list[Promise] = field(default_factory=list)

    @property
    def is_all(self) -> bool:
        """Whether all operators are added up here."""
        return self.operator == ALL


@dataclass(frozen=True)
class ChildRow:
    """One area below, with a cell per column (operator, technology) of the table; None where nothing was measured."""

    area: Area
    cells: list[Mapping[str, Any] | None]


def campaigns_visible_to(user: Person) -> QuerySet[Campaign]:
    """Return the campaigns a person may see: those of their areas, and those of the areas above them."""
    return Campaign.objects.filter(_in_sight(user)).select_related("area", "created_by")


def listed_campaigns(user: Person, *, words: str = "") -> QuerySet[Campaign]:
    """Return the campaigns of the list, each with ``kept`` (tests of its last run) and ``waiting`` (files to see to)."""
    found = campaigns_visible_to(user)
    if words:
        found = found.filter(matching(words, "name_folded", "area__name_folded"))
    tests = MeasurementFigure.objects.filter(
        run__campaign=OuterRef("pk"), area=OuterRef("area"), indicator="SPD-12"
    ).order_by("-run__number")
    return found.annotate(
        kept=Subquery(tests.values("value")[:1]),
        waiting=Count("files", filter=Q(files__state__in=PENDING)),
    )


def files_visible_to(user: Person) -> QuerySet[SampleFile]:
    """Return the files of the campaigns a person may measure for."""
    return SampleFile.objects.filter(
        areas_filter(user, Permission.MEASURE_SPEED, column="campaign__area__path")
    ).select_related("campaign__area", "uploaded_by", "committed_by")


def last_run(campaign: Campaign) -> CampaignRun | None:
    """Return the newest run of a campaign."""
    return campaign.runs.order_by("-number").first()


def campaign_before(campaign: Campaign) -> Campaign | None:
    """Return the last campaign of the same area, tool, method and network that ended before this one began."""
    return (
        Campaign.objects.filter(
            area=campaign.area,
            tool=campaign.tool,
            method=campaign.method,
            network=campaign.network,
            ends_on__lt=campaign.starts_on,
            runs__isnull=False,
        )
        .order_by("-ends_on", "-pk")
        .first()
    )


def results_of(run: CampaignRun, area: Area) -> list[Result]:
    """Return the results of an area: each operator and technology, and all operators of each technology together."""
    requirement = requirement_of(run.campaign)
    every = both(rolled_to(drawn_of(run), paths_below(area), 0))
    if len(every) == 0:
        return []
    table = every.keys.select("operator", "technology").join(
        _judged_in(run, [area.code]),
        on=["operator", "technology"],
        how="left",
        maintain_order="left",
        nulls_equal=True,
    )
    uploads, latencies = (_described(every, measure) for measure in ("upload", "latency"))
    before = _shares_before(run.campaign, area)
    declared = declared_for(area, on=run.campaign.ends_on)
    results = []
    for group, row in enumerate(table.iter_rows(named=True)):
        bins, counts = every.histograms["download"].of(group)
        key = (row["operator"], row["technology"])
        former = before.get(key)
        results.append(
            Result(
                *key, row["tests"], row["reaching"] or 0, row["devices"], row["design_effect"], row["effective_tests"], row["mean"], row["median"],
                uploads[group]["mean"], uploads[group]["median"], latencies[group]["median"],
                row["estimate"], row["low"], row["high"], row["verdict"], row["words"],
                _trend((row["estimate"], row["effective_tests"]), former, requirement.confidence),
                former[0] if former else None, bins, counts,
                [
                    Promise(each, share_reaching(bins, counts, each.vdmin_mbps))
                    for each in declared if (each.operator, each.technology) == key
                ],
            )
        )  # fmt: skip
    return sorted(results, key=lambda result: (result.technology, not result.is_all, result.operator))


def children_of(run: CampaignRun, area: Area) -> tuple[list[tuple[str, str]], list[ChildRow]]:
    """Return the columns (operator, technology) and the rows of the areas next below that were measured."""
    below_it = {path[1] for path in paths_below(area).values() if len(path) > 1}
    table = _judged_in(run, below_it)
    if table.height == 0:
        return [], []
    columns = sorted(set(table.select("operator", "technology").iter_rows()), key=lambda pair: (pair[1], pair[0] != ALL, pair[0]))  # fmt: skip
    cells = {
        (row["area_code"], row["operator"], row["technology"]): row for row in table.iter_rows(named=True)
    }
    areas = Area.objects.filter(code__in=set(table["area_code"])).order_by("name_order")
    return columns, [ChildRow(each, [cells.get((each.code, *pair)) for pair in columns]) for each in areas]


def tools_of_area(user: Person, area: Area) -> list[tuple[Campaign, CampaignRun]]:
    """Return the newest campaign with results for each tool, method and network that reaches an area; never mixed."""
    found: dict[tuple[str, str, str], tuple[Campaign, CampaignRun]] = {}
    covering = Q(area__path__in=ancestor_paths(area.path)) | below(area.path, column="area__path")
    for campaign in campaigns_visible_to(user).filter(covering, runs__isnull=False).order_by("-ends_on", "-pk").distinct():  # fmt: skip
        run = last_run(campaign)
        if run is not None:
            found.setdefault((campaign.tool, campaign.method, campaign.network), (campaign, run))
    return list(found.values())


def refuse_to_mix(runs: Sequence[CampaignRun]) -> None:
    """Raise the engine's sentence when the summaries of these runs rest on several tools or methods."""
    if runs:
        require_one_tool(merge([drawn_of(run) for run in runs]))


def declared_for(area: Area, *, on: date) -> list[DeclaredSpeed]:
    """Return the speeds declared for an area or one above it that hold on a day: the newest of each package."""
    rows = DeclaredSpeed.objects.filter(
        area__path__in=ancestor_paths(area.path), valid_from__lte=on
    ).select_related("organisation", "area")
    newest: dict[tuple[Any, ...], DeclaredSpeed] = {}
    for row in rows.order_by("-valid_from", "-pk"):
        newest.setdefault((row.organisation_id, row.operator, row.technology, row.package), row)
    return list(newest.values())


def declared_visible_to(user: Person) -> QuerySet[DeclaredSpeed]:
    """Return the declared speeds of the areas a person may see and of those above."""
    return DeclaredSpeed.objects.filter(_in_sight(user)).select_related("organisation", "area")


def villages_of(area: Area) -> pl.DataFrame:
    """Return the villages in force below an area: place_id, name, area_code and ``within`` (the commune), people, lon, lat."""
    rows = (
        Particulars.objects.filter(
            below(area.path, column="area__path"), area__level=Level.VILLAGE, area__valid_until=None
        )
        .order_by("area__code")
        .values_list(
            "area__code",
            "area__name",
            "area__parent__code",
            "population",
            "longitude",
            "latitude",
            "area__parent__name",
        )
    )
    return pl.DataFrame(
        [(*row[:3], float(row[3] or 0), *row[4:]) for row in rows],
        schema={"place_id": pl.String, "name": pl.String, "area_code": pl.String, "people": pl.Float64, "lon": pl.Float64, "lat": pl.Float64, "within": pl.String},
        orient="row",
    )  # fmt: skip


def bad_areas(run: CampaignRun) -> list[dict[str, Any]]:
    """Return the areas below the campaign's whose share stays below what is asked: the certain ones, most people first.

    Five tests at least; the verdict says how certain it is; ``trend`` holds it against the campaign before.
    """
    campaign = run.campaign
    rows = _judged_below(run)
    former = campaign_before(campaign)
    former_run = last_run(former) if former else None
    table = pl.DataFrame(rows, infer_schema_length=None) if rows else None
    if table is not None and former_run is not None:
        before = _judged_below(former_run, every=True)
        if before:
            rows = list(
                trend_of_places(table, pl.DataFrame(before, infer_schema_length=None)).iter_rows(named=True)
            )
    names = {
        area.code: area
        for area in Area.objects.filter(code__in=[row["place_id"] for row in rows]).select_related("parent")
    }
    people = _people({row["place_id"] for row in rows}, campaign.area)
    for row in rows:
        area = names[row["place_id"]]
        row |= {
            "area": area,
            "within": area.parent.name if area.parent else "",
            "people": people.get(area.code),
        }
        row.setdefault("trend", FRESH)
    return sorted(
        rows,
        key=lambda row: (
            row["verdict"] != NOT_MET,
            -(row["people"] or -1),
            row["share"],
            row["place_id"],
            row["operator"],
        ),
    )


def measured_below(run: CampaignRun) -> set[str]:
    """Return the codes of the areas next below the campaign's that have tests."""
    paths = paths_below(run.campaign.area)
    return {
        paths[code][1] for code in drawn_of(run).keys["area_code"].unique() if len(paths.get(code, ())) > 1
    }


def bad_places_can_be_drawn(run: CampaignRun, spots: pl.DataFrame | None) -> bool:
    """Whether a map of the places below the floor would show something: borders are loaded, or tests have points."""
    inside = below(run.campaign.area.path, column="version__area__path")
    return (
        bool(spots is not None and spots.height)
        or Boundary.objects.filter(inside, version__valid_until=None).exists()
    )


def runs_visible_to(user: Person) -> QuerySet[CampaignRun]:
    """Return the runs of the campaigns a person may see."""
    return CampaignRun.objects.filter(campaign__in=campaigns_visible_to(user)).select_related(
        "campaign__area"
    )


def figures_of_run(run: CampaignRun, area: Area) -> QuerySet[MeasurementFigure]:
    """Return the figures a run gives of an area."""
    return run.figures.filter(area=area).order_by("indicator", "part")


def inputs_of(run: CampaignRun) -> QuerySet[SampleFile]:
    """Return the files whose samples a run counted."""
    return (
        run.campaign.files.filter(sha256__in=run.inputs, kind=FileKind.SAMPLES)
        .select_related("uploaded_by", "committed_by")
        .order_by("pk")
    )


def bad_spots(run: CampaignRun) -> pl.DataFrame:
    """Return the spots below the floor: cells that touch, joined; none where no test has a point."""
    villages = villages_of(run.campaign.area)
    full = pl.concat_str(
        pl.col("name"), pl.lit(" ("), pl.col("within"), pl.lit(")")
    )  # many a "thôn 3" in a province
    return spots_of(run, villages.with_columns(full.alias("name")))


def plan_of(campaign: Campaign) -> CampaignPlan:
    """Return what is still to measure: tests by village, operator, technology and hours.

    Raises
    ------
    InputError
        when there is neither a village nor a commune below the area, or no operator is known.
    """
    run = last_run(campaign)
    places = villages_of(campaign.area)
    if places.height == 0:
        places = _communes_as_places(campaign.area)
    already = None
    pairs = [
        (name, technology)
        for name in Organisation.objects.filter(kind=OrganisationKind.OPERATOR, valid_until=None).values_list("name", flat=True)
        for technology in (("4G", "5G") if campaign.network == Network.MOBILE else ("FTTH",))
    ]  # fmt: skip
    if run is not None:
        summaries = read_run(run)
        pairs = sorted(set(summaries.keys.select("operator", "technology").iter_rows()))
        paths = paths_below(campaign.area)
        commune = dict(
            places.select("area_code").unique().with_columns(pl.col("area_code").alias("to")).iter_rows()
        )
        level = max((len(paths[code]) for code in commune if code in paths), default=1) - 1
        already = rolled_to(summaries, paths, level)
    return plan_campaign(already, places, requirement_of(campaign), operators=pairs)


def latest_figures(
    *, indicator: str, areas: QuerySet[Area], since: date | None = None
) -> QuerySet[MeasurementFigure]:
    """Return the figures of the newest run of each campaign for an indicator over areas.

    For the apps above: each figure carries area, period, value or numerator and denominator, and its run as source
    (``run.campaign`` names tool and method). Nothing is added up over tools.
    """
    newest = (
        CampaignRun.objects.filter(campaign=OuterRef("run__campaign")).order_by("-number").values("pk")[:1]
    )
    found = MeasurementFigure.objects.filter(indicator=indicator, area__in=areas, run=Subquery(newest))
    if since is not None:
        found = found.filter(run__campaign__ends_on__gte=since)
    return found.select_related("area", "run__campaign").order_by(
        "-run__campaign__ends_on", "area__code", "part"
    )


def figures_seen_by(user: Person, *, indicator: str, area: Area) -> QuerySet[MeasurementFigure]:
    """Return the figures of an indicator in one area from the newest runs of the campaigns a person may see."""
    found = latest_figures(indicator=indicator, areas=Area.objects.filter(pk=area.pk))
    return found.filter(run__campaign__in=campaigns_visible_to(user))


def context_of(campaign: Campaign) -> list[SampleFile]:
    """Return the averages of tiles that stand beside a campaign as context."""
    return list(campaign.files.filter(kind=FileKind.TILES, state=FileState.COMMITTED))


def _in_sight(user: Person) -> Q:
    """Say which rows with an ``area`` a person may see: those of their areas, and those of the areas above them."""
    held = getattr(user, "memberships_held", [])
    own = [membership.area.path for membership in held if membership.area is not None]
    above = {upper for path in own for upper in ancestor_paths(path)}
    return areas_filter(user, Permission.VIEW, column="area__path") | Q(area__path__in=above)


def _judged_in(run: CampaignRun, codes: Collection[str]) -> pl.DataFrame:
    """Return the verdicts of some areas."""
    table = judged_of(run)
    return table.filter(pl.col("area_code").is_in(list(codes))) if table.height else table


def _described(summaries: Summaries, measure: str) -> list[dict[str, float | None]]:
    """Return mean and median of every group; nothing known where the measure was not taken."""
    if measure not in summaries.histograms:
        return [{"mean": None, "median": None}] * len(summaries)
    return [describe(summaries, group, measure) for group in range(len(summaries))]


def _shares_before(campaign: Campaign, area: Area) -> dict[tuple[str, str], tuple[float, float]]:
    """Return share and effective tests by operator and technology in the campaign before."""
    former = campaign_before(campaign)
    run = last_run(former) if former else None
    if run is None:
        return {}
    requirement = requirement_of(campaign)
    if former is not None and requirement_of(former) == requirement:
        table = _judged_in(run, [area.code])
    else:
        rolled = both(rolled_to(read_run(run), paths_below(area), 0))
        table = verdicts(rolled, requirement) if len(rolled) else pl.DataFrame()
    if table.height == 0:
        return {}
    return {
        (row["operator"], row["technology"]): (row["estimate"], row["effective_tests"])
        for row in table.iter_rows(named=True)
        if row["tests"]
    }


def _trend(now: tuple[float | None, float], before: tuple[float, float] | None, confidence: float) -> str:
    if before is None or now[0] is None:
        return ""
    low, high = difference_interval((now[0], now[1]), before, confidence)
    return "better" if low > 0 else "worse" if high < 0 else "unclear"


def _judged_below(run: CampaignRun, *, every: bool = False) -> list[dict[str, Any]]:
    """Judge every area below the campaign's, communes and villages alike; the area itself where nothing is below."""
    depth = depth_of(drawn_of(run), run.campaign)
    table = judged_of(run)
    if depth == 0 or table.height == 0:
        return []
    table = table.filter(pl.col("operator") != ALL)
    if depth > 1:
        table = table.filter(pl.col("area_code") != run.campaign.area.code)
    wanted = run.campaign.share
    return [
        {
            "place_id": row["area_code"], "operator": row["operator"], "technology": row["technology"],
            "tests": row["tests"], "share": row["estimate"], "low": row["low"], "high": row["high"],
            "median": row["median"], "verdict": row["verdict"], "words": row["words"],
            "design_effect": row["design_effect"],
        }
        for row in table.iter_rows(named=True)
        if every or (row["tests"] >= 5 and row["estimate"] < wanted and row["verdict"] != "met")
    ]  # fmt: skip


def _people(codes: set[str], top: Area) -> dict[str, int]:
    """Return the people of villages, and of communes the sum of their villages."""
    own = dict(
        Particulars.objects.filter(area__code__in=codes, population__isnull=False).values_list(
            "area__code", "population"
        )
    )
    sums = dict(
        Particulars.objects.filter(
            below(top.path, column="area__path"), area__level=Level.VILLAGE, area__valid_until=None
        )
        .values_list("area__parent__code")
        .annotate(people=Sum("population"))
        .values_list("area__parent__code", "people")
    )
    return {code: value for code in codes if (value := own.get(code, sums.get(code))) is not None}


def _communes_as_places(area: Area) -> pl.DataFrame:
    rows = Area.objects.filter(below(area.path), level=Level.COMMUNE, valid_until=None).order_by("code")
    return pl.DataFrame(
        [(each.code, each.name, each.code, 0.0, None, None) for each in rows],
        schema={"place_id": pl.String, "name": pl.String, "area_code": pl.String, "people": pl.Float64, "lon": pl.Float64, "lat": pl.Float64},
        orient="row",
    )  # fmt: skip
