"""How often intervals hold the truth and verdicts are wrong: 1,000 seeds of invented areas whose truth is known.

    python bench/speed_coverage.py [--seeds 1000]

Each seed is an area of its own and goes the whole way from samples to verdict. Speeds are lognormal, so that the share
above the floor, the median and the mean are known exactly; "phones" gives each device a share of its own (design effect).
"""

from __future__ import annotations

import argparse
import datetime
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from hatangso.speed.summaries import summarise
from hatangso.speed.verdicts import MET, NOT_MET, Requirement, verdicts

FLOOR, SPREAD = 40.0, 0.7


@dataclass(frozen=True)
class Case:
    """What is asked, with how many tests, in what way they were drawn."""

    name: str
    requirement: Requirement
    tests: int
    per_phone: int = 1


CASES = [
    *(Case(f"share, Wilson, n = {tests}", Requirement(FLOOR), tests) for tests in (40, 100, 400)),
    *(
        Case(f"share, Clopper-Pearson, n = {tests}", Requirement(FLOOR, interval="clopper-pearson"), tests)
        for tests in (40, 400)
    ),
    *(Case(f"median, n = {tests}", Requirement(FLOOR, statistic="median"), tests) for tests in (40, 400)),
    *(Case(f"mean, n = {tests}", Requirement(FLOOR, statistic="mean"), tests) for tests in (40, 400)),
    Case("share, 40 phones × 10 tests, design effect", Requirement(FLOOR), 400, 10),
    Case("the same without it (the tempting way)", Requirement(FLOOR, design_effect=1.0), 400, 10),
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1000)
    seeds = parser.parse_args().seeds
    print(f"{seeds} seeds, 95 % asked for; floor {FLOOR:g} Mb/s, at least 80 % of tests")
    print(f"{'what':46} {'holds the truth':>16} {'wrong verdicts':>15} {'verdict given':>14}")
    for case in CASES:
        held, wrong, given = run(case, seeds)
        print(f"{case.name:46} {held:15.1%} {wrong:15.1%} {given:14.1%}")


def run(case: Case, seeds: int) -> tuple[float, float, float]:
    """Return the shares of seeds whose interval holds the truth, whose verdict is wrong, that got a verdict."""
    speeds, truths = zip(*(drawn(case, seed) for seed in range(seeds)), strict=True)
    phones = np.arange(case.tests) // case.per_phone
    table = pl.DataFrame(
        {
            "area_code": np.repeat([f"{seed:05d}" for seed in range(seeds)], case.tests),
            "download_mbps": np.concatenate(speeds),
            "device": np.tile([f"d{phone}" for phone in phones], seeds),
        }
    ).with_columns(
        pl.lit(datetime.datetime(2026, 3, 1, 9)).alias("time"),
        *(pl.lit("x").alias(name) for name in ("operator", "technology", "tool", "method")),
    )
    judged = verdicts(summarise(table, floors=(FLOOR,)), case.requirement).sort("area_code")
    truth = np.array(truths)
    wanted = case.requirement.share if case.requirement.statistic == "share" else FLOOR
    low, high = judged["low"].to_numpy(), judged["high"].to_numpy()
    met, not_met = (judged["verdict"] == MET).to_numpy(), (judged["verdict"] == NOT_MET).to_numpy()
    wrong = (met & (truth < wanted)) | (not_met & (truth >= wanted))
    return (
        float(((low <= truth) & (truth <= high)).mean()),
        float(wrong.mean()),
        float((met | not_met).mean()),
    )


def drawn(case: Case, seed: int) -> tuple[np.ndarray, float]:
    """Draw the tests of an area and tell its truth: the share above the floor, the median or the mean."""
    chance = np.random.default_rng([7, seed])
    share = chance.uniform(0.65, 0.95) if case.requirement.statistic == "share" else 0.5
    middle = np.log(FLOOR) + SPREAD * stats.norm.ppf(share)
    if case.requirement.statistic != "share":
        middle = np.log(FLOOR * chance.uniform(0.6, 1.6))
    if case.per_phone > 1:  # each phone reaches the floor with a share of its own; their mean is the truth
        own = chance.beta(4 * share, 4 * (1 - share), case.tests // case.per_phone)
        reaches = chance.random(case.tests) < np.repeat(own, case.per_phone)
        return np.where(reaches, 2 * FLOOR, FLOOR / 2), share
    speeds = chance.lognormal(middle, SPREAD, case.tests)
    truth = {"share": share, "median": np.exp(middle), "mean": np.exp(middle + SPREAD**2 / 2)}
    return speeds, float(truth[case.requirement.statistic])


if __name__ == "__main__":
    main()
