"""Which samples may count: rules held as dated data, every rejected sample counted with its reason."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import polars as pl
import yaml

MOBILE = ("2G", "3G", "4G", "5G")


@dataclass(frozen=True)
class ValidityRule:
    """A rule of law/speed_validity.yml. ``parameters`` are its numbers; ``valid_until`` is exclusive, None = in force."""

    code: str
    kind: str
    reason: str
    parameters: Mapping[str, Any]
    valid_from: datetime.date
    valid_until: datetime.date | None
    document: str
    unverified: str


@dataclass(frozen=True)
class ValidSamples:
    """``kept`` are the samples that count; ``rejected`` has the same columns plus ``reason_code`` and ``reason``.

    ``counts`` lists every rule applied with the samples it rejected, zero included: a sample is counted once, under
    the first rule it breaks, so ``kept.height + sum(counts)`` is the number received.
    """

    kept: pl.DataFrame
    rejected: pl.DataFrame
    counts: pl.DataFrame


def validity_rules(*, on: datetime.date) -> tuple[ValidityRule, ...]:
    """Return the rules in force on a day, in the order in which they are applied."""
    return tuple(
        rule
        for rule in _all_rules()
        if rule.valid_from <= on and (rule.valid_until is None or on < rule.valid_until)
    )


def select_valid(
    samples: pl.DataFrame, *, as_of: datetime.date, rules: tuple[ValidityRule, ...] | None = None
) -> ValidSamples:
    """Apply the rules in order and keep what passes all of them.

    Parameters
    ----------
    samples : table of :data:`hatangso.speed.samples.SAMPLES`
    as_of : the day of the computation; ages are counted from it
    rules : the rules to apply; those in force on ``as_of`` when omitted
    """
    chosen = rules if rules is not None else validity_rules(on=as_of)
    marked = samples.with_row_index("_row").with_columns(pl.lit(None, pl.String).alias("reason_code"))
    for rule in chosen:
        remaining = marked.filter(pl.col("reason_code").is_null())
        bad = remaining.filter(_CHECKS[rule.kind](rule, as_of, frozenset(samples.columns)))["_row"]
        if bad.len():
            marked = marked.with_columns(
                pl.when(pl.col("_row").is_in(bad.implode()))
                .then(pl.lit(rule.code))
                .otherwise(pl.col("reason_code"))
                .alias("reason_code")
            )
    reasons = pl.DataFrame(
        {"reason_code": [rule.code for rule in chosen], "reason": [rule.reason for rule in chosen]},
        schema={"reason_code": pl.String, "reason": pl.String},
    )
    kept = marked.filter(pl.col("reason_code").is_null()).drop("_row", "reason_code")
    rejected = (
        marked.filter(pl.col("reason_code").is_not_null())
        .drop("_row")
        .join(reasons, on="reason_code", how="left")
    )
    counts = reasons.join(
        rejected.group_by("reason_code").len(name="samples"),
        on="reason_code",
        how="left",
        maintain_order="left",
    )
    return ValidSamples(kept, rejected, counts.with_columns(pl.col("samples").fill_null(0)))


def _missing(rule: ValidityRule, _: datetime.date, columns: frozenset[str]) -> pl.Expr:
    wanted = [name for name in rule.parameters["columns"] if name in columns]
    return pl.any_horizontal([pl.col(name).is_null() for name in wanted]) if wanted else pl.lit(False)


def _range(rule: ValidityRule, _: datetime.date, columns: frozenset[str]) -> pl.Expr:
    outside = [
        ~pl.col(name).is_between(low, high).fill_null(True)
        for name, (low, high) in rule.parameters["limits"].items()
        if name in columns
    ]
    mobile = pl.col("technology").is_in(MOBILE) if "technology" in columns else pl.lit(False)
    outside += [
        mobile & ~pl.col(name).is_between(low, high).fill_null(True)
        for name, (low, high) in rule.parameters.get("mobile_limits", {}).items()
        if name in columns
    ]
    return pl.any_horizontal(outside).fill_null(False) if outside else pl.lit(False)


def _age(rule: ValidityRule, as_of: datetime.date, _: frozenset[str]) -> pl.Expr:
    oldest = as_of - datetime.timedelta(days=int(rule.parameters["days"]))
    return ((pl.col("time").dt.date() < oldest) | (pl.col("time").dt.date() > as_of)).fill_null(True)


def _hours(rule: ValidityRule, _: datetime.date, __: frozenset[str]) -> pl.Expr:
    first, last = int(rule.parameters["first_hour"]), int(rule.parameters["last_hour"])
    return ~pl.col("time").dt.hour().is_between(first, last - 1).fill_null(False)


def _accuracy(rule: ValidityRule, _: datetime.date, columns: frozenset[str]) -> pl.Expr:
    if "location_accuracy_m" not in columns:
        return pl.lit(False)
    return (pl.col("location_accuracy_m") > float(rule.parameters["metres"])).fill_null(False)


def _wifi_on_mobile(_: ValidityRule, __: datetime.date, columns: frozenset[str]) -> pl.Expr:
    if not {"network", "connection"} <= columns:
        return pl.lit(False)
    return ((pl.col("network") == "mobile") & (pl.col("connection") == "wifi")).fill_null(False)


def _duplicate(_: ValidityRule, __: datetime.date, columns: frozenset[str]) -> pl.Expr:
    identity = [
        name
        for name in (
            "time",
            "lon",
            "lat",
            "area_code",
            "operator",
            "tool",
            "device",
            "download_mbps",
            "upload_mbps",
        )
        if name in columns
    ]
    return ~pl.struct(identity).is_first_distinct()


def _device_cap(rule: ValidityRule, _: datetime.date, columns: frozenset[str]) -> pl.Expr:
    if "device" not in columns:
        return pl.lit(False)
    place = [pl.col("lon").round(2), pl.col("lat").round(2)] if {"lon", "lat"} <= columns else []
    place += [pl.col("area_code")] if "area_code" in columns else []
    by_day = [pl.col("device"), pl.col("time").dt.date(), pl.col("operator"), *place]
    nth = pl.col("time").rank("ordinal").over(by_day)
    return (pl.col("device").is_not_null() & (nth > int(rule.parameters["per_day"]))).fill_null(False)


_CHECKS: dict[str, Callable[[ValidityRule, datetime.date, frozenset[str]], pl.Expr]] = {
    "missing": _missing, "range": _range, "age": _age, "hours": _hours, "accuracy": _accuracy,
    "wifi_on_mobile": _wifi_on_mobile, "duplicate": _duplicate, "device_cap": _device_cap,
}  # fmt: skip
_FIELDS = {"code", "kind", "reason", "from", "until", "document", "unverified"}


@cache
def _all_rules() -> tuple[ValidityRule, ...]:
    text = resources.files("hatangso.law").joinpath("speed_validity.yml").read_text(encoding="utf-8")
    return tuple(
        ValidityRule(
            code=entry["code"],
            kind=entry["kind"],
            reason=entry["reason"],
            parameters={name: value for name, value in entry.items() if name not in _FIELDS},
            valid_from=entry["from"],
            valid_until=entry.get("until"),
            document=entry.get("document", ""),
            unverified=entry.get("unverified", ""),
        )
        for entry in yaml.safe_load(text)
    )
