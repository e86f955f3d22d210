"""Bóng của một dãy núi (The shadow of a ridge)

Đất bằng phẳng. Cột anten đứng trên nóc tòa nhà, đỉnh anten cao 100 m. Cách 2 km về phía đông có một dãy núi cao 300 m
chạy bắc nam. Người đứng dưới đất sau núi không thấy đỉnh cột. Vẽ một đường thẳng từ đỉnh cột chạm đỉnh núi rồi kéo dài:
đường ấy đi lên, nên mọi chỗ trên mặt đất sau núi đều nằm dưới nó, tức là trong bóng.

Trước núi sáng, trên đỉnh sáng, sau núi tối; càng sát chân núi càng tối, ra xa thì bớt tối dần nhưng không sáng lại, vì
sóng chỉ bẻ cong qua đỉnh. Cách hay gặp và sai: chỉ tính theo khoảng cách, khi đó sau núi chỉ yếu đi vài dB.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from hatangso.radio.area import Mast, Sweep, area_loss
from hatangso.radio.formulas import Conditions
from hatangso.radio.grid import Grid

CELL_DEG = 1 / 3600
KM_PER_CELL = CELL_DEG * math.radians(1) * 6371 * math.cos(math.radians(16))
RIDGE_KM = 2.0


@pytest.fixture(scope="module")
def shadow() -> tuple[np.ndarray, np.ndarray]:
    """Loss beyond free space over a plain with a ridge, and without: rows to the north, 260 columns to the east."""
    plain = np.zeros((81, 260), dtype=np.float32)
    ridge = plain.copy()
    for back, height in ((2, 292), (1, 296), (0, 300)):  # rises to the east as steeply as the sight line
        ridge[:, _column(RIDGE_KM) - back] = height
    return _beyond_free_space(ridge), _beyond_free_space(plain)


def test_dark_behind_bright_in_front(table, shadow):
    """Thêm bao nhiêu dB so với đường không vật chắn. Tính tay: một gờ sắc, J(ν) = 6,9 + 20 lg(2ν), thêm 10 của Bullington.

    Cột "bỏ núi đi" là cách sai chỉ nhìn khoảng cách.

    | chỗ đứng | cách cột km | thấy đỉnh cột | ν | tính tay dB | bỏ núi đi (sai) dB |
    |---|---|---|---|---|---|
    | trước núi | 1,0 | có | | 0 | 0 |
    | trên đỉnh núi | 2,0 | có | | 0 | 0 |
    | ngay sau núi | 2,3 | không | 61 | 59 | 0 |
    | trong bóng | 4,0 | không | 27 | 52 | 0 |
    | xa hơn trong bóng | 6,0 | không | 22 | 50 | 0 |
    """
    with_ridge, without = shadow
    for row in table:
        column = _column(float(row["cách cột km"].replace(",", ".")))
        more = with_ridge[40, column]
        if row["ν"]:
            assert round(6.9 + 20 * math.log10(2 * float(row["ν"])) + 10) == float(row["tính tay dB"])
        assert more == pytest.approx(float(row["tính tay dB"]), abs=3), row["chỗ đứng"]
        hidden = more > 6  # a path that grazes the top loses 6 dB
        assert hidden == (row["thấy đỉnh cột"] == "không"), row["chỗ đứng"]
        assert without[40, column] == pytest.approx(float(row["bỏ núi đi (sai) dB"]), abs=3), row["chỗ đứng"]


def test_the_edge_of_the_shadow_is_the_ridge(table, shadow):
    """Đi từ chân cột ra: chỗ đầu tiên và chỗ cuối cùng nằm trong bóng, ở giữa khung và lệch về phía bắc 1 km.

    | lệch bắc km | bóng bắt đầu sau km | bóng hết trước 7 km |
    |---|---|---|
    | 0,0 | 2,0 | không |
    | 1,0 | 2,0 | không |
    """
    with_ridge, without = shadow
    for row in table:
        north = 40 - round(float(row["lệch bắc km"].replace(",", ".")) / (CELL_DEG * 111.2))
        dark = np.flatnonzero(with_ridge[north] > 6)
        expected = _column(float(row["bóng bắt đầu sau km"].replace(",", ".")))
        assert dark[0] == expected + 1
        assert (dark[-1] < _column(7.0)) == (row["bóng hết trước 7 km"] == "có")
        assert np.array_equal(dark, np.arange(dark[0], dark[-1] + 1))
        assert not (without[north] > 6).any()


def test_the_foot_of_the_ridge_is_darkest(shadow):
    """Từ chân núi ra xa, bóng nhạt dần, không chỗ nào đậm trở lại quá nửa dB."""
    behind = shadow[0][40, _column(2.2) : _column(7.0)]
    assert np.diff(behind).max() <= 0.5
    assert behind[0] - behind[-1] > 10


def _column(km: float) -> int:
    return 10 + round(km / KM_PER_CELL)


def _beyond_free_space(ground: np.ndarray) -> np.ndarray:
    grid = Grid(ground, 108.0, 16.0 + 40 * CELL_DEG, CELL_DEG, CELL_DEG)
    mast = Mast(108.0 + 10 * CELL_DEG, 16.0, 100.0)
    loss = area_loss(
        grid,
        mast,
        conditions=Conditions(frequencies_ghz=(1.8,)),
        sweep=Sweep(radius_km=7.4, ray_spacing_m=15),
    )[0]
    rows, columns = np.indices(ground.shape)
    east, north = (columns - 10) * KM_PER_CELL, (40 - rows) * CELL_DEG * 110.65
    rise = 0.001 * (100 - 1.5 - ground)
    free = 92.4 + 20 * math.log10(1.8) + 10 * np.log10(np.maximum(east**2 + north**2 + rise**2, 1e-6))
    return np.nan_to_num(loss - free)
