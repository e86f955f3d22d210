"""The register of the engine made of the rows of the database, and the index of its names; kept while nothing changed."""

from __future__ import annotations

import functools
from typing import Any

from django.db.models import Count, Max, Q

from hatangso.areas.register import Area as Unit
from hatangso.areas.register import Change as UnitChange
from hatangso.areas.register import Register
from hatangso.placenames.search import PlaceIndex, national_spellings
from hatangso_web.areas.models import AreaVersion, Change

# Villages and other areas are many and local: they are found by their columns, not by the index of names.
_INDEXED = ("province", "district", "commune")


def current_register() -> Register:
    """Return all versions and changes of the database as the engine's register.

    Two small queries tell whether the one of the last call still holds; each process keeps one.
    """
    return _register(_stamp())


def place_index() -> PlaceIndex:
    """Return the index of the names of provinces, districts and communes."""
    return _index(_stamp())


def _stamp() -> tuple[Any, ...]:
    """Return what differs as soon as any row was added, closed, opened again or taken away."""
    versions = AreaVersion.objects.aggregate(
        rows=Count("pk"), last=Max("pk"), closed=Count("pk", filter=Q(valid_until__isnull=False))
    )
    changes = Change.objects.aggregate(rows=Count("pk"), last=Max("pk"))
    return (*versions.values(), *changes.values())


@functools.lru_cache(maxsize=1)
def _register(stamp: tuple[Any, ...]) -> Register:
    versions = AreaVersion.objects.order_by("area__code").values_list(
        "area__code", "level", "kind", "name", "parent__code", "valid_from", "valid_until"
    )
    changes = Change.objects.order_by("pk").values_list(
        "kind", "from_area__code", "to_area__code", "on", "share", "population_share", "legal_act"
    )
    return Register(
        (
            Unit(code, level, kind, name, parent or "", since, until)
            for code, level, kind, name, parent, since, until in versions.iterator(chunk_size=4000)
        ),
        (UnitChange(*row) for row in changes.iterator(chunk_size=4000)),
    )


@functools.lru_cache(maxsize=1)
def _index(stamp: tuple[Any, ...]) -> PlaceIndex:
    register = _register(stamp)
    units = [unit for unit in register.areas if unit.level in _INDEXED]
    return PlaceIndex(Register(units, register.changes), spellings=national_spellings())
