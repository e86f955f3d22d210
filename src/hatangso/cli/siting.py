"""`hatangso siting`: tables of candidates, demand and pairs → what to build, with value, bound and gap."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer
from rich.table import Table

from hatangso.cli.screen import err, new_app, out, print_json, words
from hatangso.errors import InputError
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_median import Distances, p_centre, p_median
from hatangso.siting.phased import PhasedAnswer, phased_covering
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


@app.command(
    "maximal", help=words("Phủ nhiều dân nhất trong ngân sách.", "Serve most people within a budget.")
)
def maximal(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    budget: Annotated[float | None, typer.Option("--budget", help=words("ngân sách", "budget"))] = None,
    sites: SitesOption = None, fixed: FixedOption = None, excluded: ExcludedOption = None,
    time_limit: TimeOption = 60.0, seed: SeedOption = 1, effort: EffortOption = 1.0,
    sharing: SharingOption = True, output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Maximal covering."""
    if (budget is None) == (sites is None):
        raise InputError("Tùy chọn --budget và --sites", expected="đúng một trong hai")
    problem = _read(candidates, demand, pairs, sharing=sharing, fixed=fixed, excluded=excluded)
    limits = SearchLimits(seed=seed, time_limit_s=time_limit, effort=effort)
    _show(
        problem,
        maximal_covering(problem, budget=budget, sites=sites, limits=limits),
        "Số dân được phủ",
        output,
        as_json,
    )


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
    output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Set cover."""
    problem = _read(candidates, demand, pairs, sharing=sharing, fixed=fixed, excluded=excluded)
    asked = fewest_sites(problem) if fewest else problem
    limits = SearchLimits(seed=seed, time_limit_s=time_limit, effort=effort)
    answer = set_cover(asked, cover_percent=cover_percent, least_share=least_share, limits=limits)
    _show(problem, answer, "Số vị trí" if fewest else "Chi phí", output, as_json)


@app.command(
    "p-median", help=words("Mở k điểm để tổng quãng đường ngắn nhất.", "Open k sites for the least travel.")
)
def median(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    sites: Annotated[int, typer.Option("--sites", help=words("số vị trí, kể cả có sẵn", "number of sites"))],
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """p-median."""
    distances = _read_distances(candidates, demand, pairs, fixed=fixed, excluded=excluded)
    limits = SearchLimits(seed=seed, time_limit_s=time_limit, effort=effort)
    answer = p_median(distances, sites=sites, limits=limits)
    _show(distances.problem, answer, "Tổng dân × khoảng cách", output, as_json)


@app.command(
    "p-centre", help=words("Mở k điểm để người xa nhất gần nhất.", "Open k sites for the least longest way.")
)
def centre(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    sites: Annotated[int, typer.Option("--sites", help=words("số vị trí, kể cả có sẵn", "number of sites"))],
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """p-centre."""
    distances = _read_distances(candidates, demand, pairs, fixed=fixed, excluded=excluded)
    limits = SearchLimits(seed=seed, time_limit_s=time_limit, effort=effort)
    answer = p_centre(distances, sites=sites, limits=limits)
    _show(distances.problem, answer, "Bán kính (m)", output, as_json)


@app.command("phased", help=words("Chia theo năm, mỗi năm một ngân sách.", "Build in years, a budget each."))
def phased(
    candidates: CandidatesArgument, demand: DemandArgument, pairs: PairsArgument,
    budget: Annotated[list[float], typer.Option("--budget", help=words("ngân sách mỗi năm, theo thứ tự", "budget of each year, in order"))],
    carry_over: Annotated[bool, typer.Option("--carry-over/--no-carry-over", help=words("tiền dư chuyển năm sau", "spend what is left next year"))] = True,
    fixed: FixedOption = None, excluded: ExcludedOption = None, time_limit: TimeOption = 60.0,
    seed: SeedOption = 1, effort: EffortOption = 1.0, sharing: SharingOption = True,
    output: OutOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Phased covering."""
    problem = _read(candidates, demand, pairs, sharing=sharing, fixed=fixed, excluded=excluded)
    limits = SearchLimits(seed=seed, time_limit_s=time_limit, effort=effort)
    answer = phased_covering(problem, budgets=tuple(budget), carry_over=carry_over, limits=limits)
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


def _read(
    candidates: Path,
    demand: Path,
    pairs: Path,
    *,
    sharing: bool,
    fixed: list[str] | None,
    excluded: list[str] | None,
) -> SitingProblem:
    problem = build_problem(
        read_table(candidates, CANDIDATES), demand=read_table(demand, DEMAND), pairs=read_table(pairs, PAIRS),
        sharing=sharing,
    )  # fmt: skip
    return _decided(problem, fixed or [], excluded or [])


def _read_distances(
    candidates: Path, demand: Path, pairs: Path, *, fixed: list[str] | None, excluded: list[str] | None
) -> Distances:
    table = read_table(pairs, DISTANCE_PAIRS)
    problem = build_problem(
        read_table(candidates, CANDIDATES), demand=read_table(demand, DEMAND),
        pairs=table.select("candidate_id", "demand_id"),
    )  # fmt: skip
    site = name_positions(table["candidate_id"].to_list(), problem.candidate_ids, what="candidate_id")
    place = name_positions(table["demand_id"].to_list(), problem.demand_ids, what="demand_id")
    distance = table["distance_m"].to_numpy()[np.lexsort((place, site))]
    return Distances(_decided(problem, fixed or [], excluded or []), distance)


def _decided(problem: SitingProblem, fixed: list[str], excluded: list[str]) -> SitingProblem:
    marks = {"fixed": problem.fixed.copy(), "excluded": problem.excluded.copy()}
    for name, ids in (("fixed", fixed), ("excluded", excluded)):
        marks[name][name_positions(ids, problem.candidate_ids, what=f"--{name}")] = True
    return replace(problem, fixed=marks["fixed"], excluded=marks["excluded"])


def _show(
    problem: SitingProblem, answer: SitingAnswer, title: str, output: Path | None, as_json: bool
) -> None:
    if output:
        position = name_positions(answer.chosen, problem.candidate_ids, what="candidate_id")
        write_table(
            pl.DataFrame({"candidate_id": list(answer.chosen), "cost": problem.cost[position]}), output
        )
    if as_json:
        print_json(_plain(problem, answer))
        return
    table = Table(show_header=False)
    for name, text in (
        (title, format_number(answer.value)), ("Cận đã chứng minh", format_number(answer.bound)),
        ("Khoảng cách tới cận", format_number(round(100 * answer.gap, 3)) + " %"),
        ("Chi phí", format_number(float(problem.cost[name_positions(answer.chosen, problem.candidate_ids, what="")].sum()))),
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
