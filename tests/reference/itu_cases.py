"""Published validation cases of ITU-R P.1812: how their files read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hatangso.radio.profile import Link, Profile


@dataclass(frozen=True)
class Case:
    """One reference case: the path and every value its log prints, in the log's order of lines."""

    name: str
    profile: Profile
    link: Link
    log: list[tuple[str, float]]
    power_kw: float
    field_strength_dbuvm: float


def cases(folder: Path) -> list[Case]:
    """Read every log below ``folder`` with the profile it belongs to."""
    found = []
    for log_path in sorted((folder / "validation_results").glob("*_log.csv")):
        stem = log_path.name.removesuffix("_log.csv").rsplit("_", 1)[0]
        found.append(_case(log_path, _profile(folder / "validation_profiles" / f"{stem}.csv")))
    return found


def _profile(path: Path) -> Profile:
    rows = list(csv.reader(path.read_text(encoding="utf-8", errors="replace").splitlines()))
    start = next(i for i, row in enumerate(rows) if row and row[0].startswith("{Begin of Profile")) + 2
    stop = next(i for i, row in enumerate(rows) if row and row[0].startswith("{End of Profile"))
    table = np.array([[float(cell) for cell in row[:5]] for row in rows[start:stop]])
    return Profile(table[:, 0], table[:, 1], table[:, 3], table[:, 4].astype(int))


def _case(path: Path, profile: Profile) -> Case:
    log = []
    strength = float("nan")
    for row in csv.reader(path.read_text().splitlines()):
        if row and "w.r.t." in row[0]:  # this line's name has commas of its own
            strength = float(row[5])
        if len(row) >= 4 and row[3].strip() and row[3] != "Value":
            log.append((row[0].split("(")[0].strip() + " " + row[1].strip(), float(row[3])))
    head = {name.strip(): value for name, value in log[:20]}
    link = Link(
        frequency_ghz=head["f"], time_percent=head["p"], location_percent=head["pL"],
        tx_height_m=head["htg"], rx_height_m=head["hrg"], polarisation="v" if head["pol"] == 2 else "h",
        delta_n=head["DN"], n0=head["N0"], tx_coast_km=head["dct"], rx_coast_km=head["dcr"],
        tx_lat=head["phi_t"], rx_lat=head["phi_r"], tx_lon=head["lam_t"], rx_lon=head["lam_r"],
    )  # fmt: skip
    return Case(path.name.removesuffix("_log.csv"), profile, link, log[20:], head["Ptx"], strength)
