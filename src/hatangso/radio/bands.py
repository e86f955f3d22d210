"""Bands, thresholds and clutter heights as dated data from ``law/radio``, replaceable by the office's own file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hatangso.errors import InputError

LAW = Path(__file__).resolve().parents[1] / "law" / "radio"
SITUATIONS = ("outdoor", "vehicle", "indoor")


@dataclass(frozen=True)
class Band:
    """A band by name with the values operators usually run it at."""

    name: str
    technology: str
    frequency_mhz: float
    bandwidth_mhz: float
    resource_elements: int
    power_dbm: float
    gain_dbi: float
    loss_db: float
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Thresholds:
    """Signal needed per technology (dBm) and what situations add; ``model_sigma_db`` makes the band of estimates."""

    signal_dbm: dict[str, float]
    extra_db: dict[str, float]
    entry_loss: dict[str, str]
    model_sigma_db: float
    noise_figure_db: float
    shannon_share: float
    most_bps_per_hz: float
    least_sinr_db: float


def read_bands(path: Path | None = None) -> dict[str, Band]:
    """Return the bands by name from ``law/radio/bands.yml`` or the file given."""
    source = path or LAW / "bands.yml"
    bands = {}
    for number, row in enumerate(_read(source).get("bands", []), start=1):
        try:
            band = Band(**{**row, "operators": tuple(row["operators"])})
        except (TypeError, KeyError) as fault:
            raise InputError(f"Tệp băng tần '{source.name}', mục {number}: {fault}") from fault
        bands[band.name] = band
    return bands


def read_thresholds(path: Path | None = None) -> Thresholds:
    """Return the service thresholds from ``law/radio/thresholds.yml`` or the file given."""
    source = path or LAW / "thresholds.yml"
    data = _read(source)
    try:
        situations, speed = data["situations"], data["efficiency"]
        return Thresholds(
            {key: float(value) for key, value in data["signal_dbm"].items()},
            {key: float(value["extra_db"]) for key, value in situations.items()},
            {key: str(value["entry_loss"]) for key, value in situations.items()},
            float(data["model_sigma_db"]), float(data["noise_figure_db"]), float(speed["share_of_shannon"]),
            float(speed["most_bps_per_hz"]), float(speed["least_sinr_db"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as fault:
        raise InputError(f"Tệp ngưỡng '{source.name}': thiếu hoặc sai mục {fault}") from fault


def read_clutter_heights(path: Path | None = None) -> tuple[dict[str, float], dict[int, float], float]:
    """Return clutter heights by land-use tag, by raster code, and the height elsewhere (m)."""
    data = _read(path or LAW / "clutter.yml")
    tags = {str(key): float(value) for key, value in data["landuse"].items()}
    codes = {int(key): float(value) for key, value in data["worldcover"].items()}
    return tags, codes, float(data["default_m"])


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise InputError(f"Tệp '{path}' không đọc được", expected="tệp YAML như trong law/radio") from fault
    if not isinstance(data, dict):
        raise InputError(f"Tệp '{path}' không có mục nào", expected="tệp YAML như trong law/radio")
    return data
