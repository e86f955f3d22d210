"""The table of distances as a file."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from pyarrow import parquet

from hatangso.access.table_file import write_distances
from hatangso.errors import InputError
from tests.engine.access.small_roads import at

ENDS = (at(1, 2), at(5, 6, 7, people=1))
BLOCKS = [
    (0, np.array([[100.04, 900.0, np.inf]], np.float32)),
    (1, np.array([[50.0, np.inf, 700.0]], np.float32)),
]


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_pairs_are_written_with_their_unit_and_the_rest_is_counted(tmp_path, name):
    path = tmp_path / name
    counted = write_distances(path, BLOCKS, ends=ENDS, limit_m=800.0)
    assert (counted.pairs, counted.unreachable, counted.beyond) == (3, 2, 1)
    table = pl.read_parquet(path) if name.endswith("parquet") else pl.read_csv(path)
    assert table.columns == ["point_id", "demand_id", "distance_m"]
    assert [str(cell) for cell in table["point_id"].to_list()] == ["1", "2", "2"]
    assert [str(cell) for cell in table["demand_id"].to_list()] == ["5", "5", "7"]
    assert table["distance_m"].to_list() == pytest.approx([100.0, 50.0, 700.0])


def test_the_unit_stands_in_the_parquet_file_and_other_kinds_are_refused(tmp_path):
    write_distances(tmp_path / "t.parquet", BLOCKS, ends=ENDS)
    assert parquet.read_schema(tmp_path / "t.parquet").field("distance_m").metadata == {b"unit": b"m"}
    assert pl.read_parquet(tmp_path / "t.parquet").height == 4
    with pytest.raises(InputError, match=r"\.parquet hoặc \.csv"):
        write_distances(tmp_path / "t.xlsx", BLOCKS, ends=ENDS)
