"""What is done to areas: they are entered with their place in the tree."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from hatangso_web.areas.models import Area


@transaction.atomic
def enter_area(
    *,
    code: str,
    name: str,
    level: str,
    parent: Area | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Area:
    """Write an area below ``parent``, checked, with its path."""
    area = Area(
        code=code,
        name=name,
        level=level,
        parent=parent,
        path=f"{parent.path if parent else '/'}{code}/",
        valid_from=valid_from,
        valid_until=valid_until,
    )
    area.full_clean(exclude=["name_folded", "name_order"])
    area.save()
    return area
