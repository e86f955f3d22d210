"""Files as people send them, read as they are: csv · xlsx · parquet · geojson · geopackage, packed too → a table, nothing checked."""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime
import gzip
import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow
import pyogrio
import shapely
from pyarrow import parquet
from python_calamine import CalamineError, CalamineWorkbook

from hatangso.errors import InputError
from hatangso.vietnamese import nfc

MOST_UNPACKED_BYTES = 1024**3
_GZIPPED = {".csv", ".tsv", ".geojson", ".json"}
_IN_ZIP = {".csv", ".tsv", ".xlsx", ".parquet", ".geojson"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PIECE_BYTES = 1024**2
_HEAD_BYTES = 256 * 1024


def read_raw(path: str | Path) -> pl.DataFrame:
    """Read a file as it is, first row as header; text cells stay text. Raises InputError with the file's name."""
    given = Path(path)
    path, _ = _file_and_layer(given)
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    if path.is_dir():
        raise InputError(f"'{path}' là thư mục", expected="một tệp bảng")
    if path.stat().st_size == 0:
        raise InputError(f"Tệp '{path.name}' rỗng (0 byte)", expected="bảng có dòng tiêu đề")
    suffix = path.suffix.lower()
    if suffix == ".gz" and Path(path.stem).suffix.lower() in _GZIPPED:
        suffix = Path(path.stem).suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        raise InputError(f"Tệp '{path.name}' có đuôi '{suffix}'", expected="một trong " + ", ".join(_READERS))
    frame = reader(given if reader is _read_vector else path)
    if not frame.columns:
        raise InputError(f"Tệp '{path.name}' không có dòng tiêu đề")
    return frame


def read_headers(path: str | Path) -> list[str]:
    """Return the headers :func:`read_raw` would give; of csv and parquet without reading the rows."""
    path = Path(path)
    kind = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if kind == ".zip":
        with _unzipped(path) as inner:
            return read_headers(inner)
    if kind in {".csv", ".tsv", ".csv.gz", ".tsv.gz"} and path.exists() and path.stat().st_size:
        raw = _bytes(path, _HEAD_BYTES)
        whole_lines = raw[: raw.rfind(b"\n") + 1] if len(raw) == _HEAD_BYTES else raw
        utf8 = _as_utf8(raw if raw[:2] in _UTF16_MARKS else whole_lines or raw, path)
        names = _unique_headers(_head(utf8)[0])
        if names and b"\x00" not in utf8:
            return names
    if kind == ".parquet" and path.exists():
        try:
            return list(pl.read_parquet_schema(path))
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise InputError(
                f"Tệp '{path.name}' không đọc được như parquet ({str(fault).splitlines()[0]})"
            ) from fault
    return read_raw(path).columns


def read_features(path: str | Path) -> tuple[pl.DataFrame, np.ndarray, str | None]:
    """Read a vector file (GeoJSON, GeoPackage, Shapefile, GeoParquet); ``file.gpkg#layer`` names one of several layers.

    Returns
    -------
    attributes : DataFrame, n rows
    geometries : object array of shapely geometries, shape (n,), in the file's own coordinates
    crs : authority string such as ``"EPSG:4326"`` or WKT; None when the file does not say
    """
    path, layer = _file_and_layer(Path(path))
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"Tệp '{path.name}' rỗng (0 byte)", expected="tệp bản đồ", remedy="Xuất lại tệp")
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _read_geoparquet(path)
    source = f"/vsigzip/{path}" if path.suffix == ".gz" else path
    try:
        meta, _, wkb, columns = pyogrio.raw.read(source, layer=layer or _only_layer(source, path))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError) as fault:
        raise InputError(
            f"Tệp bản đồ '{path.name}' không đọc được",
            found="nội dung không phải tệp bản đồ" if "not recognized" in str(fault) else str(fault),
            expected="GeoJSON, GeoPackage, Shapefile hoặc GeoParquet",
            remedy="Xuất lại tệp từ phần mềm bản đồ",
        ) from fault
    series = {
        str(name): pl.Series(values.tolist(), strict=False)
        for name, values in zip(meta["fields"], columns, strict=True)
    }
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are told by whoever reads them
        return pl.DataFrame(series), shapely.from_wkb(wkb), meta["crs"]


