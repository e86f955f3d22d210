"""A hundred million tests in one pass: read columns, find the area, find the group, keep 16-bit bins; memory bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
from numba import get_num_threads, njit

from hatangso.errors import InputError
from hatangso.speed.grouping import Accumulator
from hatangso.speed.row_rules import (
    NO_TIME,
    REASONS,
    RowRules,
    is_mobile,
    judge_rows,
    periods_of_hours,
    range_of,
)
from hatangso.speed.summaries import (
    CLUSTER_KEYS,
    COLUMN_OF,
    FLOORS_MBPS,
    KEYS,
    MEASURES,
    Summaries,
    added_clusters,
    clusters_of,
)

OPERATOR_SLOTS, TECHNOLOGY_SLOTS = 32, 8
_MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_PLACED_AT_A_TIME = 65_536  # points handed to ``assign``: few enough for it to stay on the thread that asks
_OPTIONAL = ("location_accuracy_m", "network", "connection", "device")
_MANY_CLUSTERS = 2_000_000
_FEW_PERIODS = 16  # so many are given room without asking which of them hold rows
_MOST_HOURS = 1_000 * 366 * 24
_VIETNAM_MICROSECONDS = 7 * 3_600_000_000


@dataclass(frozen=True)
class Pass:
    """How files are summarised in one pass.

    assign : (lon, lat) float64 arrays in degrees → int32 index into ``area_codes``, -1 = in no area; called by
        several threads at the same time
    period : "month", "quarter", "half", "year" or "all"
    rules : what a row must hold to count
    batch_rows : rows read at a time by each thread
    """

    assign: Callable[[np.ndarray, np.ndarray], np.ndarray]
    area_codes: Sequence[str]
    tool: str
    method: str = ""
    period: str = "quarter"
    rules: RowRules = field(default_factory=RowRules)
    measures: tuple[str, ...] = ("download", "upload", "latency")
    floors: tuple[float, ...] = FLOORS_MBPS
    batch_rows: int = 1_000_000

    def __post_init__(self) -> None:
        if self.period not in {*_MONTHS_IN, "all"}:
            raise InputError(f"Kỳ '{self.period}'", expected="month, quarter, half, year hoặc all")


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

    Each thread reads row groups and sorts them into groups by itself; only the numbering of groups is shared. The
    rules of validity that one row decides are applied here; duplicates and dominating devices need
    :func:`hatangso.speed.validity.select_valid` before. Groups come out sorted by their key, so the result depends
    neither on the order of files nor on batches or threads.

    Parameters
    ----------
    paths : parquet files with time, lon, lat, operator, technology, download_mbps and what else ``plan.measures``
        names; location_accuracy_m, network, connection and device are read where they are there. A time with a
        zone is taken to the clock of Viet Nam. Devices make the design effect exact and cost memory: a row of 44
        bytes for each device in each group.
    advance : told the number of rows after each part of a file

    Raises
    ------
    InputError
        when a file is missing, is no parquet, or lacks a column.
    """
    state = _State(plan)
    pieces = [piece for path in paths for piece in _pieces(Path(path), plan)]
    with ThreadPoolExecutor(max(1, min(get_num_threads(), len(pieces)))) as pool:
        under_way = [pool.submit(state.take, piece) for piece in pieces]
        try:
            for done in as_completed(under_way):
                if advance is not None:
                    advance(done.result())
                else:
                    done.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return state.result()


@dataclass(frozen=True)
class _Piece:
    """Row groups of a file that one thread reads."""

    path: Path
    metadata: pa.parquet.FileMetaData
    row_groups: tuple[int, ...]
    columns: tuple[str, ...]


