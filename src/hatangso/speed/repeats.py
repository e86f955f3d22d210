"""The rules that compare rows, over files too large for memory: which rows repeat others or come from a busy device.

A first look reads only what tells tests apart and keeps 64 bits of each row. Rows whose bits come up too often are few;
they alone are read whole and given to :func:`hatangso.speed.validity.select_valid`, so the answer is that of the table
in memory, and bits that are equal by chance do no harm.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from hatangso.errors import InputError
from hatangso.speed.row_groups import Piece, batches_of, microseconds, pieces_of
from hatangso.speed.row_rules import NO_TIME, REASONS
from hatangso.speed.validity import ValidityRule, select_valid

_IDENTITY = ("time", "lon", "lat", "operator", "device", "download_mbps", "upload_mbps")
_EVERY = (
    *_IDENTITY, "technology", "network", "connection", "latency_ms", "jitter_ms", "location_accuracy_m",
)  # fmt: skip
_DAY = 86_400_000_000  # microseconds
_SHARES = 64  # days are dealt out to so many shares: rows that are compared are of one day
_AT_ONCE = 2_000_000  # rows read whole and compared at a time
_BATCH = 1_000_000


@dataclass(frozen=True)
class LeftOut:
    """Rows of a file that do not count: their numbers, int64 (k,) ascending, and reasons, uint8 (k,), 1 = the first
    of :data:`hatangso.speed.row_rules.REASONS`."""

    rows: np.ndarray
    reasons: np.ndarray


def find_repeats(
    paths: Sequence[str | Path],
    rules: tuple[ValidityRule, ...],
    *,
    as_of: datetime.date,
    tool: str,
    advance: Callable[[int], None] | None = None,
) -> Mapping[str, LeftOut]:
    """Return path → rows that repeat a test or go beyond what one device may bring, by the rules given.

    Of equal rows the first counts, by the order of ``paths`` and of rows. Memory: 10 bytes a row, 18 where devices are
    named, and the rows in question, about two million at a time.

    Parameters
    ----------
    paths : parquet files as for :func:`hatangso.speed.one_pass.summarise_files`
    rules : the rules in force, all of them: a row that breaks another rule is not compared
    advance : told the number of rows after each part that was looked at
    """
    limit = {rule.kind: int(rule.parameters.get("per_day", 1)) for rule in rules}
    _refuse_twice(paths)
    pieces = [
        piece for path in paths for piece in pieces_of(Path(path), ("download_mbps",), rows=_BATCH, tool=tool)
    ]
    starts = np.concatenate([[0], np.cumsum([piece.rows for piece in pieces])]).astype(np.int64)
    asked, share = np.zeros(starts[-1], np.bool_), np.empty(starts[-1], np.uint8)
    keys = {kind: np.zeros(starts[-1], np.uint64) for kind in _KEYS if kind in limit}
    for piece, first in zip(pieces, starts[:-1].tolist(), strict=True):
        for part, at in _frames(piece, _IDENTITY):
            rows = slice(first + at, first + at + part.height)
            share[rows] = _share_of(part)
            for kind, known in keys.items():
                _KEYS[kind](part, known[rows])
        if advance is not None:
            advance(piece.rows)
    for kind in list(keys):
        asked |= _commoner(keys.pop(kind), limit[kind])
    found = [
        _compared(pieces, starts, asked & np.isin(share, chosen), (rules, as_of))
        for chosen in _shares(share[asked])
    ]
    return _by_file(pieces, starts, found)


def _refuse_twice(paths: Sequence[str | Path]) -> None:
    met: set[Path] = set()
    for path in paths:
        if Path(path).resolve() in met:
            raise InputError(f"Tệp '{path}' được nêu hai lần", remedy="Nêu mỗi tệp một lần")
        met.add(Path(path).resolve())


def _frames(piece: Piece, columns: Sequence[str]) -> Iterator[tuple[pl.DataFrame, int]]:
    """Read a piece as tables of names as text and times by the clock of Viet Nam, with the number of the first row."""
    known = set(piece.metadata.schema.to_arrow_schema().names)
    narrow = replace(piece, columns=tuple(name for name in columns if name in known))
    first = 0
    for batch in batches_of(narrow, rows=_BATCH, threads=True):
        names = [name for name in batch.schema.names if name != "time"]
        moments = microseconds(batch)
        time = pl.Series("time", moments).set(pl.Series(moments == NO_TIME), None).cast(pl.Datetime("us"))
        frame = pl.from_arrow(pa.Table.from_batches([batch.select(names)]))
        assert isinstance(frame, pl.DataFrame)
        texts = pl.col(pl.Categorical, pl.Enum).cast(pl.String)
        yield frame.with_columns(texts).with_columns(time), first
        first += batch.num_rows


def _key_of_test(part: pl.DataFrame, keys: np.ndarray) -> None:
    """Write 64 bits of what tells a test apart."""
    keys[:] = part.select(sorted(set(part.columns) & set(_IDENTITY))).hash_rows().to_numpy()


def _key_of_device(part: pl.DataFrame, keys: np.ndarray) -> None:
    """Write 64 bits of device, day, operator and place; 0 stays where no device is named."""
    if "device" not in part.columns:
        return
    near = part.select(
        "device", "operator", pl.col("time").dt.date(), pl.col("lon").round(2), pl.col("lat").round(2)
    )
    named = part["device"].is_not_null().to_numpy()
    keys[named] = near.hash_rows().to_numpy()[named]


_KEYS: dict[str, Callable[[pl.DataFrame, np.ndarray], None]] = {
    "duplicate": _key_of_test,
    "device_cap": _key_of_device,
}


def _share_of(part: pl.DataFrame) -> np.ndarray:
    days = part["time"].cast(pl.Int64).fill_null(0).to_numpy() // _DAY
    return (days % _SHARES).astype(np.uint8)


def _commoner(keys: np.ndarray, most: int) -> np.ndarray:
    """Mark the rows whose key is not 0 and comes up more than ``most`` times; a quarter is sorted at a time."""
    found = [np.empty(0, np.uint64)]
    for quarter in range(4 if keys.any() else 0):
        ordered = np.sort(keys[keys >> np.uint64(62) == quarter])
        found.append(np.unique(ordered[most:][ordered[most:] == ordered[:-most]]))
    common = np.concatenate(found)
    common = common[common != 0]
    if not len(common):
        return np.zeros(len(keys), np.bool_)
    return pl.Series(keys).is_in(pl.Series(common).implode()).to_numpy()


def _shares(asked: np.ndarray) -> Iterator[list[int]]:
    """Put shares of days together up to what is compared at a time."""
    together: list[int] = []
    filled = 0
    for share, count in enumerate(np.bincount(asked, minlength=_SHARES).tolist()):
        if together and filled + count > _AT_ONCE:
            yield together
            together, filled = [], 0
        if count:
            together.append(share)
            filled += count
    if together:
        yield together


def _compared(
    pieces: Sequence[Piece],
    starts: np.ndarray,
    asked: np.ndarray,
    judged_by: tuple[tuple[ValidityRule, ...], datetime.date],
) -> tuple[np.ndarray, np.ndarray]:
    """Read the rows asked for and compare them: (number of the row over all files, number of the reason)."""
    rules, as_of = judged_by
    tables = []
    for piece, first in zip(pieces, starts[:-1].tolist(), strict=True):
        if asked[first : first + piece.rows].any():
            for part, at in _frames(piece, _EVERY):
                kept = pl.Series(asked[first + at : first + at + part.height])
                numbered = part.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("at") + first + at)
                tables.append(numbered.filter(kept))
    rejected = select_valid(pl.concat(tables, how="diagonal_relaxed"), as_of=as_of, rules=rules).rejected
    codes = [rule.code for rule in rules if rule.kind in {"duplicate", "device_cap"}]
    repeats = rejected.filter(pl.col("reason_code").is_in(codes))
    reasons = [1 + REASONS.index(code) for code in repeats["reason_code"]]
    return repeats["at"].to_numpy(), np.array(reasons, np.uint8)


def _by_file(
    pieces: Sequence[Piece], starts: np.ndarray, found: list[tuple[np.ndarray, np.ndarray]]
) -> dict[str, LeftOut]:
    """Part the rows found among the files."""
    if not found:
        return {}
    at, reasons = (np.concatenate([each[side] for each in found]) for side in (0, 1))
    order = np.argsort(at)
    at, reasons = at[order], reasons[order]
    paths = [str(piece.path) for piece in pieces]
    left_out = {}
    for path in dict.fromkeys(paths):
        own = [number for number, name in enumerate(paths) if name == path]
        low, high = np.searchsorted(at, [starts[own[0]], starts[own[-1] + 1]])
        left_out[path] = LeftOut(at[low:high] - starts[own[0]], reasons[low:high])
    return left_out