def _file_and_layer(path: Path) -> tuple[Path, str | None]:
    """Part ``roads.gpkg#layer`` into the file and its layer; a file whose own name holds a # stays whole."""
    name, mark, layer = path.name.rpartition("#")
    if path.exists() or not mark or not name:
        return path, None
    return path.with_name(name), layer


def _only_layer(source: str | Path, path: Path) -> str | None:
    """Return the one layer of a file; which of several is meant, the person must say."""
    layers = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
    if len(layers) > 1:
        raise InputError(
            f"Tệp '{path.name}' có {len(layers)} lớp: {', '.join(layers[:8])}",
            expected="tên lớp muốn đọc",
            remedy=f"Ghi {path.name}#{layers[0]} thay cho {path.name}",
        )
    return layers[0] if layers else None


def is_blank(cell: Any) -> bool:
    """Say whether a cell holds nothing: None, blanks only, or NaN."""
    return (
        cell is None
        or (isinstance(cell, str) and not cell.strip())
        or (isinstance(cell, float) and cell != cell)
    )


def _read_csv(path: Path) -> pl.DataFrame:
    raw = _as_utf8(_bytes(path), path)
    if b"\x00" in raw:
        raise InputError(f"Tệp '{path.name}' là tệp nhị phân", expected="bảng csv dạng chữ")
    try:
        header, separator = _head(raw)
        frame = pl.read_csv(
            raw,
            separator=separator,
            infer_schema=False,
            new_columns=_unique_headers(header),
            truncate_ragged_lines=False,
        )
    except (pl.exceptions.PolarsError, csv.Error) as fault:
        raise _unreadable_csv(raw, path) from fault
    return _with_numbers(frame, dots_may_group=separator != ",")


def _unreadable_csv(raw: bytes, path: Path) -> InputError:
    """Say in which line the cells are more than the headers, the commonest fault; else that it is no csv."""
    remedy = "Mở bằng Excel và lưu lại dạng CSV UTF-8"
    with contextlib.suppress(csv.Error):
        header, separator = _head(raw)
        lines = csv.reader(io.StringIO(raw.decode("utf-8", errors="replace")), delimiter=separator)
        for cells in lines:
            if len(cells) > len(header):
                return InputError(
                    f"Tệp '{path.name}', dòng {lines.line_num}",
                    found=f"{len(cells)} ô: {separator.join(cells)[:80]}",
                    expected=f"{len(header)} ô như dòng tiêu đề",
                    remedy="Chữ hay số có dấu phân cách bên trong, như 1,5, thì đặt trong ngoặc kép, hoặc " + remedy[0].lower() + remedy[1:],
                )  # fmt: skip
    return InputError(f"Tệp '{path.name}' không đọc được như bảng csv", remedy=remedy)


def _head(raw: bytes) -> tuple[list[str], str]:
    """Return the header cells of a csv in UTF-8 and its separator."""
    lines = raw[:_HEAD_BYTES].decode("utf-8", errors="ignore").splitlines()
    head = lines[0] if lines else ""
    separator = max(",;\t|", key=head.count)
    return next(csv.reader(io.StringIO(head), delimiter=separator), []), separator


