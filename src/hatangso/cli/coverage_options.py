"""Options that the verbs of coverage share, and the runner they choose."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from hatangso import executor
from hatangso.cli.screen import words

Stations = Annotated[Path, typer.Argument(help=words("Bảng trạm: csv, xlsx, geojson", "Stations table"))]
OutFolder = Annotated[Path, typer.Option("--out", help=words("Thư mục kết quả", "Result folder"))]
Terrains = Annotated[
    list[Path], typer.Option("--terrain", help=words("Địa hình: GeoTIFF, .hgt, hoặc thư mục", "DEM tiles"))
]
Cover = Annotated[Path | None, typer.Option("--land-cover", help=words("Lớp phủ mặt đất", "Land cover"))]
Bands = Annotated[Path | None, typer.Option("--bands", help=words("Tệp băng tần riêng", "Own bands file"))]
Needed = Annotated[
    Path | None, typer.Option("--thresholds", help=words("Tệp ngưỡng riêng", "Own thresholds file"))
]
Calibrated = Annotated[
    Path | None,
    typer.Option(
        "--calibration",
        help=words(
            "Tệp hiệu chỉnh của coverage-calibrate; không cho thì không dùng", "File of coverage-calibrate"
        ),
    ),
]
Radius = Annotated[float, typer.Option("--radius-km", help="km")]
Working = Annotated[
    str,
    typer.Option("--mode", help=words("cách tính: sweep | two_stage | exact", "sweep | two_stage | exact")),
]
Spacing = Annotated[
    float, typer.Option("--ray-spacing-m", help=words("m giữa hai tia ở mép", "m between rays at the edge"))
]
Step = Annotated[
    float, typer.Option("--step-m", help=words("m giữa hai điểm của mặt cắt", "m between profile points"))
]
TimePercent = Annotated[
    float, typer.Option("--time-percent", help=words("% thời gian, 1-50", "% of time, 1-50"))
]
LocationPercent = Annotated[
    float,
    typer.Option(
        "--location-percent",
        help=words("ô có sóng khi từng này % vị trí trong ô có sóng, 1-99", "% of points of a cell, 1-99"),
    ),
]
DeltaN = Annotated[float, typer.Option("--delta-n", help="ΔN, N/km")]
N0 = Annotated[float, typer.Option("--n0", help="N0")]
Polarisation = Annotated[str, typer.Option("--polarisation", help="h | v")]
ReceiverHeight = Annotated[
    float, typer.Option("--rx-height-m", help=words("độ cao máy thu, m", "receiver above ground, m"))
]
Meridians = Annotated[
    list[float] | None, typer.Option("--meridian", help=words("kinh tuyến trục VN-2000", "VN-2000 meridian"))
]
Sea = Annotated[
    bool, typer.Option("--sea/--no-sea", help=words("tách vùng biển từ độ cao", "sea from heights"))
]
FullReach = Annotated[
    bool,
    typer.Option(
        "--full-reach",
        help=words("từ chối khi địa hình không đủ bán kính", "refuse where terrain ends early"),
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help=words("số luồng", "threads"))]
Cluster = Annotated[str, typer.Option("--cluster", help=words("địa chỉ cụm dask", "dask scheduler"))]
Json = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]


def runner_of(cluster: str, workers: int) -> AbstractContextManager[Any]:
    """Return who does the work: a cluster, threads of this machine, or this thread."""
    if cluster:
        return executor.cluster(cluster)
    return executor.threads(workers) if workers > 1 else nullcontext(executor.run_here)
