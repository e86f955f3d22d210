"""Plans a measuring campaign: which places, hours and operators still need how many tests for a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hatangso.errors import InputError
from hatangso.speed.summaries import Summaries, require_one_tool
from hatangso.speed.verdicts import CANNOT_TELL, Requirement, tests_needed, verdicts
from hatangso.tables import Column, TableSpec
from hatangso.vietnamese import format_number

PLACES = TableSpec(
    "places",
    (
        Column("place_id", "text", "Mã thôn", aliases=("village_code", "mã thôn", "code")),
        Column("name", "text", "Tên thôn", required=False, nullable=True, aliases=("tên thôn", "village")),
        Column("area_code", "text", "Mã xã", aliases=("commune_code", "mã xã")),
        Column("people", "number", "Số dân", minimum=0, aliases=("population", "số dân", "dân số")),
        Column("lon", "number", "Kinh độ", required=False, nullable=True, minimum=-180, maximum=180),
        Column("lat", "number", "Vĩ độ", required=False, nullable=True, minimum=-90, maximum=90),
    ),
    key=("place_id",),
)


@dataclass(frozen=True)
class HourBand:
    """Hours from ``first`` until before ``last`` that get ``share`` of the tests."""

    first: int
    last: int
    share: float


@dataclass(frozen=True)
class CampaignRules:
    """How the tests of a campaign are spread.

    bands : hours and their share (the busy evening counts: a network that fails then fails)
    per_device : most tests of one device in one place and band, so that no device dominates
    expected_share : assumed where nothing was measured; None = 10 points beside the required share
    most_tests : beyond this many for one area and operator no verdict is sought
    """

    bands: tuple[HourBand, ...] = (HourBand(6, 11, 0.3), HourBand(11, 17, 0.3), HourBand(17, 22, 0.4))
    per_device: int = 10
    expected_share: float | None = None
    most_tests: int = 3000

    def __post_init__(self) -> None:
        if not math.isclose(sum(band.share for band in self.bands), 1.0, abs_tol=1e-6):
            raise InputError(
                "Tỷ lệ các khung giờ", found=f"{sum(b.share for b in self.bands):g}", expected="tổng bằng 1"
            )
        if self.per_device < 1 or self.most_tests < 1:
            raise InputError("Số lần đo mỗi thiết bị và số lần đo tối đa", expected="số nguyên từ 1")


@dataclass(frozen=True)
class Campaign:
    """strata: one row per area × operator × technology: have, needed, to_do, devices, why.
    visits : one row per place × operator × technology × band with the tests to make there."""

    strata: pl.DataFrame
    visits: pl.DataFrame


def plan_campaign(
    already: Summaries | None,
    places: pl.DataFrame,
    requirement: Requirement,
    *,
    operators: Sequence[tuple[str, str]],
    rules: CampaignRules | None = None,
) -> Campaign:
    """Plan the tests still needed, given what is there.

    Parameters
    ----------
    already : summaries of one tool over the areas of ``places``; None = nothing measured yet
    places : table of :data:`PLACES`
    operators : the (operator, technology) pairs to be judged in every area

    Returns
    -------
    Campaign; tests of an area go to its places by their people, at least one each where they suffice
    """
    rules = rules or CampaignRules()
    if places.height == 0 or not operators:
        raise InputError(
            "Kế hoạch đo",
            found=f"{places.height} nơi đo, {len(operators)} nhà mạng",
            expected="ít nhất một nơi và một nhà mạng",
        )
    known = _known(already, requirement)
    strata, visits = [], []
    for (area,), group in places.sort("place_id").group_by("area_code", maintain_order=True):
        for operator, technology in operators:
            stratum = _stratum((str(area), operator, technology), known, requirement, rules)
            strata.append(stratum)
            if stratum["to_do"]:
                visits += _visits(stratum, group, rules)
    columns = ["area_code", "place_id", "name", "operator", "technology", "hours", "tests", "devices"]
    return Campaign(
        pl.DataFrame(strata, infer_schema_length=None),
        pl.DataFrame(visits, schema=columns, orient="row", infer_schema_length=None),
    )


def largest_remainder(total: int, weights: np.ndarray) -> np.ndarray:
    """Share ``total`` whole tests by ``weights`` (n,), at least one each when there are enough; int64 (n,)."""
    count = len(weights)
    least = 1 if total >= count else 0
    rest = total - least * count
    weights = weights if weights.sum() > 0 else np.ones(count)
    exact = rest * weights / weights.sum()
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: rest - parts.sum()]] += 1
    return parts + least


def _known(already: Summaries | None, requirement: Requirement) -> dict[tuple[str, str, str], dict]:
    if already is None:
        return {}
    require_one_tool(already)
    table = verdicts(already, requirement)
    if table.select("area_code", "operator", "technology").is_duplicated().any():
        raise InputError("Bản tổng hợp có nhiều kỳ cho một địa bàn", remedy="Gộp kỳ trước bằng --over period")
    return {
        (row["area_code"], row["operator"], row["technology"]): row for row in table.iter_rows(named=True)
    }


def _stratum(key: tuple[str, str, str], known: dict, requirement: Requirement, rules: CampaignRules) -> dict:
    row = known.get(key)
    have = int(row["tests"]) if row else 0
    effect = float(row["design_effect"]) if row else 1.5
    base = {"area_code": key[0], "operator": key[1], "technology": key[2], "have": have}
    if row and row["verdict"] != CANNOT_TELL:
        return base | {"needed": have, "to_do": 0, "devices": 0, "why": "đã có kết luận"}
    if row and row["reaching"] is not None and have >= 10:
        expected = (row["reaching"] + 0.5) / (have + 1)
        source = f"theo {have} lần đo đã có"
    else:
        guess = requirement.share + 0.1 if requirement.share <= 0.85 else requirement.share - 0.1
        expected = rules.expected_share if rules.expected_share is not None else guess
        source = f"mới có {have} lần đo nên giả định {format_number(100 * expected, 0)} % đạt"
    needed = tests_needed(requirement, expected, design_effect=effect)
    if needed is None or needed > rules.most_tests:
        needed = rules.most_tests
        source += ", tỷ lệ sát mức yêu cầu nên có thể vẫn chưa kết luận được"
    to_do = max(0, needed - have)
    return base | {
        "needed": needed,
        "to_do": to_do,
        "devices": math.ceil(to_do / rules.per_device),
        "why": source,
    }


def _visits(stratum: dict, group: pl.DataFrame, rules: CampaignRules) -> list[tuple]:
    rows = []
    by_place = largest_remainder(stratum["to_do"], group["people"].to_numpy())
    shares = np.array([band.share for band in rules.bands])
    for (place_id, name), tests in zip(group.select("place_id", "name").iter_rows(), by_place, strict=True):
        by_band = largest_remainder(int(tests), shares)
        for band, amount in zip(rules.bands, by_band, strict=True):
            if amount:
                hours = f"{band.first}-{band.last} giờ"
                devices = math.ceil(amount / rules.per_device)
                rows.append(
                    (
                        stratum["area_code"],
                        place_id,
                        name,
                        stratum["operator"],
                        stratum["technology"],
                        hours,
                        int(amount),
                        devices,
                    )
                )
    return rows
