"""Cable to five villages: all of them, as many households as 400 million đồng reach, and a second way for the school."""

import polars as pl
import shapely

from hatangso.fibre.budget import within_budget
from hatangso.fibre.costs import read_costs
from hatangso.fibre.lines import join_lines, make_lines
from hatangso.fibre.network import build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.plan import PlanRequest, plan_fibre

ROADS = [
    [(107.000, 12.000), (107.050, 12.000)],  # the road from the exchange through the valley
    [(107.000, 12.000), (107.000, 12.020), (107.040, 12.020), (107.040, 12.000)],  # the old road north of it
    [(107.030, 12.000), (107.030, 11.970)],  # a lane south
]


def main() -> list[str]:
    lines = join_lines([make_lines([shapely.LineString(road) for road in ROADS], surface="earth")])
    sources = pl.DataFrame(
        {"source_id": ["TĐ"], "name": ["Tổng đài"], "lon": [107.0], "lat": [12.0], "spare_fibres": [48]}
    )
    places = pl.DataFrame(
        {
            "place_id": list("ABCDE"), "name": ["Bản A", "Bản B", "Bản C", "Bản D", "Trường"],
            "lon": [107.012, 107.030, 107.049, 107.030, 107.030], "lat": [12.001, 12.001, 12.001, 11.971, 12.019],
            "kind": ["village"] * 4 + ["school"], "households": [60, 90, 40, 25, 0],
            "fibres": [None, None, None, None, 4], "second_path": [False] * 4 + [True],
        },
        schema_overrides={"fibres": pl.Int64},
    )  # fmt: skip
    costs = read_costs()
    network = build_network(lines, sources=spots_of(sources), places=spots_of(places), costs=costs)
    given = {"sources": sources, "places": places, "costs": costs}
    every = plan_fibre(network, **given)
    twice = plan_fibre(network, **given, request=PlanRequest(two_paths=True))
    some = within_budget(network, **given, request=PlanRequest(budget_vnd=400e6))
    return [
        f"Nối cả {len(every.joined)} điểm: {every.length_m / 1000:.1f} km, {every.cost_vnd / 1e6:.0f} triệu đồng; "
        f"cách cận {100 * every.gap:.1f} %",
        f"Trường có hai đường: {twice.cost_vnd / 1e6:.0f} triệu đồng; cách cận {100 * twice.gap:.1f} %",
        f"Với 400 triệu đồng: {some.value:.0f} hộ ({', '.join(places['name'][row] for row in some.joined.tolist())}), "
        f"tốn {some.cost_vnd / 1e6:.0f} triệu đồng; không cách nào quá {some.bound:.0f} hộ",
    ]


if __name__ == "__main__":
    print("\n".join(main()))
