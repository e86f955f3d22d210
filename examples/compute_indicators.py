"""Villages with 4G in two communes and in their province: the parts are added, never the shares."""

import polars as pl

from hatangso import catalogue
from hatangso.indicators.compute import compute, make_cube
from hatangso.indicators.tree import AreaTree


def main() -> list[str]:
    tree = AreaTree({"tỉnh": None, "xã A": "tỉnh", "xã B": "tỉnh"})
    values = pl.DataFrame(
        [
            ("xã A", "villages_with_4g", "2026Q1", 10.0),
            ("xã A", "villages", "2026Q1", 10.0),
            ("xã B", "villages_with_4g", "2026Q1", 10.0),
            ("xã B", "villages", "2026Q1", 40.0),
        ],
        schema=["area_code", "variable", "period", "value"],
        orient="row",
    )
    table = compute(make_cube(values, tree), [catalogue.indicator("MOB-02")])
    return [
        f"{row['area_code']}: {row['numerator']:.0f}/{row['denominator']:.0f} = {row['value']:.0f} %"
        for row in table.iter_rows(named=True)
    ]


if __name__ == "__main__":
    print("\n".join(main()))
