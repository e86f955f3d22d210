"""`hatangso siting`: tables of candidates, demand and pairs → what to build, with value, bound and gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer
from rich.table import Table

from hatangso.cli.screen import err, new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError
from hatangso.maps.layers import MapSheet
from hatangso.siting.answers import served_shares
from hatangso.siting.distances import Distances
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_centre import p_centre
from hatangso.siting.p_median import p_median
from hatangso.siting.phased import PhasedAnswer, phased_covering
from hatangso.siting.pictures import Spots, choice_layers, write_picture
from hatangso.siting.problem import (
    CANDIDATES,
    DEMAND,
    PAIRS,
    SearchLimits,
    SitingAnswer,
    SitingProblem,
    build_problem,
    name_positions,
)
from hatangso.siting.set_cover import fewest_sites, set_cover
from hatangso.tables import Column, TableSpec, read_table, write_table
from hatangso.vietnamese import format_number

app = new_app(
    "Chọn vị trí trạm, điểm phục vụ; mỗi kết quả kèm cận đã chứng minh.",
    "Choose sites; every answer comes with a proven bound.",
)
DISTANCE_PAIRS = TableSpec(
    "pairs",
    (
        Column("candidate_id", title="Mã vị trí"),
        Column("demand_id", title="Mã điểm dân cư"),
        Column(
            "distance_m",
            "number",
            title="Khoảng cách",
            unit="m",
            minimum=0,
            aliases=("distance", "khoang cach"),
        ),
    ),
    key=("candidate_id", "demand_id"),
)
STATUS_WORDS = {
    "optimal": ("tối ưu, đã chứng minh", "optimal, proven"),
    "bounded": ("đủ số bước; khoảng cách tới cận như trên", "all steps used; gap as above"),
    "time_limit": ("dừng vì hết thời gian", "stopped by the time limit"),
}

CandidatesArgument = Annotated[
    Path, typer.Argument(help=words("bảng vị trí: candidate_id, cost …", "table of candidates"))
]
DemandArgument = Annotated[
    Path, typer.Argument(help=words("bảng dân cư: demand_id, weight …", "table of demand"))
]
PairsArgument = Annotated[
    Path, typer.Argument(help=words("bảng cặp: candidate_id, demand_id, share", "table of pairs"))
]
FixedOption = Annotated[
    list[str] | None,
    typer.Option("--fixed", help=words("vị trí phải có (lặp lại được)", "sites that must stand")),
]
ExcludedOption = Annotated[
    list[str] | None,
    typer.Option("--excluded", help=words("vị trí không được chọn", "sites that may not be chosen")),
]
TimeOption = Annotated[float, typer.Option("--time-limit", help=words("số giây nhiều nhất", "most seconds"))]
SeedOption = Annotated[int, typer.Option("--seed", help=words("hạt giống ngẫu nhiên", "random seed"))]
EffortOption = Annotated[
    float, typer.Option("--effort", help=words("hệ số số bước tìm", "multiplies the steps"))
]
JsonOption = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help=words("ghi bảng vị trí được chọn (.csv .xlsx .parquet)", "write the choice")),
]
SitesOption = Annotated[
    int | None, typer.Option("--sites", help=words("số vị trí, kể cả có sẵn", "number of sites"))
]
SharingOption = Annotated[
    bool,
    typer.Option(
        "--sharing/--no-sharing", help=words("dùng shared_cost khi có", "use shared_cost where given")
    ),
]
PictureOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--picture",
        help=words(
            "vẽ bản đồ ra tệp .svg hay .png (bảng cần lon, lat; lặp lại được)", "draw a map (.svg, .png)"
        ),
    ),
]
TitleOption = Annotated[str, typer.Option("--title", help=words("tên ghi trên bản đồ", "title of the map"))]
SOURCE_WORDS = "bảng vị trí, dân cư và cặp phục vụ do đơn vị nhập"


@dataclass(frozen=True)
class Tables:
    """What was read: the problem, and the places where the tables carry lon and lat."""

    problem: SitingProblem
    candidates: Spots | None
    demand: Spots | None
    pairs: pl.DataFrame


@dataclass(frozen=True)
class Wanted:
    """Where the answer goes: a table, pictures with their title, JSON on the screen."""

    output: Path | None
    pictures: list[Path] | None
    title: str
    as_json: bool


@app.command(
    "maximal", help=words("Phủ nhiều dân nhất trong ngân sách.", "Serve most people within a budget.")
)
def maximal(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    budget: Annotated[float | None, typer.Option("--budget", help=words("ngân sách", "budget"))] = None,
    sites: SitesOption = None, fixed: FixedOption = None, excluded: ExcludedOption = None,
    time_limit: TimeOption = 60.0, seed: SeedOption = 1, effort: EffortOption = 1.0,
    sharing: SharingOption = True, output: OutOption = None, picture: PictureOption = None, title: TitleOption = "Phương án vị trí",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Maximal covering."""
    if (budget is None) == (sites is None):
        raise InputError("Tùy chọn --budget và --sites", expected="đúng một trong hai")
    tables = _read(candidates, demand, pairs, sharing=sharing, decided=(fixed, excluded))
    with _searching(seed, time_limit, effort) as limits:
        answer = maximal_covering(tables.problem, budget=budget, sites=sites, limits=limits)
    _show(tables, answer, "Số dân được phủ", Wanted(output, picture, title, as_json))


