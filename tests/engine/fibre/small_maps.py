"""A hand-made map: a lane running east from the source, two side lanes, a pole line, a river.

One hundred thousandth of a degree of longitude on the equator is 1.11 m; the map lies on the equator so that
0.001 degrees are about 111 m either way.
"""

from __future__ import annotations

import polars as pl
import shapely

from hatangso.fibre.lines import Lines, join_lines, make_lines

STEP = 0.001


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(106 + x * STEP, y * STEP) for x, y in points])


def lane_map() -> Lines:
    """Lane (0,0)-(10,0); side lanes north at 4 and 8; poles north at 2; a river crosses the lane at x = 6."""
    roads = make_lines([line((0, 0), (10, 0)), line((4, 0), (4, 3)), line((8, 0), (8, 3))], surface="earth")
    poles = make_lines([line((2, 0.05), (2, 3))], carrier="poles")
    river = make_lines([line((6, -5), (6, 5))], carrier="river")
    return join_lines([roads, poles, river])


def sources_table(*rows: tuple[str, float, float, int | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source_id": [row[0] for row in rows],
            "name": [f"nguồn {row[0]}" for row in rows],
            "lon": [106 + row[1] * STEP for row in rows],
            "lat": [row[2] * STEP for row in rows],
            "spare_fibres": [row[3] for row in rows],
        },
        schema_overrides={"spare_fibres": pl.Int64},
    )


def places_table(*rows: tuple[str, float, float, int], key: tuple[str, ...] = ()) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "place_id": [row[0] for row in rows],
            "name": [f"thôn {row[0]}" for row in rows],
            "lon": [106 + row[1] * STEP for row in rows],
            "lat": [row[2] * STEP for row in rows],
            "kind": ["village"] * len(rows),
            "households": [row[3] for row in rows],
            "fibres": [None] * len(rows),
            "second_path": [row[0] in key for row in rows],
        },
        schema_overrides={"fibres": pl.Int64, "households": pl.Int64},
    )
