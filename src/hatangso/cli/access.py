"""`hatangso access`: people within reach of service points, communes without one, where the next ones go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer
from rich.table import Table

from hatangso.access.distances import Pairs, distance_blocks, pairs_by_air, pairs_by_road
from hatangso.access.next_points import next_points
from hatangso.access.pictures import draw_reach_layers, road_layers
from hatangso.access.points import Points
from hatangso.access.reach import (
    RADII_M,
    Nearest,
    Reach,
    areas_without_point,
    nearest_by_air,
    nearest_by_road,
    service_areas,
    summarise_reach,
)
from hatangso.access.roads import RoadGraph
from hatangso.access.table_file import write_distances
from hatangso.cli.access_input import (
    AREAS,
    CrossingsOption,
    EdgesOption,
    JsonOption,
    NodesOption,
    OutOption,
    PeopleArgument,
    PictureOption,
    PointsArgument,
    RoadsOption,
    SnapOption,
    TitleOption,
    read_graph,
    read_people,
    read_points,
    source_words,
)
from hatangso.cli.screen import err, new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError
from hatangso.maps.layers import Layer, MapSheet
from hatangso.siting.pictures import Spots, choice_layers, write_picture
from hatangso.siting.problem import SearchLimits
from hatangso.tables import read_table, write_table
from hatangso.vietnamese import format_number

app = new_app(
    "Người dân trong tầm của điểm phục vụ bưu chính hay điểm khác; điểm tiếp theo nên đặt ở đâu.",
    "People within reach of post offices or other points; where the next ones go.",
)


@app.command(
    "reach", help=words("Dân trong 0,5, 1 và 3 km của điểm phục vụ.", "People within 0.5, 1 and 3 km.")
)
def reach(
    people: PeopleArgument, points: PointsArgument, roads: RoadsOption = None, nodes: NodesOption = None,
    edges: EdgesOption = None, farthest_snap: SnapOption = 2000.0,
    area_km2: Annotated[float | None, typer.Option("--area-km2", help=words("diện tích địa bàn, km²", "area, km²"))] = None,
    areas: Annotated[Path | None, typer.Option("--areas", help=words("bảng mã xã cần có điểm", "communes that need a point"))] = None,
    crossings: CrossingsOption = True, picture: PictureOption = None, title: TitleOption = "Người dân trong tầm phục vụ",
    by_point: Annotated[Path | None, typer.Option("--by-point", help=words("ghi bảng dân của từng điểm phục vụ", "people of each point"))] = None,
    output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Reach of the points by air and, with roads, by road."""
    started = time.monotonic()
    crowd, (served, staffed) = read_people(people), read_points(points)
    graph = read_graph(roads, (nodes, edges), crossings=crossings)
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
    empty = None if areas is None else _without_point(areas, served, staffed)
    _draw_reach(crowd, served, (nearest, graph), (picture or [], title, source_words(roads)))
    if output:
        write_table(_distances(crowd, served, nearest), output)
    if by_point:
        write_table(_by_point(crowd, served, nearest), by_point)
    if as_json:
        plain = {way: asdict(one) for way, one in reached.items()}
        missing = None if empty is None else list(empty)
        print_json({**plain, "areas_without_staffed_point": missing, "seconds": time.monotonic() - started})
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
    crowd, (served, _), (possible, _) = read_people(people), read_points(points), read_points(candidates)
    graph = read_graph(roads, (nodes, edges), crossings=crossings)
    near, far = _pairs(crowd, (served, possible), graph, radius)
    with progress_bar(words("Tìm vị trí (%)", "Searching (%)"), total=100) as advance:
        limits = SearchLimits(seed=seed, time_limit_s=time_limit, progress=advance)
        answer = next_points(crowd, standing=near, candidates=(possible, far), count=count, limits=limits)
    chosen = np.isin(possible.ids, answer.chosen)
    layers = road_layers(graph) + choice_layers(
        _spots(crowd), served=answer.served, chosen=_spots(possible).only(chosen), standing=_spots(served),
        legend="điểm mới",
    )  # fmt: skip
    _write_pictures(
        layers,
        (picture or [], title, source_words(roads)),
        f"{len(answer.chosen)} điểm mới, bán kính {format_number(radius)} m",
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
    if len(answer.chosen) < count:
        enough = words(
            f"Thêm điểm thứ {len(answer.chosen) + 1} không đưa thêm ai vào bán kính.", "More bring nobody."
        )
        out.print(enough, markup=False, soft_wrap=True)


@app.command(
    "table",
    help=words(
        "Bảng khoảng cách từ mọi điểm phục vụ tới mọi điểm dân cư (m), ghi dần ra tệp.",
        "Distances from every point to every people point.",
    ),
)
def table_of_distances(
    people: PeopleArgument, points: PointsArgument,
    output: Annotated[Path, typer.Option("--out", help=words("tệp .parquet hoặc .csv: point_id, demand_id, distance_m", "file to write"))],
    roads: RoadsOption = None, nodes: NodesOption = None, edges: EdgesOption = None, farthest_snap: SnapOption = 2000.0,
    limit: Annotated[float | None, typer.Option("--limit", min=0.0, help=words("chỉ ghi các cặp trong số mét này", "metres at most"))] = None,
    crossings: CrossingsOption = True, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Write the table some points at a time, whatever its size."""
    started = time.monotonic()
    crowd, (served, _) = read_people(people), read_points(points)
    graph = read_graph(roads, (nodes, edges), crossings=crossings)
    most = np.inf if limit is None else limit
    with progress_bar(words("Điểm phục vụ", "Points"), total=len(served)) as advance:
        blocks = distance_blocks(served, people=crowd, graph=graph, farthest_snap_m=farthest_snap)
        counted = write_distances(output, _counting(blocks, advance), ends=(served, crowd), limit_m=most)
    answer = {
        **asdict(counted), "points": len(served), "people_points": len(crowd), "way": "air" if graph is None else "road",
        "unit": "m", "file": str(output), "seconds": time.monotonic() - started,
    }  # fmt: skip
    if as_json:
        print_json(answer)
        return
    pairs, lost, beyond = (format_number(n) for n in (counted.pairs, counted.unreachable, counted.beyond))
    out.print(
        words(
            f"Đã ghi {pairs} cặp vào '{output}' (khoảng cách tính bằng m).",
            f"{pairs} pairs written to '{output}' (distances in m).",
        )
        + (words(f" {beyond} cặp xa hơn giới hạn không ghi.", f" {beyond} beyond the limit left out.") if counted.beyond else "")
        + (words(f" {lost} cặp không có đường nối.", f" {lost} not connected.") if counted.unreachable else ""),
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _counting(
    blocks: Iterable[tuple[int, np.ndarray]], advance: Callable[[float], None]
) -> Iterator[tuple[int, np.ndarray]]:
    for first, block in blocks:
        yield first, block
        advance(len(block))


def _without_point(areas: Path, served: Points, staffed: pl.Series) -> tuple[str, ...]:
    if len(staffed) and staffed.null_count() == len(staffed):
        raise InputError(
            "Bảng điểm phục vụ",
            found="không có cột staffed hoặc cột trống",
            expected="có hoặc không ở mỗi điểm",
            remedy="Điền cột staffed (Có người phục vụ) để biết xã nào chưa có điểm có người phục vụ",
        )
    codes = read_table(areas, AREAS)["area_code"].to_list()
    return areas_without_point(codes, points=served, staffed=staffed.fill_null(False).to_numpy())


def _by_point(crowd: Points, served: Points, nearest: dict[str, Nearest]) -> pl.DataFrame:
    columns: dict[str, Any] = {"point_id": list(served.ids)}
    for way, near in nearest.items():
        areas = service_areas(crowd, nearest=near, points=len(served))
        columns[f"people_{way}"] = areas.people
        for number, radius in enumerate(RADII_M):
            columns[f"people_within_{radius:.0f}_m_{way}"] = areas.people_within[:, number]
        columns[f"farthest_{way}_m"] = [
            None if np.isnan(far) else round(float(far), 1) for far in areas.farthest_m
        ]
    return pl.DataFrame(columns)


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
    crowd: Points,
    served: Points,
    on: tuple[dict[str, Nearest], RoadGraph | None],
    wanted: tuple[list[Path], str, str],
) -> None:
    """Draw the reach by road where there are roads, by air otherwise."""
    nearest, graph = on
    way = "road" if "road" in nearest else "air"
    if wanted[0]:
        layers = draw_reach_layers(crowd, points=served, distance_m=nearest[way].distance_m, graph=graph)
        _write_pictures(layers, wanted, "theo đường bộ" if way == "road" else "theo đường thẳng")


def _write_pictures(layers: list[Layer], wanted: tuple[list[Path], str, str], line: str) -> None:
    for path in wanted[0]:
        write_picture(layers, path, sheet=MapSheet(wanted[1], wanted[2], line))


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
