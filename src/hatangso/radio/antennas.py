"""Antennas: how much less is sent in each direction, and what that makes of the transmitter's power."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hatangso.errors import InputError
from hatangso.radio.compiled import compiled


@dataclass(frozen=True)
class Antenna:
    """Attenuation (dB ≥ 0) against the main lobe: ``horizontal_db[a]`` for azimuth a° from the lobe, 0 to 359;
    ``vertical_db[e]`` for e° below the horizon (0 to 359, 90 straight down, 270 straight up)."""

    name: str
    gain_dbi: float
    horizontal_db: np.ndarray
    vertical_db: np.ndarray
    most_db: float = 30.0

    def __post_init__(self) -> None:
        for field_name in ("horizontal_db", "vertical_db"):
            values = np.asarray(getattr(self, field_name), dtype=np.float64)
            if values.shape != (360,) or not np.isfinite(values).all() or (values < -1).any():
                raise InputError(
                    f"Anten '{self.name}', {field_name}", expected="360 giá trị suy giảm (dB) từ 0 trở lên"
                )
            object.__setattr__(self, field_name, values)


@dataclass(frozen=True)
class Pointing:
    """Where a sector looks: azimuth in degrees from north, tilts in degrees, positive downwards."""

    azimuth_deg: float = 0.0
    mechanical_tilt_deg: float = 0.0
    electrical_tilt_deg: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.azimuth_deg <= 360:
            raise InputError("Góc phương vị", found=f"{self.azimuth_deg:g}°", expected="từ 0 đến 360 độ")
        for tilt in (self.mechanical_tilt_deg, self.electrical_tilt_deg):
            if not -30 <= tilt <= 30:
                raise InputError(
                    "Góc nghiêng", found=f"{tilt:g}°", expected="từ -30 đến 30 độ, dương là cúi xuống"
                )


def sector_antenna(
    *, gain_dbi: float = 17.0, horizontal_deg: float = 65.0, vertical_deg: float = 8.0, most_db: float = 30.0
) -> Antenna:
    """Return the sector pattern of 3GPP TR 38.901 (table 7.3-1): 12·(angle/width)², at most ``most_db``."""
    angle = (np.arange(360) + 180) % 360 - 180.0
    return Antenna(
        f"sector {horizontal_deg:g}° x {vertical_deg:g}°",
        gain_dbi,
        np.minimum(12 * (angle / horizontal_deg) ** 2, most_db),
        np.minimum(12 * (angle / vertical_deg) ** 2, most_db),
        most_db,
    )


def round_antenna(*, gain_dbi: float = 11.0, vertical_deg: float = 8.0) -> Antenna:
    """Return an antenna that sends equally to all sides."""
    sector = sector_antenna(gain_dbi=gain_dbi, vertical_deg=vertical_deg)
    return Antenna("omni", gain_dbi, np.zeros(360), sector.vertical_db)


def read_msi(path: Path) -> Antenna:
    """Read an MSI Planet antenna file (NAME, GAIN in dBd or dBi, HORIZONTAL 360, VERTICAL 360).

    Raises
    ------
    InputError
        naming the line that cannot be understood.
    """
    name, gain, current = path.stem, None, ""
    tables: dict[str, dict[int, float]] = {"HORIZONTAL": {}, "VERTICAL": {}}
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        key = words[0].upper()
        try:
            if key == "NAME" and len(words) > 1:
                name = " ".join(words[1:])
            elif key == "GAIN":
                gain = float(words[1].replace(",", ".")) + (
                    0.0 if len(words) > 2 and words[2].lower() == "dbi" else 2.15
                )
            elif key in tables:
                current = key
            elif current and len(tables[current]) < 360:
                tables[current][round(float(words[0].replace(",", "."))) % 360] = float(
                    words[1].replace(",", ".")
                )
        except (ValueError, IndexError) as fault:
            raise InputError(
                f"Tệp anten '{path.name}', dòng {number}: '{line.strip()[:60]}'",
                expected="góc và suy giảm, ví dụ '12 3.5'",
            ) from fault
    for key, table in tables.items():
        if len(table) < 360:
            raise InputError(f"Tệp anten '{path.name}': mục {key} có {len(table)} góc", expected="360 góc")
    if gain is None:
        raise InputError(f"Tệp anten '{path.name}': thiếu dòng GAIN", expected="ví dụ 'GAIN 15.5 dBd'")
    ordered = [np.array([tables[key][a] for a in range(360)]) for key in ("HORIZONTAL", "VERTICAL")]
    return Antenna(
        name, gain, ordered[0], ordered[1], most_db=max(30.0, float(max(table.max() for table in ordered)))
    )


@dataclass(frozen=True)
class Sector:
    """One cell as it radiates: power at the antenna port, feeder losses, antenna and where it looks.

    ``resource_elements`` divides the power for signals measured per resource element (RSRP).
    """

    antenna: Antenna
    pointing: Pointing = field(default_factory=Pointing)
    power_dbm: float = 46.0
    loss_db: float = 1.0
    resource_elements: int = 1200

    def __post_init__(self) -> None:
        if not -10 <= self.power_dbm <= 80:
            raise InputError("Công suất phát", found=f"{self.power_dbm:g} dBm", expected="từ -10 đến 80 dBm")
        if self.resource_elements < 1:
            raise InputError("resource_elements", found=str(self.resource_elements), expected="từ 1 trở lên")

    @property
    def element_eirp_dbm(self) -> float:
        """Power sent per resource element in the main lobe."""
        return self.power_dbm - self.loss_db + self.antenna.gain_dbi - 10 * math.log10(self.resource_elements)

    def attenuation_db(self, azimuth_deg: float, below_deg: float) -> float:
        """Attenuation towards an azimuth from north and an angle below the horizon."""
        pointing = self.pointing
        return float(
            pattern_loss(
                self.antenna.horizontal_db, self.antenna.vertical_db,
                (pointing.azimuth_deg, pointing.mechanical_tilt_deg, pointing.electrical_tilt_deg, self.antenna.most_db),
                azimuth_deg, below_deg,
            )
        )  # fmt: skip


@compiled
def pattern_loss(
    horizontal: np.ndarray, vertical: np.ndarray, pointing: tuple, azimuth: float, below: float
) -> float:
    """Sum of the two cuts, at most ``pointing[3]``; mechanical tilt turns with the azimuth, electrical does not.

    The electrical tilt is applied as the vertical cut shifted; where a file's cut carries it already, give 0.
    """
    looking, mechanical, electrical, most = pointing
    off = (azimuth - looking) % 360.0
    down = (below - electrical - mechanical * math.cos(math.radians(off))) % 360.0
    return min(_between(horizontal, off) + _between(vertical, down), most)


@compiled
def _between(table: np.ndarray, angle: float) -> float:
    at = int(angle)
    part = angle - at
    return table[at % 360] * (1 - part) + table[(at + 1) % 360] * part
