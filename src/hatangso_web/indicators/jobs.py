"""Background work on figures: computing all indicators of an area's tree for a period."""

from __future__ import annotations

from django.db.models import F, Max
from django_tasks import task

from hatangso_web.areas.models import Area
from hatangso_web.indicators.computing import compute_period
from hatangso_web.indicators.models import Run, Value


@task()
def compute_figures(area_id: int, period: str) -> None:
    """Compute the indicators of an area for a period; when nothing is new since the last run it does nothing."""
    compute_period(Area.objects.get(pk=area_id), period)


def compute_what_was_left() -> int:
    """Have computed again what a worker that died left behind; returns how many areas and periods.

    Left behind is a round's area and period with approved values newer than its run, or without a run. Called
    when a worker starts; computing twice changes nothing.
    """
    newest = (
        Value.objects.filter(submission__isnull=False)
        .values("period", home=F("submission__round__area"))
        .annotate(last=Max("pk"))
    )
    runs = {(run.area_id, run.period): run.last_value for run in Run.objects.filter(is_current=True)}
    left = [
        (row["home"], row["period"])
        for row in newest
        if runs.get((row["home"], row["period"]), 0) < row["last"]
    ]
    for area, period in left:
        compute_figures.enqueue(area, period)
    return len(left)
