"""Verbs of fibre: `steiner` on a bare graph, `plan` on roads, sources and places."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import polars as pl

from hatangso.cli.fibre_input import (
    BudgetOption,
    CablesOption,
    CostsOption,
    DuctsOption,
    EdgesOption,
    EdgesOutOption,
    FarthestOption,
    FolderOption,
    GapOption,
    GrArgument,
    JoinOption,
    JsonOption,
    MethodOption,
    NodesOption,
    PlacesOption,
    PolesOption,
    RailsOption,
    ReserveOption,
    RiversOption,
    RoadsOption,
    SeedOption,
    SourcesOption,
    SubsidyOption,
    TerminalsOption,
    TimeOption,
    TitleOption,
    TwoPathsOption,
    WorksOption,
    read_graph,
)
from hatangso.cli.screen import err, new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError
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
from hatangso.fibre.lines import Lines, join_lines, read_lines
from hatangso.fibre.network import LayingRules, build_network
from hatangso.fibre.places import read_places, read_sources, spots_of
from hatangso.fibre.plan import FibrePlan, PlanRequest, plan_fibre
from hatangso.fibre.steiner import Effort, steiner_tree
from hatangso.fibre.steinlib import read_steinlib
from hatangso.maps.layers import MapSheet
from hatangso.tables import write_table
from hatangso.vietnamese import format_number

app = new_app("Tuyến cáp quang rẻ nhất, có cận chứng minh.", "Cheapest fibre routes, with a proven bound.")
MAP_WORDS = "bản đồ tuyến, nguồn và điểm do đơn vị nhập"
OSM_WORDS = "đường © những người đóng góp OpenStreetMap (ODbL); nguồn và điểm do đơn vị nhập"
ENGLISH_UNITS = {"m": "m", "lần": "times", "bộ": "sets"}


@app.command(
    help=words(
        "Cây rẻ nhất nối các điểm của một đồ thị, với cận dưới.", "Cheapest tree of a graph, with a bound."
    )
)
def steiner(
    graph: GrArgument = None, nodes: NodesOption = None, edges: EdgesOption = None, terminals: TerminalsOption = None,
    time_limit: TimeOption = 30.0, gap: GapOption = 0.0, seed: SeedOption = 0, out_file: EdgesOutOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Find a cheapest tree."""
    if graph is not None:
        network, wanted = read_steinlib(graph)
        names = [str(number + 1) for number in range(network.nodes)]
    elif edges is not None and terminals is not None:
        network, wanted, names = read_graph(nodes, edges, terminals)
    else:
        raise InputError(
            "Bài toán",
            found="chưa đủ tệp",
            expected="một tệp .gr, hoặc --edges và --terminals (có thể thêm --nodes)",
        )
    effort = Effort(time_limit_s=time_limit, gap=gap / 100, seed=seed)
    with progress_bar(words("Tìm cây rẻ nhất", "Searching the tree")):
        answer = steiner_tree(network, wanted, effort=effort, names=names)
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


