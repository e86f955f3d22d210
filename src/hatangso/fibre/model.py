"""The graph a plan is sought in: the network with a super source before the sources and a twin behind each place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from hatangso.fibre.branches import root_tree
from hatangso.fibre.capacity import Supply
from hatangso.fibre.costs import FibreCosts
from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.network import Network
from hatangso.fibre.paths import cheapest_ways
from hatangso.fibre.places import Needs


@dataclass(frozen=True)
class Model:
    """The network with a super source (``root``) before the sources and a twin behind each place.

    The edge to a source costs its port, the edge to a twin the equipment of the place.

    twins : int64 (k,), node of each place's twin, -1 when it cannot be joined
    edges : of the network; the model's further edges come behind
    """

    graph: Graph
    root: int
    twins: np.ndarray
    edges: int

    def terminals(self) -> np.ndarray:
        """Return the twins of all places that can be joined, and the root."""
        return np.append(self.twins[self.twins >= 0], self.root)

    def joined(self, tree: np.ndarray) -> np.ndarray:
        """Return the numbers of the places a tree (bool (m,)) joins with the root."""
        inside = root_tree(self.graph, tree, self.root)
        return np.flatnonzero((self.twins >= 0) & (inside.up[np.maximum(self.twins, 0)] >= 0))

    def demand(self, needs: Needs, joined: np.ndarray) -> np.ndarray:
        """Return the fibres wanted at each node by the places joined, float64 (n,)."""
        wanted = np.zeros(self.graph.nodes)
        np.add.at(wanted, self.twins[joined], needs.fibres[joined].astype(float))
        return wanted

    def twice(self, network: Network) -> np.ndarray:
        """Return which edges both ways of a key site may use, bool (m,): a source has two entrances."""
        at_source = np.isin(network.graph.tail, network.sources) | np.isin(
            network.graph.head, network.sources
        )
        marked = np.zeros(self.graph.edges, np.bool_)
        marked[: self.edges] = at_source & (network.carrier == "drop")
        marked[self.graph.tail == self.root] = True
        return marked


def costs_with_joints(model: Model, joint: float) -> np.ndarray:
    """Return what an arc costs at least when joints are paid for too, float64 (2m,), used away from the root.

    A node of d ways where the tree leaves by k ≥ 2 needs a joint: joint ≥ κ (k − 1), κ = joint / (d − 2). So each arc
    out of the node may bear κ and the one into it be relieved of κ; a node with two ways only passes on, whatever its κ.
    That no arc costs less than nothing, κ is lowered to what differs between neighbours by no more than their edge.
    """
    graph, nodes = model.graph, model.graph.nodes
    ways = np.diff(graph.first)
    ends = np.concatenate([graph.tail[: model.edges], graph.head[: model.edges]])
    laid = np.bincount(ends, minlength=nodes)
    most = np.where(laid == ways, joint / np.maximum(ways - 2, 1), 0.0)
    most[model.root], most[model.twins[model.twins >= 0]] = 0.0, 0.0
    fixed = np.flatnonzero((ways != 2) | (most == 0.0) & (laid == 0))
    whole = make_graph(
        nodes + 1,
        np.append(graph.tail, np.full(len(fixed), nodes)),
        np.append(graph.head, fixed),
        np.append(graph.cost, most[fixed]),
    )
    share, _ = cheapest_ways(whole, np.array([nodes]))
    share = np.where(np.isfinite(share), share, 0.0)
    ends = graph.ends()
    tails = ends[np.arange(2 * graph.edges) ^ 1]
    return np.maximum(np.repeat(graph.cost, 2) + share[tails] - share[ends], 0.0)


def make_model(network: Network, needs: Needs, costs: FibreCosts) -> Model:
    """Put the super source and the twins to a network."""
    graph, nodes = network.graph, network.graph.nodes
    usable = np.unique(network.sources[network.sources >= 0])
    root = nodes
    places = np.flatnonzero(network.places >= 0)
    twins = np.full(len(network.places), -1, np.int64)
    twins[places] = nodes + 1 + np.arange(len(places))
    equipment = np.array(
        [
            costs.nodes.get("place", 0.0)
            + sum(number * costs.splitters[size] for size, number in needs.splitters[place].items())
            for place in places
        ]
    )
    opening = np.full(len(usable), costs.nodes.get("source", 0.0))
    whole = make_graph(
        nodes + 1 + len(places),
        np.concatenate([graph.tail, np.full(len(usable), root), network.places[places]]),
        np.concatenate([graph.head, usable, twins[places]]),
        np.concatenate([graph.cost, opening, equipment]),
    )
    return Model(whole, root, twins, graph.edges)


def supply_of(network: Network, sources: pl.DataFrame, model: Model) -> Supply:
    """Sources that stand on the same node lend their fibres together; an empty cell is no limit."""
    spare = sources["spare_fibres"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    nodes = np.unique(network.sources[network.sources >= 0])
    together = np.array([spare[network.sources == node].sum() for node in nodes])
    names = sources["name"].to_list()
    called = [" và ".join(names[row] for row in np.flatnonzero(network.sources == node)) for node in nodes]
    return Supply(model.root, nodes, together, tuple(called))


def foot_of(network: Network, node: int) -> int:
    """Return the node on the line from which the drop to a place leaves."""
    graph = network.graph
    arcs = graph.arcs[graph.first[node] : graph.first[node + 1]]
    drops = [int(arc) for arc in arcs if network.carrier[arc >> 1] == "drop"]
    return int(graph.ends()[drops[0]]) if drops else node
