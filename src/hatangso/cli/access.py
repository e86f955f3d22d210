"""`hatangso access`: people within reach of service points, communes without one, where the next ones go."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer
from rich.table import Table

from hatangso.access import (
    RADII_M,
    Nearest,
    Pairs,
    Points,
    Reach,
    RoadGraph,
    areas_without_point,
    build_graph,
    graph_from_lines,
    nearest_by_air,
    nearest_by_road,
    next_points,
    pairs_by_air,
    pairs_by_road,
    summarise_reach,
)
from hatangso.cli.screen import err, new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError
from hatangso.geo import to_wgs84
from hatangso.maps.layers import Layer, MapSheet
from hatangso.siting.pictures import Spots, choice_layers, reach_layers, write_picture
from hatangso.siting.problem import SearchLimits, name_positions
from hatangso.tables import Column, TableSpec, read_features, read_table, write_table
from hatangso.vietnamese import format_number

app = new_app(
    "Người dân trong tầm của điểm phục vụ bưu chính hay điểm khác; điểm tiếp theo nên đặt ở đâu.",
    "People within reach of post offices or other points; where the next ones go.",
)
_PLACE = (
    Column(
        "lon",
        "number",
        title="Kinh độ",
        unit="độ",
        minimum=-180,
        maximum=180,
        aliases=("longitude", "kinh do"),
    ),
    Column("lat", "number", title="Vĩ độ", unit="độ", minimum=-90, maximum=90, aliases=("latitude", "vi do")),
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
    Path | None, typer.Option("--roads", help=words("tệp đường (GeoPackage, GeoJSON)", "road lines"))
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
            "nối các đường ở chỗ cắt nhau dù không chung đỉnh (tắt khi tệp có cầu vượt, như OpenStreetMap)",
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
SOURCE_WORDS = "bảng dân cư, điểm phục vụ và mạng đường do đơn vị nhập"
JsonOption = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]
OutOption = Annotated[
    Path | None, typer.Option("--out", help=words("ghi bảng kết quả", "write the result table"))
]


@app.command(
    "reach", help=words("Dân trong 0,5, 1 và 3 km của điểm phục vụ.", "People within 0.5, 1 and 3 km.")
)
def reach(
    people: PeopleArgument, points: PointsArgument, roads: RoadsOption = None, nodes: NodesOption = None,
    edges: EdgesOption = None, farthest_snap: SnapOption = 2000.0,
    area_km2: Annotated[float | None, typer.Option("--area-km2", help=words("diện tích địa bàn, km²", "area, km²"))] = None,
    areas: Annotated[Path | None, typer.Option("--areas", help=words("bảng mã xã cần có điểm", "communes that need a point"))] = None,
    crossings: CrossingsOption = True, picture: PictureOption = None, title: TitleOption = "Người dân trong tầm phục vụ",
    output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Reach of the points by air and, with roads, by road."""
    crowd, (served, staffed) = _read_people(people), _read_points(points)
    graph = _read_graph(roads, (nodes, edges), crossings=crossings)
    with progress_bar(words("Tính khoảng cách", "Distances"), total=2) as advance:
        nearest = {"air": nearest_by_air(crowd, points=served)}
        advance(1)
        if graph is not None:
            nearest["road"] = nearest_by_road(
                crowd, points=served, graph=graph, farthest_snap_m=farthest_snap
            )
        advance(1)
    reached = {
        way: summarise_reach(crowd, nearest=near, points=len(served), area_km2=area_km2)
        for way, near in nearest.items()
    }
    empty = None
    if areas is not None:
        empty = areas_without_point(
            read_table(areas, AREAS)["area_code"].to_list(), points=served, staffed=staffed
        )
    _draw_reach(crowd, served, nearest, (picture or [], title))
    if output:
        write_table(_distances(crowd, served, nearest), output)
    if as_json:
        plain = {way: asdict(one) for way, one in reached.items()}
        print_json({**plain, "areas_without_staffed_point": None if empty is None else list(empty)})
        return
    _show_reach(reached)
    if empty is not None:
        out.print(
            words("Xã chưa có điểm có người phục vụ: ", "Communes without a staffed point: ")
            + (", ".join(empty) or "không có"),
            markup=False,
            soft_wrap=True,
        )


