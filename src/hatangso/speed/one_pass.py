"""A hundred million tests in one pass: read columns, judge rows, find the area and the group, keep 16-bit bins."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numba import get_num_threads, njit

from hatangso.errors import InputError
from hatangso.speed.collecting import MOST_PENDING, Accumulator
from hatangso.speed.repeats import LeftOut
from hatangso.speed.row_groups import (
    Piece,
    batches_of,
    flags_of,
    floats,
    microseconds,
    numbered_names,
    pieces_of,
    schema_of,
)
from hatangso.speed.row_rules import (
    REASONS,
    ROW_REASONS,
    RowRules,
    hours_met,
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
_SLOTS = OPERATOR_SLOTS * TECHNOLOGY_SLOTS
_MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_AT_A_TIME = 65_536  # rows taken at a time: few enough for ``assign`` to stay on the thread that asks
_MANY_CLUSTERS = 2_000_000
_FEW_PERIODS = 16  # so many are given room without asking which of them hold rows
_MOST_HOURS = 1_000 * 366 * 24


@dataclass(frozen=True)
class Pass:
    """How files are summarised in one pass.

    assign : (lon, lat) float64 arrays in degrees → int32 index into ``area_codes``, -1 = in no area; called by
        several threads at the same time
    period : "month", "quarter", "half", "year" or "all"
    rules : what a row must hold to count
    left_out : path → rows that do not count when rows are compared, from :func:`hatangso.speed.repeats.find_repeats`;
        None = rows were not compared
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
    left_out: Mapping[str, LeftOut] | None = None
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
    rules of validity that one row decides are applied here; duplicates and dominating devices are what
    ``plan.left_out`` says. Groups come out sorted by their key, so the result depends
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
    measured = tuple(COLUMN_OF[measure] for measure in plan.measures)
    pieces = [
        piece
        for path in paths
        for piece in pieces_of(Path(path), measured, rows=plan.batch_rows, tool=plan.tool)
    ]
    state = _State(plan, sum(piece.rows for piece in pieces))
    threads = get_num_threads()
    with ThreadPoolExecutor(threads) as pool:
        if len(pieces) < threads:
            for piece in pieces:
                at = piece.first_row
                for batch in batches_of(piece, rows=plan.batch_rows, threads=True):
                    shares = _shares(batch, threads)
                    firsts = itertools.accumulate((share.num_rows for share in shares), initial=at)
                    places = [(str(piece.path), first) for first in firsts]
                    _advanced(advance, sum(pool.map(state.take_rows, shares, places)))
                    at += batch.num_rows
            return state.result()
        under_way = [pool.submit(state.take, piece) for piece in pieces]
        try:
            for done in as_completed(under_way):
                _advanced(advance, done.result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return state.result()


def measures_in(paths: Sequence[str | Path]) -> tuple[str, ...]:
    """Return the measures of a pass that parquet files have a column for: download, and what else any of them holds."""
    names = {name for path in paths for name in schema_of(Path(path)).names}
    return tuple(measure for measure in Pass.measures if measure == "download" or COLUMN_OF[measure] in names)


def _advanced(advance: Callable[[int], None] | None, rows: int) -> None:
    if advance is not None:
        advance(rows)


def _shares(batch: pa.RecordBatch, threads: int) -> list[pa.RecordBatch]:
    """Cut a batch into about as many pieces as there are threads, small ones left whole."""
    share = max(_AT_A_TIME, -(-batch.num_rows // threads))
    return [batch.slice(start, share) for start in range(0, batch.num_rows, share)]


class _State:
    """Names met so far and the groups they make; shared by the threads, changed under one lock."""

    def __init__(self, plan: Pass, rows: int) -> None:
        self.plan = plan
        self.numbers = plan.rules.numbers()
        self.operators: dict[str, int] = {}
        self.technologies: dict[str, int] = {}
        self.period_row: dict[int, int] = {}
        self.group_of = np.empty((0, len(plan.area_codes) * _SLOTS), np.int32)
        self.keys: list[np.ndarray] = []
        self.clusters: list[pl.DataFrame] = []
        self.groups = 0
        self.accumulator = Accumulator(plan.measures, room=min(rows, MOST_PENDING))
        self.counts = np.zeros(1 + len(REASONS), np.int64)
        self.lock = threading.Lock()

    def take(self, piece: Piece) -> int:
        """Add a piece of a file; returns its rows."""
        at = piece.first_row
        for batch in batches_of(piece, rows=self.plan.batch_rows, threads=False):
            at += self.take_rows(batch, (str(piece.path), at))
        return at - piece.first_row

    def take_rows(self, batch: pa.RecordBatch, place_of_first: tuple[str, int]) -> int:
        """Add rows, the first of which stands at a place (path, row); returns how many they are."""
        values = {measure: floats(batch, COLUMN_OF[measure]) for measure in self.plan.measures}
        flags = self._flags(batch, place_of_first)
        columns, tables = self._columns(batch, values, flags)
        room = min(_AT_A_TIME, batch.num_rows) + 1
        kept = (
            *(np.empty(room, np.int32) for _ in range(3)),
            *(np.empty(room, np.float64) for _ in range(2)),
        )
        of_row = np.full(batch.num_rows if "device" in batch.schema.names else 0, -1, np.int32)
        for first in range(0, batch.num_rows, _AT_A_TIME):
            rows = (first, min(first + _AT_A_TIME, batch.num_rows))
            counts = judge_rows(columns, rows, tables, kept, self.numbers)
            row, place, period, lon, lat = (column[: counts[0]] for column in kept)
            row, group = self._numbered(row, self.plan.assign(lon, lat), (place, period))
            counts[1 + REASONS.index("no_area")] += counts[0] - len(row)
            counts[0] = len(row)
            self.accumulator.add(group, values, rows=row, groups=self.groups)
            if len(of_row):
                of_row[row] = group
            with self.lock:
                self.counts += counts
        if len(of_row):
            self._count_devices(batch, of_row, values["download"])
        return batch.num_rows

    def _count_devices(self, batch: pa.RecordBatch, group: np.ndarray, download: np.ndarray) -> None:
        kept = group >= 0
        devices = pl.Series("device", batch.column("device").cast(pa.string())).filter(pl.Series(kept))
        known = pl.DataFrame([devices, pl.Series("download_mbps", download[kept].astype(np.float64))])
        part = clusters_of(known, group[kept], self.plan.floors)
        with self.lock:
            self.clusters.append(part)
            if sum(each.height for each in self.clusters[1:]) > max(_MANY_CLUSTERS, self.clusters[0].height):
                self.clusters = [added_clusters(self.clusters, self.plan.floors)]

    def _flags(self, batch: pa.RecordBatch, place_of_first: tuple[str, int]) -> np.ndarray:
        """Return what is wrong with each row beside its values and its time; empty when nothing is."""
        flags = flags_of(batch, self.plan.rules)
        path, first = place_of_first
        left_out = (self.plan.left_out or {}).get(path)
        if left_out is None:
            return flags
        low, high = np.searchsorted(left_out.rows, [first, first + batch.num_rows])
        if low == high:
            return flags
        flags = flags if len(flags) else np.zeros(batch.num_rows, np.uint8)
        rows = left_out.rows[low:high] - first
        flags[rows] = np.where(flags[rows] == 0, left_out.reasons[low:high], flags[rows])
        return flags

    def _columns(
        self, batch: pa.RecordBatch, values: dict[str, np.ndarray], flags: np.ndarray
    ) -> tuple[tuple, tuple]:
        """Return the columns and the tables :func:`judge_rows` reads."""
        with self.lock:
            operators = numbered_names(batch, "operator", self.operators, OPERATOR_SLOTS)
            technologies = numbered_names(batch, "technology", self.technologies, TECHNOLOGY_SLOTS)
            names = list(self.technologies)
        mobile = np.array([is_mobile(names[slot]) if names else False for slot in technologies[1]])
        moments = microseconds(batch)
        measured = tuple(values.get(measure, np.empty(0, np.float64)) for measure in MEASURES)
        places = (moments, operators[0], technologies[0], measured, flags)
        highest = np.where(mobile, min(self.numbers[4], self.numbers[6]), self.numbers[6])
        return (*places, floats(batch, "lon"), floats(batch, "lat")), (
            *self._periods(moments),
            operators[1] * TECHNOLOGY_SLOTS,
            technologies[1],
            highest,
        )

    def _periods(self, moments: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the first hour and, for each hour from there on, the row of its period; negative = rejected."""
        first, last = range_of(moments)
        if last - first > _MOST_HOURS:
            raise InputError(
                "Cột time",
                found="các thời điểm cách nhau hơn 1.000 năm",
                remedy="Kiểm tra đơn vị của cột time",
            )
        periods = periods_of_hours(first, last, _MONTHS_IN.get(self.plan.period, 0), self.numbers)
        known = np.unique(periods[periods >= 0])
        if len(known) > _FEW_PERIODS:
            met = np.zeros(len(periods), np.bool_)
            hours_met(moments, first, met)
            known = np.unique(periods[met & (periods >= 0)])
        with self.lock:
            for number in known.tolist():
                self.period_row.setdefault(number, len(self.period_row))
            self._make_room()
            rows = np.array([self.period_row[number] for number in known.tolist()], np.int32)
        if len(known):
            held = periods >= 0
            periods[held] = rows[np.searchsorted(known, periods[held]).clip(max=len(known) - 1)]
        return first, periods

    def _make_room(self) -> None:
        if len(self.period_row) > len(self.group_of):
            rows = max(len(self.period_row), 2 * len(self.group_of))
            more = np.full((rows, self.group_of.shape[1]), -1, np.int32)
            more[: len(self.group_of)] = self.group_of
            self.group_of = more

    def _numbered(
        self, row: np.ndarray, area: np.ndarray, key: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that lie in an area and their groups; groups met for the first time take the next numbers."""
        rows = (row, area, *key)
        kept, group = np.empty(len(row), np.int32), np.empty(len(row), np.int32)
        count, unknown = _find(rows, self.group_of, (kept, group))
        if unknown:
            with self.lock:
                fresh = np.empty((unknown, 2), np.int64)
                found = _number(rows, self.group_of, fresh, self.groups)
                self.keys.append(fresh[: found - self.groups])
                self.groups = found
            count, _ = _find(rows, self.group_of, (kept, group))
        return kept[:count], group[:count]

    def result(self) -> PassResult:
        """Sort the groups by key and hand everything over."""
        keys = np.concatenate(self.keys) if self.keys else np.empty((0, 2), np.int64)
        place, area = np.divmod(keys[:, 1], len(self.plan.area_codes))
        numbers = list(self.period_row)
        operators, technologies = list(self.operators), list(self.technologies)
        frame = pl.DataFrame(
            {
                "area_code": [self.plan.area_codes[index] for index in area],
                "operator": [operators[index] for index in place // TECHNOLOGY_SLOTS],
                "technology": [technologies[index] for index in place % TECHNOLOGY_SLOTS],
                "tool": [self.plan.tool] * len(place),
                "method": [self.plan.method] * len(place),
                "period": [_period_code(numbers[row], self.plan.period) for row in keys[:, 0]],
            },
            schema=dict.fromkeys(KEYS, pl.String),
        )
        order = frame.with_row_index("row").sort(KEYS)["row"].to_numpy()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        made = Summaries(
            frame.sort(KEYS),
            self.accumulator.samples()[order],
            self.accumulator.finish(rank),
            {measure: total[order] for measure, total in self.accumulator.sums().items()},
            self._clusters(rank),
            self.plan.floors,
        )
        asked = ROW_REASONS if self.plan.left_out is None else REASONS
        rejected = dict(zip(asked, self.counts[1:].tolist(), strict=False))
        return PassResult(made, int(self.counts.sum()), rejected)

    def _clusters(self, rank: np.ndarray) -> pl.DataFrame:
        added = added_clusters(self.clusters, self.plan.floors)
        place = pl.Series(rank, dtype=pl.UInt32).gather(added["group"])
        return added.with_columns(place.alias("group")).sort(CLUSTER_KEYS)


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
def _find(rows, group_of, target):  # pragma: no cover - compiled
    """Write the rows that lie in an area and their groups; returns how many, and how many have no group yet."""
    row, area, place, period = rows
    kept, group = target
    areas = group_of.shape[1] // _SLOTS
    count = unknown = 0
    for index in range(area.shape[0]):  # slow reads, nothing waits for them
        slot = place[index] * areas + max(area[index], 0)
        group[index] = group_of[np.uint64(period[index]), np.uint64(slot)]
    for index in range(area.shape[0]):
        there = area[index] >= 0
        unknown += there & (group[index] < 0)
        kept[count], group[count] = row[index], group[index]
        count += there
    return count, unknown


@njit(cache=True, nogil=True)
def _number(rows, group_of, fresh, groups):  # pragma: no cover - compiled
    """Number the groups of rows that have no number yet; returns how many groups there are now."""
    _row, area, place, period = rows
    areas = group_of.shape[1] // _SLOTS
    first = groups
    for index in range(area.shape[0]):
        slot = place[index] * areas + area[index]
        if area[index] >= 0 and group_of[period[index], slot] < 0:
            group_of[period[index], slot] = groups
            fresh[groups - first, 0] = period[index]
            fresh[groups - first, 1] = slot
            groups += 1
    return groups
