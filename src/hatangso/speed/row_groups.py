"""Parquet files of single tests cut into row groups, and the columns of a batch as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from hatangso.errors import InputError
from hatangso.speed.row_rules import NO_TIME, RowRules
from hatangso.speed.samples import refuse_other_tools

_OPTIONAL = ("location_accuracy_m", "network", "connection", "device")
_NAMES = ("operator", "technology", "network", "connection")
_VIETNAM_MICROSECONDS = 7 * 3_600_000_000


@dataclass(frozen=True)
class Piece:
    """Row groups of a file that one thread reads."""

    path: Path
    metadata: pa.parquet.FileMetaData
    row_groups: tuple[int, ...]
    columns: tuple[str, ...]

    @property
    def first_row(self) -> int:
        """The number of its first row in the file."""
        return sum(self.metadata.row_group(number).num_rows for number in range(self.row_groups[0]))

    @property
    def rows(self) -> int:
        return sum(self.metadata.row_group(number).num_rows for number in self.row_groups)


def schema_of(path: Path) -> pa.Schema:
    """Return the columns of a parquet file."""
    return _opened(path).schema_arrow


def _opened(path: Path) -> pa.parquet.ParquetFile:
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    try:
        return pa.parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as fault:
        raise InputError(
            f"Tệp '{path.name}' không đọc được như parquet",
            found="tệp hỏng, rỗng hoặc thuộc loại khác",
            remedy="Xuất lại tệp parquet; tệp csv, xlsx thì bỏ --one-pass",
        ) from fault


def pieces_of(path: Path, measured: tuple[str, ...], *, rows: int, tool: str) -> Iterator[Piece]:
    """Cut a file into row groups, small ones put together up to ``rows`` rows; ``measured`` are columns it must have.

    A file whose column ``tool`` names another tool is refused.
    """
    file = _opened(path)
    wanted = ("time", "lon", "lat", "operator", "technology", *measured)
    missing = [name for name in wanted if name not in file.schema_arrow.names]
    if missing:
        raise InputError(f"Tệp '{path.name}' thiếu cột {', '.join(missing)}", expected=", ".join(wanted))
    refuse_other_tools(_least_and_greatest(file.metadata, "tool"), tool, f"Tệp '{path.name}', cột tool")
    more = [name for name in _OPTIONAL if name in file.schema_arrow.names]
    together: list[int] = []
    filled = 0
    for number in range(file.num_row_groups):
        size = file.metadata.row_group(number).num_rows
        if together and filled + size > rows:
            yield Piece(path, file.metadata, tuple(together), (*wanted, *more))
            together, filled = [], 0
        together.append(number)
        filled += size
    if together:
        yield Piece(path, file.metadata, tuple(together), (*wanted, *more))


def _least_and_greatest(metadata: pa.parquet.FileMetaData, column: str) -> set[str]:
    """Return the texts the file notes as least and greatest of a column, nothing when there is no such column."""
    found = set()
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for at in range(group.num_columns):
            noted = group.column(at).statistics if group.column(at).path_in_schema == column else None
            if noted is not None and noted.has_min_max:
                found |= {str(noted.min), str(noted.max)}
    return found


def batches_of(piece: Piece, *, rows: int, threads: bool) -> Iterator[pa.RecordBatch]:
    """Read a piece, at most ``rows`` rows at a time; ``threads`` lets several threads read columns side by side."""
    names = [name for name in _NAMES if name in piece.columns]
    with pa.parquet.ParquetFile(
        piece.path, metadata=piece.metadata, read_dictionary=names, memory_map=True
    ) as file:
        yield from file.iter_batches(
            batch_size=rows,
            row_groups=list(piece.row_groups),
            columns=list(piece.columns),
            use_threads=threads,
        )


def flags_of(batch: pa.RecordBatch, rules: RowRules) -> np.ndarray:
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
        flags[floats(batch, "location_accuracy_m") > rules.accuracy_m] = 5
    return flags if flags.any() else flags[:0]


def floats(batch: pa.RecordBatch, name: str) -> np.ndarray:
    column = batch.column(name)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise InputError(f"Cột {name} có kiểu {column.type}", expected="số")
    values = column.to_numpy(zero_copy_only=False)
    return values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)


def microseconds(batch: pa.RecordBatch) -> np.ndarray:
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


def numbered_names(
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