@app.command("next", help=words("Nên đặt k điểm tiếp theo ở đâu.", "Where the next k points go."))
def following(
    people: PeopleArgument, points: PointsArgument,
    candidates: Annotated[Path, typer.Argument(help=words("bảng vị trí có thể đặt: point_id, lon, lat", "possible points"))],
    count: Annotated[int, typer.Option("--count", min=1, help=words("số điểm mới", "number of new points"))],
    radius: Annotated[float, typer.Option("--radius", min=1.0, help=words("bán kính phục vụ, m", "service radius, m"))] = 3000.0,
    roads: RoadsOption = None, nodes: NodesOption = None, edges: EdgesOption = None,
    time_limit: Annotated[float, typer.Option("--time-limit", help=words("số giây nhiều nhất", "most seconds"))] = 60.0,
    seed: Annotated[int, typer.Option("--seed", help=words("hạt giống ngẫu nhiên", "random seed"))] = 1,
    crossings: CrossingsOption = True, picture: PictureOption = None, title: TitleOption = "Vị trí điểm phục vụ tiếp theo",
    output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Next points, with the proven bound."""
    crowd, (served, _), (possible, _) = _read_people(people), _read_points(points), _read_points(candidates)
    graph = _read_graph(roads, (nodes, edges), crossings=crossings)
    near, far = _pairs(crowd, (served, possible), graph, radius)
    with progress_bar(words("Tìm vị trí (%)", "Searching (%)"), total=100) as advance:
        limits = SearchLimits(seed=seed, time_limit_s=time_limit, progress=advance)
        answer = next_points(crowd, standing=near, candidates=(possible, far), count=count, limits=limits)
    chosen = np.isin(possible.ids, answer.chosen)
    layers = choice_layers(
        _spots(crowd), served=answer.served, chosen=_spots(possible).only(chosen), standing=_spots(served),
        legend="điểm mới",
    )  # fmt: skip
    _write_pictures(
        layers, (picture or [], title), f"{len(answer.chosen)} điểm mới, bán kính {format_number(radius)} m"
    )
    now = float(crowd.people[np.unique(near.people_point)].sum())
    if output:
        write_table(pl.DataFrame({"point_id": list(answer.chosen)}), output)
    if as_json:
        fields = {name: value for name, value in asdict(answer).items() if name != "served"}
        print_json({**fields, "people_before": now, "people": float(crowd.people.sum())})
        return
    people_now, people_then, most = (format_number(value) for value in (now, answer.value, answer.bound))
    out.print(
        words(
            f"Trong {radius:g} m: hiện nay {people_now} người; thêm {len(answer.chosen)} điểm là {people_then} người "
            f"(không cách nào quá {most}).",
            f"Within {radius:g} m: now {people_now}; with {len(answer.chosen)} more points {people_then} (at most {most}).",
        ),
        markup=False, soft_wrap=True,
    )  # fmt: skip
    out.print(words("Điểm mới: ", "New points: ") + ", ".join(answer.chosen), markup=False, soft_wrap=True)


def _pairs(
    crowd: Points, groups: tuple[Points, Points], graph: RoadGraph | None, radius: float
) -> tuple[Pairs, Pairs]:
    """Return who lies within the radius of the standing points and of the possible ones."""
    found = []
    with progress_bar(words("Tính khoảng cách", "Distances"), total=len(groups)) as advance:
        for points in groups:
            if graph is None:
                found.append(pairs_by_air(points, people=crowd, limit_m=radius))
            else:
                found.append(pairs_by_road(points, people=crowd, graph=graph, limit_m=radius))
            advance(1)
    return found[0], found[1]


def _spots(points: Points) -> Spots:
    return Spots(points.longitude, points.latitude, points.ids)


def _draw_reach(
    crowd: Points, served: Points, nearest: dict[str, Nearest], wanted: tuple[list[Path], str]
) -> None:
    """Draw the reach by road where there are roads, by air otherwise."""
    way = "road" if "road" in nearest else "air"
    layers = reach_layers(
        _spots(crowd), distance_m=nearest[way].distance_m, points=_spots(served), radii_m=RADII_M
    )
    _write_pictures(layers, wanted, "theo đường bộ" if way == "road" else "theo đường thẳng")


def _write_pictures(layers: list[Layer], wanted: tuple[list[Path], str], line: str) -> None:
    for path in wanted[0]:
        write_picture(layers, path, sheet=MapSheet(wanted[1], SOURCE_WORDS, line))


def _read_people(path: Path) -> Points:
    table = read_table(path, PEOPLE)
    return Points(
        tuple(table["demand_id"].to_list()), table["lon"].to_numpy(), table["lat"].to_numpy(),
        table["people"].to_numpy().astype(np.float64),
    )  # fmt: skip


def _read_points(path: Path) -> tuple[Points, np.ndarray]:
    table = read_table(path, POINTS)
    areas = table["area_code"]
    codes = tuple(code or "" for code in areas.to_list()) if areas.null_count() < table.height else ()
    points = Points(
        tuple(table["point_id"].to_list()), table["lon"].to_numpy(), table["lat"].to_numpy(), area_code=codes
    )
    return points, table["staffed"].fill_null(False).to_numpy()


def _read_graph(
    roads: Path | None, tables: tuple[Path | None, Path | None], *, crossings: bool
) -> RoadGraph | None:
    nodes, edges = tables
    if (nodes is None) != (edges is None) or (roads is not None and nodes is not None):
        raise InputError("Mạng đường", expected="--roads, hoặc cả --nodes và --edges, hoặc không có gì")
    if roads is not None:
        with progress_bar(words("Đọc mạng đường", "Reading roads")):
            _, lines, crs = read_features(roads)
            return graph_from_lines(to_wgs84(lines, crs), crossings=crossings)
    if nodes is None or edges is None:
        return None
    corners, sides = read_table(nodes, NODES), read_table(edges, EDGES)
    known = corners["node_id"].to_list()
    ends = tuple(name_positions(sides[end].to_list(), known, what="Nút") for end in ("from_node", "to_node"))
    return build_graph(
        (corners["lon"].to_numpy(), corners["lat"].to_numpy()), edges=(ends[0], ends[1]),
        length_m=sides["length_m"].to_numpy(),
    )  # fmt: skip


def _distances(crowd: Points, served: Points, nearest: dict[str, Nearest]) -> pl.DataFrame:
    columns: dict[str, Any] = {"demand_id": list(crowd.ids), "people": crowd.people}
    for way, near in nearest.items():
        columns[f"nearest_point_{way}"] = [served.ids[k] if k >= 0 else None for k in near.point]
        columns[f"distance_{way}_m"] = [
            round(float(d), 1) if np.isfinite(d) else None for d in near.distance_m
        ]
        if way == "road":
            columns["snap_m"] = np.round(near.snap_m, 1)
    return pl.DataFrame(columns)


def _show_reach(reached: dict[str, Reach]) -> None:
    names = {"air": "Đường thẳng", "road": "Đường bộ"}
    table = Table("", *(names[way] for way in reached))
    first = next(iter(reached.values()))
    for number, radius in enumerate(first.radii_m):
        cells = (
            f"{format_number(one.people_within[number])} ({format_number(round(100 * one.share_within[number], 2))} %)"
            for one in reached.values()
        )
        table.add_row(f"Dân trong {format_number(radius / 1000)} km", *cells)
    kilometres = [
        ("Quãng đường bình quân (km)", "mean_distance_m"),
        ("Bán kính phục vụ bình quân (km)", "mean_service_radius_m"),
    ]
    for title, name in kilometres:
        values = [getattr(one, name) for one in reached.values()]
        table.add_row(title, *("" if v is None else format_number(round(v / 1000, 3)) for v in values))
    table.add_row(
        "Dân bình quân một điểm", *(format_number(one.people_per_point) for one in reached.values())
    )
    table.add_row("Dân không tới được", *(format_number(one.people_unreachable) for one in reached.values()))
    out.print(table)
    for way, one in reached.items():
        if one.unreachable:
            err.print(
                f"{names[way]}: không tới được {len(one.unreachable)} điểm dân cư, như {', '.join(one.unreachable[:10])}",
                markup=False,
            )
