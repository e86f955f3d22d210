"""Access to service points at the size of a province: people points, posts and a grid of roads, all invented.

python bench/access.py [--people 100000] [--posts 1000] [--side 316] [--limit 3000]

Prints seconds for: nearest post by air, nearest by road (one run from all posts), the table of every person within the
limit of each post (one bounded tree per post), the full table of every post and person in memory and as a Parquet file,
beside scipy's Dijkstra for the nearest by road.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from hatangso.access.distances import distance_blocks, distances_by_road, pairs_by_road
from hatangso.access.points import Points
from hatangso.access.reach import nearest_by_air, nearest_by_road
from hatangso.access.roads import RoadGraph, build_graph, snap
from hatangso.access.table_file import write_distances


def invent(people: int, posts: int, side: int) -> tuple[Points, Points, RoadGraph]:
    """Return people, posts and a crooked grid of side × side crossings over about 1° × 1°."""
    chance = np.random.default_rng(1)
    row, column = np.divmod(np.arange(side * side), side)
    lon = 107.5 + (column + chance.uniform(-0.3, 0.3, side * side)) / side
    lat = 12.0 + (row + chance.uniform(-0.3, 0.3, side * side)) / side
    right, up = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    first, second = np.concatenate([right, up]), np.concatenate([right + 1, up + side])
    far = np.hypot((lon[first] - lon[second]) * 108_600, (lat[first] - lat[second]) * 110_600)
    graph = build_graph((lon, lat), edges=(first, second), length_m=far * chance.uniform(1, 1.5, len(far)))
    crowd = Points(
        tuple(map(str, range(people))), 107.5 + chance.random(people), 12 + chance.random(people),
        chance.integers(1, 50, people).astype(float),
    )  # fmt: skip
    return (
        crowd,
        Points(tuple(map(str, range(posts))), 107.5 + chance.random(posts), 12 + chance.random(posts)),
        graph,
    )


def wanted_of_us() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--side", type=int, default=316)
    parser.add_argument("--limit", type=float, default=3000.0)
    return parser.parse_args()


def compile_first() -> None:
    small = invent(50, 5, 10)
    nearest_by_road(small[0], points=small[1], graph=small[2])
    pairs_by_road(small[1], people=small[0], graph=small[2], limit_m=1.0)
    distances_by_road(small[1], people=small[0], graph=small[2])
    distances_by_road(invent(2, 70, 10)[1], people=small[0], graph=small[2])


def main() -> None:
    """Time each question."""
    options = wanted_of_us()
    compile_first()
    crowd, posts, graph = invent(options.people, options.posts, options.side)
    print(f"{len(crowd):,} people points, {len(posts):,} posts, {len(graph.target) // 2:,} edges")
    timed("nearest by air", lambda: nearest_by_air(crowd, points=posts))
    near = timed(
        "nearest by road", lambda: nearest_by_road(crowd, points=posts, graph=graph, farthest_snap_m=5000)
    )
    pairs = timed(
        f"pairs within {options.limit:g} m by road",
        lambda: pairs_by_road(posts, people=crowd, graph=graph, limit_m=options.limit),
    )
    print(f"  {len(pairs.distance_m):,} pairs")
    every = timed("every pair by road", lambda: distances_by_road(posts, people=crowd, graph=graph))
    print(f"  {every.size:,} pairs")
    few = timed("every pair, 10 posts by trees", lambda: first_rows(posts, crowd, graph))
    print(f"  largest difference {np.abs(few - every[:10]).max():.2g} m")
    del every
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.parquet"
        blocks = distance_blocks(posts, people=crowd, graph=graph, farthest_snap_m=5000)
        counted = timed("every pair to Parquet", lambda: write_distances(path, blocks, ends=(posts, crowd)))
        print(f"  {counted.pairs:,} pairs, {path.stat().st_size / 1e6:,.0f} MB")
    best = timed("scipy, a tree per post", lambda: by_scipy(posts, crowd, graph))
    print(f"  largest difference to ours {np.abs(best - near.distance_m).max():.2g} m")


def by_scipy(posts: Points, crowd: Points, graph: RoadGraph) -> np.ndarray:
    """Distance of each person to the nearest post, by one tree of scipy's for each post."""
    sparse = csr_matrix((graph.length_m, graph.target, graph.start))
    node, off = snap(posts, graph=graph)
    back, way = snap(crowd, graph=graph)
    best = np.full(len(crowd), np.inf)
    for first in range(0, len(node), 50):
        far = dijkstra(sparse, indices=node[first : first + 50])
        np.minimum(best, (far[:, back] + off[first : first + 50, None]).min(axis=0) + way, out=best)
    return best


def first_rows(posts: Points, crowd: Points, graph: RoadGraph) -> np.ndarray:
    """The first ten rows of the table, by the plain method for few points."""
    ten = Points(posts.ids[:10], posts.longitude[:10], posts.latitude[:10])
    return distances_by_road(ten, people=crowd, graph=graph)


def timed(name: str, work):  # type: ignore[no-untyped-def]
    """Run, print seconds and processor seconds, return the result."""
    started, worked = time.perf_counter(), time.process_time()
    result = work()
    wall, processor = time.perf_counter() - started, time.process_time() - worked
    print(f"{name:36s} {wall:8.2f} s  (processor {processor:.2f} s)", flush=True)
    return result


if __name__ == "__main__":
    main()
