"""Make a covering problem smaller without changing its best answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import njit

from hatangso.siting.problem import SitingProblem

WORTH_ANOTHER_ROUND = 0.98
Matrix = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class ReducedProblem:
    """What is left to decide after fixed, excluded, dominated and identical parts are gone.

    ``matrix`` is (start, demand, share by candidate; start, candidate, share by demand). ``sites`` gives each
    remaining candidate its number in the problem, ``chosen`` the candidates already decided for, ``settled_weight``
    the weight they serve already.
    """

    matrix: Matrix
    sites: np.ndarray
    cost: np.ndarray
    group: np.ndarray
    weight: np.ndarray
    needed: np.ndarray
    must_serve: np.ndarray
    chosen: np.ndarray
    settled_weight: float

    @property
    def pairs(self) -> int:
        """Number of remaining pairs."""
        return len(self.matrix[1])

    @cached_property
    def mates(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the members of each group begin, and the members."""
        grouped = np.flatnonzero(self.group >= 0)
        sizes = np.bincount(self.group[grouped], minlength=int(self.group.max(initial=-1)) + 1)
        return np.concatenate([[0], np.cumsum(sizes)]), grouped[
            np.argsort(self.group[grouped], kind="stable")
        ]

    @cached_property
    def neighbours(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the list of each candidate begins, and the lists: who serves one of its rows or is its mate, itself
        among them."""
        start, demand, _, row_start, candidate, _ = self.matrix
        begin, near = _neighbours(start, demand, row_start, candidate, (self.group, *self.mates))
        return begin, near


def reduce_problem(problem: SitingProblem, *, every_demand: bool, whole_service: bool) -> ReducedProblem:
    """Take out what is decided beforehand.

    Fixed sites are chosen and what they serve is settled; excluded sites and mates of fixed ones go. Demand served
    by the same candidates becomes one row with the weights added. A candidate that serves nothing another, no
    dearer one does not serve goes. When every demand must be served, demand that is served whenever another is
    goes too, and the only candidate of a demand is chosen.

    Parameters
    ----------
    every_demand : full set cover (rows are constraints, weights do not matter)
    whole_service : shares count as service in full; otherwise nothing is merged or dominated

    Source: the classical reductions of set covering (Beasley 1987; Toregas and ReVelle 1972).
    """
    site, place, share = _remaining_pairs(problem)
    needed = problem.needed - _served_counts(problem)
    open_row = needed > 0
    weight = problem.weight * (np.ones(len(needed)) if whole_service else _missed_share(problem))
    settled = float(problem.weight.sum() - weight[open_row].sum())
    sites = np.flatnonzero(_open_sites(problem))
    keep = open_row[place]
    site, place, share = site[keep], place[keep], share[keep]
    rows = np.flatnonzero(open_row)
    row_of = np.full(len(open_row), -1)
    row_of[rows] = np.arange(len(rows))
    site_of = np.full(len(problem.cost), -1)
    site_of[sites] = np.arange(len(sites))
    reduced = ReducedProblem(
        matrix=make_matrix(site_of[site], row_of[place], share, (len(sites), len(rows))),
        sites=sites, cost=problem.cost[sites], group=problem.group[sites], weight=weight[rows],
        needed=needed[rows], must_serve=problem.must_serve[rows],
        chosen=np.flatnonzero(problem.fixed), settled_weight=settled,
    )  # fmt: skip
    if not whole_service:
        return reduced
    plain = bool(np.all(reduced.group < 0) and np.all(reduced.needed <= 1))
    return _neighbours_together(_shrink(reduced, every_demand=every_demand, plain=plain))


def make_matrix(site: np.ndarray, row: np.ndarray, share: np.ndarray, shape: tuple[int, int]) -> Matrix:
    """Return both compressed forms of the pairs, each sorted, for ``shape`` = (candidates, demands)."""
    if not _is_sorted(site, row):
        order = _counted_order(site, _counted_order(row, np.arange(len(row)), shape[1]), shape[0])
        site, row, share = site[order], row[order], share[order]
    site_start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=shape[0]))]).astype(np.int64)
    row_start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=shape[1]))]).astype(np.int64)
    demand, share = row.astype(np.int32), share.astype(np.float64)
    candidate, row_share = _turned(site_start, demand, share, row_start)
    return site_start, demand, share, row_start, candidate, row_share


def keep_sites(reduced: ReducedProblem, kept: np.ndarray) -> ReducedProblem:
    """Return the problem with only the candidates of the mask ``kept`` (rows merged again if service is whole)."""
    whole = bool(np.all(reduced.matrix[2] == 1))
    return _rebuild(reduced, kept, np.ones(len(reduced.weight), bool), reduced.chosen, merge=whole)


def reduce_core(reduced: ReducedProblem, kept: np.ndarray) -> ReducedProblem:
    """Return the full cover among the candidates of the mask ``kept``, reduced again; ``chosen`` holds only what
    this decides."""
    rows = np.ones(len(reduced.weight), bool)
    part = _rebuild(reduced, kept, rows, np.zeros(0, np.int64), merge=True)
    plain = bool(np.all(part.group < 0) and np.all(part.needed <= 1))
    return _shrink(part, every_demand=True, plain=plain)


def _open_sites(problem: SitingProblem) -> np.ndarray:
    taken = np.unique(problem.group[problem.fixed & (problem.group >= 0)])
    return ~problem.fixed & ~problem.excluded & ~np.isin(problem.group, taken)


def _remaining_pairs(problem: SitingProblem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    keep = _open_sites(problem)[site]
    return site[keep], problem.demand[keep], problem.share[keep]


def _served_counts(problem: SitingProblem) -> np.ndarray:
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    whole = problem.fixed[site] & (problem.share >= 1)
    return np.bincount(problem.demand[whole], minlength=len(problem.weight))


def _missed_share(problem: SitingProblem) -> np.ndarray:
    """Return the part of each demand that fixed sites leave unserved: the product of 1 − share."""
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    missed = np.ones(len(problem.weight))
    mine = problem.fixed[site]
    np.multiply.at(missed, problem.demand[mine], 1 - problem.share[mine])
    return missed


def _shrink(reduced: ReducedProblem, *, every_demand: bool, plain: bool) -> ReducedProblem:
    reduced = _rebuild(
        reduced,
        np.diff(reduced.matrix[0]) > 0,
        np.ones(len(reduced.weight), bool),
        reduced.chosen,
        merge=True,
    )
    if not plain:
        return reduced
    for _ in range(20):
        before = reduced.pairs
        start, demand, _, row_start, candidate, _ = reduced.matrix
        kept = ~_dominated_candidates(start, demand, row_start, candidate, reduced.cost)
        if kept.all() and not every_demand:
            break
        rows = np.ones(len(reduced.weight), bool)
        reduced = _rebuild(reduced, kept, rows, reduced.chosen, merge=not every_demand)
        if every_demand:
            start, demand, _, row_start, candidate, _ = reduced.matrix
            rows = ~_implied_demand(start, demand, row_start, candidate)
            reduced = _rebuild(reduced, np.ones(len(reduced.sites), bool), rows, reduced.chosen, merge=False)
            reduced = _choose_essential(reduced)
        if reduced.pairs > WORTH_ANOTHER_ROUND * before:
            break
    return reduced


def _neighbours_together(reduced: ReducedProblem) -> ReducedProblem:
    """Return the problem with rows in an order in which those of the same candidates lie close in memory."""
    start, demand, share, row_start, candidate, _ = reduced.matrix
    filled = np.diff(row_start) > 0
    keys = np.random.default_rng(20).permuted(np.tile(np.arange(len(reduced.sites)), (2, 1)), axis=1)
    least = np.zeros((2, len(filled)), np.int64)
    if filled.any():
        for key, low in zip(keys, least, strict=True):
            low[filled] = np.minimum.reduceat(key[candidate], row_start[:-1][filled])
    order = np.lexsort((least[1], least[0]))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    site = np.repeat(np.arange(len(reduced.sites)), np.diff(start))
    matrix = make_matrix(site, place[demand], share, (len(reduced.sites), len(order)))
    return replace(
        reduced, matrix=matrix, weight=reduced.weight[order], needed=reduced.needed[order],
        must_serve=reduced.must_serve[order],
    )  # fmt: skip


def _choose_essential(reduced: ReducedProblem) -> ReducedProblem:
    start, demand, _, row_start, candidate, _ = reduced.matrix
    single = np.flatnonzero(np.diff(row_start) == 1)
    if not len(single):
        return reduced
    only = np.unique(candidate[row_start[single]])
    rows = np.ones(len(reduced.weight), bool)
    for site in only:
        rows[demand[start[site] : start[site + 1]]] = False
    kept = np.ones(len(reduced.sites), bool)
    kept[only] = False
    return _rebuild(reduced, kept, rows, np.concatenate([reduced.chosen, reduced.sites[only]]), merge=False)


def _rebuild(
    reduced: ReducedProblem, kept: np.ndarray, rows: np.ndarray, chosen: np.ndarray, *, merge: bool
) -> ReducedProblem:
    start, demand, share, *_ = reduced.matrix
    site = np.repeat(np.arange(len(reduced.sites)), np.diff(start))
    use = kept[site] & rows[demand]
    site_of, row_of = np.cumsum(kept) - 1, np.cumsum(rows) - 1
    site, row, share = site_of[site[use]], row_of[demand[use]], share[use]
    weight, needed, must = reduced.weight[rows], reduced.needed[rows], reduced.must_serve[rows]
    if merge and len(weight):
        target, first = _same_rows(site, row, needed, int(kept.sum()))
        must = np.bincount(target, weights=must, minlength=len(first)) > 0
        weight, needed = np.bincount(target, weights=weight, minlength=len(first)), needed[first]
        representative = np.zeros(len(target), bool)
        representative[first] = True
        use = representative[row]
        site, row, share = site[use], target[row[use]], share[use]
    return ReducedProblem(
        matrix=make_matrix(site, row, share, (int(kept.sum()), len(weight))), sites=reduced.sites[kept],
        cost=reduced.cost[kept], group=reduced.group[kept], weight=weight, needed=needed, must_serve=must,
        chosen=chosen, settled_weight=reduced.settled_weight,
    )  # fmt: skip


def _same_rows(
    site: np.ndarray, row: np.ndarray, needed: np.ndarray, sites: int
) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct sets of candidates, in the order they first occur.

    Sets are told apart by two 64-bit sums of random keys (a clash among a million rows: below 1e-26).
    """
    keys = np.random.default_rng(20).integers(1, 2**63, (2, sites), dtype=np.uint64)
    sums = _key_sums(site, row, keys, len(needed))
    order = np.lexsort((sums[1], sums[0], needed))
    ranked = np.stack([sums[0][order], sums[1][order], needed[order].astype(np.uint64)])
    new = np.concatenate([[True], np.any(ranked[:, 1:] != ranked[:, :-1], axis=0)])
    number = np.cumsum(new) - 1
    first = np.full(int(number[-1]) + 1, len(needed))
    np.minimum.at(first, number, order)
    target = np.empty(len(needed), np.int64)
    target[order] = np.argsort(np.argsort(first))[number]
    return target, np.sort(first)


@njit(cache=True, nogil=True)
def _key_sums(site, row, keys, rows):  # type: ignore[no-untyped-def]
    sums = np.zeros((2, rows), np.uint64)
    for e in range(len(site)):
        sums[0, row[e]] += keys[0, site[e]]
        sums[1, row[e]] += keys[1, site[e]]
    return sums


@njit(cache=True, nogil=True)
def _is_sorted(site, row):  # type: ignore[no-untyped-def]
    for e in range(1, len(site)):
        if site[e] < site[e - 1] or (site[e] == site[e - 1] and row[e] <= row[e - 1]):
            return False
    return True


@njit(cache=True, nogil=True)
def _counted_order(key, order, count):  # type: ignore[no-untyped-def]
    """Return ``order`` sorted by key, equals as they were."""
    place = np.zeros(count + 1, np.int64)
    for value in key:
        place[value + 1] += 1
    for value in range(count):
        place[value + 1] += place[value]
    result = np.empty_like(order)
    for number in order:
        result[place[key[number]]] = number
        place[key[number]] += 1
    return result


@njit(cache=True, nogil=True)
def _turned(start, demand, share, row_start):  # type: ignore[no-untyped-def]
    """Return candidates and shares by row, the candidates rising."""
    fill = row_start[:-1].copy()
    candidate, row_share = np.empty(len(demand), np.int32), np.empty(len(demand))
    for j in range(len(start) - 1):
        for e in range(start[j], start[j + 1]):
            at = fill[demand[e]]
            candidate[at], row_share[at] = j, share[e]
            fill[demand[e]] = at + 1
    return candidate, row_share


@njit(cache=True, nogil=True)
def _neighbours(start, demand, row_start, candidate, mates):  # type: ignore[no-untyped-def]
    """Return where the neighbours of each candidate begin, and the neighbours."""
    group, members, member = mates
    seen = np.full(len(start) - 1, -1, np.int64)
    begin = np.zeros(len(start), np.int64)
    near, count = np.empty(1024, np.int32), 0
    for j in range(len(start) - 1):
        if count + len(seen) > len(near):
            near = np.concatenate((near, np.empty(len(near) + len(seen), np.int32)))
        seen[j], near[count] = j, j
        count += 1
        for e in range(start[j], start[j + 1]):
            for k in candidate[row_start[demand[e]] : row_start[demand[e] + 1]]:
                if seen[k] != j:
                    seen[k], near[count] = j, k
                    count += 1
        if group[j] >= 0:
            for k in member[members[group[j]] : members[group[j] + 1]]:
                if seen[k] != j:
                    seen[k], near[count] = j, k
                    count += 1
        begin[j + 1] = count
    return begin, near[:count].copy()


@njit(cache=True, nogil=True)
def _is_inside(inner: np.ndarray, outer: np.ndarray) -> bool:
    at = 0
    for value in inner:
        while at < len(outer) and outer[at] < value:
            at += 1
        if at == len(outer) or outer[at] != value:
            return False
        at += 1
    return True


@njit(cache=True, nogil=True)
def _dominated_candidates(start, demand, row_start, candidate, cost):  # type: ignore[no-untyped-def]
    dominated = np.zeros(len(start) - 1, np.bool_)
    for j in range(len(start) - 1):
        mine = demand[start[j] : start[j + 1]]
        if len(mine) == 0:
            dominated[j] = True
            continue
        rarest = mine[0]
        for i in mine:
            if row_start[i + 1] - row_start[i] < row_start[rarest + 1] - row_start[rarest]:
                rarest = i
        for f in range(row_start[rarest], row_start[rarest + 1]):
            k = candidate[f]
            length = start[k + 1] - start[k]
            if k == j or dominated[k] or cost[k] > cost[j] or length < len(mine):
                continue
            if length == len(mine) and cost[k] == cost[j] and k > j:
                continue
            if _is_inside(mine, demand[start[k] : start[k + 1]]):
                dominated[j] = True
                break
    return dominated


@njit(cache=True, nogil=True)
def _implied_demand(start, demand, row_start, candidate):  # type: ignore[no-untyped-def]
    implied = np.zeros(len(row_start) - 1, np.bool_)
    for r in range(len(row_start) - 1):
        mine = candidate[row_start[r] : row_start[r + 1]]
        if implied[r] or len(mine) == 0:
            continue
        smallest = mine[0]
        for j in mine:
            if start[j + 1] - start[j] < start[smallest + 1] - start[smallest]:
                smallest = j
        for e in range(start[smallest], start[smallest + 1]):
            i = demand[e]
            length = row_start[i + 1] - row_start[i]
            if i == r or implied[i] or length < len(mine) or (length == len(mine) and i < r):
                continue
            if _is_inside(mine, candidate[row_start[i] : row_start[i + 1]]):
                implied[i] = True
    return implied
