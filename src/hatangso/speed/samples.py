"""Speed samples as sent (i-Speed, drive tests, M-Lab NDT7, our own test) → one checked table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars import selectors

from hatangso.errors import InputError, ManyInputErrors
from hatangso.speed.tiles import is_tile_averages
from hatangso.speed.validity import MOBILE
from hatangso.tables import (
    MOST_FAULTS,
    Column,
    TableSpec,
    check_rows,
    header_key,
    match_headers,
    read_raw,
    with_decimal_dots,
)
from hatangso.vietnamese import fold, parse_number

TECHNOLOGIES = {
    "2G": ("gsm", "edge", "gprs"), "3G": ("umts", "hspa", "wcdma", "hspa+"), "4G": ("lte", "lte-a", "4g lte"),
    "5G": ("nr", "5g nr", "nr sa", "nr nsa", "5g sa", "5g nsa"), "FTTH": ("cáp quang", "fiber", "fibre", "gpon", "xpon", "xgs-pon", "ftth"),
    "cable": ("cáp đồng trục", "docsis", "catv"), "satellite": ("vệ tinh", "leo"), "fixed": ("cố định", "wifi", "ethernet", "lan"),
}  # fmt: skip
NETWORKS = {
    "mobile": ("di động", "cellular", "mobile network"),
    "fixed": ("cố định", "broadband", "wifi", "wi-fi", "ethernet"),
}
CONNECTIONS = {
    "cellular": ("di động", "mobile", "4g", "5g", "3g", "lte", "nr"),
    "wifi": ("wi-fi", "wlan"),
    "wired": ("ethernet", "lan", "có dây", "cáp"),
}

# Where a unit is told apart: Mb/s = Mbit/s = Mbps; kb/s; Gb/s; MB/s (bytes) is 8 times as much.
_UNIT_TO_MBPS = {"mbps": 1.0, "mbits": 1.0, "mbs": 1.0, "mbgiay": 1.0, "kbps": 0.001, "kbits": 0.001, "kbs": 0.001, "gbps": 1000.0, "gbits": 1000.0, "gbs": 1000.0, "bps": 1e-6, "bits": 1e-6}  # fmt: skip
_UNIT_WORD = re.compile(
    r"(?<![A-Za-z])([kKmMgG]?)([bB])(?:it|its)?\s*(?:/\s*(?:s|giây|giay|sec)|ps)(?![A-Za-z])"
)
_BYTE_RATE = re.compile(r"(?<![A-Za-z])[kMG]B(?:/s|ps)(?![A-Za-z])")
_SPEEDS = ("download_mbps", "upload_mbps")
_NO_UNIT = "không rõ đơn vị"
_TOOL_HEADERS = {
    "tool",
    "app",
    "cong cu",
    "cong cu do",
    "ung dung",
    "ung dung do",
    "phan mem do",
    "measuring tool",
}

SAMPLES = TableSpec(
    "samples",
    (
        Column("time", "moment", "Thời điểm đo", aliases=("thời gian", "thời gian đo", "timestamp", "date", "test_time", "a.testtime", "measured_at", "ngày đo", "datetime", "test date")),
        Column("lon", "number", "Kinh độ", "độ", required=False, nullable=True, minimum=-180, maximum=180, aliases=("longitude", "lng", "long", "kinh do", "x", "client.geo.longitude")),
        Column("lat", "number", "Vĩ độ", "độ", required=False, nullable=True, minimum=-90, maximum=90, aliases=("latitude", "vi do", "y", "client.geo.latitude")),
        Column("area_code", "text", "Mã đơn vị hành chính", required=False, nullable=True, aliases=("mã xã", "ma xa", "commune_code", "mã đơn vị")),
        Column("operator", "text", "Nhà mạng", aliases=("nha mang", "isp", "provider", "carrier", "doanh nghiệp", "nhà cung cấp", "network operator", "client.network.asname")),
        Column("technology", "category", "Công nghệ", required=False, nullable=True, categories=TECHNOLOGIES, aliases=("cong nghe", "loại mạng", "rat", "network_type", "công nghệ mạng")),
        Column("network", "category", "Di động/cố định", required=False, nullable=True, categories=NETWORKS, aliases=("loại dịch vụ", "service", "loại kết nối")),
        Column("connection", "category", "Kết nối của máy đo", required=False, nullable=True, categories=CONNECTIONS, aliases=("connection_type", "kết nối", "transport")),
        Column("download_mbps", "number", "Tải xuống", "Mb/s", nullable=True, minimum=0, aliases=("download", "tốc độ tải xuống", "tải xuống", "down", "dl", "download_speed", "a.meanthroughput", "meanthroughput", "tốc độ download", "download throughput", "dl throughput", "throughput dl", "downlink")),
        Column("upload_mbps", "number", "Tải lên", "Mb/s", required=False, nullable=True, minimum=0, aliases=("upload", "tốc độ tải lên", "tải lên", "up", "ul", "upload_speed", "tốc độ upload", "upload throughput", "ul throughput", "throughput ul", "uplink")),
        Column("latency_ms", "number", "Độ trễ", "ms", required=False, nullable=True, minimum=0, aliases=("ping", "latency", "độ trễ", "rtt", "minrtt", "a.minrtt", "ping ms")),
        Column("jitter_ms", "number", "Biến động trễ", "ms", required=False, nullable=True, minimum=0, aliases=("jitter", "jitter ms")),
        Column("device", "text", "Mã thiết bị", required=False, nullable=True, aliases=("device_id", "thiết bị", "mã máy", "client_id", "uuid", "imei")),
        Column("location_accuracy_m", "number", "Sai số vị trí", "m", required=False, nullable=True, minimum=0, aliases=("accuracy", "gps_accuracy", "độ chính xác vị trí", "accuracy_m")),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Where samples come from. ``tool`` and ``method`` are part of every figure: they are never mixed.

    ``unit`` is the unit of speeds when neither header nor cells tell it. ``network`` is used where the file is silent.
    """

    tool: str
    method: str = ""
    unit: str | None = None
    network: str | None = None
    mapping: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not self.tool.strip():
            raise InputError(
                "Chưa nêu công cụ đo", expected="tên công cụ, ví dụ i-Speed", remedy="Dùng --tool"
            )
        if self.unit is not None and self.unit_factor() is None:
            raise InputError(
                f"Đơn vị tốc độ '{self.unit}' không có trong danh sách", expected="Mb/s, kb/s hoặc Gb/s"
            )
        if self.network not in (None, "mobile", "fixed"):
            raise InputError(f"Loại mạng '{self.network}'", expected="mobile hoặc fixed")

    def unit_factor(self) -> float | None:
        """Factor from ``unit`` to Mb/s; None when the unit is unknown or not given."""
        return unit_factor(self.unit) if self.unit else None


