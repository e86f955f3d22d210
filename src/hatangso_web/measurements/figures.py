"""From the summaries of files to a run: merged summaries, rolled up over areas, and the figures they give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import OuterRef, Subquery

from hatangso.catalogue import indicator
from hatangso.speed.histogram import first_bin_reaching
from hatangso.speed.summaries import FLOORS_MBPS, Summaries, merge, no_clusters, read_summaries, roll_up
from hatangso.speed.validity import MOBILE
from hatangso.speed.verdicts import Requirement, describe
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below
from hatangso_web.measurements.models import Campaign, CampaignRun, MeasurementFigure, Network, SampleFile
from hatangso_web.measurements.storage import summary_path

FLOOR_4G_MBPS = 40.0  # SPD-04 names its floor; SPD-06 takes that of the campaign
DOWNLOAD, AGAINST_BASE_YEAR = "SPD-01", "SPD-08"
# indicator, part, technologies (none = all), measure, what is taken
_FIGURES: dict[str, tuple[tuple[str, str, tuple[str, ...], str, str], ...]] = {
    Network.MOBILE: (
        ("SPD-01", "", MOBILE, "download", "median"), ("SPD-02", "", MOBILE, "upload", "median"),
        ("SPD-03", "", ("4G",), "download", "mean"), ("SPD-04", "", ("4G",), "download", "share"),
        ("SPD-05", "", ("5G",), "download", "mean"), ("SPD-06", "", ("5G",), "download", "share"),
        ("SPD-07", "", ("5G",), "upload", "mean"),
    ),
    Network.FIXED: (("SPD-09", "", (), "download", "median"), ("SPD-10", "", (), "upload", "median")),
}  # fmt: skip
_BOTH = (
    ("SPD-11", "latency", (), "latency", "median"), ("SPD-11", "jitter", (), "jitter", "median"),
    ("SPD-12", "", (), "download", "count"),
)  # fmt: skip


def requirement_of(campaign: Campaign) -> Requirement:
    """Return what the campaign asks, as the engine takes it."""
    return Requirement(
        campaign.floor_mbps,
        campaign.share,
        confidence=campaign.confidence,
        minimum_tests=campaign.minimum_tests,
    )


def digest_of(files: Sequence[SampleFile]) -> str:
    """Return what names a set of committed files, whatever their order."""
    named = sorted(f"{file.sha256}:{file.stored_as}" for file in files)
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def merged_summaries(files: Sequence[SampleFile]) -> Summaries:
    """Return the summaries of files added up."""
    return merge([read_summaries(summary_path(file)) for file in files])


def nothing_of(summaries: Summaries) -> Summaries:
    """Return summaries of the same measures and floors with no group in them: what a campaign without files has."""
    return summaries.select(np.zeros(len(summaries), dtype=bool))


def paths_below(area: Area) -> dict[str, list[str]]:
    """Return, for every area at or below one, its codes from that one down to itself."""
    depth = area.depth
    rows = Area.objects.filter(below(area.path)).values_list("code", "path")
    return {code: path.strip("/").split("/")[depth:] for code, path in rows}


def rolled_to(
    summaries: Summaries, paths: Mapping[str, Sequence[str]], level: int, over: Sequence[str] = ()
) -> Summaries:
    """Add summaries into the areas ``level`` steps below the top of ``paths``."""
    parent_of = {code: path[level] for code, path in paths.items() if len(path) > level}
    return roll_up(summaries, parent_of, over=("period", *over))


def figures_of(run: CampaignRun, summaries: Summaries) -> list[MeasurementFigure]:
    """Return the figures of every area the samples reach, not yet stored."""
    campaign = run.campaign
    paths = paths_below(campaign.area)
    keys = dict(Area.objects.filter(code__in=paths).values_list("code", "pk"))
    deepest = max((len(paths[code]) for code in summaries.keys["area_code"].unique()), default=0)
    rows = []
    for technologies, wanted in _by_technologies(campaign).items():
        chosen = without_devices(summaries)
        if technologies:
            chosen = chosen.select(chosen.keys["technology"].is_in(technologies).to_numpy())
        for level in range(deepest):
            whole = rolled_to(chosen, paths, level, ("operator", "technology"))
            for group, area_code in enumerate(whole.keys["area_code"]):
                rows += [
                    MeasurementFigure(
                        run=run, area_id=keys[area_code], indicator=code, part=part, period=campaign.period, **found
                    )
                    for code, part, measure, asked in wanted
                    if measure in whole.histograms and (found := _figure(whole, group, measure, asked)) is not None
                ]  # fmt: skip
    return rows


def _by_technologies(
    campaign: Campaign,
) -> dict[tuple[str, ...], list[tuple[str, str, str, tuple[str, float]]]]:
    """Return the figures of a campaign by the technologies they are taken over, so that each lot is added up once."""
    wanted: dict[tuple[str, ...], list[tuple[str, str, str, tuple[str, float]]]] = {}
    for code, part, technologies, measure, what in (*_FIGURES[campaign.network], *_BOTH):
        floor = FLOOR_4G_MBPS if code == "SPD-04" else campaign.floor_mbps
        wanted.setdefault(technologies, []).append((code, part, measure, (what, floor)))
    return wanted


def without_devices(summaries: Summaries) -> Summaries:
    """Return the same summaries without counts by device; those differ in their floors from campaign to campaign."""
    return Summaries(
        summaries.keys, summaries.samples, summaries.histograms, summaries.sums, no_clusters(FLOORS_MBPS)
    )


def download_of_province(
    figures: Sequence[MeasurementFigure], campaign: Campaign
) -> MeasurementFigure | None:
    """Return, of the figures of a run, the mobile download of the campaign's whole area."""
    return next(
        (each for each in figures if each.indicator == DOWNLOAD and each.area_id == campaign.area_id), None
    )


