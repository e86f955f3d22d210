"""Make of two choices one that is at least as good as either: where they differ apart, take the better of each place.

Candidates in which the two choices differ belong together when they serve a demand that the candidates of both do not
serve already, or are mates of one group. What falls apart so can be exchanged piece by piece, and the gains add up; the
best pieces within the budget are a knapsack.

Source: the partition crossover of the travelling salesman problem (Whitley, Hains and Howe 2009), here for covering.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hatangso.siting.reductions import ReducedProblem

MOST_MIXTURES = 2000


@dataclass(frozen=True)
class _Piece:
    """Exchange ``leaving`` for ``entering``: what that gains, and what it costs more."""

    gain: float
    dearer: float
    leaving: np.ndarray
    entering: np.ndarray


def splice(
    reduced: ReducedProblem, first: np.ndarray, second: np.ndarray, *, weight: np.ndarray, room: float
) -> np.ndarray:
    """Return flags that serve no less weight than ``first`` and, where it fits the money, than ``second``.

    Parameters
    ----------
    first, second : flags over the candidates, ``first`` within the money
    weight : weight of each row; a row counts whole when it has the covers it needs
    room : money for the choice
    """
    differing = np.flatnonzero(first != second)
    if not len(differing):
        return first
    common = _covers(reduced, np.flatnonzero(first & second))
    label = _pieces(reduced, differing, common >= reduced.needed)
    pieces = []
    for number in range(int(label.max()) + 1):
        members = differing[label == number]
        leaving, entering = members[first[members]], members[second[members]]
        lost, won = (
            float(weight[(common + _covers(reduced, sites)) >= reduced.needed].sum())
            for sites in (leaving, entering)
        )
        dearer = float(reduced.cost[entering].sum() - reduced.cost[leaving].sum())
        pieces.append(_Piece(won - lost, dearer, leaving, entering))
    result = first.copy()
    for number in _best_mixture(pieces, room - float(reduced.cost[first].sum())):
        result[pieces[number].leaving], result[pieces[number].entering] = False, True
    return result


def _covers(reduced: ReducedProblem, sites: np.ndarray) -> np.ndarray:
    """Return how many of these candidates serve each row."""
    return np.asarray(_count_covers(reduced.matrix[0], reduced.matrix[1], sites, len(reduced.weight)))


@njit(cache=True, nogil=True)
def _count_covers(start, demand, sites, rows):  # type: ignore[no-untyped-def]
    covers = np.zeros(rows, np.int64)
    for j in sites:
        for e in range(start[j], start[j + 1]):
            covers[demand[e]] += 1
    return covers


def _pieces(reduced: ReducedProblem, differing: np.ndarray, settled: np.ndarray) -> np.ndarray:
    """Number the pieces into which the differing candidates fall."""
    row_of, site_of = _open_pairs(reduced.matrix[0], reduced.matrix[1], differing, settled)
    rows = len(settled)
    grouped = np.flatnonzero(reduced.group[differing] >= 0)
    row_of = np.concatenate([row_of, rows + reduced.group[differing[grouped]]])
    site_of = np.concatenate([site_of, grouped])
    size = len(differing) + rows + int(reduced.group.max(initial=-1)) + 1
    links = coo_matrix((np.ones(len(row_of)), (site_of, len(differing) + row_of)), shape=(size, size))
    label = connected_components(links, directed=False)[1][: len(differing)]
    return np.unique(label, return_inverse=True)[1]


@njit(cache=True, nogil=True)
def _open_pairs(start, demand, differing, settled):  # type: ignore[no-untyped-def]
    """Return row and place in ``differing`` of every pair whose row is not settled."""
    pairs = 0
    for j in differing:
        pairs += start[j + 1] - start[j]
    row_of, site_of, count = np.empty(pairs, np.int64), np.empty(pairs, np.int64), 0
    for place in range(len(differing)):
        for e in range(start[differing[place]], start[differing[place] + 1]):
            if not settled[demand[e]]:
                row_of[count], site_of[count] = demand[e], place
                count += 1
    return row_of[:count], site_of[:count]


def _best_mixture(pieces: list[_Piece], money: float) -> tuple[int, ...]:
    """Return which pieces to exchange for the greatest gain with no more than ``money`` spent in the end.

    Of very many mixtures with different costs only those that gain most are followed.
    """
    mixtures: dict[float, tuple[float, tuple[int, ...]]] = {0.0: (0.0, ())}
    for number, piece in enumerate(pieces):
        for spent, (gain, taken) in list(mixtures.items()):
            dearer = round(spent + piece.dearer, 6)
            if dearer not in mixtures or gain + piece.gain > mixtures[dearer][0]:
                mixtures[dearer] = (gain + piece.gain, (*taken, number))
        if len(mixtures) > MOST_MIXTURES:
            most = sorted(mixtures.items(), key=lambda one: (-one[1][0], one[0]))[:MOST_MIXTURES]
            mixtures = dict(most)
    fitting = [mixture for spent, mixture in mixtures.items() if spent <= money + 1e-6]
    return max([(0.0, ()), *fitting], key=lambda mixture: (mixture[0], -len(mixture[1])))[1]
