"""Make a covering problem smaller without changing its best answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import njit

from hatangso.siting.problem import SitingProblem

WORTH_ANOTHER_ROUND = 0.98
Matrix = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
# one half of a matrix: where each line begins, what it holds, with what share (left out when every share is 1)
Lines = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class ReducedProblem:
    """What is left to decide after fixed, excluded, dominated and identical parts are gone.

    ``matrix`` is (start, demand, share by candidate; start, candidate, share by demand); when every share is 1,
    both shares are one array. ``sites`` gives each remaining candidate its number in the problem, ``chosen`` the
    candidates already decided for, ``settled_weight`` the weight they serve already.
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

    @property
    def is_whole(self) -> bool:
        """Whether every share is 1."""
        share, row_share = self.matrix[2], self.matrix[5]
        return share is row_share or bool(np.all(share == 1))

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
    needed = problem.needed - _served_counts(problem)
    open_row = needed > 0
    weight = problem.weight * (np.ones(len(needed)) if whole_service else _missed_share(problem))
    everything = ReducedProblem(
        matrix=_both_forms(problem.start, problem.demand, problem.share, len(needed)),
        sites=np.arange(len(problem.cost)), cost=problem.cost, group=problem.group, weight=weight, needed=needed,
        must_serve=problem.must_serve, chosen=np.flatnonzero(problem.fixed),
        settled_weight=float(problem.weight.sum() - weight[open_row].sum()),
    )  # fmt: skip
    reduced = _rebuild(everything, _open_sites(problem), open_row, everything.chosen, merge=whole_service)
    if not whole_service:
        return reduced
    plain = bool(np.all(reduced.group < 0) and np.all(reduced.needed <= 1))
    return _neighbours_together(_shrink(reduced, every_demand=every_demand, plain=plain))


def make_matrix(site: np.ndarray, row: np.ndarray, share: np.ndarray, shape: tuple[int, int]) -> Matrix:
    """Return both compressed forms of the pairs, each sorted, for ``shape`` = (candidates, demands)."""
    start = _starts(site, shape[0])
    if np.any(site[1:] < site[:-1]):
        order = _counted_order(site, start)
        row, share = row[order], share[order]
    return _both_forms(start, row, share, shape[1])


def keep_sites(reduced: ReducedProblem, kept: np.ndarray) -> ReducedProblem:
    """Return the problem with only the candidates of the mask ``kept`` (rows merged again if service is whole)."""
    every_row = np.ones(len(reduced.weight), bool)
    return _rebuild(reduced, kept, every_row, reduced.chosen, merge=reduced.is_whole)


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


def _fixed_pairs(problem: SitingProblem) -> np.ndarray:
    return np.flatnonzero(np.repeat(problem.fixed, np.diff(problem.start)))


def _served_counts(problem: SitingProblem) -> np.ndarray:
    mine = _fixed_pairs(problem)
    whole = mine[problem.share[mine] >= 1]
    return np.bincount(problem.demand[whole], minlength=len(problem.weight))


def _missed_share(problem: SitingProblem) -> np.ndarray:
    """Return the part of each demand that fixed sites leave unserved: the product of 1 − share."""
    mine = _fixed_pairs(problem)
    missed = np.ones(len(problem.weight))
    np.multiply.at(missed, problem.demand[mine], 1 - problem.share[mine])
    return missed