def base_figure(campaign: Campaign) -> MeasurementFigure | None:
    """Return the mobile download of the base year that a province's campaign is held against; of the same tool and method.

    Of several campaigns in the base year the last one to end is taken, each at its newest run. Nothing for a campaign
    of the base year itself.
    """
    base_year = indicator(AGAINST_BASE_YEAR).base_year
    if campaign.area.level != Level.PROVINCE or campaign.ends_on.year == base_year:
        return None
    newest = (
        CampaignRun.objects.filter(campaign=OuterRef("run__campaign")).order_by("-number").values("pk")[:1]
    )
    return (
        MeasurementFigure.objects.filter(
            indicator=DOWNLOAD, area=campaign.area, value__gt=0, run=Subquery(newest), run__campaign__area=campaign.area,
            run__campaign__tool=campaign.tool, run__campaign__method=campaign.method,
            run__campaign__network=campaign.network, run__campaign__ends_on__year=base_year,
        )
        .select_related("run__campaign")
        .order_by("-run__campaign__ends_on", "-run__campaign")
        .first()
    )  # fmt: skip


def against_base_year(run: CampaignRun, now: MeasurementFigure, base: MeasurementFigure) -> MeasurementFigure:
    """SPD-08: the province's mobile download over that of the base year, as a figure of a run."""
    return MeasurementFigure(
        run=run, area_id=now.area_id, indicator=AGAINST_BASE_YEAR, period=now.period,
        numerator=now.value, denominator=base.value,
    )  # fmt: skip


def _figure(
    summaries: Summaries, group: int, measure: str, wanted: tuple[str, float]
) -> dict[str, Any] | None:
    bins, counts = summaries.histograms[measure].of(group)
    tests, (what, floor) = int(counts.sum()), wanted
    if tests == 0:
        return None
    if what == "count":
        return {"value": tests}
    if what == "share":
        return {"numerator": int(counts[bins >= first_bin_reaching(floor)].sum()), "denominator": tests}
    return {"value": describe(summaries, group, measure)[what]}
