"""Parts of a covering problem, and its two compressed forms, on numbers one can check in the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hatangso.siting.problem import problem_from_arrays
from hatangso.siting.reductions import keep_sites, make_matrix, reduce_problem


def three_sites():
    """Return sites serving the villages {2, 0}, {1, 2}, {3, 0}, of weights 1, 2, 4, 8, at costs that rise."""
    return problem_from_arrays(
        np.array([0, 2, 4, 6]), demand=np.array([2, 0, 1, 2, 3, 0]), weight=np.array([1, 2, 4, 8]),
        cost=np.array([1, 2, 3]),
    )  # fmt: skip


def served(part):
    """Return what each candidate serves, as weights, and who serves each row."""
    start, demand, _, row_start, candidate, _ = part.matrix
    by_site = [
        sorted(part.weight[i] for i in demand[start[j] : start[j + 1]]) for j in range(len(part.sites))
    ]
    by_row = [
        (part.weight[i], candidate[row_start[i] : row_start[i + 1]].tolist()) for i in range(len(part.weight))
    ]
    return by_site, sorted(by_row)


def test_pairs_in_any_order_give_both_forms_sorted():
    site, row = np.array([1, 0, 1, 0]), np.array([2, 1, 0, 0])
    start, demand, share, row_start, candidate, row_share = make_matrix(
        site, row, np.array([0.2, 0.3, 0.4, 0.5]), (3, 3)
    )
    assert start.tolist() == [0, 2, 4, 4]
    assert demand.tolist() == [0, 1, 0, 2]
    assert share.tolist() == [0.5, 0.3, 0.4, 0.2]
    assert row_start.tolist() == [0, 2, 3, 4]
    assert candidate.tolist() == [0, 1, 0, 1]
    assert row_share.tolist() == [0.5, 0.4, 0.3, 0.2]


def test_villages_served_by_the_same_of_the_kept_sites_become_one():
    whole = reduce_problem(three_sites(), every_demand=False, whole_service=True)
    by_site, by_row = served(whole)
    assert by_site == [[1, 4], [2, 4], [1, 8]]
    assert by_row == [(1, [0, 2]), (2, [1]), (4, [0, 1]), (8, [2])]
    by_site, by_row = served(keep_sites(whole, np.array([True, False, True])))
    assert by_site == [[1, 4], [1, 8]]
    assert by_row == [(1, [0, 1]), (2, []), (4, [0]), (8, [1])]
    by_site, by_row = served(keep_sites(whole, np.array([False, True, False])))
    assert by_site == [[6]]
    assert by_row == [(6, [0]), (9, [])]


def test_service_in_part_is_never_merged_and_keeps_its_shares():
    half = replace(three_sites(), share=np.array([0.5, 1, 1, 0.25, 1, 1]))
    whole = reduce_problem(half, every_demand=False, whole_service=False)
    assert not whole.is_whole
    part = keep_sites(whole, np.array([False, True, False]))
    assert part.weight.tolist() == [1, 2, 4, 8]
    assert part.matrix[2].tolist() == [1, 0.25]
    assert part.matrix[3].tolist() == [0, 0, 1, 2, 2]
    assert part.matrix[5].tolist() == [1, 0.25]
    again = keep_sites(keep_sites(whole, np.array([False, False, True])), np.array([True]))
    assert again.is_whole
    assert sorted(again.weight) == [6, 9]


def test_what_a_fixed_site_serves_is_settled():
    fixed = replace(three_sites(), fixed=np.array([True, False, False]))
    part = reduce_problem(fixed, every_demand=False, whole_service=True)
    assert part.settled_weight == 5
    assert part.chosen.tolist() == [0]
    assert served(part) == ([[2], [8]], [(2, [0]), (8, [1])])
