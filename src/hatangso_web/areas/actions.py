"""What is done to areas: they are entered with their place in the tree and their first version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from django.db import transaction

from hatangso_web.areas.models import Area, AreaVersion

_KINDS = re.compile(
    r"(tỉnh|thành phố|quận|huyện|thị xã|phường|xã|thị trấn|đặc khu|thôn|ấp|bon|buôn|bản|tổ dân phố|khu phố)\s+(.+)",
    re.IGNORECASE,
)


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
    """Write an area below ``parent``, checked, with its path and its first version."""
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
    write_versions([area])
    return area


def write_versions(areas: Iterable[Area]) -> None:
    """Write the first version of new areas: what stands on the area, for its whole life."""
    AreaVersion.objects.bulk_create(
        [
            AreaVersion(
                area=area,
                kind=kind,
                name=name,
                level=area.level,
                parent_id=area.parent_id,
                path=area.path,
                valid_from=area.valid_from,
                valid_until=area.valid_until,
            )
            for area in areas
            for kind, name in [split_name(area.name)]
        ],
        batch_size=1000,
    )


def split_name(name: str) -> tuple[str, str]:
    """Return kind and bare name: "Xã Ea Mới" → ("Xã", "Ea Mới"); ("", name) where no kind stands before it."""
    found = _KINDS.fullmatch(name)
    return (found[1], found[2]) if found else ("", name)
