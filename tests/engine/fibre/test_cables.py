import numpy as np
import pytest

from hatangso.fibre.cables import Cables, find_shortages
from hatangso.fibre.costs import read_costs
from hatangso.fibre.lines import join_lines, make_lines
from hatangso.fibre.network import build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.plan import plan_fibre
from tests.engine.fibre.small_maps import line, places_table, sources_table

COSTS = read_costs()
SOURCES = sources_table(("N", 0.0, 0.0, None))
PLACES = places_table(("A", 4.0, 0.1, 40), ("B", 8.0, 0.1, 40))  # two fibres each


def _planned(spare):
    cable = make_lines([line((0, 0), (10, 0))], carrier="cable", spare_fibres=spare)
    network = build_network(
        join_lines([cable]), sources=spots_of(SOURCES), places=spots_of(PLACES), costs=COSTS
    )
    return plan_fibre(network, sources=SOURCES, places=PLACES, costs=COSTS)


def test_stretches_that_lack_fibres_are_laid_beside_at_their_length():
    # Edges 0 and 1 run along cable 0, which has 5 fibres; edge 2 along cable 1, of which nothing is known.
    cables = Cables(np.array([0, 0, 1, -1]), ("'X'", "'Y'"), np.array([5.0, np.nan]))
    carried = np.array([20.0, 4.0, 90.0, 90.0])
    (short,) = find_shortages(cables, carried, length_m=np.array([100.0, 50.0, 30.0, 20.0]), costs=COSTS)
    assert (short.cable, short.spare, short.needed, short.missing, short.length_m) == (
        "'X'",
        5,
        20,
        15,
        100.0,
    )
    _, price = COSTS.cheapest_method("road", "unknown", methods=("new_poles", "trench", "micro_trench"))
    assert short.cost_vnd == pytest.approx(100.0 * (price + COSTS.cables[24]))  # 15 fibres in a cable of 24


def test_a_plan_pays_for_what_its_cables_lack_and_names_them():
    enough, short = _planned(4), _planned(3)
    assert enough.shortages == []
    assert not any("cáp" in note for note in enough.notes)
    (lack,) = short.shortages
    assert (lack.needed, lack.spare, lack.missing) == (4, 3, 1)
    assert lack.length_m == pytest.approx(4 * 111.3, rel=0.01)  # up to A; beyond it two fibres do
    assert short.cost_vnd - enough.cost_vnd == pytest.approx(lack.cost_vnd)
    assert any("thiếu 1 sợi" in note and "đường 1" in note for note in short.notes)


def test_cables_of_unknown_fibres_are_assumed_to_have_enough_and_it_is_said():
    plan = _planned(None)
    assert plan.shortages == []
    assert any("Giả định" in note and "đường 1" in note for note in plan.notes)
