"""What is asked of areas: what lies below, what stands above, what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from hatangso_web.areas.models import Area

_Row = TypeVar("_Row", bound=Model)


def below(path: str, *, column: str = "path") -> Q:
    """Return the filter "at or below the area of this path"; ``column`` may lead through a key (``area__path``)."""
    return Q(**{f"{column}__startswith": path})


def descendants_of(area: Area, *, itself: bool = True) -> QuerySet[Area]:
    """Return every area below ``area`` and, unless told otherwise, itself; one query, no recursion."""
    found = Area.objects.filter(below(area.path))
    return found if itself else found.exclude(pk=area.pk)


def ancestor_paths(path: str) -> list[str]:
    """Return the paths from the top down to ``path`` itself: ``/67/1/`` → ``/67/``, ``/67/1/``."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: count + 1]) + "/" for count in range(len(codes))]


def ancestors_of(area: Area, *, itself: bool = False) -> QuerySet[Area]:
    """Return the areas above ``area`` from the top down; one query."""
    paths = ancestor_paths(area.path)
    return Area.objects.filter(path__in=paths if itself else paths[:-1]).order_by("path")


def in_force(rows: QuerySet[_Row], *, on: date) -> QuerySet[_Row]:
    """Return the rows (areas, versions, organisations) in force on a day; ``valid_until`` is exclusive."""
    return rows.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on),
        Q(valid_until__isnull=True) | Q(valid_until__gt=on),
    )


def covers(paths: Iterable[str], path: str) -> bool:
    """Tell whether one of ``paths`` is ``path`` or stands above it."""
    return any(path.startswith(upper) for upper in paths)