@app.command(
    "set-cover", help=words("Rẻ nhất hoặc ít nhất để phủ đủ.", "Cheapest or fewest sites for a coverage.")
)
def cover(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    cover_percent: Annotated[float, typer.Option("--cover-percent", help=words("phần trăm dân phải phủ", "percent to serve"))] = 100.0,
    fewest: Annotated[bool, typer.Option("--fewest", help=words("đếm vị trí thay cho chi phí", "count sites, not cost"))] = False,
    least_share: Annotated[float, typer.Option("--least-share", help=words("share từ mức này tính là phủ", "a share from here on counts"))] = 0.5,
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, sharing: SharingOption = True,
    output: OutOption = None, picture: PictureOption = None, title: TitleOption = "Phương án vị trí",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Set cover."""
    tables = _read(candidates, demand, pairs, sharing=sharing, decided=(fixed, excluded))
    asked = fewest_sites(tables.problem) if fewest else tables.problem
    with _searching(seed, time_limit, effort) as limits:
        answer = set_cover(asked, cover_percent=cover_percent, least_share=least_share, limits=limits)
    _show(tables, answer, "Số vị trí" if fewest else "Chi phí", Wanted(output, picture, title, as_json))


@app.command(
    "p-median", help=words("Mở k điểm để tổng quãng đường ngắn nhất.", "Open k sites for the least travel.")
)
def median(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    sites: Annotated[int, typer.Option("--sites", help=words("số vị trí, kể cả có sẵn", "number of sites"))],
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, output: OutOption = None, picture: PictureOption = None, title: TitleOption = "Phương án vị trí",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """p-median."""
    tables, distances = _read_distances(candidates, demand, pairs, decided=(fixed, excluded))
    with _searching(seed, time_limit, effort) as limits:
        answer = p_median(distances, sites=sites, limits=limits)
    _show(tables, answer, "Tổng dân × khoảng cách", Wanted(output, picture, title, as_json))


@app.command(
    "p-centre", help=words("Mở k điểm để người xa nhất gần nhất.", "Open k sites for the least longest way.")
)
def centre(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    sites: Annotated[int, typer.Option("--sites", help=words("số vị trí, kể cả có sẵn", "number of sites"))],
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, output: OutOption = None, picture: PictureOption = None, title: TitleOption = "Phương án vị trí",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """p-centre."""
    tables, distances = _read_distances(candidates, demand, pairs, decided=(fixed, excluded))
    with _searching(seed, time_limit, effort) as limits:
        answer = p_centre(distances, sites=sites, limits=limits)
    _show(tables, answer, "Bán kính (m)", Wanted(output, picture, title, as_json))


@app.command("phased", help=words("Chia theo năm, mỗi năm một ngân sách.", "Build in years, a budget each."))
def phased(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    budget: Annotated[list[float], typer.Option("--budget", help=words("ngân sách mỗi năm, theo thứ tự", "budget of each year, in order"))],
    carry_over: Annotated[bool, typer.Option("--carry-over/--no-carry-over", help=words("tiền dư chuyển năm sau", "spend what is left next year"))] = True,
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, sharing: SharingOption = True,
    output: OutOption = None, picture: PictureOption = None, title: TitleOption = "Phương án vị trí",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Phased covering."""
    tables = _read(candidates, demand, pairs, sharing=sharing, decided=(fixed, excluded))
    with _searching(seed, time_limit, effort) as limits:
        answer = phased_covering(tables.problem, budgets=tuple(budget), carry_over=carry_over, limits=limits)
    built = [name for phase in answer.phases for name in phase.built]
    flags = np.isin(tables.problem.candidate_ids, built) | tables.problem.fixed
    served = served_shares(tables.problem, flags, whole_service=not tables.problem.is_partial)
    _draw(tables, built, served, Wanted(output, picture, title, as_json))
    if output:
        rows = [
            (year, rank, name)
            for year, phase in enumerate(answer.phases, 1)
            for rank, name in enumerate(phase.built, 1)
        ]
        write_table(pl.DataFrame(rows, schema=["phase", "order", "candidate_id"], orient="row"), output)
    if as_json:
        print_json(asdict(answer))
        return
    _show_phases(answer)


@contextmanager
def _searching(seed: int, time_limit: float, effort: float) -> Iterator[SearchLimits]:
    """Show the bar of the search, in percent, while it runs."""
    with progress_bar(words("Tìm phương án (%)", "Searching (%)"), total=100) as advance:
        yield SearchLimits(seed=seed, time_limit_s=time_limit, effort=effort, progress=advance)


def _read(
    candidates: Path,
    demand: Path,
    pairs: Path,
    *,
    decided: tuple[list[str] | None, list[str] | None],
    sharing: bool = True,
    spec: TableSpec = PAIRS,
) -> Tables:
    with progress_bar(words("Đọc bảng", "Reading tables"), total=3) as advance:
        sites = read_table(candidates, CANDIDATES)
        advance(1)
        places = read_table(demand, DEMAND)
        advance(1)
        served = read_table(pairs, spec)
        advance(1)
    columns = [name for name in ("candidate_id", "demand_id", "share") if name in served.columns]
    problem = build_problem(sites, demand=places, pairs=served.select(columns), sharing=sharing)
    problem = _decided(problem, *(names or [] for names in decided))
    return Tables(problem, _spots(sites, "candidate_id"), _spots(places, "demand_id"), served)


def _read_distances(
    candidates: Path, demand: Path, pairs: Path, *, decided: tuple[list[str] | None, list[str] | None]
) -> tuple[Tables, Distances]:
    tables = _read(candidates, demand, pairs, decided=decided, spec=DISTANCE_PAIRS)
    problem, table = tables.problem, tables.pairs
    site = name_positions(table["candidate_id"].to_list(), problem.candidate_ids, what="candidate_id")
    place = name_positions(table["demand_id"].to_list(), problem.demand_ids, what="demand_id")
    distance = table["distance_m"].to_numpy()[np.lexsort((place, site))]
    return tables, Distances(problem, distance)


def _spots(table: pl.DataFrame, name: str) -> Spots | None:
    """Return the places of a table; None unless every row has lon and lat."""
    if not {"lon", "lat"} <= set(table.columns) or table["lon"].null_count() or table["lat"].null_count():
        return None
    return Spots(table["lon"].to_numpy(), table["lat"].to_numpy(), table[name].to_list())


def _decided(problem: SitingProblem, fixed: list[str], excluded: list[str]) -> SitingProblem:
    marks = {"fixed": problem.fixed.copy(), "excluded": problem.excluded.copy()}
    for name, ids in (("fixed", fixed), ("excluded", excluded)):
        marks[name][name_positions(ids, problem.candidate_ids, what=f"--{name}")] = True
    return replace(problem, fixed=marks["fixed"], excluded=marks["excluded"])


def _draw(tables: Tables, chosen: Sequence[str], served: np.ndarray, wanted: Wanted) -> None:
    """Draw the choice into every picture asked for."""
    if not wanted.pictures:
        return
    if tables.candidates is None or tables.demand is None:
        raise InputError(
            "Tùy chọn --picture", found="bảng vị trí hoặc dân cư thiếu lon, lat",
            expected="cả hai bảng có lon và lat ở mọi dòng", remedy="Thêm hai cột hoặc bỏ --picture",
        )  # fmt: skip
    problem = tables.problem
    taken = np.isin(problem.candidate_ids, list(chosen))
    layers = choice_layers(
        tables.demand, served=served, chosen=tables.candidates.only(taken & ~problem.fixed),
        standing=tables.candidates.only(problem.fixed),
    )  # fmt: skip
    people = format_number(round(float(problem.weight @ served)))
    line = f"{len(chosen)} vị trí, phủ {people} trên {format_number(problem.total_weight)}"
    for path in wanted.pictures:
        write_picture(layers, path, sheet=MapSheet(wanted.title, SOURCE_WORDS, line))


def _show(tables: Tables, answer: SitingAnswer, title: str, wanted: Wanted) -> None:
    problem = tables.problem
    _draw(tables, answer.chosen, answer.served, wanted)
    if wanted.output:
        position = name_positions(answer.chosen, problem.candidate_ids, what="candidate_id")
        rows = pl.DataFrame({"candidate_id": list(answer.chosen), "cost": problem.cost[position]})
        write_table(rows, wanted.output)
    if wanted.as_json:
        print_json(_plain(problem, answer))
        return
    table = Table(show_header=False)
    for name, text in (
        (title, format_number(answer.value)), ("Cận đã chứng minh", format_number(answer.bound)),
        ("Khoảng cách tới cận", format_number(round(100 * answer.gap, 3)) + " %"),
        ("Tổng chi phí các vị trí", format_number(float(problem.cost[name_positions(answer.chosen, problem.candidate_ids, what="")].sum()))),
        ("Số vị trí", str(len(answer.chosen))), ("Dân được phủ", format_number(answer.served_weight)),
        ("Số giây", format_number(round(answer.seconds, 2))), ("Kết thúc", words(*STATUS_WORDS[answer.status])),
    ):  # fmt: skip
        table.add_row(name, text)
    out.print(table)
    out.print(
        words("Vị trí được chọn: ", "Chosen: ") + ", ".join(answer.chosen), markup=False, soft_wrap=True
    )
    for note in answer.notes:
        err.print(note, markup=False, soft_wrap=True)


def _plain(problem: SitingProblem, answer: SitingAnswer) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(answer).items() if name != "served"}
    unserved = [problem.demand_ids[i] for i in np.flatnonzero(answer.served <= 0)]
    return {**fields, "unserved_count": len(unserved), "unserved": unserved[:1000]}


def _show_phases(answer: PhasedAnswer) -> None:
    table = Table("Giai đoạn", "Ngân sách", "Chi phí", "Số vị trí mới", "Dân được phủ", "Cận")
    for number, phase in enumerate(answer.phases, 1):
        table.add_row(
            str(number), format_number(phase.budget), format_number(phase.cost), str(len(phase.built)),
            format_number(phase.served_weight), format_number(phase.bound),
        )  # fmt: skip
    out.print(table)
    for number, phase in enumerate(answer.phases, 1):
        order = ", ".join(phase.built)
        out.print(
            words(f"Giai đoạn {number}, theo thứ tự xây: {order}", f"Phase {number}, in order: {order}"),
            markup=False,
            soft_wrap=True,
        )
    gap = format_number(round(100 * answer.gap, 3))
    out.print(
        words(
            f"Tổng người-năm {format_number(answer.value)}, cách cận {gap} %",
            f"Sum {answer.value:,.0f}, gap {gap} %",
        ),
        markup=False,
    )
