"""Năm thôn, bốn vị trí đặt trạm (Five villages, four sites)

Thôn A, B, C, D, E có 40, 60, 60, 40, 30 người. Vị trí Giữa phủ B và C; Trái phủ A và B; Phải phủ C và D; Xa chỉ phủ E.
Chọn lần lượt "vị trí thêm được nhiều người nhất" là cách hay gặp và sai: Giữa được chọn trước rồi không bỏ ra được.
"""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.siting.distances import Distances
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_centre import p_centre
from hatangso.siting.p_median import p_median
from hatangso.siting.phased import phased_covering
from hatangso.siting.problem import SitingProblem, problem_from_arrays
from hatangso.siting.set_cover import set_cover

SITES = ("Giữa", "Trái", "Phải", "Xa")
PEOPLE = np.array([40.0, 60.0, 60.0, 40.0, 30.0])


@pytest.fixture
def villages() -> SitingProblem:
    plain = problem_from_arrays(
        np.array([0, 2, 4, 6, 7]),
        demand=np.array([1, 2, 0, 1, 2, 3, 4]),
        weight=PEOPLE,
        cost=np.array([3.0, 3, 3, 2]),
    )
    fields = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
    return SitingProblem(**{**fields, "candidate_ids": SITES, "demand_ids": tuple("ABCDE")})


def test_most_people_with_so_many_sites(table, villages):
    """Phủ nhiều người nhất với số trạm cho trước.

    | số trạm | phủ được | chọn | lần lượt (sai) |
    |---|---|---|---|
    | 1 | 120 | Giữa | 120 |
    | 2 | 200 | Trái, Phải | 160 |
    | 3 | 230 | Trái, Phải, Xa | 200 |
    """
    for row in table:
        answer = maximal_covering(villages, sites=int(row["số trạm"]))
        assert answer.value == float(row["phủ được"])
        assert answer.bound == answer.value
        assert answer.status == "optimal"
        assert ", ".join(answer.chosen) == row["chọn"]
        assert _one_after_another(villages, int(row["số trạm"])) == float(row["lần lượt (sai)"])


def test_cheapest_for_a_percentage(table, villages):
    """Chi phí ít nhất để phủ một tỷ lệ dân; Giữa, Trái, Phải giá 3, Xa giá 2.

    | phần trăm | chi phí | chọn |
    |---|---|---|
    | 50 | 3 | Giữa |
    | 85 | 6 | Trái, Phải |
    | 100 | 8 | Trái, Phải, Xa |
    """
    for row in table:
        answer = set_cover(villages, cover_percent=float(row["phần trăm"]))
        assert (answer.value, answer.bound) == (float(row["chi phí"]), float(row["chi phí"]))
        assert ", ".join(answer.chosen) == row["chọn"]


def test_two_years_of_money(table, villages):
    """Mỗi năm 3 đồng: năm đầu Trái, năm sau thêm Phải được 100 + 200 = 300 người-năm; bắt đầu từ Giữa chỉ được 120 + 160 = 280.

    | năm | xây | phủ cuối năm |
    |---|---|---|
    | 1 | Trái | 100 |
    | 2 | Phải | 200 |
    """
    answer = phased_covering(villages, budgets=(3.0, 3.0))
    assert answer.value == 300
    assert answer.bound >= answer.value
    for row, phase in zip(table, answer.phases, strict=True):
        assert ", ".join(phase.built) == row["xây"]
        assert phase.served_weight == float(row["phủ cuối năm"])


def test_service_points_along_a_road(table):
    """Thôn ở km 0, 1, 3, 4, 10; điểm phục vụ đặt ở thôn. Tổng người × km ít nhất, và quãng xa nhất ít nhất.

    | số điểm | tổng người × km | xa nhất km |
    |---|---|---|
    | 1 | 490 | 6 |
    | 2 | 280 | 3 |
    | 3 | 80 | 1 |
    """
    place = np.array([0.0, 1, 3, 4, 10])
    grid = np.abs(place[:, None] - place[None, :])
    every = problem_from_arrays(np.arange(0, 26, 5), demand=np.tile(np.arange(5), 5), weight=PEOPLE)
    distances = Distances(every, grid.ravel())
    for row in table:
        count = int(row["số điểm"])
        travel, longest = p_median(distances, sites=count), p_centre(distances, sites=count)
        assert (travel.value, travel.bound) == (float(row["tổng người × km"]),) * 2
        assert (longest.value, longest.bound) == (float(row["xa nhất km"]),) * 2


def _one_after_another(villages: SitingProblem, count: int) -> float:
    served = np.zeros(len(PEOPLE), bool)
    for _ in range(count):
        rows = [villages.demand[villages.start[j] : villages.start[j + 1]] for j in range(len(SITES))]
        best = max(rows, key=lambda part: PEOPLE[part][~served[part]].sum())
        served[best] = True
    return float(PEOPLE[served].sum())