def _with_numbers(frame: pl.DataFrame, *, dots_may_group: bool) -> pl.DataFrame:
    """Turn text columns that are plain machine numbers throughout into numbers, leaving codes with leading zeros.

    In a file parted by commas the decimal mark can only be a dot, so "106.004" is a number below 107. Elsewhere a column
    of such figures throughout may be grouped thousands ("3.890") and stays text for the column spec to decide.
    """
    for name in frame.columns:
        filled = frame[name].drop_nulls()
        if filled.len() == 0 or filled.str.contains(r"^[+-]?0\d").any():
            continue
        numbers = filled.cast(pl.Float64, strict=False)
        looks_grouped = filled.str.contains(r"^[+-]?\d{1,3}\.\d{3}$").all()
        if numbers.null_count() == 0 and not (dots_may_group and looks_grouped):
            frame = frame.with_columns(pl.col(name).cast(pl.Float64))
    return frame


def _bytes(path: Path, most: int | None = None) -> bytes:
    """Return the content of a file, unpacked; at most the first ``most`` bytes of it where that is given."""
    if path.suffix.lower() != ".gz":
        with path.open("rb") as plain:
            return plain.read() if most is None else plain.read(most)
    try:
        with gzip.open(path) as packed:
            content = packed.read(MOST_UNPACKED_BYTES + 1 if most is None else most)
    except (OSError, EOFError, zlib.error) as fault:
        raise InputError(f"Tệp nén '{path.name}' bị hỏng ({fault})", remedy="Chép lại tệp") from fault
    if len(content) > MOST_UNPACKED_BYTES:
        raise InputError(f"Tệp nén '{path.name}' mở ra quá lớn", expected="không quá 1 GB")
    return content


def _as_utf8(raw: bytes, path: Path) -> bytes:
    """Return the text of a file in UTF-8 without mark; what is UTF-8 already is not copied into a text on the way."""
    if raw[:2] in _UTF16_MARKS:
        encodings = ["utf-16", "cp1258"]
    elif _is_utf8(raw):
        return raw.removeprefix(codecs.BOM_UTF8)
    else:
        encodings = ["cp1258"]
    for encoding in encodings:
        try:
            return raw.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"Tệp '{path.name}' không phải chữ UTF-8", remedy="Mở bằng Excel và lưu lại dạng CSV UTF-8"
    )


