"""Intervals and the three verdicts: met, not met, cannot tell yet; and how many tests a verdict needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import polars as pl
from scipy import stats

from hatangso.errors import InputError
from hatangso.speed.histogram import first_bin_reaching, value_of
from hatangso.speed.summaries import NO_DEVICE, Summaries, floor_column, require_one_tool
from hatangso.vietnamese import format_number

MET, NOT_MET, CANNOT_TELL = "met", "not_met", "cannot_tell"
VERDICT_WORDS = {MET: "Đạt", NOT_MET: "Không đạt", CANNOT_TELL: "Chưa đủ dữ liệu"}
IntervalMethod = Literal["wilson", "clopper-pearson"]


@dataclass(frozen=True)
class Requirement:
    """What is asked of the tests of an area.

    statistic : "share": at least ``share`` of tests reach ``floor_mbps``; "mean" or "median": it reaches ``floor_mbps``
    confidence : two-sided, 0.5–0.999; minimum_tests : below it no verdict is given
    design_effect : by how much one more test of a known device tells less than one of a new one; None = estimated
        from the devices where they are known, else 1 and said so
    """

    floor_mbps: float
    share: float = 0.8
    statistic: Literal["share", "mean", "median"] = "share"
    measure: str = "download"
    confidence: float = 0.95
    minimum_tests: int = 30
    interval: IntervalMethod = "wilson"
    design_effect: float | None = None

    def __post_init__(self) -> None:
        checks = (
            (self.floor_mbps > 0, f"ngưỡng {self.floor_mbps:g} Mb/s", "số lớn hơn 0"),
            (0 < self.share <= 1, f"tỷ lệ phải đạt {self.share:g}", "số trên 0 đến 1"),
            (0.5 <= self.confidence <= 0.999, f"độ tin cậy {self.confidence:g}", "số từ 0,5 đến 0,999"),
            (self.minimum_tests >= 1, f"số lần đo tối thiểu {self.minimum_tests}", "số nguyên từ 1"),
            (
                self.design_effect is None or self.design_effect >= 1,
                f"hệ số thiết kế {self.design_effect}",
                "số từ 1",
            ),
            (
                self.statistic in ("share", "mean", "median"),
                f"thống kê '{self.statistic}'",
                "share, mean hoặc median",
            ),
            (
                self.interval in ("wilson", "clopper-pearson"),
                f"khoảng '{self.interval}'",
                "wilson hoặc clopper-pearson",
            ),
        )
        for holds, found, expected in checks:
            if not holds:
                raise InputError("Yêu cầu về tốc độ", found=found, expected=expected)


@dataclass(frozen=True)
class Verdict:
    """A verdict with its worked example. Shares are 0–1; speeds Mb/s; ``low``/``high`` bound ``estimate``."""

    verdict: str
    estimate: float | None
    low: float | None
    high: float | None
    tests: int
    reaching: int | None
    devices: int | None
    design_effect: float
    effective_tests: float
    words: str


def two_sided_z(confidence: float) -> float:
    """Return how many standard deviations either side of the middle hold ``confidence`` of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson_interval(successes: float, tests: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Parameters
    ----------
    successes, tests : counts; may be effective (fractional) after a design effect
    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), eq. for the score interval without continuity correction.
    """
    z = two_sided_z(confidence)
    share = successes / tests
    middle = share + z * z / (2 * tests)
    half = z * math.sqrt(share * (1 - share) / tests + z * z / (4 * tests * tests))
    return max(0.0, (middle - half) / (1 + z * z / tests)), min(1.0, (middle + half) / (1 + z * z / tests))


def clopper_pearson_interval(successes: float, tests: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact (conservative) interval of a proportion by the beta distribution.

    Source: C. Clopper, E. S. Pearson, Biometrika 26 (1934).
    """
    tail = (1 - confidence) / 2
    low = 0.0 if successes <= 0 else float(stats.beta.ppf(tail, successes, tests - successes + 1))
    high = 1.0 if successes >= tests else float(stats.beta.ppf(1 - tail, successes + 1, tests - successes))
    return low, high


_INTERVALS: dict[str, Callable[[float, float, float], tuple[float, float]]] = {
    "wilson": wilson_interval,
    "clopper-pearson": clopper_pearson_interval,
}


def tests_needed(
    requirement: Requirement, expected_share: float, *, design_effect: float = 1.0
) -> int | None:
    """Return how many tests make the verdict certain if ``expected_share`` of them reach the floor.

    The smallest n for which the interval around ``expected_share`` lies wholly on one side of the required share; None
    when the two are equal (no number of tests decides). At least ``minimum_tests``.
    """
    if not 0 <= expected_share <= 1:
        raise InputError("Tỷ lệ dự kiến", found=f"{expected_share:g}", expected="số từ 0 đến 1")
    if math.isclose(expected_share, requirement.share, abs_tol=1e-9):
        return None
    low, high = requirement.minimum_tests, requirement.minimum_tests
    if _decides(requirement, expected_share, high / design_effect):
        return low
    while not _decides(requirement, expected_share, high / design_effect):
        low, high = high, high * 2
        if high > 10**9:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if _decides(requirement, expected_share, middle / design_effect) else (middle, high)
        )
    return high


