"""The table of stations: read, checked row by row against bands and terrain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import ndimage

from hatangso.errors import InputError, ManyInputErrors
from hatangso.geo import LATITUDES, LONGITUDES, read_coordinates
from hatangso.radio.antennas import Antenna, Pointing, Sector, read_msi, round_antenna, sector_antenna
from hatangso.radio.bands import Band
from hatangso.radio.grid import Grid
from hatangso.radio.profile import SEA
from hatangso.tables import Column, TableSpec, read_table

STATION_SPEC = TableSpec(
    "trạm phát sóng",
    (
        Column("station_id", "text", "Mã trạm", aliases=("ma tram", "site", "site_id", "ten tram")),
        Column("operator", "text", "Nhà mạng", aliases=("nha mang", "doanh nghiep")),
        Column("band", "text", "Băng tần", aliases=("bang tan", "band name")),
        Column("lon", "number", "Kinh độ", "độ", aliases=("kinh do", "longitude", "x", "kinh độ (WGS84)")),
        Column("lat", "number", "Vĩ độ", "độ", aliases=("vi do", "latitude", "y")),
        Column(
            "height_m", "number", "Độ cao anten so với mặt đất", "m", minimum=1, maximum=350,
            aliases=("do cao anten", "chieu cao", "do cao"), remedy="Nếu chưa biết độ cao thì hỏi đơn vị quản lý trạm",
        ),
        Column(
            "azimuth_deg", "number", "Góc phương vị", "độ", required=False, nullable=True, minimum=0, maximum=360,
            aliases=("azimuth", "huong", "goc phuong vi"), remedy="Để trống nếu anten tỏa đều mọi hướng",
        ),
        Column("mechanical_tilt_deg", "number", "Góc cúi cơ", "độ", required=False, nullable=True, minimum=-30, maximum=30),
        Column("electrical_tilt_deg", "number", "Góc cúi điện", "độ", required=False, nullable=True, minimum=-30, maximum=30),
        Column("power_dbm", "number", "Công suất", "dBm", required=False, nullable=True, minimum=-10, maximum=80),
        Column("gain_dbi", "number", "Độ lợi", "dBi", required=False, nullable=True, minimum=-5, maximum=40),
        Column("loss_db", "number", "Suy hao phi-đơ", "dB", required=False, nullable=True, minimum=0, maximum=30),
        Column("horizontal_deg", "number", "Độ rộng búp ngang", "độ", required=False, nullable=True, minimum=5, maximum=360),
        Column("vertical_deg", "number", "Độ rộng búp đứng", "độ", required=False, nullable=True, minimum=1, maximum=90),
        Column("antenna_file", "text", "Tệp anten .msi", required=False, nullable=True),
        Column("load", "number", "Tải", required=False, nullable=True, minimum=0, maximum=1),
    ),
)  # fmt: skip

OFFSHORE_CELLS = 5


@dataclass(frozen=True)
class Cell:
    """One sector of a station in one band."""

    station_id: str
    operator: str
    band: Band
    lon: float
    lat: float
    height_m: float
    sector: Sector
    load: float | None = None


def read_stations(
    path: Path, *, bands: dict[str, Band], meridians_deg: tuple[float, ...] = ()
) -> tuple[list[Cell], list[str]]:
    """Read a station table (CSV, XLSX, GeoJSON…): the cells and notes on what was mended.

    Coordinates in VN-2000 metres are converted where ``meridians_deg`` tells the central meridian, refused otherwise.

    Raises
    ------
    ManyInputErrors, InputError
        with file, row and column: unknown band, height 0, azimuth 400, swapped or VN-2000 coordinates, duplicates.
    """
    table = read_table(path, STATION_SPEC)
    faults: list[InputError] = []
    notes: list[str] = []
    cells: list[Cell] = []
    seen: dict[tuple, int] = {}
    antennas: dict[str, Antenna] = {}
    for number, row in enumerate(table.iter_rows(named=True), start=2):
        where = f"Bảng 'trạm phát sóng' ({path.name}), dòng {number}"
        try:
            lon, lat = _position(row, where, meridians_deg, notes)
            cell = _cell(row, (lon, lat), bands=bands, where=where, antennas=antennas, folder=path.parent)
        except InputError as fault:
            faults.append(fault)
            continue
        key = (cell.station_id, cell.operator, cell.band.name, row["azimuth_deg"], row["height_m"])
        if key in seen:
            faults.append(
                InputError(
                    f"{where}: trùng với dòng {seen[key]}",
                    found=f"{cell.station_id}, {cell.band.name}, {row['azimuth_deg']}°",
                    remedy="Giữ một dòng cho mỗi sector",
                )
            )
        seen.setdefault(key, number)
        cells.append(cell)
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    if not cells:
        raise InputError(f"Bảng '{path.name}' không có trạm nào")
    return cells, notes


def check_on_terrain(cells: list[Cell], grid: Grid, *, sea: np.ndarray | None = None) -> None:
    """Refuse stations outside the terrain and stations standing in the sea, all at once.

    Near the shore (within 5 cells) heights cannot tell land from water, so only stations further out are refused.
    """
    faults = []
    rows, columns = grid.indices(np.array([c.lon for c in cells]), np.array([c.lat for c in cells]))
    zone = sea if sea is not None else grid.zone
    offshore = (
        ndimage.distance_transform_edt(zone == SEA) > OFFSHORE_CELLS if zone.shape == grid.shape else None
    )
    for number, (cell, row, column) in enumerate(zip(cells, rows, columns, strict=True), start=2):
        where = f"Trạm '{cell.station_id}' (dòng {number}) tại {cell.lat:.5f}, {cell.lon:.5f}"
        if not (0 <= row <= grid.shape[0] - 1 and 0 <= column <= grid.shape[1] - 1):
            faults.append(
                InputError(f"{where}: nằm ngoài địa hình", remedy="Bổ sung mảnh địa hình hoặc sửa tọa độ")
            )
        elif offshore is not None and offshore[round(row), round(column)]:
            faults.append(
                InputError(
                    f"{where}: nằm giữa biển",
                    expected="tọa độ trên đất liền hoặc đảo",
                    remedy="Kiểm tra tọa độ; nếu là đất thấp bị nhận nhầm thì thêm --no-sea",
                )
            )
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)


def _position(row: dict, where: str, meridians: tuple[float, ...], notes: list[str]) -> tuple[float, float]:
    lon, lat = row["lon"], row["lat"]
    if LONGITUDES[0] <= lon <= LONGITUDES[1] and LATITUDES[0] <= lat <= LATITUDES[1]:
        return lon, lat
    read = read_coordinates(lon, lat, meridians_deg=meridians)
    if read.longitude is None or read.latitude is None or read.form == "unknown":
        reason = "; ".join(read.notes) or "không hiểu được"
        vn2000 = max(abs(lon), abs(lat)) > 1000
        raise InputError(
            f"{where}, cột lon/lat: {lon:.10g}, {lat:.10g} {'là tọa độ mét VN-2000' if vn2000 else 'nằm ngoài Việt Nam'} ({reason})",
            expected="độ WGS 84, kinh độ 102-118, vĩ độ 6-24",
            remedy="Cho biết kinh tuyến trục (--meridian 107.75) để đổi từ VN-2000"
            if vn2000
            else "Kiểm tra tọa độ",
        )
    notes.append(f"{where}: {'; '.join(read.notes) or 'đã đổi từ VN-2000'}")
    return read.longitude, read.latitude


def _cell(
    row: dict, place: tuple[float, float], *, bands: dict[str, Band], where: str, antennas: dict[str, Antenna],
    folder: Path,
) -> Cell:  # fmt: skip
    band = bands.get(row["band"].strip().upper())
    if band is None:
        raise InputError(f"{where}, cột band: '{row['band']}'", expected="một trong: " + ", ".join(bands))
    gain = row["gain_dbi"] if row["gain_dbi"] is not None else band.gain_dbi
    if row["antenna_file"]:
        file = folder / row["antenna_file"]
        if str(file) not in antennas:
            if not file.exists():
                raise InputError(f"{where}, cột antenna_file: không có tệp '{file.name}'")
            antennas[str(file)] = read_msi(file)
        antenna = antennas[str(file)]
    elif row["azimuth_deg"] is None:
        antenna = round_antenna(gain_dbi=gain, vertical_deg=row["vertical_deg"] or 8.0)
    else:
        antenna = sector_antenna(
            gain_dbi=gain,
            horizontal_deg=row["horizontal_deg"] or 65.0,
            vertical_deg=row["vertical_deg"] or 8.0,
        )
    pointing = Pointing(
        row["azimuth_deg"] or 0.0, row["mechanical_tilt_deg"] or 0.0, row["electrical_tilt_deg"] or 0.0
    )
    power = row["power_dbm"] if row["power_dbm"] is not None else band.power_dbm
    loss = row["loss_db"] if row["loss_db"] is not None else band.loss_db
    sector = Sector(antenna, pointing, power, loss, band.resource_elements)
    return Cell(
        row["station_id"], row["operator"], band, place[0], place[1], row["height_m"], sector, row["load"]
    )


def masts_of(cells: list[Cell]) -> pl.DataFrame:
    """Return one row per mast (place and height) with the numbers of its cells: they share one sweep."""
    frame = pl.DataFrame(
        {
            "lon": [c.lon for c in cells],
            "lat": [c.lat for c in cells],
            "height_m": [c.height_m for c in cells],
        }
    ).with_row_index("cell")
    return frame.group_by("lon", "lat", "height_m", maintain_order=True).agg("cell")