def _shrink(reduced: ReducedProblem, *, every_demand: bool, plain: bool) -> ReducedProblem:
    filled = np.diff(reduced.matrix[0]) > 0
    reduced = _rebuild(reduced, filled, np.ones(len(reduced.weight), bool), reduced.chosen, merge=False)
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
    sites = len(reduced.sites)
    by_site, by_row = _halves(reduced)
    keys = np.random.default_rng(20).permuted(np.tile(np.arange(sites), (2, 1)), axis=1)
    least = _least_keys(*by_row[:2], keys)
    order = np.lexsort((least[1], least[0]))
    by_row = _part(by_row, order, np.arange(sites))
    by_site = (by_site[0], *_turned(by_row, by_site[0]))
    matrix = _joined(by_site, by_row, reduced.matrix[2])
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
    """Return the problem with the candidates and rows of these masks; ``merge``: rows alike become one."""
    by_site, by_row = _halves(reduced)
    sites, number = np.flatnonzero(kept), np.cumsum(rows) - 1
    first = np.flatnonzero(rows)
    merge = merge and len(first) > 0
    if merge:
        number, first = _same_rows(by_site, sites, reduced.needed, rows)
    if len(sites) == len(kept) and len(first) == len(rows):
        return replace(reduced, chosen=chosen)
    must, weight = reduced.must_serve[first], reduced.weight[first]
    if merge:
        must = np.bincount(number[rows], weights=reduced.must_serve[rows], minlength=len(first)) > 0
        weight = np.bincount(number[rows], weights=reduced.weight[rows], minlength=len(first))
    by_site = _part(by_site, sites, _numbers(first, len(rows)))
    by_row = _part(by_row, first, _numbers(sites, len(kept)))
    return ReducedProblem(
        matrix=_joined(by_site, by_row, reduced.matrix[2]), sites=reduced.sites[sites], cost=reduced.cost[sites],
        group=reduced.group[sites], weight=weight, needed=reduced.needed[first], must_serve=must, chosen=chosen,
        settled_weight=reduced.settled_weight,
    )  # fmt: skip


