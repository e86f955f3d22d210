"""People within 3 km of a post office, in a straight line and by road; and where the next one goes."""

import numpy as np
import shapely

from hatangso.access.distances import pairs_by_road
from hatangso.access.next_points import next_points
from hatangso.access.points import Points
from hatangso.access.reach import nearest_by_air, nearest_by_road, summarise_reach
from hatangso.access.roads import graph_from_lines


def main() -> list[str]:
    # A valley road, a bridge at its eastern end, and the road back on the other bank of the river.
    roads = graph_from_lines(
        np.array([shapely.LineString([(107.00, 12.00), (107.05, 12.00), (107.05, 12.01), (107.00, 12.01)])])
    )
    villages = Points(
        ("Bản gần", "Bản cuối", "Bản bên sông"), np.array([107.005, 107.045, 107.005]),
        np.array([12.0, 12.0, 12.01]), np.array([400.0, 250.0, 350.0]),
    )  # fmt: skip
    posts = Points(("Bưu cục",), np.array([107.0]), np.array([12.0]))
    possible = Points(("Đầu cầu", "Bờ bắc"), np.array([107.05, 107.01]), np.array([12.0, 12.01]))
    reach = {
        "đường thẳng": nearest_by_air(villages, points=posts),
        "đường bộ": nearest_by_road(villages, points=posts, graph=roads),
    }
    lines = [
        f"Trong 3 km theo {way}: {summarise_reach(villages, nearest=near, points=1).people_within[2]:.0f} người"
        for way, near in reach.items()
    ]
    pairs = [
        pairs_by_road(points, people=villages, graph=roads, limit_m=3000) for points in (posts, possible)
    ]
    answer = next_points(villages, standing=pairs[0], candidates=(possible, pairs[1]), count=1)
    return [
        *lines,
        f"Thêm một điểm: {answer.chosen[0]}, {answer.value:.0f} người (không cách nào quá {answer.bound:.0f})",
    ]


if __name__ == "__main__":
    print("\n".join(main()))