def verdicts(summaries: Summaries, requirement: Requirement) -> pl.DataFrame:
    """Judge every group of one tool.

    Returns
    -------
    DataFrame: the keys of the groups, then the fields of :class:`Verdict` and mean, median (Mb/s or ms)

    Raises
    ------
    InputError
        when the summaries rest on several tools or methods.
    """
    require_one_tool(summaries)
    if requirement.measure not in summaries.histograms:
        raise InputError(
            f"Bản tổng hợp không có số đo '{requirement.measure}'", expected=", ".join(summaries.histograms)
        )
    effects = design_effects(summaries, requirement)
    rows = [judge(summaries, group, requirement, effects[group]) for group in range(len(summaries))]
    described = [describe(summaries, group, requirement.measure) for group in range(len(summaries))]
    return summaries.keys.hstack(
        pl.DataFrame(
            [{**vars(row), **extra} for row, extra in zip(rows, described, strict=True)],
            infer_schema_length=None,
        )
        if rows
        else pl.DataFrame()
    )


def judge(
    summaries: Summaries, group: int, requirement: Requirement, effect: tuple[float, int | None]
) -> Verdict:
    """Judge one group; ``effect`` is its design effect and number of devices (None = unknown)."""
    bins, counts = summaries.histograms[requirement.measure].of(group)
    tests = int(counts.sum())
    design_effect, devices = effect
    effective = tests / design_effect
    if tests == 0:
        return Verdict(
            CANNOT_TELL, None, None, None, 0, None, devices, design_effect, 0.0, "Chưa có lần đo hợp lệ nào."
        )
    reaching = int(counts[bins >= first_bin_reaching(requirement.floor_mbps)].sum())
    if requirement.statistic == "share":
        estimate, wanted = reaching / tests, requirement.share
        low, high = _INTERVALS[requirement.interval](estimate * effective, effective, requirement.confidence)
    elif requirement.statistic == "median":
        estimate, wanted = quantile(bins, counts, 0.5), requirement.floor_mbps
        low, high = median_interval(bins, counts, effective, requirement.confidence)
    else:
        estimate, wanted = (
            float(summaries.sums[requirement.measure][group]) / 1000 / tests,
            requirement.floor_mbps,
        )
        low, high = mean_interval(bins, counts, estimate, (effective, requirement.confidence))
    verdict = MET if low >= wanted else NOT_MET if high < wanted else CANNOT_TELL
    if tests < requirement.minimum_tests:
        verdict = CANNOT_TELL
    words = _in_words(requirement, verdict, (estimate, low, high), (tests, reaching, design_effect))
    return Verdict(verdict, estimate, low, high, tests, reaching, devices, design_effect, effective, words)


def describe(summaries: Summaries, group: int, measure: str) -> dict[str, float | None]:
    """Return mean, median and the tenth of the slowest tests of a group (None without tests)."""
    bins, counts = summaries.histograms[measure].of(group)
    tests = int(counts.sum())
    if tests == 0:
        return {"mean": None, "median": None, "tenth": None}
    mean = float(summaries.sums[measure][group]) / 1000 / tests
    return {"mean": mean, "median": quantile(bins, counts, 0.5), "tenth": quantile(bins, counts, 0.1)}


def share_reaching(bins: np.ndarray, counts: np.ndarray, floor_mbps: float) -> float | None:
    """Return the share (0-1) of the samples of a histogram that reach a floor; None without samples."""
    tests = int(counts.sum())
    return int(counts[bins >= first_bin_reaching(floor_mbps)].sum()) / tests if tests else None


def quantile(bins: np.ndarray, counts: np.ndarray, share: float) -> float:
    """Return a quantile of a histogram: the mean of the two middle samples where the rank falls between them."""
    running = np.cumsum(counts, dtype=np.int64)
    rank = share * (int(running[-1]) - 1)
    below, above = np.searchsorted(running, [math.floor(rank), math.ceil(rank)], side="right")
    part = rank - math.floor(rank)
    low, high = value_of(bins[[below, above]])
    return float(low * (1 - part) + high * part)


def median_interval(
    bins: np.ndarray, counts: np.ndarray, effective: float, confidence: float
) -> tuple[float, float]:
    """Return the distribution-free interval of the median from order statistics at the effective number of tests."""
    z = two_sided_z(confidence)
    half = z * math.sqrt(0.25 / effective)
    running = np.cumsum(counts, dtype=np.int64)
    total = int(running[-1])
    ranks = [math.floor((0.5 - half) * total) - 1, math.ceil((0.5 + half) * total)]
    clipped = np.clip(ranks, 0, total - 1)
    low, high = value_of(bins[np.searchsorted(running, clipped, side="right")])
    return (0.0 if ranks[0] < 0 else float(low)), (math.inf if ranks[1] > total - 1 else float(high))


