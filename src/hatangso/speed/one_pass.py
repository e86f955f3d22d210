"""A hundred million tests in one pass: read columns, find the area, find the group, keep 16-bit bins; memory bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet
from numba import njit, prange

from hatangso.errors import InputError
from hatangso.speed.grouping import Accumulator
from hatangso.speed.summaries import COLUMN_OF, FLOORS_MBPS, KEYS, Summaries, no_clusters

OPERATOR_SLOTS, TECHNOLOGY_SLOTS = 32, 8
_MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True)
class Pass:
    """How files are summarised in one pass.

    assign : (lon, lat) float64 arrays in degrees → int32 index into ``area_codes``, -1 = in no area
    period : "month", "quarter", "half", "year" or "all"
    first_hour, last_hour : only tests from ``first_hour`` until before ``last_hour`` count
    """

    assign: Callable[[np.ndarray, np.ndarray], np.ndarray]
    area_codes: Sequence[str]
    tool: str
    method: str = ""
    period: str = "quarter"
    first_hour: int = 6
    last_hour: int = 22
    highest_mbps: float = 10_000.0
    measures: tuple[str, ...] = ("download", "upload", "latency")
    floors: tuple[float, ...] = FLOORS_MBPS
    batch_rows: int = 4_000_000

    def __post_init__(self) -> None:
        if self.period not in {*_MONTHS_IN, "all"}:
            raise InputError(f"Kỳ '{self.period}'", expected="month, quarter, half, year hoặc all")
        if not 0 <= self.first_hour < self.last_hour <= 24:
            raise InputError(
                f"Khung giờ {self.first_hour}-{self.last_hour}", expected="hai giờ tăng dần từ 0 đến 24"
            )


@dataclass(frozen=True)
class PassResult:
    """Summaries and what was left out: code of the reason → samples."""

    summaries: Summaries
    received: int
    rejected: dict[str, int]


def summarise_files(
    paths: Sequence[str | Path], plan: Pass, *, advance: Callable[[int], None] | None = None
) -> PassResult:
    """Summarise parquet files of single tests.

    The row-by-row rules of validity are applied here (missing or impossible speed, hours, no area); duplicates and
    dominating devices need :func:`hatangso.speed.validity.select_valid` before. Groups come out sorted by their key, so
    the result does not depend on the order of files or batches.

    Parameters
    ----------
    paths : parquet files with time, lon, lat, operator, technology, download_mbps and what else ``plan.measures`` names
    advance : told the number of rows after each batch
    """
    state = _State(plan)
    for path in paths:
        for batch in _batches(Path(path), plan):
            state.take(batch)
            if advance is not None:
                advance(batch.num_rows)
    return state.result()


class _State:
    """Names met so far and the groups they make."""

    def __init__(self, plan: Pass) -> None:
        self.plan = plan
        self.operators: dict[str, int] = {}
        self.technologies: dict[str, int] = {}
        self.group_of: dict[int, np.ndarray] = {}
        self.keys: list[np.ndarray] = []
        self.groups = 0
        self.accumulator = Accumulator(0, plan.measures)
        self.received, self.rejected = (
            0,
            {"missing_speed": 0, "impossible_value": 0, "outside_hours": 0, "no_area": 0},
        )

    def take(self, batch: pa.RecordBatch) -> None:
        """Add one batch."""
        plan = self.plan
        values = {measure: _floats(batch, COLUMN_OF[measure]) for measure in plan.measures}
        area = plan.assign(_floats(batch, "lon"), _floats(batch, "lat"))
        names = (
            _slots(batch, "operator", self.operators, OPERATOR_SLOTS),
            _slots(batch, "technology", self.technologies, TECHNOLOGY_SLOTS),
        )
        limits = (plan.first_hour, plan.last_hour, plan.highest_mbps, _MONTHS_IN.get(plan.period, 0))
        slot, period, counts = _slots_of_rows(
            area, *names[0], *names[1], _microseconds(batch), values["download"], limits
        )
        self.received += len(slot)
        for number, code in enumerate(self.rejected, start=1):
            self.rejected[code] += int(counts[number])
        self.accumulator.add(self._group(slot, period), values, groups=self.groups)

    def _group(self, slot: np.ndarray, period: np.ndarray) -> np.ndarray:
        """Number the (period, slot) pairs; slots of a batch's periods stand in tables of their own."""
        low, high = _range_of(period)
        slots = len(self.plan.area_codes) * OPERATOR_SLOTS * TECHNOLOGY_SLOTS
        group = np.full(len(slot), -1, np.int32)
        for number in range(low, high + 1):
            table = self.group_of.setdefault(number, np.full(slots, -1, np.int32))
            if _look_up(slot, period, number, table, group):
                fresh = np.empty(slots, np.int64)
                found = _number_new(slot, period, number, (table, fresh, group), self.groups)
                new = fresh[: found - self.groups]
                self.keys.append(np.column_stack([np.full(len(new), number), new]))
                self.groups = found
        return group

    def result(self) -> PassResult:
        """Sort the groups by key and hand everything over."""
        keys = np.concatenate(self.keys) if self.keys else np.empty((0, 2), np.int64)
        slot = keys[:, 1]
        operators, technologies = list(self.operators), list(self.technologies)
        frame = pl.DataFrame(
            {
                "area_code": [
                    self.plan.area_codes[index] for index in slot // (OPERATOR_SLOTS * TECHNOLOGY_SLOTS)
                ],
                "operator": [operators[index] for index in slot // TECHNOLOGY_SLOTS % OPERATOR_SLOTS],
                "technology": [technologies[index] for index in slot % TECHNOLOGY_SLOTS],
                "tool": [self.plan.tool] * len(slot),
                "method": [self.plan.method] * len(slot),
                "period": [_period_code(int(number), self.plan.period) for number in keys[:, 0]],
            },
            schema=dict.fromkeys(KEYS, pl.String),
        )
        made = Summaries(
            frame,
            self.accumulator.samples,
            self.accumulator.finish(),
            self.accumulator.sums,
            no_clusters(self.plan.floors),
            self.plan.floors,
        )
        return PassResult(_sorted(made), self.received, self.rejected)


def _sorted(summaries: Summaries) -> Summaries:
    order = summaries.keys.with_row_index("row").sort(KEYS)["row"].to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return summaries.renumbered(rank, summaries.keys.sort(KEYS))


def _batches(path: Path, plan: Pass) -> Iterator[pa.RecordBatch]:
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    try:
        file = pa.parquet.ParquetFile(path, read_dictionary=["operator", "technology"], memory_map=True)
    except (pa.ArrowInvalid, OSError) as fault:
        raise InputError(
            f"Tệp '{path.name}' không đọc được như parquet ({str(fault).splitlines()[0]})"
        ) from fault
    wanted = [
        "time",
        "lon",
        "lat",
        "operator",
        "technology",
        *[COLUMN_OF[measure] for measure in plan.measures],
    ]
    missing = [name for name in wanted if name not in file.schema_arrow.names]
    if missing:
        raise InputError(f"Tệp '{path.name}' thiếu cột {', '.join(missing)}", expected=", ".join(wanted))
    yield from file.iter_batches(batch_size=plan.batch_rows, columns=wanted, use_threads=True)


def _floats(batch: pa.RecordBatch, name: str) -> np.ndarray:
    column = batch.column(name)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise InputError(f"Cột {name} có kiểu {column.type}", expected="số")
    values = column.to_numpy(zero_copy_only=False)
    return values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)