def _same_rows(
    by_site: Lines, sites: np.ndarray, needed: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct sets of candidates among the rows of the mask, in the order they first occur.

    Sets are told apart by two 64-bit sums of random keys (a clash among a million rows: below 1e-26).
    """
    keys = np.random.default_rng(20).integers(1, 2**63, (len(sites), 2), dtype=np.uint64)
    return _numbered(_key_sums(*by_site[:2], sites, keys, len(rows)), needed, rows)


def _numbers(lines: np.ndarray, count: int) -> np.ndarray:
    """Return the place of each of ``count`` lines in ``lines``; -1 = not there."""
    number = np.full(count, -1, np.int32)
    number[lines] = np.arange(len(lines))
    return number


def _both_forms(start: np.ndarray, demand: np.ndarray, share: np.ndarray, rows: int) -> Matrix:
    """Return both compressed forms, sorted, of pairs given by candidate."""
    start = np.require(start, np.int64, ("C", "W"))
    demand = np.require(demand, np.int32, ("C", "W"))
    share = np.require(share, np.float64, ("C", "W"))
    by_site, row_start = (start, demand, share[:0] if np.all(share == 1) else share), _starts(demand, rows)
    by_row = (row_start, *_turned(by_site, row_start))
    if not _is_sorted(start, demand):
        by_site = (start, *_turned(by_row, start))
    return _joined(by_site, by_row, share)


def _halves(reduced: ReducedProblem) -> tuple[Lines, Lines]:
    """Return what each candidate serves and who serves each row, without shares when every share is 1."""
    start, demand, share, row_start, candidate, row_share = reduced.matrix
    most = 0 if reduced.is_whole else len(share)
    return (start, demand, share[:most]), (row_start, candidate, row_share[:most])


def _joined(by_site: Lines, by_row: Lines, share: np.ndarray) -> Matrix:
    """Return the matrix of both halves; where they leave out the shares, ``share`` begins with enough ones."""
    pairs = len(by_site[1])
    if len(by_site[2]) == pairs:
        return (*by_site, *by_row)
    ones = share[:pairs]
    return (*by_site[:2], ones, *by_row[:2], ones)


@njit(cache=True, nogil=True)
def _starts(line, count):  # type: ignore[no-untyped-def]
    """Return where each of ``count`` lines begins, given the line of every pair."""
    start = np.zeros(count + 1, np.int64)
    for value in line:
        start[value + 1] += 1
    return np.cumsum(start)


@njit(cache=True, nogil=True)
def _part(lines, which, number):  # type: ignore[no-untyped-def]
    """Return the lines ``which``, what they hold renumbered; what has the number -1 goes."""
    start, index, share = lines
    begin, most = np.zeros(len(which) + 1, np.int64), 0
    for line in which:
        most += start[line + 1] - start[line]
    held, part = np.empty(most, np.int32), np.empty(min(most, len(share)))
    count = 0
    for place, line in enumerate(which):
        for e in range(start[line], start[line + 1]):
            held[count] = number[index[e]]
            if len(share):
                part[count] = share[e]
            count += number[index[e]] >= 0
        begin[place + 1] = count
    return begin, held[:count], part[:count]


@njit(cache=True, nogil=True)
def _turned(lines, other_start):  # type: ignore[no-untyped-def]
    """Return what the other half holds, rising, and its shares."""
    start, index, share = lines
    fill = other_start[:-1].copy()
    held, part = np.empty(len(index), np.int32), np.empty(len(share))
    for line in range(len(start) - 1):
        for e in range(start[line], start[line + 1]):
            at = fill[index[e]]
            held[at] = line
            if len(share):
                part[at] = share[e]
            fill[index[e]] = at + 1
    return held, part


@njit(cache=True, nogil=True)
def _key_sums(start, demand, sites, keys, rows):  # type: ignore[no-untyped-def]
    sums = np.zeros((rows, 2), np.uint64)
    for place, j in enumerate(sites):
        for i in demand[start[j] : start[j + 1]]:
            sums[i, 0] += keys[place, 0]
            sums[i, 1] += keys[place, 1]
    return sums


@njit(cache=True, nogil=True)
def _numbered(sums, needed, rows):  # type: ignore[no-untyped-def]
    """Number the distinct (sums, needed) among the rows of the mask; return the numbers and where each first is."""
    mask = 1
    while mask < 2 * len(rows):
        mask *= 2
    mask -= 1
    table = np.full(mask + 1, -1, np.int32)
    number, first, count = np.full(len(rows), -1, np.int32), np.empty(len(rows), np.int64), 0
    for i in np.flatnonzero(rows):
        slot = np.int64(sums[i, 0]) & mask
        while table[slot] >= 0:
            k = first[table[slot]]
            if sums[k, 0] == sums[i, 0] and sums[k, 1] == sums[i, 1] and needed[k] == needed[i]:
                break
            slot = (slot + 1) & mask
        if table[slot] < 0:
            table[slot], first[count] = count, i
            count += 1
        number[i] = table[slot]
    return number, first[:count]


@njit(cache=True, nogil=True)
def _least_keys(row_start, candidate, keys):  # type: ignore[no-untyped-def]
    """Return the least of each of the two keys among the candidates of each row; 0 where there are none."""
    least = np.zeros((2, len(row_start) - 1), np.int64)
    for i in range(len(row_start) - 1):
        mine = candidate[row_start[i] : row_start[i + 1]]
        if len(mine):
            low, other = keys[0, mine[0]], keys[1, mine[0]]
            for j in mine:
                low, other = min(low, keys[0, j]), min(other, keys[1, j])
            least[0, i], least[1, i] = low, other
    return least


@njit(cache=True, nogil=True)
def _is_sorted(start, demand):  # type: ignore[no-untyped-def]
    for j in range(len(start) - 1):
        for e in range(start[j] + 1, start[j + 1]):
            if demand[e] <= demand[e - 1]:
                return False
    return True


@njit(cache=True, nogil=True)
def _counted_order(line, start):  # type: ignore[no-untyped-def]
    """Return the order of the pairs by line, within a line as they were."""
    fill, order = start[:-1].copy(), np.empty(len(line), np.int64)
    for e in range(len(line)):
        order[fill[line[e]]] = e
        fill[line[e]] += 1
    return order


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
def _signs(start, index):  # type: ignore[no-untyped-def]
    """Return 128 bits for each line, set by what it holds: a line inside another has no bit the other has not."""
    signs = np.zeros((len(start) - 1, 2), np.uint64)
    for line in range(len(start) - 1):
        for held in index[start[line] : start[line + 1]]:
            signs[line, held >> 6 & 1] |= np.uint64(1) << np.uint64(held & 63)
    return signs


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
    implied, signs = np.zeros(len(row_start) - 1, np.bool_), _signs(row_start, candidate)
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
            if signs[r, 0] & ~signs[i, 0] or signs[r, 1] & ~signs[i, 1]:
                continue
            if _is_inside(mine, candidate[row_start[i] : row_start[i + 1]]):
                implied[i] = True
    return implied
