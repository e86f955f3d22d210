"""What must be bought and done for a plan: cables rounded up, ways of laying, crossings, cabinets, splitters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hatangso.fibre.cables import Shortage
from hatangso.fibre.costs import BARRIERS, METHOD_WORDS, FibreCosts
from hatangso.fibre.lines import BARRIER_WORDS
from hatangso.fibre.network import Network
from hatangso.fibre.places import Needs

SURFACE_WORDS = {
    "unknown": "chưa rõ mặt",
    "earth": "đất",
    "asphalt": "nhựa",
    "concrete": "bê tông",
    "rock": "đá",
}


@dataclass(frozen=True)
class MaterialRow:
    """One line of the list: group (tuyến, cáp, vượt, thiết bị), words, quantity with unit, đồng in sum."""

    group: str
    words: str
    quantity: float
    unit: str
    cost_vnd: float


def list_materials(
    network: Network, built: np.ndarray, *, fibres: np.ndarray, costs: FibreCosts
) -> list[MaterialRow]:
    """List ways of laying, crossings and cables of the built edges (bool (m,)); fibres : int64 (m,) with reserve."""
    laid: dict[tuple[str, str, str], float] = defaultdict(float)
    cables: dict[int, float] = defaultdict(float)
    for edge in np.flatnonzero(built):
        length = float(network.length_m[edge])
        carrier = str(network.carrier[edge])
        laid[(carrier, str(network.method[edge]), str(network.surface[edge]))] += length
        if carrier != "cable":
            for size, number in costs.cable_for(float(max(fibres[edge], 1))):
                cables[size] += number * length
    rows = []
    for (carrier, method, surface), length in sorted(laid.items()):
        name, price = costs.cheapest_method(carrier, surface, methods=(method,))
        words = METHOD_WORDS[name] + (
            f", nền {SURFACE_WORDS[surface]}" if carrier == "road" else f" ({carrier_words(carrier)})"
        )
        rows.append(MaterialRow("tuyến", words, length, "m", length * price))
    crossed = network.crossings[built & (network.carrier != "cable")].sum(axis=0)
    for barrier, count in zip(BARRIERS, crossed, strict=True):
        if count > 0:
            price = costs.crossings.get(barrier, 0.0)
            rows.append(
                MaterialRow(
                    "vượt", "Vượt " + BARRIER_WORDS[barrier], float(count), "lần", float(count) * price
                )
            )
    for size, length in sorted(cables.items()):
        rows.append(MaterialRow("cáp", f"Cáp quang {size} sợi", length, "m", length * costs.cables[size]))
    return rows


def list_beside(shortages: Sequence[Shortage]) -> list[MaterialRow]:
    """List what is laid beside existing cables that lack fibres."""
    rows = []
    for short in shortages:
        beside = f"bên cạnh cáp {short.cable}"
        method = METHOD_WORDS[short.method]
        rows.append(MaterialRow("tuyến", f"{method}, {beside}", short.length_m, "m", short.laying_vnd))
        words = f"Cáp quang {short.cable_size} sợi, {beside}"
        rows.append(MaterialRow("cáp", words, short.length_m, "m", short.cable_vnd))
    return rows


def carrier_words(carrier: str) -> str:
    """Say a carrier in words."""
    return {"road": "đường", "poles": "tuyến cột", "duct": "cống bể", "cable": "cáp có sẵn", "join": "nối ra đường", "drop": "vào điểm"}[carrier]  # fmt: skip


def list_equipment(
    needs: Needs, joined: np.ndarray, *, joints: int, sources: int, costs: FibreCosts
) -> list[MaterialRow]:
    """List cabinets, joints, source ports and splitters; joined : int array of the places that are connected."""
    rows = []
    for at, words, count in (
        ("source", "Cổng và dàn phối quang tại nguồn", sources),
        ("place", "Tủ, hộp phối quang tại điểm", len(joined)),
        ("joint", "Măng sông ở chỗ rẽ", joints),
    ):
        if count:
            rows.append(MaterialRow("thiết bị", words, count, "bộ", count * costs.nodes.get(at, 0.0)))
    splitters: dict[int, int] = defaultdict(int)
    for place in joined:
        for capacity, number in needs.splitters[place].items():
            splitters[capacity] += number
    for capacity, number in sorted(splitters.items()):
        rows.append(
            MaterialRow(
                "thiết bị", f"Bộ chia quang 1:{capacity}", number, "bộ", number * costs.splitters[capacity]
            )
        )
    return rows
