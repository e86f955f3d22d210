"""Tuyến cáp quang tính tay được (Fibre routes that can be checked by hand)

Tuyến rẻ nhất nối các điểm không phải lúc nào cũng là nối dần điểm gần nhất. Chọn thôn theo ngân sách không phải lúc nào
cũng là lấy thôn nhiều hộ nhất trước.
"""

from __future__ import annotations

import numpy as np
import shapely

from hatangso.fibre.costs import read_costs
from hatangso.fibre.graph import make_graph
from hatangso.fibre.network import build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.plan import PlanRequest, plan_fibre
from hatangso.fibre.prizes import PrizeProblem, prize_tree
from hatangso.fibre.steiner import steiner_tree
from hatangso.fibre.survivable import two_way_network
from hatangso.fibre.survivable_bound import TwoWayProblem
from hatangso.fibre.trees import shortest_path_tree
from tests.engine.fibre.small_maps import STEP, lane_map, places_table, sources_table


def _graph(nodes, edges):
    tail, head, cost = (np.array(column) for column in zip(*edges, strict=True))
    return make_graph(nodes, tail, head, cost.astype(float))


def _most_households_first(budget):
    """Take the villages in order of households as long as the money lasts."""
    fork = ("fork", 4.0)
    ways = {
        "A": (("A", 9.0),),
        "B": (fork, ("B", 1.0)),
        "C": (fork, ("C", 1.0)),
        "D": (fork, ("D", 1.0)),
        "E": (fork, ("D", 1.0), ("E", 2.0)),
    }
    households, built, total = {"A": 90, "B": 40, "C": 40, "D": 40, "E": 10}, set(), 0
    for village in "ABCDE":
        new = [(name, cost) for name, cost in ways[village] if name not in built]
        if sum(cost for _, cost in new) <= budget:
            budget -= sum(cost for _, cost in new)
            built |= {name for name, _ in new}
            total += households[village]
    return total


def test_greedy_answer_is_wrong(table):
    """Nguồn ở nút 0, các thôn ở nút 1 đến số thôn; nút cuối là ngã ba giữa đồng.

    Mỗi cặp điểm liền nhau trên đường vòng cách nhau `vòng`, từ ngã ba tới mỗi điểm là `ngã ba`. Nối dần điểm gần nhất chỉ đi
    theo đường vòng; đi qua ngã ba thì rẻ hơn.

    Sai hay gặp: lấy kết quả nối dần làm phương án rẻ nhất.

    | số thôn | vòng | ngã ba | rẻ nhất | nối dần (sai) |
    |---|---|---|---|---|
    | 2 | 10 | 6 | 18 | 20 |
    | 4 | 10 | 6 | 30 | 40 |
    | 5 | 10 | 7 | 42 | 50 |
    """
    for row in table:
        count, ring, spoke = int(row["số thôn"]) + 1, int(row["vòng"]), int(row["ngã ba"])
        edges = [(node, (node + 1) % count, ring) for node in range(count)]
        edges += [(node, count, spoke) for node in range(count)]
        graph, terminals = _graph(count + 1, edges), np.arange(count, dtype=np.int32)
        answer = steiner_tree(graph, terminals)
        greedy = graph.cost[shortest_path_tree(graph, terminals, 0)].sum()
        assert (answer.cost, answer.bound) == (int(row["rẻ nhất"]), int(row["rẻ nhất"]))
        assert greedy == int(row["nối dần (sai)"])


def test_five_villages_within_a_budget(table):
    """Năm thôn: A (90 hộ) cách nguồn 9; B, C, D (mỗi thôn 40 hộ) cùng sau một ngã ba cách nguồn 4, mỗi thôn cách ngã ba 1; E (10 hộ) cách D 2.

    Sai hay gặp: lấy thôn nhiều hộ nhất trước (thôn A), tiền còn lại không đủ cho thôn nào.

    | ngân sách | số hộ | thôn | thôn đông trước (sai) |
    |---|---|---|---|
    | 5 | 40 | một trong B, C, D | 40 |
    | 7 | 120 | B C D | 120 |
    | 9 | 130 | B C D E | 90 |
    | 16 | 210 | A B C D | 210 |
    | 18 | 220 | A B C D E | 220 |
    """
    # 0 source, 1 A, 2 fork, 3 B, 4 C, 5 D, 6 E
    graph = _graph(7, [(0, 1, 9), (0, 2, 4), (2, 3, 1), (2, 4, 1), (2, 5, 1), (5, 6, 2)])
    households = np.array([0, 90, 0, 40, 40, 40, 10], float)
    names = dict(enumerate(("", "A", "", "B", "C", "D", "E")))
    for row in table:
        answer = prize_tree(PrizeProblem(graph, 0, households, float(row["ngân sách"])))
        assert (answer.prize, answer.bound) == (int(row["số hộ"]), int(row["số hộ"]))
        assert _most_households_first(float(row["ngân sách"])) == int(row["thôn đông trước (sai)"])
        chosen = " ".join(names[node] for node in answer.chosen)
        assert chosen == row["thôn"] or chosen in row["thôn"].removeprefix("một trong ").split(", ")