@app.command(
    help=words(
        "Phương án cáp quang: tuyến, vật tư, chi phí, thứ tự xây dựng, bản đồ và tệp trao đổi.",
        "Fibre plan: routes, materials, costs, order of building, map and exchange file.",
    )
)
def plan(
    out_folder: FolderOption, sources: SourcesOption, places: PlacesOption, roads: RoadsOption,
    poles: PolesOption = None, ducts: DuctsOption = None, cables: CablesOption = None, rivers: RiversOption = None,
    rails: RailsOption = None, works: WorksOption = None, costs: CostsOption = None, budget: BudgetOption = None,
    subsidy: SubsidyOption = None, two_paths: TwoPathsOption = False, method: MethodOption = None, join_m: JoinOption = 20.0,
    farthest_m: FarthestOption = 2000.0, reserve: ReserveOption = 0.2, time_limit: TimeOption = 30.0, seed: SeedOption = 0,
    title: TitleOption = "Phương án cáp quang", as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Make a plan and write it."""
    files = {"road": roads, "poles": poles, "duct": ducts, "cable": cables, "river": rivers, "rail": rails}
    price = read_costs(costs)
    rules = LayingRules(tuple(method) if method else ROAD_METHODS, join_m, farthest_m)
    request = PlanRequest(budget, subsidy, two_paths, reserve, Effort(time_limit_s=time_limit, seed=seed))
    started = time.monotonic()
    with progress_bar(words("Đọc bảng và bản đồ", "Reading")):
        tables = (read_sources(sources), read_places(places))
        planned = read_works(works) if works else None
        lines = join_lines(
            [read_lines(path, kind=kind) for kind, paths in files.items() for path in paths or []]
        )
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
        length, money = (
            format_number(round(plan.length_m / 1000, 1)),
            format_number(round(plan.cost_vnd / 1e6, 1)),
        )
        sheet = MapSheet(
            title,
            f"{MAP_WORDS if not lines.noded.any() else OSM_WORDS}; chi phí là giá trị quy hoạch",
            f"{len(plan.joined)} điểm, {format_number(plan.households)} hộ, {length} km, {money} triệu đồng",
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
        "cable_shortages": [
            {"cable": short.cable, "spare_fibres": short.spare, "needed": short.needed, "missing": short.missing,
             "length_m": round(short.length_m, 1), "cost_vnd": round(short.cost_vnd)}
            for short in plan.shortages
        ],
        "notes": plan.notes,
    }  # fmt: skip


def _show(plan: FibrePlan, overlaps: list[Overlap], folder: Path) -> None:
    kilometres = format_number(round(plan.length_m / 1000, 2))
    joined, households = f"{len(plan.joined)}/{len(plan.needs.fibres)}", format_number(plan.households)
    _say(
        words(
            f"Nối {joined} điểm, {households} hộ, {kilometres} km tuyến",
            f"Joins {joined} places, {households} households, {kilometres} km of routes",
        )
    )
    share = ""
    if plan.households:
        each = _money(plan.cost_vnd / plan.households)
        share = words(f", bình quân {each} một hộ", f", {each} per household")
    _say(words("Chi phí: ", "Cost: ") + _money(plan.cost_vnd) + share)
    value, bound, unit = format_number(round(plan.value)), format_number(round(plan.bound)), _unit(plan)
    _say(
        words(f"Giá trị tìm được {value}, cận {bound} {unit}. ", f"Value {value}, bound {bound} {unit}. ")
        + _gap_words(plan.gap)
    )
    for row in plan.materials:
        name, unit = words(row.words, row.english), words(row.unit, ENGLISH_UNITS[row.unit])
        _say(f"  {name}: {format_number(round(row.quantity, 1))} {unit}, {_money(row.cost_vnd)}")
    for item in overlaps:
        metres = format_number(round(item.length_m))
        _say(words(f"Làm chung với '{item.work}': {metres} m", f"Shared with '{item.work}': {metres} m"))
    for note in plan.notes:
        err.print(note, markup=False, soft_wrap=True)
    _say(words(f"Kết quả trong '{folder}'", f"Results in '{folder}'"))


def _say(line: str) -> None:
    out.print(line, markup=False, soft_wrap=True)


def _unit(plan: FibrePlan) -> str:
    return {
        "all": "đồng",
        "subsidy": words("đồng còn lại của hỗ trợ", "đồng of subsidy left over"),
        "budget": words("hộ", "households"),
    }[plan.question]


def _money(amount: float) -> str:
    return format_number(round(amount / 1e6, 1)) + words(" triệu đồng", " million đồng")


def _gap_words(gap: float) -> str:
    if gap <= 1e-9:
        return words("Đã chứng minh là tốt nhất", "Proven best")
    return words("Cách cận không quá ", "Within ") + f"{format_number(round(100 * gap, 3))} %"
