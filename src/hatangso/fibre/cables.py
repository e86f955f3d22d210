"""Existing cables that routes reuse: whether their spare fibres suffice, and what laying beside them costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hatangso.fibre.costs import ROAD_METHODS, FibreCosts
from hatangso.fibre.lines import Lines
from hatangso.vietnamese import format_number

MOST_NAMED = 10


@dataclass(frozen=True)
class Cables:
    """Existing cables under the edges of a network.

    of_edge : int64 (m,), number of the cable an edge runs along, -1 for none
    names : what people call each; spare : float64 (k,), its spare fibres, NaN where the map does not tell
    """

    of_edge: np.ndarray
    names: tuple[str, ...]
    spare: np.ndarray


@dataclass(frozen=True)
class Shortage:
    """A cable with too few spare fibres: over ``length_m`` up to ``missing`` must be laid beside it, at ``cost_vnd``."""

    cable: str
    spare: int
    needed: int
    length_m: float
    method: str
    laying_vnd: float
    cable_size: int
    cable_vnd: float

    @property
    def missing(self) -> int:
        return self.needed - self.spare

    @property
    def cost_vnd(self) -> float:
        return self.laying_vnd + self.cable_vnd


def cables_of(lines: Lines, line: np.ndarray) -> Cables:
    """Return the cables among ``lines`` that edges (``line`` : int64 (m,), their line, -1 for none) run along."""
    under = np.where(line >= 0, lines.carrier[np.maximum(line, 0)] == "cable", False)
    used = np.unique(line[under])
    of_edge = np.full(len(line), -1, np.int64)
    of_edge[under] = np.searchsorted(used, line[under])
    return Cables(of_edge, tuple(lines.name[used].tolist()), lines.spare_fibres[used].astype(np.float64))


def find_shortages(
    cables: Cables, carried: np.ndarray, *, length_m: np.ndarray, costs: FibreCosts
) -> list[Shortage]:
    """Return the cables that carry more fibres (float64 (m,), without reserve) than they have to spare.

    What is missing on the fullest stretch is laid beside every stretch that lacks fibres: along the road by the cheapest
    way on unknown ground, in one cable that holds it.
    """
    found = []
    for number in np.unique(cables.of_edge[(cables.of_edge >= 0) & (carried > 0)]):
        short = np.flatnonzero((cables.of_edge == number) & (carried > cables.spare[number]))
        if len(short) == 0:  # enough, or not told
            continue
        spare, needed = int(cables.spare[number]), int(np.ceil(carried[short].max() - 1e-9))
        method, price = costs.cheapest_method("road", "unknown", methods=ROAD_METHODS)
        length = float(length_m[short].sum())
        beside = costs.cable_for(needed - spare)
        cable_vnd = length * sum(count * costs.cables[size] for size, count in beside)
        size = sum(size * count for size, count in beside)
        found.append(
            Shortage(cables.names[number], spare, needed, length, method, length * price, size, cable_vnd)
        )
    return found


def cable_notes(cables: Cables, carried: np.ndarray, shortages: list[Shortage]) -> list[str]:
    """Name the cables that lack fibres, and those of which it had to be assumed that they have enough."""
    notes = [
        f"Cáp có sẵn {short.cable} cần {short.needed} sợi nhưng chỉ còn {short.spare}: thiếu {short.missing} sợi, đặt thêm "
        f"cáp bên cạnh {format_number(round(short.length_m))} m tốn {format_number(round(short.cost_vnd / 1e6, 1))} "
        "triệu đồng (đã tính vào chi phí)"
        for short in shortages
    ]
    used = np.unique(cables.of_edge[(cables.of_edge >= 0) & (carried > 0)])
    unknown = [cables.names[number] for number in used if np.isnan(cables.spare[number])]
    if unknown:
        more = "" if len(unknown) <= MOST_NAMED else f" và {len(unknown) - MOST_NAMED} cáp khác"
        notes.append(
            "Giả định: bản đồ không ghi số sợi còn dư (cột spare_fibres) của cáp có sẵn "
            f"{', '.join(unknown[:MOST_NAMED])}{more}, coi như đủ sợi"
        )
    return notes
