"""What laying fibre costs: planning values of ``law/fibre_costs.yml``, or a file of the same form."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatangso.errors import InputError
from hatangso.lawfiles import parse_entries, read_entries

SURFACES = ("unknown", "earth", "asphalt", "concrete", "rock")
BARRIERS = ("river", "rail", "national_road")
ROAD_METHODS = ("new_poles", "trench", "micro_trench")
METHOD_WORDS = {
    "new_poles": "trồng cột mới", "trench": "đào rãnh đặt ống", "micro_trench": "rãnh hẹp", "hang": "treo cột có sẵn",
    "pull": "kéo trong cống bể", "reuse": "dùng cáp có sẵn",
}  # fmt: skip


@dataclass(frozen=True)
class FibreCosts:
    """Costs in đồng.

    lines : (line, method, surface) → đồng per metre, without the cable
    cables : number of fibres → đồng per metre; splitters : capacity → đồng each
    crossings : barrier → đồng each; nodes : place | joint | source → đồng each
    unverified : whether any value has not been checked against a published price
    """

    lines: Mapping[tuple[str, str, str], float]
    cables: Mapping[int, float]
    crossings: Mapping[str, float]
    nodes: Mapping[str, float]
    splitters: Mapping[int, float]
    unverified: bool = True

    def cheapest_method(self, line: str, surface: str, *, methods: tuple[str, ...]) -> tuple[str, float]:
        """Return the cheapest allowed way to lay along a line and its đồng per metre.

        A surface without a price of its own takes that of "unknown". ``methods`` limits what may be done along roads.

        Raises
        ------
        InputError
            when no price fits.
        """
        found = {}
        for (row_line, method, row_surface), cost in self.lines.items():
            if row_line != line or (line == "road" and method not in methods):
                continue
            if row_surface == surface or (
                row_surface == "unknown" and (line, method, surface) not in self.lines
            ):
                found[method] = cost
        if not found:
            raise InputError(
                f"Chi phí tuyến '{line}', mặt '{surface}'",
                found="không có giá nào",
                expected="một mục kind: line trong tệp chi phí",
            )
        method = min(found, key=lambda name: (found[name], name))
        return method, found[method]

    def cable_for(self, fibres: float) -> list[tuple[int, int]]:
        """Return the cables, as (fibres, number), that carry ``fibres``: sizes rounded up, the largest repeated."""
        if fibres <= 0:
            return []
        largest = max(self.cables)
        whole, rest = divmod(round(fibres), largest)
        found = [(largest, int(whole))] if whole else []
        if rest:
            size = min(size for size in self.cables if size >= rest)
            found = [(largest, int(whole) + 1)] if size == largest else [*found, (size, 1)]
        return found

    @property
    def smallest_cable(self) -> float:
        return self.cables[min(self.cables)]


def read_costs(path: Path | None = None, *, as_of: datetime.date | None = None) -> FibreCosts:
    """Read the costs in force on a day (all when none is given) from a file or from the packaged values.

    Raises
    ------
    InputError
        when the file cannot be parsed, a cost is negative or no number, or a kind that is needed is missing.
    """
    where = path.name if path else "fibre_costs.yml"
    if path is not None and not path.is_file():
        raise InputError(f"Không có tệp chi phí '{path}'", remedy="Kiểm tra lại đường dẫn")
    entries = parse_entries(path) if path else read_entries("fibre_costs")
    rows = [entry for entry in entries if as_of is None or _holds(entry, as_of)]
    for entry in rows:
        cost = entry.get("cost_vnd")
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < 1e15:
            raise InputError(
                f"Tệp '{where}', mục {entry.get('code')}", found=f"cost_vnd {cost}", expected="số không âm"
            )
    costs = FibreCosts(
        {(r["line"], r["method"], r["surface"]): float(r["cost_vnd"]) for r in rows if r["kind"] == "line"},
        {int(r["fibres"]): float(r["cost_vnd"]) for r in rows if r["kind"] == "cable"},
        {r["crosses"]: float(r["cost_vnd"]) for r in rows if r["kind"] == "crossing"},
        {r["at"]: float(r["cost_vnd"]) for r in rows if r["kind"] == "node"},
        {int(r["capacity"]): float(r["cost_vnd"]) for r in rows if r["kind"] == "splitter"},
        any("unverified" in r for r in rows),
    )
    lacking = [
        name for name in ("lines", "cables", "crossings", "nodes", "splitters") if not getattr(costs, name)
    ]
    if lacking:
        raise InputError(
            f"Tệp '{where}'", found=f"thiếu {', '.join(lacking)}", expected="đủ năm loại chi phí"
        )
    return costs


def _holds(entry: Mapping[str, Any], day: datetime.date) -> bool:
    until = entry.get("until")
    return entry["from"] <= day and (until is None or day < until)
