"""A siting problem, what limits its search, and its answer; checked once, here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from hatangso.errors import InputError, ManyInputErrors
from hatangso.tables import Column, TableSpec

MOST_FAULTS = 200
PLACE = (
    Column(
        "lon", "number", title="Kinh độ", unit="độ", minimum=-180, maximum=180, required=False, nullable=True,
        aliases=("longitude", "kinh do"),
    ),
    Column(
        "lat", "number", title="Vĩ độ", unit="độ", minimum=-90, maximum=90, required=False, nullable=True,
        aliases=("latitude", "vi do"),
    ),
)  # fmt: skip

CANDIDATES = TableSpec(
    "candidates",
    (
        Column("candidate_id", title="Mã vị trí", aliases=("ma vi tri", "ma tram", "id")),
        Column("cost", "number", title="Chi phí", minimum=0, required=False, nullable=True, aliases=("kinh phi",)),
        Column(
            "shared_cost", "number", title="Chi phí dùng chung cột", minimum=0, required=False, nullable=True,
            remedy="Để trống nếu không dùng chung được cột có sẵn",
        ),
        Column("group", title="Nhóm", required=False, nullable=True, aliases=("nhom", "ma cot")),
        Column("fixed", "yes_no", title="Đã có hoặc bắt buộc", required=False, nullable=True),
        Column("excluded", "yes_no", title="Loại ra", required=False, nullable=True),
        *PLACE,
    ),
    key=("candidate_id",),
)  # fmt: skip
DEMAND = TableSpec(
    "demand",
    (
        Column("demand_id", title="Mã điểm dân cư", aliases=("ma thon", "id")),
        Column("weight", "number", title="Số dân", minimum=0, aliases=("so dan", "dan so", "nguoi")),
        Column("must_serve", "yes_no", title="Bắt buộc phục vụ", required=False, nullable=True),
        Column("needed", "integer", title="Số lớp phủ cần", minimum=1, maximum=2, required=False, nullable=True),
        *PLACE,
    ),
    key=("demand_id",),
)  # fmt: skip
PAIRS = TableSpec(
    "pairs",
    (
        Column("candidate_id", title="Mã vị trí"),
        Column("demand_id", title="Mã điểm dân cư"),
        Column("share", "number", title="Tỷ lệ phục vụ", minimum=0, maximum=1, required=False, nullable=True),
    ),
    key=("candidate_id", "demand_id"),
)


@dataclass(frozen=True)
class SitingProblem:
    """Candidates, demand, and which candidate serves which demand.

    Parameters
    ----------
    candidate_ids, demand_ids : names, n and m of them, none twice
    cost : shape (n,), not negative, any one unit of money
    weight : shape (m,), not negative (people, households, key sites), not all zero
    start, demand : candidate ``j`` serves ``demand[start[j]:start[j+1]]``; shapes (n+1,) and (pairs,)
    share : shape (pairs,), over 0 up to 1: the part of the demand served, or the probability of service
    group : shape (n,), candidates of the same number ≥ 0 exclude each other; -1 = alone
    fixed, excluded : shape (n,), sites that stand or must be built; sites that may not
    must_serve : shape (m,), demand that has to be served
    needed : shape (m,), 1 or 2: how many chosen candidates must serve this demand
    """

    candidate_ids: tuple[str, ...]
    demand_ids: tuple[str, ...]
    cost: np.ndarray
    weight: np.ndarray
    start: np.ndarray
    demand: np.ndarray
    share: np.ndarray
    group: np.ndarray
    fixed: np.ndarray
    excluded: np.ndarray
    must_serve: np.ndarray
    needed: np.ndarray

    def __post_init__(self) -> None:
        candidates, demands, pairs = len(self.candidate_ids), len(self.demand_ids), len(self.demand)
        shapes = {
            "cost": candidates, "group": candidates, "fixed": candidates, "excluded": candidates,
            "weight": demands, "must_serve": demands, "needed": demands, "share": pairs, "start": candidates + 1,
        }  # fmt: skip
        for name, length in shapes.items():
            if np.shape(getattr(self, name)) != (length,):
                raise InputError(
                    f"Mảng {name}", found=f"cỡ {np.shape(getattr(self, name))}", expected=f"cỡ ({length},)"
                )
        _refuse_repeated(self.candidate_ids, "candidate_id")
        _refuse_repeated(self.demand_ids, "demand_id")
        _refuse_outside(self.cost, self.candidate_ids, "cost của vị trí", 0, np.inf)
        _refuse_outside(self.weight, self.demand_ids, "weight của điểm", 0, np.inf)
        _refuse_outside(self.needed, self.demand_ids, "needed của điểm", 1, 2)
        if pairs and (self.demand.min() < 0 or self.demand.max() >= demands):
            raise InputError("Mảng demand", found="chỉ số ngoài bảng", expected=f"từ 0 đến {demands - 1}")
        if not np.all((self.share > 0) & (self.share <= 1)):
            raise InputError("Mảng share", found="giá trị ngoài khoảng", expected="lớn hơn 0 và không quá 1")
        if not np.any(self.weight > 0):
            raise InputError(
                "Tổng weight của mọi điểm dân cư bằng 0", expected="ít nhất một điểm có weight lớn hơn 0"
            )
        _refuse_twice(self)
        both = np.flatnonzero(self.fixed & self.excluded)
        if len(both):
            raise InputError(
                f"Vị trí '{self.candidate_ids[both[0]]}'",
                found="vừa bắt buộc vừa loại ra",
                expected="một trong hai",
            )
        taken = self.group[self.fixed & (self.group >= 0)]
        values, counts = np.unique(taken, return_counts=True)
        if np.any(counts > 1):
            mates = np.flatnonzero(self.fixed & (self.group == values[counts > 1][0]))
            names = ", ".join(f"'{self.candidate_ids[j]}'" for j in mates)
            raise InputError(
                f"Các vị trí {names}", found="cùng bắt buộc", expected="mỗi nhóm nhiều nhất một vị trí"
            )

    @property
    def total_weight(self) -> float:
        """Sum of all demand weights."""
        return float(self.weight.sum())

    @property
    def is_partial(self) -> bool:
        """Whether any candidate serves a demand only in part."""
        return bool(np.any(self.share < 1))


@dataclass(frozen=True)
class SearchLimits:
    """How long to look. The number of steps rules, so the same seed gives the same answer; the time limit only cuts.

    Parameters
    ----------
    seed : starts the random numbers of the search
    time_limit_s : seconds after which the search is cut short (a note in the answer says so)
    effort : multiplies the number of steps; 1 is meant for minutes at most on two processors
    progress : told of each part of the work done, percent of the whole; may be called from other threads
    """

    seed: int = 1
    time_limit_s: float = 60.0
    effort: float = 1.0
    progress: Callable[[float], None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.time_limit_s) and self.time_limit_s > 0):
            raise InputError("Thời gian tối đa", found=str(self.time_limit_s), expected="số giây lớn hơn 0")
        if not (np.isfinite(self.effort) and self.effort > 0):
            raise InputError("Hệ số số bước tìm", found=str(self.effort), expected="số lớn hơn 0")
        if not 0 <= self.seed < 2**63:
            raise InputError("Hạt giống ngẫu nhiên", found=str(self.seed), expected="số nguyên không âm")

    def advance(self, percent: float) -> None:
        """Tell who watches that so many percent of the work are done."""
        if self.progress is not None:
            self.progress(percent)


@dataclass(frozen=True)
class SitingAnswer:
    """What to build, and how good that is.

    ``value`` is what was asked for (cost, number of sites, people served, total distance, radius); no answer can
    be better than ``bound``; ``gap`` is their distance as a share of the larger. ``status`` is ``"optimal"``
    (value equals bound), ``"bounded"`` (steps used up) or ``"time_limit"`` (cut: another machine may differ).
    """

    value: float
    bound: float
    gap: float
    seconds: float
    seed: int
    status: str
    chosen: tuple[str, ...]
    cost: float
    served_weight: float
    served: np.ndarray = field(repr=False)
    notes: tuple[str, ...] = ()


def relative_gap(value: float, bound: float) -> float:
    """Return |value − bound| as a share of the larger of the two; 0 when both are 0."""
    larger = max(abs(value), abs(bound))
    return abs(value - bound) / larger if larger > 0 else 0.0


def build_problem(
    candidates: pl.DataFrame, *, demand: pl.DataFrame, pairs: pl.DataFrame, sharing: bool = True
) -> SitingProblem:
    """Put three checked tables together.

    Parameters
    ----------
    candidates : columns of :data:`CANDIDATES`; an empty cost is 1 (counting sites)
    demand : columns of :data:`DEMAND`
    pairs : columns of :data:`PAIRS`; an empty share is 1, rows of share 0 are left out
    sharing : whether ``shared_cost``, where given, replaces ``cost`` (a place on a standing mast)

    Raises
    ------
    ManyInputErrors
        naming the rows of ``pairs`` whose ids are in neither table, or the rows of ``demand`` of weight 0.
    """
    candidate_ids, demand_ids = candidates["candidate_id"].to_list(), demand["demand_id"].to_list()
    _refuse_empty({"candidates": candidates, "demand": demand, "pairs": pairs})
    _refuse_repeated(candidate_ids, "candidate_id")
    _refuse_repeated(demand_ids, "demand_id")
    _refuse_nobody(demand)
    site = _positions(pairs["candidate_id"], candidate_ids)
    place = _positions(pairs["demand_id"], demand_ids)
    _refuse_unknown(pairs, site, place)
    share = _filled(pairs, "share", 1.0)
    kept = share > 0
    site, place, share = site[kept], place[kept], share[kept]
    order = np.lexsort((place, site))
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(candidate_ids)))]).astype(np.int64)
    cost = _filled(candidates, "cost", 1.0)
    if sharing:
        shared = _filled(candidates, "shared_cost", np.nan)
        cost = np.where(np.isnan(shared), cost, shared)
    return SitingProblem(
        candidate_ids=tuple(candidate_ids), demand_ids=tuple(demand_ids), cost=cost,
        weight=demand["weight"].to_numpy().astype(np.float64), start=start,
        demand=place[order].astype(np.int32), share=share[order], group=_groups(candidates),
        fixed=_flags(candidates, "fixed"), excluded=_flags(candidates, "excluded"),
        must_serve=_flags(demand, "must_serve"), needed=_filled(demand, "needed", 1).astype(np.int64),
    )  # fmt: skip


def problem_from_arrays(
    start: np.ndarray, *, demand: np.ndarray, weight: np.ndarray, cost: np.ndarray | None = None
) -> SitingProblem:
    """Make a plain problem (whole service, no groups, nothing fixed) from compressed rows.

    Parameters
    ----------
    start, demand : candidate ``j`` serves ``demand[start[j]:start[j+1]]``
    weight : shape (m,)
    cost : shape (n,); 1 each when not given
    """
    candidates, demands = len(start) - 1, len(weight)
    return SitingProblem(
        candidate_ids=tuple(str(j) for j in range(candidates)), demand_ids=tuple(str(i) for i in range(demands)),
        cost=np.ones(candidates) if cost is None else np.asarray(cost, np.float64),
        weight=np.asarray(weight, np.float64), start=np.asarray(start, np.int64),
        demand=np.asarray(demand, np.int32), share=np.ones(len(demand)), group=np.full(candidates, -1),
        fixed=np.zeros(candidates, bool), excluded=np.zeros(candidates, bool),
        must_serve=np.zeros(demands, bool), needed=np.ones(demands, np.int64),
    )  # fmt: skip


def name_positions(names: Sequence[str], known: Sequence[str], *, what: str) -> np.ndarray:
    """Return where each of ``names`` stands in ``known``; refuse the unknown ones by name."""
    where = {name: position for position, name in enumerate(known)}
    unknown = [name for name in names if name not in where]
    if unknown:
        raise InputError(
            f"{what} {', '.join(unknown[:20])}",
            found="không có trong bảng",
            expected=f"mã có trong bảng, ví dụ {', '.join(known[:3])}",
        )
    return np.array([where[name] for name in names], dtype=np.int64)


def _positions(column: pl.Series, known: list[str]) -> np.ndarray:
    lookup = pl.DataFrame({"id": known, "position": np.arange(len(known))})
    joined = pl.DataFrame({"id": column}).join(lookup, on="id", how="left", maintain_order="left")
    return joined["position"].fill_null(-1).to_numpy()


def _refuse_empty(tables: dict[str, pl.DataFrame]) -> None:
    for name, table in tables.items():
        if not table.height:
            raise InputError(f"Bảng '{name}'", found="không có dòng nào", expected="ít nhất một dòng")


def _refuse_nobody(demand: pl.DataFrame) -> None:
    faults = [
        InputError(
            f"Bảng 'demand', dòng {row + 2}, cột weight của '{demand['demand_id'][int(row)]}'", found="0",
            expected="số lớn hơn 0", remedy="Bỏ dòng này hoặc ghi đúng số dân",
        )
        for row in np.flatnonzero(demand["weight"].to_numpy() == 0)[:MOST_FAULTS]
    ]  # fmt: skip
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)


def _refuse_unknown(pairs: pl.DataFrame, site: np.ndarray, place: np.ndarray) -> None:
    faults = []
    for row in np.flatnonzero((site < 0) | (place < 0))[:MOST_FAULTS]:
        column, table = ("candidate_id", "candidates") if site[row] < 0 else ("demand_id", "demand")
        faults.append(
            InputError(
                f"Bảng 'pairs', dòng {row + 2}, cột {column}",
                found=f"'{pairs[column][int(row)]}'",
                expected=f"mã có trong bảng '{table}'",
            )
        )
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)


def _filled(frame: pl.DataFrame, column: str, default: float) -> np.ndarray:
    if column not in frame.columns:
        return np.full(frame.height, default, dtype=np.float64)
    return frame[column].cast(pl.Float64).fill_null(default).to_numpy().copy()


def _flags(frame: pl.DataFrame, column: str) -> np.ndarray:
    if column not in frame.columns:
        return np.zeros(frame.height, dtype=bool)
    return frame[column].fill_null(False).to_numpy().copy()


def _groups(candidates: pl.DataFrame) -> np.ndarray:
    numbers: dict[str, int] = {}
    names = candidates["group"].to_list() if "group" in candidates.columns else [None] * candidates.height
    return np.array(
        [-1 if not name else numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64
    )


def _refuse_repeated(names: Sequence[str], what: str) -> None:
    if len(set(names)) == len(names):
        return
    seen: set[str] = set()
    for row, name in enumerate(names):
        if name in seen:
            raise InputError(
                f"{what} '{name}', dòng {row + 1}", found="mã lặp lại", expected="mỗi mã một dòng"
            )
        seen.add(name)


def _refuse_twice(problem: SitingProblem) -> None:
    """Refuse a pair that is given twice."""
    site = np.repeat(np.arange(len(problem.cost), dtype=np.int64), np.diff(problem.start))
    key = site * len(problem.weight) + problem.demand
    if np.all(key[1:] > key[:-1]):
        return
    order = np.argsort(key, kind="stable")
    twice = np.flatnonzero(key[order][1:] == key[order][:-1])
    if len(twice):
        pair = order[twice[0] + 1]
        raise InputError(
            f"Cặp '{problem.candidate_ids[site[pair]]}' và '{problem.demand_ids[problem.demand[pair]]}'",
            found="lặp lại",
            expected="mỗi cặp một dòng",
        )


def _refuse_outside(values: np.ndarray, names: Sequence[str], what: str, low: float, high: float) -> None:
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= low) & (values <= high)))
    faults = [
        InputError(
            f"{what} '{names[i]}'",
            found=f"{values[i]}",
            expected=f"số không nhỏ hơn {low:g}" + ("" if np.isinf(high) else f", không quá {high:g}"),
        )
        for i in bad[:MOST_FAULTS]
    ]
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
