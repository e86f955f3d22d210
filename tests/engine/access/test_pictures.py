"""The reach of service points as a map."""

import numpy as np

from hatangso.access.pictures import draw_reach_layers, road_layers
from hatangso.maps.drawing import draw_map
from hatangso.maps.layers import LineLayer, MapSheet
from tests.engine.access.small_roads import at, road

SHEET = MapSheet("Tầm phục vụ", "số liệu thử")


def test_people_are_drawn_by_radius_over_the_roads():
    people = at(0.2, 0.3, 0.9, 2.5, 9, 12, people=10)
    distance = np.array([200.0, 300.0, 900.0, 2500.0, 9000.0, np.inf])
    layers = draw_reach_layers(people, points=at(0), distance_m=distance, graph=road(0, 5, 12))
    assert [layer.legend for layer in layers] == [
        "đường", "dân cư ngoài 3 km (2)", "dân cư hơn 1 km đến 3 km (1)", "dân cư hơn 0,5 km đến 1 km (1)",
        "dân cư đến 0,5 km (2)", "điểm phục vụ (1)",
    ]  # fmt: skip
    assert len({layer.shape for layer in layers[1:]}) == 5
    assert 'stroke="#b8b8b8"' in draw_map(layers, sheet=SHEET)


def test_no_roads_and_too_many_roads_give_no_ground(monkeypatch):
    assert road_layers(None) == []
    assert isinstance(road_layers(road(0, 1, 2))[0], LineLayer)
    monkeypatch.setattr("hatangso.access.pictures.MOST_ROADS", 1)
    assert road_layers(road(0, 1, 2)) == []


def test_a_great_crowd_is_drawn_in_cells(monkeypatch):
    monkeypatch.setattr("hatangso.access.pictures.MOST_POINTS", 2)
    people = at(0.2, 0.3, 5, people=10)
    layers = draw_reach_layers(people, points=at(0), distance_m=np.array([200.0, 300.0, 5000.0]), graph=None)
    assert layers[-1].legend == "điểm phục vụ (1)"
