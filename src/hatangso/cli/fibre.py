"""Verbs of fibre: `steiner` on a bare graph, `plan` on roads, sources and places."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer

from hatangso.cli.screen import err, new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError, ManyInputErrors
from hatangso.fibre.budget import within_budget
from hatangso.fibre.costs import ROAD_METHODS, read_costs
from hatangso.fibre.dig_once import Overlap, find_overlaps, read_works
from hatangso.fibre.exports import (
    draw_plan,
    open_fibre_network,
    place_rows,
    stage_rows,
    write_geopackage,
    write_workbook,
)
from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.lines import Lines, join_lines, read_lines
from hatangso.fibre.network import LayingRules, build_network
from hatangso.fibre.places import read_places, read_sources, spots_of
from hatangso.fibre.plan import FibrePlan, PlanRequest, plan_fibre
from hatangso.fibre.steiner import Effort, steiner_tree
from hatangso.fibre.steinlib import read_steinlib
from hatangso.maps.layers import MapSheet
from hatangso.tables import Column, TableSpec, read_table, write_table
from hatangso.vietnamese import format_number

app = new_app("Tuyến cáp quang rẻ nhất, có cận chứng minh.", "Cheapest fibre routes, with a proven bound.")
NODE_SPEC = TableSpec("nút", (Column("node_id", "text", "Mã nút", aliases=("id", "nut")),), key=("node_id",))
EDGE_SPEC = TableSpec(
    "cạnh",
    (
        Column("edge_id", "text", "Mã cạnh", required=False, nullable=True, aliases=("canh", "ma canh")),
        Column("tail", "text", "Nút đầu", aliases=("from", "nut dau", "u")),
        Column("head", "text", "Nút cuối", aliases=("to", "nut cuoi", "v")),
        Column("cost", "number", "Chi phí", minimum=0, aliases=("chi phi", "weight", "cost_vnd")),
    ),
)
TERMINAL_SPEC = TableSpec(
    "điểm cần nối", (Column("node_id", "text", "Mã nút", aliases=("id", "nut")),), key=("node_id",)
)
MAP_WORDS = "bản đồ tuyến, nguồn và điểm do đơn vị nhập"
OSM_WORDS = "đường © những người đóng góp OpenStreetMap (ODbL); nguồn và điểm do đơn vị nhập"
QUESTION_WORDS = {"all": "đồng", "subsidy": "đồng còn lại của hỗ trợ", "budget": "hộ"}
WorksOption = Annotated[
    Path | None, typer.Option(help=words("Công trình sắp làm: name, start, end", "Works"))
]
SubsidyOption = Annotated[float | None, typer.Option(help=words("Hỗ trợ, đồng mỗi hộ", "đồng per household"))]
SecondPathsOption = Annotated[bool, typer.Option(help=words("Điểm second_path có hai đường", "Second paths"))]
MethodsOption = Annotated[
    list[str] | None,
    typer.Option(
        help=words(
            "Cách làm được phép (lặp lại được): new_poles (trồng cột) | trench (đào rãnh) | micro_trench (rãnh hẹp)",
            "new_poles | trench | micro_trench",
        )
    ),
]
TitleOption = Annotated[str, typer.Option(help=words("Tên phương án, ghi trên bản đồ", "Title"))]


@app.command()
def steiner(
    graph: Annotated[
        Path | None, typer.Argument(help=words("Tệp .gr của PACE 2018", "PACE 2018 .gr file"))
    ] = None,
    nodes: Annotated[Path | None, typer.Option(help=words("Bảng nút: node_id", "Nodes: node_id"))] = None,
    edges: Annotated[Path | None, typer.Option(help=words("Bảng cạnh: tail, head, cost", "Edges"))] = None,
    terminals: Annotated[
        Path | None, typer.Option(help=words("Bảng điểm cần nối: node_id", "Terminals"))
    ] = None,
    time_limit: Annotated[float, typer.Option(help=words("giây", "seconds"))] = 30.0,
    gap: Annotated[
        float, typer.Option(help=words("dừng khi sai lệch không quá, %", "stop at this gap, %"))
    ] = 0.0,
    seed: Annotated[int, typer.Option(help=words("hạt giống ngẫu nhiên", "random seed"))] = 0,
    out_file: Annotated[
        Path | None, typer.Option("--out", help=words("Ghi bảng cạnh được chọn", "Chosen edges"))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))] = False,
) -> None:
    """Cây rẻ nhất nối các điểm của một đồ thị, với cận dưới."""
    if graph is not None:
        network, wanted = read_steinlib(graph)
        names = [str(number + 1) for number in range(network.nodes)]
    elif edges is not None and terminals is not None:
        network, wanted, names = _read_graph(nodes, edges, terminals)
    else:
        raise InputError(
            "Bài toán",
            found="chưa đủ tệp",
            expected="một tệp .gr, hoặc --edges và --terminals (có thể thêm --nodes)",
        )
    effort = Effort(time_limit_s=time_limit, gap=gap / 100, seed=seed)
    with progress_bar(words("Tìm cây rẻ nhất", "Searching the tree")):
        answer = steiner_tree(network, wanted, effort=effort)
    chosen = [
        {"tail": names[network.tail[e]], "head": names[network.head[e]], "cost": float(network.cost[e])}
        for e in answer.edges
    ]
    if out_file is not None:
        write_table(
            pl.DataFrame(chosen, schema={"tail": pl.String, "head": pl.String, "cost": pl.Float64}), out_file
        )
    if as_json:
        print_json(
            {
                "value": answer.cost, "bound": answer.bound, "gap": answer.gap, "optimal": answer.optimal,
                "seconds": answer.seconds, "seed": answer.seed, "chosen": chosen,
            }
        )  # fmt: skip
        return
    out.print(words("Chi phí: ", "Cost: ") + format_number(answer.cost), markup=False)
    out.print(words("Cận dưới: ", "Bound: ") + format_number(answer.bound), markup=False)
    out.print(_gap_words(answer.gap) + f" ({answer.seconds:.1f} s)", markup=False)
    out.print(words("Số cạnh: ", "Edges: ") + str(len(chosen)), markup=False)


@app.command()
def plan(
    out_folder: Annotated[Path, typer.Option("--out", help=words("Thư mục kết quả", "Result folder"))],
    sources: Annotated[
        Path, typer.Option(help=words("Bảng nguồn: source_id, lon, lat, spare_fibres", "Sources"))
    ],
    places: Annotated[Path, typer.Option(help=words("Bảng điểm: place_id, lon, lat, households…", "Places"))],
    roads: Annotated[list[Path], typer.Option(help=words("Đường: .osm.pbf, GeoPackage, GeoJSON", "Roads"))],
    poles: Annotated[list[Path] | None, typer.Option(help=words("Tuyến cột có sẵn", "Pole lines"))] = None,
    ducts: Annotated[list[Path] | None, typer.Option(help=words("Cống bể có sẵn", "Ducts"))] = None,
    cables: Annotated[list[Path] | None, typer.Option(help=words("Cáp có sẵn còn sợi", "Cables"))] = None,
    rivers: Annotated[list[Path] | None, typer.Option(help=words("Sông, kênh phải vượt", "Rivers"))] = None,
    rails: Annotated[list[Path] | None, typer.Option(help=words("Đường sắt phải vượt", "Railways"))] = None,
    works: WorksOption = None,
    costs: Annotated[Path | None, typer.Option(help=words("Tệp chi phí riêng (.yml)", "Own costs"))] = None,
    budget: Annotated[float | None, typer.Option(help=words("Ngân sách, đồng", "Budget, đồng"))] = None,
    subsidy: SubsidyOption = None,
    two_paths: SecondPathsOption = False,
    method: MethodsOption = None,
    join_m: Annotated[float, typer.Option(help=words("m từ cột, cống bể ra đường", "m"))] = 20.0,
    farthest_m: Annotated[float, typer.Option(help=words("m xa nhất từ điểm tới tuyến", "m"))] = 2000.0,
    reserve: Annotated[float, typer.Option(help=words("tỷ lệ sợi dự phòng", "share of reserve"))] = 0.2,
    time_limit: Annotated[float, typer.Option(help=words("giây", "seconds"))] = 30.0,
    seed: Annotated[int, typer.Option(help=words("hạt giống ngẫu nhiên", "random seed"))] = 0,
    title: TitleOption = "Phương án cáp quang",
    as_json: Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))] = False,
) -> None:
    """Phương án cáp quang: tuyến, vật tư, chi phí, thứ tự xây dựng, bản đồ và tệp trao đổi."""
    files = [
        (roads, "road"),
        (poles, "poles"),
        (ducts, "duct"),
        (cables, "cable"),
        (rivers, "river"),
        (rails, "rail"),
    ]
    price = read_costs(costs)
    rules = LayingRules(tuple(method) if method else ROAD_METHODS, join_m, farthest_m)
    request = PlanRequest(budget, subsidy, two_paths, reserve, Effort(time_limit_s=time_limit, seed=seed))
    started = time.monotonic()
    with progress_bar(words("Đọc bảng và bản đồ", "Reading")):
        tables = (read_sources(sources), read_places(places))
        planned = read_works(works) if works else None
        lines = join_lines([read_lines(path, kind=kind) for paths, kind in files for path in paths or []])
    with progress_bar(words("Dựng mạng tuyến", "Building the network")):
        network = build_network(
            lines, sources=spots_of(tables[0]), places=spots_of(tables[1]), costs=price, rules=rules
        )
    with progress_bar(words("Chọn tuyến", "Choosing routes")):
        make = within_budget if budget is not None else plan_fibre
        answer = make(network, sources=tables[0], places=tables[1], costs=price, request=request)
        overlaps = find_overlaps(answer, *planned) if planned else []
    _write_all(answer, out_folder, tables, overlaps, on=(title, lines))
    if as_json:
        print_json({**_summary(answer, tables, overlaps), "seconds_in_all": time.monotonic() - started})
        return
    _show(answer, overlaps, out_folder)


def _read_graph(nodes: Path | None, edges: Path, terminals: Path) -> tuple[Graph, np.ndarray, list[str]]:
    """Read a graph of named nodes; edges and terminals that name an unknown node are refused with their row."""
    table = read_table(edges, EDGE_SPEC)
    wanted = read_table(terminals, TERMINAL_SPEC)["node_id"].to_list()
    tails, heads = table["tail"].to_list(), table["head"].to_list()
    names = read_table(nodes, NODE_SPEC)["node_id"].to_list() if nodes else sorted({*tails, *heads})
    number = {name: index for index, name in enumerate(names)}
    faults = [
        InputError(f"Bảng '{file.name}', dòng {row}", found=f"nút '{name}'", expected="nút có trong mạng")
        for file, column in ((edges, tails), (edges, heads), (terminals, wanted))
        for row, name in enumerate(column, start=2)
        if name not in number
    ]
    if "edge_id" in table.columns:
        seen: dict[str, int] = {}
        for row, name in enumerate(table["edge_id"].to_list(), start=2):
            if name is not None and seen.setdefault(name, row) != row:
                faults.append(
                    InputError(
                        f"Bảng '{edges.name}', dòng {row}",
                        found=f"mã cạnh '{name}' lặp lại dòng {seen[name]}",
                    )
                )
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    graph = make_graph(
        len(names),
        np.array([number[name] for name in tails], np.int64),
        np.array([number[name] for name in heads], np.int64),
        table["cost"].to_numpy(),
    )
    return graph, np.array([number[name] for name in wanted], np.int32), names


def _write_all(
    plan: FibrePlan,
    folder: Path,
    tables: tuple[pl.DataFrame, pl.DataFrame],
    overlaps: list[Overlap],
    *,
    on: tuple[str, Lines],
) -> None:
    title, lines = on
    folder.mkdir(parents=True, exist_ok=True)
    write_geopackage(plan, folder / "fibre.gpkg", tables=tables, overlaps=overlaps)
    write_workbook(plan, folder / "fibre.xlsx", tables=tables, overlaps=overlaps)
    package = open_fibre_network(plan, tables=tables, name=title)
    (folder / "fibre_ofds.json").write_text(
        json.dumps(package, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    if len(plan.joined):
        length = format_number(round(plan.length_m / 1000, 1))
        sheet = MapSheet(
            title,
            f"{MAP_WORDS if not lines.noded.any() else OSM_WORDS}; chi phí là giá trị quy hoạch",
            f"{len(plan.joined)} điểm, {format_number(plan.households)} hộ, {length} km, {_money(plan.cost_vnd)}",
        )
        svg, png = draw_plan(plan, tables=tables, sheet=sheet, ground=lines)
        (folder / "fibre.svg").write_text(svg, encoding="utf-8")
        (folder / "fibre.png").write_bytes(png)


def _summary(
    plan: FibrePlan, tables: tuple[pl.DataFrame, pl.DataFrame], overlaps: list[Overlap]
) -> dict[str, Any]:
    rows = place_rows(plan, tables[1], tables[0])
    return {
        "question": plan.question, "value": plan.value, "bound": plan.bound, "gap": plan.gap, "seconds": plan.seconds,
        "cost_vnd": round(plan.cost_vnd), "length_m": round(plan.length_m, 1), "households": plan.households,
        "cost_per_household_vnd": round(plan.cost_vnd / plan.households) if plan.households else None,
        "chosen": rows.filter(pl.col("joined"))["place_id"].to_list(),
        "not_joined": rows.filter(~pl.col("joined")).select("place_id", "reason", "snapped_m").to_dicts(),
        "materials": [
            {"item": row.words, "quantity": round(row.quantity, 1), "unit": row.unit, "cost_vnd": round(row.cost_vnd)}
            for row in plan.materials
        ],
        "stages": stage_rows(plan).to_dicts(),
        "shared_works": [
            {"work": item.work, "start": item.start, "end": item.end, "length_m": round(item.length_m, 1)}
            for item in overlaps
        ],
        "notes": plan.notes,
    }  # fmt: skip


def _show(plan: FibrePlan, overlaps: list[Overlap], folder: Path) -> None:
    shown = format_number(round(plan.length_m / 1000, 2))
    out.print(
        f"Nối {len(plan.joined)}/{len(plan.needs.fibres)} điểm, {format_number(plan.households)} hộ, {shown} km tuyến",
        markup=False,
    )
    share = f", bình quân {_money(plan.cost_vnd / plan.households)} một hộ" if plan.households else ""
    out.print(f"Chi phí: {_money(plan.cost_vnd)}{share}", markup=False)
    unit = QUESTION_WORDS[plan.question]
    out.print(
        f"Giá trị tìm được {format_number(round(plan.value))}, cận {format_number(round(plan.bound))} {unit}. "
        + _gap_words(plan.gap),
        markup=False,
        soft_wrap=True,
    )
    for row in plan.materials:
        out.print(
            f"  {row.words}: {format_number(round(row.quantity, 1))} {row.unit}, {_money(row.cost_vnd)}",
            markup=False,
        )
    for item in overlaps:
        out.print(f"Làm chung với '{item.work}': {format_number(round(item.length_m))} m", markup=False)
    for note in plan.notes:
        err.print(note, markup=False, soft_wrap=True)
    out.print(f"Kết quả trong '{folder}'", markup=False)


def _money(amount: float) -> str:
    return f"{format_number(round(amount / 1e6, 1))} triệu đồng"


def _gap_words(gap: float) -> str:
    if gap <= 1e-9:
        return words("Đã chứng minh là tốt nhất", "Proven best")
    return words("Cách cận không quá ", "Within ") + f"{format_number(round(100 * gap, 3))} %"
