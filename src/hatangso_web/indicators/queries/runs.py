"""What is asked of runs: from which computing a page's figures come."""

from __future__ import annotations

from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths
from hatangso_web.indicators.models import Run


def run_of(area: Area, period: str) -> Run | None:
    """Return the newest computing of a period that reaches an area."""
    paths = ancestor_paths(area.path)
    return Run.objects.filter(is_current=True, period=period, area__path__in=paths).order_by("-pk").first()
