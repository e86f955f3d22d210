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
from hatangso.speed.histogram import bin_of
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
        self.sums = {measure: np.zeros(0, np.int64) for measure in plan.measures}
        self.samples = np.zeros(0, np.int64)
        self.received, self.rejected = (
            0,
            {"missing_speed": 0, "impossible_value": 0, "outside_hours": 0, "no_area": 0},
        )

    def take(self, batch: pa.RecordBatch) -> None:
        """Add one batch."""
        plan = self.plan
        values = {measure: _floats(batch, COLUMN_OF[measure]) for measure in plan.measures}
        area = plan.assign(_floats(batch, "lon"), _floats(batch, "lat"))
        months, hours = _month_and_hour(_microseconds(batch))
        step = _MONTHS_IN.get(plan.period)
        period = (months // step).astype(np.int32) if step else np.zeros(len(months), np.int32)
        operator = _slots(batch, "operator", self.operators, OPERATOR_SLOTS)
        technology = _slots(batch, "technology", self.technologies, TECHNOLOGY_SLOTS)
        reason = _reject(
            values["download"], hours, area, (plan.first_hour, plan.last_hour, plan.highest_mbps)
        )
        counts = np.bincount(reason, minlength=5)
        self.received += len(reason)
        for number, code in enumerate(self.rejected, start=1):
            self.rejected[code] += int(counts[number])
        group = self._group(area, operator, technology, np.where(reason == 0, period, -1))
        self.accumulator.add(group, {m: bin_of(values[m]) for m in plan.measures}, groups=self.groups)
        self.samples = _grown(self.samples, self.groups) + np.bincount(
            group[group >= 0], minlength=self.groups
        )
        for measure in plan.measures:
            self.sums[measure] = _grown(self.sums[measure], self.groups) + _sums(
                group, values[measure], self.groups, 2
            )

    def _group(
        self, area: np.ndarray, operator: np.ndarray, technology: np.ndarray, period: np.ndarray
    ) -> np.ndarray:
        group = np.full(len(area), -1, np.int32)
        slots = len(self.plan.area_codes) * OPERATOR_SLOTS * TECHNOLOGY_SLOTS
        for number in np.unique(period):
            if number < 0:
                continue
            table = self.group_of.setdefault(int(number), np.full(slots, -1, np.int32))
            fresh = np.empty(slots, np.int64)
            found = _assign_groups(
                (area, operator, technology, period), int(number), (table, fresh, group), self.groups
            )
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
            self.samples,
            self.accumulator.finish(),
            self.sums,
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
    return column.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)


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


def _slots(batch: pa.RecordBatch, name: str, known: dict[str, int], most: int) -> np.ndarray:
    """Number the names of a dictionary column; new names take the next number."""
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
    slot = np.array([known[text] for text in names] or [0], np.int32)
    indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(indices < 0, known.get("?", 0), slot[np.maximum(indices, 0)]).astype(np.int32)


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


def _grown(values: np.ndarray, groups: int) -> np.ndarray:
    return np.concatenate([values, np.zeros(groups - len(values), values.dtype)])


@njit(cache=True, parallel=True)
def _month_and_hour(microseconds):  # pragma: no cover - compiled
    """Months since year 0 and hour of the day. Source: days to civil date, H. Hinnant, chrono-compatible algorithms."""
    length = microseconds.shape[0]
    months, hours = np.empty(length, np.int32), np.empty(length, np.int8)
    for index in prange(length):
        hour = microseconds[index] // 3_600_000_000
        day = hour // 24
        hours[index] = hour - 24 * day
        shifted = day + 719_468
        era = shifted // 146_097
        day_of_era = shifted - era * 146_097
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        from_march = (5 * day_of_year + 2) // 153
        months[index] = (year_of_era + era * 400) * 12 + from_march + 2
    return months, hours


@njit(cache=True, parallel=True)
def _reject(download, hours, area, limits):  # pragma: no cover - compiled
    reason = np.zeros(download.shape[0], np.int8)
    for index in prange(download.shape[0]):
        value = download[index]
        if value != value:
            reason[index] = 1
        elif value < 0.01 or value > limits[2]:
            reason[index] = 2
        elif hours[index] < limits[0] or hours[index] >= limits[1]:
            reason[index] = 3
        elif area[index] < 0:
            reason[index] = 4
    return reason


@njit(cache=True)
def _assign_groups(columns, number, tables, groups):  # pragma: no cover - compiled
    area, operator, technology, period = columns
    table, fresh, group = tables
    first = groups
    for index in range(area.shape[0]):
        if period[index] != number:
            continue
        slot = (area[index] * 32 + operator[index]) * 8 + technology[index]
        if table[slot] < 0:
            table[slot] = groups
            fresh[groups - first] = slot
            groups += 1
        group[index] = table[slot]
    return groups


@njit(cache=True, parallel=True)
def _sums(group, values, groups, threads):  # pragma: no cover - compiled
    totals = np.zeros((threads, groups), np.int64)
    length = group.shape[0]
    for thread in prange(threads):
        for index in range(length * thread // threads, length * (thread + 1) // threads):
            if group[index] >= 0 and values[index] == values[index]:
                totals[thread, group[index]] += np.int64(np.rint(values[index] * 1000.0))
    return totals.sum(axis=0)
