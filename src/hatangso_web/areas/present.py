"""Keeps what stands on an area (name, level, parent, path, life) in step with its versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby

from django.db import transaction

from hatangso_web.areas.models import Area, AreaVersion

_FIELDS = ["name", "name_folded", "name_order", "level", "parent", "path", "valid_from", "valid_until"]


@transaction.atomic
def bring_present(*, on: date) -> int:
    """Write on every area what its version of the day ``on`` says; return how many areas changed.

    An area that has ended keeps what it was on its last day, one that is yet to come shows what it will be.
    Roles, offices and plans hang on areas, so from the day of a merger they stand under the new province.
    """
    versions = AreaVersion.objects.order_by("area_id", "valid_from").select_related("parent")
    standing = {
        key: (version_of_day(rows := list(group), on=on), rows)
        for key, group in groupby(versions.iterator(chunk_size=4000), key=lambda version: version.area_id)
    }
    areas = {area.pk: area for area in Area.objects.all()}
    paths: dict[int, str] = {}
    changed = []
    for key, area in areas.items():
        found = standing.get(key)
        if found is None:
            continue
        version, rows = found
        wanted = (
            version.full_name, version.level, version.parent_id, _path(key, areas, standing, paths),
            first_day(rows), last_day(rows),
        )  # fmt: skip
        held = (area.name, area.level, area.parent_id, area.path, area.valid_from, area.valid_until)
        if wanted != held:
            (area.name, area.level, area.parent_id, area.path, area.valid_from, area.valid_until) = wanted
            changed.append(area)
    for area in changed:
        for name in ("name_folded", "name_order"):
            Area._meta.get_field(name).pre_save(area, False)
    Area.objects.bulk_update(changed, _FIELDS, batch_size=200)
    return len(changed)


def version_of_day(versions: Iterable[AreaVersion], *, on: date) -> AreaVersion:
    """Return the version in force on a day; else the last that ended before, else the first to come."""
    rows = sorted(versions, key=lambda version: version.valid_from or date.min)
    begun = [row for row in rows if row.valid_from is None or row.valid_from <= on]
    return begun[-1] if begun else rows[0]


def first_day(versions: Iterable[AreaVersion]) -> date | None:
    """Return when the code began; None: before our records."""
    days = [version.valid_from for version in versions]
    return None if None in days else min(day for day in days if day)


def last_day(versions: Iterable[AreaVersion]) -> date | None:
    """Return when the code ended; None while it goes on."""
    days = [version.valid_until for version in versions]
    return None if None in days else max(day for day in days if day)


def _path(
    key: int,
    areas: Mapping[int, Area],
    standing: Mapping[int, tuple[AreaVersion, list[AreaVersion]]],
    paths: dict[int, str],
) -> str:
    if key not in paths:
        found = standing.get(key)
        parent = found[0].parent_id if found else areas[key].parent_id
        upper = _path(parent, areas, standing, paths) if parent is not None else "/"
        paths[key] = f"{upper}{areas[key].code}/"
    return paths[key]
