"""Loads a register of the engine (the national one) into rows: quickly, and as often as one likes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from hatangso.areas.register import Area as Unit
from hatangso.areas.register import Register, national_register
from hatangso_web.areas.models import Area, AreaVersion, Change
from hatangso_web.areas.present import bring_present

_BATCH = 1000
_FROM_THE_TOP = ("province", "district", "commune", "village", "other")


@dataclass(frozen=True)
class Loaded:
    """How many rows a load wrote; all zero when everything was there."""

    areas: int
    versions: int
    changes: int
    closed: int


@transaction.atomic
def load_register(*, on: date, register: Register | None = None) -> Loaded:
    """Write the units and changes of a register that the database lacks; the national one unless told otherwise.

    What people entered is kept: a unit closed by a change of theirs is not opened again. A unit that the
    register closes and the database has open is closed. Running it again writes nothing.
    """
    units = register or national_register()
    codes = dict(Area.objects.values_list("code", "pk"))
    areas = _load_areas(units, codes, on=on)
    known = {
        (version.area_id, version.valid_from): version
        for version in AreaVersion.objects.only("area", "valid_from", "valid_until", "closed_by")
    }
    fresh = [
        _version(units, unit, codes)
        for unit in units.areas
        if (codes[unit.code], unit.valid_from) not in known
    ]
    closed = _closed(units.areas, codes, known)
    AreaVersion.objects.bulk_update(closed, ["valid_until"], batch_size=_BATCH)
    AreaVersion.objects.bulk_create(fresh, batch_size=_BATCH)
    changes = _load_changes(units, codes)
    if areas or fresh or closed or changes:
        bring_present(on=on)
    return Loaded(areas, len(fresh), changes, len(closed))


def _load_areas(units: Register, codes: dict[str, int], *, on: date) -> int:
    """Write the areas the database lacks, parents first, and add them to ``codes``."""
    missing: dict[str, Unit] = {}
    for unit in units.areas:
        if unit.code not in codes and (unit.code not in missing or _has_begun(unit, on)):
            missing[unit.code] = unit
    for level in _FROM_THE_TOP:
        rows = [
            Area(
                code=unit.code,
                name=unit.full_name.strip(),
                level=level,
                parent_id=codes.get(unit.parent_code),
                path=_path(units, unit),
                valid_from=units.versions(unit.code)[0].valid_from,
                valid_until=units.versions(unit.code)[-1].valid_until,
            )
            for unit in missing.values()
            if unit.level == level
        ]
        codes |= {area.code: area.pk for area in Area.objects.bulk_create(rows, batch_size=_BATCH)}
    return len(missing)


def _has_begun(unit: Unit, on: date) -> bool:
    return unit.valid_from is None or unit.valid_from <= on


def _version(units: Register, unit: Unit, codes: Mapping[str, int]) -> AreaVersion:
    return AreaVersion(
        area_id=codes[unit.code],
        kind=unit.kind,
        name=unit.name,
        level=unit.level,
        parent_id=codes[unit.parent_code] if unit.parent_code else None,
        path=_path(units, unit),
        valid_from=unit.valid_from,
        valid_until=unit.valid_until,
    )


def _closed(
    units: Iterable[Unit], codes: Mapping[str, int], known: Mapping[tuple[int, date | None], AreaVersion]
) -> list[AreaVersion]:
    found = []
    for unit in units:
        version = known.get((codes[unit.code], unit.valid_from))
        if version and version.closed_by is None and version.valid_until != unit.valid_until:
            version.valid_until = unit.valid_until
            found.append(version)
    return found


def _load_changes(units: Register, codes: Mapping[str, int]) -> int:
    known = set(Change.objects.values_list("from_area_id", "to_area_id", "on"))
    fresh = []
    for change in units.changes:
        key = (codes[change.from_code], codes[change.to_code] if change.to_code else None, change.on)
        if key in known:
            continue
        known.add(key)
        fresh.append(
            Change(
                kind=change.kind,
                from_area_id=key[0],
                to_area_id=key[1],
                on=change.on,
                share=change.share,
                population_share=change.population_share,
                legal_act=change.legal_act,
            )
        )
    Change.objects.bulk_create(fresh, batch_size=_BATCH)
    return len(fresh)


def _path(units: Register, unit: Unit) -> str:
    """Return the codes above a unit on a day it held, from the top down."""
    day = unit.valid_until - timedelta(days=1) if unit.valid_until else date.max
    above = units.ancestors(unit.code, on=day)
    return "/" + "".join(f"{upper.code}/" for upper in reversed(above)) + f"{unit.code}/"
