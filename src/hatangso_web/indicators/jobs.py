"""Background work on figures: computing all indicators of an area's tree for a period."""

from __future__ import annotations

from django_tasks import task

from hatangso_web.areas.models import Area
from hatangso_web.indicators.computing import compute_period


@task()
def compute_figures(area_id: int, period: str) -> None:
    """Compute the indicators of an area for a period; when nothing is new since the last run it does nothing."""
    compute_period(Area.objects.get(pk=area_id), period)
