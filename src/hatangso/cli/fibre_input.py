"""What `hatangso fibre` takes: its options, and graphs given as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hatangso.cli.screen import words
from hatangso.errors import InputError, ManyInputErrors
from hatangso.fibre.graph import Graph, make_graph
from hatangso.tables import Column, TableSpec, read_table

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

Maps = list[Path]
GrArgument = Annotated[Path | None, typer.Argument(help=words("Tệp .gr của PACE 2018", "PACE 2018 .gr file"))]
NodesOption = Annotated[Path | None, typer.Option(help=words("Bảng nút: node_id", "Nodes: node_id"))]
EdgesOption = Annotated[
    Path | None, typer.Option(help=words("Bảng cạnh: tail, head, cost", "Edges: tail, head, cost"))
]
TerminalsOption = Annotated[
    Path | None, typer.Option(help=words("Bảng điểm cần nối: node_id", "Terminals: node_id"))
]
TimeOption = Annotated[float, typer.Option(help=words("giây", "seconds"))]
GapOption = Annotated[
    float, typer.Option(help=words("dừng khi sai lệch không quá, %", "stop at this gap, %"))
]
SeedOption = Annotated[int, typer.Option(help=words("hạt giống ngẫu nhiên", "random seed"))]
EdgesOutOption = Annotated[
    Path | None, typer.Option("--out", help=words("Ghi bảng cạnh được chọn", "Write the chosen edges"))
]
JsonOption = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]
FolderOption = Annotated[Path, typer.Option("--out", help=words("Thư mục kết quả", "Result folder"))]
SourcesOption = Annotated[
    Path,
    typer.Option(
        help=words(
            "Bảng nguồn: source_id, lon, lat, spare_fibres", "Sources: source_id, lon, lat, spare_fibres"
        )
    ),
]
PlacesOption = Annotated[
    Path,
    typer.Option(
        help=words("Bảng điểm: place_id, lon, lat, households…", "Places: place_id, lon, lat, households…")
    ),
]
RoadsOption = Annotated[
    Maps,
    typer.Option(help=words("Đường: .osm.pbf, GeoPackage, GeoJSON", "Roads: .osm.pbf, GeoPackage, GeoJSON")),
]
PolesOption = Annotated[Maps | None, typer.Option(help=words("Tuyến cột có sẵn", "Existing pole lines"))]
DuctsOption = Annotated[Maps | None, typer.Option(help=words("Cống bể có sẵn", "Existing ducts"))]
CablesOption = Annotated[
    Maps | None,
    typer.Option(
        help=words(
            "Cáp có sẵn còn sợi; cột tùy chọn name, spare_fibres (số sợi còn dư)",
            "Existing cables with spare fibres; optional columns name, spare_fibres",
        )
    ),
]
RiversOption = Annotated[
    Maps | None, typer.Option(help=words("Sông, kênh phải vượt", "Rivers and canals to cross"))
]
RailsOption = Annotated[Maps | None, typer.Option(help=words("Đường sắt phải vượt", "Railways to cross"))]
WorksOption = Annotated[
    Path | None,
    typer.Option(help=words("Công trình sắp làm: name, start, end", "Planned works: name, start, end")),
]
CostsOption = Annotated[
    Path | None, typer.Option(help=words("Tệp chi phí riêng (.yml)", "Costs of your own (.yml)"))
]
BudgetOption = Annotated[float | None, typer.Option(help=words("Ngân sách, đồng", "Budget, đồng"))]
SubsidyOption = Annotated[
    float | None, typer.Option(help=words("Hỗ trợ, đồng mỗi hộ", "Subsidy, đồng per household"))
]
TwoPathsOption = Annotated[
    bool,
    typer.Option(help=words("Điểm second_path có hai đường", "Two ways for places marked second_path")),
]
MethodOption = Annotated[
    list[str] | None,
    typer.Option(
        help=words(
            "Cách làm được phép (lặp lại được): new_poles (trồng cột) | trench (đào rãnh) | micro_trench (rãnh hẹp)",
            "Allowed ways of laying (may be repeated): new_poles | trench | micro_trench",
        )
    ),
]
JoinOption = Annotated[
    float,
    typer.Option(help=words("m từ cột, cống bể ra đường", "m from poles, ducts and cables to a road")),
]
FarthestOption = Annotated[
    float, typer.Option(help=words("m xa nhất từ điểm tới tuyến", "m from a place to a line at most"))
]
ReserveOption = Annotated[float, typer.Option(help=words("tỷ lệ sợi dự phòng", "share of fibres in reserve"))]
TitleOption = Annotated[
    str, typer.Option(help=words("Tên phương án, ghi trên bản đồ", "Title, written on the map"))
]


def read_graph(nodes: Path | None, edges: Path, terminals: Path) -> tuple[Graph, np.ndarray, list[str]]:
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
        faults += _repeated(table["edge_id"].to_list(), edges.name)
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    graph = make_graph(
        len(names),
        np.array([number[name] for name in tails], np.int64),
        np.array([number[name] for name in heads], np.int64),
        table["cost"].to_numpy(),
    )
    return graph, np.array([number[name] for name in wanted], np.int32), names


def _repeated(edge_ids: list[str | None], file: str) -> list[InputError]:
    seen: dict[str, int] = {}
    return [
        InputError(f"Bảng '{file}', dòng {row}", found=f"mã cạnh '{name}' lặp lại dòng {seen[name]}")
        for row, name in enumerate(edge_ids, start=2)
        if name is not None and seen.setdefault(name, row) != row
    ]
