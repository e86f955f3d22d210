"""Runs of the engine over a campaign's committed files, made again where the campaign they lean on has changed."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

from django.db.models import F
from django.utils import timezone

from hatangso.catalogue import indicator
from hatangso.speed.summaries import Summaries
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Level
from hatangso_web.measurements.audit import Event
from hatangso_web.measurements.figures import (
    AGAINST_BASE_YEAR,
    against_base_year,
    base_figure,
    digest_of,
    download_of_province,
    figures_of,
)
from hatangso_web.measurements.models import (
    Campaign,
    CampaignRun,
    FileKind,
    FileState,
    MeasurementFigure,
    SampleFile,
)


def committed_files(campaign: Campaign) -> list[SampleFile]:
    """Return the files whose samples count, in the order they came."""
    return list(campaign.files.filter(state=FileState.COMMITTED, kind=FileKind.SAMPLES).order_by("pk"))


def lock_family(campaign: Campaign) -> None:
    """Hold a campaign and all that may lean on it, or it on them, until the transaction ends; always in one order."""
    family = Campaign.objects.filter(
        area=campaign.area, tool=campaign.tool, method=campaign.method, network=campaign.network
    )
    list(family.select_for_update().order_by("pk").values_list("pk", flat=True))


def store_run(campaign: Campaign, files: list[SampleFile], merged: Summaries, *, by: User | None) -> None:
    """Write a new run of a campaign with its figures, and new runs of the campaigns that lean on it.

    When: in a transaction that holds the family of the campaign.
    """
    run = CampaignRun(
        campaign=campaign, number=_next_number(campaign), inputs=sorted(file.sha256 for file in files),
        digest=digest_of(files), parameters=_asked(campaign), engine_version=version_of("hatangso"), made_at=timezone.now(),
    )  # fmt: skip
    base = base_figure(campaign)
    _write(run, figures_of(run, merged), base)
    for other in _leaning_on(campaign):
        _make_again(other, by=by)


def _leaning_on(campaign: Campaign) -> list[Campaign]:
    """Return the campaigns whose figures are held against those of this one: it lies in the base year, they do not."""
    base_year = indicator(AGAINST_BASE_YEAR).base_year
    if campaign.area.level != Level.PROVINCE or campaign.ends_on.year != base_year:
        return []
    return list(
        Campaign.objects.filter(
            area=campaign.area, tool=campaign.tool, method=campaign.method, network=campaign.network, runs__isnull=False
        )
        .exclude(ends_on__year=base_year)
        .select_related("area")
        .distinct()
        .order_by("pk")
    )  # fmt: skip


def _make_again(campaign: Campaign, *, by: User | None) -> None:
    """Write a run with the same inputs and figures, held against the base year as it is now; nothing where that is the same.

    The run before and its figures stay as they are.
    """
    last = campaign.runs.order_by("-number").first()
    if last is None:
        return
    figures = list(last.figures.all())
    before = next((each for each in figures if each.indicator == AGAINST_BASE_YEAR), None)
    kept = [each for each in figures if each is not before]
    now, base = download_of_province(kept, campaign), base_figure(campaign)
    after = (now.value, base.value) if now is not None and base is not None else None
    if after == ((before.numerator, before.denominator) if before is not None else None):
        return
    run = CampaignRun(
        campaign=campaign, number=last.number + 1, inputs=last.inputs, digest=last.digest,
        parameters={**last.parameters, "made_again": True}, engine_version=version_of("hatangso"), made_at=timezone.now(),
    )  # fmt: skip
    _write(run, [_copied(each, run) for each in kept], base)
    record(
        Event.RUN_MADE_AGAIN, about=campaign, by=by,
        details={
            "run": run.number, "base": base.run.campaign.name if base else "",
            "before": before.denominator if before else None, "after": base.value if base else None,
        },
    )  # fmt: skip


def _write(run: CampaignRun, figures: list[MeasurementFigure], base: MeasurementFigure | None) -> None:
    """Store a run with its figures and, where there is a base year to hold it against, the figure against that."""
    now = download_of_province(figures, run.campaign)
    run.parameters = {name: value for name, value in run.parameters.items() if name != "against_run"}
    if now is not None and base is not None:
        run.parameters["against_run"] = base.run_id
        figures = [*figures, against_base_year(run, now, base)]
    run.save()
    MeasurementFigure.objects.bulk_create(figures, batch_size=1000)


def _copied(figure: MeasurementFigure, run: CampaignRun) -> MeasurementFigure:
    return MeasurementFigure(
        run=run, area_id=figure.area_id, indicator=figure.indicator, part=figure.part, period=figure.period,
        value=figure.value, numerator=figure.numerator, denominator=figure.denominator,
    )  # fmt: skip


def _next_number(campaign: Campaign) -> int:
    last = campaign.runs.order_by("-number").values_list(F("number"), flat=True).first()
    return 1 if last is None else last + 1


def _asked(campaign: Campaign) -> dict[str, Any]:
    return {
        "floor_mbps": campaign.floor_mbps, "share": campaign.share, "confidence": campaign.confidence,
        "minimum_tests": campaign.minimum_tests, "tool": campaign.tool, "method": campaign.method,
    }  # fmt: skip
