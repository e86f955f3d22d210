"""The communes of the invented province before 1 January 2026: two that were merged, one that was cut in two."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import shapely

from hatangso_web.demo.province import PROVINCE_CODE, Commune, Province

CHANGED_ON = datetime.date(2026, 1, 1)
LEGAL_ACT = "Nghị quyết hư cấu 01/NQ về sắp xếp xã của tỉnh mẫu"
_FEWEST = 12  # a smaller province keeps its map


@dataclass(frozen=True)
class Former:
    """A commune that ended: ``kind`` of the change and, for each unit of today, (code, share, share of people)."""

    commune: Commune
    kind: str
    into: tuple[tuple[str, float | None, float], ...]


def former_communes(province: Province) -> tuple[Former, ...]:
    """Return what stood before the change; nothing in a province of fewer than twelve communes.

    The last commune was two, joined whole. The last but one and its neighbour were one, cut where only the people
    of each piece are known, as in most resolutions.
    """
    if province.size < _FEWEST:
        return ()
    merged, piece = province.communes[-1], province.communes[-2]
    other = max(
        province.communes[2:-2],
        key=lambda commune: shapely.intersection(commune.outline, piece.outline).length,
    )
    first, second = _halves(merged)
    whole = replace(
        piece,
        code=f"{PROVINCE_CODE}9003",
        name=f"{piece.name} cũ",
        kind="xã",
        outline=shapely.union(piece.outline, other.outline),
        villages=(*piece.villages, *other.villages),
    )
    people = whole.people
    return (
        Former(first, "merge", ((merged.code, 1.0, 1.0),)),
        Former(second, "merge", ((merged.code, 1.0, 1.0),)),
        Former(whole, "split", tuple((part.code, None, part.people / people) for part in (piece, other))),
    )


def young_codes(formers: tuple[Former, ...]) -> frozenset[str]:
    """Return the codes of today's communes that began with the change."""
    return frozenset(code for former in formers for code, _share, _people in former.into)


def _halves(commune: Commune) -> tuple[Commune, Commune]:
    """Cut a commune along its middle meridian; its villages go with the half they lie in, at least one each."""
    west, south, east, north = commune.outline.bounds
    villages = sorted(commune.villages, key=lambda village: village.lon)
    middle = (villages[len(villages) // 2 - 1].lon + villages[len(villages) // 2].lon) / 2
    parts = (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north))
    lots = (villages[: len(villages) // 2], villages[len(villages) // 2 :])
    first, second = (
        replace(
            commune,
            code=f"{PROVINCE_CODE}{9001 + number}",
            name=f"{commune.name} {word}",
            kind="xã",
            outline=shapely.intersection(commune.outline, parts[number]),
            villages=tuple(lots[number]),
        )
        for number, word in enumerate(("Thượng", "Hạ"))
    )
    return first, second