def test_splitters_and_cables_are_rounded_up_along_the_way(table):
    """Trên một con đường từ nguồn N lần lượt có C (60 hộ), A (640 hộ), B (20 hộ); dự phòng 20 %.

    Bộ chia: C 2 bộ 1:32, A 20 bộ 1:32, B 1 bộ 1:32. Mỗi bộ chia một sợi, mỗi thôn ít nhất hai sợi. Một đoạn mang sợi của mọi thôn
    ở phía sau; cộng xong mới nhân dự phòng, rồi mới lấy cỡ cáp nhỏ nhất chứa hết (12, 24, 48, 96, 144 sợi).

    Sai hay gặp: chọn cỡ cáp trước khi cộng dự phòng.

    | đoạn | hộ phía sau | sợi | với dự phòng | cáp | cáp chưa dự phòng (sai) |
    |---|---|---|---|---|---|
    | N-C | 720 | 24 | 29 | 48 | 24 |
    | C-A | 660 | 22 | 27 | 48 | 24 |
    | A-B | 20 | 2 | 3 | 12 | 12 |
    """
    places = places_table(("C", 1, 0, 60), ("A", 4, 0, 640), ("B", 8, 0, 20))
    sources, costs = sources_table(("N", 0, 0, None)), read_costs()
    network = build_network(lane_map(), sources=spots_of(sources), places=spots_of(places), costs=costs)
    plan = plan_fibre(network, sources=sources, places=places, costs=costs, request=PlanRequest(reserve=0.2))
    at = {"N": 0.0, "C": 1.0, "A": 4.0, "B": 8.0}
    middle = {edge: shapely.line_interpolate_point(plan.network.geometry(edge), 0.5, normalized=True) for edge in np.flatnonzero(plan.built & (network.carrier == "road"))}  # fmt: skip
    for row in table:
        start, end = (at[name] for name in row["đoạn"].split("-"))
        fibres = {plan.fibres[e] for e, point in middle.items() if start < (point.x - 106) / STEP < end}
        assert fibres == {int(row["với dự phòng"])}
        assert costs.cable_for(fibres.pop()) == [(int(row["cáp"]), 1)]
        assert costs.cable_for(int(row["sợi"])) == [(int(row["cáp chưa dự phòng (sai)"]), 1)]
        behind = [row_["households"] for row_ in places.to_dicts() if at[row_["place_id"]] >= end]
        assert sum(behind) == int(row["hộ phía sau"])


def test_a_second_way_costs_the_other_road(table):
    """Từ nguồn tới một trạm có một đường ngắn và một đường vòng; trạm cần hai đường không chung đoạn nào.

    Sai hay gặp: tính gấp đôi đường ngắn, tức là hai sợi cáp trên cùng một đường: một nhát cuốc đứt cả hai.

    | đường ngắn | đường vòng | hai đường | gấp đôi đường ngắn (sai) |
    |---|---|---|---|
    | 3 | 5 | 8 | 6 |
    | 1 | 9 | 10 | 2 |
    """
    for row in table:
        near, round_ = float(row["đường ngắn"]), float(row["đường vòng"])
        graph = _graph(3, [(0, 1, near), (0, 2, round_ / 2), (2, 1, round_ / 2)])
        problem = TwoWayProblem(graph, 0, np.array([1]), np.array([1]), np.zeros(3, bool))
        answer = two_way_network(problem, np.array([True, False, False]), seed=0, time_left=lambda: 9.0)
        assert answer.cost == float(row["hai đường"])
        assert abs(answer.bound - answer.cost) < 1e-6
        assert 2 * near == float(row["gấp đôi đường ngắn (sai)"]) < answer.bound