def mean_interval(
    bins: np.ndarray, counts: np.ndarray, mean: float, certainty: tuple[float, float]
) -> tuple[float, float]:
    """Return the t interval of the mean; ``certainty`` is (effective tests, confidence)."""
    effective, confidence = certainty
    if effective < 2:
        return 0.0, math.inf
    tests = float(counts.sum())
    variance = float((counts * (value_of(bins) - mean) ** 2).sum()) / max(tests - 1, 1)
    half = float(stats.t.ppf(0.5 + confidence / 2, effective - 1)) * math.sqrt(variance / effective)
    return max(0.0, mean - half), mean + half


def design_effects(summaries: Summaries, requirement: Requirement) -> list[tuple[float, int | None]]:
    """Return (design effect, devices) of each group.

    From the devices where known: the variance of the share with whole devices as the unit, over that of single tests
    (ratio estimator; never below 1). With a given effect, that one; with unknown devices, 1.
    Source: L. Kish, Survey Sampling (1965), section 5.4 and 6.3.
    """
    groups = len(summaries)
    fixed = requirement.design_effect
    if summaries.clusters.height == 0:
        return [(fixed or 1.0, None)] * groups
    floor = min(summaries.floors, key=lambda known: abs(known - requirement.floor_mbps))
    counted = summaries.clusters.select(
        "group",
        (pl.col("cluster") == NO_DEVICE).alias("alone"),
        pl.col("samples").cast(pl.Float64).alias("tests"),
        pl.col(floor_column(floor)).cast(pl.Float64).alias("reach"),
    )
    table = device_sums(counted, ["group"])
    result: list[tuple[float, int | None]] = [(fixed or 1.0, None)] * groups
    for row in table.iter_rows(named=True):
        if row["named"]:
            result[row["group"]] = (fixed or kish_effect(row), int(row["devices"]))
    return result


def device_sums(devices: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return for each group the sums over devices that :func:`kish_effect` asks for, and whether one is ``named``.

    Parameters
    ----------
    devices : one row per group × device: ``tests``, ``reach`` (tests that reach the floor) and ``alone``: true where
        the row holds tests that name no device, each of them a device of its own (1² = 1, 0² = 0)
    """
    tests, reach, alone = pl.col("tests"), pl.col("reach"), pl.col("alone")
    return devices.group_by(by).agg(
        pl.when(alone).then(tests).otherwise(1.0).sum().alias("devices"),
        (~alone).any().alias("named"), tests.sum().alias("n"), reach.sum().alias("y"),
        pl.when(alone).then(reach).otherwise(reach**2).sum().alias("yy"),
        pl.when(alone).then(reach).otherwise(reach * tests).sum().alias("ym"),
        pl.when(alone).then(tests).otherwise(tests**2).sum().alias("mm"),
    )  # fmt: skip


def kish_effect(row: Mapping[str, float]) -> float:
    """Return the design effect of a share from sums over devices.

    Parameters
    ----------
    row : devices, n = Σm tests, y = Σr that reach the floor, yy = Σr², ym = Σr·m, mm = Σm² over devices of m tests each
    """
    tests, devices = row["n"], row["devices"]
    share = row["y"] / tests
    simple = share * (1 - share)
    crowding = (
        row["mm"] / tests
    )  # mean size of the device a test belongs to: the effect if all its tests were alike
    if devices < 2 or simple <= 0:
        return max(1.0, crowding)
    between = (row["yy"] - 2 * share * row["ym"] + share * share * row["mm"]) * devices / (devices - 1)
    return float(min(max(1.0, between / (simple * tests)), max(1.0, crowding)))


def _decides(requirement: Requirement, share: float, effective: float) -> bool:
    low, high = _INTERVALS[requirement.interval](share * effective, effective, requirement.confidence)
    return low >= requirement.share or high < requirement.share


def _in_words(
    requirement: Requirement,
    verdict: str,
    interval: tuple[float, float, float],
    counts: tuple[int, int, float],
) -> str:
    estimate, low, high = interval
    tests, reaching, effect = counts
    floor, certain = format_number(requirement.floor_mbps), format_number(100 * requirement.confidence)
    adjusted = f", hệ số thiết kế {format_number(effect, 2)}" if effect > 1 else ""
    if requirement.statistic == "share":
        text = (
            f"{format_number(reaching)}/{format_number(tests)} lần đo đạt từ {floor} Mb/s = {format_number(100 * estimate, 1)} %; "
            f"khoảng tin cậy {certain} %: {format_number(100 * low, 1)}-{format_number(100 * high, 1)} %{adjusted}; "
            f"yêu cầu {format_number(100 * requirement.share, 1)} %"
        )
    else:
        name = "Trung vị" if requirement.statistic == "median" else "Trung bình"
        top = "không rõ" if math.isinf(high) else format_number(high, 2)
        text = (
            f"{name} {format_number(estimate, 2)} Mb/s từ {format_number(tests)} lần đo; khoảng tin cậy {certain} %: "
            f"{format_number(low, 2)}-{top} Mb/s{adjusted}; yêu cầu từ {floor} Mb/s"
        )
    if tests < requirement.minimum_tests:
        text += f"; mới có {tests} lần đo, cần ít nhất {requirement.minimum_tests}"
    return f"{text}: {VERDICT_WORDS[verdict].lower()}."