def _is_utf8(raw: bytes) -> bool:
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(raw)
    try:
        for start in range(0, len(raw), _PIECE_BYTES):
            decoder.decode(view[start : start + _PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_zip(path: Path) -> pl.DataFrame:
    """Read the one table in a zip file."""
    with _unzipped(path) as inner:
        return read_raw(inner)


@contextlib.contextmanager
def _unzipped(path: Path) -> Iterator[Path]:
    """Lay the one table of a zip file on disk for a while."""
    with tempfile.TemporaryDirectory() as folder:
        yield _laid_out(path, Path(folder))


def _laid_out(path: Path, folder: Path) -> Path:
    """Write the one table of a zip file into a folder.

    Raises
    ------
    InputError
        when there is no table in it or several, when it is broken or protected, or too large once unpacked.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            inside = [
                each for each in packed.infolist()
                if Path(each.filename).suffix.lower() in _IN_ZIP and not each.filename.startswith("__MACOSX/")
            ]  # fmt: skip
            if len(inside) != 1:
                raise InputError(
                    f"Tệp nén '{path.name}'",
                    found=f"có {len(inside)} bảng bên trong",
                    expected="đúng một bảng " + ", ".join(sorted(_IN_ZIP)),
                    remedy="Nén từng tệp riêng",
                )
            target = folder / Path(inside[0].filename).name
            with packed.open(inside[0]) as source, target.open("wb") as laid:
                while piece := source.read(_PIECE_BYTES):
                    if laid.tell() + len(piece) > MOST_UNPACKED_BYTES:
                        raise InputError(f"Tệp nén '{path.name}' mở ra quá lớn", expected="không quá 1 GB")
                    laid.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise InputError(f"Tệp nén '{path.name}' bị hỏng ({fault})", remedy="Chép lại tệp") from fault
    except RuntimeError as fault:  # what zipfile says of a password
        raise InputError(f"Tệp nén '{path.name}' có mật khẩu", remedy="Nén lại không đặt mật khẩu") from fault
    return target


def _unique_headers(header: list[Any]) -> list[str]:
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = " ".join(nfc(str(cell)).split()) if not is_blank(cell) else f"cột {number}"
        while name in names:
            name += " (2)"
        names.append(name)
    return names


def _read_workbook(path: Path) -> pl.DataFrame:
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as fault:
        raise InputError(
            f"Tệp '{path.name}' không mở được như bảng tính",
            found="tệp tải dở, đặt mật khẩu, hoặc chỉ mang đuôi tên của bảng tính",
            remedy="Mở bằng Excel và lưu lại dạng .xlsx",
        ) from fault
    rows = list(rows)
    while rows and all(is_blank(cell) for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise InputError(f"Tệp '{path.name}': trang tính đầu không có gì", expected="bảng có dòng tiêu đề")
    names = _unique_headers(rows[0])
    series = []
    for index, name in enumerate(names):
        cells = [None if is_blank(row[index]) else row[index] for row in rows[1:]]
        series.append(_column_of_cells(name, cells))
    return pl.DataFrame(series)


def _column_of_cells(name: str, cells: list[Any]) -> pl.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float}:
        return pl.Series(name, cells, dtype=pl.Float64)
    if len(kinds) == 1 and kinds & {bool, datetime.date, datetime.datetime}:
        return pl.Series(name, cells)
    texts = [None if cell is None else _cell_text(cell) for cell in cells]
    return pl.Series(name, texts, dtype=pl.String)


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell).replace(".", ",")
    return str(cell)


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise InputError(
            f"Tệp '{path.name}' không đọc được như parquet ({str(fault).splitlines()[0]})"
        ) from fault


def _read_vector(path: Path) -> pl.DataFrame:
    attributes, geometries, crs = read_features(path)
    if crs not in (None, "EPSG:4326", "OGC:CRS84"):
        raise InputError(
            f"Tệp '{path.name}' dùng hệ tọa độ {crs[:40]}",
            expected="WGS 84 (EPSG:4326)",
            remedy="Chuyển tọa độ trước khi nhập",
        )
    kinds = shapely.get_type_id(geometries)
    if np.all(kinds == 0):
        return attributes.with_columns(
            pl.Series("lon", shapely.get_x(geometries)), pl.Series("lat", shapely.get_y(geometries))
        )
    return attributes.with_columns(
        pl.Series("geometry", shapely.to_wkb(geometries).tolist(), dtype=pl.Binary)
    )


def _read_geoparquet(path: Path) -> tuple[pl.DataFrame, np.ndarray, str | None]:
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as fault:
        raise InputError(f"Tệp '{path.name}' không đọc được như parquet ({fault})") from fault
    described = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    guesses = (described.get("primary_column"), "geometry", "geom", "wkb")
    name = next((name for name in guesses if name in table.column_names), None)
    if name is None or str(table.schema.field(name).type) not in {"binary", "large_binary", "binary_view"}:
        raise InputError(f"Tệp '{path.name}' không có cột hình học", expected="cột geometry dạng WKB")
    geometries = shapely.from_wkb(table[name].to_numpy())
    crs = (described.get("columns", {}).get(name) or {}).get("crs") or {}
    identity = crs.get("id") or {"authority": "EPSG", "code": 4326}
    frame = pl.from_arrow(table.drop_columns([name]).replace_schema_metadata(None))
    return pl.DataFrame(frame), geometries, f"{identity['authority']}:{identity['code']}"


_READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": _read_csv, ".tsv": _read_csv, ".xlsx": _read_workbook, ".xls": _read_workbook, ".ods": _read_workbook,
    ".xlsm": _read_workbook, ".zip": _read_zip, ".parquet": _read_parquet, ".geojson": _read_vector, ".json": _read_vector, ".gpkg": _read_vector,
}  # fmt: skip