def _microseconds(batch: pa.RecordBatch) -> np.ndarray:
    column = batch.column("time")
    if not pa.types.is_timestamp(column.type):
        raise InputError(f"Cột time có kiểu {column.type}", expected="thời điểm (timestamp)")
    return (
        column.cast(pa.timestamp("us"), safe=False)
        .cast(pa.int64())
        .to_numpy(zero_copy_only=False)
        .astype(np.int64, copy=False)
    )


def _slots(
    batch: pa.RecordBatch, name: str, known: dict[str, int], most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Number the names of a dictionary column; new names take the next number.

    Returns the column's indices (-1 = missing) and the number of each index, that of the missing last.
    """
    column = batch.column(name)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    names = ["?" if text is None else str(text) for text in column.dictionary.to_pylist()]
    for text in names:
        known.setdefault(text, len(known))
    if column.null_count:
        known.setdefault("?", len(known))
    if len(known) > most:
        raise InputError(
            f"Cột {name} có hơn {most} giá trị khác nhau",
            found=", ".join(list(known)[:5]) + " …",
            expected="tên nhà mạng hoặc công nghệ",
        )
    slot = np.array([*(known[text] for text in names), known.get("?", 0)], np.int32)
    indices = column.indices if column.null_count == 0 else column.indices.cast(pa.int32()).fill_null(-1)
    return indices.to_numpy(zero_copy_only=False), slot


def _period_code(number: int, period: str) -> str:
    if period == "all":
        return "all"
    step = _MONTHS_IN[period]
    year, part = divmod(number * step, 12)
    part = part // step + 1
    return {
        "month": f"{year}-{part:02d}",
        "quarter": f"{year}Q{part}",
        "half": f"{year}H{part}",
        "year": f"{year}",
    }[period]


@njit(cache=True, inline="always")
def _month_of(day):  # pragma: no cover - compiled
    """Months since year 0 of a day counted from 1970-01-01. Source: H. Hinnant, chrono-compatible date algorithms."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return (year + era * 400) * 12 + (5 * of_year + 2) // 153 + 2


@njit(cache=True, parallel=True)
def _slots_of_rows(
    area, operators, operator_slot, technologies, technology_slot, microseconds, download, limits
):  # pragma: no cover
    """Where each row belongs within its period (-1 = rejected), its period, and how many rows each reason rejects."""
    first_hour, last_hour, highest, step = limits
    length, threads = area.shape[0], 2
    slot, period = np.empty(length, np.int32), np.empty(length, np.int32)
    counts = np.zeros((threads, 5), np.int64)
    for thread in prange(threads):
        known_day, known_month = np.int64(-(2**62)), np.int64(0)
        for index in range(length * thread // threads, length * (thread + 1) // threads):
            value = download[index]
            hour = microseconds[index] // 3_600_000_000
            day = hour // 24
            reason = 0
            if value != value:
                reason = 1
            elif value < 0.01 or value > highest:
                reason = 2
            elif hour - 24 * day < first_hour or hour - 24 * day >= last_hour:
                reason = 3
            elif area[index] < 0:
                reason = 4
            counts[thread, reason] += 1
            slot[index], period[index] = -1, -1
            if reason == 0:
                slot[index] = (area[index] * 32 + operator_slot[operators[index]]) * 8 + technology_slot[
                    technologies[index]
                ]
                if step == 0:
                    period[index] = 0
                else:
                    if day != known_day:
                        known_day, known_month = day, _month_of(day)
                    period[index] = known_month // step
    return slot, period, counts.sum(axis=0)


@njit(cache=True)
def _range_of(period):  # pragma: no cover - compiled
    """The first and the last period of a batch; an empty range when all rows are rejected."""
    low, high = np.int64(2**31 - 1), np.int64(-1)
    for value in period:
        if value >= 0:
            low, high = min(low, value), max(high, value)
    return low, high


@njit(cache=True, parallel=True)
def _look_up(slot, period, number, table, group):  # pragma: no cover - compiled
    """Fill in the groups that are known; returns how many rows belong to groups that are new."""
    new = 0
    for index in prange(slot.shape[0]):
        if period[index] == number:
            group[index] = table[slot[index]]
            if group[index] < 0:
                new += 1
    return new


@njit(cache=True)
def _number_new(slot, period, number, tables, groups):  # pragma: no cover - compiled
    table, fresh, group = tables
    first = groups
    for index in range(slot.shape[0]):
        if period[index] == number and group[index] < 0:
            if table[slot[index]] < 0:
                table[slot[index]] = groups
                fresh[groups - first] = slot[index]
                groups += 1
            group[index] = table[slot[index]]
    return groups