def read_samples(path: str | Path, source: Source) -> pl.DataFrame:
    """Read a file of single tests into the table of :data:`SAMPLES` plus ``tool`` and ``method``.

    Speeds come out in Mb/s whatever unit header or cells state; a file that tells no unit is refused unless
    ``source.unit`` is given.

    Raises
    ------
    InputError, ManyInputErrors
        for every cell that cannot be read; also when the file holds averages of tiles (Ookla open data): those are
        context, not samples.
    """
    samples, unreadable = read_sample_rows(path, source)
    faults = [
        InputError(f"Tệp '{Path(path).name}', dòng {row}: {problem}")
        for row, problem in unreadable.iter_rows()
    ]
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ManyInputErrors(faults[:MOST_FAULTS])
    return samples.drop("row")


def read_sample_rows(path: str | Path, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a file of single tests row by row: a row with a cell that cannot be read is set aside, the others stay.

    Returns
    -------
    samples : as :func:`read_samples` gives them, with ``row``, the number people see beside it (the header is row 1)
    unreadable : ``row`` and ``problem``, the sentence of the first bad cell of each row that was set aside

    Raises
    ------
    InputError, ManyInputErrors
        when no row can be read: a column is missing, the unit is not told, averages of tiles.
    """
    raw = read_raw(path).select(~selectors.nested())
    name = Path(path).name
    _must_hold_single_tests(raw, source, name)
    raw, bad_speeds = _speeds_in_mbps(raw, source, name)
    mapping = {sent: ours for sent, ours in (source.mapping or {}).items() if sent in raw.columns}
    table, bad_cells = check_rows(raw, SAMPLES, mapping=mapping, source=name)
    unreadable = (
        pl.concat([bad_speeds, bad_cells]).unique("index", keep="first", maintain_order=True).sort("index")
    )
    table = table.with_row_index("index").join(unreadable, on="index", how="anti", maintain_order="left")
    if (
        table["area_code"].null_count() == table.height
        and table["lon"].null_count() == table.height
        and table.height
    ):
        raise InputError(
            f"Tệp '{name}': không có tọa độ lẫn mã đơn vị hành chính",
            expected="cột lon, lat hoặc cột area_code",
        )
    network = pl.col("network").fill_null(source.network) if source.network else pl.col("network")
    guessed = (
        pl.when(pl.col("technology").is_in(MOBILE))
        .then(pl.lit("mobile"))
        .when(pl.col("technology").is_not_null())
        .then(pl.lit("fixed"))
    )
    row = (pl.col("index") + 2).alias("row")
    samples = table.select(
        row,
        pl.exclude("index", "network"),
        network.fill_null(guessed).alias("network"),
        pl.lit(source.tool).alias("tool"),
        pl.lit(source.method).alias("method"),
    )
    columns = ["row", *(column.name for column in SAMPLES.columns), "tool", "method"]
    return samples.select(columns), unreadable.select(row, "problem")


def _must_hold_single_tests(raw: pl.DataFrame, source: Source, name: str) -> None:
    """Refuse a file without rows, one of averages, one whose rows name another tool."""
    if raw.height == 0 and raw.width:
        raise InputError(
            f"Tệp '{name}' chỉ có dòng tiêu đề, không có lần đo nào",
            remedy="Xuất lại số đo từ công cụ đo; kiểm tra khoảng thời gian đã chọn khi xuất",
        )
    if is_tile_averages(raw.columns):
        raise InputError(
            f"Tệp '{name}' là số bình quân theo ô (Ookla open data), không phải từng lần đo",
            expected="mỗi dòng một lần đo",
            remedy="Nhập làm số liệu tham khảo (hatangso speed tiles); không tính tỷ lệ đạt hay kết luận từ số bình quân",
        )
    for header in raw.columns:
        if header_key(header) in _TOOL_HEADERS:
            named = raw[header].cast(pl.String, strict=False).drop_nulls().unique().to_list()
            refuse_other_tools(named, source.tool, f"Tệp '{name}', cột {header}")


def refuse_other_tools(named: Iterable[str], tool: str, where: str) -> None:
    """Refuse a file whose rows name several measuring tools, or one that is not ``tool``.

    "i-Speed", "iSpeed" and "i-speed 4.2 (Android)" are taken for the same tool: one name holds the letters of the other.
    """
    names = sorted({text.strip() for text in named if text.strip()})
    own, letters = _letters(tool), {text: _letters(text) for text in names}
    others = [text for text in names if own not in letters[text] and letters[text] not in own]
    if others:
        raise InputError(
            f"{where}: có lần đo của công cụ khác",
            found=", ".join(others[:5]),
            expected=f"chỉ {tool}",
            remedy="Tách mỗi công cụ một tệp và tổng hợp riêng: các công cụ đo những thứ khác nhau, không gộp được",
        )


def _letters(name: str) -> str:
    return header_key(name).replace(" ", "")


def unit_factor(text: str) -> float | None:
    """Return the factor to Mb/s of the unit written in ``text`` ("Mbit/s", "Mbps", "kb/s", "MB/s", "Mb/giây"), or None.

    A capital B after k, M or G in the form "MB/s" means bytes and counts 8 times; "Mbps" and "Mb/s" are bits.
    """
    found = _UNIT_WORD.search(text.replace("_", " ")) or _UNIT_WORD.search(_unglued(text))
    if found is None:
        return None
    prefix, letter = found.group(1).lower(), found.group(2)
    factor = {"": 1e-6, "k": 1e-3, "m": 1.0, "g": 1e3}[prefix]
    return factor * (8.0 if letter == "B" and _BYTE_RATE.search(text) else 1.0)


def _speeds_in_mbps(raw: pl.DataFrame, source: Source, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the table with its speeds in Mb/s, and ``index`` and ``problem`` of rows whose speed cannot be read."""
    bare = {header: without_unit(header) for header in raw.columns}
    proposal = match_headers(bare.values(), SAMPLES)
    chosen = {header: proposal[short] for header, short in bare.items() if proposal.get(short) in _SPEEDS}
    chosen |= {
        sent: ours for sent, ours in (source.mapping or {}).items() if ours in _SPEEDS and sent in raw.columns
    }
    problems = [pl.DataFrame(schema={"index": pl.UInt32, "problem": pl.String})]
    for header, ours in chosen.items():
        factor = unit_factor(header) or (1.0 if header == ours else None)
        column, bad = _column_in_mbps(
            raw[header], factor or source.unit_factor(), f"Tệp '{name}', cột '{header}'"
        )
        raw = raw.with_columns(column)
        problems.append(bad)
        raw = raw.rename({header: ours}) if header != ours else raw
    renamed = {
        header: short
        for header, short in bare.items()
        if short in proposal and header in raw.columns and short != header and short not in raw.columns
    }
    return raw.rename(renamed), pl.concat(problems)


def _column_in_mbps(series: pl.Series, factor: float | None, where: str) -> tuple[pl.Series, pl.DataFrame]:
    """Return a column in Mb/s (null where it cannot be read), and ``index`` and ``problem`` of those cells."""
    if series.dtype.is_numeric():
        if factor is None:
            raise InputError(
                f"{where}: không rõ đơn vị tốc độ",
                expected="đơn vị trong tiêu đề, ví dụ 'Tải xuống (Mb/s)'",
                remedy="Sửa tiêu đề hoặc dùng --unit Mb/s",
            )
        return series.cast(pl.Float64) * factor, pl.DataFrame(
            schema={"index": pl.UInt32, "problem": pl.String}
        )
    cells = pl.DataFrame({"cell": with_decimal_dots(series.cast(pl.String, strict=False))}).with_row_index(
        "index"
    )
    different = cells["cell"].unique()
    read = [_speed_of(cell, factor, series.name) for cell in different]
    known = pl.DataFrame(
        {
            "cell": different,
            "value": [value for value, _ in read],
            "problem": [problem for _, problem in read],
        },
        schema={"cell": pl.String, "value": pl.Float64, "problem": pl.String},
    )
    joined = cells.join(known, on="cell", how="left", nulls_equal=True, maintain_order="left")
    problems = joined["problem"].drop_nulls()
    filled = joined["value"].drop_nulls().len() + problems.len()
    if filled and problems.str.ends_with(_NO_UNIT).sum() == filled:
        raise InputError(
            f"{where}: không rõ đơn vị tốc độ",
            expected="số kèm đơn vị, ví dụ 25,3 Mb/s",
            remedy="Dùng --unit nếu cả cột cùng một đơn vị",
        )
    return joined["value"].alias(series.name), joined.drop_nulls("problem").select("index", "problem")


def _speed_of(cell: str | None, factor: float | None, header: str) -> tuple[float | None, str | None]:
    """Return a speed in Mb/s, or the sentence why it cannot be read; nothing at all for an empty cell."""
    text = (cell or "").strip()
    if not text:
        return None, None
    own, number = unit_factor(text), _leading_number(text)
    if number is None:
        return None, f"{header}: '{text}' không phải là số; cần số kèm đơn vị, ví dụ 25,3 Mb/s"
    if own is None and factor is None:
        return None, f"{header}: '{text}' {_NO_UNIT}"
    return number * (own or factor or 1.0), None


def _leading_number(text: str) -> float | None:
    found = re.match(r"[+-]?[\d][\d.,\s]*", text)
    if found is None:
        return None
    try:
        return parse_number(found.group())
    except InputError:
        return None


def _unglued(text: str) -> str:
    """Part a unit written without a space: "a.MeanThroughputMbps" → "a.MeanThroughput Mbps"."""
    return re.sub(r"(?<=[A-Za-z])([kKmMgG]bps)(?![A-Za-z])", r" \1", text.replace("_", " "))


def without_unit(header: str) -> str:
    """Drop the unit from a header: "Tải xuống (Mb/s)" → "Tải xuống", "download_kbps" → "download"."""
    text = re.sub(r"[(\[].*?[)\]]", " ", header)
    text = _UNIT_WORD.sub(" ", _unglued(text))
    words = [
        word for word in header_key(text).split() if fold(word) not in _UNIT_TO_MBPS and word not in {"ms"}
    ]
    return " ".join(words) or header