class _State:
    """Names met so far and the groups they make; shared by the threads, changed under one lock."""

    def __init__(self, plan: Pass) -> None:
        self.plan = plan
        self.numbers = plan.rules.numbers()
        self.operators: dict[str, int] = {}
        self.technologies: dict[str, int] = {}
        self.period_row: dict[int, int] = {}
        self.group_of = np.empty((0, len(plan.area_codes) * OPERATOR_SLOTS * TECHNOLOGY_SLOTS), np.int32)
        self.keys: list[np.ndarray] = []
        self.clusters: list[pl.DataFrame] = []
        self.groups = 0
        self.accumulator = Accumulator(0, plan.measures)
        self.counts = np.zeros(1 + len(REASONS), np.int64)
        self.lock = threading.Lock()

    def take(self, piece: _Piece) -> int:
        """Add a piece of a file; returns its rows."""
        rows = 0
        for batch in _batches(piece, self.plan):
            values = {measure: _floats(batch, COLUMN_OF[measure]) for measure in self.plan.measures}
            slot, period, counts = self._judged(batch, values)
            with self.lock:
                self.counts += counts
                group = self._numbered(slot, period)
                groups = self.groups
            self.accumulator.add(group, values, groups=groups)
            if "device" in piece.columns:
                self._count_devices(batch, group, values["download"])
            rows += batch.num_rows
        return rows

    def _count_devices(self, batch: pa.RecordBatch, group: np.ndarray, download: np.ndarray) -> None:
        kept = group >= 0
        devices = pl.Series("device", batch.column("device").cast(pa.string())).filter(pl.Series(kept))
        known = pl.DataFrame([devices, pl.Series("download_mbps", download[kept].astype(np.float64))])
        part = clusters_of(known, group[kept], self.plan.floors)
        with self.lock:
            self.clusters.append(part)
            if sum(each.height for each in self.clusters[1:]) > max(_MANY_CLUSTERS, self.clusters[0].height):
                self.clusters = [added_clusters(self.clusters, self.plan.floors)]

    def _judged(
        self, batch: pa.RecordBatch, values: dict[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        plan = self.plan
        with self.lock:
            operators = _slots(batch, "operator", self.operators, OPERATOR_SLOTS)
            technologies = _slots(batch, "technology", self.technologies, TECHNOLOGY_SLOTS)
            names = list(self.technologies)
        mobile = np.array([is_mobile(names[slot]) if names else False for slot in technologies[1]])
        nothing = np.empty(0, np.float64)
        moments = _microseconds(batch)
        first, last = range_of(moments)
        if last - first > _MOST_HOURS:
            raise InputError(
                "Cột time",
                found="các thời điểm cách nhau hơn 1.000 năm",
                remedy="Kiểm tra đơn vị của cột time",
            )
        periods = periods_of_hours(first, last, _MONTHS_IN.get(plan.period, 0), self.numbers)
        return judge_rows(
            (*operators, *technologies, mobile),
            (moments, first, periods),
            tuple(values.get(measure, nothing) for measure in MEASURES),
            (
                _placed(batch, plan),
                _flags(batch, plan.rules),
                (OPERATOR_SLOTS, TECHNOLOGY_SLOTS),
            ),
            self.numbers,
        )

    def _numbered(self, slot: np.ndarray, period: np.ndarray) -> np.ndarray:
        """Number the (period, slot) pairs: those met for the first time take the next numbers."""
        low, high = _range_of(period)
        rows = np.full(max(0, high - low + 1), -1, np.int32)
        present = range(low, high + 1) if high - low < _FEW_PERIODS else np.unique(period[period >= 0])
        for number in map(int, present):
            rows[number - low] = self.period_row.setdefault(number, len(self.period_row))
        if len(self.period_row) > len(self.group_of):
            more = np.full(
                (max(len(self.period_row), 2 * len(self.group_of)), self.group_of.shape[1]), -1, np.int32
            )
            more[: len(self.group_of)] = self.group_of
            self.group_of = more
        group, fresh = np.empty(len(slot), np.int32), np.empty((len(slot), 2), np.int64)
        found = _number((slot, period), (rows, low, self.group_of), (group, fresh), self.groups)
        self.keys.append(fresh[: found - self.groups].copy())
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
        order = frame.with_row_index("row").sort(KEYS)["row"].to_numpy()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        made = Summaries(
            frame.sort(KEYS),
            self.accumulator.samples[order],
            self.accumulator.finish(rank),
            {measure: total[order] for measure, total in self.accumulator.sums.items()},
            self._clusters(rank),
            self.plan.floors,
        )
        rejected = dict(zip(REASONS, self.counts[1:].tolist(), strict=True))
        return PassResult(made, int(self.counts.sum()), rejected)

    def _clusters(self, rank: np.ndarray) -> pl.DataFrame:
        added = added_clusters(self.clusters, self.plan.floors)
        place = pl.Series(rank, dtype=pl.UInt32).gather(added["group"])
        return added.with_columns(place.alias("group")).sort(CLUSTER_KEYS)


def _pieces(path: Path, plan: Pass) -> Iterator[_Piece]:
    """Cut a file into row groups, small ones put together."""
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as fault:
        raise InputError(
            f"Tệp '{path.name}' không đọc được như parquet ({str(fault).splitlines()[0]})"
        ) from fault
    measured = (COLUMN_OF[measure] for measure in plan.measures)
    wanted = ("time", "lon", "lat", "operator", "technology", *measured)
    missing = [name for name in wanted if name not in file.schema_arrow.names]
    if missing:
        raise InputError(f"Tệp '{path.name}' thiếu cột {', '.join(missing)}", expected=", ".join(wanted))
    more = [name for name in _OPTIONAL if name in file.schema_arrow.names]
    together: list[int] = []
    rows = 0
    for number in range(file.num_row_groups):
        size = file.metadata.row_group(number).num_rows
        if together and rows + size > plan.batch_rows:
            yield _Piece(path, file.metadata, tuple(together), (*wanted, *more))
            together, rows = [], 0
        together.append(number)
        rows += size
    if together:
        yield _Piece(path, file.metadata, tuple(together), (*wanted, *more))


def _batches(piece: _Piece, plan: Pass) -> Iterator[pa.RecordBatch]:
    names = [name for name in ("operator", "technology", "network", "connection") if name in piece.columns]
    with pa.parquet.ParquetFile(
        piece.path, metadata=piece.metadata, read_dictionary=names, memory_map=True
    ) as file:
        yield from file.iter_batches(
            batch_size=plan.batch_rows,
            row_groups=list(piece.row_groups),
            columns=list(piece.columns),
            use_threads=False,
        )


def _placed(batch: pa.RecordBatch, plan: Pass) -> np.ndarray:
    """Return the index of each row's area, a part at a time."""
    lon, lat = _floats(batch, "lon"), _floats(batch, "lat")
    area = np.empty(batch.num_rows, np.int32)
    for start in range(0, batch.num_rows, _PLACED_AT_A_TIME):
        part = slice(start, start + _PLACED_AT_A_TIME)
        area[part] = plan.assign(lon[part], lat[part])
    return area


def _flags(batch: pa.RecordBatch, rules: RowRules) -> np.ndarray:
    """Return 5 where the place is too uncertain, 6 where Wi-Fi stands in a mobile test, else 0; empty when unknown."""
    names = batch.schema.names
    flags = np.zeros(batch.num_rows, np.uint8)
    if rules.refuse_wifi and {"network", "connection"} <= set(names):
        mobile, wifi = (
            pa.compute.equal(batch.column(name).cast(pa.string()), word).fill_null(False)
            for name, word in (("network", "mobile"), ("connection", "wifi"))
        )
        flags[pa.compute.and_(mobile, wifi).to_numpy(zero_copy_only=False)] = 6
    if "location_accuracy_m" in names:
        flags[_floats(batch, "location_accuracy_m") > rules.accuracy_m] = 5
    return flags if flags.any() else flags[:0]


def _floats(batch: pa.RecordBatch, name: str) -> np.ndarray:
    column = batch.column(name)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise InputError(f"Cột {name} có kiểu {column.type}", expected="số")
    values = column.to_numpy(zero_copy_only=False)
    return values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)


def _microseconds(batch: pa.RecordBatch) -> np.ndarray:
    """Return the moments by the clock on the wall; a moment with a zone is taken to that of Viet Nam."""
    column = batch.column("time")
    if not pa.types.is_timestamp(column.type):
        raise InputError(f"Cột time có kiểu {column.type}", expected="thời điểm (timestamp)")
    zoned = column.type.tz is not None
    numbers = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    missing = None
    if numbers.null_count:
        missing = numbers.is_null().to_numpy(zero_copy_only=False)
        numbers = numbers.fill_null(0)
    values = numbers.to_numpy(zero_copy_only=False)
    if zoned:
        values = values + _VIETNAM_MICROSECONDS
    return values if missing is None else np.where(missing, NO_TIME, values)


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


@njit(cache=True, nogil=True)
def _range_of(period):  # pragma: no cover - compiled
    """The first and the last period of a batch; an empty range when all rows are rejected."""
    low, high = np.int64(0), np.int64(-1)
    for value in period:
        if value >= 0:
            if high < 0:
                low, high = np.int64(value), np.int64(value)
            low, high = min(low, value), max(high, value)
    return low, high


@njit(cache=True, nogil=True)
def _number(rows_of_batch, known, target, groups):  # pragma: no cover - compiled
    """Write the group of each row, -1 for rejected ones; returns how many groups there are now."""
    slot, period = rows_of_batch
    rows, low, group_of = known
    group, fresh = target
    first = groups
    for index in range(slot.shape[0]):
        group[index] = -1
        if slot[index] >= 0:
            row = rows[period[index] - low]
            if group_of[row, slot[index]] < 0:
                group_of[row, slot[index]] = groups
                fresh[groups - first, 0] = period[index]
                fresh[groups - first, 1] = slot[index]
                groups += 1
            group[index] = group_of[row, slot[index]]
    return groups
