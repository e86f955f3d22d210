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
_ENGLISH = {
    "new_poles": "new poles", "trench": "trench with duct", "micro_trench": "micro-trench", "hang": "hung on poles",
    "pull": "pulled through duct", "reuse": "existing cable", "unknown": "unknown", "road": "road", "poles": "pole line",
    "duct": "duct", "cable": "existing cable", "join": "link to the road", "drop": "drop to the place", "river": "river or canal",
    "rail": "railway", "national_road": "national road",
}  # fmt: skip


@dataclass(frozen=True)
class MaterialRow:
    """One line of the list: group (tuyến, cáp, vượt, thiết bị), words, quantity with unit, đồng in sum; words in English."""

    group: str
    words: str
    quantity: float
    unit: str
    cost_vnd: float
    english: str


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
        along, english = f" ({carrier_words(carrier)})", f" ({_ENGLISH[carrier]})"
        if carrier == "road":
            along, english = f", nền {SURFACE_WORDS[surface]}", f", surface {surface}"
        words, english = METHOD_WORDS[name] + along, _ENGLISH[name] + english
        rows.append(MaterialRow("tuyến", words, length, "m", length * price, english))
    crossed = network.crossings[built & (network.carrier != "cable")].sum(axis=0)
    for barrier, count in zip(BARRIERS, crossed, strict=True):
        if count > 0:
            price = costs.crossings.get(barrier, 0.0)
            words, english = "Vượt " + BARRIER_WORDS[barrier], "Crossing of a " + _ENGLISH[barrier]
            rows.append(MaterialRow("vượt", words, float(count), "lần", float(count) * price, english))
    for size, length in sorted(cables.items()):
        words, english = f"Cáp quang {size} sợi", f"Cable of {size} fibres"
        rows.append(MaterialRow("cáp", words, length, "m", length * costs.cables[size], english))
    return rows


def list_beside(shortages: Sequence[Shortage]) -> list[MaterialRow]:
    """List what is laid beside existing cables that lack fibres."""
    rows = []
    for short in shortages:
        beside = f"bên cạnh cáp {short.cable}"
        words, english = (
            f"{METHOD_WORDS[short.method]}, {beside}",
            f"{_ENGLISH[short.method]} beside {short.cable}",
        )
        rows.append(MaterialRow("tuyến", words, short.length_m, "m", short.laying_vnd, english))
        words, english = (
            f"Cáp quang {short.cable_size} sợi, {beside}",
            f"Cable of {short.cable_size} fibres beside {short.cable}",
        )
        rows.append(MaterialRow("cáp", words, short.length_m, "m", short.cable_vnd, english))
    return rows


def carrier_words(carrier: str) -> str:
    """Say a carrier in words."""
    return {"road": "đường", "poles": "tuyến cột", "duct": "cống bể", "cable": "cáp có sẵn", "join": "nối ra đường", "drop": "vào điểm"}[carrier]  # fmt: skip


def list_equipment(
    needs: Needs, joined: np.ndarray, *, joints: int, sources: int, costs: FibreCosts
) -> list[MaterialRow]:
    """List cabinets, joints, source ports and splitters; joined : int array of the places that are connected."""
    rows = []
    for at, words, english, count in (
        ("source", "Cổng và dàn phối quang tại nguồn", "Port and frame at the source", sources),
        ("place", "Tủ, hộp phối quang tại điểm", "Cabinet at the place", len(joined)),
        ("joint", "Măng sông ở chỗ rẽ", "Joint at a branch", joints),
    ):
        if count:
            rows.append(
                MaterialRow("thiết bị", words, count, "bộ", count * costs.nodes.get(at, 0.0), english)
            )
    splitters: dict[int, int] = defaultdict(int)
    for place in joined:
        for capacity, number in needs.splitters[place].items():
            splitters[capacity] += number
    for capacity, number in sorted(splitters.items()):
        words, english = f"Bộ chia quang 1:{capacity}", f"Splitter 1:{capacity}"
        rows.append(MaterialRow("thiết bị", words, number, "bộ", number * costs.splitters[capacity], english))
    return rows
