"""Two hundred tests of a commune judged against "at least 80 % reach 40 Mb/s"."""

import datetime

import numpy as np
import polars as pl

from hatangso.speed.summaries import summarise
from hatangso.speed.verdicts import Requirement, verdicts


def main() -> list[str]:
    speeds = np.random.default_rng(1).lognormal(4.2, 0.5, 200).round(2)
    samples = pl.DataFrame({"download_mbps": speeds}).with_columns(
        pl.lit(datetime.datetime(2026, 3, 1, 9)).alias("time"), pl.lit("xã A").alias("area_code"), pl.lit("Sao Mai").alias("operator"),
        pl.lit("4G").alias("technology"), pl.lit("i-Speed").alias("tool"), pl.lit("").alias("method"),
    )  # fmt: skip
    return verdicts(summarise(samples), Requirement(40.0, 0.8))["words"].to_list()


if __name__ == "__main__":
    print("\n".join(main()))
