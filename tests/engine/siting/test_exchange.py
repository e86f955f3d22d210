"""Exchanging keeps the same covers and scores as dropping and choosing; its table is what would be counted anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hatangso.siting import exchange as compiled
from hatangso.siting.exchange import _add, _draw, _drop, _exchange, exchange, new_memory
from hatangso.siting.problem import problem_from_arrays
from hatangso.siting.reductions import reduce_problem
from hatangso.siting.search import PLAIN, first_scores, new_state, turn

# five villages of 10, 20, 30, 40, 50 people; site j sees villages j and j + 1
LINE = problem_from_arrays(
    np.array([0, 2, 4, 6, 8]), demand=np.array([0, 1, 1, 2, 2, 3, 3, 4]), weight=np.arange(10.0, 60, 10)
)


def scattered():
    chance = np.random.default_rng(7)
    reach = chance.random((40, 150)) < 0.06
    reach[chance.integers(0, 40, 150), np.arange(150)] = True
    return problem_from_arrays(
        np.concatenate([[0], np.cumsum(reach.sum(axis=1))]), demand=np.nonzero(reach)[1],
        weight=chance.integers(1, 90, 150), cost=chance.integers(1, 6, 40).astype(float),
    )  # fmt: skip


def part_of(problem):
    return reduce_problem(problem, every_demand=False, whole_service=True)


def begun(part, chosen):
    state = new_state(part.matrix, part.weight, seed=3, groups=1)
    first_scores(part.matrix, part.needed, state, 0.3, False)
    for j in chosen:
        turn(j, part.matrix, part.needed, part.cost, part.group, state, 0.3, PLAIN)
    state[17][2] = served(part, state[0])
    return state


def served(part, flags):
    site = np.repeat(np.arange(len(part.sites)), np.diff(part.matrix[0]))
    return part.weight[np.unique(part.matrix[1][flags[site]])].sum()


def remember(part, state, monkeypatch, *, table=True, room=40.0):
    monkeypatch.setattr(compiled, "MOST_CELLS", 10**6 if table else 0)
    memory = new_memory(part, state, room=room, price=0.0)
    assert (len(memory.table) > 1) == table
    return memory


@pytest.mark.parametrize("table", [True, False])
def test_exchange_drop_and_choice_keep_covers_scores_and_table(table, monkeypatch):
    part = part_of(scattered())
    chance = np.random.default_rng(5)
    chosen = chance.choice(len(part.sites), 8, replace=False)
    one, two = begun(part, chosen), begun(part, chosen)
    memory = remember(part, one, monkeypatch, table=table)
    for number in range(90):
        count = int(one[17][0])
        j = int(one[5][chance.integers(count)])
        k = int(chance.choice(np.flatnonzero(~one[0])))
        if number % 3 == 0:
            compiled._fill(j, part.matrix, one, lifted := np.zeros(len(part.sites)))
            gain = one[3][k] + lifted[k]
            one[17][1] += part.cost[k] - part.cost[j]
            _exchange(j, k, lifted[k], part.matrix, one, memory)
            flipped = (j, k)
        elif number % 3 == 1:
            _drop(j, part.cost, part.matrix, one, memory)
            flipped, gain = (j,), None
        else:
            _add(k, part.cost, part.matrix, one, memory)
            flipped, gain = (k,), None
        for site in flipped:
            turn(site, part.matrix, part.needed, part.cost, part.group, two, 0.3, PLAIN)
        assert gain is None or gain == pytest.approx(two[3][k])
        for part_of_state in (0, 1, 2, 3):
            assert np.allclose(one[part_of_state], two[part_of_state])
        assert one[17][:2] == pytest.approx([two[0].sum(), part.cost[two[0]].sum()])
        fresh = new_memory(part, one, room=40.0, price=0.0)
        used = int(one[17][0]) if table else 0
        assert np.allclose(memory.table[:used], fresh.table[:used])
        assert np.array_equal(memory.bar, fresh.bar)
        assert memory.free[0] == pytest.approx(fresh.free[0])
        assert not memory.stamp.any()


def test_neighbours_are_drawn_as_all_are(monkeypatch):
    part = part_of(scattered())
    state = begun(part, np.random.default_rng(5).choice(len(part.sites), 8, replace=False))
    memory = remember(part, state, monkeypatch)
    others_matter = set()
    for heat in (0.5, 3.0, 1000.0):
        for place in range(8):
            j = int(state[5][place])
            lifted = memory.table[place].copy()
            lifted[j] = 0.0
            compiled._bar(j, False, memory)
            worth = np.where(part.cost <= 6, state[3] + lifted - memory.bar, -np.inf)
            floor = worth.max() - compiled.HEATS * heat
            near = memory.near[memory.near_begin[j] : memory.near_begin[j + 1]]
            open_to = np.flatnonzero((worth >= floor) & (state[3] + lifted > 0))
            drawn = {int(_draw(j, state, lifted, memory, part.cost, (6.0, heat))) for _ in range(4000)}
            assert drawn <= set(open_to)
            if heat > 100:
                assert drawn == set(open_to)
            others_matter.add(bool(set(open_to) - set(near)))
            compiled._bar(j, True, memory)
    assert others_matter == {True, False}


def test_how_often_each_is_drawn_follows_its_worth(monkeypatch):
    part = part_of(scattered())
    state = begun(part, np.random.default_rng(5).choice(len(part.sites), 8, replace=False))
    memory = remember(part, state, monkeypatch)
    j = int(state[5][3])
    lifted = memory.table[3].copy()
    lifted[j] = 0.0
    compiled._bar(j, False, memory)
    heat = 30.0
    worth = np.where((part.cost <= 6) & (state[3] + lifted > 0), state[3] + lifted - memory.bar, -np.inf)
    chance = np.exp((worth - worth.max()) / heat)
    chance /= chance.sum()
    count = 40_000
    drawn = np.bincount(
        [_draw(j, state, lifted, memory, part.cost, (6.0, heat)) for _ in range(count)], minlength=len(worth)
    )
    assert np.all(np.abs(drawn / count - chance) < 5 * np.sqrt(chance / count) + 1e-3)


def test_mates_of_a_chosen_site_are_out_of_reach_until_it_leaves(monkeypatch):
    part = part_of(scattered())
    part = replace(part, group=np.where(np.arange(len(part.sites)) < 9, np.arange(len(part.sites)) // 3, -1))
    state = begun(part, [0, 4])
    memory = remember(part, state, monkeypatch)
    barred = memory.bar >= compiled.CLOSED
    assert np.flatnonzero(barred).tolist() == [0, 1, 2, 3, 4, 5]
    _drop(0, part.cost, part.matrix, state, memory)
    assert np.flatnonzero(memory.bar >= compiled.CLOSED).tolist() == [3, 4, 5]
    exchange(part.matrix, part.cost, state, memory, (25.0, 60.0, 6.0, 1e9), (0, 500, 500))
    mates = part.group[state[8]]
    assert state[8].sum() > 2
    assert len(mates[mates >= 0]) == len(set(mates[mates >= 0]))


def test_neighbours_serve_a_common_row_or_are_mates():
    part = part_of(scattered())
    part = replace(part, group=np.where(np.arange(len(part.sites)) < 6, 0, -1))
    covered = np.zeros((len(part.sites), len(part.weight)), bool)
    covered[np.repeat(np.arange(len(part.sites)), np.diff(part.matrix[0])), part.matrix[1]] = True
    near = (covered.astype(int) @ covered.T) > 0
    near[:6, :6] = True
    begin, member = part.neighbours
    for j in range(len(part.sites)):
        assert sorted(member[begin[j] : begin[j + 1]]) == np.flatnonzero(near[j]).tolist()


@pytest.mark.parametrize("room", [3.0, 11.0])
def test_wandering_keeps_within_the_money_and_counts_truly(room, monkeypatch):
    part = part_of(scattered())
    state = begun(part, [])
    memory = remember(part, state, monkeypatch, room=room)
    met = exchange(part.matrix, part.cost, state, memory, (room, 30.0, 3.0, 1e9), (0, 400, 400))
    assert not met
    assert part.cost[state[8]].sum() <= room
    assert state[17][1] == part.cost[state[0]].sum() <= room
    assert state[17][2] == served(part, state[8]) > 0


def test_all_five_villages_end_the_wandering(monkeypatch):
    part = part_of(LINE)
    state = begun(part, [])
    memory = remember(part, state, monkeypatch, room=3.0)
    assert exchange(part.matrix, part.cost, state, memory, (3.0, 9.0, 1.0, 150.0), (0, 50, 50))
    assert served(part, state[8]) == 150
