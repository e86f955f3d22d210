"""The fewest sites that cover five villages, with the bound; and why taking the largest gain first is wrong."""

import polars as pl

from hatangso.siting.maximal import maximal_covering
from hatangso.siting.problem import build_problem
from hatangso.siting.set_cover import fewest_sites, set_cover


def main() -> list[str]:
    candidates = pl.DataFrame({"candidate_id": ["Giữa", "Trái", "Phải", "Xa"], "cost": [3.0, 3.0, 3.0, 2.0]})
    demand = pl.DataFrame({"demand_id": list("ABCDE"), "weight": [40.0, 60.0, 60.0, 40.0, 30.0]})
    reach = {"Giữa": "BC", "Trái": "AB", "Phải": "CD", "Xa": "E"}
    pairs = pl.DataFrame(
        [(site, village) for site, villages in reach.items() for village in villages],
        schema=["candidate_id", "demand_id"], orient="row",
    )  # fmt: skip
    problem = build_problem(candidates, demand=demand, pairs=pairs)
    fewest = set_cover(fewest_sites(problem))
    two = maximal_covering(problem, sites=2)
    return [
        f"Phủ đủ 5 thôn: ít nhất {fewest.value:.0f} vị trí ({', '.join(fewest.chosen)}), cận {fewest.bound:.0f}",
        f"Hai vị trí: phủ {two.value:.0f} người ({', '.join(two.chosen)}), cận {two.bound:.0f}; "
        "chọn Giữa trước chỉ phủ được 160",
    ]


if __name__ == "__main__":
    print("\n".join(main()))
