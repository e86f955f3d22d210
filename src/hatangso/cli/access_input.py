"""What the verbs of access read: tables of people and points, roads as a map or as tables of nodes and edges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from hatangso.access.points import Points
from hatangso.access.roads import RoadGraph, build_graph, graph_from_lines
from hatangso.cli.screen import progress_bar, words
from hatangso.errors import InputError
from hatangso.fibre.lines import read_lines
from hatangso.map_tables import LAT, LON, read_point_table
from hatangso.siting.problem import name_positions
from hatangso.tables import Column, TableSpec, read_table

_PLACE = (
    LON,
    LAT,
    Column("area_code", title="Mã xã", required=False, nullable=True, aliases=("ma xa",)),
)
PEOPLE = TableSpec(
    "people",
    (
        Column("demand_id", title="Mã điểm dân cư", aliases=("ma thon", "id")),
        Column("people", "number", title="Số dân", minimum=0, aliases=("weight", "so dan", "dan so")),
        *_PLACE,
    ),
    key=("demand_id",),
)
POINTS = TableSpec(
    "points",
    (
        Column("point_id", title="Mã điểm phục vụ", aliases=("candidate_id", "ma diem", "id")),
        Column("staffed", "yes_no", title="Có người phục vụ", required=False, nullable=True),
        *_PLACE,
    ),
    key=("point_id",),
)
AREAS = TableSpec(
    "areas", (Column("area_code", title="Mã xã", aliases=("code", "ma xa")),), key=("area_code",)
)
NODES = TableSpec("nodes", (Column("node_id", title="Mã nút"), *_PLACE[:2]), key=("node_id",))
EDGES = TableSpec(
    "edges",
    (
        Column("from_node", title="Nút đầu"),
        Column("to_node", title="Nút cuối"),
        Column("length_m", "number", title="Độ dài", unit="m", minimum=0),
    ),
)

PeopleArgument = Annotated[
    Path, typer.Argument(help=words("bảng dân cư: demand_id, people, lon, lat", "table of people"))
]
PointsArgument = Annotated[
    Path,
    typer.Argument(
        help=words("bảng điểm phục vụ: point_id, lon, lat, staffed, area_code", "table of points")
    ),
]
RoadsOption = Annotated[
    Path | None,
    typer.Option("--roads", help=words("tệp đường (.osm.pbf, GeoPackage, GeoJSON, Shapefile)", "road lines")),
]
NodesOption = Annotated[
    Path | None, typer.Option("--nodes", help=words("bảng nút: node_id, lon, lat", "road nodes"))
]
EdgesOption = Annotated[
    Path | None, typer.Option("--edges", help=words("bảng cạnh: from_node, to_node, length_m", "road edges"))
]
SnapOption = Annotated[
    float,
    typer.Option(
        "--farthest-snap", help=words("xa đường quá số mét này là không tới được", "metres to a road at most")
    ),
]
CrossingsOption = Annotated[
    bool,
    typer.Option(
        "--crossings/--no-crossings",
        help=words(
            "nối các đường ở chỗ cắt nhau dù không chung đỉnh (tắt khi tệp có cầu vượt; .osm.pbf luôn tắt)",
            "join roads where they cross without a shared vertex",
        ),
    ),
]
PictureOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--picture", help=words("vẽ bản đồ ra tệp .svg hay .png (lặp lại được)", "draw a map (.svg, .png)")
    ),
]
TitleOption = Annotated[str, typer.Option("--title", help=words("tên ghi trên bản đồ", "title of the map"))]
JsonOption = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]
OutOption = Annotated[
    Path | None, typer.Option("--out", help=words("ghi bảng kết quả", "write the result table"))
]


def read_people(path: Path) -> Points:
    """Read where people live: demand_id, people, lon, lat."""
    table = read_point_table(path, PEOPLE)
    if not table["people"].sum() > 0:
        raise InputError(
            f"Bảng '{path.name}', cột people",
            found="không có dòng nào" if table.height == 0 else f"cả {table.height} dòng bằng 0",
            expected="ít nhất một điểm có dân",
            remedy="Điền số dân của các điểm dân cư",
        )
    return Points(
        tuple(table["demand_id"].to_list()), table["lon"].to_numpy(), table["lat"].to_numpy(),
        table["people"].to_numpy().astype(np.float64),
    )  # fmt: skip


def read_points(path: Path) -> tuple[Points, pl.Series]:
    """Read service points (point_id, lon, lat, staffed, area_code) and whether somebody serves there, as the table says."""
    table = read_point_table(path, POINTS)
    if table.height == 0:
        raise InputError(
            f"Bảng '{path.name}'", found="không có dòng nào", expected="ít nhất một điểm phục vụ"
        )
    areas = table["area_code"]
    codes = tuple(code or "" for code in areas.to_list()) if areas.null_count() < table.height else ()
    points = Points(
        tuple(table["point_id"].to_list()), table["lon"].to_numpy(), table["lat"].to_numpy(), area_code=codes
    )
    return points, table["staffed"]


def read_graph(
    roads: Path | None, tables: tuple[Path | None, Path | None], *, crossings: bool
) -> RoadGraph | None:
    """Read roads from a map file or from tables of nodes and edges; None when neither is given."""
    nodes, edges = tables
    if (nodes is None) != (edges is None) or (roads is not None and nodes is not None):
        raise InputError("Mạng đường", expected="--roads, hoặc cả --nodes và --edges, hoặc không có gì")
    if roads is not None:
        with progress_bar(words("Đọc mạng đường", "Reading roads")):
            lines = read_lines(roads)
            walked = (lines.carrier == "road") | (lines.barrier == "national_road")
            return graph_from_lines(lines.geometry[walked], crossings=crossings and not lines.noded.any())
    if nodes is None or edges is None:
        return None
    corners, sides = read_table(nodes, NODES), read_table(edges, EDGES)
    known = corners["node_id"].to_list()
    ends = tuple(name_positions(sides[end].to_list(), known, what="Nút") for end in ("from_node", "to_node"))
    return build_graph(
        (corners["lon"].to_numpy(), corners["lat"].to_numpy()), edges=(ends[0], ends[1]),
        length_m=sides["length_m"].to_numpy(),
    )  # fmt: skip


def source_words(roads: Path | None) -> str:
    """Return whose figures and roads a map shows."""
    if roads is not None and roads.name.lower().endswith((".pbf", ".osm")):
        return "bảng dân cư, điểm phục vụ do đơn vị nhập; đường © những người đóng góp OpenStreetMap (ODbL)"
    return "bảng dân cư, điểm phục vụ và mạng đường do đơn vị nhập"
