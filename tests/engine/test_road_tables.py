"""Whole tables of road distances against a plain shortest path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from hatangso import road_tables
from hatangso.access.roads import build_graph
from hatangso.road_tables import build_hierarchy, fill_table


def tangled(seed: int, *, nodes: int, edges: int):
    """Return a random network with whole lengths: parts apart, loops, parallel roads and points on one another."""
    chance = np.random.default_rng(seed)
    lon, lat = chance.integers(0, 6, nodes) / 100.0, chance.integers(0, 6, nodes) / 100.0
    first, second = chance.integers(0, nodes, edges), chance.integers(0, nodes, edges)
    return build_graph(
        (lon, lat), edges=(first, second), length_m=chance.integers(0, 50, edges).astype(float)
    )


def by_scipy(graph, sources: np.ndarray) -> np.ndarray:
    """Return the distances by scipy, which takes a length of 0 for no road."""
    count = len(graph.start) - 1
    least = np.full((count, count), np.inf)
    rows = np.repeat(np.arange(count), np.diff(graph.start))
    np.minimum.at(least, (rows, graph.target), graph.length_m + 1e-9)
    return dijkstra(csr_matrix(np.where(np.isinf(least), 0, least)), indices=sources)


def table_of(graph, sources: np.ndarray, targets: np.ndarray, *, offset: float = 0.0) -> np.ndarray:
    hierarchy = build_hierarchy(
        graph.longitude, graph.latitude, start=graph.start, target=graph.target, length_m=graph.length_m
    )
    assert hierarchy is not None
    table = np.empty((len(sources), len(targets)), np.float32)
    fill_table(
        hierarchy, sources=(sources, np.full(len(sources), offset)),
        targets=(targets, np.arange(len(targets), dtype=float)), table=table,
    )  # fmt: skip
    return table


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 90))
def test_table_agrees_with_a_plain_shortest_path(seed, nodes, edges):
    graph = tangled(seed, nodes=nodes, edges=edges)
    sources = np.random.default_rng(seed).integers(0, nodes, 21)
    targets = np.arange(nodes)
    assert np.allclose(
        table_of(graph, sources, targets, offset=7.0),
        by_scipy(graph, sources) + 7.0 + np.arange(nodes),
        atol=1e-4,
    )


def test_only_the_asked_targets_are_written():
    graph = build_graph(
        (np.arange(4.0) / 100, np.zeros(4)), edges=(np.arange(3), np.arange(1, 4)), length_m=np.array([5.0, 7.0, 9.0])
    )  # fmt: skip
    assert table_of(graph, np.array([0, 3]), np.array([2])).tolist() == [[12.0], [9.0]]


def test_a_network_too_tangled_is_left_to_the_plain_method(monkeypatch: pytest.MonkeyPatch):
    graph = tangled(1, nodes=60, edges=900)
    monkeypatch.setattr(road_tables, "MOST_WAYS", 100)
    roads = {"start": graph.start, "target": graph.target, "length_m": graph.length_m}
    assert build_hierarchy(graph.longitude, graph.latitude, **roads) is None
